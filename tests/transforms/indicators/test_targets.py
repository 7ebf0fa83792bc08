"""Targets: met or missed by the indicator's own direction, last year only where it can be compared, the year's pace; all by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from expectations.planned import check_targets
from transforms.figures import Figure, Reason, Scale, Scope, figure_frame, figure_id
from transforms.indicators.comparable import Comparability
from transforms.indicators.plans import plan_of
from transforms.indicators.targets import Pace, Standing, month_targets, targets_table
from transforms.month import Month
from transforms.policy.rules import builtin

MARCH = Month(2026, 3)
BEGAN = Month(2024, 1)
COLUMNS = ["month", "indicator", "target", "scope", "scope_value"]


def plans(*rows):
    """Rows of month, indicator, target and, if not the company's, the tier."""
    full = [(month, name, target, "tier" if tier else "company", tier[0] if tier else None) for month, name, target, *tier in rows]
    return pd.DataFrame(full, columns=COLUMNS).astype(dict.fromkeys(("month", "indicator", "scope", "scope_value"), "str"))


def figure(name, value, tier="", month=None, **more):
    return Figure(Scope.TIER if tier else Scope.COMPANY, tier, name, value, **more)


def past(**by_month):
    """Earlier months' figures: `past(m2026_02=[...])`."""
    frames = [figure_frame(figures).assign(month=month[1:].replace("_", "-")) for month, figures in by_month.items()]
    return pd.concat(frames, ignore_index=True) if frames else figure_frame([]).assign(month="")


def since(first, **known):
    """A history that begins with a month."""
    return Comparability(builtin(), first, **known)


def target(planned, now, earlier=None, first=BEGAN, **known):
    """The only line of a scorecard that has a target."""
    lines = month_targets(plan_of(plans(planned)), MARCH, figure_frame(now), past() if earlier is None else earlier, since(first, **known))
    (line,) = [one for one in lines if one.target is not None]
    return line


@pytest.mark.parametrize(
    ("name", "aim", "value", "standing", "difference"),
    [
        ("net_revenue", 1000.0, 940.0, Standing.MISSED, -60.0),
        ("net_revenue", 1000.0, 1000.0, Standing.MET, 0.0),
        ("complaint_rate", 60.0, 126.0, Standing.MISSED, 66.0),  # fewer complaints are better
        ("complaint_rate", 60.0, 60.0, Standing.MET, 0.0),
        ("complaint_rate", 60.0, 54.0, Standing.MET, -6.0),
        ("top20_share", 0.5, 0.4, Standing.NO_DIRECTION, -0.1),
    ],
)
def test_a_target_is_met_in_the_direction_of_its_indicator(name, aim, value, standing, difference):
    line = target(("2026-03", name, aim), [figure(name, value)])
    assert line.standing is standing
    assert line.difference == pytest.approx(difference)


def test_a_missed_target_within_the_interval_is_within_reach_and_beyond_it_is_missed():
    near = target(("2026-03", "nps", 10.0), [figure("nps", 4.0, lower=-5.0, upper=13.0)])
    far = target(("2026-03", "nps", 10.0), [figure("nps", -2.0, lower=-11.0, upper=7.0)])
    slow = target(("2026-03", "complaint_rate", 60.0), [figure("complaint_rate", 70.0, lower=55.0, upper=90.0)])
    assert [near.standing, far.standing, slow.standing] == [Standing.WITHIN_REACH, Standing.MISSED, Standing.WITHIN_REACH]


def test_a_figure_without_value_keeps_its_target_and_says_why():
    line = target(("2026-03", "nps", 10.0), [figure("nps", None, n=4, reason=Reason.TOO_FEW)])
    assert (line.standing, line.reason, line.difference, line.target) == (Standing.NO_VALUE, "too_few", None, 10.0)


def test_a_tier_s_target_is_the_tier_s_and_other_months_are_none():
    rows = plans(("2026-03", "nps", 30.0, "a"), ("2026-02", "orders", 9.0), ("2026-03", "nps", 20.0))
    now = figure_frame([figure("nps", 25.0), figure("nps", 25.0, "a"), figure("orders", 5.0)])
    lines = {(one.scope_value, one.indicator): one for one in month_targets(plan_of(rows), MARCH, now, past(), None)}
    assert {key: one.standing.value for key, one in lines.items()} == {("", "nps"): "met", ("a", "nps"): "missed"}


