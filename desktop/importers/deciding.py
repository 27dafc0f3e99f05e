"""One column's values in the type of its field: which reader of values takes it, and how the column is read."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from desktop.errors import InvalidInput
from desktop.importers import choices, currencies, dates, numbers, people, plain_texts
from desktop.importers.fields import Field
from desktop.importers.moments import Order, moment_in
from desktop.importers.months import period_of, year_in
from desktop.importers.outcome import ERRORS, Outcome, by_unique, nothing
from desktop.importers.tables import ColumnMapping, TableMapping
from desktop.periods import Period

_TITLE_UNIT = re.compile(r"(?:单位\s*[:：]?\s*|[(（\[【]\s*)((?:百万|千万|万|亿|千)?元)")
"""How a title tells the unit of every amount below it: 单位：万元, 销售目标（万元）."""

_FIGURES = frozenset({"money", "percent", "integer", "number", "date", "datetime", "phone"})
_WIDE = "[０-９．，－／：％（）]"

_BORN_BEFORE = 30
"""A short year from here on is of the last century for a birthday; other days may well lie ahead."""


def decided(
    cells: pl.Series,
    item: Field,
    column: ColumnMapping,
    mapping: TableMapping,
    zone: str,
    countries: pl.Series | None = None,
) -> Outcome:
    """Return one column's values in the type of its field, with a fault's code where a cell has none."""
    cells = plain_texts.unwrapped(cells)
    if item.type in _FIGURES and cells.str.contains(_WIDE).any():
        cells = cells.str.normalize("NFKC")
    errors = cells.str.starts_with("#").fill_null(False)
    if errors.any():
        errors = cells.str.contains(ERRORS).fill_null(False)
        clean = cells.zip_with(~errors, nothing(len(cells), pl.String))
        outcome = _decide(clean, item, column, mapping, zone, countries)
        told = cells.replace_strict(
            {"#NO_VALUE!": "formula_no_value"}, default="formula_error", return_dtype=pl.String
        )
        return Outcome(outcome.values, told.zip_with(errors, outcome.codes))
    return _decide(cells, item, column, mapping, zone, countries)


def _decide(
    cells: pl.Series,
    item: Field,
    column: ColumnMapping,
    mapping: TableMapping,
    zone: str,
    countries: pl.Series | None,
) -> Outcome:
    reading = mapping.readings.get(item.full_name)
    if item.scaled:
        return _amounts(cells, item, column, mapping)
    match item.type:
        case "percent":
            return numbers.percent(cells, bounded=item.name == "probability", reading=reading)
        case "integer":
            return numbers.integer(cells, **_span(item, column))
        case "number":
            return numbers.number(cells, decimal=reading)
        case "date":
            return dates.dates(cells, zone, _order(cells, item, mapping))
        case "datetime":
            return dates.instants(cells, zone, _order(cells, item, mapping))
        case "boolean":
            return choices.booleans(cells)
        case "enum" | "choice":
            return choices.choices(cells, item)
        case "list":
            return choices.lists(cells)
        case "phone":
            return people.phones(cells, countries)
        case "email":
            return people.emails(cells)
        case "url":
            return plain_texts.urls(cells)
        case "period":
            return by_unique(cells, _period, pl.String)
        case _:
            return _texts(cells, item, column, mapping)


def _order(cells: pl.Series, item: Field, mapping: TableMapping) -> Order:
    """Return how a column's days are meant: by its rows, a person's word, and the year that the title tells."""
    table = mapping.table
    order = dates.with_reading(dates.order_of(cells), mapping.readings.get(item.full_name))
    year = year_in(table.title, table.sheet or "", PurePosixPath(table.file).stem)
    pivot = _BORN_BEFORE if item.name in ("birthday", "founded_on") else order.pivot
    return replace(order, year=year, pivot=pivot)


def _amounts(cells: pl.Series, item: Field, column: ColumnMapping, mapping: TableMapping) -> Outcome:
    factor = 1 if item.name == "quantity" else unit_of(column, mapping)
    typed = _typed(column, mapping)
    reading = mapping.readings.get(item.full_name)
    outcome = numbers.money(cells, item.scale, factor, decimal=reading, typed=typed)
    if item.type != "money" or item.full_name in CURRENCY_OF:
        return outcome
    named = currencies.told_by_amounts(cells, column.header)
    foreign = 0 if named is None else int((named != currencies.HOME).sum())
    return replace(outcome, remarks={**outcome.remarks, "currency_foreign": foreign}) if foreign else outcome


CURRENCY_OF = {"opportunity.amount": "opportunity.currency", "opportunity.won_amount": "opportunity.currency"}
"""In which field the currency of an amount is kept; all other amounts are in the home currency."""


def _texts(cells: pl.Series, item: Field, column: ColumnMapping, mapping: TableMapping) -> Outcome:
    if item.name == "currency":
        return currencies.currencies(cells)
    return plain_texts.texts(cells, item, typed=_typed(column, mapping))


def _typed(column: ColumnMapping, mapping: TableMapping) -> bool:
    """Whether the file itself typed numbers in a column."""
    kinds = mapping.table.kinds
    return column.index < len(kinds) and kinds[column.index].number > 0


def unit_of(column: ColumnMapping, mapping: TableMapping) -> int:
    """Return the factor of an amount's unit, from its header, else from a title that names one."""
    own = numbers.unit_in(column.header)
    if own is not None:
        return own
    if "元" in column.header:
        return 1
    table = mapping.table
    for text in (table.title, table.sheet or "", PurePosixPath(table.file).stem):
        told = _TITLE_UNIT.search(text)
        if told:
            return numbers.unit_in(told[1]) or 1
    return 1


def _span(item: Field, column: ColumnMapping) -> dict[str, Any]:
    header = column.header.casefold()
    if item.name == "duration_minutes":
        in_seconds = "秒" in header or "second" in header
        return {"span": "minutes", "factor": Decimal(1) / 60 if in_seconds else Decimal(1)}
    if item.name in ("duration_seconds", "web_dwell_seconds"):
        in_minutes = "分" in header or "min" in header
        return {"span": "seconds", "factor": Decimal(60) if in_minutes else Decimal(1)}
    return {}


def _period(text: str) -> tuple[str | None, str | None]:
    found = period_of(text)
    if found and not found.startswith("--"):
        return found, None
    bare = text.strip().removesuffix("年度").removesuffix("年")
    try:
        return Period.parse(bare).text, None
    except InvalidInput:
        day, _ = moment_in(text, Order("?"))
        return (f"{day:%Y-%m}", None) if day and day.day == 1 else (None, "period_invalid")
