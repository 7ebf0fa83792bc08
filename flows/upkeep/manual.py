"""`make docs`: the pages of docs/ that are made from the code, so that they cannot say something else."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

from flows.upkeep.requirements import COVERAGE, coverage_csv, coverage_page, read_coverage
from reports.i18n import words
from transforms.indicators.all import CATALOGUE, MEASURES
from transforms.tables.contract import TABLES, ColumnSpec, TableSpec

DOCS = Path(__file__).resolve().parents[2] / "docs"
BY_HAND = "tests/transforms/indicators/by_hand"
HEAD = "<!-- Made by `make docs`; change the code, not this page. -->\n\n"


def data_dictionary() -> str:
    """Every canonical table and column: what a query or a file must give."""
    parts = [
        HEAD + "# Data dictionary\n\nWhat a query or file must give, table by table. Columns in **bold** are required; the others "
        'are optional: what is missing makes the sections that need it print "not supplied".\n'
    ]
    parts += [_table(table) for table in TABLES.values()]
    return "\n".join(parts)


def _table(table: TableSpec) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    lines = [f"## {table.name}\n", f"{table.grain.capitalize()}; key {key}.", "", "| column | kind | meaning |", "|---|---|---|"]
    return "\n".join([*lines, *(_column(column) for column in table.columns), ""])


def _column(column: ColumnSpec) -> str:
    name = f"**{column.name}**" if column.required else column.name
    choices = f" ({', '.join(column.choices)})" if column.choices else ""
    personal = " · personal" if column.personal else ""
    return f"| {name} | {column.kind.value}{choices} | {column.meaning}{personal} |"


def indicators() -> str:
    """Every indicator: words, unit, direction, formula, window, sources, the requirement rows it serves and where it is computed."""
    lines = [
        HEAD + "# Indicators\n",
        "Every number that a pack can print, once. The name is the column `indicator` of `figures.csv`. What is worked out by "
        f"hand stands in `{BY_HAND}`; `pytest {BY_HAND} -k NAME` holds one against its rows.\n",
        "| name | English | 中文 | unit | better | window | formula | needs | label | serves | module | by hand |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    chinese, worked_out = words("zh_CN"), _worked_out()
    for name, measure in sorted(MEASURES.items()):
        known = measure.indicator
        cells = (
            f"`{name}`",
            known.title,
            chinese._(known.title),
            known.unit.value,
            known.better.value,
            known.window,
            known.formula,
            ", ".join(known.needs),
            known.label.value,
            ", ".join(known.serves),
            f"`{measure.file}`",
            f"`{worked_out[name]}`" if name in worked_out else "",
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _worked_out() -> dict[str, str]:
    """Indicator -> the file of rows that tell its values, worked out by hand; read as text, as tests are no part of the program."""
    found: dict[str, str] = {}
    for file in sorted((DOCS.parent / BY_HAND).glob("rows_*.py")):
        for call in (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
            if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value in MEASURES:
                found.setdefault(str(call.args[0].value), file.name)
    return found


def coverage_lines() -> str:
    """`coverage.csv` with its indicators as the catalogue has them; all else in it is written by hand."""
    return coverage_csv(read_coverage(COVERAGE.read_text(encoding="utf-8"), CATALOGUE))


def coverage() -> str:
    """Every requirement: how far it is met, where it is shown, and the test that proves it."""
    return HEAD + coverage_page(read_coverage(COVERAGE.read_text(encoding="utf-8"), CATALOGUE))


PAGES: dict[str, Callable[[], str]] = {
    "data-dictionary.md": data_dictionary,
    "indicators.md": indicators,
    "coverage.csv": coverage_lines,
    "coverage.md": coverage,
}


def main() -> None:
    """Write every generated page."""
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
