"""Dates and instants, decided per column: a day is never guessed row by row."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from desktop.importers.outcome import Outcome, by_unique, merge, plain

_MONTHS = {
    name: i + 1
    for i, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
}
_THREE = re.compile(r"(\d{1,4})\s*([-/.\s])\s*(\d{1,2})\s*\2\s*(\d{1,4})")
_CHINESE = re.compile(r"(\d{4}|\d{2})年(\d{1,2})月(\d{1,2})[日号]?")
_NAMED = re.compile(
    r"(?:\w{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[-\s.]+([A-Za-z]{3,9})\.?[-\s.,]+(\d{4}|\d{2})"
)
_NAMED_US = re.compile(r"(?:\w{3,9},?\s+)?([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:(\d{2})(\d{2})(\d{2})?)?")
_INCOMPLETE = re.compile(
    r"\d{4}[-/.年]?\d{0,2}月?(?:份|初|底|中旬|上旬|下旬)?|\d{1,2}月\d{1,2}[日号]?|\d{1,2}[-/.]\d{1,2}|[A-Za-z]{3,9}[ -]\d{2,4}|(?:19|20)\d{2}年?.{0,2}季度"
)
_TIME = re.compile(
    r"(上午|下午|晚上|凌晨|中午)?\s*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,9}))?)?秒?分?\s*(am|pm|a\.m\.|p\.m\.)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_EPOCH = dt.datetime(1899, 12, 30)
_EARLIEST = 1900


@dataclass(frozen=True)
class Order:
    """How a column's 03/04/2026 is meant: "dmy", "mdy", or "?" if nothing tells; `mixed` if rows disagree."""

    name: str


def order_of(cells: pl.Series) -> Order:
    """Decide day/month or month/day from every row of a column."""
    parts = cells.drop_nulls().unique()
    first = (
        parts.str.extract(r"^\s*(\d{1,2})[-/.\s]\d{1,2}[-/.\s]\d{2,4}", 1).cast(pl.Int64, strict=False).max()
    )
    second = (
        parts.str.extract(r"^\s*\d{1,2}[-/.\s](\d{1,2})[-/.\s]\d{2,4}", 1).cast(pl.Int64, strict=False).max()
    )
    day_first = isinstance(first, int) and first > 12
    day_second = isinstance(second, int) and second > 12
    if day_first and not day_second:
        return Order("dmy")
    return Order("mdy") if day_second and not day_first else Order("?")


def dates(cells: pl.Series, zone: str) -> Outcome:
    """Return days; an instant with a zone becomes the day it is in the business zone."""
    order = order_of(cells)
    local = ZoneInfo(zone)

    def parse(text: str) -> tuple[dt.date | None, str | None]:
        moment, code = moment_in(text, order)
        if moment is None:
            return None, code
        return (moment.astimezone(local) if moment.tzinfo else moment).date(), None

    quick = cells.str.to_date("%Y-%m-%d", strict=False)
    quick = _plausible(quick, cells, r"^\d{4}-\d{2}-\d{2}$")
    return merge(quick, lambda rest: by_unique(rest, parse, pl.Date), cells)


def instants(cells: pl.Series, zone: str) -> Outcome:
    """Return instants in UTC; a time without a zone is meant in the business zone."""
    order = order_of(cells)
    local = ZoneInfo(zone)

    def parse(text: str) -> tuple[dt.datetime | None, str | None]:
        moment, code = moment_in(text, order)
        if moment is None:
            return None, code
        return (moment if moment.tzinfo else moment.replace(tzinfo=local)).astimezone(dt.UTC), None

    utc = pl.Datetime("us", "UTC")
    shape = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2})?$"
    padded = pl.DataFrame({"c": cells}).select(
        pl.when(pl.col("c").str.contains(shape)).then(
            pl.when(pl.col("c").str.len_bytes() == 10)
            .then(pl.col("c") + "T00:00:00")
            .otherwise(pl.col("c").str.replace(" ", "T", literal=True))
        )
    )["c"]
    naive = padded.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us")
    naive = _plausible(naive, cells, shape)
    quick = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone(
        "UTC"
    )
    outcome = merge(quick, lambda rest: by_unique(rest, parse, utc), cells)
    return Outcome(outcome.values.cast(utc), outcome.codes)


def _plausible(values: pl.Series, cells: pl.Series, shape: str) -> pl.Series:
    sure = (cells.str.contains(shape) & (values.dt.year() > _EARLIEST)).fill_null(False)
    return values.zip_with(sure, pl.Series([None], dtype=values.dtype).new_from_index(0, len(values)))


