"""Parameters of the purchase and spend models.

The numbers of the club are those of `second_way`, which `test_second_way` finds again from raw orders.
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.club import club, fair
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, TOO_FEW, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    club: (
        Row("model_r", COMPANY, "", 1.366361, "where the likelihood is greatest", n=700, near=3e-5),
        Row("model_alpha", COMPANY, "", 4.795855, "where the likelihood is greatest", n=700, near=1e-4),
        Row("model_a", COMPANY, "", 0.2076269, "where the likelihood is greatest", n=700, near=4e-6),
        Row("model_b", COMPANY, "", 0.3680623, "where the likelihood is greatest", n=700, near=7e-6),
        Row("model_log_likelihood", COMPANY, "", -16511.15, "of all histories there", n=700, near=0.006),
        Row("spend_p", COMPANY, "", 1.666011, "where the likelihood is greatest", n=681, near=3e-5),
        Row("spend_q", COMPANY, "", 3.925021, "where the likelihood is greatest", n=681, near=8e-5),
        Row("spend_gamma", COMPANY, "", 152.0595, "where the likelihood is greatest", n=681, near=4e-3),
        Row("spend_correlation", COMPANY, "", 0.5058349, "of the number of purchase days and their mean spend", n=681, near=1e-5),
        Row("spend_mu", COMPANY, "", NO_DATA, "Gamma-Gamma has a mean to plan on", n=681),
        Row("spend_tau", COMPANY, "", NO_DATA, "Gamma-Gamma has a mean to plan on", n=681),
        Row("spend_sigma", COMPANY, "", NO_DATA, "Gamma-Gamma has a mean to plan on", n=681),
    ),
    fair: (
        *(
            Row(f"model_{name}", COMPANY, "", TOO_FEW, "200 customers are needed", n=61)
            for name in ("r", "alpha", "a", "b", "log_likelihood")
        ),
        *(Row(f"spend_{name}", COMPANY, "", NO_DATA, "amounts over twenty octaves have no mean", n=60) for name in ("p", "q", "gamma")),
        Row("spend_mu", COMPANY, "", 6.80804, "the mean of 2^i x 1.25: ln 1.25 + 9.5 ln 2", n=60),
        Row(
            "spend_sigma",
            COMPANY,
            "",
            0.931996,
            "forty times first / rest is 4, twenty times 1/4: their logarithms over the root of two vary by (ln 4)^2 / 2 x 8/9 x 60/59",
            n=60,
        ),
        Row("spend_tau", COMPANY, "", 3.97637, "i varies by 3 x 665 / 59: the root of (ln 2)^2 x 1995/59 less half of sigma^2", n=60),
        Row("spend_correlation", COMPANY, "", NO_DATA, "all bought on two days: nothing varies", n=60),
    ),
    shop: (
        Row("model_r", COMPANY, "", NO_DATA, "no model was asked for", n=0),
        Row("spend_p", COMPANY, "", NO_DATA, "no model was asked for", n=0),
    ),
}
