"""What was told in words alone gets columns of its own: the scale of a score, what a figure's value is, why a delivery is held."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from flows.warehouse.migrations.guards import guard_rows, release_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCORES = ("csat_mean", "ces")
DETAILS = {
    "value is margin": "margin",
    "value is revenue": "revenue",
    "the group's value is below 0": "below_zero",
    "the group has more than all together: others are below 0": "above_all",
}
VALUED = ("historic_value", "current_value", "group_value_share")
HOLDS = {
    "waits for approval: %": "approval",
    "suppressed: opted out%": "opted_out",
    "suppressed: mail comes back%": "bounced",
    "no longer on the list of recipients": "removed",
    "% has taken its place": "superseded",
    "its pack held a person who was forgotten; %": "superseded",
}
"""The sentences of the rows that were written before; they are read here for the last time."""


def upgrade() -> None:
    op.add_column("figures", sa.Column("detail", sa.String(length=16), nullable=True))
    op.add_column("figures", sa.Column("scale_low", sa.Float(precision=53), nullable=True))
    op.add_column("figures", sa.Column("scale_high", sa.Float(precision=53), nullable=True))
    op.add_column("deliveries", sa.Column("hold", sa.String(length=16), nullable=True))
    release_rows("figures")
    _tell_scales()
    _tell_details()
    guard_rows("figures")
    _tell_holds()


def _tell_scales() -> None:
    figures = sa.table("figures", *(sa.column(name) for name in ("indicator", "method", "scale_low", "scale_high")))
    scored = figures.c.indicator.in_(SCORES)
    for method in op.get_bind().execute(sa.select(figures.c.method).where(scored).distinct()).scalars().all():
        if told := re.search(r"scale (-?[\d.]+)-(-?[\d.]+)", method):
            values = {"scale_low": float(told[1]), "scale_high": float(told[2])}
            op.execute(figures.update().where(scored, figures.c.method == method).values(values))


def _tell_details() -> None:
    figures = sa.table("figures", *(sa.column(name) for name in ("indicator", "method", "detail")))
    for method, detail in DETAILS.items():
        # A share tells only why there is none: what its value is stands beside the sums.
        concerned = VALUED if detail not in ("margin", "revenue") else VALUED[:2]
        op.execute(figures.update().where(figures.c.indicator.in_(concerned), figures.c.method == method).values(detail=detail))


def _tell_holds() -> None:
    deliveries = sa.table("deliveries", *(sa.column(name) for name in ("state", "reason", "hold")))
    held = deliveries.c.state == "held"
    op.execute(deliveries.update().where(held).values(hold="unfit"))
    for reason, hold in HOLDS.items():
        op.execute(deliveries.update().where(held, deliveries.c.reason.like(reason)).values(hold=hold))


def downgrade() -> None:
    raise NotImplementedError("a warehouse only goes forward; put back the copy made before the upgrade")
