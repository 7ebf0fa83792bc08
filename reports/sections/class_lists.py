"""Customers by name in the section on classes: the core and who came into it, whom to see first, and accounts."""

from __future__ import annotations

import pandas as pd

from reports.blocks import Cell, Column, Table
from reports.formats import finite
from reports.glyphs import clean
from reports.sections.common import rows_shown_line
from reports.sections.words import group_word
from reports.view import View, amount_of
from transforms.classes.priority import MODEL
from transforms.classes.registers import entries

SHOWN, NAMED = 5, 3


def core(view: View) -> Table | None:
    """The core customers of the pack with their three values, most current value first, and their priority."""
    core = (
        view.customers[view.customers["is_core"].astype("boolean").fillna(False).to_numpy(dtype=bool)]
        if "is_core" in view.customers
        else None
    )
    if core is None or not len(core):
        return None
    first = core.sort_values(["current_value", "customer_id"], ascending=[False, True], kind="stable").head(SHOWN)
    heads = (
        Column(view._("Core customer"), width="26"),
        Column(view._("Historic"), numeric=True, width="10"),
        Column(view._("Current"), numeric=True, width="10"),
        Column(view._("Potential (estimate)"), numeric=True, width="11"),
        Column(view._("Priority"), numeric=True, width="8"),
        Column(view._("Class"), width="27"),
        Column(view._("File"), numeric=True),
    )
    rows = []
    authors = _who_named(view)
    for row in first.to_dict("records"):
        values = [view.formats.money(amount_of(row[name]), 0) for name in ("historic_value", "current_value", "potential_value")]
        priority = "" if pd.isna(row["priority"]) else view.formats.number(float(row["priority"]), 0)
        kind = f"{group_word(view, str(row['value_class']))} · {group_word(view, str(row['behaviour_class']))}"
        author = authors.get(row["customer_id"])
        rows.append(
            (
                view.customer_cell(row),
                *map(Cell, values),
                Cell(priority),
                Cell(kind, "" if author is None else view._("strategic, named by {author}", author=clean(author, 30))),
                Cell(view.formats.share(float(row["completeness"]), 0)),
            )
        )
    note = view.words.join([rows_shown_line(view, len(first), len(core)), _core_changes(view)])
    return Table(view._("Core customers by name"), heads, tuple(rows), note=note, compact=True, inline=True)


def _who_named(view: View) -> dict[object, str]:
    """Who named each strategic customer so."""
    rows = entries(view.material.review.registers, "strategic")
    return dict(zip(rows["customer_id"], rows["author"], strict=True)) if len(rows) else {}


def _core_changes(view: View) -> str:
    """Who of the pack's customers came into the core since last month, and who of them left it."""
    before = view.material.previous
    if "is_core" not in before or not len(before):
        return ""
    was = set(before.loc[before["is_core"].astype("boolean").fillna(False).to_numpy(dtype=bool), "customer_id"])
    core = view.customers["is_core"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    held = view.customers["customer_id"].isin(was).to_numpy(dtype=bool)
    came, left = _names(view, view.customers[core & ~held]), _names(view, view.customers[~core & held])
    if not came and not left:
        return view._("Nobody came into the core or left it since last month.")
    said = [view._("New in the core: {names}.", names=came)] if came else []
    said += [view._("No longer in it: {names}.", names=left)] if left else []
    return view.words.join(one[:-1] if one.endswith("..") else one for one in said)  # a name may end in a full stop of its own


def _names(view: View, rows: pd.DataFrame) -> str:
    """The first customers by their twelve-month net, and how many more there are."""
    ordered = rows.sort_values(["net_12m", "customer_id"], ascending=[False, True], kind="stable")
    shown = [view.customer(row)[0] for row in ordered.head(NAMED).to_dict("records")]
    return view.words.apart([*shown, *([view._("{n} more", n=view.formats.count(len(rows) - NAMED))] if len(rows) > NAMED else [])])


def priority(view: View) -> Table | None:
    """Whom to see first: purchasing power, loyalty and the value to be expected, each as a rank; the pack's own customers."""
    if "priority_value_from" not in view.customers:
        return None
    known = view.customers[view.customers["priority"].notna().to_numpy(dtype=bool)]
    if not len(known):
        return None
    first = known.sort_values(["priority", "customer_id"], ascending=[False, True], kind="stable").head(SHOWN)
    parts = ("priority_power", "priority_loyalty", "priority_value", "priority")
    heads = (
        Column(view._("Customer"), width="36"),
        Column(view._("Purchasing power"), numeric=True),
        Column(view._("Loyalty"), numeric=True),
        Column(view._("Expected value"), numeric=True),
        Column(view._("Priority"), numeric=True),
    )
    rows = [
        (view.customer_cell(row), *(Cell(view.formats.number(finite(row[name]), 0)) for name in parts)) for row in first.to_dict("records")
    ]
    declared = int((known["priority_power_from"] == "declared").sum())
    by_model = bool((known["priority_value_from"] == MODEL).any())
    note = view._(
        "Ranks 0-100 of {total}. Purchasing power: budget declared by {n}, else peers’ spending. Expected value: {source}.",
        total=view.formats.count(len(known)),
        n=view.formats.count(declared),
        source=view._("by the model") if by_model else view._("of twelve months"),
    )
    return Table(view._("Priority customers (estimate)"), heads, tuple(rows), note=note, compact=True, inline=True)


def accounts(view: View) -> Table | None:
    """Companies whose seats or purchase target the registers hold: three columns, none of them part of the grade."""
    held = view.customers
    if "users" not in held or "kind" not in held:
        return None
    told = held["users"].notna() | held["performance"].notna()
    chosen = held[((held["kind"] != "person") & told).to_numpy(dtype=bool)]
    if not len(chosen):
        return None
    first = chosen.sort_values(["current_value", "customer_id"], ascending=[False, True], kind="stable").head(2 * SHOWN)
    heads = (
        Column(view._("Account"), width="40"),
        Column(view._("Users"), numeric=True),
        Column(view._("Current value"), numeric=True),
        Column(view._("Of its target"), numeric=True),
    )
    rows = []
    for row in first.to_dict("records"):
        users, reached = finite(row["users"]), finite(row["performance"])
        rows.append(
            (
                view.customer_cell(row),
                Cell(view.formats.count(users) if users is not None else view._("not supplied"), muted=users is None),
                Cell(view.formats.money(amount_of(row["current_value"]), 0)),
                Cell(view.formats.share(reached, 0) if reached is not None else view._("not supplied"), muted=reached is None),
            )
        )
    by_hand = view._("Entered by hand (registers users and target); no grade reads it.")
    note = view.words.join([rows_shown_line(view, len(first), len(chosen)), by_hand])
    return Table(view._("Accounts"), heads, tuple(rows), note=note, compact=True, inline=True)
