"""The messages of the first page in words: what happened, whether it is real, why, and who does what by when."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from reports.blocks import Highlight, Highlights, Tone
from reports.charts.marks import Marks
from reports.charts.usual import usual_chart
from reports.glyphs import NAME_LIMIT, clean
from reports.numerals import Numeral
from reports.sections.because import because
from reports.sections.short import measure_in, short_figure
from reports.sections.signals import BASES, SIGNALS, limit_words
from reports.view import View, amount_of, short_value
from transforms import messages as found
from transforms.figures import Scope, Unit
from transforms.policy.acting import Occasion

NAMES = 3
"""Most customers and most managers that a message names."""

GROUPS: dict[Occasion, Callable[[View, int], str]] = {
    Occasion.LOST: lambda view, n: view.words.plural("{n} customer was lost", "{n} customers were lost", n, n=n),
    Occasion.CONTRACT: lambda view, n: view.words.plural("{n} contract ends soon", "{n} contracts end soon", n, n=n),
    Occasion.COMPLAINT: lambda view, n: view.words.plural(
        "{n} customer has an open complaint", "{n} customers have an open complaint", n, n=n
    ),
    Occasion.COMPLAINT_LATE: lambda view, n: view.words.plural(
        "{n} customer had a complaint settled late", "{n} customers had complaints settled late", n, n=n
    ),
    Occasion.SILENT: lambda view, n: view.words.plural("{n} customer has long been silent", "{n} customers have long been silent", n, n=n),
    Occasion.UNHAPPY_QUIET: lambda view, n: view.words.plural(
        "{n} unhappy customer has not complained", "{n} unhappy customers have not complained", n, n=n
    ),
    Occasion.REFUND: lambda view, n: view.words.plural("{n} customer sent much back", "{n} customers sent much back", n, n=n),
    Occasion.DEMOTED: lambda view, n: view.words.plural("{n} customer fell a grade", "{n} customers fell a grade", n, n=n),
    Occasion.SATISFACTION_FELL: lambda view, n: view.words.plural(
        "{n} customer is less satisfied than before", "{n} customers are less satisfied than before", n, n=n
    ),
    Occasion.UNHAPPY: lambda view, n: view.words.plural("{n} customer is unhappy", "{n} customers are unhappy", n, n=n),
    Occasion.NEW_VALUABLE: lambda view, n: view.words.plural(
        "{n} new customer is of great value", "{n} new customers are of great value", n, n=n
    ),
    Occasion.NEAR_CUT: lambda view, n: view.words.plural(
        "{n} customer may fall a grade next", "{n} customers may fall a grade next", n, n=n
    ),
    Occasion.ONE_ORDER: lambda view, n: view.words.plural(
        "{n} customer is one order short of a better grade", "{n} customers are one order short of a better grade", n, n=n
    ),
}


def messages(view: View) -> Highlights:
    """The pack's messages; where nothing is news, the one that says so."""
    told = [_highlight(view, message) for message in view.facts.messages]
    return Highlights(view._("What matters this month"), tuple(told) or (calm(view),))


def calm(view: View) -> Highlight:
    """What is said where nothing is news."""
    judged = view.facts.comparisons
    if not judged:
        return Highlight(
            view._("No figure can be called unusual yet: that needs twelve months that can be compared."),
            short=view._("Nothing to report yet"),
        )
    return Highlight(
        view._(
            "Nothing is out of the ordinary: {count} figures were held against their usual range, and none lies outside of it by "
            "more than chance.",
            count=view.formats.count(judged),
        ),
        short=view._("Nothing stands out"),
    )


def headline(view: View, message: found.Message) -> tuple[str, str]:
    """Whom a message is about, and what happened, in a few words each; of the pack's own scope the first is empty."""
    if message.occasion is not None:
        return "", GROUPS[message.occasion](view, len(message.customers))
    about = view.tier_names[message.scope_value] if message.scope is Scope.TIER and view.tier is None else ""
    return about, short_figure(view, message, view.title(message.indicator))


