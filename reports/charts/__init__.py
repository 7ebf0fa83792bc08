"""Charts drawn by hand as SVG: selectable text in the page's font, a title for those who listen, greyscale-safe.

Sizes are points. Every function takes finished numbers and the words to print; a missing
number leaves a gap and never a zero.
"""

from reports.charts.bars import bars, columns, parts
from reports.charts.canvas import FULL, HALF
from reports.charts.lines import Line, spark, trend
from reports.charts.marks import MarkNames, Marks
from reports.charts.shapes import concentration, histogram, quadrants, whiskers

__all__ = [
    "FULL",
    "HALF",
    "Line",
    "MarkNames",
    "Marks",
    "bars",
    "columns",
    "concentration",
    "histogram",
    "parts",
    "quadrants",
    "spark",
    "trend",
    "whiskers",
]
