"""A table of figures on the screen: names in the reader's language, numbers written by their kind, its chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.i18n import Locale
from desktop.queries.metrics.dimensions import Name
from desktop.queries.metrics.pivot import TABLE, Pivot
from desktop.views.charts.grid import GridChart, GridSeries


def name_of(name: Name, locale: Locale) -> str:
    """Return the name of a row or column in the reader's language."""
    return (name[1] if locale.is_chinese else None) or name[0]


def sayer(found: Pivot, locale: Locale) -> Callable[[str], str]:
    """Return what translates the titles of a table."""
    words = dict(found.words()) if locale.is_chinese else {}
    return lambda text: words.get(text) or locale._(text)


def short(value: Any, kind: str, locale: Locale) -> str:
    """Return a figure where there is little room: amounts have a compact unit."""
    return locale.money_short(value) if kind == "money" else locale.figure(value, kind)


def draw(chart: GridChart, found: Pivot) -> bool:
    """Put a table's chart into the widget; return whether it has one. A mark's record is the number of its row."""
    locale = chart.locale_
    block = found.block("figures", "")
    if found.shape.chart == TABLE or not block.picture:
        return False
    picture, say = block.picture, sayer(found, locale)
    keys = [field.key for field in block.fields]
    drawn = [keys.index(key) for key in (*picture.bars, *picture.lines, *picture.heat)]
    value_kind = block.fields[drawn[0]].kind if drawn else "integer"
    chart.number = {
        "money": lambda value: locale.money_short(round(value)),
        "percent": lambda value: locale.percent(value, 0),
        "decimal": lambda value: locale.decimal(value, 1),
    }.get(value_kind, lambda value: locale.integer(round(value)))
    labels = [name_of(row[0], locale) for row in block.rows]
    series = [
        GridSeries(
            say(block.fields[at].title),
            tuple(None if row[at] is None else float(row[at]) for row in block.rows),
        )
        for at in drawn
    ]
    chart.set_data(found.shape.chart, labels, series, tuple(range(len(labels))))
    return True
