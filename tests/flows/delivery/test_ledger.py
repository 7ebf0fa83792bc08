from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from flows.delivery.ledger import (
    Claim,
    ClaimLostError,
    DeliveryHold,
    DeliveryState,
    FrozenMail,
    Held,
    Ledger,
    PlannedDelivery,
    delivery_key,
)
from flows.machine import clock
from flows.settings import Settings
from flows.warehouse.store import Warehouse
from reports.mail.addresses import address_of
from tests.flows.archive.builders import opened, published
from tests.flows.warehouse.builders import MAY


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    """May is published in three revisions."""
    for digest in ("i", "j", "k"):
        published(settings, digest=digest * 64)
    with opened(settings) as found:
        yield found


def planned(person: str = "wang@x.test", held: str = "", revision: int = 0, kind: DeliveryHold = DeliveryHold.UNFIT) -> PlannedDelivery:
    address = address_of(person)
    key = delivery_key("Hanlin Trading", MAY, revision, "tier-a", "en", address.compared)
    return PlannedDelivery(key, MAY, revision, "tier-a", "en", address, "Wang", "p" * 64, Held(kind, held) if held else None)


def built(warehouse: Warehouse, owner: str | None = None) -> tuple[Ledger, str]:
    ledger, entry = Ledger(warehouse, owner), planned()
    ledger.plan([entry])
    assert ledger.freeze(FrozenMail((entry.key,), "m" * 64, "<id@x>"))
    return ledger, entry.key


def lost_after_the_dot(ledger: Ledger, key: str) -> Claim:
    """Its sender is lost between the final dot and the relay's answer, and judged so."""
    claim = ledger.claim(key)
    assert claim is not None
    ledger.before_dot(claim)
    ledger.settle_abandoned(MAY, 0, relay_knows=False)
    return claim


def test_a_key_tells_apart_company_month_revision_pack_language_and_person():
    keys = {
        delivery_key("Hanlin", MAY, 0, "tier-a", "en", "a@x.test"),
        delivery_key("Other", MAY, 0, "tier-a", "en", "a@x.test"),
        delivery_key("Hanlin", MAY + 1, 0, "tier-a", "en", "a@x.test"),
        delivery_key("Hanlin", MAY, 1, "tier-a", "en", "a@x.test"),
        delivery_key("Hanlin", MAY, 0, "tier-b", "en", "a@x.test"),
        delivery_key("Hanlin", MAY, 0, "tier-a", "zh_CN", "a@x.test"),
        delivery_key("Hanlin", MAY, 0, "tier-a", "en", "b@x.test"),
    }
    assert len(keys) == 7


def test_a_new_delivery_was_never_tried_and_what_is_known_of_one_is_not_to_be_changed(warehouse: Warehouse):
    entry = planned()
    assert (entry.mandatory, entry.opted_out) == (False, False)
    ledger, key = built(warehouse)
    row, claim = ledger.row(key), ledger.claim(key)
    assert claim is not None
    assert (row.fence, row.attempt, row.owner) == (0, 0, "")
    for known, name in ((entry, "held"), (row, "state"), (claim, "fences")):
        with pytest.raises(FrozenInstanceError):
            setattr(known, name, "")


def test_planning_twice_changes_nothing(warehouse: Warehouse):
    ledger, key = built(warehouse)
    before = ledger.row(key)
    ledger.plan([planned()])
    assert ledger.row(key) == before and len(ledger.rows(MAY, 0)) == 1


def test_the_whole_way_is_written_down_step_by_step(warehouse: Warehouse):
    ledger, key = built(warehouse)
    claim = ledger.claim(key)
    assert claim is not None
    ledger.before_dot(claim)
    ledger.close(claim, DeliveryState.DOT_SENT, DeliveryState.ACCEPTED, reply="250 ok", relay_id="Q1")
    row = ledger.row(key)
    assert (row.state, row.fence, row.attempt, row.reply, row.relay_id) == (DeliveryState.ACCEPTED, 1, 1, "250 ok", "Q1")
    steps = [(event["state_before"], event["state_after"]) for event in ledger.events(key)]
    assert steps == [("", "planned"), ("planned", "built"), ("built", "claimed"), ("claimed", "dot_sent"), ("dot_sent", "accepted")]


def test_only_one_of_two_gets_the_claim(warehouse: Warehouse):
    ledger, key = built(warehouse)
    assert ledger.claim(key) is not None
    assert Ledger(warehouse, "other:2:2").claim(key) is None


