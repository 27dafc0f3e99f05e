"""How old something is, in words: a time of day for today, and minutes, hours or days ago."""

from __future__ import annotations

from datetime import datetime

from desktop.errors import StaleRecord
from desktop.i18n import Locale

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def moment_text(locale: Locale, at: datetime, now: datetime) -> str:
    """Return a moment as short as it is still clear: 08:42 today, 2026-11-17 08:42 on another day."""
    full = locale.instant(at)
    return locale.time(at) if full[:10] == locale.instant(now)[:10] else full


def age_text(locale: Locale, at: datetime, now: datetime) -> str:
    """Return how long ago something was, or nothing within the first minute."""
    seconds = int((now - at).total_seconds())
    if seconds < MINUTE:
        return ""
    if seconds < HOUR:
        return locale.plural("{n} min ago", "{n} min ago", seconds // MINUTE)
    if seconds < DAY:
        return locale.plural("{n} hour ago", "{n} hours ago", seconds // HOUR)
    return locale.plural("{n} day ago", "{n} days ago", seconds // DAY)


def changed_by(locale: Locale, error: StaleRecord) -> str:
    """Return who changed a record first, and when."""
    who = error.changed_by or locale._("Somebody else")
    if error.changed_at is None:
        return who
    return locale._("{who}, {time}").format(who=who, time=locale.instant(error.changed_at))
