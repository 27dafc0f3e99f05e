"""The chart of a report's table: the same names and numbers as the native chart of its workbook (RPT-07)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.i18n import Locale
from desktop.queries.reports import Block, shown_value
from desktop.views.charts.grid import GridChart, GridSeries

_CENTS = 100


def draw_block(chart: GridChart, block: Block, say: Callable[[str], str]) -> bool:
    """Put a table's chart into the widget; return whether it has one. A mark's record is the number of its row."""
    picture, locale = block.picture, chart.locale_
    if not picture:
        return False
    keys = [field.key for field in block.fields]
    named = keys.index(picture.category)
    drawn = [keys.index(key) for key in (*picture.bars, *picture.lines, *picture.heat)]
    chart.number = _number(block.fields[drawn[0]].kind, locale)
    labels = [str(shown_value(row[named], block.fields[named].kind, locale, say) or "") for row in block.rows]
    series = [
        GridSeries(
            say(block.fields[at].title),
            tuple(_worth(row[at], block.fields[at].kind) for row in block.rows),
            line=keys[at] in picture.lines,
        )
        for at in drawn
    ]
    chart.set_data("heat" if picture.heat else "bar", labels, series, tuple(range(len(labels))))
    return True


def _worth(value: Any, kind: str) -> float | None:
    """Return a figure as a person reads it: amounts in whole units of their currency."""
    if value is None:
        return None
    return value / _CENTS if kind == "money" else float(value)


def _number(kind: str, locale: Locale) -> Callable[[float], str]:
    found: dict[str, Callable[[float], str]] = {
        "money": lambda value: locale.money_short(round(value * _CENTS)),
        "percent": lambda value: locale.percent(value, 0),
        "decimal": lambda value: locale.decimal(value, 1),
    }
    return found.get(kind, lambda value: locale.integer(round(value)))
