"""A table of figures on the screen: names in the reader's language, numbers written by their kind, its chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.i18n import Locale
from desktop.queries.metrics.dimensions import Name
from desktop.queries.metrics.pivot import Pivot
from desktop.views.charts.blocks import draw_block
from desktop.views.charts.grid import GridChart


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
    return draw_block(chart, found.block("figures", ""), sayer(found, chart.locale_))
