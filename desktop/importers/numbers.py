"""Amounts, percentages and numbers, exactly: every convention and unit that people write."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import polars as pl

from desktop.importers.currencies import currency_words
from desktop.importers.han_numbers import compound_in, han_amount_in
from desktop.importers.outcome import Outcome, by_unique, merge, nothing, plain
from desktop.importers.plain_amounts import plain_minor, written_minor

_SUFFIX = {
    "千": 10**3, "k": 10**3, "thousand": 10**3, "万": 10**4, "w": 10**4, "百万": 10**6, "m": 10**6, "mn": 10**6, "mm": 10**6, "million": 10**6,
    "千万": 10**7, "亿": 10**8, "b": 10**9, "bn": 10**9, "billion": 10**9, "十亿": 10**9, "百": 10**2, "十万": 10**5,
    "mio": 10**6, "mrd": 10**9, "thsd": 10**3, "tsd": 10**3,
}  # fmt: skip
_HEADER_UNIT = re.compile(
    r"(百万|千万|十亿|万|亿|千)元?(?:人民币|rmb)?|[(\[（]\s*(k|w|m)(?:cny|rmb|usd|元|$|[)\]）])",
    re.IGNORECASE,
)
_CURRENCY = re.compile(currency_words() + "|约|元整|圆整|元正|元|圆|整", re.IGNORECASE)
_AMOUNT = re.compile(
    r"([-+]?)((?:\d[\d,.' ]*)|\.\d+)(千万|百万|十万|十亿|thousand|million|billion|mio\.?|mrd\.?|thsd|tsd|bn|mn|mm|[千万亿百kmbw]?)([-]?)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[-+\d.,]+")
_SCIENTIFIC = re.compile(r"[-+]?\d+(?:\.\d+)?[eE][-+]?\d+")
_LIMIT = 9 * 10**18
_ENOUGH = 3
"""So many different doubtful amounts make a column doubtful; a single 1.005 is a price with its rounding."""


_DIMES = re.compile(r"(?<![\d.,])(\d+)元(?:(\d)角(?:(\d)分)?|零?(\d)分)整?$")


def _cents(match: re.Match[str]) -> str:
    """Return 12元5角 as 12.50."""
    return f"{match[1]}.{match[2] or 0}{match[3] or match[4] or 0}"


def unit_in(text: str) -> int | None:
    """Return the factor that a header or a title such as 单位：万元 tells, or None."""
    match = _HEADER_UNIT.search(plain(text))
    return _SUFFIX[(match[1] or match[2]).lower()] if match else None


def convention(cells: pl.Series) -> str:
    """Return which sign is the decimal one in a column: ".", ",", or "?" where rows contradict each other."""
    numbers = cells.drop_nulls()
    commas = numbers.filter(numbers.str.contains(",", literal=True)).unique()
    if len(commas) == 0:
        dots = numbers.filter(numbers.str.contains(r"\d\.\d{3}\.\d{3}")).len()
        return "," if dots else "."
    point = commas.str.contains(r"\d,\d{3}\.\d|\d,\d{3},\d{3}").any()
    comma = commas.str.contains(
        r"\d\.\d{3},\d|(?:^|[^\d.,])\d+,(?:\d{1,2}|\d{4,})(?:$|[^\d,])|\d\.\d{3}\.\d{3}"
    ).any()
    if point and comma:
        return "?"
    return "," if comma else "."


def number_in(text: str, decimal: str) -> tuple[Decimal | None, bool, str | None]:
    """Return the number that a text holds, whether it told its own unit, and a fault's code if it holds none."""
    cleaned = plain(text)
    if _SCIENTIFIC.fullmatch(cleaned):
        return Decimal(cleaned), False, None
    if not _BARE.fullmatch(cleaned):
        if (told := han_amount_in(cleaned)) is not None:
            return told, True, None
        cleaned = _DIMES.sub(_cents, cleaned)
        cleaned = _CURRENCY.sub("", cleaned).strip(" :")
        if (told := compound_in(cleaned)) is not None:
            return told, True, None
    negative = cleaned.startswith("(") and cleaned.endswith(")")
    cleaned = re.sub(r"\s+", "", cleaned.strip("() ")).replace("，", ",").replace("−", "-").replace("’", "'")
    match = _AMOUNT.fullmatch(cleaned)
    if not match:
        return None, False, "amount_invalid"
    digits, code = _digits(match[2], decimal)
    if digits is None:
        return None, False, code
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return None, False, "amount_invalid"
    if match[1] == "-" or match[4] == "-" or negative:
        value = -value
    suffix = match[3].lower().rstrip(".")
    return value * _SUFFIX.get(suffix, 1), bool(suffix), None


