"""The metric dictionary: one bilingual definition per figure with formula, unit, owner and version (RPT-01)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from desktop.analytics.formula import Node, parse
from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_, Locale
from desktop.models.people import Person
from desktop.models.rules import Metric
from desktop.store.workspace import Work
from desktop.terms import Role

MONEY, FRACTION = "CNY", "fraction"
DECIMALS = {"days": 1, "hours": 1}
"""Units whose figures are shown with decimals."""


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One version of one definition; without a formula the program computes the figure by itself."""

    key: str
    number: int
    label_en: str
    label_zh: str
    definition_en: str
    definition_zh: str
    unit: str
    formula: str | None
    owner: str | None
    effective_from: date
    note: str | None = None
    changed_by: str | None = None

    def label(self, locale: Locale) -> str:
        """Return the name in the reader's language."""
        return self.label_zh if locale.is_chinese else self.label_en

    def definition(self, locale: Locale) -> str:
        """Return the definition in the reader's language."""
        return self.definition_zh if locale.is_chinese else self.definition_en

    def owner_label(self, locale: Locale) -> str:
        """Return who answers for the definition."""
        roles = {role.value: role.label for role in Role}
        return locale._(roles[self.owner]) if self.owner in roles else (self.owner or "")

    @property
    def tree(self) -> Node:
        """The formula as a tree; raises InvalidInput for a figure without one."""
        if not self.formula:
            raise InvalidInput(
                "metric_not_executable",
                N_("“{key}” is computed by its own page and cannot be split freely."),
                remedy=N_("Choose a figure with a formula; see: plumbline metrics"),
                key=self.key,
            )
        return parse(self.formula)

    @property
    def kind(self) -> str:
        """How its values are written: money, percent, decimal or integer."""
        if self.unit == MONEY:
            return "money"
        return "percent" if self.unit == FRACTION else "decimal" if self.unit in DECIMALS else "integer"

    def value(self, exact: Fraction | None) -> int | Decimal | None:
        """Return an exact result as it is stored: minor units, a fraction of six places, days of one, or a number."""
        if exact is None:
            return None
        if self.kind in ("money", "integer"):
            return round(exact)
        places = 6 if self.unit == FRACTION else DECIMALS[self.unit]
        return Decimal(round(exact * 10**places)).scaleb(-places)


def metric_history(work: Work, *keys: str) -> list[MetricDefinition]:
    """Return every version of these or all definitions, the newest of each first."""
    statement = (
        select(Metric, Person.name.label("changed_by"))
        .outerjoin(Person, Person.id == Metric.changed_by_id)
        .order_by(Metric.key, Metric.number.desc())
    )
    if keys:
        statement = statement.where(Metric.key.in_(keys))
    return [_definition(row.Metric, row.changed_by) for row in work.rows(statement)]


def metric_list(work: Work, on: date | None = None) -> list[MetricDefinition]:
    """Return the definitions in force on a day, today by default: of each the highest version."""
    day = on or work.today
    found: dict[str, MetricDefinition] = {}
    for definition in metric_history(work):
        if definition.effective_from <= day:
            found.setdefault(definition.key, definition)
    return list(found.values())


def metric_named(work: Work, text: str) -> MetricDefinition:
    """Return a definition by its key, or one version of it (“win_rate@2”); raise NotFound."""
    return metrics_named(work, [text])[0]


def metrics_named(work: Work, texts: Iterable[str]) -> tuple[MetricDefinition, ...]:
    """Return definitions, each by its key or one version of it; raise NotFound for the first that is missing."""
    asked = [text.partition("@") for text in texts]
    versions = metric_history(work, *{key for key, _at, _number in asked}) if asked else []
    return tuple(_version(versions, key, number, work.today) for key, _at, number in asked)


def _version(versions: list[MetricDefinition], key: str, number: str, today: date) -> MetricDefinition:
    for definition in versions:
        counts = definition.effective_from <= today if not number else number == str(definition.number)
        if definition.key == key and counts:
            return definition
    raise NotFound(
        "metric_unknown",
        N_("There is no metric “{key}”."),
        remedy=N_("See the metrics there are with: plumbline metrics"),
        key=f"{key}@{number}" if number else key,
    )


def _definition(metric: Metric, changed_by: str | None) -> MetricDefinition:
    return MetricDefinition(
        metric.key,
        metric.number,
        metric.label_en,
        metric.label_zh,
        metric.definition_en,
        metric.definition_zh,
        metric.unit,
        metric.formula,
        metric.owner,
        metric.effective_from,
        metric.note,
        changed_by,
    )
