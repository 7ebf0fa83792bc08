"""What a mail says, once for its text and its HTML: what matters, whom to act on, what the data lack, and what is attached."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports.formats import NO_CURRENCY, formats
from reports.i18n import words
from reports.mail.accounts import Accounts, accounts
from reports.mail.headers import flat
from reports.mail.letter import Letter, LetterPack, MailedAccount, Told
from reports.mail.subject import subject_of

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
NAME = 80
"""The most letters of a customer's name."""
MESSAGES = 5
HEADLINES = 5
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?!-)")


@dataclass(frozen=True)
class PackPart:
    """What is said of one pack."""

    title: str
    messages: Sequence[Told]
    calm: str
    headlines: Sequence[tuple[str, str]]
    data: str


@dataclass(frozen=True)
class Listed:
    """One customer to act on, in words; `due` says by when, with who is to act where that is not the reader.

    `line` says in one line what `name`, `stake` and `why` say.
    """

    name: str
    stake: str
    why: str
    line: str
    what: str
    due: str


@dataclass(frozen=True)
class Body:
    """A mail's words in their order; every text is one line without controls, and is escaped where it is laid out."""

    lang: str
    subject: str
    greeting: str
    notices: Sequence[str]
    opening: str
    parts: Sequence[PackPart]
    list_title: str
    list_heads: tuple[str, str, str]
    listed: Sequence[Listed]
    more: str
    data: str
    files: Sequence[str]
    closing: Sequence[str]


def body_of(letter: Letter) -> Body:
    """The words of a mail, in the reader's language."""
    said = words(letter.locale)
    month = formats(letter.locale, NO_CURRENCY).month(letter.month)
    name = flat(letter.name)
    packs = sorted(letter.packs, key=lambda one: one.words.order)
    alike = len({pack.words.data for pack in packs}) == 1
    chosen = accounts((pack.words for pack in packs), letter.manages)
    return Body(
        lang=said.lang,
        subject=subject_of(letter),
        greeting=said._("Dear {name},", name=name) if name else said._("Dear colleague,"),
        notices=_notices(letter, month),
        opening=said._("this is what matters in the customer review of {month}.", month=month),
        parts=[_part(pack, alike) for pack in packs],
        list_title=_list_title(letter, chosen),
        list_heads=(said._("Customer, at stake"), said._("Why"), said._("What to do")),
        listed=[_listed(letter, one, chosen.own) for one in chosen.rows],
        more=_more(letter, chosen),
        data=flat(packs[0].words.data) if alike else "",
        files=_files(letter),
        closing=_closing(letter),
    )


def text_of(body: Body) -> str:
    """The mail as plain text."""
    lines = [body.greeting, "", *_apart(body.notices), body.opening, ""]
    for part in body.parts:
        lines += [part.title, "-" * 40]
        for number, told in enumerate(part.messages, 1):
            lines += [f"{number}. {told.short}", *(f"   {text}" for text in (told.sentence, told.because, told.action) if text)]
        lines += [part.calm] * bool(part.calm)
        lines += [f"- {title}: {value}" for title, value in part.headlines]
        lines += ["", part.data] if part.data else []
        lines += [""]
    if body.listed:
        lines += [body.list_title, "-" * 40]
        for one in body.listed:
            lines += [f"- {one.line}", f"  {one.what}", f"  {one.due}"]
        lines += [body.more] * bool(body.more)
        lines += [""]
    lines += [body.data, ""] if body.data else []
    return "\n".join([*lines, *body.files, "", *body.closing]) + "\n"


def html_of(body: Body) -> str:
    """The mail as HTML that needs nothing from outside: tables and inline styles, no colours of its own but for lines."""
    return _templates().get_template("mail.html.j2").render(body=body)


def _apart(notices: Sequence[str]) -> list[str]:
    return [line for notice in notices for line in (notice, "")]


def _notices(letter: Letter, month: str) -> list[str]:
    """What must be known of the mail itself before anything in it is read."""
    said = words(letter.locale)
    found = [said._("This is a test. It has gone to you alone; no reader has got this pack by it.")] * letter.test
    if letter.restated:
        found.append(said._("This restates {month}: it takes the place of what was sent before.", month=month))
        found.append(said._("Why: {reason}", reason=flat(letter.restated)))
    if letter.part[1] > 1:
        part, parts = letter.part
        found.append(said._("This is mail {part} of {parts}: your packs are too large for one.", part=part, parts=parts))
    return found


