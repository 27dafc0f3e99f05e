"""Exact money: integers of minor units in the database, `Decimal` in Python, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

SCALE = 2
UNIT_PRICE_SCALE = 6
_CENT = Decimal(1).scaleb(-SCALE)


def to_minor(amount: Decimal, scale: int = SCALE) -> int:
    """Return the amount in minor units (cents for scale 2), rounded half up."""
    return int(amount.scaleb(scale).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_minor(minor: int, scale: int = SCALE) -> Decimal:
    """Return minor units as a Decimal with `scale` decimals."""
    return Decimal(minor).scaleb(-scale)


def money_text(minor: int) -> str:
    """Return minor units as machine-readable text with two decimals, as every JSON document has it."""
    return str(from_minor(minor).quantize(_CENT))


def largest_remainder(total: int, weights: Sequence[Fraction | float | int]) -> list[int]:
    """Split `total` minor units by `weights` so that the parts add up exactly.

    Each part is the floor of its exact share; the units left over go to the largest remainders,
    ties to the earlier part. Negative totals are split by their magnitude. Weights must not be
    negative; if all are zero the split is even.
    """
    if not weights:
        return []
    exact = [Fraction(weight) for weight in weights]
    if any(weight < 0 for weight in exact):
        raise ValueError("weights must not be negative")
    whole = sum(exact)
    if whole == 0:
        exact = [Fraction(1)] * len(exact)
        whole = Fraction(len(exact))
    sign = -1 if total < 0 else 1
    shares = [abs(total) * weight / whole for weight in exact]
    parts = [int(share) for share in shares]
    left = abs(total) - sum(parts)
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in order[:left]:
        parts[i] += 1
    return [sign * part for part in parts]
