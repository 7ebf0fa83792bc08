"""A message about a figure in a few words: what a mail's subject has room for, and what stands in bold above the message."""

from __future__ import annotations

from reports.i18n import N_
from reports.view import View
from transforms.figures import Better, Scope
from transforms.messages import Message, MessageKind
from transforms.statistics.judging import Signal

MANY_TIMES = 1.75
"""From this share of its target on, a figure that should be low is told as so many times the target."""

TWICE = (1.95, 2.05)
"""What prints as 2.0 times."""

SHORT_SIGNALS = {
    Signal.NONE: N_("{measure} away from its usual level ({value})"),
    Signal.ABOVE: N_("{measure} unusually high ({value})"),
    Signal.BELOW: N_("{measure} unusually low ({value})"),
    Signal.RUN_ABOVE: N_("{measure} high for eight months ({value})"),
    Signal.RUN_BELOW: N_("{measure} low for eight months ({value})"),
    Signal.NEAR_ABOVE: N_("{measure} high in three of four months ({value})"),
    Signal.NEAR_BELOW: N_("{measure} low in three of four months ({value})"),
}


def measure_in(view: View, message: Message) -> str:
    """The figure's title, in the company's pack with the tier that it is of."""
    title = view.title(message.indicator)
    if message.scope is Scope.TIER and view.tier is None:
        return view._("{tier}, {measure}", tier=view.tier_names[message.scope_value], measure=title)
    return title


def short_figure(view: View, message: Message, measure: str) -> str:
    """What happened to a figure, under the name that the caller gives it."""
    unit = view.unit(message.indicator)
    value = view.formats.axis(message.value, unit)
    times = _times(view, message)
    if times is not None and TWICE[0] <= times < TWICE[1]:
        return view._("{measure} at twice the target", measure=measure)
    if times is not None:
        return view._("{measure} at {times} times the target", measure=measure, times=view.formats.number(times, 1))
    if message.kind is MessageKind.TARGET:
        return view._("{measure} {value}, target {target}", measure=measure, value=value, target=view.formats.axis(message.target, unit))
    return view._(SHORT_SIGNALS[message.signal], measure=measure, value=value)


def _times(view: View, message: Message) -> float | None:
    """How many times its target a figure is, where it should be lower and is far above; None where that says nothing."""
    known = view.catalogue.get(message.indicator)
    if known is None or known.better is not Better.LOWER or message.value is None or not message.target or message.target < 0:
        return None
    times = message.value / message.target
    return times if times >= MANY_TIMES else None