def test_a_paused_sender_that_wakes_after_it_was_given_up_loses_and_may_not_send(warehouse: Warehouse):
    paused, key = built(warehouse, "nowhere:1:1")
    stale = paused.claim(key)
    assert stale is not None
    ledger = Ledger(warehouse, "nowhere:1:1")
    ledger.settle_abandoned(MAY, 0, relay_knows=False)
    with pytest.raises(ClaimLostError):
        paused.before_dot(stale)
    fresh = ledger.claim(key)
    assert fresh is not None and fresh.fences[key] == stale.fences[key] + 1
    with pytest.raises(ClaimLostError):
        paused.before_dot(stale)
    ledger.before_dot(fresh)
    with pytest.raises(ClaimLostError):
        paused.close(stale, DeliveryState.DOT_SENT, DeliveryState.ACCEPTED)


def test_an_answer_that_comes_when_all_is_told_already_changes_nothing(warehouse: Warehouse):
    ledger, key = built(warehouse)
    claim = ledger.claim(key)
    assert claim is not None
    ledger.before_dot(claim)
    ledger.close(claim, DeliveryState.DOT_SENT, DeliveryState.DEFERRED, reply="451 later")
    with pytest.raises(ClaimLostError):
        ledger.close(claim, DeliveryState.DOT_SENT, DeliveryState.ACCEPTED, reply="250 ok")
    assert (ledger.row(key).state, ledger.row(key).reply) == (DeliveryState.DEFERRED, "451 later")


def test_the_bytes_of_a_held_delivery_are_not_frozen_before_it_may_go(warehouse: Warehouse):
    ledger, entry = Ledger(warehouse), planned(held="on leave")
    ledger.plan([entry])
    assert not ledger.freeze(FrozenMail((entry.key,), "m" * 64, "<id@x>"))
    assert (ledger.row(entry.key).state, ledger.row(entry.key).message_digest) == (DeliveryState.HELD, None)


def test_a_sender_that_was_judged_lost_after_its_dot_may_not_begin_anew(warehouse: Warehouse):
    ledger, key = built(warehouse)
    claim = lost_after_the_dot(ledger, key)
    with pytest.raises(ClaimLostError):
        ledger.before_dot(claim)
    assert ledger.row(key).state is DeliveryState.UNKNOWN


def test_a_sender_lost_before_the_dot_is_free_again_and_after_it_unknown(warehouse: Warehouse):
    ledger, key = built(warehouse)
    claim = ledger.claim(key)
    assert claim is not None
    assert [row.delivery_key for row in ledger.settle_abandoned(MAY, 0, relay_knows=False)] == [key]
    assert ledger.row(key).state is DeliveryState.DEFERRED
    again = ledger.claim(key)
    assert again is not None and ledger.row(key).attempt == 2
    ledger.before_dot(again)
    ledger.settle_abandoned(MAY, 0, relay_knows=False)
    assert ledger.row(key).state is DeliveryState.UNKNOWN
    assert ledger.claim(key) is None


def test_who_sees_the_reply_after_being_given_up_may_still_record_it(warehouse: Warehouse):
    ledger, key = built(warehouse)
    claim = lost_after_the_dot(ledger, key)
    ledger.close(claim, DeliveryState.DOT_SENT, DeliveryState.ACCEPTED, reply="250 ok")
    assert ledger.row(key).state is DeliveryState.ACCEPTED


def test_a_claim_of_a_living_process_or_of_an_unknown_host_is_left_alone(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch):
    ledger, key = built(warehouse, "some.other.host:1:1")
    assert ledger.claim(key) is not None
    here = Ledger(warehouse)
    assert here.settle_abandoned(MAY, 0, relay_knows=True) == []
    half_an_hour = ledger.row(key).changed_at + timedelta(minutes=30)
    monkeypatch.setattr(clock, "now", lambda: half_an_hour)
    assert here.settle_abandoned(MAY, 0, relay_knows=True) == []
    monkeypatch.setattr(clock, "now", lambda: half_an_hour + timedelta(microseconds=1))
    assert len(here.settle_abandoned(MAY, 0, relay_knows=True)) == 1


