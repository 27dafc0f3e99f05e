"""Why two reports differ: scope, period, definition, late entries, changed records; the parts add up (RPT-10).

Both frozen figures stay as they are. Between them stand figures computed from today's records: the first report's
question with only what was recorded when it was taken, then with everything, then with the second's scope, period
and definition one after the other, and the same for the second. Each part is the distance of two neighbours, so
they add up to the whole difference exactly, whatever the formula is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from desktop.clock import business_date
from desktop.errors import InvalidInput, NotAllowed
from desktop.exporters.document import Control, Document
from desktop.i18n import N_, Locale
from desktop.models.people import Person
from desktop.models.reports import Report
from desktop.periods import Period
from desktop.queries.metrics.dictionary import MetricDefinition, metric_history, metric_list, metric_named
from desktop.queries.metrics.drill import Behind, RecordRow, records_behind
from desktop.queries.metrics.engine import Filters, Question, compute, one_figure
from desktop.queries.pipelines import chosen_pipeline
from desktop.queries.reports import TEMPLATES, ReportView, report_view
from desktop.store.workspace import Work
from desktop.terms import ALL_SEER_ROLES

Number = int | Decimal
SAME_AS = {
    "funnel": {
        "open_deals": "funnel_open_count",
        "open_amount": "funnel_open_amount",
        "won": "won_count",
        "won_amount": "won_amount",
        "lost": "lost_count",
        "win_rate": "win_rate",
    },
    "target_actual": {"target": "target_value", "actual": "actual_won", "deviation": "target_deviation"},
}
"""Control totals of reports that name them in their own way, and the metrics that they are."""
MOST_RECORDS = 300


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: the report, the figure that was frozen, and the question that it answers."""

    report_id: int
    number: str
    title: str
    control: Control
    definition: MetricDefinition
    question: Question
    taken_at: datetime
    partial: bool

    @property
    def value(self) -> Number:
        """The frozen figure."""
        return self.control.value  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Cause:
    """One part of the difference; `detail` says what stood against what."""

    key: str
    label: str
    amount: Number
    detail: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of two reports, what parts them, and the records that came late or changed since the first."""

    metric: str
    first: Side
    second: Side
    causes: tuple[Cause, ...]
    records: tuple[RecordRow, ...]

    @property
    def amount(self) -> Number:
        """The second report's figure less the first's: exactly the sum of the causes."""
        return self.second.value - self.first.value

    @property
    def partial(self) -> bool:
        """Whether one of the reports was made by somebody who sees a part of the firm."""
        return self.first.partial or self.second.partial


@dataclass(frozen=True, slots=True)
class Pair:
    """A control total of each report that can be compared, by key, and the metrics that they are."""

    first: str
    second: str
    metrics: tuple[MetricDefinition, ...]

    def name(self, locale: Locale) -> str:
        """Return what is compared, in the reader's language."""
        return " ↔ ".join(dict.fromkeys(metric.label(locale) for metric in self.metrics))


@dataclass(frozen=True, slots=True)
class Since:
    """A frozen figure, what it would be now, and the records behind it now; `since` of them came or changed later."""

    side: Side
    now: Number | None
    behind: Behind
    since: int


def drillable(view: ReportView) -> tuple[Control, ...]:
    """Return the control totals of a report whose records can be listed."""
    known = _metrics_of(view)
    return tuple(control for control in view.document.controls if control.key in known)


def since_frozen(work: Work, report_id: int, figure: str) -> Since:
    """Return what stands behind a frozen control total today (RPT-11); raise InvalidInput for what has no records."""
    side = _side(work, report_id, figure)
    behind = records_behind(work, side.question)
    later = sum(max(row.recorded_at, row.changed_at) > side.taken_at for row in behind.rows)
    return Since(side, one_figure(work, side.question.metrics[0], side.question), behind, later)


def comparable(work: Work, first_id: int, second_id: int) -> list[Pair]:
    """Return the control totals of two reports that can be compared: those of one metric, else of one kind."""
    first, second = report_view(work, first_id), report_view(work, second_id)
    ones, others = _metrics_of(first), _metrics_of(second)
    same = [(mine, theirs) for mine in ones for theirs in others if ones[mine] == others[theirs]]
    if not same:
        kinds = {item.key: item.kind for item in (*first.document.controls, *second.document.controls)}
        same = [(mine, theirs) for mine in ones for theirs in others if kinds[mine] == kinds[theirs]][:6]
    known = {item.key: item for item in metric_list(work)}
    return [
        Pair(mine, theirs, tuple(known[key] for key in (ones[mine], others[theirs]) if key in known))
        for mine, theirs in same
    ]


def why_different(
    work: Work, first_id: int, second_id: int, figures: tuple[str, str] | None = None
) -> Difference:
    """Return what parts a figure of two reports; raise InvalidInput where nothing can be compared.

    `figures` are the keys of the control totals; None takes the first pair that can be compared.
    """
    if work.actor.role not in ALL_SEER_ROLES and work.connection.dialect.name == "postgresql":
        raise NotAllowed(
            "compare_partly_seen",
            N_("Reports are compared by who sees every record."),
            remedy=N_("Ask the director, sales operations, finance or an administrator."),
        )
    pairs = comparable(work, first_id, second_id)
    if figures is None and not pairs:
        raise InvalidInput(
            "reports_not_comparable",
            N_("These two reports have no figure in common."),
            remedy=N_("Choose two reports with the same control total."),
        )
    mine, theirs = figures or (pairs[0].first, pairs[0].second)
    first, second = _side(work, first_id, mine), _side(work, second_id, theirs)
    causes = _causes(work, first, second)
    return Difference(first.definition.key, first, second, causes, _records(work, first, second))


