"""Days and amounts as they are typed after a command."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.money import to_minor


def parse_day(text: str) -> date:
    """Return the day that an ISO date means; raise InvalidInput."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            "date_invalid", N_("“{text}” is not a date."), remedy=N_("Write it as 2026-04-30."), text=text
        ) from None


def parse_percent(text: str) -> int:
    """Return a percentage in ten-thousandths; raise InvalidInput for what is none from 0 to 100."""
    try:
        share = Decimal(text.strip().rstrip("%％").replace(",", ""))
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 <= share <= 100:
        raise InvalidInput(
            "percent_unreadable",
            N_("“{text}” is no percentage."),
            remedy=N_("Write a number from 0 to 100, as in 7.5."),
            text=text,
        )
    return to_minor(share)


def parse_amount(text: str) -> int:
    """Return an amount in minor units; raise InvalidInput."""
    try:
        return to_minor(Decimal(text.replace(",", "")))
    except InvalidOperation:
        raise InvalidInput(
            "amount_unreadable",
            N_("“{text}” is no amount."),
            remedy=N_("Write it with digits, as in 120000.50."),
            text=text,
        ) from None
