"""Commands about what is sold: funnel, calibrate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import current, emit
from desktop.cli.texttable import text_table
from desktop.cli.typed import parse_day
from desktop.i18n import N_, Locale
from desktop.money import money_text
from desktop.periods import Period

if TYPE_CHECKING:
    from desktop.analytics.calibration import WeekPlan
    from desktop.analytics.funnel import Outcome
    from desktop.queries.calibration import CalibrationView, PersonPlan
    from desktop.queries.funnel import FunnelStep, FunnelView
    from desktop.store.workspace import Work

RATE_PLACES = 6
SHARE_PLACES = 4


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command(
        "funnel", help=N_("Stages with counts, amounts, conversion, drop-off and ageing, as of any day.")
    )(funnel)
    app.command(
        "calibrate", help=N_("Weekly targets of a month: equal, rhythm, process, calendar, reasons.")
    )(calibrate)


def funnel(
    pipeline: Annotated[
        str | None, typer.Option(help=N_("The pipeline; default: the one used most."))
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help=N_("The day to look at; default: today."))
    ] = None,
    scope: Annotated[str | None, typer.Option(metavar="UNIT", help=N_("A unit of the organisation."))] = None,
    period: Annotated[
        str | None, typer.Option(help=N_("Count movements within this period; default: all time."))
    ] = None,
) -> None:
    """Say what stands in each stage and what moved on."""
    from desktop.queries.funnel import funnel_steps
    from desktop.queries.pipelines import pipeline_named
    from desktop.queries.scope import unit_named

    cli = current()
    day = parse_day(as_of) if as_of else None
    span = Period.parse(period) if period else None

    def ask(work: Work) -> FunnelView:
        return funnel_steps(
            work,
            pipeline_id=pipeline_named(work, pipeline) if pipeline else None,
            unit_id=unit_named(work, scope) if scope else None,
            as_of=day,
            period=span,
        )

    view = cli.workspace().read(ask, cli.control())
    emit(funnel_document(view, cli.locale), _funnel_text(view, cli.locale))


def funnel_document(view: FunnelView, locale: Locale) -> dict[str, Any]:
    """Return the JSON document of `funnel` (cli.md)."""
    figures = view.figures
    return {
        "pipeline": view.pipeline.label(locale),
        "as_of": view.as_of.isoformat(),
        "period": view.period.text if view.period else None,
        "currency": view.currency,
        "stages": [_stage_document(step, locale) for step in view.steps],
        "won": _outcome_document(figures.won),
        "lost": _outcome_document(figures.lost),
        "win_rate": _rounded(figures.win_rate.value),
        "stalled": _rounded(figures.stalled.value),
        "median_cycle_days": figures.median_cycle_days,
        "undated": len(figures.undated),
        "unplaced": len(figures.unplaced),
        "other_currencies": view.left_out,
        "metric_version": view.metric_version,
    }


def _stage_document(step: FunnelStep, locale: Locale) -> dict[str, Any]:
    figures = step.figures
    ages = figures.ages
    return {
        "stage": step.stage.label(locale),
        "count": figures.count,
        "amount": money_text(figures.amount),
        "entered": figures.entered,
        "converted": figures.converted,
        "dropped": figures.dropped,
        "inferred": figures.inferred,
        "conversion": _rounded(figures.conversion.value),
        "drop_off": _rounded(figures.drop_off.value),
        "median_days": figures.median_days,
        "ages": {
            "up_to_7": ages.fresh,
            "8_to_14": ages.middle,
            "over_14": ages.stalled,
            "unknown": ages.unknown,
        },
    }


def _outcome_document(outcome: Outcome) -> dict[str, Any]:
    return {"count": outcome.count, "amount": money_text(outcome.amount)}


def _rounded(value: float | None, places: int = RATE_PLACES) -> float | None:
    return None if value is None else round(value, places)


def _funnel_text(view: FunnelView, locale: Locale) -> str:
    _ = locale._
    heading = _("{pipeline}, as of {day}").format(
        pipeline=view.pipeline.label(locale), day=locale.day(view.as_of)
    )
    headers = [
        _("Stage"),
        _("Open deals"),
        _("Amount"),
        _("Entered"),
        _("Conversion"),
        _("Drop-off"),
        _("Median days"),
        _("Over {n} days").format(n=view.stalled_days),
    ]
    rows = [
        [
            step.stage.label(locale),
            locale.integer(step.figures.count),
            locale.money(step.figures.amount),
            locale.integer(step.figures.entered),
            locale.percent(step.figures.conversion.value),
            locale.percent(step.figures.drop_off.value),
            "—" if step.figures.median_days is None else locale.decimal(step.figures.median_days),
            locale.integer(step.figures.ages.stalled),
        ]
        for step in view.steps
    ]
    from desktop.queries.funnel import funnel_notes

    figures = view.figures
    won = _("Won {n}, {amount}; lost {m}, {lost}; win rate {rate}").format(
        n=locale.integer(figures.won.count),
        amount=locale.money(figures.won.amount),
        m=locale.integer(figures.lost.count),
        lost=locale.money(figures.lost.amount),
        rate=locale.percent(figures.win_rate.value),
    )
    lines = [heading, text_table(headers, rows, right=range(1, 8)), won]
    return "\n".join([*lines, *funnel_notes(view, locale)])


def calibrate(
    period: Annotated[str, typer.Option(help=N_("The month, as 2026-04."))],
    scope: Annotated[str | None, typer.Option(metavar="UNIT", help=N_("A unit of the organisation."))] = None,
    history: Annotated[
        str | None,
        typer.Option(help=N_("What counts as sold: opportunities, contracts or orders.")),
    ] = None,
) -> None:
    """Say the weekly targets of a month, with the reasons."""
    from desktop.queries.calibration import calibration
    from desktop.queries.sales_history import History
    from desktop.queries.scope import unit_named

    cli = current()
    month = Period.parse(period)
    kinds = {kind.value: kind for kind in History}
    if history is not None and history not in kinds:
        raise typer.BadParameter(f"'{history}' is not one of {', '.join(kinds)}.", param_hint="--history")
    view = cli.workspace().read(
        lambda work: calibration(
            work,
            period=month,
            unit_id=unit_named(work, scope) if scope else None,
            history=kinds[history] if history else None,
        ),
        cli.control(),
    )
    emit(calibration_document(view, cli.locale), _calibration_text(view, cli.locale))


def calibration_document(view: CalibrationView, locale: Locale) -> dict[str, Any]:
    """Return the JSON document of `calibrate` (cli.md)."""
    return {
        "period": view.period.text,
        "metric": view.metric or None,
        "history": view.history.value,
        "months": [view.months[0].text, view.months[-1].text],
        "people": [_person_document(person, locale) for person in view.people],
    }


def _person_document(person: PersonPlan, locale: Locale) -> dict[str, Any]:
    month_reasons = [reason.text(locale) for reason in person.plan.reasons]
    return {
        "owner": person.owner,
        "monthly_target": money_text(person.plan.target),
        "basis": person.plan.rhythm.basis.value,
        "months": person.plan.rhythm.months,
        "accepted": person.is_accepted,
        "weeks": [
            _week_document(week, person.actual[i], month_reasons, locale)
            for i, week in enumerate(person.plan.weeks)
        ],
    }


def _week_document(week: WeekPlan, actual: int, month_reasons: list[str], locale: Locale) -> dict[str, Any]:
    return {
        "week": week.week.number,
        "from": week.week.starts.isoformat(),
        "to": week.week.ends.isoformat(),
        "equal": money_text(week.equal),
        "rhythm": round(week.rhythm, SHARE_PLACES),
        "process": round(week.process, SHARE_PLACES),
        "calendar": round(week.calendar, SHARE_PLACES),
        "target": money_text(week.target),
        "actual": money_text(actual),
        "reasons": [*month_reasons, *(reason.text(locale) for reason in week.reasons)],
    }


def _calibration_text(view: CalibrationView, locale: Locale) -> str:
    _ = locale._
    if not view.people:
        return _("Nobody here has a target for {period}.").format(period=view.period.text)
    headers = [
        _("Owner"),
        _("Month's target"),
        _("Week 1"),
        _("Week 2"),
        _("Week 3"),
        _("Week 4"),
        _("Learned from"),
    ]
    rows = [
        [
            person.owner,
            locale.money(person.plan.target),
            *(locale.money(week.target) for week in person.plan.weeks),
            _(person.plan.rhythm.basis.label),
        ]
        for person in view.people
    ]
    heading = _("Calibrated weeks of {period}; sold means: {history}").format(
        period=view.period.text, history=_(view.history.label)
    )
    return "\n".join([heading, text_table(headers, rows, right=range(1, 6)), *_shared_reasons(view, locale)])


def _shared_reasons(view: CalibrationView, locale: Locale) -> list[str]:
    """Return the reasons of the weeks and of the month, each said once."""
    lines: dict[str, None] = {}
    for person in view.people:
        for week in person.plan.weeks:
            for reason in week.reasons:
                lines[
                    locale._("Week {n}: {reason}").format(n=week.week.number, reason=reason.text(locale))
                ] = None
        for reason in person.plan.reasons:
            if not reason.code.startswith("rhythm_"):
                lines[reason.text(locale)] = None
    return list(lines)
