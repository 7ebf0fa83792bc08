from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.delivery.recipients import CONTRADICTED, Recipient, recipients_on, segment_of, segments_in
from reports.mail.addresses import address_of, display_name
from tests.flows.delivery.builders import DAY, recipients
from transforms.classes.segments import CustomerFilter
from transforms.errors import Exit, HeldError

TIERS = ("a", "b", "c", "unrated")


def read(*rows: dict[str, object], day: date = DAY, locales: tuple[str, ...] = ("en", "zh_CN")) -> list[Recipient]:
    return recipients_on(recipients(*rows), day, tiers=TIERS, locales=locales)


HOSTILE = [
    "boss@x.test, evil@y.test",
    "boss@x.test;evil@y.test",
    "boss@x.test> RCPT TO:<evil@y.test",
    "boss@x.test\r\nBcc: evil@y.test",
    "boss@x.test\nBcc: evil@y.test",
    "boss@x.test\n",
    "boss@x.test\x0b",
    "boss@x.test\x85Bcc: evil@y.test",
    "boss@x.test\u2028Bcc: evil@y.test",
    "boss\u202e@x.test",
    "boss\x00@x.test",
    "Boss <boss@x.test>",
    "<boss@x.test>",
    '"evil@y.test"@x.test',
    "boss@[127.0.0.1]",
    "boss(evil@y.test)@x.test",
    "@y.test:boss@x.test",
    "boss@x.test@y.test",
    "boss",
    "@x.test",
    "boss@",
    "boss@x..test",
    "boss@-x.test",
    ".boss@x.test",
    "bo ss@x.test",
    "boss%evil@",
    "b" * 65 + "@x.test",
    "böss@x.test",
    "boss@" + "x" * 64 + ".test",
    "",
    "   ",
]


@pytest.mark.parametrize("email", HOSTILE)
def test_what_is_not_exactly_one_plain_address_is_refused_and_nothing_is_mailed(email: str):
    with pytest.raises(HeldError) as told:
        read({"email": email}, {"email": "wang@x.test"})
    text = str(told.value)
    assert text.startswith("recipients: 1 of 2 rows cannot be used. Nothing was mailed.\n- row 1: email")
    assert len(text.splitlines()) <= 10
    assert not any(letter in text for letter in "\r\x00\x0b\x85\u2028\u202e")
    assert told.value.exit_code == Exit.HELD


def test_rows_that_cannot_be_used_are_counted_once_and_found_by_their_address():
    with pytest.raises(HeldError) as told:
        read({"email": "wang@x.test"}, {"email": "Boss@X.test", "tiers": "gold", "formats": "docx"})
    assert str(told.value).splitlines()[:3] == [
        "recipients: 1 of 2 rows cannot be used. Nothing was mailed.",
        "- row of Boss@x.test: no tier is called 'gold'; known: a, b, c, unrated, company, *",
        "- row of Boss@x.test: formats ['docx']: a pack comes as pdf, with its workbook as xlsx",
    ]


@given(st.text(max_size=40))
def test_an_address_that_is_taken_is_one_address_for_every_mail_program(text: str):
    from email.utils import getaddresses

    try:
        address = address_of(text)
    except ValueError:
        return
    assert getaddresses([address.written]) == [("", address.written)]
    assert address.written.isascii() and address.written.isprintable() and " " not in address.written


def test_domains_are_compared_without_case_and_written_in_lower_case():
    assert address_of("Boss@X.Test").written == "Boss@x.test"
    assert address_of("Boss@X.Test").compared == address_of("boss@x.test").compared
    assert address_of("boss@例子.test").written == "boss@xn--fsqu00a.test"


def test_one_person_in_several_rows_is_one_recipient():
    (found,) = read({"email": "Boss@X.test", "tiers": "a"}, {"email": "boss@x.test", "tiers": "b|a", "name": "The Boss"})
    assert (found.address.compared, found.tiers, found.name) == ("boss@x.test", {"a", "b"}, "The Boss")