def _highlight(view: View, message: found.Message) -> Highlight:
    if message.kind is found.MessageKind.CUSTOMER:
        return _customers(view, message)
    return Highlight(
        sentence=_sentence(view, message),
        because=because(view, message),
        action=_action(view, message),
        art=_chart(view, message),
        tone=Tone.BAD if message.is_bad else Tone.GOOD,
        figure_id=message.figure_id,
        short=short_figure(view, message, measure_in(view, message)),
    )


def _sentence(view: View, message: found.Message) -> str:
    """What happened and whether it is real."""
    unit = view.unit(message.indicator)
    shown = {name: _figure(view, getattr(message, name), unit) for name in ("value", "expected", "target")}
    shown["value"] = _of_figure(view, message, unit, shown["value"])
    shown["low"], shown["high"] = limit_words(view, message.low, message.high, unit)
    said = {"measure": measure_in(view, message), **shown}
    if message.kind is found.MessageKind.TARGET:
        return view._("{measure}: {value} against a target of {target}, more than chance explains.", **said)
    how = view._(SIGNALS[message.signal], **shown) if message.signal else view._("moved away from the usual {expected}", **shown)
    if message.target is None:
        return view._("{measure}: {value}, {how}.", how=how, **said)
    return view._("{measure}: {value}, {how}; target {target}.", how=how, **said)


def _of_figure(view: View, message: found.Message, unit: Unit, text: str) -> str:
    """The message's own number, known as the figure that it is."""
    if unit is Unit.MONEY:
        return short_value(view, message.value, unit, message.figure_id)
    return text.of(message.figure_id, "value") if isinstance(text, Numeral) else text


def _figure(view: View, value: float | None, unit: Unit) -> str:
    return view.formats.axis(value, unit) if unit is Unit.MONEY else view.formats.figure(value, unit)


def _chart(view: View, message: found.Message) -> Markup:
    unit = view.unit(message.indicator)
    values = view.series_of(message.scope, message.scope_value, message.indicator)
    months = view.trend_months
    base = view._(BASES[message.against]) if message.against else ""
    return usual_chart(
        f"{_sentence(view, message)} {base}",
        (view.formats.month_short(months[0]), view.formats.month_short(months[-1])),
        values,
        Marks(message.low, message.high, message.target, message.is_bad),
        lambda value: view.formats.axis(value, unit),
        (view._("band: usual range"), view._("target")),
    )


def _customers(view: View, message: found.Message) -> Highlight:
    assert message.occasion is not None
    group = GROUPS[message.occasion](view, len(message.customers))
    sentence = view._("{group}: {money} a year at stake.", group=group, money=view.formats.money_short(amount_of(message.stake)))
    return Highlight(sentence, _names(view, message.customers), _action(view, message), tone=Tone.BAD, short=group)


def _names(view: View, ids: tuple[str, ...]) -> str:
    """The first by name, the others as a count."""
    return _some_of(view, [view.name_of(key) for key in ids if key in view.facts.names], len(ids))


def _some_of(view: View, names: Sequence[str], total: int) -> str:
    """The first `NAMES` names, and how many of the total are not named."""
    first = names[:NAMES]
    if len(first) == total:
        return view.words.list_of(first)
    return view._("{names} and {n} more", names=view.words.apart(first), n=view.formats.count(total - len(first)))


def _action(view: View, message: found.Message) -> str:
    """Who does what by when."""
    if not message.play:
        return ""
    acting = view.material.review.policy.acting
    owners = [clean(acting.team_name(one, view.locale), NAME_LIMIT) for one in message.owners]
    who, play = _some_of(view, owners, len(owners)), clean(acting.play_words(message.play, view.locale), 120)
    return view._("{team}: {play}, by {day}.", team=who, play=play, day=view.formats.day(message.due))
