"""Columns of values as columns of cell contents: number text where a cell holds a number, text where it holds text.

What `written.number_of` and `cells.clean_text` decide cell by cell is decided here column by column; where a
column holds anything out of the ordinary, its values are handed to those very functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from desktop.exporters.cells import LONGEST_TEXT, clean_text
from desktop.exporters.layouts import Formula, Kind, Value
from desktop.exporters.written import cell_value
from desktop.i18n import Locale

if TYPE_CHECKING:
    import polars as pl

_WHOLE = 10**15
"""Whole numbers from here on have more digits than a cell keeps."""
# Signs that XML cannot hold and line ends to be unified; surrogates never get into polars.
_ODD = "[\\x00-\\x08\\x0b-\\x1f\\x7f\ufffe\uffff]"
_EPOCH = date(1899, 12, 30)
_FIRST = date(1901, 1, 1)
_PLACES = {Kind.MONEY: 2, Kind.PRICE: 6}


@dataclass(frozen=True, slots=True)
class Contents:
    """One column of a chunk: what its number cells and its text cells hold (XML text); None: no such cell."""

    numbers: pl.Series | None
    texts: pl.Series | None


def contents(values: Any, kind: Kind, locale: Locale) -> Contents:
    """Return the cell contents of a column: a polars series, or any Python values."""
    import polars as pl

    series = values if isinstance(values, pl.Series) else _typed(values, kind)
    if series is not None:
        quick = _quick(series, kind, locale.zone)
        if quick is not None:
            return quick
    return _one_by_one(series.to_list() if series is not None else values, kind, locale)


def _typed(values: Sequence[Value], kind: Kind) -> pl.Series | None:
    """Return Python values as a typed column if they are all of the one type their kind is made for."""
    import polars as pl

    made_for: dict[Kind, tuple[type, Any]] = {
        Kind.TEXT: (str, pl.String),
        Kind.INTEGER: (int, pl.Int64),
        Kind.MONEY: (int, pl.Int64),
        Kind.PRICE: (int, pl.Int64),
        Kind.DATE: (date, pl.Date),
    }
    if kind not in made_for:
        return None
    python, dtype = made_for[kind]
    if not {type(value) for value in values} <= {python, type(None)}:
        return None
    try:
        return pl.Series(values, dtype=dtype, strict=True)
    except (pl.exceptions.PolarsError, OverflowError, TypeError, UnicodeEncodeError):
        return None


def _quick(series: pl.Series, kind: Kind, zone: str) -> Contents | None:
    """Return the contents of an ordinary column, None for one with anything unusual."""
    import polars as pl

    if series.null_count() == len(series):
        return Contents(None, None)
    if series.dtype == pl.String:
        return Contents(None, _escaped(series))
    if series.dtype.is_integer() and kind in (*_PLACES, Kind.INTEGER, Kind.DECIMAL):
        if not series.is_between(-_WHOLE, _WHOLE, closed="none").all():
            return None
        places = _PLACES.get(kind, 0)
        return Contents(_scaled(series, places) if places else series.cast(pl.String), None)
    if series.dtype.is_float() and kind in (Kind.DECIMAL, Kind.PERCENT) and series.is_finite().all():
        return Contents(series.cast(pl.Float64).cast(pl.String), None)
    if series.dtype == pl.Date and kind is Kind.DATE and (series >= _FIRST).all():
        return Contents((series - _EPOCH).dt.total_days().cast(pl.String), None)
    if isinstance(series.dtype, pl.Datetime) and kind is Kind.INSTANT:
        return _moments(series, zone)
    return None


def _moments(series: pl.Series, zone: str) -> Contents | None:
    import polars as pl

    if getattr(series.dtype, "time_zone", None) is None:
        return None
    local = series.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    if not (local.dt.date() >= _FIRST).all():
        return None
    days = (local.dt.date() - _EPOCH).dt.total_days().cast(pl.Float64)
    seconds = local.dt.hour().cast(pl.Int64) * 3600 + local.dt.minute().cast(pl.Int64) * 60
    seconds = seconds + local.dt.second().cast(pl.Int64)
    return Contents((days + seconds.cast(pl.Float64) / 86_400.0).cast(pl.String), None)


def _scaled(series: pl.Series, places: int) -> pl.Series:
    """Return whole minor units as decimal text: -5 with two places is -0.05."""
    import polars as pl

    size = series.cast(pl.Int64).abs()
    column = size.to_frame("size").with_columns(negative=series < 0)
    whole, rest = pl.col("size") // 10**places, pl.col("size") % 10**places
    sign = [pl.when("negative").then(pl.lit("-")).otherwise(pl.lit(""))] if (series < 0).any() else []
    text = pl.concat_str([*sign, whole.cast(pl.String), pl.lit("."), rest.cast(pl.String).str.zfill(places)])
    return column.select(text.alias("text"))["text"]


def _escaped(series: pl.Series) -> pl.Series:
    """Return texts as XML holds them; an empty text is no cell content."""
    import polars as pl

    odd = series.str.contains(_ODD) | (series.str.len_bytes() * 2 > LONGEST_TEXT)
    if odd.any():
        tidy = series.to_list()
        for row in odd.fill_null(value=False).arg_true():
            tidy[row] = clean_text(tidy[row])[0]
        series = pl.Series(tidy, dtype=pl.String)
    if series.str.contains("[&<>]").any():
        for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            series = series.str.replace_all(sign, entity, literal=True)
    if (series == "").any():
        series = series.to_frame("t").select(pl.when(pl.col("t") != "").then(pl.col("t")).alias("t"))["t"]
    return series


def _one_by_one(values: Sequence[Value], kind: Kind, locale: Locale) -> Contents:
    """Return the contents of a column of mixed values, each decided as a cell of its own."""
    import polars as pl

    numbers: list[str | None] = [None] * len(values)
    texts: list[str | None] = [None] * len(values)
    for row, value in enumerate(values):
        if value is None or value == "":
            continue
        if isinstance(value, Formula):
            raise TypeError("formulas have no place in a sheet that is written in columns")
        found = cell_value(value, kind, locale)
        if isinstance(found, str):
            texts[row] = clean_text(found)[0]
        elif isinstance(found, date):
            numbers[row] = repr(_serial(found))
        else:
            numbers[row] = repr(found)
    shown = pl.Series(texts, dtype=pl.String) if any(text is not None for text in texts) else None
    return Contents(
        pl.Series(numbers, dtype=pl.String) if any(number is not None for number in numbers) else None,
        None if shown is None else _escaped(shown),
    )


def _serial(moment: date) -> float | int:
    """Return the serial number of a naive local date or moment."""
    days = (moment - _EPOCH).days if not isinstance(moment, datetime) else (moment.date() - _EPOCH).days
    if not isinstance(moment, datetime):
        return days
    return days + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400
