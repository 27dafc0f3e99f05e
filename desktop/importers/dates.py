"""Columns of days and instants: what 03/04/2026 means is decided by all rows, never row by row."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import polars as pl

from desktop.importers.moments import Order, moment_in
from desktop.importers.outcome import Outcome, by_unique, merge, nothing

_TIME = r"(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\s*(?<half>[AaPp])\.?[Mm]\.?)?)?"
_YEAR_FIRST = rf"^(?<y>\d{{4}})\s*[-/.年]\s*(?<m>\d{{1,2}})\s*[-/.月]\s*(?<d>\d{{1,2}})\s*日?{_TIME}$"
_DAY_FIRST = rf"^(?<d>\d{{1,2}})[-/.](?<m>\d{{1,2}})[-/.](?<y>\d{{4}}){_TIME}$"
_MONTH_FIRST = rf"^(?<m>\d{{1,2}})[-/.](?<d>\d{{1,2}})[-/.](?<y>\d{{4}}){_TIME}$"
_ZONED = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$"
_LONG = r"^\s*([0-9]{1,2})\s*[-/.\s]\s*([0-9]{1,2})\s*[-/.\s]\s*[0-9]{4}(?:\D|$)"
_SHORT = r"^\s*([0-9]{1,2})\s*[-/.\s]\s*([0-9]{1,2})\s*[-/.\s]\s*([0-9]{1,2})(?:\D|$)"
_PLAUSIBLE_FROM, _PLAUSIBLE_TO = 1900, 9999
_UTC = pl.Datetime("us", "UTC")


def order_of(cells: pl.Series) -> Order:
    """Decide day/month or month/day, and where short years stand, from every row of a column."""
    texts = cells.drop_nulls().unique().str.normalize("NFKC")
    parts = pl.DataFrame({"c": texts}).select(
        *(pl.col("c").str.extract(_LONG, i).cast(pl.Int64, strict=False).alias(f"l{i}") for i in (1, 2)),
        *(pl.col("c").str.extract(_SHORT, i).alias(f"s{i}") for i in (1, 2, 3)),
    )
    first, second = (_largest(parts[f"l{i}"]) for i in (1, 2))
    long = "?"
    if (first > 12) != (second > 12):
        long = "dmy" if first > 12 else "mdy"
    return Order(long, _short_order(parts.select("s1", "s2", "s3").drop_nulls(), long))


def _largest(values: pl.Series) -> int:
    found = values.max()
    return found if isinstance(found, int) else 0


def _short_order(parts: pl.DataFrame, long: str) -> str:
    """Return where the year of 26.3.5 stands in a column: what one row rules out is out for all of them."""
    if parts.is_empty():
        return "?"
    first, second, third = (_largest(parts[f"s{i}"].cast(pl.Int64)) for i in (1, 2, 3))
    possible = {"ymd", "dmy", "mdy"} if long == "?" else {"ymd", long}
    if first > 31 or (parts["s3"].str.len_chars() == 1).any():
        possible &= {"ymd"}  # a year is never written with one figure
    if third > 31 or (parts["s1"].str.len_chars() == 1).any():
        possible -= {"ymd"}
    if second > 12:
        possible -= {"ymd", "dmy"}
    if first > 12:
        possible -= {"mdy"}
    return possible.pop() if len(possible) == 1 else "?"


def with_reading(order: Order, reading: str | None) -> Order:
    """Return the order that a person has told ("dmy", "mdy" or "ymd") in place of what the column tells."""
    if reading == "ymd":
        return replace(order, short="ymd")
    return order if reading is None else replace(order, name=reading, short=reading, strict=True)


def dates(cells: pl.Series, zone: str, order: Order | None = None) -> Outcome:
    """Return days; an instant with a zone becomes the day it is in the business zone.

    Without an `order` the column's own rows decide.
    """
    order = order or order_of(cells)
    local = ZoneInfo(zone)

    def parse(text: str) -> tuple[dt.date | None, str | None]:
        moment, code = moment_in(text, order)
        if moment is None:
            return None, code
        return (moment.astimezone(local) if moment.tzinfo else moment).date(), code

    zoned = _zoned(cells)
    quick = _naive(cells, order).dt.date()
    if zoned is not None:
        quick = quick.zip_with(quick.is_not_null(), zoned.dt.convert_time_zone(zone).dt.date())
    outcome = merge(quick, lambda rest: by_unique(rest, parse, pl.Date), cells)
    return outcome.asking("date_order", "date_ambiguous")


def instants(cells: pl.Series, zone: str, order: Order | None = None) -> Outcome:
    """Return instants in UTC; a time without a zone is meant in the business zone."""
    order = order or order_of(cells)
    local = ZoneInfo(zone)

    def parse(text: str) -> tuple[dt.datetime | None, str | None]:
        moment, code = moment_in(text, order)
        if moment is None:
            return None, code
        return (moment if moment.tzinfo else moment.replace(tzinfo=local)).astimezone(dt.UTC), code

    naive = _naive(cells, order)
    quick = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone(
        "UTC"
    )
    zoned = _zoned(cells)
    if zoned is not None:
        quick = quick.zip_with(quick.is_not_null(), zoned)
    outcome = merge(quick, lambda rest: by_unique(rest, parse, _UTC), cells)
    return replace(outcome, values=outcome.values.cast(_UTC)).asking("date_order", "date_ambiguous")


def _naive(cells: pl.Series, order: Order) -> pl.Series:
    """Return the moments of the common writings, whole columns at once; null for any other text."""
    found = _by_pattern(cells, _YEAR_FIRST)
    if order.name in ("dmy", "mdy"):
        other = _by_pattern(cells, _DAY_FIRST if order.name == "dmy" else _MONTH_FIRST)
        found = found.zip_with(found.is_not_null(), other)
    plausible = found.dt.year().is_between(_PLAUSIBLE_FROM + 1, _PLAUSIBLE_TO).fill_null(False)
    return found.zip_with(plausible, nothing(len(cells), pl.Datetime("us")))


def _by_pattern(cells: pl.Series, pattern: str) -> pl.Series:
    parts = cells.str.extract_groups(pattern).struct.unnest()
    names = [name for name in parts.columns if name not in ("y", "m", "d", "half")]
    half = pl.col("half").str.to_lowercase()
    if parts["half"].null_count() < parts.height:
        number = pl.col(names[0]).cast(pl.Int64, strict=False)
        late = (
            pl.when((half == "p") & (number < 12))
            .then(number + 12)
            .when((half == "a") & (number == 12))
            .then(0)
        )
        parts = parts.with_columns(late.otherwise(number).cast(pl.String).alias(names[0]))
    hour, minute, second = (pl.col(name).fill_null("0").str.zfill(2) for name in names)
    day = pl.concat_str("y", pl.col("m").str.zfill(2), pl.col("d").str.zfill(2), separator="-")
    time = pl.concat_str(hour, minute, second, separator=":")
    texts = parts.select(pl.when(pl.col("y").is_not_null()).then(pl.concat_str(day, time, separator="T")))
    return texts.to_series().str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us")


def _zoned(cells: pl.Series) -> pl.Series | None:
    """Return the instants of ISO texts with a zone, or None if the column has none."""
    hits = cells.str.contains(_ZONED).fill_null(False)
    if not hits.any():
        return None
    texts = cells.zip_with(hits, nothing(len(cells), pl.String)).str.replace(" ", "T", literal=True)
    texts = texts.str.replace(r"Z$", "+0000").str.replace(r"([+-]\d{2}):(\d{2})$", "${1}${2}")
    plain = texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", strict=False, time_unit="us", time_zone="UTC")
    late = (plain.dt.year() > _PLAUSIBLE_FROM).fill_null(False)
    return plain.zip_with(late, nothing(len(cells), _UTC))
