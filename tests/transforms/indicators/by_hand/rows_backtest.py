"""Last year's forecast against what came.

The numbers of the club are those of `second_way`, which `test_second_way` finds again from raw orders.
"""

from __future__ import annotations

from tests.transforms.indicators.by_hand.club import club, fair, young
from tests.transforms.indicators.by_hand.rows import COMPANY, NO_DATA, TIER, TOO_FEW, Row, Rows
from tests.transforms.indicators.by_hand.shop import shop

ROWS: Rows = {
    club: (
        Row(
            "forecast_net_ratio",
            COMPANY,
            "",
            0.9133477,
            "what both models said a year ago of the 366 days since / what came",
            n=700,
            near=2e-5,
        ),
        Row(
            "forecast_net_ratio",
            TIER,
            "a",
            0.8112775,
            "what both models said a year ago of the 366 days since / what came",
            n=152,
            near=2e-5,
        ),
        Row(
            "forecast_net_ratio",
            TIER,
            "c",
            3.498811,
            "what both models said a year ago of the 366 days since / what came",
            n=512,
            near=7e-5,
        ),
        Row(
            "forecast_rank_correlation",
            COMPANY,
            "",
            0.7950821,
            "Spearman's, of forecast and outcome",
            n=700,
            lower=0.7652085,
            upper=0.8215389,
            near=2e-5,
        ),
        Row(
            "forecast_rank_correlation",
            TIER,
            "a",
            0.8196577,
            "Spearman's, of forecast and outcome",
            n=152,
            lower=0.7575572,
            upper=0.8670547,
            near=2e-5,
        ),
        Row(
            "forecast_rank_correlation",
            TIER,
            "c",
            0.4555551,
            "Spearman's, of forecast and outcome",
            n=512,
            lower=0.3818675,
            upper=0.5234875,
            near=9e-6,
        ),
        Row("forecast_rank_correlation_naive", COMPANY, "", 0.7542071, "Spearman's, of the year before and outcome", n=700, near=2e-5),
        Row("forecast_rank_correlation_naive", TIER, "a", 0.7378228, "Spearman's, of the year before and outcome", n=152, near=1e-5),
        Row("forecast_rank_correlation_naive", TIER, "c", 0.3518528, "Spearman's, of the year before and outcome", n=512, near=7e-6),
        Row(
            "forecast_top_decile_capture",
            COMPANY,
            "",
            0.6664828,
            "the tenth with the highest forecasts brought this part",
            n=700,
            near=1e-5,
        ),
        Row(
            "forecast_top_decile_capture",
            TIER,
            "a",
            0.332091,
            "the tenth with the highest forecasts brought this part",
            n=152,
            near=7e-6,
        ),
        Row(
            "forecast_top_decile_capture",
            TIER,
            "c",
            0.3678542,
            "the tenth with the highest forecasts brought this part",
            n=512,
            near=7e-6,
        ),
        Row("forecast_error_ratio", COMPANY, "", 0.8200682, "mean distance of the forecast / of the year before", n=700, near=2e-5),
        Row("forecast_error_ratio", TIER, "a", 0.8461078, "mean distance of the forecast / of the year before", n=152, near=2e-5),
        Row("forecast_error_ratio", TIER, "c", 0.7204178, "mean distance of the forecast / of the year before", n=512, near=1e-5),
        Row("forecast_net_ratio", TIER, "unrated", NO_DATA, "nobody", n=0),
        Row("forecast_rank_correlation", TIER, "unrated", NO_DATA, "nobody", n=0),
        Row("forecast_rank_correlation_naive", TIER, "unrated", NO_DATA, "nobody", n=0),
        Row("forecast_top_decile_capture", TIER, "unrated", NO_DATA, "nobody", n=0),
        Row("forecast_error_ratio", TIER, "unrated", NO_DATA, "nobody", n=0),
    ),
    fair: (
        Row("forecast_net_ratio", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
        Row("forecast_rank_correlation", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
        Row("forecast_rank_correlation_naive", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
        Row("forecast_top_decile_capture", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
        Row("forecast_error_ratio", COMPANY, "", TOO_FEW, "200 customers are needed", n=61),
    ),
    young: (
        Row("forecast_net_ratio", COMPANY, "", NO_DATA, "no year before the last", n=0),
        Row("forecast_rank_correlation", COMPANY, "", NO_DATA, "no year before the last", n=0),
        Row("forecast_rank_correlation_naive", COMPANY, "", NO_DATA, "no year before the last", n=0),
        Row("forecast_top_decile_capture", COMPANY, "", NO_DATA, "no year before the last", n=0),
        Row("forecast_error_ratio", COMPANY, "", NO_DATA, "no year before the last", n=0),
    ),
    shop: (Row("forecast_error_ratio", COMPANY, "", NO_DATA, "no model was asked for", n=0),),
}
