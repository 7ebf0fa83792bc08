"""`keping init`: what is there, what only the company knows, and one configuration from both."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from flows.first_day.found import ProductThere, find_product
from flows.first_day.presets import Preset, Question, read_presets
from flows.first_day.writing import Chosen, configuration_text, meanings_of
from flows.machine.files import make_folder, write_atomic
from transforms.errors import UsageError, nearest
from transforms.tables.contract import TABLES

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PROBE = {"name": "Your Company", "timezone": "UTC", "currency": "EUR"}

Ask = Callable[[Question], str]
"""Gives the answer to a question; whoever is asked sees its words, its options and what is taken where nothing is said."""


@dataclass(frozen=True)
class InitRequest:
    """What was said when `keping init` was typed.

    places   product -> database URL (passwords as `${NAME}`) or folder of its exports
    answers  question, or `product.question` -> answer
    company  name, timezone, currency, where they were said
    presets  folders with presets of the company's own
    """

    path: Path
    products: tuple[str, ...]
    places: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    company: Mapping[str, str] = field(default_factory=dict)
    locales: tuple[str, ...] = ("en",)
    presets: tuple[Path, ...] = ()
    force: bool = False


@dataclass(frozen=True)
class WrittenConfiguration:
    """What `keping init` wrote, and what is to be said about it."""

    path: Path
    lines: tuple[str, ...]
    variables: tuple[str, ...]
    """Environment variables that the file names; whoever runs Keping sets them."""


def write_configuration(asked: InitRequest, ask: Ask, secret: Callable[[str], str]) -> WrittenConfiguration:
    """Look at every product, ask what only the company knows, and write the configuration; nothing is written where one is not found.

    `ask` answers questions, `secret` gives the value of an environment variable that an URL names and that is not set.
    Passwords stay out of the file: one that stands in an URL becomes `${SOURCE_PASSWORD}`.
    """
    if asked.path.exists() and not asked.force:
        raise UsageError(f"{asked.path} is there already. Nothing was written. Say --force to replace it, or --dir for another place.")
    presets = read_presets(asked.presets)
    chosen = _variants(asked.products, presets)
    _refuse_strange(asked, chosen)
    places: dict[str, str] = {}
    products: list[ProductThere] = []
    environment = dict(os.environ)
    for name, variants in chosen.items():
        source = variants[0].source if variants[0].source not in places else name.replace("-", "_")
        place = asked.places.get(name) or ask(
            Question(name="place", ask=f"{variants[0].product}: database URL, passwords as ${{NAME}}", options={"": ""}, default="")
        )
        place, url = _place(place, source, name, environment, secret)
        places[source] = place
        found = find_product(variants, url, _secrets(url))
        products.append(_under(found, source))
    company = _company(asked, products, ask)
    answers = {found.preset.name: _answers(found, asked, company, ask) for found in products}
    text = configuration_text(Chosen(company, asked.locales, tuple(products), places, answers))
    make_folder(asked.path.resolve().parent)
    write_atomic(asked.path, text.encode())
    variables = tuple(dict.fromkeys(name for place in places.values() for name in _VARIABLE.findall(place)))
    os.environ.update({name: environment[name] for name in variables})
    return WrittenConfiguration(asked.path, tuple(_told(asked.path, products, answers, variables)), variables)


def _variants(names: Sequence[str], presets: Mapping[str, tuple[Preset, ...]]) -> dict[str, tuple[Preset, ...]]:
    if not names:
        raise UsageError(f"name a product: keping init --from {next(iter(presets))}. Known are {', '.join(presets)}. Nothing was written.")
    unknown = [name for name in names if name not in presets]
    if unknown:
        raise UsageError(
            f"no preset for {unknown[0]!r}{nearest(unknown[0], presets)}. Known are {', '.join(presets)}.\n"
            "Nothing was written. Write one of your own (docs/first-day.md) and name its folder: --presets FOLDER."
        )
    return {name: presets[name] for name in dict.fromkeys(names)}


def _refuse_strange(asked: InitRequest, chosen: Mapping[str, tuple[Preset, ...]]) -> None:
    """Answers and places that nobody asked for are slips of the pen."""
    for name in asked.places:
        if name not in chosen:
            raise UsageError(
                f"--at {name}=...: {name!r} is none of the products named with --from ({', '.join(chosen)}). Nothing was written."
            )
    known = {question.name for variants in chosen.values() for preset in variants for question in preset.questions} | {"timezone"}
    for key in asked.answers:
        name = key.removeprefix(f"{key.partition('.')[0]}.") if key.partition(".")[0] in chosen else key
        if "." not in name and name not in known:
            raise UsageError(f"--answer {key}=...: nobody asks for {name!r}{nearest(name, known)}. Nothing was written.")


def _place(place: str, source: str, name: str, environment: dict[str, str], secret: Callable[[str], str]) -> tuple[str, str]:
    """A place as it is written, and as it is opened."""
    if not place:
        raise UsageError(f"say where {name} lies: --at {name}=mysql+pymysql://reader:${{PASSWORD}}@host/database. Nothing was written.")
    for variable in _VARIABLE.findall(place):
        if variable not in environment:
            environment[variable] = secret(variable)
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise UsageError(
            f"--at {name}=...: that is no database URL, such as mysql+pymysql://reader@host/database. Nothing was written."
        ) from error
    if url.password and not _VARIABLE.search(str(url.password)):
        variable = f"{source.upper()}_PASSWORD"
        environment[variable] = str(url.password)
        at = place.rindex("@")
        user = place[: place[:at].index(":", place.index("://") + 3)]
        place = f"{user}:${{{variable}}}{place[at:]}"
    return place, _VARIABLE.sub(lambda found: environment[found[1]], place)


def _secrets(url: str) -> frozenset[str]:
    password = make_url(url).password if "://" in url else None
    return frozenset({str(password)} if password else ())


def _under(found: ProductThere, source: str) -> ProductThere:
    """The product under the source that it got."""
    return found if found.preset.source == source else replace(found, preset=found.preset.model_copy(update={"source": source}))


def _company(asked: InitRequest, products: Sequence[ProductThere], ask: Ask) -> dict[str, str]:
    """Name, time zone and currency: as said, else as a product knows them, else as answered."""
    words = {
        "name": "The company's name",
        "timezone": "Time zone in which months begin (IANA name)",
        "currency": "Reporting currency (ISO code)",
    }
    company: dict[str, str] = {}
    for key, question in words.items():
        known = next((found.company[key] for found in products if found.company.get(key)), "")
        default = known or _PROBE[key]
        company[key] = asked.company.get(key) or ask(Question(name=key, ask=question, options={default: ""}, default=default))
    return company


def _answers(found: ProductThere, asked: InitRequest, company: Mapping[str, str], ask: Ask) -> dict[str, str]:
    """The answers to a product's questions, and to what its own words mean."""
    preset = found.preset
    answers: dict[str, str] = {}
    for question in preset.questions:
        said = asked.answers.get(f"{preset.name}.{question.name}", asked.answers.get(question.name))
        answer = said if said is not None else ask(question)
        if answer not in question.options:
            raise UsageError(
                f"{preset.product}, {question.name}: {answer!r} is none of {', '.join(question.options)}. Nothing was written."
            )
        answers[question.name] = answer
    if preset.timezone == "ask":
        default = company["timezone"]
        zone = Question(name="timezone", ask=f"Whose clock are the times of {preset.product} of?", options={default: ""}, default=default)
        said = asked.answers.get(f"{preset.name}.timezone", asked.answers.get("timezone"))
        answers["timezone"] = said or ask(zone)
    for key, meaning in asked.answers.items():
        name = key.removeprefix(f"{preset.name}.")
        if "." in name:
            answers[name] = meaning
    words = {question.name: question.options[answers[question.name]] for question in preset.questions}
    for table in found.tables:
        for column, values in table.values.items():
            known = {word.casefold() for word in meanings_of(table, column, words, answers)}
            choices = TABLES[table.table.table].column(column).choices
            for word, count in values:
                if word.strip().casefold() not in known:
                    options = dict.fromkeys(choices, "") | {"": ""}
                    asking = f"{preset.product}: what does {column} {word!r} mean ({count:,} rows)?"
                    if answer := ask(Question(name=column, ask=asking, options=options, default="")):
                        answers[f"{column}.{word}"] = answer
    return answers


def _told(path: Path, products: Sequence[ProductThere], answers: Mapping[str, Mapping[str, str]], variables: Sequence[str]) -> list[str]:
    lines = []
    for found in products:
        tables = ", ".join(dict.fromkeys(table.table.table for table in found.tables))
        lines.append(f"{found.preset.title}: {tables}")
        for table in found.tables:
            for column, values in table.values.items():
                lines.append(f"  {table.table.table}.{column}: {', '.join(f'{word} {count:,}' for word, count in values) or 'none'}")
        taken = [f"{question.name} = {answers[found.preset.name][question.name]}" for question in found.preset.questions]
        if "timezone" in answers[found.preset.name]:
            taken.append(f"timezone = {answers[found.preset.name]['timezone']}")
        if taken:
            lines.append(f"  taken: {', '.join(taken)} (another: --answer NAME=VALUE)")
        lines += [f"  left out: {line}" for line in found.left_out]
    lines.append(f"written: {path}")
    if variables:
        lines.append(f"before each command: export {' '.join(f'{name}=...' for name in variables)}")
    return lines