def _digits(text: str, decimal: str) -> tuple[str | None, str | None]:
    """Return the digits with a decimal point, by the column's convention."""
    text = text.replace("'", "")
    if "," not in text and text.count(".") <= 1 and decimal == ".":
        return text, None
    if "," not in text and "." not in text:
        return text, None
    if decimal == "?":
        if "," in text and "." in text:
            decimal = "," if text.rfind(",") > text.rfind(".") else "."
        elif re.fullmatch(r"\d{1,3}[,.]\d{3}", text):
            return None, "amount_ambiguous"
        else:
            decimal = "," if "," in text else "."
    group = "." if decimal == "," else ","
    whole, _, fraction = text.partition(decimal)
    if group in fraction or decimal in fraction:
        return None, "amount_invalid"
    if group in whole and not re.fullmatch(
        rf"\d{{1,4}}(?:[{group}]\d{{3,4}})+|\d{{1,3}}(?:[{group}]\d\d)+[{group}]\d{{3}}", whole
    ):
        return None, "amount_invalid"
    return (whole.replace(group, "") or "0") + ("." + fraction if fraction else ""), None


def money(
    cells: pl.Series, scale: int, factor: int = 1, *, decimal: str | None = None, typed: bool = False
) -> Outcome:
    """Return amounts as whole minor units, rounded half up; `factor` is the unit of the header (万元: 10,000).

    `decimal` is a person's word on the decimal sign; `typed` says that the file itself typed its numbers.
    """
    sign = decimal or convention(cells)
    if decimal is None and not typed and factor == 1 and scale == 2 and _thousands_or_not(cells):
        sign = "?"

    def parse(text: str) -> tuple[int | None, str | None]:
        value, own_unit, code = number_in(text, sign)
        if value is None:
            return None, code
        minor = value * (1 if own_unit else factor) * 10**scale
        if abs(minor) > _LIMIT:
            return None, "amount_too_large"
        return int(minor.quantize(Decimal(1), rounding=ROUND_HALF_UP)), None

    outcome = _by_column(cells, scale, factor, parse) if sign == "." else by_unique(cells, parse, pl.Int64)
    return outcome.asking("decimal_sign", "amount_ambiguous")


def _by_column(
    cells: pl.Series, scale: int, factor: int, parse: Callable[[str], tuple[int | None, str | None]]
) -> Outcome:
    """Decide the common writings all at once, and only what is left one by one."""

    def others(rest: pl.Series) -> Outcome:
        written = written_minor(rest, scale, factor)
        return merge(written, lambda last: by_unique(last, parse, pl.Int64), rest)

    return merge(plain_minor(cells, scale), others, cells) if factor == 1 else others(cells)


def _thousands_or_not(cells: pl.Series) -> bool:
    """Whether every point of a column stands before three figures, and nothing tells what it is.

    12.500 may be a person's thousands; 1234.500, 0.125, 12.5 and 1500 each show that it is not.
    """
    doubtful = cells.filter(cells.str.contains(r"(?:^|[^\d.,])[1-9]\d{0,2}\.\d{3}(?:$|[^\d.,])"))
    if doubtful.n_unique() < _ENOUGH:
        return False
    told = cells.str.contains(
        r"\d{4}|,|(?:^|[^\d.])0\.|\.(?:\d{1,2}|\d{4,})(?:$|[^\d.])|\d\.\d{3}\.|[eE][+-]|[万亿千百kKmMbBwW]"
    ).any()
    return not told


def _said_percent(said: re.Match[str]) -> str | None:
    """Return 百分之三十五 as 35%, 七成五 as 75%."""
    if said[1]:
        number = han_amount_in(said[1])
        return f"{said[1] if number is None else number}%"
    tens, ones = han_amount_in(said[2]), han_amount_in(said[3] or "零")
    return None if tens is None or ones is None else f"{tens * 10 + ones}%"


