"""A forgotten person is on no page of any pack, as it is printed in full."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from flows.erasure.forget import forget
from tests.flows.company import REVIEWED
from tests.flows.erasure.builders import PERSON, figures, named_in, published_company


def test_the_person_is_nowhere_and_every_figure_stays_as_it_was(tmp_path: Path) -> None:
    company = published_company(tmp_path / "company")
    settings = company.settings()
    before = figures(settings)
    assert any(name.endswith(".pdf") for name in named_in(company)), "the test looks where the person is"
    outcome = forget(settings, PERSON)
    assert named_in(company) == []
    pd.testing.assert_frame_equal(figures(settings), before)
    assert (outcome.exit_code, outcome.erased, outcome.redacted) == (0, (f"{REVIEWED}/r0",), (f"{REVIEWED}/r1",))
    assert {copy["address"] for copy in outcome.removed.copies} == {"an@example.com", "bo@example.com"}
    assert "cannot be called back" in "\n".join(outcome.lines())
    assert len(outcome.lines()) <= 10
    customers = pd.read_csv(settings.archive_path / REVIEWED / "r1" / "customers.csv", dtype="str", keep_default_na=False)
    assert customers.loc[customers["customer_id"] == outcome.pseudonym, "name"].tolist() == [""]
    assert len(customers) == 40
