"""What the report centre's builder offers: figures with a formula, dimensions, saved views, values of a filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desktop.analytics.formula import aggregates
from desktop.periods import Period
from desktop.queries.metrics.dictionary import MetricDefinition, metric_list
from desktop.queries.metrics.dimensions import BLANK, DIMENSIONS, Joined, Name, members
from desktop.queries.metrics.engine import Question, compute, facts_named
from desktop.queries.metrics.facts import Span
from desktop.queries.saved_views import ViewRow, view_list
from desktop.store.workspace import Work

ORDERED = {"stage", "age_band"}


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """A dimension to choose; one of time cannot be filtered, one with an order of its own is not sorted by size."""

    key: str
    label: str
    is_time: bool
    is_ordered: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything to choose from."""

    metrics: tuple[MetricDefinition, ...]
    dimensions: tuple[DimensionRow, ...]
    views: tuple[ViewRow, ...]
    fitting: Mapping[str, frozenset[str]]
    """The dimensions that each figure can be split by."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a dimension that occur: (name, stored value as text)."""

    found: tuple[tuple[Name, str], ...]


def builder_offer(work: Work) -> Offer:
    """Return what the builder offers today."""
    metrics = tuple(item for item in metric_list(work) if item.formula)
    dimensions = tuple(
        DimensionRow(
            item.key, item.label, item.moment is not None, item.moment is not None or item.key in ORDERED
        )
        for item in DIMENSIONS.values()
    )
    return Offer(metrics, dimensions, tuple(view_list(work)), _fitting(work, metrics))


def _fitting(work: Work, metrics: tuple[MetricDefinition, ...]) -> dict[str, frozenset[str]]:
    """Return by figure the dimensions that all the facts of its formula have."""
    span = Span(Period.month_of(work.today), work.today)
    by_facts: dict[str, frozenset[str]] = {}
    for name in {part.facts for item in metrics for part in aggregates(item.tree)}:
        facts = facts_named(name)
        joined = Joined(facts, facts.build(work, span))
        by_facts[name] = frozenset(key for key in DIMENSIONS if joined.fits(key))
    return {
        item.key: frozenset.intersection(*(by_facts[part.facts] for part in aggregates(item.tree)))
        for item in metrics
    }


def dimension_values(work: Work, metric: str, key: str, period: Period, unit_id: int | None) -> Values:
    """Return the values of a dimension among the facts of a figure."""
    groups = compute(work, Question((metric,), period, (key,), unit_id)).groups
    found = members(work, key, {group[0] for group in groups})
    return Values(
        tuple((member.name, BLANK if member.value is None else str(member.value)) for member in found)
    )


def by_kind(metrics: tuple[MetricDefinition, ...]) -> dict[str, list[MetricDefinition]]:
    """Return figures by the kind of records that they count first, for a menu that can be read."""
    found: dict[str, list[MetricDefinition]] = {}
    for item in metrics:
        first = next(iter(aggregates(item.tree)))
        found.setdefault(facts_named(first.facts).kind, []).append(item)
    return found
