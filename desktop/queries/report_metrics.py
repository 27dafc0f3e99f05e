"""Reports that are questions to the metric layer: templates as data, one way to fill them all (RPT-02, RPT-12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from desktop.analytics.formula import aggregates
from desktop.errors import InvalidInput
from desktop.exporters.document import LABEL, Block, Control, Document, Field
from desktop.exporters.layouts import Kind
from desktop.i18n import N_
from desktop.periods import Period
from desktop.queries.metrics.dictionary import metric_named
from desktop.queries.metrics.dimensions import BLANK, DIMENSIONS, members
from desktop.queries.metrics.drill import records_behind
from desktop.queries.metrics.engine import Figures, Filters, Question, compute_all, facts_named
from desktop.queries.metrics.pivot import CHARTS, MOST_ROWS, TABLE, Pivot, Shape, laid_out, pivot
from desktop.queries.report_parts import Asked, definitions, last_batch, unit_filter
from desktop.queries.report_records import figure_checks
from desktop.store.workspace import Work

PIVOT_TITLE = N_("Own analysis")
MONTHS_BACK = 12


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a template: figures split by dimensions; `trend` reaches back twelve months."""

    key: str
    title: str
    metrics: tuple[str, ...]
    shape: Shape
    trend: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A table of the records behind a figure, the largest first; `columns` are (column, title, kind)."""

    key: str
    title: str
    metric: str
    columns: tuple[tuple[str, str, str], ...] = ()
    counted: str = ""
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class MetricTemplate:
    """A report as data: its tables, and the figures that are its control totals; `for_peers` is a ranking."""

    name: str
    title: str
    about: str
    parts: tuple[Part | Listing, ...]
    controls: tuple[str, ...]
    by_pipeline: bool = False
    for_peers: bool = False


def metric_document(work: Work, asked: Asked, template: MetricTemplate) -> Document:
    """Return a template filled for a period and a unit."""
    filters: Filters = ()
    if template.by_pipeline and asked.pipeline_id is not None:
        filters = (("pipeline", (str(asked.pipeline_id),)),)
    question = Question((), asked.period, (), asked.unit_id, filters)
    asks = [
        replace(_asked_of(question, part), by=part.shape.by)
        for part in template.parts
        if isinstance(part, Part)
    ]
    totals, *figures = compute_all(work, [replace(question, metrics=template.controls), *asks])
    tables = iter(figures)
    blocks: list[Block] = []
    words: dict[str, str] = {}
    used: dict[str, None] = dict.fromkeys(template.controls)
    for part in template.parts:
        if isinstance(part, Listing):
            used[part.metric] = None
            blocks.append(_listing(work, replace(question, metrics=(part.metric,)), part))
            continue
        used.update(dict.fromkeys(part.metrics))
        found = laid_out(work, next(tables), part.shape, for_peers=template.for_peers)
        blocks.append(found.block(part.key, part.title))
        words.update(found.words())
    return _document(
        work, asked, template.name, template.title, question, totals, tuple(blocks), words, tuple(used)
    )


def _asked_of(question: Question, part: Part) -> Question:
    if not part.trend:
        return replace(question, metrics=part.metrics)
    first = question.period.shift(1 - MONTHS_BACK) if question.period.is_month else question.period
    longer = Period(first.starts, question.period.ends, question.period.text)
    return replace(question, metrics=part.metrics, period=longer)


def _document(
    work: Work,
    asked: Asked,
    name: str,
    title: str,
    question: Question,
    totals: Figures,
    blocks: tuple[Block, ...],
    words: Mapping[str, str],
    used: tuple[str, ...],
) -> Document:
    currency = totals.currency
    left = totals.left_out
    controls = tuple(
        Control(key.replace("@", "_"), item.label_en, item.kind, totals.value(key))
        for key, item in zip(totals.question.metrics, totals.definitions, strict=True)
    )
    said = dict(words) | {item.label_en: item.label_zh for item in totals.definitions}
    return Document(
        template=name,
        title=title,
        period=asked.period.text,
        as_of=question.span(work.today).as_of,
        taken_at=work.now,
        filters=(
            unit_filter(work, asked.unit_id),
            *_filter_lines(work, question.filters),
            (N_("Currency"), (currency, currency)),
            *(((N_("Deals in other currencies"), (str(left),) * 2),) if left else ()),
        ),
        batch=last_batch(work),
        blocks=blocks,
        controls=controls,
        definitions=definitions(work, *(key.partition("@")[0] for key in used)),
        words=tuple(sorted(said.items())),
        checks=figure_checks(work, replace(totals, question=replace(totals.question, by=()))),
    )


def _filter_lines(work: Work, filters: Filters) -> list[tuple[str, Any]]:
    lines: list[tuple[str, Any]] = []
    for key, values in filters:
        dimension = DIMENSIONS[key]
        typed = [None if value == BLANK else int(value) if dimension.record else value for value in values]
        names = [member.name for member in members(work, key, typed)]
        english = ", ".join(name[0] for name in names)
        chinese = "、".join(name[1] or name[0] for name in names)
        lines.append((dimension.label, (english, chinese)))
    return lines


def _listing(work: Work, question: Question, part: Listing) -> Block:
    definition = metric_named(work, part.metric)
    asked = next(aggregates(definition.tree))
    found = records_behind(
        work, question, columns=tuple(name for name, _title, _kind in part.columns), limit=part.limit
    )
    money = facts_named(asked.facts).money
    counted = bool(asked.field)
    fields = [
        Field("row", N_("Name"), LABEL),
        Field("customer", N_("Customer")),
        Field("person", N_("Owner")),
    ]
    if any(row.day for row in found.rows):
        fields.append(Field("day", N_("Day"), Kind.DATE))
    if counted:
        kind = Kind.MONEY if asked.field in money else Kind.INTEGER
        fields.append(Field("counted", part.counted or definition.label_en, kind, "", definition.key))
    fields += [Field(name, title, kind) for name, title, kind in part.columns]
    rows = tuple(
        (
            (row.title, None),
            row.customer,
            row.person,
            *((row.day,) if any(field.key == "day" for field in fields) else ()),
            *((row.counts,) if counted else ()),
            *(
                _cell(value, kind)
                for value, (_name, _title, kind) in zip(row.values, part.columns, strict=True)
            ),
        )
        for row in found.rows
    )
    return Block(part.key, part.title, tuple(fields), rows)


def _cell(value: Any, kind: str) -> Any:
    if kind == Kind.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    if kind == Kind.INTEGER and value is not None:
        return int(value)
    return value if value is None or kind != Kind.TEXT else str(value)


# Questions that people put together themselves


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """What somebody chose in the builder: figures, dimensions, filters, chart; kept and frozen as plain JSON."""

    metrics: tuple[str, ...]
    shape: Shape
    filters: Filters = ()

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "metrics": list(self.metrics),
            "rows": self.shape.rows,
            "columns": self.shape.columns,
            "order": self.shape.order,
            "limit": self.shape.limit,
            "chart": self.shape.chart,
            "filters": [[key, list(values)] for key, values in self.filters],
        }


def own_question(stored: Mapping[str, Any]) -> OwnQuestion:
    """Return a question from its JSON; raise InvalidInput for what is none."""
    metrics = tuple(str(key) for key in stored.get("metrics") or ())
    chart = str(stored.get("chart") or TABLE)
    if not metrics or chart not in CHARTS:
        raise InvalidInput(
            "question_invalid",
            N_("An analysis needs at least one figure and a known kind of chart."),
            remedy=N_("Choose a figure, and one of: {names}."),
            names=", ".join(CHARTS),
        )
    shape = Shape(
        stored.get("rows") or None,
        stored.get("columns") or None,
        str(stored.get("order") or ""),
        int(stored.get("limit") or MOST_ROWS),
        chart,
    )
    filters = tuple((str(key), tuple(map(str, values))) for key, values in stored.get("filters") or ())
    return OwnQuestion(metrics, shape, filters)


def own_pivot(work: Work, own: OwnQuestion, period: Period, unit_id: int | None = None) -> Pivot:
    """Return the table of an own question for a scope."""
    return pivot(work, Question(own.metrics, period, (), unit_id, own.filters), own.shape)


def own_document(work: Work, asked: Asked) -> Document:
    """Return an own question as a report: it can be submitted, approved and exported like any other (RPT-02)."""
    if asked.question is None:
        raise InvalidInput(
            "analysis_without_question",
            N_("A report of an own analysis needs its question."),
            remedy=N_("Make it under Analyse, or name a saved view: plumbline report pivot --view ID"),
        )
    own = own_question(asked.question)
    found = own_pivot(work, own, asked.period, asked.unit_id)
    question = Question(own.metrics, asked.period, (), asked.unit_id, own.filters)
    blocks = (found.block("figures", PIVOT_TITLE),)
    return _document(
        work, asked, "pivot", PIVOT_TITLE, question, found.figures, blocks, dict(found.words()), own.metrics
    )