def test_the_order_of_rows_changes_nothing():
    rows = [
        {"email": "Boss@X.test", "tiers": "a", "name": "Boss"},
        {"email": "boss@x.test", "tiers": "b", "name": "Bosss"},
        {"email": "a@x.test", "filter_field": "region", "filter_value": "N"},
    ]
    assert read(*rows) == read(*reversed(rows))


def test_a_star_means_every_tier_and_the_company():
    (found,) = read({"tiers": "*"})
    assert found.tiers == {*TIERS, "company"}


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ("gold", "no tier is called 'gold'; known: a, b, c, unrated, company, *"),
        ("", "tiers is empty"),
        (None, "tiers is empty"),
        ("a||b", "has an empty entry"),
        ("A", "no tier is called 'A'"),
    ],
)
def test_an_unknown_or_empty_tier_is_an_error_and_never_everyone(tiers: str | None, said: str):
    with pytest.raises(HeldError) as told:
        read({"tiers": tiers})
    assert said in str(told.value)


def test_a_misspelt_or_missing_column_is_an_error_and_never_everyone():
    with pytest.raises(HeldError, match=r"missing: tiers; unknown: teirs"):
        recipients_on(recipients({}).rename(columns={"tiers": "teirs"}), DAY, tiers=TIERS, locales=("en",))
    with pytest.raises(HeldError, match=r"unknown: filter_feild"):
        recipients_on(recipients({}).rename(columns={"filter_field": "filter_feild"}), DAY, tiers=TIERS, locales=("en",))


def test_an_empty_table_is_an_error():
    with pytest.raises(HeldError, match=r"the table has no row. Nothing was mailed"):
        recipients_on(recipients({}).iloc[:0], DAY, tiers=TIERS, locales=("en",))


def test_a_table_with_only_the_required_columns_is_enough():
    frame = pd.DataFrame({"email": ["a@x.test"], "tiers": ["a"]})
    (found,) = recipients_on(frame, DAY, tiers=TIERS, locales=("zh_CN", "en"))
    assert (found.locale, found.name, found.limited) == ("zh_CN", "", {})


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_valid"),
    [
        (None, None, True),
        ("2026-06-02", "2026-06-02", True),
        ("2026-06-03", None, False),
        (None, "2026-06-01", False),
        ("2026-06-01", None, True),
    ],
)
def test_validity_counts_on_the_day_both_ends_included(valid_from: str | None, valid_to: str | None, is_valid: bool):
    assert bool(read({"valid_from": valid_from, "valid_to": valid_to})) is is_valid


def test_a_validity_that_ends_before_it_begins_is_an_error():
    with pytest.raises(HeldError, match=r"valid_from 2026-06-02 lies after valid_to 2026-06-01"):
        read({"valid_from": "2026-06-02", "valid_to": "2026-06-01"})


@pytest.mark.parametrize(
    ("asked", "given"),
    [("zh_CN", "zh_CN"), ("zh-cn", "zh_CN"), ("zh", "zh_CN"), ("zh_TW", "zh_CN"), ("de", "en"), (None, "en"), ("", "en")],
)
def test_a_language_that_was_not_made_falls_back_to_the_nearest_or_first(asked: str | None, given: str):
    (found,) = read({"locale": asked})
    assert found.locale == given


LI_NA = CustomerFilter("account_manager", "li.na")


def test_a_recipient_with_a_filter_gets_that_part_of_each_tier_and_no_whole_pack():
    (found,) = read({"filter_field": "account_manager", "filter_value": "li.na", "tiers": "a|company"})
    assert (found.tiers, found.limited) == (frozenset(), {})
    assert found.segments == {segment_of("a", LI_NA), segment_of("company", LI_NA)}
    part = segment_of("a", LI_NA).name
    assert part.startswith("tier-a~account-manager-li-na-") and found.wants(part)
    assert not any(found.wants(pack) for pack in ("tier-a", "company", "tier-b", segment_of("b", LI_NA).name))


