"""Amounts, discounts and margins of quotes, in whole numbers (APR-10).

Quantities are thousandths, unit prices millionths, amounts minor units, fractions ten-thousandths.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WHOLE = 10_000
"""All of it, in ten-thousandths."""
_PER_CENT = 10_000_000
"""Millionths times thousandths that make one minor unit."""


def _rounded(numerator: int, denominator: int) -> int:
    """Return the quotient, halves away from zero."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def line_amount(quantity: int, unit_price: int) -> int:
    """Return what a quantity costs at a unit price."""
    return _rounded(quantity * unit_price, _PER_CENT)


def discounted(amount: int, discount: int) -> int:
    """Return an amount less a discount."""
    return _rounded(amount * (WHOLE - discount), WHOLE)


def concession(reference: int | None, amount: int | None) -> int | None:
    """Return how far an amount lies below what it is compared with; None where there is nothing to compare."""
    if reference is None or amount is None or reference <= 0:
        return None
    return _rounded((reference - amount) * WHOLE, reference)


@dataclass(frozen=True, slots=True)
class Priced:
    """One line as the arithmetic needs it; without `cost` its margin is not known."""

    quantity: int
    unit_price: int
    list_price: int | None = None
    cost: int | None = None

    @property
    def amount(self) -> int:
        """What it comes to."""
        return line_amount(self.quantity, self.unit_price)

    @property
    def discount(self) -> int | None:
        """How far the price lies below the list."""
        return concession(self.list_price, self.unit_price)


@dataclass(frozen=True, slots=True)
class Margin:
    """What is left of an offer: revenue, cost and profit of the lines whose cost is known, and of how many.

    `complete` says that every line's cost is known; otherwise the margin is that of a part.
    """

    revenue: int
    cost: int
    lines: int
    costed: int

    @property
    def profit(self) -> int:
        """Revenue less cost."""
        return self.revenue - self.cost

    @property
    def complete(self) -> bool:
        """Whether the cost of every line is known."""
        return self.lines > 0 and self.lines == self.costed

    @property
    def share(self) -> int | None:
        """Profit of revenue; None where nothing is costed or nothing is asked for."""
        return _rounded(self.profit * WHOLE, self.revenue) if self.costed and self.revenue > 0 else None


def totals(lines: Iterable[Priced], discount: int = 0) -> tuple[int, int | None, Margin]:
    """Return what the lines come to after a discount on the whole, at list prices (None: some has none), and the margin.

    The discount on the whole takes the same share of every line's revenue, costed or not.
    """
    every = list(lines)
    amount = discounted(sum(line.amount for line in every), discount)
    listed = [line_amount(line.quantity, line.list_price) for line in every if line.list_price is not None]
    costed = [line for line in every if line.cost is not None]
    revenue = discounted(sum(line.amount for line in costed), discount)
    cost = sum(line_amount(line.quantity, line.cost or 0) for line in costed)
    at_list = sum(listed) if every and len(listed) == len(every) else None
    return amount, at_list, Margin(revenue, cost, len(every), len(costed))
