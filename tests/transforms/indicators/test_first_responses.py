"""Hours to the first answer of a class: an answer logged before its ticket took no time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from transforms.indicators.group_service import _first_responses
from transforms.month import Month


def test_an_answer_two_minutes_before_its_ticket_counts_as_none() -> None:
    opened = pd.to_datetime(["2024-06-10 10:00", "2024-06-10 10:00", "2024-05-31 10:00"], utc=True)
    answered = pd.to_datetime(["2024-06-10 09:58", "2024-06-10 11:30", "2024-06-01 10:00"], utc=True)
    tickets = pd.DataFrame({"customer_id": ["a", "b", "b"], "opened_at": opened, "first_response_at": answered})
    inputs = SimpleNamespace(month=Month(2024, 6), timezone="UTC", tickets=tickets)
    part: Any = SimpleNamespace(inputs=inputs, customers=pd.DataFrame({"customer_id": ["a", "b"]}), everybody=["a", "b"])
    places, hours = _first_responses(part)
    assert (places.tolist(), hours.tolist()) == ([0, 1], [0.0, 1.5])