@given(st.lists(st.tuples(st.sampled_from(["region", "industry"]), st.text(min_size=1, max_size=30)), min_size=2, unique=True))
def test_two_filters_never_share_a_name_and_every_name_is_one_plain_file(chosen: list[tuple[str, str]]):
    names = [segment_of("a", CustomerFilter(*one)).name for one in chosen]
    assert len({name.lower() for name in names}) == len(names)
    assert all(re.fullmatch(r"tier-a~[a-z0-9-]+", name) and len(name) < 100 for name in names)


@pytest.mark.parametrize("column", ["birth_date", "name", "accountmanager", "1=1; DROP TABLE customers"])
def test_a_filter_on_a_column_that_nobody_can_be_chosen_by_is_an_error_and_never_everyone(column: str):
    with pytest.raises(HeldError, match=r"is no column to choose customers by; known: customer_id, kind, role, region"):
        read({"filter_field": column, "filter_value": "x"})


def test_the_parts_to_print_are_those_of_everybody_who_is_or_will_be_on_the_list_and_bad_rows_name_none():
    region = {"filter_field": "region"}
    frame = recipients(
        {**region, "filter_value": "North", "tiers": "a"},
        {**region, "filter_value": "North", "tiers": "a", "email": "b@x.test"},
        {**region, "filter_value": "South", "tiers": "a", "valid_from": "2027-01-01"},
        {**region, "filter_value": "West", "tiers": "a", "valid_to": "2026-06-01"},
        {**region, "filter_value": "East", "tiers": "gold"},
        {"tiers": "a"},
    )
    assert [segment.filter.value for segment in segments_in(frame, DAY, tiers=TIERS)] == ["North", "South"]


def test_a_filter_in_one_row_is_not_undone_by_another_row_without_one():
    (found,) = read({"tiers": "a|b"}, {"tiers": "a", "filter_field": "region", "filter_value": "North"})
    assert found.tiers == {"b"} and found.limited == {"a": CONTRADICTED} and not found.segments


@pytest.mark.parametrize("row", [{"filter_field": "region"}, {"filter_value": "North"}])
def test_half_a_filter_is_an_error(row: dict[str, str]):
    with pytest.raises(HeldError, match=r"filter_field and filter_value belong together"):
        read(row)


def test_a_format_that_is_not_made_is_an_error():
    with pytest.raises(HeldError, match=r"formats \['docx'\]: a pack comes as pdf, with its workbook as xlsx"):
        read({"formats": "pdf|docx"})


def test_who_asks_for_the_workbook_in_one_row_gets_it_and_who_says_nothing_gets_what_the_company_gives():
    (person,) = read({"formats": "pdf"}, {"formats": "XLSX", "tiers": "b"})
    assert person.formats == {"pdf", "xlsx"}
    (silent,) = read({"formats": None})
    assert silent.formats == frozenset()


def test_a_reader_may_stand_as_account_manager_under_name_address_and_own_filter():
    (person,) = read({"email": "Li.Na@x.test", "name": "李娜", "filter_field": "account_manager", "filter_value": "LN-7"})
    assert person.manages == {"李娜", "lina@xtest", "lina", "ln7"}
    (other,) = read({"email": "boss@x.test", "name": "", "filter_field": "region", "filter_value": "li.na"})
    assert "lina" not in other.manages and "" not in other.manages


def test_many_bad_rows_are_told_in_ten_lines():
    with pytest.raises(HeldError) as told:
        read(*({"email": f"bad {number}"} for number in range(40)))
    assert len(str(told.value).splitlines()) <= 10 and "and 34 more" in str(told.value)


@given(st.text(max_size=300))
def test_a_name_is_one_line_without_hidden_marks(text: str):
    from reports.mail.headers import is_dangerous

    name = display_name(text)
    assert not any(is_dangerous(letter) for letter in name) and len(name) <= 120