def _metrics_of(view: ReportView) -> dict[str, str]:
    """Return the metric behind each control total that has a number."""
    names = SAME_AS.get(view.row.template)
    known = names or {control.key: control.key for control in view.document.controls}
    return {
        control.key: known[control.key]
        for control in view.document.controls
        if control.key in known
        and control.value is not None
        and TEMPLATES.get(view.row.template) is not None
        and (names is not None or control.key in view.document.metric_versions)
    }


def _side(work: Work, report_id: int, figure: str) -> Side:
    view = report_view(work, report_id)
    metric = _metrics_of(view).get(figure)
    control = next((item for item in view.document.controls if item.key == figure), None)
    if metric is None or control is None:
        raise InvalidInput(
            "figure_not_in_report",
            N_("Report {number} has no figure “{key}” that can be compared."),
            remedy=N_("Choose one of: {names}."),
            number=view.row.number,
            key=figure,
            names=", ".join(_metrics_of(view)) or "—",
        )
    document = view.document
    stored = work.session.execute(
        select(Report.unit_id, Report.parameters, Person.role)
        .join(Person, Person.id == Report.made_by_id)
        .where(Report.id == report_id)
    ).one()
    taken = document.taken_at
    definition = _version(work, metric, document, business_date(taken, work.zone))
    question = Question(
        (f"{metric}@{definition.number}",),
        Period.parse(document.period),
        (),
        stored.unit_id,
        _filters(work, view, stored.parameters),
        document.as_of,
        None,
        _currency(document),
    )
    partial = stored.role not in {role.value for role in ALL_SEER_ROLES}
    return Side(report_id, view.row.number, view.row.title, control, definition, question, taken, partial)


def _version(work: Work, metric: str, document: Document, day: date) -> MetricDefinition:
    number = document.metric_versions.get(metric)
    if number is not None:
        return metric_named(work, f"{metric}@{number}")
    history = metric_history(work, metric)
    return next((item for item in history if item.effective_from <= day), history[-1])


def _filters(work: Work, view: ReportView, parameters: dict[str, Any]) -> Filters:
    if view.row.template == "pivot":
        stored = (parameters.get("question") or {}).get("filters") or ()
        return tuple((str(key), tuple(map(str, values))) for key, values in stored)
    pipeline = parameters.get("pipeline_id")
    if view.row.template == "funnel":
        pipeline = chosen_pipeline(work, pipeline).id
    asks = any(label == "Pipeline" for label, _value in view.document.filters)
    return (("pipeline", (str(pipeline),)),) if pipeline is not None and asks else ()


def _currency(document: Document) -> str | None:
    return next((value[0] for label, value in document.filters if label == "Currency"), None)


def _ask(work: Work, question: Question) -> Number:
    found = one_figure(work, question.metrics[0], question)
    if found is None:
        raise InvalidInput(
            "figure_undefined",
            N_("“{key}” is not defined on the way from one report to the other: it would divide by nothing."),
            remedy=N_("Compare the amounts or the numbers behind it instead."),
            key=question.metrics[0].partition("@")[0],
        )
    return found


def _causes(work: Work, first: Side, second: Side) -> tuple[Cause, ...]:
    one, two = first.question, second.question
    known_first = _ask(work, replace(one, known_by=first.taken_at))
    all_first = _ask(work, one)
    known_second = _ask(work, replace(two, known_by=second.taken_at))
    all_second = _ask(work, two)
    filters = _applicable(work, one, two.filters)
    scope = replace(one, unit_id=two.unit_id, filters=filters, currency=two.currency)
    scoped = _ask(work, scope)
    period = replace(scope, period=two.period, as_of=two.as_of)
    moved = _ask(work, period)
    return (
        Cause("scope", N_("Scope and filters"), scoped - all_first),
        Cause("period", N_("Period and as-of day"), moved - scoped, (_days(one), _days(two))),
        Cause(
            "definition", N_("Definition of the metric"), all_second - moved, (one.metrics[0], two.metrics[0])
        ),
        Cause(
            "late",
            N_("Late entries"),
            (all_first - known_first) - (all_second - known_second),
            (first.taken_at.isoformat(), second.taken_at.isoformat()),
        ),
        Cause(
            "changed",
            N_("Changed or removed records"),
            (known_first - first.value) - (known_second - second.value),
        ),
    )


def _applicable(work: Work, question: Question, filters: Filters) -> Filters:
    """Return the filters that a question's figure can take; others come with the other report's definition."""
    kept: Filters = ()
    for each in filters:
        try:
            compute(work, replace(question, filters=(each,)))
        except InvalidInput:
            continue
        kept = (*kept, each)
    return kept


def _days(question: Question) -> str:
    return f"{question.period.text} ({question.as_of})"


def _records(work: Work, first: Side, second: Side) -> tuple[RecordRow, ...]:
    """Return the records of the first report's question that were recorded or changed since the earlier of the two."""
    since = min(first.taken_at, second.taken_at)
    found = records_behind(work, first.question, limit=10 * MOST_RECORDS)
    late = [row for row in found.rows if max(row.recorded_at, row.changed_at) > since]
    return tuple(late[:MOST_RECORDS])
