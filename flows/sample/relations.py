"""The sample's relation with its customers beside orders: talks and visits, quotes, and mailings that belong to campaigns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.sample.company import World
from flows.sample.lines import GROUPS
from flows.sample.seasons import Flags, Ints, Moments
from flows.sample.standing import OrderMonths, window_net

SERVED_DAYS = np.timedelta64(90, "D")
LOOP_MONTHS, LOOP_TEAM = 2, "care"
"""In the newest two months one team no longer tells customers what came of their complaints and suggestions."""
PRICE_MONTHS, PRICE_GROUP = 3, "coffee machines"
FEEDBACK = ("complaint", "suggestion", "request")
NEVER = np.datetime64("NaT", "s")

CONTACT_COLUMNS = (
    *("contact_id", "customer", "contacted", "direction", "method", "kind", "purpose", "staff", "staff_level"),
    *("ticket_id", "campaign_id", "planned_id", "answered", "result", "minutes"),
)
"""`customer` is a place; moments are local; empty text and NaT where there is nothing."""


@dataclass(frozen=True)
class Relation:
    """Contacts by where they are kept (`desk`, `diary`, `mailings`), quotes, and the large account that nobody talks to."""

    desk: pd.DataFrame
    diary: pd.DataFrame
    mailings: pd.DataFrame
    quotes: pd.DataFrame
    neglected: int | None
    opted_out: Ints


def desk_messages(cases: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """What the help desk told customers about their complaints, suggestions and requests: that it is at work, and the outcome."""
    season = world.season
    rows = cases[cases["type"].isin(FEEDBACK)].reset_index(drop=True)
    opened, solved = rows["opened"].to_numpy(), rows["solved"].to_numpy()
    recent = season.place(opened) >= season.months - LOOP_MONTHS
    silent = recent & (rows["team"] == LOOP_TEAM).to_numpy() & (season.months >= 8)
    first = opened + np.rint(rng.lognormal(np.log(3.2), 0.9, len(rows)) * 3600).astype("timedelta64[s]")
    told = solved + rng.integers(900, 20 * 3600, len(rows)).astype("timedelta64[s]")
    parts = []
    for moments, chance, kind in ((first, 0.8, "at work on it"), (told, np.where(silent, 0.06, 0.74), "outcome")):
        chosen = (rng.random(len(rows)) < chance) & ~np.isnat(moments) & (moments < season.horizon)
        parts.append(rows[chosen].assign(contacted=moments[chosen], kind=kind))
    frame = pd.concat(parts, ignore_index=True).sort_values(["contacted", "ticket_id"], kind="stable", ignore_index=True)
    count = len(frame)
    answered = frame["contacted"].to_numpy() + rng.integers(600, 3 * 86400, count).astype("timedelta64[s]")
    back = (rng.random(count) < 0.35) & (answered < season.horizon)
    return _contacts(
        frame.assign(
            contact_id=[f"N{number:06d}" for number in range(1, count + 1)],
            direction="out",
            method=frame["channel"],
            purpose="non-sales",
            staff=frame["agent"],
            staff_level="agent",
            ticket_id=frame["ticket_id"].astype(str),
            answered=np.where(back, answered, NEVER),
            result=np.where(back, "answered", "reached"),
            minutes=rng.integers(2, 20, count),
        )
    )


def large_accounts(world: World, book: OrderMonths) -> tuple[Ints, Ints]:
    """Companies of the crowd that ordered in the last year: the fifth with most of the money, and the others."""
    crowd = (world.customers["part"] == "").to_numpy() & (world.customers["kind"] == "company").to_numpy()
    newest = book.orders.shape[1] - 1
    ordering = np.flatnonzero(crowd & (window_net(book, newest) > 0))
    ordered = ordering[np.argsort(-window_net(book, newest)[ordering], kind="stable")]
    large = max(1, len(ordered) // 5)
    return ordered[:large], ordered[large:]


def diary(world: World, book: OrderMonths, cases: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, int | None]:
    """The account managers' diary: visits by habit, more with small companies than with large ones; and whom they all forget.

    The forgotten one is the largest company of the crowd without a ticket in the last year.
    """
    season = world.season
    newest = season.months - 1
    large, small = large_accounts(world, book)
    asked = cases["customer"].to_numpy()[season.place(cases["opened"].to_numpy()) > newest - 12]
    recent = set(asked.tolist())
    quiet = [int(place) for place in (*large, *small) if place not in recent]
    neglected = quiet[0] if quiet and season.months >= 12 else None
    rate = np.zeros(len(world.customers))
    rate[large], rate[small] = 0.09, 0.2
    if neglected is not None:
        rate[neglected] = 0.0
    scripted = [place for part in ("giant", "contract", "defector") for place in world.playing(part)]
    rate[scripted] = 0.4
    visits = _talks(world, rng.poisson(rate[:, None] * np.ones(season.months)), rng).assign(method="visit", kind="return visit")
    usual = np.where(rate > 0, 0.22, 0.0)
    calls = _talks(world, rng.poisson(usual[:, None] * np.ones(season.months)), rng)
    way = rng.choice(4, len(calls), p=[0.5, 0.3, 0.12, 0.08])
    calls["method"] = np.array(["phone", "mail", "letter", "gift"], dtype=object)[way]
    calls["kind"] = np.array(["information", "offer", "greeting", "greeting"], dtype=object)[way]
    frame = pd.concat([visits, calls], ignore_index=True).sort_values(["contacted", "customer", "method"], kind="stable", ignore_index=True)
    count = len(frame)
    offer = (frame["kind"] == "offer").to_numpy() | (rng.random(count) < 0.2)
    inward = (rng.random(count) < 0.18) & frame["method"].isin(["phone", "mail"]).to_numpy()
    made = _contacts(
        frame.assign(
            contact_id=[f"B{number:06d}" for number in range(1, count + 1)],
            direction=np.where(inward, "in", "out"),
            purpose=np.where(offer, "sales", "non-sales"),
            staff=world.customers["account_manager"].to_numpy()[frame["customer"].to_numpy()],
            staff_level=np.where(rng.random(count) < 0.06, "executive", "manager"),
            result=np.array(["reached", "not reached", "accepted", "declined"], dtype=object)[
                rng.choice(4, count, p=[0.7, 0.12, 0.1, 0.08])
            ],
            minutes=np.where(frame["method"] == "visit", rng.integers(20, 120, count), rng.integers(3, 25, count)),
        )
    )
    return made, neglected


def _talks(world: World, counts: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    who, place = np.nonzero(counts)
    times = counts[who, place]
    who, place = np.repeat(who, times), np.repeat(place, times)
    return pd.DataFrame({"customer": who.astype(np.int64), "contacted": world.season.draw(place.astype(np.int64), rng)})


def mailings(
    world: World, book: OrderMonths, codes: list[tuple[str, int]], never: int | None, rng: np.random.Generator
) -> tuple[pd.DataFrame, Ints]:
    """One row per letter of each mailing campaign (code, place of its month), and who opted out of the first but was written to again.

    `never` is on no list.
    """
    season = world.season
    base = np.flatnonzero((book.first < season.months) & (world.customers["part"] == "").to_numpy())
    base = base if never is None else base[base != never]
    opted = np.sort(rng.choice(base, min(3, len(base)), replace=False)) if len(codes) > 1 else base[:0]
    parts = []
    for number, (code, place) in enumerate(codes):
        known = base[(book.first[base] <= place)]
        who = np.union1d(rng.choice(known, min(90, len(known)), replace=False), opted)
        contacted = season.at(place, 11, 9.0) + (np.arange(len(who)) * 7).astype("timedelta64[s]")
        result = np.array(["", "bounced", "answered"], dtype=object)[rng.choice(3, len(who), p=[0.8, 0.05, 0.15])]
        result = np.where(np.isin(who, opted), "opted_out" if number == 0 else "", result)
        replied = contacted + rng.integers(3600, 6 * 86400, len(who)).astype("timedelta64[s]")
        heard = np.isin(result, ["answered", "opted_out"]) & (replied < season.horizon)
        parts.append(
            pd.DataFrame(
                {
                    "contact_id": [f"{code}-{n:03d}" for n in range(1, len(who) + 1)],
                    "customer": who,
                    "contacted": contacted,
                    "answered": np.where(heard, replied, NEVER),
                    "result": np.where(heard | ~np.isin(result, ["answered", "opted_out"]), result, ""),
                    "campaign_id": code,
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"contact_id": [], "customer": []})
    return _contacts(frame.assign(direction="out", method="mail", kind="offer", purpose="sales", staff="marketing")), opted


def _contacts(frame: pd.DataFrame) -> pd.DataFrame:
    """All columns of a contact, empty where the rows tell nothing, in order of time."""
    frame = frame.copy()
    for name in CONTACT_COLUMNS:
        if name not in frame:
            frame[name] = NEVER if name in ("contacted", "answered") else np.nan if name == "minutes" else ""
    return frame.sort_values(["contacted", "contact_id"], kind="stable", ignore_index=True)[list(CONTACT_COLUMNS)]


def quotes(world: World, book: OrderMonths, orders: pd.DataFrame, talks: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Quotes to old customers (won more often after a service contact) and to new ones, who are won far less often.

    quote_id, customer, quoted, cents, result (empty: open), decided, reason, rival_cents, budget_cents (0: not told), group.
    """
    asked = pd.concat([_to_old(world, book, rng), _to_new(world, book, orders, rng)], ignore_index=True)
    asked = asked.sort_values(["quoted", "customer"], kind="stable", ignore_index=True)
    season, count = world.season, len(asked)
    quoted = asked["quoted"].to_numpy()
    served = _served(asked, talks)
    old = asked["old"].to_numpy(dtype=bool)
    chance = np.where(old, np.where(served, 0.66, 0.38), 0.0)
    won = asked["won"].to_numpy(dtype=bool) | (rng.random(count) < chance)
    late = season.place(quoted) >= season.months - PRICE_MONTHS
    group = rng.choice(len(GROUPS), count, p=[0.12, 0.16, 0.14, 0.26, 0.12, 0.06, 0.12, 0.02])
    machine = group == GROUPS.index(PRICE_GROUP)
    outbid = late & machine & old & (rng.random(count) < 0.8)
    won &= ~outbid
    decided = quoted + rng.integers(2 * 86400, 35 * 86400, count).astype("timedelta64[s]")
    decided = np.where(np.isnat(asked["by"].to_numpy()), decided, asked["by"].to_numpy())
    open_yet = (decided >= season.horizon) | (rng.random(count) < 0.05) & ~asked["won"].to_numpy(dtype=bool)
    rival = np.where(won, rng.uniform(0.88, 1.15, count), rng.uniform(0.82, 1.02, count))
    told = (rng.random(count) < 0.45) | outbid
    why_lost = np.array(["price", "delivery time", "assortment", "kept the old supplier"], dtype=object)[
        rng.choice(4, count, p=[0.4, 0.2, 0.2, 0.2])
    ]
    why_won = np.array(["service", "price", "reliability", "assortment"], dtype=object)[rng.choice(4, count, p=[0.35, 0.3, 0.2, 0.15])]
    cents = asked["cents"].to_numpy()
    return pd.DataFrame(
        {
            "quote_id": [f"A{number:05d}" for number in range(1, count + 1)],
            "customer": asked["customer"],
            "quoted": quoted,
            "cents": cents,
            "result": np.where(open_yet, "", np.where(won, "won", "lost")),
            "decided": np.where(open_yet, NEVER, decided),
            "reason": np.where(open_yet, "", np.where(won, why_won, np.where(outbid, "price", why_lost))),
            "rival_cents": np.where(told & ~open_yet, np.rint(cents * np.where(outbid, 0.87, rival)), 0).astype(np.int64),
            "budget_cents": np.where(rng.random(count) < 0.2, np.rint(cents * rng.uniform(1.5, 6, count)), 0).astype(np.int64),
            "group": np.array(GROUPS, dtype=object)[group],
            "old": old,
        }
    )


