"""Target against actual of a month as a report document (TGT-11, TGT-19, RPT-01)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from desktop.exporters.document import Block, Control, Document, Field, Picture
from desktop.exporters.layouts import Kind
from desktop.i18n import N_
from desktop.money import largest_remainder
from desktop.periods import weeks_of
from desktop.queries.calibration import SALES_METRICS, CalibrationView, calibration
from desktop.queries.report_ledger import target_checks
from desktop.queries.report_parts import TOTAL, Asked, definitions, last_batch, unit_filter
from desktop.store.workspace import Work

TITLE = N_("Target against actual")
METRICS = ("target_original", "target_calibrated", "actual_won", "target_deviation")


def target_document(work: Work, asked: Asked) -> Document:
    """Return the month's targets beside what was sold; raises InvalidInput for a period that is no month."""
    run = calibration(work, period=asked.period, unit_id=asked.unit_id)
    target = sum(person.plan.target for person in run.people)
    actual = sum(sum(person.actual) for person in run.people)
    return Document(
        template="target_actual",
        title=TITLE,
        period=asked.period.text,
        as_of=min(work.today, asked.period.ends),
        taken_at=work.now,
        filters=(
            unit_filter(work, asked.unit_id),
            (N_("Target metric"), _metric_words(run.metric)),
            (N_("What counts as sold"), run.history.label),
        ),
        batch=last_batch(work),
        blocks=(_people(run), _weeks(run)),
        controls=(
            Control("people", N_("People"), Kind.INTEGER, len(run.people)),
            Control("target", N_("Target"), Kind.MONEY, target),
            Control("actual", N_("Actual"), Kind.MONEY, actual),
            Control("deviation", N_("Deviation"), Kind.PERCENT, _deviation(actual, target)),
        ),
        definitions=definitions(work, *METRICS),
        checks=target_checks(work, run, asked.unit_id),
    )


def _metric_words(metric: str | None) -> tuple[str, str]:
    """Return the target's metric in English and Chinese; a firm's own metric has only its own word."""
    if metric in SALES_METRICS:
        return "Sales", "销售额"
    return metric or "—", metric or "—"


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.000001")) if whole else None


def _deviation(actual: int, target: int) -> Decimal | None:
    share = _share(actual, target)
    return None if share is None else share - 1


def _people(run: CalibrationView) -> Block:
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (
            person.owner,
            person.plan.target,
            *person.calibrated,
            sum(person.actual),
            _share(sum(person.actual), person.plan.target),
            _deviation(sum(person.actual), person.plan.target),
        )
        for person in run.people
    )
    sums = [sum(row[index] for row in rows) for index in range(1, 7)]
    return Block(
        "people",
        N_("People"),
        (
            Field("owner", N_("Sales rep")),
            Field("target", N_("Month's target"), Kind.MONEY, "CNY"),
            Field("week_1", N_("Week 1"), Kind.MONEY, "CNY", "target_calibrated"),
            Field("week_2", N_("Week 2"), Kind.MONEY, "CNY", "target_calibrated"),
            Field("week_3", N_("Week 3"), Kind.MONEY, "CNY", "target_calibrated"),
            Field("week_4", N_("Week 4"), Kind.MONEY, "CNY", "target_calibrated"),
            Field("actual", N_("Actual"), Kind.MONEY, "CNY", "actual_won"),
            Field("attainment", N_("Attainment"), Kind.PERCENT, metric="target_deviation"),
            Field("deviation", N_("Deviation"), Kind.PERCENT, metric="target_deviation"),
        ),
        rows,
        (TOTAL, *sums, _share(sums[5], sums[0]), _deviation(sums[5], sums[0])),
    )


def _weeks(run: CalibrationView) -> Block:
    """Add everybody up week by week: the cascade in time, and the natural chart of this report."""
    original = [0, 0, 0, 0]
    for person in run.people:
        parts = largest_remainder(person.plan.target, (1, 1, 1, 1))
        original = [one + two for one, two in zip(original, parts, strict=True)]
    calibrated = [sum(person.calibrated[week] for person in run.people) for week in range(4)]
    actual = [sum(person.actual[week] for person in run.people) for week in range(4)]
    rows = tuple(
        (
            f"{week.starts:%m-%d} – {week.ends:%m-%d}",
            original[index],
            calibrated[index],
            actual[index],
            _deviation(actual[index], calibrated[index]),
        )
        for index, week in enumerate(weeks_of(run.period))
    )
    return Block(
        "weeks",
        N_("Weeks"),
        (
            Field("week", N_("Week")),
            Field("original", N_("Original"), Kind.MONEY, "CNY", "target_original"),
            Field("calibrated", N_("Calibrated"), Kind.MONEY, "CNY", "target_calibrated"),
            Field("actual", N_("Actual"), Kind.MONEY, "CNY", "actual_won"),
            Field("deviation", N_("Deviation"), Kind.PERCENT, metric="target_deviation"),
        ),
        rows,
        (TOTAL, sum(original), sum(calibrated), sum(actual), _deviation(sum(actual), sum(calibrated))),
        Picture(N_("Actual against the calibrated weeks"), "week", ("actual",), ("calibrated",)),
    )
