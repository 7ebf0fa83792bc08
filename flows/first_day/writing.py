"""A configuration as a person would write it: every block with a word on what it is, and what was found and taken for granted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.first_day.found import ProductThere, TableThere
from flows.first_day.presets import fill_in

_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


@dataclass(frozen=True)
class Chosen:
    """All that a configuration is written from: the company, each product with its place, and the answers by product and question."""

    company: Mapping[str, str]
    locales: tuple[str, ...]
    products: tuple[ProductThere, ...]
    places: Mapping[str, str]
    """Source -> its URL as it may be written (`${NAME}` for a password), or a folder."""
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Product -> question -> answer; `timezone` and `<column>.<word>` among them."""


def configuration_text(chosen: Chosen) -> str:
    """The whole `keping.toml`."""
    company = chosen.company
    parts = [
        "# Written by `keping init`. Every key is explained in docs/configuration.md; `keping check` tries all of it.",
        "\n".join(
            [
                "[company]",
                f"name = {value_of(company['name'])}",
                f"timezone = {value_of(company['timezone'])}   # months begin and end here",
                f"currency = {value_of(company['currency'])}   # reporting currency; others need [[tables.fx_rates]]",
                f"locales = {value_of(list(chosen.locales))}",
            ]
        ),
        '[warehouse]\nurl = "sqlite:///var/keping.db"   # or postgresql+psycopg://...',
        '[archive]\npath = "var/archive"',
    ]
    for source, place in chosen.places.items():
        kind = "url" if "://" in place else "path"
        parts.append(f"[sources.{source}]\n{kind} = {value_of(place)}")
    for product in chosen.products:
        parts += _product(product, chosen.answers.get(product.preset.name, {}))
    parts.append(
        "# Who gets which pack: a file or query with email, name, locale, tiers ('a|b', 'company' or '*').\n"
        '# [[tables.recipients]]\n# source = "drops"\n# files = "recipients.csv"'
    )
    parts.append('[delivery]\ntransport = "outbox"   # .eml files; "smtp" mails through [delivery.smtp]')
    return "\n\n".join(parts) + "\n"


def _product(found: ProductThere, answers: Mapping[str, str]) -> list[str]:
    preset = found.preset
    words: dict[str, object] = {"prefix": found.prefix}
    told = [f"# --- {preset.title} ---"]
    for question in preset.questions:
        answer = answers.get(question.name, question.default)
        words[question.name] = question.options[answer]
        others = ", ".join(other for other in question.options if other != answer)
        told.append(f"# {question.ask} Taken: {answer} (else: {others}).")
    told += [f"# Left out: {line}." for line in found.left_out]
    zone = answers.get("timezone", preset.timezone)
    return ["\n".join(told), *(_block(preset.source, zone, table, words, answers) for table in found.tables)]


def _block(source: str, zone: str, found: TableThere, words: Mapping[str, object], answers: Mapping[str, str]) -> str:
    table = found.table
    lines = [f"# {line}" for line in table.note.splitlines()]
    for column, values in found.values.items():
        lines.append(f"# {column} there: {', '.join(f'{one_line(word)} {count:,}' for word, count in values) or 'none'}")
    lines.append(f"[[tables.{table.table}]]")
    lines.append(f"source = {value_of(source)}")
    lines.append(f"timezone = {value_of(zone)}")
    for key, value in table.keys.items():
        lines.append(f"{key} = {value_of(_answered(value, words))}")
    for column in dict.fromkeys([*table.map, *table.values]):
        meanings = meanings_of(found, column, words, answers)
        if meanings:
            lines.append(f"map.{column} = {value_of(meanings)}")
        unsaid = [word for word, _ in found.values.get(column, ()) if not _is_known(word, meanings)]
        if unsaid:
            lines.append(f"# map.{column}: nobody says yet what these mean: {', '.join(map(one_line, unsaid))}")
    if table.query is not None:
        queries = [fill_in(table.query, {**words, **row}).strip() for row in found.rows or ({},)]
        lines.append(f"query = {text_of(chr(10) + (chr(10) + 'union all' + chr(10)).join(queries) + chr(10))}")
    return "\n".join(lines)


def meanings_of(found: TableThere, column: str, words: Mapping[str, object], answers: Mapping[str, str]) -> dict[str, str]:
    """What each word of a column means: as the preset knows, as was answered, as a pattern suggests; unknown words are left out."""
    table = found.table
    meanings = {word: fill_in(meaning, words) for word, meaning in table.map.get(column, {}).items()}
    for word, _ in found.values.get(column, ()):
        if (answer := answers.get(f"{column}.{word}")) is not None:
            meanings[word] = answer
        elif not _is_known(word, meanings):
            guess = next((ours for ours, form in table.guess.get(column, {}).items() if re.search(form, word, re.IGNORECASE)), None)
            meaning = guess or table.otherwise.get(column)
            if meaning is not None:
                meanings[word] = fill_in(meaning, words)
    return meanings


def _is_known(word: str, meanings: Mapping[str, str]) -> bool:
    return word.strip().casefold() in {known.strip().casefold() for known in meanings}


def _answered(value: Any, words: Mapping[str, object]) -> Any:
    if isinstance(value, str):
        return fill_in(value, words)
    if isinstance(value, Mapping):
        return {key: _answered(item, words) for key, item in value.items()}
    return value


def value_of(value: Any) -> str:
    """A plain value as TOML."""
    if isinstance(value, Mapping):
        return (
            "{ "
            + ", ".join(
                f"{key if _BARE.match(key) else json.dumps(key, ensure_ascii=False)} = {value_of(item)}" for key, item in value.items()
            )
            + " }"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(value_of(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def text_of(text: str) -> str:
    """A text of several lines as TOML."""
    escaped = text.replace("\\", "\\\\").replace('"""', '""\\"')
    return f'"""{escaped}"""'


def one_line(text: str) -> str:
    """A word of a database as it may stand in a comment."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:60]
