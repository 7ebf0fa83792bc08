"""A warehouse that an older program made: its words are read once, when it is brought up to date, and never again."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import flows.warehouse
from flows.delivery.ledger import DeliveryHold, Ledger
from flows.warehouse import migrate
from flows.warehouse.connection import connect, transaction, warehouse_url
from flows.warehouse.store import Warehouse
from tests.flows.warehouse.builders import MAY
from transforms.figures import Detail, Scale, scale_of
from transforms.inputs import Standard
from transforms.policy.rules import builtin, canonical_json

NOW = "2026-06-03 00:00:00.000000"
METHODS = {
    "csat_mean": "every answer, scale 1-5; t interval",
    "ces": "every answer, scale -1.5-7; 3 answers rescaled from another scale; t interval; withheld below 10",
    "csat_top2_share": "every answer, scale 1-5; Wilson interval",
    "current_value": "value is margin",
    "historic_value": "value is revenue",
    "value_gini": "value is revenue",
    "group_value_share": "the group's value is below 0",
    "orders": "full count",
}
REASONS = {
    "waits for approval: readers 10 in 2026-04, now 20 (+100%, limit 20%). "
    "Release: keping approve --month 2026-05 --tier a": DeliveryHold.APPROVAL,
    "suppressed: opted out on 2026-05-01 (asked to)": DeliveryHold.OPTED_OUT,
    "suppressed: mail comes back since 2026-05-01 (5.1.1); mend the address, then: keping suppress x@x.test --lift": DeliveryHold.BOUNCED,
    "no longer on the list of recipients": DeliveryHold.REMOVED,
    "r1 has taken its place": DeliveryHold.SUPERSEDED,
    "its pack held a person who was forgotten; the redacted revision takes its place": DeliveryHold.SUPERSEDED,
    "r0 has no pack for region=North: no customer is so, or the list was changed after it was published": DeliveryHold.UNFIT,
}


@pytest.fixture
def older(url: str) -> str:
    """A warehouse of schema 0003 with a review of May, its figures, and deliveries that are held."""
    engine = connect(warehouse_url(url), create=True)
    config = Config()
    config.set_main_option("script_location", str(Path(flows.warehouse.__file__).parent / "migrations"))
    with transaction(engine, writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        tables = sa.MetaData()
        tables.reflect(connection)

        def insert(table: str, **values: object) -> None:
            """A row with nothing in the columns that are not told."""
            blank = {
                column.name: NOW if column.name.endswith("_at") else 0 if isinstance(column.type, sa.Integer) else "{}"
                for column in tables.tables[table].columns
                if not column.nullable
            }
            plain = ", ".join([*(names := {**blank, **values})])
            marks = ", ".join(f":{name}" for name in names)
            connection.execute(sa.text(f"insert into {table} ({plain}) values ({marks})"), names)

        insert("installation", installation_id=1, company="Hanlin Trading", environment="test")
        insert("upgrades", schema_version="0003", code_version="1.0.0")
        insert("runs", run_id="run-1", kind="review", month="2026-05")
        insert("policies", run_id="run-1", version="builtin-1", body=canonical_json(builtin()))
        columns = '[["customer_id", "str"]]'
        insert("reviews", review_id=1, run_id="run-1", month="2026-05", kind="review", policy_version="builtin-1", customer_columns=columns)
        for number, (indicator, method) in enumerate(METHODS.items()):
            insert(
                "figures",
                review_id=1,
                figure_id=f"F{number}",
                month="2026-05",
                run_id="run-1",
                scope="company",
                scope_value="",
                indicator=indicator,
                value=4.0,
                method=method,
                label="measured",
                signal="",
            )
        insert("publications", publication_id=1, month="2026-05", revision=0, review_id=1)
        insert("packs", publication_id=1, month="2026-05", revision=0, pack="tier-a", locale="en")
        rows = [*((reason, "held") for reason in REASONS), ("no longer on the list of recipients", "accepted")]
        for number, (reason, state) in enumerate(rows):
            insert(
                "deliveries",
                delivery_key=f"{number:064d}",
                month="2026-05",
                revision=0,
                pack="tier-a",
                locale="en",
                recipient=f"{number}@x.test",
                state=state,
                reason=reason,
            )
    engine.dispose()
    return url


def test_the_sentences_of_an_older_warehouse_become_values_when_it_is_opened(older: str):
    with Warehouse.open(older, "Hanlin Trading", "test") as warehouse:
        history = warehouse.history(MAY + 1)
        figures = history.figures.set_index("indicator")
        assert history.standards == (Standard(MAY, "builtin-1", builtin().author, builtin().reason),)
        scales = {name: scale_of(row["scale_low"], row["scale_high"]) for name, row in figures.iterrows()}
        assert {name: scale for name, scale in scales.items() if scale} == {"csat_mean": Scale(1, 5), "ces": Scale(-1.5, 7)}
        assert figures["detail"].dropna().to_dict() == {
            "current_value": Detail.MARGIN,
            "historic_value": Detail.REVENUE,
            "group_value_share": Detail.BELOW_ZERO,
        }
        assert figures["method"].to_dict() == METHODS, "the words themselves are kept as they were"
        told = {row.reason: row.hold for row in Ledger(warehouse).rows(MAY, 0) if row.state.value == "held"}
        assert told == REASONS
        assert [row.hold for row in Ledger(warehouse).rows(MAY, 0) if row.state.value == "accepted"] == [None]


def test_figures_are_guarded_again_after_the_upgrade(older: str):
    with Warehouse.open(older, "Hanlin Trading", "test") as warehouse:
        for change in ("update figures set value = 5", "delete from figures"):
            with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), warehouse.engine.begin() as connection:
                connection.execute(sa.text(change))
        with warehouse.reading() as connection:
            assert connection.execute(sa.text("select version_num from alembic_version")).scalar() == migrate.HEAD
