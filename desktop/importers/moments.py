"""One text that tells a day or a moment, in any of the writings people and machines use."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from desktop.importers.outcome import plain

_MONTHS = {
    name: i + 1
    for i, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
}
_THREE = re.compile(r"(\d{1,4})\s*([-/.\s])\s*(\d{1,2})\s*\2\s*(\d{1,4})(?!\d)")
_CHINESE = re.compile(r"(\d{4}|\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_NO_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_NAMED = re.compile(
    r"(?:\w{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[-\s./]+(?:of\s+)?([A-Za-z]{3,9})\.?[-\s.,/]+(\d{4}|\d{2})(?!\d)"
)
_NAMED_US = re.compile(r"(?:\w{3,9},?\s+)?([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_NAMED_ISO = re.compile(r"(\d{4})[-\s.]([A-Za-z]{3,9})[-\s.](\d{1,2})(?!\d)")
_C_TIME = re.compile(
    r"[A-Za-z]{3}\s+([A-Za-z]{3})\s+(\d{1,2})\s+([\d:]{5,8})(?:\s+(?:CST|[A-Z]{3,4}))?\s+(\d{4})"
)
"""What C, Java and Unix write: Thu Mar 05 10:20:30 CST 2026; its zone's letters mean several zones."""

_COMPACT = re.compile(
    r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:(\d{2})(\d{2})(\d{2})?)?(?!\d)"
)
_INCOMPLETE = re.compile(
    r"(?:19|20)\d{2}[-/.年]?(?:0?[1-9]|1[0-2])?月?(?:份|初|底|末|中旬|上旬|下旬)?|\d{1,2}月\d{1,2}[日号]?|\d{1,2}月(?:份|初|底|末|中旬|上旬|下旬)?"
    r"|\d{1,2}[-/.]\d{1,2}|[A-Za-z]{3,9}[ -]\d{2,4}|(?:19|20)\d{2}年?.{0,2}季度"
)
_TIME = re.compile(
    r"(上午|早上|早晨|下午|晚上|傍晚|凌晨|中午)?\s*(\d{1,2})(?:\s*[:时点]\s*(?:(\d{1,2}|半)(?:\s*[:分]\s*(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?\s*秒?分?"
    r"\s*(am|pm|a\.m\.|p\.m\.|上午|下午)?\s*((?:gmt|utc)?\s*[+-]\d{2}:?\d{2}|(?:gmt|utc)?\s*[+-]\d{1,2}|z|utc|gmt)?(?:\s*\[[\w/]+\])?",
    re.IGNORECASE,
)
_ODD_DASH = re.compile(r"(?<=\d)\s*[—–―‐‑−、\\]\s*(?=\d)")
_COMMAS = re.compile(r"^(\d{4}),\s*(\d{1,2}),\s*(\d{1,2})(?!\d)")
_ZONE_NAME = re.compile(r"\s*\((?:[^()]*(?:time|时间)[^()]*|[A-Z]{3,4})\)$", re.IGNORECASE)
_WEEKDAY = re.compile(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_EPOCH_NUMBER = re.compile(r"(1\d{9})(?:(\d{3})|(\d{6})|(\d{9}))?(?:\.\d+)?")
_ZERO = re.compile(
    r"(?:1899[-/.]12[-/.]3[01]|1900[-/.]0?1[-/.]0?[01]|190[04][-/.]0?1[-/.]0?1|0001[-/.]0?1[-/.]0?1|(?:30|31)[-/.]12[-/.]1899|12[-/.](?:30|31)[-/.]1899|0?1[-/.]0?[01][-/.]1900)(?:[ T].*)?|0"
)
"""What a spreadsheet or a database shows where there is no date: its day zero."""

_NULLS = re.compile(r"0{4}[-/.年]0?0[-/.月]0?0日?(?:[ T].*)?|[-/\s年月日]+")
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HAN_DAY = re.compile(
    r"([〇○零一二三四五六七八九]{2,4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十廿卅]{1,4})[日号]?"
)
_SERIAL_DAY_ZERO = dt.datetime(1899, 12, 30)
_MAC_DAY_ZERO = dt.datetime(1904, 1, 1)
_EARLIEST = 1900


@dataclass(frozen=True)
class Order:
    """How a column's 03/04/2026 is meant: "dmy", "mdy", or "?" if nothing tells.

    `short` is that of 26.3.5, which may also be "ymd". A `strict` order is a person's word: a day that it
    makes impossible is no day. `year` completes 3月5日, `pivot` is the first short year of the last century,
    `mac` counts serials from 1904.
    """

    name: str
    short: str = "?"
    strict: bool = False
    year: int | None = None
    pivot: int = 70
    mac: bool = False


def moment_in(text: str, order: Order) -> tuple[dt.datetime | None, str | None]:
    """Return the moment a text tells (aware only if it tells a zone), or a fault's code; blank dates are neither.

    A day completed with the title's year comes with the code "date_year_added".
    """
    cleaned = plain(text)
    if not cleaned.isascii() or "\\" in cleaned or "," in cleaned:
        cleaned = _WEEKDAY.sub(" ", cleaned).strip()
        cleaned = _ODD_DASH.sub("-", cleaned)
        cleaned = _COMMAS.sub(r"\1-\2-\3", cleaned)
    cleaned = cleaned.removesuffix(".")
    if cleaned.endswith(")"):
        cleaned = _ZONE_NAME.sub("", cleaned)
    if _NULLS.fullmatch(cleaned):
        return None, None
    if cleaned[:1] in "013" and _ZERO.fullmatch(cleaned):
        return None, "date_zero"
    if number := _numbered(cleaned, order):
        return number
    if cleaned[:1].isalpha() and (match := _C_TIME.fullmatch(cleaned)):
        month = _MONTHS.get(match[1].lower())
        if month:
            day, rest, code = _made(int(match[4]), month, int(match[2]), match[3])
            return (None, code) if day is None else _with_time(day, rest)
    if "年" in cleaned and (match := _HAN_DAY.match(cleaned)):
        cleaned = _from_han(match) + cleaned[match.end() :]
    day, rest, code = _day(cleaned, order)
    if day is None:
        return None, code
    moment, fault = _with_time(day, rest)
    return moment, fault or (code if moment else None)


def _numbered(text: str, order: Order) -> tuple[dt.datetime | None, str | None] | None:
    """Return what a number alone tells: a spreadsheet's serial, or seconds and millis since 1970."""
    if serial := _SERIAL.fullmatch(text):
        days = float(text)
        if not 10_000 <= days < 80_000:
            return None, "date_invalid"
        zero = _MAC_DAY_ZERO if order.mac else _SERIAL_DAY_ZERO
        return zero + dt.timedelta(days=int(serial[1]), seconds=round(float(serial[2] or 0) * 86_400)), None
    if epoch := _EPOCH_NUMBER.fullmatch(text):
        return dt.datetime.fromtimestamp(int(epoch[1]), dt.UTC), None
    return None


def _from_han(match: re.Match[str]) -> str:
    """Return 二〇二六年三月十五日 with figures."""
    year = match[1].translate(_HAN_DIGITS)
    return f"{year}年{_han_number(match[2])}月{_han_number(match[3])}日"


def _han_number(text: str) -> int:
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in text:
        return int(text.translate(_HAN_DIGITS))
    tens, _, ones = text.partition("十")
    return int(tens.translate(_HAN_DIGITS) or 1) * 10 + int(ones.translate(_HAN_DIGITS) or 0)


def _day(text: str, order: Order) -> tuple[dt.date | None, str, str | None]:
    """Return the day at the beginning of a text, and what follows it."""
    if match := _CHINESE.match(text):
        rest = text[match.end() :]
        return _made(_full_year(int(match[1]), order), int(match[2]), int(match[3]), rest)
    if match := _COMPACT.match(text):
        rest = text[match.end() :]
        if match[4]:
            rest = f"{match[4]}:{match[5]}:{match[6] or '00'}" + rest
        return _made(int(match[1]), int(match[2]), int(match[3]), rest)
    if match := _THREE.match(text):
        return _three(match, text[match.end() :], order)
    for pattern, (year, month, day) in ((_NAMED, (3, 2, 1)), (_NAMED_US, (3, 1, 2)), (_NAMED_ISO, (1, 2, 3))):
        if match := pattern.match(text):
            number = _MONTHS.get(match[month][:3].lower())
            if number:
                full = _full_year(int(match[year]), order)
                return _made(full, number, int(match[day]), text[match.end() :])
    if order.year and (match := _NO_YEAR.match(text)):
        made = _made(order.year, int(match[1]), int(match[2]), text[match.end() :])
        return made if made[0] is None else (made[0], made[1], "date_year_added")
    return None, "", "date_incomplete" if _INCOMPLETE.fullmatch(text) else "date_invalid"


def _three(match: re.Match[str], rest: str, order: Order) -> tuple[dt.date | None, str, str | None]:
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        return _made(first, second, third, rest)
    if len(match[1]) == 3 or len(match[4]) == 3:
        return None, "", "date_invalid"
    if len(match[4]) <= 2:
        return _short(match, rest, order)
    return _by_order(order.name, order, (first, second), third, rest)


def _short(match: re.Match[str], rest: str, order: Order) -> tuple[dt.date | None, str, str | None]:
    """Three short numbers: which of them is the year is the column's to tell, or the number's own size."""
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if order.short == "ymd" or (
        order.short == "?" and not order.strict and (first > 31 or len(match[4]) == 1)
    ):
        return _made(_full_year(first, order), second, third, rest)
    if order.short == "?" and third <= 31 and not (second > 12 and not order.strict):
        return None, "", "date_ambiguous"
    return _by_order(order.short, order, (first, second), _full_year(third, order), rest)


def _by_order(
    name: str, order: Order, pair: tuple[int, int], year: int, rest: str
) -> tuple[dt.date | None, str, str | None]:
    first, second = pair
    if name in ("dmy", "mdy") and order.strict:
        day, month = pair if name == "dmy" else (second, first)
        return _made(year, month, day, rest)
    if first > 12 >= second:
        return _made(year, second, first, rest)
    if second > 12 >= first or first == second:
        return _made(year, first, second, rest)
    if name not in ("dmy", "mdy"):
        return None, "", "date_ambiguous" if max(pair) <= 12 else "date_invalid"
    return _made(year, second, first, rest) if name == "dmy" else _made(year, first, second, rest)


def _full_year(year: int, order: Order) -> int:
    return year if year >= 100 else year + (2000 if year < order.pivot else 1900)


def _made(year: int, month: int, day: int, rest: str) -> tuple[dt.date | None, str, str | None]:
    try:
        made = dt.date(year, month, day)
    except ValueError:
        return None, "", "date_invalid"
    return (made, rest, None) if year > _EARLIEST else (None, "", "date_invalid")


def _with_time(day: dt.date, rest: str) -> tuple[dt.datetime | None, str | None]:
    rest = rest.strip(" ,，T")
    midnight = dt.datetime(day.year, day.month, day.day)
    if not rest:
        return midnight, None
    if rest.lower() in ("z", "utc", "gmt"):
        return midnight.replace(tzinfo=dt.UTC), None
    match = _TIME.fullmatch(rest)
    if not match or (match[3] is None and not (match[1] or match[6] or re.search("[时点]", rest))):
        return None, "date_invalid"
    hour, second = int(match[2]), int(match[4] or 0)
    minute = 30 if match[3] == "半" else int(match[3] or 0)
    hour = _hour(hour, match[1] or "", (match[6] or "").lower().replace(".", ""))
    if (hour, minute, second) == (24, 0, 0):
        return midnight + dt.timedelta(days=1), None
    try:
        micro = int((match[5] or "0").ljust(6, "0")[:6])
        moment = midnight.replace(hour=hour, minute=minute, second=second, microsecond=micro)
        zone = _zone(match[7])
    except ValueError:
        return None, "date_invalid"
    return (moment.replace(tzinfo=zone) if zone else moment), None


def _hour(hour: int, before: str, after: str) -> int:
    """Return the hour of the day that 下午3, 3 PM or 凌晨12 means; 24 and above for what is none."""
    half = after or before
    if half in ("pm", "下午", "晚上", "傍晚") and hour < 12:
        return hour + 12
    if half == "晚上" and hour == 12:
        return 24
    if half == "中午" and hour < 11:
        return hour + 12
    if half in ("am", "凌晨", "上午", "早上", "早晨") and hour == 12 and half != "上午":
        return 0
    return hour


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    bare = re.sub(r"(?i)gmt|utc|z|\s", "", text)
    if not bare:
        return dt.UTC
    digits = bare[1:].replace(":", "")
    digits = (digits.zfill(2) if len(digits) <= 2 else digits.zfill(4)).ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if bare[0] == "-" else offset)
