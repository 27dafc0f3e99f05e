"""China's public holidays and make-up working days; the only module that asks the holiday library.

The State Council announces each year in the autumn before it; a year that the installed library does
not list yet is *unknown*, which is said, never guessed (TGT-13).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from desktop.i18n import N_
from desktop.terms import CalendarKind

_NAMES = {
    "New Year's Day": N_("New Year's Day"),
    "Spring Festival": N_("Spring Festival"),
    "Tomb-sweeping Day": N_("Tomb-sweeping Day"),
    "Labour Day": N_("Labour Day"),
    "Dragon Boat Festival": N_("Dragon Boat Festival"),
    "Mid-autumn Festival": N_("Mid-autumn Festival"),
    "National Day": N_("National Day"),
    "Anti-Fascist 70th Day": N_("Victory Day"),
}


@dataclass(frozen=True, slots=True)
class PublicDays:
    """A run of days within a span that share one public holiday, or are worked to make up for it.

    `name` is a gettext id; `days` counts the run.
    """

    name: str
    kind: CalendarKind
    starts: date
    ends: date

    @property
    def days(self) -> int:
        """The number of calendar days."""
        return (self.ends - self.starts).days + 1


@cache
def _lists() -> tuple[dict[date, str], dict[date, str]]:
    from chinese_calendar import constants

    def plain(days: dict[date, str]) -> dict[date, str]:
        return {day: _NAMES.get(str(name), str(name)) for day, name in days.items()}

    return plain(constants.holidays), plain(constants.workdays)


def known_years() -> range:
    """Return the years whose official list the installed library has."""
    holidays, _ = _lists()
    years = {day.year for day in holidays}
    return range(min(years), max(years) + 1)


def listed_days() -> dict[date, bool]:
    """Return the days of the official list: whether each is worked, though it would be off, or off."""
    holidays, make_up = _lists()
    return {**dict.fromkeys(make_up, True), **dict.fromkeys(holidays, False)}


def is_known(day: date) -> bool:
    """Whether the official list of the day's year is known."""
    return day.year in known_years()


def public_days(starts: date, ends: date) -> tuple[PublicDays, ...]:
    """Return the public holidays and make-up days from `starts` to `ends`, runs of a name joined."""
    holidays, make_up = _lists()
    found: list[PublicDays] = []
    for offset in range((ends - starts).days + 1):
        day = starts + timedelta(days=offset)
        for names, kind in ((holidays, CalendarKind.HOLIDAY), (make_up, CalendarKind.MAKE_UP_DAY)):
            if day not in names:
                continue
            last = found[-1] if found else None
            if last and last.name == names[day] and last.kind is kind and (day - last.ends).days == 1:
                found[-1] = PublicDays(last.name, kind, last.starts, day)
            else:
                found.append(PublicDays(names[day], kind, day, day))
    return tuple(found)