def test_an_accepted_delivery_is_final_and_none_is_ever_struck_from_the_ledger(warehouse: Warehouse):
    ledger, key = built(warehouse)
    claim = ledger.claim(key)
    assert claim is not None
    with pytest.raises(sa.exc.DBAPIError, match=r"never"), warehouse.writing() as connection:
        connection.execute(sa.text("delete from deliveries"))
    ledger.before_dot(claim)
    ledger.close(claim, DeliveryState.DOT_SENT, DeliveryState.ACCEPTED)
    ledger.plan([planned(held="now held")])
    assert (
        ledger.claim(key) is None
        and not ledger.hold(key, Held(DeliveryHold.UNFIT, "x"))
        and not ledger.freeze(FrozenMail((key,), "n" * 64, "<id>"))
    )
    assert ledger.row(key).state is DeliveryState.ACCEPTED
    for change in ("update deliveries set state = 'planned'", "update delivery_events set note = ''", "delete from delivery_events"):
        with pytest.raises(sa.exc.DBAPIError, match=r"never"), warehouse.writing() as connection:
            connection.execute(sa.text(change))


def test_a_rejected_delivery_is_not_tried_again(warehouse: Warehouse):
    ledger, key = built(warehouse)
    claim = ledger.claim(key)
    assert claim is not None
    ledger.close(claim, DeliveryState.CLAIMED, DeliveryState.REJECTED, reply="550 no such user")
    assert ledger.claim(key) is None


def test_a_held_delivery_is_taken_up_again_once_its_reason_is_gone(warehouse: Warehouse):
    ledger = Ledger(warehouse)
    ledger.plan([planned(held="filtered")])
    key = planned().key
    assert (ledger.row(key).state, ledger.row(key).reason, ledger.claim(key)) == (DeliveryState.HELD, "filtered", None)
    ledger.plan([planned()])
    assert (ledger.row(key).state, ledger.row(key).reason) == (DeliveryState.PLANNED, "")


def test_the_frozen_bytes_stay_once_they_were_tried(warehouse: Warehouse):
    ledger, key = built(warehouse)
    assert ledger.freeze(FrozenMail((key,), "n" * 64, "<id@x>"))
    claim = ledger.claim(key)
    assert claim is not None
    ledger.close(claim, DeliveryState.CLAIMED, DeliveryState.DEFERRED)
    assert not ledger.freeze(FrozenMail((key,), "o" * 64, "<id@x>"))
    assert ledger.row(key).message_digest == "n" * 64


