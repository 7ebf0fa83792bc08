"""What mails say of the packs as tables: mail.csv and actions.csv, worded when the packs are printed, so that a mail says nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from reports.actions import Action
from reports.glyphs import NAME_LIMIT, clean
from reports.pack_facts import PackFacts
from reports.sections.messages import calm, headline
from reports.sections.plays import PlayWords
from reports.sections.quality import trust_line
from reports.sections.summary import missing_tables
from reports.view import View

MAIL = ("pack", "locale", "about", "news", "calm", "data")
"""Columns of mail.csv."""

ACTIONS = ("pack", "rank", "customer_id", "name", "manager", "reason", "play", "owner", "due", "act_stake")
"""Columns of actions.csv, before the words of each language."""

SPOKEN = ("why", "what", "who", "stake")
"""What actions.csv says in each language (`why.<locale>`, ...): the reason with its number, the play, who does it, the money at stake."""


def mail_table(packs: Iterable[tuple[str, PackFacts]], locales: Sequence[str]) -> pd.DataFrame:
    """What the subject and the mail of each pack say besides its messages: one row per pack and language.

    about   whom the news is about: the tier, or the company
    news    the first message in a few words; where nothing is news, words that say so
    calm    where there is no message: why not
    data    how many rows were accepted, and which tables are not supplied
    """
    rows = [_row(View(facts, locale), pack) for pack, facts in packs for locale in locales]
    return pd.DataFrame(rows, columns=list(MAIL))


def actions_table(packs: Iterable[tuple[str, PackFacts]], locales: Sequence[str]) -> pd.DataFrame:
    """The customers to act on of each pack: one row per pack and customer on its list, most money at stake first.

    `manager` is the account manager who is to act, empty where a team of the policy is; `reason`, `play` and `owner` are ids or
    names as in customers.csv. A pack without a list has no row.
    """
    rows: list[Mapping[str, object]] = []
    for pack, facts in packs:
        views = [View(facts, locale) for locale in locales]
        rows += [_action(pack, one, facts, views) for one in facts.actions.listed]
    return pd.DataFrame(rows, columns=[*ACTIONS, *(f"{kind}.{locale}" for kind in SPOKEN for locale in locales)])


def _row(view: View, pack: str) -> dict[str, str]:
    own = clean(view.material.company, NAME_LIMIT) if view.tier is None else view.scope_name
    quiet = calm(view)
    about, news, says = "", quiet.short, quiet.sentence
    if view.facts.messages:
        (about, news), says = headline(view, view.facts.messages[0]), ""
    data = view.words.join([trust_line(view), missing_tables(view)])
    return {"pack": pack, "locale": view.locale, "about": about or own, "news": news, "calm": says, "data": data}


def _action(pack: str, action: Action, facts: PackFacts, views: Sequence[View]) -> dict[str, object]:
    row: dict[str, object] = {
        "pack": pack,
        "rank": action.rank,
        "customer_id": action.customer_id,
        "name": facts.names.get(action.customer_id, _named(action)),
        "manager": "" if action.by_team else action.owner,
        "reason": action.reason,
        "play": action.play,
        "owner": action.owner,
        "due": action.due.isoformat(),
        "act_stake": action.row["act_stake"],
    }
    for view in views:
        plays = PlayWords(view.words, view.formats, view.material.review.policy)
        row |= {
            f"why.{view.locale}": plays.reason(action),
            f"what.{view.locale}": plays.play(action),
            f"who.{view.locale}": plays.owner(action),
            f"stake.{view.locale}": str(view.formats.money(action.stake, 0)),
        }
    return row


def _named(action: Action) -> str:
    """The name of one who is on the list of the tier that was left, else the id."""
    name = action.row.get("name")
    return name if isinstance(name, str) and name.strip() else action.customer_id