def _to_old(world: World, book: OrderMonths, rng: np.random.Generator) -> pd.DataFrame:
    """Quotes to companies that have ordered in an earlier month, seven or so a month in a company of six hundred."""
    season = world.season
    companies = (world.customers["kind"] == "company").to_numpy() & (world.customers["region"] != "Overseas").to_numpy()
    active = companies[:, None] & (np.arange(season.months)[None, :] > book.first[:, None]) & (book.last_day >= 0)
    gone = (book.ends[None, :] - book.last_day) > 150
    counts = rng.poisson(0.1, active.shape) * (active & ~gone)
    who, place = np.nonzero(counts)
    level = world.customers["level"].to_numpy()[who]
    return pd.DataFrame(
        {
            "customer": who.astype(np.int64),
            "quoted": season.draw(place.astype(np.int64), rng),
            "cents": np.rint(np.exp(level + rng.normal(1.0, 0.5, len(who)))).astype(np.int64) * 100,
            "old": True,
            "won": False,
            "by": np.full(len(who), NEVER),
        }
    )


def _to_new(world: World, book: OrderMonths, orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Quotes to people who had not ordered: those won order on the day of the decision, the others never do."""
    season = world.season
    crowd = (world.customers["part"] == "").to_numpy()
    known = orders[(orders["customer"] >= 0) & (orders["state"] != "X")].drop_duplicates("customer").set_index("customer")
    came = np.flatnonzero(crowd & (book.first > 0) & (book.first < season.months) & np.isin(np.arange(len(crowd)), known.index))
    came = came[rng.random(len(came)) < 0.16]
    first = known.loc[came, "ordered"].to_numpy()
    before = rng.integers(3 * 86400, 25 * 86400, len(came)).astype("timedelta64[s]")
    never = np.flatnonzero(crowd & (book.first >= season.months))
    lost = rng.choice(never, round(3.6 * len(came))) if len(never) else never
    place = rng.integers(0, season.months, len(lost)).astype(np.int64)
    won = pd.DataFrame({"customer": came, "quoted": first - before, "cents": known.loc[came, "cents"].to_numpy(), "won": True, "by": first})
    cents = np.rint(np.exp(rng.normal(7.2, 0.7, len(lost)))).astype(np.int64) * 100
    gone = pd.DataFrame(
        {"customer": lost, "quoted": season.draw(place, rng), "cents": cents, "won": False, "by": np.full(len(lost), NEVER)}
    )
    made = pd.concat([won, gone], ignore_index=True).assign(old=False)
    inside: Flags = (made["quoted"] >= season.start(0)).to_numpy(dtype=bool)
    return made[inside]


def _served(asked: pd.DataFrame, talks: pd.DataFrame) -> Flags:
    """Whether a non-sales contact lies in the ninety days before each quote."""
    service = talks[talks["purpose"] == "non-sales"].sort_values("contacted", kind="stable")
    pairs = asked[["customer", "quoted"]].assign(place=np.arange(len(asked))).merge(service[["customer", "contacted"]], on="customer")
    close = (pairs["contacted"] < pairs["quoted"]) & (pairs["contacted"] >= pairs["quoted"] - SERVED_DAYS)
    found: Flags = np.isin(np.arange(len(asked)), pairs.loc[close, "place"].to_numpy())
    return found


def moments_of(frame: pd.DataFrame, name: str) -> Moments:
    """A column of moments as local seconds."""
    found: Moments = frame[name].to_numpy().astype("datetime64[s]")
    return found
