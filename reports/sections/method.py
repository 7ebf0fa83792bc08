"""Method: the rules in force, what every number means, and the ids by which it is found."""

from __future__ import annotations

from reports.blocks import Block, Cell, Column, Paragraph, Section, Table, Terms
from reports.glyphs import clean
from reports.sections.lifetime import model_lines
from reports.view import View
from transforms.figures import Indicator, Label

LONG_SECTIONS = ("lifetime", "classes")
"""Sections with so many figures that those without a value are not listed."""
"""Figures of groups are no scope of their own here; those of the scope are defined where they have a value."""


def method(view: View) -> Section:
    """How this pack was made, so that each number can be checked."""
    return Section("method", view._("Method and definitions"), (*_provenance(view), *rules_in_force(view), _definitions(view)))


def reference_method(view: View) -> Section:
    """How the month was made and what its figures mean, without their values: the same for every reader."""
    heads = (Column(view._("Measure"), width="28"), Column(view._("Definition"), width="72"))
    rows: list[tuple[Cell, ...]] = []
    before = ""
    for name, indicator in _alike_together(view):
        own = view.own(name)
        if own.has_source:
            rows.append((Cell(view.title(name)), _definition(view, indicator, own.label, before)))
            before = indicator.formula
    note = view._("Measured, where nothing else is said. The values stand in the packs and their workbooks.")
    told = Table(view._("Every figure of the packs"), heads, tuple(rows), note=note, compact=True, inline=True)
    return Section("method", view._("Method and definitions"), (*_provenance(view), told))


def rules_in_force(view: View) -> tuple[Terms, Terms]:
    """How grades are given, and what stands behind a number."""
    return _rules(view), _labels(view)


def _provenance(view: View) -> list[Block]:
    """Where the figures come from, and the models behind estimates."""
    lead = view._("Everything below can be recomputed: the same data, policy and program give the same pack, byte for byte.")
    models = model_lines(view)
    blocks: list[Block] = [Paragraph(lead, "lead"), _origin(view)]
    return blocks if models is None else [*blocks, models]


def _rules(view: View) -> Terms:
    policy = view.material.review.policy
    share = view.formats.share
    weights = view._(
        "{history} purchase history, {frequency} frequency, {amount} order amount; each as a percentile rank (0–100) "
        "against the frozen reference distribution.",
        history=share(policy.weights.history, 0),
        frequency=share(policy.weights.frequency, 0),
        amount=share(policy.weights.amount, 0),
    )
    number = view.formats.number
    cuts = view.words.list_of(
        view._("{grade} from {cut}", grade=clean(grade.grade, 20), cut=number(grade.cut, 0)) for grade in policy.grades
    )
    hold = _hold(view)
    unrated = view.words.plural(
        "First order less than {n} month ago.", "First order less than {n} months ago.", policy.unrated_months, n=policy.unrated_months
    )
    lost = view._(
        "No order for {days}, or for {times} times the customer’s own median interval if that is longer.",
        days=view.formats.days(policy.lost_days),
        times=number(policy.lost_intervals, 0),
    )
    loyalty = view._(
        "{behaviour} behaviour, {satisfaction} satisfaction, {recommendation} recommendation; parts that are unknown are left out, "
        "and below {minimum} of known weight there is no index.",
        behaviour=share(policy.loyalty.behaviour, 0),
        satisfaction=share(policy.loyalty.satisfaction, 0),
        recommendation=share(policy.loyalty.recommendation, 0),
        minimum=share(policy.loyalty.minimum_share, 0),
    )
    small = view._(
        "Survey figures need {min_n} answers; below {flag_n} they are marked “few”.", min_n=view.material.min_n, flag_n=view.material.flag_n
    )
    rows = (
        (view._("Grade score"), weights),
        (view._("Grades"), cuts),
        (view._("Hold rule"), hold),
        (view._("Unrated"), unrated),
        (view._("Lost"), lost),
        (view._("Loyalty index"), loyalty),
        (view._("Small samples"), small),
    )
    return Terms(rows, view._("Rules in force"))


