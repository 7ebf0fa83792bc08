"""The grading standard: whom it leaves out, who stands near a line, and whether it told the future."""

from __future__ import annotations

from tests.transforms.indicators.by_hand.bench import (
    bench,
    bench_agreed,
    bench_of_nine,
    bench_of_two_inputs,
    bench_turned,
    bench_without_amount,
)
from tests.transforms.indicators.by_hand.edges import overdrawn
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, NOT_SUPPLIED, TIER, TOO_FEW, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    bench: (
        Row("standard_unrated", COMPANY, "", 1, "k11, new in February", n=11),
        Row("standard_borderline", COMPANY, "", 5, "k01 72, k02 69, k03 71, k06 38, k10 39; neither k04 72.1 nor k07 37.9", n=11),
        Row("standard_borderline", TIER, "a", 2, "k01, k02 of k01, k02, k04 and k05, whose grade is by hand", n=4),
        Row("standard_held", COMPANY, "", 2, "k02: 69 is above 70 - 2, still A; k03: 71 is below 70 + 2, still B", n=11),
        Row("standard_held", TIER, "b", 1, "k03 of k03, k08", n=2),
        Row("standard_overrides", COMPANY, "", 1, "k05 to the last day; k06's ended on the 30th, k09 has two", n=11),
        Row("standard_overrides", TIER, "a", 1, "k05", n=4),
        Row(
            "standard_upgrades_reversed",
            COMPANY,
            "",
            1,
            "k10 rose to 50 in February, 39 without the 110 given back: no B is earned, nor kept by the band",
            n=11,
        ),
        Row("standard_upgrades_reversed", TIER, "c", 1, "k10 of k06, k07, k09, k10", n=4),
        Row("standard_multiple", COMPANY, "", 1, "k09", n=11),
        Row(
            "standard_inputs",
            COMPANY,
            "",
            1,
            "amount alone",
            n=None,
            method="policy builtin-1; 1980-01; Keping; built in, a company choice is still to be made",
        ),
        # ranks then: k09 1, k08 2, k06 and k10 3.5, k07 5, k05 6, k04 7, k02 8, k03 9, k01 10
        # ranks of net: k09 1, k07 2, k06 3, k10 4, k05 and k08 5.5, k02 7, k03 8, k01 9, k04 10
        # squares of the differences: 0 + 12.25 + 0.25 + 0.25 + 9 + 0.25 + 9 + 1 + 1 + 1 = 34; both have one tie: 990 / 12 - 6 / 12 = 82
        # Bonett and Wright: tanh(atanh r +- 1.959964 x sqrt((1 + r^2 / 2) / 7))
        Row(
            "grade_value_correlation",
            COMPANY,
            "",
            (82 + 82 - 34) / (2 * 82),
            "Spearman with ties, exactly ten customers",
            n=10,
            lower=0.225440,
            upper=0.958558,
        ),
        Row(
            "grade_value_since",
            COMPANY,
            "",
            509,
            "(720 + 690 + 710 + 721 + 500 + 380 + 379 + 500 + 100 + 390) / 10",
            n=10,
            lower=362.439681,
            upper=655.560319,
        ),
        Row(
            "grade_value_since",
            TIER,
            "a",
            (720 + 690 + 710) / 3,
            "k01, k02, k03, wherever they are now",
            n=3,
            lower=668.720836,
            upper=744.612497,
        ),
        Row("grade_value_since", TIER, "b", (721 + 500 + 379) / 3, "k04, k05, k07", n=3),
        Row("grade_value_since", TIER, "unrated", NO_DATA, "nobody was unrated a year ago", n=0),
        Row("grade_value_inversions", COMPANY, "", 0, "706.7, 533.3, 342.5 fall", n=10, method="none"),
    ),
    bench_of_nine: (Row("grade_value_correlation", COMPANY, "", TOO_FEW, "nine, ten are needed", n=9),),
    bench_agreed: (
        Row("grade_value_correlation", COMPANY, "", 1, "one order; the interval would be a point", n=10, lower=None, upper=None),
    ),
    bench_turned: (
        Row("grade_value_correlation", COMPANY, "", NO_DATA, "all had one score", n=10),
        Row("grade_value_inversions", COMPANY, "", 2, "342.5, 533.3, 706.7: B above A, C above B", n=10, method="B above A; C above B"),
        Row("grade_value_since", TIER, "a", (380 + 500 + 100 + 390) / 4, "k06, k08, k09, k10", n=4),
    ),
    bench_of_two_inputs: (
        Row("standard_inputs", COMPANY, "", 3, "tenure and silence, net", n=None),
        Row("grade_value_inversions", COMPANY, "", 0, "A 500 and B 500: the lower one brought no more", n=2),
        Row("grade_value_since", COMPANY, "", 500, "(500 + 500) / 2, which do not vary", n=2, lower=None, upper=None),
        Row("grade_value_since", TIER, "a", 500, "one customer has no interval", n=1, lower=None, upper=None),
    ),
    bench_without_amount: (
        Row("standard_inputs", COMPANY, "", 3, "tenure and silence, orders", n=None),
        Row("grade_value_inversions", COMPANY, "", NO_DATA, "one grade has no neighbour", n=0),
    ),
    shop: (
        Row("standard_unrated", COMPANY, "", 2, "u1, and the employee, whom nobody grades", n=12),
        Row("standard_borderline", COMPANY, "", 0, "80, 80, 50, 50, 15, 7, 3, 0, 0, 0", n=12),
        Row("standard_overrides", COMPANY, "", 0, "registers there are, but no manual grade", n=12),
        Row("standard_multiple", COMPANY, "", 0, "nobody", n=12),
        Row("grade_value_correlation", COMPANY, "", NO_DATA, "no review a year ago", n=0),
        Row("grade_value_since", COMPANY, "", NO_DATA, "no review a year ago", n=0),
        Row("grade_value_inversions", COMPANY, "", NO_DATA, "no review a year ago", n=0),
    ),
    overdrawn: (Row("standard_overrides", COMPANY, "", NOT_SUPPLIED, "no registers", n=2),),
}