def test_without_a_plan_the_scorecard_s_own_figures_stand_without_target():
    (line,) = month_targets({}, MARCH, figure_frame([figure("net_revenue", 5.0), figure("orders", 2.0)]), past(), None)
    assert (line.indicator, line.standing, line.target, line.difference) == ("net_revenue", Standing.NO_TARGET, None, None)
    assert targets_table([line], MARCH).empty


def test_last_year_stands_beside_it_where_its_window_is_whole():
    """March 2025 is there; its twelve months begin in April 2024."""
    earlier = past(m2025_03=[figure("net_revenue", 900.0), figure("net_revenue_12m", 9000.0)])
    now = [figure("net_revenue", 1000.0), figure("net_revenue_12m", 9900.0)]

    def seen(name, first):
        line = target(("2026-03", name, 1.0), now, earlier, first)
        return line.last_year if line.last_year is not None else line.not_comparable

    assert seen("net_revenue", Month(2025, 3)) == 900.0
    assert seen("net_revenue", Month(2025, 4)) == "half"
    assert seen("net_revenue_12m", Month(2024, 4)) == 9000.0
    assert seen("net_revenue_12m", Month(2024, 5)) == "half"


def test_a_month_that_lacks_days_is_compared_with_no_other():
    earlier = past(m2025_03=[figure("tickets_opened", 90.0)])
    lacking = {"incomplete": frozenset({("tickets", MARCH)})}
    line = target(("2026-03", "tickets_opened", 100.0), [figure("tickets_opened", 80.0)], earlier, **lacking)
    assert (line.last_year, line.not_comparable, line.standing) == (None, "incomplete", Standing.INCOMPLETE)


def test_a_score_of_last_year_on_another_scale_is_not_compared():
    earlier = past(m2025_03=[figure("csat_mean", 8.1, scale=Scale(1, 10))])
    line = target(("2026-03", "csat_mean", 4.0), [figure("csat_mean", 4.1, scale=Scale(1, 5))], earlier)
    assert (line.last_year, line.not_comparable) == (None, "other_scale")


def test_the_pace_adds_up_the_months_from_january_and_tells_the_year_where_twelve_are_planned():
    """Due 100 + 100 + 120 = 320, came 90 + 110 + 100 = 300; nine more months at 100 make 1,220."""
    aims = [("2026-01", "net_revenue", 100.0), ("2026-02", "net_revenue", 100.0), ("2026-03", "net_revenue", 120.0)]
    rest = [(f"2026-{number:02}", "net_revenue", 100.0) for number in range(4, 13)]
    earlier = past(m2026_01=[figure("net_revenue", 90.0)], m2026_02=[figure("net_revenue", 110.0)])
    now = figure_frame([figure("net_revenue", 100.0)])

    def pace(rows, earlier=earlier):
        (line,) = month_targets(plan_of(plans(*rows)), MARCH, now, earlier, None)
        return line.pace

    part, whole = pace(aims), pace(aims + rest)
    assert (part.due, part.came, part.year) == (320.0, 300.0, None)
    assert (whole.due, whole.came, whole.year) == (320.0, 300.0, 1220.0)
    assert whole.share == 0.9375
    assert pace(aims[1:]) is None  # January was not planned
    assert pace(aims, past(m2026_02=[figure("net_revenue", 110.0)])) is None  # January brought no value


def test_rates_have_no_pace():
    line = target(("2026-03", "nps", 10.0), [figure("nps", 12.0)])
    assert line.pace is None


def test_a_row_without_scope_is_the_company_s_or_the_tier_s_it_names():
    rows = pd.DataFrame({"month": ["2026-03"] * 2, "indicator": ["nps"] * 2, "target": [1.0, 2.0]}).assign(
        scope=pd.Series([None, None], dtype="str"), scope_value=pd.Series([None, "b"], dtype="str")
    )
    assert dict(plan_of(rows)[MARCH]) == {("company", "", "nps"): 1.0, ("tier", "b", "nps"): 2.0}


def test_a_plan_without_places_is_the_company_s_and_one_of_a_segment_stays_there():
    bare = pd.DataFrame({"month": ["2026-03"], "indicator": ["nps"], "target": [1.0]})
    assert dict(plan_of(bare)[MARCH]) == {("company", "", "nps"): 1.0}
    named = bare.assign(scope_value=pd.Series(["b"], dtype="str"))
    assert dict(plan_of(named)[MARCH]) == {("tier", "b", "nps"): 1.0}
    segment = named.assign(scope=pd.Series(["segment"], dtype="str"))
    assert dict(plan_of(segment)[MARCH]) == {("segment", "b", "nps"): 1.0}
    company = named.assign(scope=pd.Series(["company"], dtype="str"))
    assert dict(plan_of(company)[MARCH]) == {("company", "", "nps"): 1.0}


