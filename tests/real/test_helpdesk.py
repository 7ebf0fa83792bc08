"""The Italian help desk as tickets alone: a review without any order is still an honest one."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.places import data
from tests.real.conftest import Reviewed


@pytest.fixture(scope="session")
def tickets() -> pd.DataFrame:
    events = pd.read_csv(data("helpdesk-italy") / "helpdesk.csv.gz")
    when = events["Complete Timestamp"]
    opened = when.groupby(events["Case ID"]).min()
    resolved = when.where(events["Activity"] == "Resolve ticket").groupby(events["Case ID"]).max()
    return pd.DataFrame({"opened": opened, "resolved": resolved})


def test_tickets_opened_are_those_of_the_log(helpdesk: Reviewed, tickets: pd.DataFrame) -> None:
    assert helpdesk.figure("tickets_opened")["value"] == tickets["opened"].str.startswith("2012/08").sum()


def test_every_ticket_of_the_log_is_read(helpdesk: Reviewed, tickets: pd.DataFrame) -> None:
    quality = helpdesk.table("quality").query("table == 'tickets'")
    assert quality["read"].sum() == (tickets["opened"] < "2012/09").sum()


def test_the_median_counts_open_tickets_as_open(helpdesk: Reviewed, tickets: pd.DataFrame) -> None:
    august = tickets[tickets["opened"].str.startswith("2012/08")]
    end = pd.Timestamp("2012-09-01")
    opened = pd.to_datetime(august["opened"])
    resolved = pd.to_datetime(august["resolved"])
    done = resolved < end
    hours = ((resolved.where(done, end) - opened).dt.total_seconds() / 3600).to_numpy()
    survival, median = 1.0, None
    for hour in sorted(set(hours[done.to_numpy()])):
        at_risk, solved = (hours >= hour).sum(), ((hours == hour) & done.to_numpy()).sum()
        survival *= 1 - solved / at_risk
        if survival <= 0.5:
            median = hour
            break
    figure = helpdesk.figure("resolution_hours_median")
    assert median is not None
    assert figure["value"] == pytest.approx(median, abs=0.01)


def test_orders_and_surveys_are_not_supplied_rather_than_zero(helpdesk: Reviewed) -> None:
    for indicator in ("orders", "net_revenue", "csat_mean", "loyalty_index"):
        assert helpdesk.figure(indicator)["reason"] == "not_supplied"