def test_an_answer_counts_also_where_another_process_judges_its_sender_lost_at_that_very_moment(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look at the row and our step: the other's step is committed, and the relay's word still stands."""
    from flows.delivery import ledger as module

    ledger, key = built(warehouse)
    claim = ledger.claim(key)
    assert claim is not None
    ledger.before_dot(claim)
    look, looks = module._row, [0]

    def look_then_lose(connection: sa.Connection, wanted: str) -> module.Delivery:
        found = look(connection, wanted)
        if not looks[0]:
            connection.execute(sa.text("update deliveries set state = 'unknown' where delivery_key = :key"), {"key": wanted})
        looks[0] += 1
        return found

    monkeypatch.setattr(module, "_row", look_then_lose)
    ledger.close(claim, DeliveryState.DOT_SENT, DeliveryState.ACCEPTED, reply="250 ok")
    monkeypatch.undo()
    assert (ledger.row(key).state, looks[0]) == (DeliveryState.ACCEPTED, 2)


def test_a_waiting_delivery_may_be_held_with_a_reason_and_the_reason_of_today_counts(warehouse: Warehouse) -> None:
    ledger, key = built(warehouse)
    ledger.plan([planned(held="on leave")])
    assert (ledger.row(key).state, ledger.row(key).reason) == (DeliveryState.HELD, "on leave")
    ledger.plan([planned(held="has left")])
    assert (ledger.row(key).reason, ledger.row(key).hold) == ("has left", DeliveryHold.UNFIT)
    steps = [event["state_after"] for event in ledger.events(key)]
    ledger.plan([planned(held="has left")])
    assert [event["state_after"] for event in ledger.events(key)] == steps
    ledger.plan([planned(held="has left", kind=DeliveryHold.REMOVED)])
    assert ledger.row(key).hold is DeliveryHold.REMOVED, "the same words of another kind are another reason"
    ledger.plan([planned()])
    assert (ledger.row(key).state, ledger.row(key).reason, ledger.row(key).hold) == (DeliveryState.BUILT, "", None)
    assert ledger.hold(key, Held(DeliveryHold.REMOVED, "gone")) and ledger.row(key).reason == "gone"


def test_a_person_decides_only_what_still_stands_as_it_was_seen(warehouse: Warehouse) -> None:
    ledger, key = built(warehouse)
    assert not ledger.take_as_sent(key, "found at the relay")
    assert not ledger.offer_again(key, DeliveryState.UNKNOWN, "not found at the relay")
    lost_after_the_dot(ledger, key)
    assert ledger.offer_again(key, DeliveryState.UNKNOWN, "not found at the relay")
    assert (ledger.row(key).state, ledger.row(key).reason) == (DeliveryState.DEFERRED, "not found at the relay")
    lost_after_the_dot(ledger, key)
    assert ledger.take_as_sent(key, "found at the relay")
    assert (ledger.row(key).state, ledger.row(key).reason) == (DeliveryState.ACCEPTED, "found at the relay")


def test_what_came_of_a_lost_sender_is_told_in_words_and_offered_again_where_the_transport_drops_repeats(warehouse: Warehouse) -> None:
    ledger, key = built(warehouse)
    claim = ledger.claim(key)
    assert claim is not None
    ledger.settle_abandoned(MAY, 0, relay_knows=True)
    assert ledger.row(key).reason == "the sender was lost before the final dot"
    lost_after_the_dot(ledger, key)
    assert ledger.row(key).reason == "the sender was lost after the final dot"
    ledger.settle_abandoned(MAY, 0, relay_knows=True)
    assert (ledger.row(key).state, ledger.row(key).reason) == (DeliveryState.DEFERRED, "offered again: the transport drops a second copy")


def test_deliveries_are_found_by_the_beginning_of_their_key_which_is_no_pattern(warehouse: Warehouse) -> None:
    ledger, key = built(warehouse)
    ledger.plan([planned("li@x.test")])
    assert [row.delivery_key for row in ledger.find(key[:8])] == [key]
    assert [row.delivery_key for row in ledger.find("")] == sorted([key, planned("li@x.test").key])
    assert ledger.find("%") == []


def test_who_is_first_to_judge_a_lost_sender_alone_has_judged_it(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, key = built(warehouse)
    assert ledger.claim(key) is not None
    seen = ledger.rows(MAY, 0)
    ledger.settle_abandoned(MAY, 0, relay_knows=False)
    monkeypatch.setattr(ledger, "rows", lambda month, revision: seen)
    assert ledger.settle_abandoned(MAY, 0, relay_knows=False) == []


def test_an_answer_that_is_overtaken_twice_is_a_lost_claim(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, key = built(warehouse)
    claim = ledger.claim(key)
    assert claim is not None
    monkeypatch.setattr(ledger, "_move", lambda *more, **values: False)
    with pytest.raises(ClaimLostError, match=key):
        ledger.close(claim, DeliveryState.CLAIMED, DeliveryState.DEFERRED)
    monkeypatch.undo()
    assert ledger.row(key).state is DeliveryState.CLAIMED


def rejected(ledger: Ledger, key: str) -> None:
    claim = ledger.claim(key)
    assert claim is not None
    ledger.before_dot(claim)
    ledger.close(claim, DeliveryState.DOT_SENT, DeliveryState.REJECTED, reply="552 too large")


def test_a_rejected_mail_is_built_anew_by_a_person_s_word_and_no_other(warehouse: Warehouse) -> None:
    ledger, key = built(warehouse)
    assert not ledger.build_anew(key, "the limit is smaller now")
    rejected(ledger, key)
    assert ledger.build_anew(key, "the limit is smaller now")
    row = ledger.row(key)
    assert (row.state, row.reason) == (DeliveryState.PLANNED, "the limit is smaller now")
    assert ledger.events(key)[-1]["note"] == "the limit is smaller now"
    assert ledger.freeze(FrozenMail((key,), "n" * 64, "<id@x>"))


def test_what_may_once_have_been_taken_is_never_built_anew(warehouse: Warehouse) -> None:
    ledger, key = built(warehouse)
    other = planned("li@x.test")
    ledger.plan([other])
    ledger.freeze(FrozenMail((other.key,), "m" * 64, "<id@y>"))
    lost_after_the_dot(ledger, key)
    assert ledger.row(key).state is DeliveryState.UNKNOWN
    assert ledger.offer_again(key, DeliveryState.UNKNOWN, "not found at the relay")
    for one in (key, other.key):
        rejected(ledger, one)
    assert (ledger.build_anew(key, "smaller"), ledger.build_anew(other.key, "smaller")) == (False, True)
    assert ledger.row(key).state is DeliveryState.REJECTED


def test_what_has_not_left_of_earlier_revisions_is_held_and_nothing_else(warehouse: Warehouse) -> None:
    ledger, key = built(warehouse)
    gone, own, later = planned("li@x.test"), planned(revision=1), planned(revision=2)
    ledger.plan([gone, own, later])
    ledger.freeze(FrozenMail((gone.key,), "m" * 64, "<id@y>"))
    rejected(ledger, gone.key)
    ledger.hold_earlier(MAY + 1, 1)
    assert ledger.row(key).state is DeliveryState.BUILT
    ledger.hold_earlier(MAY, 1)
    assert (ledger.row(key).state, ledger.row(key).reason) == (DeliveryState.HELD, "r1 has taken its place")
    assert [ledger.row(one.key).state for one in (gone, own, later)] == [
        DeliveryState.REJECTED,
        DeliveryState.PLANNED,
        DeliveryState.PLANNED,
    ]


def test_when_a_month_was_last_sent_is_told_of_earlier_revisions_alone(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, key = built(warehouse)
    own = planned(revision=1)
    ledger.plan([own])
    ledger.freeze(FrozenMail((own.key,), "m" * 64, "<id@y>"))
    assert ledger.last_out(MAY, 1) is None
    sent = {}
    for days, one in ((1, key), (2, own.key)):
        at = ledger.row(one).changed_at + timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        rejected(ledger, one)
        sent[one] = at
    assert (ledger.last_out(MAY, 1), ledger.last_out(MAY, 2)) == (sent[key], sent[own.key])
    assert (ledger.last_out(MAY, 0), ledger.last_out(MAY + 1, 2)) == (None, None)


def two_packs(warehouse: Warehouse) -> tuple[Ledger, str, str]:
    """Two packs of one person, frozen as one mail."""
    ledger, first = Ledger(warehouse), planned()
    key = delivery_key("Hanlin Trading", MAY, 0, "tier-b", "en", first.address.compared)
    ledger.plan([first, replace(first, key=key, pack="tier-b", pack_digest="q" * 64)])
    assert ledger.freeze(FrozenMail((first.key, key), "m" * 64, "<id@x>"))
    return ledger, first.key, key


def states(ledger: Ledger, *keys: str) -> list[DeliveryState]:
    return [ledger.row(key).state for key in keys]


def test_what_shares_a_mail_takes_every_step_together_or_none(warehouse: Warehouse) -> None:
    ledger, a, b = two_packs(warehouse)
    assert ledger.claim(a) is None and ledger.claim(b) is None, "half a mail is no mail"
    claim = ledger.claim(a, b)
    assert claim is not None and states(ledger, a, b) == [DeliveryState.CLAIMED] * 2
    with warehouse.writing() as connection:
        connection.execute(sa.text("update deliveries set fence = 9 where delivery_key = :key"), {"key": b})
    with pytest.raises(ClaimLostError):
        ledger.before_dot(claim)
    assert states(ledger, a, b) == [DeliveryState.CLAIMED] * 2, "the first step is not kept where the second cannot be taken"


def test_a_mail_is_claimed_as_a_whole_or_not_at_all(warehouse: Warehouse) -> None:
    ledger, a, b = two_packs(warehouse)
    assert ledger.hold(b, Held(DeliveryHold.UNFIT, "on leave"))
    assert ledger.claim(a, b) is None and states(ledger, a, b) == [DeliveryState.BUILT, DeliveryState.HELD]
    assert not ledger.freeze(FrozenMail((a, b), "n" * 64, "<id@x>")) and ledger.row(a).message_digest == "m" * 64


def test_what_shares_a_mail_is_known_by_its_bytes_to_its_person(warehouse: Warehouse) -> None:
    ledger, a, b = two_packs(warehouse)
    other = planned("li@x.test")
    ledger.plan([other])
    ledger.freeze(FrozenMail((other.key,), "m" * 64, "<id@y>"))
    assert {row.delivery_key for row in ledger.fellows([a])} == {a, b}
    assert ledger.take_apart(b, "built anew") and ledger.fellows([a]) == [ledger.row(a)]
    assert (ledger.row(b).state, ledger.row(b).message_digest, ledger.row(b).message_id) == (DeliveryState.PLANNED, None, None)


def test_a_mail_that_may_have_left_is_never_taken_apart(warehouse: Warehouse) -> None:
    ledger, a, b = two_packs(warehouse)
    claim = ledger.claim(a, b)
    assert claim is not None
    ledger.before_dot(claim)
    ledger.settle_abandoned(MAY, 0, relay_knows=True)
    assert states(ledger, a, b) == [DeliveryState.DEFERRED] * 2 and ledger.may_have_left(a)
    assert not ledger.take_apart(a, "built anew") and ledger.row(a).message_digest == "m" * 64
