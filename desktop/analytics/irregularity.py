"""What is out of the ordinary in a contract: price, delivery, hand-written clauses (APR-09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from desktop.analytics.pricing import WHOLE, concession


class Irregular(StrEnum):
    """One irregularity of a contract."""

    CONCESSION = "concession"
    DELIVERY = "delivery"
    CLAUSE = "clause"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract agrees, and what was offered (`offered` in minor units; None where there was no offer)."""

    amount: int | None
    offered: int | None
    begins_on: date | None
    delivery_on: date | None
    extra_clause: bool | None


@dataclass(frozen=True, slots=True)
class Irregularities:
    """The flags of a contract with the figures they stand on: a fraction in ten-thousandths, and days."""

    concession: int | None
    delivery_days: int | None
    flags: tuple[Irregular, ...]


def irregularities(terms: Terms, *, most_concession: int, least_days: int) -> Irregularities:
    """Return what is irregular: a concession above `most_concession` (ten-thousandths), delivery within `least_days`.

    Delivery counts from the day a contract begins; one that lies before it says nothing and is not flagged.
    """
    given = concession(terms.offered, terms.amount)
    days = (
        (terms.delivery_on - terms.begins_on).days
        if terms.delivery_on is not None and terms.begins_on is not None
        else None
    )
    flags = []
    if _above(terms, most_concession):
        flags.append(Irregular.CONCESSION)
    if days is not None and 0 <= days <= least_days:
        flags.append(Irregular.DELIVERY)
    if terms.extra_clause:
        flags.append(Irregular.CLAUSE)
    return Irregularities(given, days, tuple(flags))


def _above(terms: Terms, most: int) -> bool:
    """Whether the concession is above a share of the offer: exactly, not as it is rounded for reading."""
    if terms.offered is None or terms.amount is None or terms.offered <= 0:
        return False
    return (terms.offered - terms.amount) * WHOLE > most * terms.offered
