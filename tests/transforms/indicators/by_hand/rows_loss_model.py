"""The loss model on a year that it had not seen.

The numbers of the club are those of `second_way`, which `test_second_way` finds again from raw orders.
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.club import club, fair
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    club: (
        Row(
            "loss_model_auc",
            COMPANY,
            "",
            0.9205887,
            "pairs of a lost and a kept customer in which the lost one is ranked above",
            n=555,
            lower=0.8966084,
            upper=0.944569,
            near=2e-5,
        ),
        Row("loss_rule_auc", COMPANY, "", 0.9297935, "the same for the better of silence and the purchase model", n=555, near=2e-5),
        Row(
            "loss_model_gain",
            COMPANY,
            "",
            -0.009204847,
            "the difference to the rule that it beats least",
            n=555,
            lower=-0.025584,
            upper=0.007174309,
            near=1e-6,
        ),
        Row("loss_model_brier", COMPANY, "", 0.1105643, "mean squared distance", n=555, near=2e-6),
        Row("loss_model_slope", COMPANY, "", 1.049779, "of the log odds of the outcome on those of the forecast", n=555, near=2e-5),
        Row("loss_model_intercept", COMPANY, "", 0.279904, "of the same line", n=555, near=6e-6),
    ),
    fair: (Row("loss_model_auc", COMPANY, "", NO_DATA, "too few customers", n=0),),
    shop: (Row("loss_model_auc", COMPANY, "", NO_DATA, "no model was asked for", n=0),),
}
