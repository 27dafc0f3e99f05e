"""What is written into a cell of a workbook: exact numbers, placed formulas, and how wide they show."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from desktop.exporters.cells import exact_money, exact_number, exact_price, shown_width
from desktop.exporters.layouts import NUMERIC, Formula, Kind, Sheet, Value
from desktop.i18n import Locale
from desktop.letters import column_letters
from desktop.money import UNIT_PRICE_SCALE, from_minor, money_text

WIDEST = 48.0
"""Digits of the widest column that is measured."""
_SAMPLED = 300


def cell_name(row: int, col: int) -> str:
    """Return what Excel calls a cell; row and column count from 0."""
    return f"{column_letters(col + 1)}{row + 1}"


def placed(value: Value, row: int, data: tuple[int, int]) -> Value:
    """Return a formula with the cells that it means where it stands; other values as they are."""
    if not isinstance(value, Formula):
        return value

    def cells(match: re.Match[str]) -> str:
        col = int(match[2])
        return (
            f"{cell_name(data[0], col)}:{cell_name(data[1], col)}"
            if match[1] == "all"
            else cell_name(row, col)
        )

    return replace(value, expression=re.sub(r"\{(c|all)(\d+)\}", cells, value.expression))


_EXACT: dict[Kind, Callable[[int], float | None]] = {Kind.MONEY: exact_money, Kind.PRICE: exact_price}


def number_of(value: int | float | Decimal, kind: Kind) -> str | float:
    """Return a double that names the very number, or the exact text beyond 15 digits."""
    if kind in _EXACT:
        if not isinstance(value, int):
            raise TypeError(f"{kind} takes whole minor units, not {value!r}")
        found = _EXACT[kind](value)
        if found is not None:
            return found
        return money_text(value) if kind is Kind.MONEY else str(from_minor(value, UNIT_PRICE_SCALE))
    if isinstance(value, float):
        # Not a number has no cell of its own.
        return value if math.isfinite(value) else "—"
    if kind is Kind.PERCENT:
        return float(round(Decimal(value), 12))
    exact = exact_number(Decimal(value))
    return str(value) if exact is None else exact


def sample(value: Value, kind: Kind) -> str:
    """Return roughly what a cell shows, to measure its column."""
    if isinstance(value, Formula):
        return sample(value.value, kind)
    if value is None:
        return ""
    if isinstance(value, int) and kind is Kind.MONEY:
        return f"{value / 100:,.2f}"
    if isinstance(value, datetime):
        return "2026-03-05 10:20"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if kind is Kind.PERCENT and not isinstance(value, str):
        return "100.0%"
    return str(value)


def cell_value(value: Value, kind: Kind, locale: Locale) -> str | float | int | date:
    """Return what is stored in the cell: text, an exact number, or a naive local date."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return locale._("Yes") if value else locale._("No")
    if isinstance(value, datetime):
        local = value.astimezone(ZoneInfo(locale.zone)) if value.tzinfo else value
        naive = local.replace(tzinfo=None, microsecond=0)
        return naive if naive.year >= 1901 else naive.isoformat(" ")
    if isinstance(value, date):
        return value if value.year >= 1901 else value.isoformat()
    if kind is Kind.TEXT or value is None or isinstance(value, Formula):
        return str(value)
    return number_of(value, kind)


def sized(part: Sheet, titles: Sequence[str], *, lines: bool) -> Sheet:
    """Return a sheet whose columns all have a width; with `lines`, texts too long for the widest are broken into some."""
    columns = []
    for col, (column, title) in enumerate(zip(part.columns, titles, strict=True)):
        width = column.width or _measured(part, col, title)
        long = column.kind is Kind.TEXT and not column.width and width == WIDEST and lines
        columns.append(replace(column, width=width, wrap=column.wrap or long))
    return replace(part, columns=tuple(columns))


def _measured(part: Sheet, col: int, title: str) -> float:
    """Return a width that fits the header with the button of its filter, and the first rows."""
    kind = part.columns[col].kind
    aside = 1 if kind in NUMERIC else 0
    button = 2 + aside if has_filter(part) else 0
    widest = shown_width(title) + 1 + aside + button
    for row in [*part.rows[:_SAMPLED], *([part.totals] if part.totals else [])]:
        widest = max(widest, shown_width(sample(row[col], kind)) + 2 + aside)
    return min(max(widest, 6.0), WIDEST)


def has_filter(part: Sheet) -> bool:
    """Whether headers have the button of a filter: a heat map's narrow columns have no room for it."""
    return not part.heat
