"""What keeps a published pack from leaving: approval, a jump of readers or figures, a copied warehouse."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from flows.archive.office import Office
from flows.archive.revisions import Archive
from flows.delivery.delivering import DeliveryReport, planned_deliveries
from flows.delivery.holding import approve, figure_jumps, read_approvals, waits
from flows.delivery.ledger import DeliveryState, Ledger
from flows.delivery.request import MailingRequest
from flows.settings import DeliverySettings, Settings
from flows.warehouse.whereabouts import fingerprint, record_location, record_move
from tests.flows.archive.builders import PDF, configuration, opened, published
from tests.flows.delivery.builders import DAY, Relay, mailed, outbox, recipients
from tests.flows.warehouse.builders import MAY
from tests.flows.warehouse.databases import fresh_database
from transforms.errors import CopiedError, RefutedError, UsageError
from transforms.month import Month

LIST = recipients({"email": "wang@x.test"}, {"email": "boss@x.test", "tiers": "*"})
"""Four deliveries: tier a to both, b and company to the boss."""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return configuration(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'keping.db'}")


def with_delivery(settings: Settings, **changes: Any) -> Settings:
    delivery = DeliverySettings.model_validate({**settings.delivery.model_dump(), **changes})
    return settings.model_copy(update={"delivery": delivery})


def sent(settings: Settings, month: Month = MAY, frame: Any = LIST, **more: Any) -> DeliveryReport:
    return mailed(settings, frame, month, **more)


def approved(settings: Settings, month: Month = MAY, frame: Any = LIST, tiers: tuple[str, ...] = ()) -> int:
    """What `keping approve` does once it has read the list."""
    with Office.open(settings) as office:
        publication, _, planned = planned_deliveries(office, MailingRequest(month, recipients=frame, day=DAY, tiers=tiers))
        return len(approve(office, publication, waits(office, publication, planned)))


def test_packs_wait_for_approval_and_say_by_which_command_they_are_released(home: Settings):
    settings = with_delivery(home, approval=True)
    published(settings)
    report = sent(settings)
    assert (report.counts["held"], report.counts["accepted"], report.complete) == (4, 0, False)
    assert report.open[0] == (
        "company (en) -> boss@x.test: held, waits for approval: approval is asked for. "
        "Release: keping approve --month 2026-05 --tier company"
    )
    assert outbox(settings) == []
    assert (approved(settings, tiers=("a",)), sent(settings).counts["accepted"], sent(settings).counts["held"]) == (1, 2, 2)
    assert (approved(settings), sent(settings).complete, approved(settings)) == (2, True, 0)
    with opened(settings) as warehouse:
        publication = warehouse.publication(MAY)
        assert publication is not None
        assert {(one.pack, one.digest, bool(one.who)) for one in read_approvals(warehouse, publication)} == {
            (pack.pack, pack.digest, True) for pack in warehouse.packs(MAY, 0) if pack.locale == "en"
        }


def test_only_the_tiers_that_ask_for_it_wait(home: Settings):
    settings = with_delivery(home, approval=("company",))
    published(settings)
    assert (sent(settings).counts["accepted"], sent(settings).counts["held"]) == (3, 1)


def test_an_approval_asked_for_a_tier_that_does_not_exist_mails_nothing(home: Settings):
    published(home)
    for asked in (("gold",), ("company", "A")):
        settings = with_delivery(home, approval=asked)
        with pytest.raises(UsageError, match=rf"no tier is called '{asked[-1]}'; known: a, b, c, company, unrated. Nothing was mailed"):
            sent(settings)
    assert outbox(home) == []


def test_an_approval_is_void_for_other_bytes_and_for_a_new_revision(home: Settings):
    settings = with_delivery(home, approval=True)
    published(settings)
    approved(settings)
    pack = Archive(settings.archive_path).folder(MAY, 0) / "tier-a.en.pdf"
    whole = pack.read_bytes()
    pack.write_bytes(whole + b"one figure changed")
    with pytest.raises(RefutedError, match=r"tier-a.en.pdf is not the pack that was published"):
        sent(settings)
    assert outbox(settings) == []
    pack.write_bytes(whole)
    published(settings, digest="j" * 64, reason="late rows", files={"tier-a.en.pdf": PDF + b"a en, other figures"})
    report = sent(settings)
    assert (report.revision, report.counts["held"], report.counts["accepted"]) == (1, 2, 0)
    with opened(settings) as warehouse, warehouse.writing() as connection, pytest.raises(Exception, match=r"never changed or deleted"):
        connection.execute(text("update approvals set digest = 'x'"))


def crowd(count: int) -> Any:
    return recipients(*({"email": f"reader{number}@x.test"} for number in range(count)))


@pytest.mark.parametrize(("now", "is_held"), [(10, False), (12, False), (8, False), (13, True), (7, True)])
def test_more_or_fewer_readers_than_a_fifth_against_last_month_wait(home: Settings, now: int, is_held: bool):
    published(home)
    assert sent(home, frame=crowd(10)).counts["accepted"] == 10
    june = MAY + 1
    published(home, month=june)
    report = sent(home, june, crowd(now))
    assert (report.counts["held"], report.counts["accepted"]) == ((now, 0) if is_held else (0, now))
    if is_held:
        share = f"{(now - 10) / 10:+.0%}"
        assert f"readers 10 in 2026-05, now {now} ({share}, limit 20%). Release: keping approve --month 2026-06" in report.open[0]
        approved(home, june, crowd(now))
        assert sent(home, june, crowd(now + 1 if now > 10 else now - 1)).counts["accepted"] == 0, (
            "an approval is of the list that was looked at"
        )
        assert sent(home, june, crowd(now)).counts["accepted"] == now


def test_a_first_month_and_a_jump_that_is_allowed_do_not_wait(home: Settings):
    settings = with_delivery(home, recipients_jump=None)
    published(settings)
    assert sent(settings, frame=crowd(1)).complete
    published(settings, month=MAY + 1)
    assert sent(settings, MAY + 1, crowd(9)).complete


FIGURES = (
    b"scope,scope_value,indicator,value,previous\n"
    b"company,,net_revenue,160.0,100.0\ncompany,,orders,10,\ncompany,,nps,,5.0\ntier,a,orders,900,1\n"
)


def test_a_company_figure_that_jumps_waits_and_an_unknown_one_is_refused(home: Settings):
    published(home, files={"tier-a.en.pdf": PDF + b"a", "figures.csv": FIGURES})
    for limit, held in ((0.7, 0), (0.5, 2)):
        settings = with_delivery(home, figures_jump={"net_revenue": limit, "orders": 0.1})
        with Office.open(settings) as office:
            publication, _, planned = planned_deliveries(office, MailingRequest(MAY, recipients=LIST, day=DAY))
            waiting = waits(office, publication, planned)
        assert [len(one.content) for one in waiting] == [1 if held else 0]
    report = sent(settings)
    assert report.counts["held"] == 2
    assert "net_revenue 100.00 a month before, now 160.00 (+60%, limit 50%)" in report.open[0]
    with pytest.raises(UsageError, match=r"delivery.figures_jump: no indicator is called 'net_revenu';"):
        sent(with_delivery(home, figures_jump={"net_revenu": 0.5}))


@pytest.mark.parametrize(
    ("value", "before", "said"),
    [
        ("", "5.0", ["nps 5.00 a month before, now not known"]),
        ("2.0", "0.0", ["nps 0.00 a month before, now 2.00 (limit 10%)"]),
        ("0.0", "5.0", ["nps 5.00 a month before, now 0.00 (-100%, limit 10%)"]),
        ("0.0", "0.0", []),
        ("5.5", "5.0", []),
        ("5.0", "", []),
        ("", "", []),
    ],
)
def test_a_figure_that_is_gone_or_was_nothing_before_is_a_jump_and_a_first_one_is_none(
    home: Settings, value: str, before: str, said: list[str]
):
    header, *_ = FIGURES.splitlines(keepends=True)
    published(home, files={"tier-a.en.pdf": PDF + b"a", "figures.csv": header + f"company,,nps,{value},{before}\n".encode()})
    settings = with_delivery(home, figures_jump={"nps": 0.1})
    with Office.open(settings) as office:
        publication = office.warehouse.publication(MAY)
        assert publication is not None
        assert list(figure_jumps(office, publication)) == said


def test_a_delivery_under_way_before_it_had_to_wait_goes_on_with_the_same_bytes_once_released(home: Settings):
    published(home)
    one = recipients({"email": "wang@x.test"})
    first = sent(home, frame=one, transport=Relay("421 before"))
    assert first.counts["deferred"] == 1
    waiting = with_delivery(home, approval=True)
    relay = Relay()
    assert sent(waiting, frame=one, transport=relay).counts["held"] == 1 and relay.attempts == []
    approved(waiting, frame=one)
    assert sent(waiting, frame=one, transport=relay).counts["accepted"] == 1
    with opened(home) as warehouse:
        (row,) = Ledger(warehouse).rows(MAY, 0)
    assert row.state is DeliveryState.ACCEPTED and row.attempt == 2


def test_figures_that_are_not_the_published_ones_release_nothing(home: Settings):
    published(home, files={"tier-a.en.pdf": PDF + b"a", "figures.csv": FIGURES})
    settings = with_delivery(home, figures_jump={"net_revenue": 0.5})
    folder = Archive(home.archive_path).folder(MAY, 0)
    tame = FIGURES.replace(b"160.0", b"101.0")
    (folder / "figures.csv").write_bytes(tame)
    with pytest.raises(RefutedError, match=r"figures.csv is not the file that was published .* Nothing was mailed.\nPut the published"):
        sent(settings)
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    digests = [hashlib.sha256(whole).hexdigest() for whole in (FIGURES, tame)]
    (folder / "manifest.json").write_text(manifest.replace(*digests), encoding="utf-8")
    with pytest.raises(RefutedError, match=r"manifest.json is not the file that was published"):
        sent(settings)
    assert outbox(home) == []


def by_smtp(settings: Settings) -> Settings:
    return with_delivery(settings, transport="smtp")


def test_a_copied_file_mails_nothing_and_connects_to_no_relay_until_somebody_says_that_it_moved(home: Settings, tmp_path: Path):
    published(home)
    with opened(home) as warehouse:
        record_location(warehouse)
    relay = Relay()
    assert sent(by_smtp(home), transport=relay).complete
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    copy = by_smtp(configuration(tmp_path / "copy", f"sqlite:///{tmp_path / 'copy' / 'keping.db'}"))
    more = recipients({"email": "wang@x.test"}, {"email": "boss@x.test", "tiers": "*"}, {"email": "new@x.test"})
    with pytest.raises(CopiedError, match=r"it looks like a copy. Nothing was mailed, and no relay was connected to.\nIf it has moved"):
        sent(copy, frame=more, transport=relay)
    assert len(relay.attempts) == 2
    with pytest.raises(UsageError, match=r"--reason is empty"):
        record_move(copy, " ")
    assert "lives at" in record_move(copy, "new server")[0] and "already" in record_move(copy, "again")[0]
    assert sent(with_delivery(copy, recipients_jump=None), frame=more, transport=relay).counts["accepted"] == 1


def test_an_outbox_is_no_relay_and_a_copied_sample_still_writes_its_files(home: Settings, tmp_path: Path):
    published(home)
    with opened(home) as warehouse:
        record_location(warehouse)
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    assert mailed(configuration(tmp_path / "copy", f"sqlite:///{tmp_path / 'copy' / 'keping.db'}"), LIST).complete


@pytest.mark.server
def test_a_dump_restored_into_another_database_has_another_place(tmp_path: Path):
    with (
        fresh_database("postgresql", tmp_path) as one,
        fresh_database("postgresql", tmp_path) as other,
        opened(configuration(tmp_path / "one", one)) as first,
        opened(configuration(tmp_path / "other", other)) as second,
    ):
        assert fingerprint(first) == fingerprint(first) and fingerprint(first)[0] != fingerprint(second)[0]
