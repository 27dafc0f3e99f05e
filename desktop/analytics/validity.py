"""How long a quote holds: computed from its days, never stored (APR-03)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

SOON_DAYS = 2
"""From how many days before its end a quote is said to end soon."""


class Standing(StrEnum):
    """Where a quote stands on a day."""

    UNDATED = "undated"
    VALID = "valid"
    ENDING = "ending"
    EXPIRED = "expired"


def last_day(
    issued_on: date | None, renewed_on: date | None, valid_until: date | None, valid_days: int
) -> date | None:
    """Return the last day on which a quote may be signed by; None where it was never issued.

    The days count from the issue, or from the last review. What the quote itself says counts where it is
    shorter; the end of before a review does not.
    """
    begun = renewed_on or issued_on
    if begun is None:
        return None
    last = begun + timedelta(days=valid_days)
    if valid_until is not None and valid_until >= begun:
        return min(last, valid_until)
    return last


def standing(last: date | None, today: date) -> Standing:
    """Return where a quote whose last day is `last` stands."""
    if last is None:
        return Standing.UNDATED
    if last < today:
        return Standing.EXPIRED
    return Standing.ENDING if (last - today).days <= SOON_DAYS else Standing.VALID