def _hold(view: View) -> str:
    """The hold rule in one sentence, or one for each boundary where they differ."""
    policy, number = view.material.review.policy, view.formats.number
    rules = list(zip(policy.grades[:-1], policy.bands, policy.patience, strict=False))
    if len({(band, months) for _, band, months in rules}) == 1:
        return view._(
            "Up only at {band} points above a pass mark; down only {band} points below it, or after {months} months in a row below it.",
            band=number(rules[0][1], 0),
            months=rules[0][2],
        )
    return view.words.join(
        view._(
            "{grade}: up only at {band} points above its pass mark; down only {band} points below it, "
            "or after {months} months in a row below it.",
            grade=clean(grade.grade, 20),
            band=number(band, 1),
            months=months,
        )
        for grade, band, months in rules
    )


def _origin(view: View) -> Terms:
    material, policy = view.material, view.material.review.policy
    start, end = material.month.bounds(material.timezone)
    reference = (
        view._("frozen at {month} over {n} customers", month=policy.reference.month, n=view.formats.count(policy.reference.customers))
        if policy.reference
        else view._("not frozen")
    )
    rows = (
        (
            view._("Month"),
            view._(
                "{month}, from {start} to before {end}, by the calendar of {zone}.",
                month=view.formats.month(material.month),
                start=view.formats.instant(start),
                end=view.formats.instant(end),
                zone=clean(material.timezone, 40),
            ),
        ),
        (view._("Data as known at"), view.formats.instant(material.known_at)),
        (view._("Revision"), f"r{material.revision}"),
        (
            view._("Policy"),
            view._(
                "{version} by {author}, in force from {month}; reference {reference}.",
                version=clean(policy.version, 60),
                author=clean(policy.author, 60),
                month=str(policy.effective_from),
                reference=reference,
            ),
        ),
        (view._("Policy digest"), policy.digest[:16]),
        (view._("Program"), clean(material.code_version, 60)),
        (view._("Currency"), clean(material.currency, 8)),
    )
    return Terms(rows, view._("Where this pack comes from"))


def _labels(view: View) -> Terms:
    rows = (
        (view._("measured"), view._("counted or computed from the company’s own records")),
        (view._("estimate"), view._("computed by a model, with its method named")),
        (view._("assumption"), view._("set by someone, not measured")),
        (view._("external"), view._("taken from outside the company")),
        (view._("manual"), view._("entered by hand")),
    )
    return Terms(rows, view._("What stands behind a number"))


def _definitions(view: View) -> Table:
    heads = [Column(view._("Measure"), width="25"), Column(view._("Definition"), width="52")]
    heads.append(Column(view.scope_name, numeric=True, width="15"))
    heads.append(Column(view._("Figure id"), numeric=True, width="8"))
    rows: list[tuple[Cell, ...]] = []
    before = ""
    for name, indicator in _alike_together(view):
        own = view.own(name)
        if not own.has_source or not view.holds(name) or (indicator.section in LONG_SECTIONS and own.value is None):
            continue
        row = [Cell(view.title(name)), _definition(view, indicator, own.label, before)]
        before = indicator.formula
        row.append(Cell(view.value(own), muted=own.value is None))
        rows.append((*row, Cell(own.figure_id, muted=True)))
    note = view._("Measured, where nothing else is said. By its figure id, a figure is found in the attached file figures.csv.")
    return Table(view._("Every figure of this pack"), tuple(heads), tuple(rows), note=note, compact=True, inline=True)


def _alike_together(view: View) -> list[tuple[str, Indicator]]:
    """The catalogue in its order, but figures of one definition stand together where the first of them stands."""
    first: dict[str, int] = {}
    listed = list(view.catalogue.items())
    for place, (_, indicator) in enumerate(listed):
        first.setdefault(indicator.formula, place)
    return sorted(listed, key=lambda one: first[one[1].formula])


def _definition(view: View, indicator: Indicator, label: str, before: str) -> Cell:
    """The definition with the time that it covers; the label where the figure is not measured."""
    if indicator.formula == before:
        return Cell(view._("as in the line above"), muted=True)
    labels = {
        Label.ESTIMATE: view._("estimate"),
        Label.ASSUMPTION: view._("assumption"),
        Label.EXTERNAL: view._("external"),
        Label.MANUAL: view._("manual"),
    }
    told = [view._(indicator.window), *(word for known, word in labels.items() if known == label)]
    return Cell(view._(indicator.formula), view.words.apart(told))
