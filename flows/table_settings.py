"""What `keping.toml` says of sources and of the blocks that make tables of their rows: typed and frozen."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from transforms.tables.reading import NOTHING, Letters


class SettingsPart(BaseModel):
    """A part of the configuration: what nobody asks for is refused, and no value is changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def check_timezone(name: str) -> str:
    """The name of a time zone; a ValueError names one near to it."""
    if name not in available_timezones():
        near = difflib.get_close_matches(name, sorted(available_timezones()), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; write an IANA name such as 'Asia/Shanghai'"
        raise ValueError(f"no time zone is called {name!r}{hint}")
    return name


def check_backend(url: SecretStr) -> str:
    """Which database a URL is of; a ValueError says what one looks like."""
    try:
        return make_url(url.get_secret_value()).get_backend_name()
    except ArgumentError as error:
        raise ValueError("not a database URL; write for example sqlite:///shop.db or mysql+pymysql://user:${PASSWORD}@host/db") from error


class SourceSettings(SettingsPart):
    """One source: a database (`url`) or a folder of files (`path`)."""

    url: SecretStr | None = None
    path: Path | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> SourceSettings:
        if (self.url is None) == (self.path is None):
            raise ValueError("a source has either a url (database) or a path (folder of files)")
        if self.url is not None:
            check_backend(self.url)
        return self


Listed = str | tuple[str, ...]


class Item(SettingsPart):
    """What one column of a wide questionnaire asks."""

    instrument: str
    item: str
    scale_min: float | None = None
    scale_max: float | None = None
    dimension: str | None = None
    touchpoint: str | None = None


class TableBlock(SettingsPart):
    """How rows of one canonical table are found in one source."""

    source: str
    query: str | None = None
    files: str | None = None
    columns: Mapping[str, str] = Field(default_factory=dict)
    constants: Mapping[str, str | int | float | bool] = Field(default_factory=dict)
    timezone: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: Literal[".", ","] | None = None
    """None: a point, unless `thousands` is one."""
    thousands: str | None = Field(default=None, min_length=1, max_length=1)
    signs: tuple[str, ...] | None = None
    """Currency signs beside amounts; None: those of the company's currency, where the block gives no column `currency`."""
    sheet: str | None = None
    header: int | None = Field(default=None, ge=1, le=10_000)
    """Line or row of the file that holds the column names; None: the first that is not blank."""
    duplicates: Literal["keep", "drop"] = "keep"
    empty: tuple[str, ...] = NOTHING
    epoch: Literal["s", "ms", "us"] | None = None
    map: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    json_keys: Mapping[str, str] = Field(default_factory=dict, alias="json")
    ids: Letters = "as written"
    items: Mapping[str, Item] = Field(default_factory=dict)
    """Column of the file (or `column.key` of its JSON) = the question that it answers; one row per answer."""
    where: Mapping[str, Listed] = Field(default_factory=dict)
    """Column of the file = values; rows that hold another one are left out."""
    unless: Mapping[str, Listed] = Field(default_factory=dict)
    """Column of the file = values; rows that hold one of them are left out."""
    same_as: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """System in the table of identities whose keys stand in `customer_id`: "email", "phone", or another one's name."""
    max_age_days: int | None = Field(default=None, ge=0, le=400)
    """Of exchange rates: how long one is good where none is newer; None: a column of that name, else seven days."""
    latest: str | None = None
    """"file", or a column of the file: which of several rows of one key is the newest."""

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return None if value is None else check_timezone(value)

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError(f"no encoding is called {value!r}; write utf-8, gb18030, cp1252, ...") from error
        return value

    @model_validator(mode="after")
    def _query_or_files(self) -> TableBlock:
        if (self.query is None) == (self.files is None):
            raise ValueError("a table block has either a query or files")
        told = [name for name in ("where", "unless", "latest", "items") if getattr(self, name) and self.files is None]
        if told:
            raise ValueError(f"{told[0]} is for files; say it in the query")
        if self.thousands is not None and self.thousands == self.point:
            raise ValueError(f"thousands and decimal are both {self.thousands!r}; write which sign is which")
        return self

    @property
    def point(self) -> str:
        """The decimal sign."""
        return self.decimal or ("," if self.thousands == "." else ".")
