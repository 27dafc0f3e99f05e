"""Two languages from one source: gettext catalogues, and numbers as each reader writes them.

The locale is an object, not a global, so that a window can change language while it runs and an
exporter can write in another one. English is the source; `resources/locale/zh_CN/*.po` is complete
(a test demands it). Catalogues are read from the .po files and cached, so nothing compiled is kept
in the repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from desktop.clock import DEFAULT_ZONE
from desktop.money import from_minor
from desktop.pofile import Messages, read_messages
from desktop.resources import resource

Language = Literal["zh_CN", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def N_(message: str) -> str:
    """Mark a message for translation where it is defined, not shown."""
    return message


@cache
def _catalogue(language: Language) -> Messages:
    messages: Messages = {}
    for path in sorted(resource("locale", language).glob("*.po")):
        messages.update(read_messages(path))
    return messages


def known_messages(language: Language) -> Mapping[str, str]:
    """Return every message without plural forms, and its translation, for checks."""
    return {key: value for key, value in _catalogue(language).items() if isinstance(value, str)}


class Locale:
    """One reader's language: texts, money (万/亿 or K/M), dates and percentages."""

    def __init__(self, language: Language = "zh_CN", zone: str = DEFAULT_ZONE) -> None:
        self.language: Language = language
        self.zone = zone

    @property
    def is_chinese(self) -> bool:
        """Whether this reader reads Chinese."""
        return self.language == "zh_CN"

    def _(self, message: str) -> str:
        """Return the message in this language; English is its own translation."""
        if self.language == "en" or not message:
            return message
        found = _catalogue(self.language).get(message, message)
        return found if isinstance(found, str) else found[0]

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Return the form for `n`, with `{n}` still to be filled in."""
        if self.language == "en":
            return one if n == 1 else many
        found = _catalogue(self.language).get(one)
        if found is None:
            return many
        return found if isinstance(found, str) else found[0]

    def plural(self, one: str, many: str, n: int) -> str:
        """Return the form for `n` with `{n}` filled in and thousands separated."""
        return self.ngettext(one, many, n).format(n=self.integer(n))

    def integer(self, value: int) -> str:
        """Return a whole number with thousands separators and a true minus sign."""
        return f"{value:,}".replace("-", "−")

    def decimal(self, value: Decimal | float, places: int = 1) -> str:
        """Return a number with fixed decimals and thousands separators."""
        quantum = Decimal(1).scaleb(-places)
        rounded = Decimal(str(value)).quantize(quantum, rounding=ROUND_HALF_UP)
        if not rounded:
            rounded = abs(rounded)
        return f"{rounded:,}".replace("-", "−")

    def percent(self, fraction: float | Decimal | None, places: int = 1, *, signed: bool = False) -> str:
        """Return a fraction as a percentage; an unknown one as a dash."""
        if fraction is None:
            return "—"
        text = self.decimal(Decimal(str(fraction)) * 100, places)
        return f"{'+' if signed and fraction > 0 else ''}{text}%"

    def money(self, minor: int | None) -> str:
        """Return the exact amount with thousands separators: 1,234,567.00."""
        return "—" if minor is None else self.decimal(from_minor(minor), 2)

    def figure(self, value: int | float | Decimal | None, kind: str, places: int = 1) -> str:
        """Return a figure as its kind is written: money (minor units), percent (a fraction), integer or decimal."""
        if value is None:
            return "—"
        match kind:
            case "money":
                return self.decimal(from_minor(int(value)), 2)
            case "percent":
                return self.percent(value, places)
            case "integer":
                return self.integer(int(value))
            case _:
                return self.decimal(value)

    def money_unit(self, largest_minor: int) -> tuple[int, str]:
        """Return (minor units per shown unit, unit word) fit for values up to `largest_minor`."""
        magnitude = abs(largest_minor) // 100
        if self.is_chinese:
            if magnitude >= 100_000_000:
                return 10_000_000_000, "亿"
            if magnitude >= 10_000:
                return 1_000_000, "万"
            return 100, "元"
        if magnitude >= 10_000_000:
            return 100_000_000, "M"
        if magnitude >= 10_000:
            return 100_000, "K"
        return 100, ""

    def money_in(self, minor: int | None, per_unit: int, places: int = 1) -> str:
        """Return an amount in a given unit (see `money_unit`), without the unit word."""
        return "—" if minor is None else self.decimal(Decimal(minor) / per_unit, places)

    def money_short(self, minor: int | None) -> str:
        """Return a compact amount with its unit: 386.0 万, 1.19 亿, 3.9 M."""
        if minor is None:
            return "—"
        per_unit, word = self.money_unit(minor)
        if word == "K" and abs(minor) >= 100_000_000:
            per_unit, word = 100_000_000, "M"  # a column is better off in K, a single amount is not
        places = 2 if word == "亿" else 0 if per_unit == 100 else 1
        return f"{self.money_in(minor, per_unit, places)} {word}".rstrip()

    def day(self, day: date | None) -> str:
        """Return an ISO date, as tables show it."""
        return "—" if day is None else day.isoformat()

    def long_date(self, day: date) -> str:
        """Return a date as a heading says it: 11 月 18 日 星期三, Wednesday 18 November."""
        from babel.dates import format_date

        return format_date(day, "M 月 d 日 EEEE" if self.is_chinese else "EEEE d MMMM", locale=self.language)

    def month(self, day: date) -> str:
        """Return a month as a heading says it: 2026 年 11 月, November 2026."""
        from babel.dates import format_date

        return format_date(day, "y 年 M 月" if self.is_chinese else "MMMM y", locale=self.language)

    def instant(self, instant: datetime | None, *, seconds: bool = False) -> str:
        """Return an instant in the business zone: 2026-11-18 08:42."""
        if instant is None:
            return "—"
        return instant.astimezone(ZoneInfo(self.zone)).strftime(
            "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
        )

    def time(self, instant: datetime) -> str:
        """Return the time of day in the business zone: 08:42."""
        return instant.astimezone(ZoneInfo(self.zone)).strftime("%H:%M")


ENGLISH = Locale("en")


def parse_language(text: str | None) -> Language | None:
    """Return the supported language that a locale name means, or None."""
    lowered = (text or "").lower().replace("-", "_")
    if lowered.startswith("zh"):
        return "zh_CN"
    return "en" if lowered.startswith("en") else None
