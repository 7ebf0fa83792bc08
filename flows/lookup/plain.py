"""Figures counted a second time, by plain SQL over the kept rows: none of the code that made them is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Template

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from flows.snapshots.chain import Chain
from transforms.figures import Scope
from transforms.month import Month
from transforms.tables.merging import Merged

TABLES = ("orders", "refunds", "tickets", "surveys")
DATED = {"orders": "ordered_at", "refunds": "refunded_at", "tickets": "opened_at", "surveys": "answered_at"}

_SOLD = "from orders where month = '$month' and $mine"
_BACK = "from refunds where month = '$month' and $mine"
_YEAR = "month between '$year' and '$month'"
_BEFORE = "month between '$before' and '$ended'"
_BUYERS = (
    f"(select customer_id, count(*) filter (where {_YEAR}) as now, count(*) filter (where {_BEFORE}) as before, "
    f"coalesce(sum(amount) filter (where {_YEAR}), 0) as gross, coalesce(sum(amount) filter (where {_BEFORE}), 0) as gross_before, "
    f"count(distinct day) filter (where {_YEAR}) as days from orders where $mine and customer_id is not null group by 1)"
)
_RETURNS = (
    f"(select customer_id, coalesce(sum(amount) filter (where {_YEAR}), 0) as back, coalesce(sum(amount) filter (where {_BEFORE}), 0) "
    "as back_before from refunds where $mine and customer_id is not null group by 1)"
)
_PAIRS = (
    f"(select gross - coalesce(back, 0) as net, gross_before - coalesce(back_before, 0) as net_before from {_BUYERS} "
    f"left join {_RETURNS} using (customer_id) where before > 0)"
)
_ASKED = "from surveys where month = '$month' and $mine and score between scale_min and scale_max"
_SHARE = "(score - scale_min) / (scale_max - scale_min)"
_OPENED = "from tickets where month = '$month' and $mine"
_LAST = (
    "(select customer_id, arg_max(score, (answered_at, response_id)) as score from surveys where month = '$month' and $mine "
    "and customer_id is not null and instrument = 'nps' and scale_min = 0 and scale_max = 10 and score = floor(score) "
    "and score between 0 and 10 group by 1)"
)

QUERIES: Mapping[str, str] = {
    "orders": f"select count(*) {_SOLD}",
    "gross_revenue": f"select coalesce(sum(amount), 0) {_SOLD}",
    "refunds": f"select coalesce(sum(amount), 0) {_BACK}",
    "net_revenue": f"select (select coalesce(sum(amount), 0) {_SOLD}) - (select coalesce(sum(amount), 0) {_BACK})",
    "net_revenue_12m": (
        f"select (select coalesce(sum(amount), 0) from orders where {_YEAR} and $mine)"
        f" - (select coalesce(sum(amount), 0) from refunds where {_YEAR} and $mine)"
    ),
    "average_order_value": f"select avg(amount) {_SOLD}",
    "customers_base": "select count(distinct customer_id) from orders where $mine",
    "customers_active_12m": f"select count(distinct customer_id) from orders where {_YEAR} and $mine",
    "customers_new": (
        "select count(*) from (select customer_id from orders where $mine and customer_id is not null "
        "group by 1 having min(month) = '$month')"
    ),
    "repeat_purchase_rate": f"select count(*) filter (where days >= 2) / count(*) filter (where days >= 1) from {_BUYERS}",
    "retention_rate": f"select count(*) filter (where now > 0) / count(*) from {_BUYERS} where before > 0",
    "churn_rate": f"select count(*) filter (where now = 0) / count(*) from {_BUYERS} where before > 0",
    "nrr": f"select sum(net) / sum(net_before) from {_PAIRS}",
    "grr": f"select sum(least(net, net_before)) / sum(net_before) from {_PAIRS}",
    "tickets_opened": f"select count(*) {_OPENED}",
    "complaints": f"select count(*) {_OPENED} and type = 'complaint'",
    "complaint_rate": f"select 1000 * (select count(*) {_OPENED} and type = 'complaint') / (select count(*) {_SOLD})",
    "satisfaction_index": f"select 100 * avg({_SHARE}) {_ASKED} and instrument in ('csat', 'acsi')",
    "nps": f"select 100 * (count(*) filter (where score >= 9) - count(*) filter (where score <= 6)) / count(*) from {_LAST}",
}
"""The query of each figure that has one; `$mine` stands for the scope's customers."""