def test_one_target_said_twice_is_no_contradiction_and_another_month_or_place_is_none():
    rows = plans(("2026-03", "nps", 10.0), ("2026-03", "nps", 10.0), ("2026-03", "nps", 30.0, "a"), ("2026-04", "nps", 20.0))
    assert {str(month): dict(aims) for month, aims in plan_of(rows).items()} == {
        "2026-03": {("company", "", "nps"): 10.0, ("tier", "a", "nps"): 30.0},
        "2026-04": {("company", "", "nps"): 20.0},
    }


def test_targets_that_contradict_each_other_are_not_taken_and_told():
    rows = plans(("2026-03", "nps", 10.0), ("2026-03", "nps", 20.0), ("2026-03", "orders", 5.0))
    assert list(plan_of(rows)[MARCH]) == [("company", "", "orders")]
    (finding,) = check_targets(rows, ["a"], MARCH)
    assert (finding.rule, finding.rows, finding.examples) == ("plans.target.twice", 2, ("nps",))


def test_an_indicator_that_does_not_exist_is_told_with_the_nearest_name():
    rows = plans(("2026-03", "net_revenu", 10.0), ("2026-04", "net_revenu", 10.0), ("2026-01", "oders", 1.0), ("2026-03", "nps", 1.0, "aa"))
    found = {finding.rule: finding for finding in check_targets(rows, ["a", "b"], MARCH)}
    assert found["plans.indicator.strange"].examples == ("net_revenu", "net_revenue")
    assert found["plans.indicator.strange"].rows == 2  # that of January is past
    assert found["plans.tier.strange"].examples == ("aa", "a")
    assert "Did you mean net_revenue?" in found["plans.indicator.strange"].message


def test_a_figure_of_the_company_alone_is_no_target_of_a_tier():
    (finding,) = check_targets(plans(("2026-03", "prospects", 10.0, "a")), ["a"], MARCH)
    assert (finding.rule, finding.examples) == ("plans.scope.company", ("prospects",))


def test_a_target_at_the_very_end_of_the_interval_is_within_reach():
    up = target(("2026-03", "nps", 13.0), [figure("nps", 4.0, lower=-5.0, upper=13.0)])
    down = target(("2026-03", "complaint_rate", 55.0), [figure("complaint_rate", 70.0, lower=55.0, upper=90.0)])
    assert [up.standing, down.standing] == [Standing.WITHIN_REACH] * 2


def test_the_company_stands_first_then_its_tiers_each_in_the_order_of_the_scorecard():
    rows = plans(("2026-03", "orders", 1.0), ("2026-03", "complaints", 1.0), ("2026-03", "nps", 1.0, "a"))
    now = [figure(name, 5.0) for name in ("complaints", "orders", "nps", "net_revenue")] + [
        figure("nps", 5.0, "a"),
        figure("orders", 5.0, "a"),
    ]
    found = month_targets(plan_of(rows), MARCH, figure_frame(now), past(), None)
    names = [(one.scope_value, one.indicator) for one in found]
    assert names == [("", "net_revenue"), ("", "nps"), ("", "complaints"), ("", "orders"), ("a", "nps")]
    assert found[1].figure_id == figure_id("company", "", "nps")


def test_nothing_due_has_no_share():
    assert Pace(0.0, 5.0, None).share is None
    assert Pace(0.5, 1.0, None).share == 2


def test_the_table_has_a_line_for_each_target_with_its_pace_where_there_is_one():
    rows = plans(*((f"2026-{number:02}", "net_revenue", 100.0) for number in range(1, 13)), ("2026-03", "nps", 10.0))
    earlier = past(m2026_01=[figure("net_revenue", 90.0)], m2026_02=[figure("net_revenue", 110.0)])
    now = figure_frame([figure("net_revenue", 120.0), figure("nps", 12.0), figure("complaint_rate", 5.0)])
    table = targets_table(month_targets(plan_of(rows), MARCH, now, earlier, None), MARCH).set_index("indicator")
    assert table.index.tolist() == ["net_revenue", "nps"]
    shown = table[["actual", "target", "difference", "due_to_date", "actual_to_date", "target_year"]]
    assert shown.loc["net_revenue"].tolist() == [120, 100, 20, 300, 320, 1200]
    assert shown.loc["nps"].isna().tolist() == [False] * 3 + [True] * 3
    assert table[["month", "scope", "unit", "status"]].to_numpy().tolist() == [
        ["2026-03", "company", "money", "met"],
        ["2026-03", "company", "points", "met"],
    ]
