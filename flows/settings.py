"""`keping.toml`, typed and frozen: complete, or refused with every problem in one message."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from sqlalchemy.engine import make_url

from expectations.findings import Severity
from flows.table_settings import SettingsPart, SourceSettings, TableBlock, check_backend, check_timezone
from reports.languages import LANGUAGES
from reports.mail.addresses import address_of
from transforms.errors import UsageError, key_of, nearest
from transforms.month import Month
from transforms.tables.contract import TABLES

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Company(SettingsPart):
    """Who is reviewed, and where its months begin and end."""

    name: str = Field(min_length=1, max_length=120)
    timezone: str
    history_from: str | None = None
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    locales: tuple[str, ...] = ("en",)
    calling_code: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,2}$")
    """Of phone numbers that are written without one, such as "49"; for blocks with `same_as = "phone"`."""
    notice: str = Field(default="", max_length=80)
    """Printed on every page, for example that the data are invented."""

    words: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Words for the company's own values (regions, channels, roles, causes), by language."""

    _zone = field_validator("timezone")(check_timezone)

    @field_validator("words")
    @classmethod
    def _check_words(cls, value: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
        if unknown := sorted(set(value) - set(LANGUAGES)):
            raise ValueError(f"words for {', '.join(unknown)}: packs can be made in {', '.join(LANGUAGES)}")
        told = [(locale, said, word.strip()) for locale, words in value.items() for said, word in words.items()]
        wrong = [f"{locale}: {said!r}" for locale, said, word in told if not 0 < len(word) <= 40]
        if wrong:
            raise ValueError(f"words have 1 to 40 characters; look at {', '.join(wrong[:5])}")
        return value

    @field_validator("history_from")
    @classmethod
    def _month(cls, value: str | None) -> str | None:
        if value is not None:
            Month.parse(value)
        return value

    @field_validator("locales")
    @classmethod
    def _check_locales(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [locale for locale in value if locale not in LANGUAGES]
        if unknown or not value:
            raise ValueError(f"locales {list(value)}: packs can be made in {', '.join(LANGUAGES)}")
        return value

    @property
    def first_month(self) -> Month | None:
        return Month.parse(self.history_from) if self.history_from else None


class FontSettings(SettingsPart):
    """Fonts for scripts that ours lack: TrueType or OpenType files, asked in their order for what no font before holds."""

    files: tuple[Path, ...] = ()


class Place(SettingsPart):
    """A folder."""

    path: Path


class WarehouseSettings(SettingsPart):
    """Where results and the ledger of deliveries are kept: SQLite or PostgreSQL."""

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _warehousecheck_backend(cls, value: SecretStr) -> SecretStr:
        backend = check_backend(value)
        if backend not in ("sqlite", "postgresql"):
            raise ValueError(f"a warehouse is SQLite or PostgreSQL, not {backend}")
        return value


class SmtpSettings(SettingsPart):
    """The mail relay."""

    host: str = "localhost"
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    timeout_seconds: float = Field(default=30.0, gt=0, le=600)
    """For each answer of the relay."""
    deadline_seconds: float = Field(default=180.0, gt=0, le=3600)
    """For a whole message, however slowly the relay talks."""
    attempts: int = Field(default=3, ge=1, le=10)
    """How often one command tries a message that is not taken for now."""
    pause_seconds: float = Field(default=10.0, ge=0, le=3600)
    """Before the second attempt; doubled before each later one, then shortened or lengthened by up to a half."""

    @model_validator(mode="after")
    def _no_password_in_clear(self) -> SmtpSettings:
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password belong together; one of them is missing")
        if self.username and self.security == "none":
            raise ValueError('a password is never sent in clear: write security = "starttls" or "tls", or leave username and password out')
        return self


class DeliverySettings(SettingsPart):
    """How packs reach their readers."""

    transport: str = "outbox"
    sender: str = "keping@localhost"
    environment: str = Field(default="production", min_length=1, max_length=40)
    outbox: Path | None = None
    owner: str | None = None
    test_addresses: tuple[str, ...] = ()
    """Addresses to which `keping deliver --test-send` may mail whole packs, beside the owner's."""
    approval: bool | tuple[str, ...] = False
    """Whether published packs wait for `keping approve`: all, none, or those of the tiers named (`company` is the company's)."""
    recipients_jump: float | None = Field(default=0.2, gt=0)
    """Share by which the number of readers may differ from the last mailed month's before the packs wait; None: any."""
    figures_jump: Mapping[str, float] = Field(default_factory=dict)
    """Indicator = share by which the company's figure may differ from the month before, before the packs wait."""
    largest_mail_mb: float = Field(default=25.0, gt=0, le=1_000)
    """The most that one message may have, attachments and their encoding included; beyond it the packs come in several mails, then
    without workbooks, zipped, by reference."""
    formats: tuple[Literal["pdf", "xlsx"], ...] = ("pdf", "xlsx")
    """What readers get where the list of recipients does not say: the packs, which always come, and their workbooks (`xlsx`)."""
    suppress_after: int = Field(default=1, ge=1, le=20)
    """Hard bounces after which an address gets no more mail."""
    common_words: tuple[str, ...] = ()
    """Words in packs that are no sign of a customer, though one may be called so."""
    smtp: SmtpSettings = SmtpSettings()

    @field_validator("sender", "owner")
    @classmethod
    def _one_address(cls, value: str | None) -> str | None:
        return None if value is None else address_of(value).written

    @field_validator("test_addresses")
    @classmethod
    def _addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address_of(value).written for value in values)

    def asks_approval(self, tier: str) -> bool:
        """Whether a tier's packs wait for somebody's approval."""
        return self.approval if isinstance(self.approval, bool) else tier in self.approval

    @field_validator("transport")
    @classmethod
    def _check_transport(cls, value: str) -> str:
        if value not in ("outbox", "smtp"):
            raise ValueError(f'transport {value!r}: write "outbox" (.eml files in a folder) or "smtp" (a mail relay)')
        return value


class QualitySettings(SettingsPart):
    """How strict the gate is and how few answers are too few."""

    min_n: int = Field(default=10, ge=1)
    flag_n: int = Field(default=30, ge=1)
    lookback_months: int = Field(default=3, ge=0, le=24)
    thin_share: float = Field(default=0.5, ge=0, lt=1)
    refused_money: float = Field(default=0.1, gt=0, le=1)
    """Share of a month's money that may be refused before the month is held."""
    severities: Mapping[str, Severity] = Field(default_factory=dict)


class Settings(SettingsPart):
    """The whole configuration; relative paths are relative to the file it came from."""

    company: Company
    warehouse: WarehouseSettings = WarehouseSettings(url=SecretStr("sqlite:///var/keping.db"))
    archive: Place = Place(path=Path("var/archive"))
    policies: Place = Place(path=Path("policies"))
    sources: Mapping[str, SourceSettings]
    tables: Mapping[str, tuple[TableBlock, ...]]
    delivery: DeliverySettings = DeliverySettings()
    quality: QualitySettings = QualitySettings()
    fonts: FontSettings = FontSettings()
    root: Path = Field(default=Path(), exclude=True)
    """The folder of the configuration file."""

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        problems = list(_table_problems(self.tables, self.sources))
        if self.quality.flag_n < self.quality.min_n:
            problems.append(f"quality.flag_n ({self.quality.flag_n}) is below quality.min_n ({self.quality.min_n})")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def absolute(self, path: Path) -> Path:
        """A configured path as an absolute one."""
        return path if path.is_absolute() else (self.root / path).resolve()

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.company.timezone)

    @property
    def archive_path(self) -> Path:
        return self.absolute(self.archive.path)

    @property
    def font_paths(self) -> tuple[Path, ...]:
        return tuple(self.absolute(file) for file in self.fonts.files)

    @property
    def policies_path(self) -> Path:
        return self.absolute(self.policies.path)

    @property
    def outbox_path(self) -> Path:
        return self.absolute(self.delivery.outbox) if self.delivery.outbox else self.archive_path.parent / "outbox"

    def absolute_url(self, url: SecretStr) -> str:
        """A database URL, with a relative SQLite file made absolute."""
        parsed = make_url(url.get_secret_value())
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            parsed = parsed.set(database=str(self.absolute(Path(parsed.database))))
        return parsed.render_as_string(hide_password=False)

    @property
    def warehouse_url(self) -> str:
        return self.absolute_url(self.warehouse.url)

    def secrets(self) -> frozenset[str]:
        """Every secret value, for the redactor."""
        found: set[str] = set()
        for url in [self.warehouse.url, *(source.url for source in self.sources.values() if source.url)]:
            parsed = make_url(url.get_secret_value())
            if parsed.password:
                found.add(str(parsed.password))
            for key, value in parsed.query.items():
                if "pass" in key.lower() or "secret" in key.lower() or "token" in key.lower():
                    found.update([value] if isinstance(value, str) else value)
        if self.delivery.smtp.password:
            found.add(self.delivery.smtp.password.get_secret_value())
        return frozenset(secret for secret in found if secret)


