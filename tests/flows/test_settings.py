"""The configuration is complete, or refused with every problem in one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.settings import Company, DeliverySettings, QualitySettings, load
from flows.table_settings import SourceSettings, TableBlock
from tests.places import CHECKOUT
from transforms.errors import UsageError

GOOD = """
[company]
name = "Hanlin Trading"
timezone = "Asia/Shanghai"
currency = "CNY"
locales = ["en", "zh_CN"]
[warehouse]
url = "sqlite:///var/keping.db"
[sources.shop]
url = "mysql+pymysql://reader:${SHOP_PASSWORD}@db/shop?ssl_password=${OTHER}"
[sources.drops]
path = "drops"
[[tables.orders]]
source = "shop"
query = "select id as order_id from sales where at >= :start and at < :end"
timezone = "UTC"
[[tables.surveys]]
source = "drops"
files = "survey-*.csv"
columns = { response_id = "RespID" }
constants = { instrument = "csat", scale_min = 1, scale_max = 5 }
"""
ENVIRONMENT = {"SHOP_PASSWORD": "hush-1", "OTHER": "hush-2"}


def written(folder: Path, text: str) -> Path:
    file = folder / "keping.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        load(written(folder, text), ENVIRONMENT)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_a_complete_configuration_is_typed_with_paths_relative_to_its_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD), ENVIRONMENT)
    assert settings.company.locales == ("en", "zh_CN")
    assert settings.archive_path == tmp_path / "var" / "archive"
    assert settings.warehouse_url == f"sqlite:///{tmp_path}/var/keping.db"
    assert settings.tables["surveys"][0].constants["scale_max"] == 5


def test_secrets_are_known_to_the_redactor_and_printed_nowhere(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD), ENVIRONMENT)
    assert settings.secrets() == {"hush-1", "hush-2"}
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hush" not in shown


def test_every_problem_is_told_at_once_with_the_nearest_known_key(tmp_path: Path) -> None:
    text = (
        GOOD.replace("Asia/Shanghai", "Asia/Shangai")
        .replace('currency = "CNY"', 'curency = "CNY"')
        .replace('source = "shop"', 'source = "shp"')
        .replace("${OTHER}", "${MISSING}")
    )
    assert refused(tmp_path, text) == (
        "keping.toml: 5 problem(s); nothing was run.\n"
        "- sources.shop.url: the environment has no MISSING; set it, for example `export MISSING=...`\n"
        "- company.timezone: no time zone is called 'Asia/Shangai'; did you mean 'Asia/Shanghai'?\n"
        "- company.currency: missing\n"
        "- company.curency: unknown key; did you mean 'currency'?\n"
        "- tables.orders[1].source: no source is called 'shp'; did you mean 'shop'?"
    )


def test_a_table_block_that_names_no_source_or_no_column_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace('source = "shop"', 'source = "shp"').replace("response_id =", "respons_id =")
    assert refused(tmp_path, text) == (
        "keping.toml: 2 problem(s); nothing was run.\n"
        "- tables.orders[1].source: no source is called 'shp'; did you mean 'shop'?\n"
        "- tables.surveys[1]: surveys has no column 'respons_id'; did you mean 'response_id'?"
    )


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('currency = "CNY"', 'currency = "yuan"', "company.currency: String should match pattern '^[A-Z]{3}$'"),
        ('url = "sqlite:///var/keping.db"', 'url = "mysql://u:p@h/d"', "warehouse.url: a warehouse is SQLite or PostgreSQL, not mysql"),
        ('files = "survey-*.csv"', "", "tables.surveys[1]: a table block has either a query or files"),
        ('path = "drops"', "", "sources.drops: a source has either a url (database) or a path (folder of files)"),
        ('locales = ["en", "zh_CN"]', 'locales = ["fr"]', "company.locales: locales ['fr']: packs can be made in en, zh_CN"),
        ('query = "select', 'quary = "select', "tables.orders[1].quary: unknown key; did you mean 'query'?"),
        ("[[tables.surveys]]", "[[tables.survey]]", "tables.survey: no such table; did you mean 'surveys'?"),
        ('timezone = "UTC"', 'timezone = "UTC"\nencoding = "utf8000"', "tables.orders[1].encoding: no encoding is called 'utf8000'"),
    ],
)
def test_each_wrong_value_is_named_with_its_place(tmp_path: Path, good: str, bad: str, said: str) -> None:
    assert said in refused(tmp_path, GOOD.replace(good, bad, 1))


def test_a_sender_or_owner_is_one_address(tmp_path: Path) -> None:
    for key in ("sender", "owner"):
        said = refused(tmp_path, GOOD + f'\n[delivery]\n{key} = "a@b.c, d@e.f"\n')
        assert f"delivery.{key}: email 'a@b.c, d@e.f' is not exactly one plain address" in said


def test_a_missing_file_says_where_it_was_looked_for_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no configuration at .*keping\.toml(.|\n)*keping demo"):
        load(tmp_path / "keping.toml", {})


def test_a_file_that_is_no_toml_says_where_it_breaks(tmp_path: Path) -> None:
    assert "is not valid TOML" in refused(tmp_path, "[company\nname=")


def test_the_example_that_the_manual_gives_is_a_complete_configuration(tmp_path: Path) -> None:
    example = CHECKOUT / "docs" / "examples" / "keping.toml"
    settings = load(example, {"SHOP_PASSWORD": "x", "KEPING_DB_PASSWORD": "y"})
    assert set(settings.tables) == {"orders", "customers", "surveys", "recipients"}


def test_the_manual_names_every_key(tmp_path: Path) -> None:
    manual = (CHECKOUT / "docs" / "configuration.md").read_text(encoding="utf-8")
    parts = (Company, SourceSettings, TableBlock, DeliverySettings, QualitySettings)
    names = [(part.__name__, field.alias or name) for part in parts for name, field in part.model_fields.items()]
    missing = [f"{part}.{name}" for part, name in names if name not in manual and name != "smtp"]
    assert missing == []