def _part(pack: LetterPack, alike: bool) -> PackPart:
    """What is said of a pack: its messages; where none were published with it, its headline figures.

    How complete the data are is said once at the end where it is `alike` for all packs.
    """
    told = pack.words
    return PackPart(
        title=flat(told.title),
        messages=[_message(one) for one in list(told.messages)[:MESSAGES]],
        calm="" if told.messages else flat(told.calm),
        headlines=() if told.messages or told.calm else [(flat(title), flat(value)) for title, value in list(told.headlines)[:HEADLINES]],
        data="" if alike else flat(told.data),
    )


def _message(one: Told) -> Told:
    """A message for reading; a sentence that begins with its few words stands in their place."""
    short, sentence = flat(one.short), flat(one.sentence)
    if sentence.startswith(short):
        short, sentence = sentence, ""
    return Told(short, sentence, flat(one.because), flat(one.action))


def _list_title(letter: Letter, chosen: Accounts) -> str:
    said, shown, rows = words(letter.locale), formats(letter.locale, NO_CURRENCY), len(chosen.rows)
    if chosen.own:
        return said.plural("Your account to act on", "Your {n} accounts to act on", chosen.total, n=shown.count(chosen.total))
    if rows == chosen.total:
        return said._("Customers to act on")
    return said._("Customers to act on: the first {n} of {total}", n=shown.count(rows), total=shown.count(chosen.total))


def _more(letter: Letter, chosen: Accounts) -> str:
    """Where those stand whom the mail does not list."""
    left, said = chosen.total - len(chosen.rows), words(letter.locale)
    if not left:
        return ""
    count = formats(letter.locale, NO_CURRENCY).count(left)
    has_book = any(pack.workbook is not None for pack in letter.packs)
    if has_book:
        return said.plural("{n} more stands in the workbook.", "{n} more stand in the workbook.", left, n=count)
    return said.plural("{n} more stands in the pack.", "{n} more stand in the pack.", left, n=count)


def _listed(letter: Letter, one: MailedAccount, own: bool) -> Listed:
    said = words(letter.locale)
    day, stake, why = flat(one.due), flat(one.stake), flat(one.why)
    due = said._("was due by {day}", day=day) if day < letter.today.isoformat() else said._("by {day}", day=day)
    key = flat(one.customer_id)
    name = flat(one.name)[:NAME].strip() or key
    whole = name if name == key else f"{name} · {key}"
    return Listed(
        name=name,
        stake=stake if name == key else f"{key} · {stake}",
        why=why,
        line=said._("{name}, {stake} at stake: {why}", name=whole, stake=stake, why=why),
        what=flat(one.what),
        due=due if own else said._("{who}, {due}", who=flat(one.who), due=due),
    )


def _files(letter: Letter) -> list[str]:
    """What is attached, and what is not, and why."""
    said = words(letter.locale)
    names = [flat(file.name) for file in letter.files]
    found = [said._("Attached: {files}", files=said.written.comma.join(names))] if names else []
    if letter.form == "zip":
        found.append(said._("The pack is large and comes as a ZIP file."))
    if letter.form == "reference":
        for pack in letter.packs:
            size = f"{len(pack.pdf.data) / 1_000_000:.1f}"
            found.append(
                said._("The pack is too large to be mailed ({size} MB). It lies in the archive: {place}", size=size, place=pack.pdf.place)
            )
    found += [
        said._("The workbook is too large to be mailed. It lies in the archive: {place}", place=flat(file.place))
        for file in letter.left_out
    ]
    return found


def _closing(letter: Letter) -> list[str]:
    said, shown = words(letter.locale), formats(letter.locale, NO_CURRENCY)
    sent = said._(
        "Sent on {day}; figures as of {last}, from data as known at {instant}.",
        day=shown.date(letter.today),
        last=shown.date(letter.month.last_day),
        instant=shown.instant(letter.known_at),
    )
    return [sent, flat(letter.company)]


@lru_cache(maxsize=1)
def _templates() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    found = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    found.filters["whole_days"] = _whole_days
    return found


def _whole_days(text: str) -> Markup:
    """A text for HTML in which no line ends within a day such as 2026-11-07."""
    return Markup(_DAY.sub(r'<span style="white-space:nowrap">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped right here