def percent(cells: pl.Series, *, bounded: bool, reading: str | None = None) -> Outcome:
    """Return fractions in 1/10000; whether 30 or 0.3 is meant is decided by the whole column.

    A person's `reading` is "fraction" or "percent".
    """
    bare = cells.drop_nulls()
    bare = bare.filter(~bare.str.contains("[%％折]"))
    values = bare.str.replace_all(",", "").cast(pl.Float64, strict=False).drop_nulls()
    largest = values.abs().max() if len(values) else None
    as_fraction = isinstance(largest, int | float) and largest <= 1
    if reading is not None:
        as_fraction = reading == "fraction"

    def parse(text: str) -> tuple[int | None, str | None]:
        cleaned = plain(text)
        if off := re.fullmatch(r"(\d+(?:\.\d+)?)折", cleaned):
            shown = Decimal(off[1])
            share = 1 - shown / (10 if shown <= 10 else 100)
        else:
            if said := re.fullmatch(r"百分之(.+)|(.+)成(.)?", cleaned):
                cleaned = _said_percent(said) or cleaned
            percentage = cleaned.endswith("%")
            value, _, code = number_in(cleaned.rstrip("% "), ".")
            if value is None:
                return None, "percent_invalid" if code else code
            share = value / 100 if percentage or not as_fraction else value
        if bounded and not 0 <= share <= 1:
            return None, "percent_range"
        if abs(share) > 10**6:
            return None, "percent_invalid"
        return int((share * 10_000).quantize(Decimal(1), rounding=ROUND_HALF_UP)), None

    return by_unique(cells, parse, pl.Int64)


def number(cells: pl.Series, *, decimal: str | None = None) -> Outcome:
    """Return numbers as floats; `decimal` is a person's word on the decimal sign."""
    decimal = decimal or convention(cells)

    def parse(text: str) -> tuple[float | None, str | None]:
        value, _, code = number_in(text.rstrip("%％ "), decimal)
        if value is None:
            return None, "number_invalid" if code else None
        return float(value / 100 if text.rstrip().endswith(("%", "％")) else value), None

    quick = cells.cast(pl.Float64, strict=False) if decimal == "." else None
    if quick is None:
        return by_unique(cells, parse, pl.Float64)
    quick = quick.zip_with(
        quick.is_finite().fill_null(False), pl.Series([None], dtype=pl.Float64).new_from_index(0, len(quick))
    )
    return merge(quick, lambda rest: by_unique(rest, parse, pl.Float64), cells)


_CLOCK = re.compile(r"(\d+):(\d{2})(?::(\d{2}))?")
_SPAN = re.compile(
    r"(?:(\d+)\s*(?:小时|时|h|hours?))?\s*(?:(\d+)\s*(?:分钟|分|min(?:utes?)?|m|'))?\s*(?:(\d+)\s*(?:秒钟?|s(?:ec(?:onds?)?)?|\"))?",
    re.I,
)


def seconds_in(text: str) -> Decimal | None:
    """Return the seconds of a span that tells its units: 00:12:30, 1小时20分, 95秒."""
    cleaned = plain(text)
    if clock := _CLOCK.fullmatch(cleaned):
        if clock[3] is None:
            return Decimal(int(clock[1]) * 60 + int(clock[2]))
        return Decimal(int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    if (span := _SPAN.fullmatch(cleaned)) and any(span.groups()):
        hours, minutes, seconds = (int(part or 0) for part in span.groups())
        return Decimal(hours * 3600 + minutes * 60 + seconds)
    return None


def integer(cells: pl.Series, *, span: str | None = None, factor: Decimal = Decimal(1)) -> Outcome:
    """Return whole numbers; for a `span` ("minutes" or "seconds") also clock times, `factor` the header's unit."""

    def parse(text: str) -> tuple[int | None, str | None]:
        if span and (seconds := seconds_in(text)) is not None:
            value: Decimal | None = seconds / 60 if span == "minutes" else seconds
        else:
            cleaned = re.sub(r"\s*(?:人|名|个|家|天|次|期|people|employees)$", "", plain(text), flags=re.I)
            cleaned = re.sub(r"^第\s*(\d+)", r"\1", cleaned)
            value, _, _ = number_in(cleaned, ".")
            value = value * factor if value is not None else None
        if value is None or abs(value) > _LIMIT:
            return None, "number_invalid"
        if not span and value != value.to_integral_value():
            return None, "number_invalid"
        return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP)), None

    if factor != 1:
        return by_unique(cells, parse, pl.Int64)
    figures = cells.str.contains(r"^[-+]?[0-9]{1,15}$").fill_null(False)
    quick = cells.zip_with(figures, nothing(len(cells), pl.String)).cast(pl.Int64)
    return merge(quick, lambda rest: by_unique(rest, parse, pl.Int64), cells)
