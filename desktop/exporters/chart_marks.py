"""A native chart beside a table of a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.exporters.layouts import Chart, Sheet
from desktop.exporters.looks import INK, RULE

MARKS = ("#0A677B", "#7A8890", "#A9D0D8", "#B7791F", "#2F855A", "#8DBFC9", "#B3261E", "#4F5D65")
COLD, HOT = "#FFFFFF", "#3E93A5"


def add_chart(book: Any, sheet: Any, part: Sheet, chart: Chart, top: int, titles: Sequence[str]) -> None:
    """Add a native chart under the table."""
    first, last = top + 1, top + len(part.rows)
    made = book.add_chart({"type": "bar" if chart.horizontal else "column"})
    lines = None
    bars = any(not series.line for series in chart.series)
    for position, series in enumerate(chart.series):
        colour = MARKS[position % len(MARKS)]
        options = {
            "name": titles[series.column],
            "categories": [sheet.get_name(), first, chart.category, last, chart.category],
            "values": [sheet.get_name(), first, series.column, last, series.column],
            "gap": 45,
        }
        if series.line:
            lines = lines or book.add_chart({"type": "line"})
            lines.add_series({**options, "line": {"color": INK if bars else colour, "width": 1.75}})
        else:
            labels = {"value": True} if len(chart.series) == 1 else None
            made.add_series({**options, "fill": {"color": colour}, "data_labels": labels})
    if lines and bars:
        made.combine(lines)
    elif lines:
        made = lines
    made.set_title({"name": chart.title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    made.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
    axis = {"line": {"color": RULE}, "major_gridlines": {"visible": False}}
    # Values stand on the marks where there is one series, so their axis would say them twice.
    made.set_x_axis({**axis, "visible": not chart.horizontal})
    made.set_y_axis({**axis, "reverse": chart.horizontal, "major_tick_mark": "none"})
    made.set_size({"width": 760, "height": 60 + 34 * max(len(part.rows), 6) if chart.horizontal else 320})
    sheet.insert_chart(last + (3 if part.totals is not None else 2), 0, made)


def shade(sheet: Any, part: Sheet, data: tuple[int, int]) -> None:
    """Shade the numbers of a heat map by their size, as Excel's own colour scale does (RPT-13)."""
    scale = {"type": "2_color_scale", "min_color": COLD, "max_color": HOT}
    sheet.conditional_format(data[0], min(part.heat), data[1], max(part.heat), scale)
