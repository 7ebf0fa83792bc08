"""Satisfaction: how content those are who answered, how sure that is, and how it moves."""

from __future__ import annotations

from reports.blocks import Block, Chart, Paragraph, Section, Side
from reports.charts import parts, whiskers
from reports.pack_facts import Number
from reports.sections.common import measures, of_section, section_without_source
from reports.sections.trends import trend_chart
from reports.view import View

FIRST = ("csat_mean", "csat_top2_share", "nps", "ces", "satisfaction_index", "servqual_gap")


def satisfaction(view: View) -> Section:
    """For the workbook: every survey measure; one sentence where there is no survey table."""
    title = view._("Satisfaction")
    if not view.has("surveys"):
        return section_without_source(view, "satisfaction", title, view._("surveys"))
    present = [name for name in of_section(view, "satisfaction", FIRST) if view.own(name).has_source]
    blocks: list[Block] = [Paragraph(satisfaction_lead(view), "lead")]
    blocks.append(measures(view, view._("Survey measures of the month"), present))
    blocks.append(Side((trend_chart(view, "csat_mean"),), (trend_chart(view, "nps"),)))
    second = [chart for chart in (_intervals(view), _nps_parts(view)) if chart]
    if second and view.tier is None:  # a tier's interval stands in its table, beside the company's mean
        blocks.append(Side(tuple(second[:1]), tuple(second[1:])))
    blocks.append(survey_note(view))
    return Section("satisfaction", title, tuple(blocks))


def survey_note(view: View) -> Paragraph:
    """From how many answers a figure is printed, and what its interval covers."""
    return Paragraph(
        view._(
            "Survey figures below {min_n} answers are withheld; below {flag_n} they are marked “few”. "
            "Intervals cover sampling error at 95%, not who chose to answer.",
            min_n=view.material.min_n,
            flag_n=view.material.flag_n,
        ),
        "note",
    )


def satisfaction_lead(view: View) -> str:
    """The mean and the promoter score in a sentence each, or why there is none."""
    csat, nps = view.own("csat_mean"), view.own("nps")
    found: list[str] = []
    if csat.value is not None:
        found.append(
            view._(
                "Mean satisfaction was {value} from {n} answers.",
                value=view.value(csat),
                n=view.formats.count(csat.n),
            )
        )
    elif csat.has_source:
        found.append(view._("Mean satisfaction: {reason}.", reason=view.value(csat)))
    if nps.value is not None:
        found.append(
            view.words.plural(
                "The net promoter score was {value}, from {n} customer.",
                "The net promoter score was {value}, from {n} customers.",
                nps.n or 0,
                value=view.value(nps),
                n=view.formats.count(nps.n),
            )
        )
    elif nps.has_source:
        found.append(view._("Net promoter score: {reason}.", reason=view.value(nps)))
    return view.words.join(found) or view._("No answers in {month}.", month=view.formats.month(view.month))


def _intervals(view: View) -> Chart | None:
    """Mean satisfaction with its interval: the tiers and the company, or this tier and the company."""
    rows: list[tuple[str, Number]] = [(view.scope_name, view.own("csat_mean"))]
    if view.tier is None:
        rows += [(name, view.of_tier(tier, "csat_mean")) for tier, name in view.tier_names.items()]
    else:
        rows.append((view._("Company"), view.company("csat_mean")))
    measured = [(name, number) for name, number in rows if number.value is not None]
    if not measured:
        return None
    title = view._("Mean satisfaction with 95% interval")
    best = max(measured, key=lambda row: (row[1].value or 0, row[0]))
    worst = min(measured, key=lambda row: (row[1].value or 0, row[0]))
    if len(measured) > 1 and best[0] != worst[0]:
        sentence = view._(
            "From {low} ({worst}) to {high} ({best}); where intervals overlap, a difference may be chance.",
            low=view.value(worst[1]),
            worst=worst[0],
            high=view.value(best[1]),
            best=best[0],
        )
    else:
        sentence = view._("{name}: {value}, interval {interval}.", name=best[0], value=view.value(best[1]), interval=view.interval(best[1]))
    words = [view.value(number) if number.value is None else f"{view.value(number)}  {view.basis(number)}" for _, number in rows]
    art = whiskers(
        f"{title}. {sentence}",
        [(name, number.value, number.lower, number.upper, word) for (name, number), word in zip(rows, words, strict=True)],
    )
    return Chart(title, art, sentence)


def _nps_parts(view: View) -> Chart | None:
    """Detractors, passives and promoters by each customer's latest answer."""
    scores = view.known_column("nps_score").dropna()
    total = len(scores)
    if total < view.material.min_n:
        return None
    counts = (int((scores <= 6).sum()), int(((scores > 6) & (scores < 9)).sum()), int((scores >= 9).sum()))
    names = (view._("Detractors 0–6"), view._("Passives 7–8"), view._("Promoters 9–10"))
    title = view._("Would they recommend us?")
    sentence = view._(
        "By their latest answer within twelve months, {promoters} of {total} customers would recommend the company "
        "and {detractors} would not.",
        promoters=view.formats.count(counts[2]),
        detractors=view.formats.count(counts[0]),
        total=view.formats.count(total),
    )
    pieces = [(name, float(count), view.formats.share(count / total, 0)) for name, count in zip(names, counts, strict=True)]
    return Chart(title, parts(f"{title} {sentence}", pieces), sentence)
