"""Customers to act on: ten cards, the others by reason, who is only counted, and what became of last month's list."""

from __future__ import annotations

from reports.actions import Action, ActionList
from reports.blocks import ActionCard, ActionCards, Block, Cell, Column, Paragraph, Section, Table
from reports.charts import spark
from reports.formats import finite
from reports.sections.plays import PlayWords
from reports.view import View
from transforms.actions.aftermath import GOOD

CARDS = 10
GROUPS = 4
TOGETHER = 3
"""From so many customers on a group is told of, though all of them have cards."""
ROWS = 12
"""Lines of the table, those that name a group among them: what the page holds beside the cards. All are in the evidence."""


def acting(view: View) -> Section:
    """The page that is acted on; a list that is empty says so in a sentence."""
    found = view.facts.actions
    title = view._("Customers to act on")
    plays = PlayWords(view.words, view.formats, view.material.review.policy)
    blocks: list[Block] = [Paragraph(_lead(view, found), "lead")]
    if found.listed:
        blocks.append(ActionCards(tuple(_card(view, plays, one) for one in found.listed[:CARDS])))
    if len(found.listed) > CARDS:
        blocks.append(_table(view, plays, found))
    said = [_counted(view, plays, found), _since(view, plays, found)]
    blocks += [Paragraph(text, "note") for text in said if text]
    return Section("act", title, tuple(blocks))


def _lead(view: View, found: ActionList) -> str:
    if not found.listed:
        return view._("No customer gives a reason to act this month.")
    return view.words.plural(
        "{count} customer to act on; {money} of net revenue is at stake.",
        "{count} customers to act on; together {money} of net revenue is at stake.",
        len(found.listed),
        count=view.formats.count(len(found.listed)),
        money=view.formats.money(found.stake, 0),
    )


def _card(view: View, plays: PlayWords, action: Action) -> ActionCard:
    name, key = view.customer(action.row)
    return ActionCard(
        name=view.short_name(action.row, 128),
        key=_apart(view, "" if name == key else key, _grade(view, action)),
        money=_money(view, action),
        art=_course(view, action, 64, 15),
        why=plays.reason(action),
        also=plays.also(action),
        what=plays.play(action),
        who=view._("{owner}, by {day}", owner=plays.owner(action), day=plays.due(action)),
        facts=view.words.apart(
            part for part in (_contract(view, plays, action), _tickets(view, action), _last(view, plays, action)) if part
        ),
    )


def _table(view: View, plays: PlayWords, found: ActionList) -> Table:
    """Those beyond the cards, by reason: each group under a sentence on all of its customers, those on cards included, and the play."""
    beyond = {one.customer_id for one in found.listed[CARDS:]}
    groups = [(group, [one for one in group.actions if one.customer_id in beyond]) for group in found.groups]
    groups = [(group, own) for group, own in groups if own or len(group.actions) >= TOGETHER][:GROUPS]
    rows: list[tuple[Cell, ...]] = []
    shown = _shares([len(own) for _, own in groups], ROWS)
    for (group, own), count in zip(groups, shown, strict=True):
        rows.append((Cell(view._("{group}. {play}.", group=plays.group(group), play=plays.play(group.actions[0]))),))
        rows += [_row(view, plays, one) for one in own[:count]]
    heads = (
        Column(view._("Customer"), width="20"),
        Column(view._("12-month net"), numeric=True, width="9"),
        Column(view._("Course"), width="7"),
        Column(view._("Why"), width="18"),
        Column(view._("Contract to"), width="9"),
        Column(view._("Tickets"), numeric=True, width="6"),
        Column(view._("Who"), width="10"),
        Column(view._("By"), width="9"),
        Column(view._("Last month"), width="12"),
    )
    left = len(beyond) - sum(shown)
    more = view._("{count} more are on the list in the attached file customers.csv (act_rank).", count=view.formats.count(left))
    return Table(view._("The others on the list, by reason"), heads, tuple(rows), more if left else "", compact=True, inline=True)