READS: Mapping[str, tuple[str, ...]] = {
    name: tuple(table for table in TABLES if f"from {table} " in query or f"from {table}\n" in query) for name, query in QUERIES.items()
}


@dataclass(frozen=True)
class PlainRows:
    """The kept rows up to a month as tables: orders that count, refunds, tickets by the month they were opened in, answers.

    `month` and `day` are of the company's time zone; the rows of a merged record are those of the one that remains.
    """

    chain: Chain
    month: Month
    timezone: str
    merged: Merged

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name; a table that nobody supplies is not there."""
        found = {}
        for table in TABLES:
            kept = [by_table[table].path for _, by_table in sorted(self.chain.up_to(self.month).items()) if table in by_table]
            if kept:
                found[table] = self._dated(table, pd.concat([pq.read_table(path).to_pandas() for path in kept], ignore_index=True))
        if "orders" in found and "refunds" not in found:
            found["refunds"] = found["orders"].iloc[:0].assign(refund_id="")
        return found

    def _dated(self, table: str, rows: pd.DataFrame) -> pd.DataFrame:
        local = rows[DATED[table]].dt.tz_convert(self.timezone)
        ids = rows["customer_id"].map(lambda key: self.merged.get(key, key) if isinstance(key, str) and key else None)
        rows = rows.assign(customer_id=ids, month=local.dt.strftime("%Y-%m"), day=local.dt.strftime("%Y-%m-%d"))
        if table == "orders":
            rows = rows[(rows["amount"] >= 0) & (rows["status"].fillna("completed") != "cancelled" if "status" in rows else True)]
        if table == "tickets":  # one that changes in several months stands in the snapshot of each: the newest tells how it is
            rows = rows.drop_duplicates("ticket_id", keep="last")
        return rows.reset_index(drop=True)

    @cached_property
    def _typed(self) -> dict[str, pa.Table]:
        """The tables with money as what it is: ten-thousandths, exact."""
        found = {}
        for name, rows in self.tables.items():
            made = pa.Table.from_pandas(rows, preserve_index=False)
            if "amount" in made.column_names:
                money = made["amount"].cast(pa.decimal128(18, 4))
                made = made.set_column(made.column_names.index("amount"), "amount", money)
            found[name] = made
        return found

    def query(self, indicator: str, scope: Scope) -> str:
        """The SQL of a figure, ready to be read; empty where it has none."""
        if indicator not in QUERIES or not set(READS[indicator]) <= set(self.tables):
            return ""
        own = {Scope.COMPANY: "true", Scope.UNATTRIBUTED: "customer_id is null"}
        mine = own.get(scope, "customer_id in (select customer_id from mine)")
        spans = {
            "month": self.month,
            "year": self.month - 11,
            "ended": self.month - 12,
            "before": self.month - 23,
        }
        return Template(QUERIES[indicator]).substitute(mine=mine, **{name: str(month) for name, month in spans.items()})

    def value(self, query: str, mine: Collection[str]) -> float | None:
        """What a query of `query` gives for these customers; None where there is nothing to divide by."""
        import duckdb

        with duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "2GB"}) as connection:
            for name, rows in self._typed.items():
                connection.register(name, rows)
            connection.register("mine", pd.DataFrame({"customer_id": pd.Series(sorted(mine), dtype="object")}))
            found = connection.execute(query).fetchone()
        return None if found is None or found[0] is None else float(found[0])

    def rows_behind(self, query_of: str, mine: Collection[str] | None) -> dict[str, pd.DataFrame]:
        """The rows that a figure's query reads in its window, by table; of all customers where `mine` is None."""
        query = QUERIES[query_of]
        first = self.month - 23 if "$before" in query else self.month - 11 if "$year" in query else self.month
        whole = "month" not in query.replace("min(month)", "")
        found = {}
        for table in READS[query_of]:
            rows = self.tables[table]
            kept = rows[(rows["month"] >= str(first)) | whole]
            found[table] = kept if mine is None else kept[kept["customer_id"].isin(set(mine))]
        return found
