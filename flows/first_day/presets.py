"""What is known of a product: where its rows lie, what its words mean, and what only its owner can say. Data, one TOML file each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from transforms.errors import UsageError, key_of, nearest
from transforms.tables.contract import TABLES

SHIPPED = Path(__file__).parent / "presets"
"""Presets that come with the program; each is an example of how to write one."""

_PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Part):
    """Something that only the company knows: what is asked, the answers, and what each puts in place of `{name}`."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    ask: str
    options: Mapping[str, str]
    default: str

    @model_validator(mode="after")
    def _known_default(self) -> Question:
        if self.default not in self.options:
            raise ValueError(f"default {self.default!r} is none of the options {', '.join(self.options)}")
        return self


class PresetTable(_Part):
    """One block of the configuration that is written: a query or files, and the keys that say what they mean.

    With `each`, a query on the product's own lists (of questionnaires, say), the block's query is written once per row of it and
    united; the row's columns stand in place of `{column}`. `values` count the words in a column, by query; `guess` tells by
    patterns what a company's own word may mean, `otherwise` what else.
    """

    table: str
    note: str = ""
    query: str | None = None
    each: str | None = None
    needs: tuple[str, ...] = ()
    """Tables (or `table.column`) without which the block is left out."""
    keys: Mapping[str, Any] = Field(default_factory=dict)
    map: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    values: Mapping[str, str] = Field(default_factory=dict)
    guess: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    otherwise: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_table(self) -> PresetTable:
        if self.table not in TABLES:
            raise ValueError(f"no such table: {self.table!r}{nearest(self.table, TABLES)}")
        return self


class Preset(_Part):
    """One product, or one way in which it keeps its rows (`variant`)."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    product: str
    variant: str = ""
    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    backends: tuple[str, ...] = ("mysql",)
    prefix_of: str = ""
    """A table by whose name the prefix of all is known: `wc_orders` in `wp_wc_orders`."""
    needs: tuple[str, ...] = ()
    when: str | None = None
    """A query whose answer must not be 0: whether this variant is the one in use."""
    timezone: str = "ask"
    """Whose clock the times are of; "ask": the company's, unless it says otherwise."""
    company: Mapping[str, str] = Field(default_factory=dict)
    """Queries for the company's name, currency and timezone, where the product knows them."""
    questions: tuple[Question, ...] = ()
    tables: tuple[PresetTable, ...]

    @property
    def title(self) -> str:
        return f"{self.product} ({self.variant})" if self.variant else self.product


def fill_in(text: str, words: Mapping[str, object]) -> str:
    """The text with `{name}` replaced where the name is known; all other braces stay as they are."""
    return _PLACE.sub(lambda found: str(words[found[1]]) if found[1] in words else found[0], text)


def read_presets(folders: tuple[Path, ...] = ()) -> dict[str, tuple[Preset, ...]]:
    """All presets by product, the variants of each in the order of their files; those of later folders come before the shipped ones."""
    found: dict[str, list[Preset]] = {}
    for folder in (*folders, SHIPPED):
        paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
        if folder is not SHIPPED and not paths:
            raise UsageError(f"no presets in {folder}: write one TOML file per product there. Nothing was written.")
        for path in paths:
            preset = _read(path)
            found.setdefault(preset.name, []).append(preset)
    return {name: tuple(found[name]) for name in sorted(found)}


def _read(path: Path) -> Preset:
    try:
        return Preset.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"preset {path} is not valid TOML: {error}. Nothing was written.") from error
    except ValidationError as error:
        said = "; ".join(f"{key_of(detail['loc'])}: {detail['msg'].removeprefix('Value error, ')}" for detail in error.errors()[:5])
        raise UsageError(f"preset {path}: {said}. Nothing was written.") from error