def load(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the configuration; a UsageError lists every problem with its place and the nearest known key."""
    environment = os.environ if environment is None else environment
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(
            f"no configuration at {path}. Looked at --config and $KEPING_CONFIG.\n"
            "Write one (docs/configuration.md shows all keys), or try `keping demo`, which makes one."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}. Nothing was run.") from error
    problems: list[str] = []
    values = _with_environment(raw, environment, problems, "")
    try:
        settings = Settings.model_validate({**values, "root": path.resolve().parent})
    except ValidationError as error:
        told = [line for detail in error.errors() for line in _error_lines(detail)]
        problems += [*told, *(line for line in _further_problems(values) if line not in told)]
        settings = None
    if problems or settings is None:
        listed = "\n".join(f"- {problem}" for problem in problems[:8])
        more = f"\n- and {len(problems) - 8} more" if len(problems) > 8 else ""
        raise UsageError(f"{path.name}: {len(problems)} problem(s); nothing was run.\n{listed}{more}")
    return settings


def _with_environment(value: Any, environment: Mapping[str, str], problems: list[str], where: str) -> Any:
    if isinstance(value, dict):
        return {key: _with_environment(item, environment, problems, f"{where}.{key}".strip(".")) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_environment(item, environment, problems, f"{where}[{place}]") for place, item in enumerate(value, start=1)]
    if not isinstance(value, str):
        return value

    def filled(found: re.Match[str]) -> str:
        if found[1] not in environment:
            problems.append(f"{where}: the environment has no {found[1]}; set it, for example `export {found[1]}=...`")
            return "unset"
        return environment[found[1]]

    return _VARIABLE.sub(filled, value)


def _error_lines(detail: ErrorDetails) -> Iterator[str]:
    """One pydantic error as lines a person can act on."""
    where = key_of(detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = _keys_at(detail["loc"][:-1])
        yield f"{where}: unknown key{nearest(str(detail['loc'][-1]), known)}"
    elif detail["type"] == "missing":
        yield f"{where}: missing"
    else:
        message = detail["msg"].removeprefix("Value error, ")
        for line in message.split("\n"):
            yield f"{where}: {line}" if where else line


def _keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that are known at a place of the configuration."""
    model: Any = Settings
    free = False
    for part in loc:
        if isinstance(part, int):
            continue
        if free:  # the name of a source or table: any key will do, and the model stays
            free = False
        elif isinstance(model, type) and issubclass(model, BaseModel):
            found = model.model_fields.get(str(part))
            free = found is not None and get_origin(found.annotation) is Mapping
            model = _model_in(found.annotation) if found else None
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [found.alias or name for name, found in model.model_fields.items() if name != "root"]
    return []


def _model_in(annotation: Any) -> Any:
    """The configuration model inside an annotation such as Mapping[str, tuple[TableBlock, ...]]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple) or get_args(annotation):
        for inner in get_args(annotation):
            model = _model_in(inner)
            if model is not None:
                return model
    return None


class _Rows(BaseModel):
    """The sources and tables of a configuration that is wrong elsewhere."""

    sources: Mapping[str, SourceSettings]
    tables: Mapping[str, tuple[TableBlock, ...]]


def _further_problems(values: Mapping[str, Any]) -> list[str]:
    """What is wrong between tables and sources, where both can be read although the configuration cannot."""
    try:
        rows = _Rows.model_validate({"sources": values.get("sources"), "tables": values.get("tables")})
    except ValidationError:
        return []
    return list(_table_problems(rows.tables, rows.sources))


def _table_problems(tables: Mapping[str, tuple[TableBlock, ...]], sources: Mapping[str, SourceSettings]) -> Iterator[str]:
    for table, blocks in tables.items():
        if table not in TABLES:
            yield f"tables.{table}: no such table{nearest(table, TABLES)}"
            continue
        for number, block in enumerate(blocks, start=1):
            yield from _block_problems(f"tables.{table}[{number}]", table, block, sources)
    if not tables:
        yield "tables: none; at least one [[tables.orders]] or [[tables.order_lines]] block is needed"
    elif not {"orders", "order_lines", "tickets", "surveys"} & set(tables):
        yield "tables: none of orders, order_lines, tickets, surveys; there is nothing to review"


def _block_problems(where: str, table: str, block: TableBlock, sources: Mapping[str, SourceSettings]) -> Iterator[str]:
    spec = TABLES[table]
    source = sources.get(block.source)
    if source is None:
        yield f"{where}.source: no source is called {block.source!r}{nearest(block.source, sources)}"
        return
    if block.files is not None and source.path is None:
        yield f"{where}.files: source {block.source!r} is a database; write a query"
    for name in dict.fromkeys([*block.columns, *block.constants, *block.map, *block.json_keys]):
        if name not in spec.names:
            yield f"{where}: {table} has no column {name!r}{nearest(name, spec.names)}"
    for name, words in block.map.items():
        choices = spec.column(name).choices if name in spec.names else ()
        for word, meaning in words.items():
            if choices and meaning and meaning not in choices:
                yield f"{where}.map.{name}: {word!r} cannot mean {meaning!r}; write {', '.join(choices)}, or an empty text for nothing"
    if block.same_as is not None and ("customer_id" not in spec.names or table == "identities"):
        yield f"{where}.same_as: {table} names no customer by a key of another system"
    if block.items and table != "surveys":
        yield f"{where}.items: columns are questions in tables.surveys alone"
    for name in sorted({"score", "item", "instrument"} & {*block.columns, *block.constants} if block.items else ()):
        yield f"{where}: {name!r} is what items say; leave it out of columns and constants"
    if block.max_age_days is not None and table != "fx_rates":
        yield f"{where}.max_age_days: it is for exchange rates (tables.fx_rates)"
    for name in sorted(set(block.columns) & set(block.constants)):
        yield f"{where}: {name!r} is given both as a column and as a constant"