def _shares(sizes: list[int], lines: int) -> list[int]:
    """How many rows each group is shown with, one more in turn while there are lines, the first groups first."""
    shown = [min(1, size) for size in sizes]
    room = lines - 2 * len(sizes)
    while room > 0 and any(count < size for count, size in zip(shown, sizes, strict=True)):
        for place, size in enumerate(sizes):
            if room > 0 and shown[place] < size:
                shown[place], room = shown[place] + 1, room - 1
    return shown


def _row(view: View, plays: PlayWords, action: Action) -> tuple[Cell, ...]:
    name, key = view.customer(action.row)
    tickets = finite(action.row.get("tickets_open"))
    return (
        Cell(view.short_name(action.row, 66), _apart(view, "" if name == key else key, _grade(view, action))),
        Cell(view.formats.money(action.net, 0)),
        Cell("", art=_course(view, action, 32, 9)),
        Cell(plays.reason(action)),
        Cell(plays.day(action.row.get("contract_end"))),
        Cell(view.formats.count(tickets) if tickets else ""),
        Cell(plays.owner(action)),
        Cell(plays.due(action)),
        Cell(plays.result(action.result)),
    )


def _apart(view: View, *parts: str) -> str:
    return view.words.apart(part for part in parts if part)


def _grade(view: View, action: Action) -> str:
    """The grade, where it says something: in the company's pack, and of who has left the pack's tier."""
    before, after = (view.grade_name(action.row.get(name)) for name in ("previous_grade", "grade"))
    if action.row.get("act_tier") != action.row.get("tier"):
        return view._("{before} → {after}", before=before, after=after)
    return after if view.tier is None else ""


def _money(view: View, action: Action) -> str:
    net = view._("12-month net {money}", money=view.formats.money(action.net, 0))
    if action.stake == action.net:
        return net
    return view.words.apart([net, view._("{money} before", money=view.formats.money(action.stake, 0))])


def _course(view: View, action: Action, width: float, height: float) -> str:
    if not action.months:
        return ""
    name, _ = view.customer(action.row)
    first, last = (view.formats.money(value, 0) for value in (action.months[0], action.months[-1]))
    title = view._("{name}: net of twelve months, from {first} to {last}", name=name, first=first, last=last)
    return spark(title, action.months, width, height)


def _contract(view: View, plays: PlayWords, action: Action) -> str:
    day = plays.day(action.row.get("contract_end"))
    return view._("contract to {day}", day=day) if day and action.reason != "contract" else ""


def _tickets(view: View, action: Action) -> str:
    count = finite(action.row.get("tickets_open"))
    return view.words.plural("{count} ticket open", "{count} tickets open", int(count), count=view.formats.count(count)) if count else ""


def _last(view: View, plays: PlayWords, action: Action) -> str:
    if action.result is None or action.before is None:
        return ""
    if action.before == action.reason:
        return view._("last month’s play: {result}", result=plays.result(action.result))
    return view._("last month: {reason}; since then: {result}", reason=plays.title(action.before), result=plays.result(action.result))


def _counted(view: View, plays: PlayWords, found: ActionList) -> str:
    if not found.rest:
        return ""
    parts = [view._("{reason} {count}", reason=plays.title(one.reason), count=view.formats.count(one.customers)) for one in found.rest]
    rule = view.material.review.policy.acting
    return view._(
        "Counted and not listed, as one owner has {most} at most: {reasons}; together {money} at stake.",
        most=view.formats.count(rule.per_owner),
        reasons=view.words.list_of(parts),
        money=view.formats.money(sum(one.stake for one in found.rest), 0),
    )


def _since(view: View, plays: PlayWords, found: ActionList) -> str:
    """What became of last month's list, as the data show it: no proof that a play was the cause."""
    total = sum(count for _, count in found.results)
    if not total:
        return view._("There is no list of last month to look back at.") if view.facts.previous.empty else ""
    parts = [view._("{result} {count}", result=plays.result(result), count=view.formats.count(count)) for result, count in found.results]
    good = sum(count for result, count in found.results if result in GOOD)
    return view.words.plural(
        "Of {total} customer on last month’s list {good} is where the play wanted it: {results}. Seen, and no proof of a cause.",
        "Of {total} customers on last month’s list {good} are where the play wanted them: {results}. Seen, and no proof of a cause.",
        total,
        total=view.formats.count(total),
        good=view.formats.count(good),
        results=view.words.list_of(parts),
    )
