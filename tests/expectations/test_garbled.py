"""Text read in another encoding than it was written in is found, and no text that is as it was written."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.garbled import before_garbling, check_garbled

FINE = ["客户名称", "茅台", "联通", "Müller", "café", "naïve", "Ångström", "«ça»", "北京 ABC", "Łódź", "東京", "한국어", "plain"]


@pytest.mark.parametrize("text", FINE)
def test_text_that_is_as_it_was_written_is_left_in_peace(text: str) -> None:
    assert before_garbling(text) is None


@pytest.mark.parametrize(("text", "encoding"), [("Müller", "cp1252"), ("été", "latin-1"), ("客户", "gb18030"), ("北京北京", "gb18030")])
def test_utf8_that_was_read_as_western_or_as_gbk_is_found_with_what_was_meant(text: str, encoding: str) -> None:
    assert before_garbling(text.encode().decode(encoding)) == text


@given(st.text(alphabet=st.characters(min_codepoint=0xC0, max_codepoint=0x17F), min_size=1, max_size=12))
def test_what_was_read_as_latin1_is_always_given_back(text: str) -> None:
    assert before_garbling(text.encode().decode("latin-1")) == text


def test_a_column_is_told_with_an_example_unless_it_is_personal() -> None:
    rows = pd.DataFrame(
        {
            "customer_id": ["1", "2", "3"],
            "name": ["MÃ¼ller", "Li", "Wang"],
            "region": ["MÃ¼nchen", "MÃ¼nchen", "Nord\ufffd"],
        }
    )
    found = {finding.rule: finding for finding in check_garbled("customers", rows)}
    assert set(found) == {"customers.name.garbled", "customers.region.garbled"}
    assert (found["customers.name.garbled"].rows, found["customers.region.garbled"].rows) == (1, 3)
    assert "MÃ¼nchen = München" in found["customers.region.garbled"].message
    assert "ller" not in found["customers.name.garbled"].message + str(found["customers.name.garbled"].examples)