def moment_in(text: str, order: Order) -> tuple[dt.datetime | None, str | None]:
    """Return the moment a text tells (aware only if it tells a zone), or a fault's code; blank dates are neither."""
    cleaned = _WEEKDAY.sub(" ", plain(text)).strip()
    if re.fullmatch(r"0000[-/]00[-/]00(?:[ T].*)?", cleaned):
        return None, None
    if serial := _SERIAL.fullmatch(cleaned):
        days = float(cleaned)
        if 10_000 <= days < 80_000:
            moment = _EPOCH + dt.timedelta(days=int(serial[1]), seconds=round(float(serial[2] or 0) * 86_400))
            return moment, None
        return None, "date_invalid"
    if re.fullmatch(r"1\d{12}|1\d{9}", cleaned):
        return dt.datetime.fromtimestamp(int(cleaned[:10]), dt.UTC), None
    day, rest, code = _day(cleaned, order)
    if day is None:
        return None, code
    return _with_time(day, rest)


def _day(text: str, order: Order) -> tuple[dt.date | None, str, str | None]:
    """Return the day at the beginning of a text, and what follows it."""
    for pattern, places in ((_CHINESE, (1, 2, 3)), (_COMPACT, (1, 2, 3))):
        if match := pattern.match(text):
            rest = text[match.end() :]
            if pattern is _COMPACT and match[4]:
                rest = f"{match[4]}:{match[5]}:{match[6] or '00'}" + rest
            year = int(match[places[0]])
            return _made(
                year + 2000 if year < 100 else year, int(match[places[1]]), int(match[places[2]]), rest
            )
    if match := _THREE.match(text):
        return _three(match, text[match.end() :], order)
    if match := _NAMED.match(text):
        month = _MONTHS.get(match[2][:3].lower())
        if month:
            return _made(_full_year(int(match[3])), month, int(match[1]), text[match.end() :])
    if match := _NAMED_US.match(text):
        month = _MONTHS.get(match[1][:3].lower())
        if month:
            return _made(int(match[3]), month, int(match[2]), text[match.end() :])
    return None, "", "date_incomplete" if _INCOMPLETE.fullmatch(text) else "date_invalid"


def _three(match: re.Match[str], rest: str, order: Order) -> tuple[dt.date | None, str, str | None]:
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        return _made(first, second, third, rest)
    if len(match[1]) == 3 or len(match[4]) == 3:
        return None, "", "date_invalid"
    if len(match[4]) <= 2 and (first > 31 or third <= 31):
        # Three short numbers: only a year beyond 31 in front tells which is which.
        if first > 31:
            return _made(_full_year(first), second, third, rest)
        if not (second > 12 or order.name != "?"):
            return None, "", "date_ambiguous"
    year = _full_year(third)
    if first > 12 >= second:
        return _made(year, second, first, rest)
    if second > 12 >= first:
        return _made(year, first, second, rest)
    if first == second:
        return _made(year, first, second, rest)
    if order.name == "?":
        return None, "", "date_ambiguous" if max(first, second) <= 12 else "date_invalid"
    return _made(year, second, first, rest) if order.name == "dmy" else _made(year, first, second, rest)


def _full_year(year: int) -> int:
    return year if year >= 100 else year + (2000 if year < 70 else 1900)


def _made(year: int, month: int, day: int, rest: str) -> tuple[dt.date | None, str, str | None]:
    try:
        made = dt.date(year, month, day)
    except ValueError:
        return None, "", "date_invalid"
    return (made, rest, None) if year > _EARLIEST else (None, "", "date_invalid")


def _with_time(day: dt.date, rest: str) -> tuple[dt.datetime | None, str | None]:
    rest = rest.strip(" ,T")
    if not rest:
        return dt.datetime(day.year, day.month, day.day), None
    if rest.lower() in ("z", "utc", "gmt"):
        return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC), None
    match = _TIME.fullmatch(rest)
    if not match:
        return None, "date_invalid"
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    half = (match[6] or "").lower().replace(".", "")
    if (half == "pm" or match[1] in ("下午", "晚上")) and hour < 12:
        hour += 12
    if (half == "am" or match[1] == "凌晨") and hour == 12:
        hour = 0
    try:
        micro = int((match[5] or "0").ljust(6, "0")[:6])
        moment = dt.datetime(day.year, day.month, day.day, hour, minute, second, micro)
    except ValueError:
        return None, "date_invalid"
    zone = _zone(match[7])
    return (moment.replace(tzinfo=zone) if zone else moment), None


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text.lower() in ("z", "utc", "gmt"):
        return dt.UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)
