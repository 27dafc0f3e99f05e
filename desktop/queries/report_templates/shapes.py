"""Shapes and words that many templates share."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.queries.metrics.pivot import BAR, Shape

AMOUNT, DAYS = N_("Amount"), N_("Days")


def by(dimension: str, chart: str = BAR, order: str = "", limit: int = 100) -> Shape:
    """Return one dimension down the rows, the largest of `order` first."""
    return Shape(dimension, None, order, limit, chart)
