"""A native chart beside a table of a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.exporters.layouts import Chart, Sheet
from desktop.exporters.looks import FORMATS, INK, RULE
from desktop.exporters.paper import chart_size, keep_whole

MARKS = ("#0A677B", "#7A8890", "#A9D0D8", "#B7791F", "#2F855A", "#8DBFC9", "#B3261E", "#4F5D65")
_MOST_NAMED = 12
"""Columns whose values still stand beside each other."""
COLD, HOT = "#FFFFFF", "#3E93A5"


def add_chart(
    book: Any,
    sheet: Any,
    part: Sheet,
    chart: Chart,
    top: int,
    titles: Sequence[str],
    widths: Sequence[float],
) -> None:
    """Add a native chart beside a narrow table, or under it."""
    first, last = top + 1, top + len(part.rows)
    made = book.add_chart({"type": "bar" if chart.horizontal else "column"})
    numbers = FORMATS[part.columns[chart.series[0].column].kind].removesuffix(".00")
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
            named = len(chart.series) == 1 and (chart.horizontal or len(part.rows) <= _MOST_NAMED)
            labels = {"value": True, "num_format": numbers} if named else None
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
    scale = {"num_format": numbers} if not chart.horizontal else {}
    made.set_y_axis({**axis, "reverse": chart.horizontal, "major_tick_mark": "none", **scale})
    wanted = 60 + 34 * max(len(part.rows), 6) if chart.horizontal else 320
    width, height, beside = chart_size(widths, wanted)
    made.set_size({"width": width, "height": height})
    if beside:
        sheet.insert_chart(top, len(widths) + 1, made)
        return
    below = last + (3 if part.totals is not None else 2)
    sheet.insert_chart(below, 0, made, {"y_offset": 4})
    keep_whole(sheet, widths, below, height)


def shade(sheet: Any, part: Sheet, data: tuple[int, int]) -> None:
    """Shade the numbers of a heat map by their size, as Excel's own colour scale does (RPT-13)."""
    scale = {"type": "2_color_scale", "min_color": COLD, "max_color": HOT}
    sheet.conditional_format(data[0], min(part.heat), data[1], max(part.heat), scale)
