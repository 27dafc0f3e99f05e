"""Rates that keep their numerator and denominator, so that every percentage can be clicked down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """A rate with the two whole numbers it was made from; unknown (None) over nothing."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The fraction, or None where the denominator is zero."""
        return self.numerator / self.denominator if self.denominator else None
