"""Commands about figures: metrics, define, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import current, emit
from desktop.cli.texttable import text_table
from desktop.cli.typed import parse_day
from desktop.errors import InvalidInput
from desktop.i18n import N_, Locale
from desktop.money import money_text
from desktop.periods import Period

if TYPE_CHECKING:
    from desktop.queries.metrics.dictionary import MetricDefinition
    from desktop.queries.metrics.differ import Difference
    from desktop.queries.metrics.pivot import Line, Pivot
    from desktop.store.workspace import Work


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("metrics", help=N_("List the metric definitions, or every version of one."))(metrics)
    app.command("define", help=N_("Give a metric definition its next version, on record."))(define)
    app.command("figures", help=N_("Compute metrics, split by dimensions, as a table."))(figures)
    app.command("views", help=N_("List, or remove, saved views of figures."))(views)
    app.command("differ", help=N_("Say why a figure of two reports differs: parts that add up exactly."))(
        differ
    )


def metrics(
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help=N_("Show every version of this one."))
    ] = None,
) -> None:
    """List definitions."""
    from desktop.queries.metrics.dictionary import metric_history, metric_list, metric_named

    cli = current()

    def read(work: Work) -> list[MetricDefinition]:
        if key is None:
            return metric_list(work)
        metric_named(work, key)
        return metric_history(work, key)

    found = cli.workspace(create=False).read(read)
    _ = cli.locale._
    headers = [_("Metric"), _("Name"), _("Version"), _("Counts from"), _("Formula")]
    lines = [
        [
            item.key,
            item.label(cli.locale),
            str(item.number),
            item.effective_from.isoformat(),
            item.formula or "—",
        ]
        for item in found
    ]
    text = text_table(headers, lines, {2})
    if key is not None and found:
        text += "\n" + found[0].definition(cli.locale)
    emit([_definition_json(item) for item in found], text)


def define(
    key: Annotated[str, typer.Argument(metavar="KEY", help=N_("The metric."))],
    note: Annotated[str, typer.Option(help=N_("Why it changes."))],
    formula: Annotated[str | None, typer.Option(help=N_("The new formula."))] = None,
    name_en: Annotated[str | None, typer.Option(help=N_("The English name."))] = None,
    name_zh: Annotated[str | None, typer.Option(help=N_("The Chinese name."))] = None,
    text_en: Annotated[str | None, typer.Option(help=N_("The English definition."))] = None,
    text_zh: Annotated[str | None, typer.Option(help=N_("The Chinese definition."))] = None,
    owner: Annotated[str | None, typer.Option(metavar="ROLE", help=N_("Who answers for it."))] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help=N_("The first day it counts; default: today.")),
    ] = None,
) -> None:
    """Make the next version."""
    from desktop.operations.metrics import change_metric
    from desktop.queries.metrics.dictionary import metric_history

    cli = current()
    day = parse_day(since) if since else None

    def change(work: Work) -> MetricDefinition:
        newest = metric_history(work, key)
        return change_metric(
            work,
            key,
            seen=newest[0].number if newest else 0,
            note=note,
            label_en=name_en,
            label_zh=name_zh,
            definition_en=text_en,
            definition_zh=text_zh,
            formula=formula,
            owner=owner,
            effective_from=day,
        )

    made = cli.workspace(create=False).write(change)
    text = cli.locale._("{name}: version {n} counts from {day}.").format(
        name=made.label(cli.locale), n=made.number, day=made.effective_from
    )
    emit(_definition_json(made), text)


def figures(
    keys: Annotated[list[str], typer.Argument(metavar="METRIC...", help=N_("Keys; see: plumbline metrics"))],
    by: Annotated[str | None, typer.Option(metavar="DIMENSION", help=N_("What goes down the rows."))] = None,
    across: Annotated[
        str | None, typer.Option(metavar="DIMENSION", help=N_("What goes across the columns."))
    ] = None,
    period: Annotated[
        str | None, typer.Option(help=N_("A month such as 2026-03; default: this month."))
    ] = None,
    scope: Annotated[str | None, typer.Option(metavar="UNIT", help=N_("A unit of the organisation."))] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="DIMENSION=VALUE", help=N_("Only this value; may be given several times.")),
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=500, help=N_("How many rows; the rest is added up."))] = 50,
    save: Annotated[
        str | None, typer.Option(metavar="NAME", help=N_("Keep the question as a view of that name."))
    ] = None,
    share: Annotated[bool, typer.Option("--share", help=N_("Let everybody see the view."))] = False,
) -> None:
    """Compute figures."""
    from desktop.operations.saved_views import save_view
    from desktop.queries.metrics.engine import Question
    from desktop.queries.metrics.pivot import Shape, pivot
    from desktop.queries.report_metrics import OwnQuestion
    from desktop.queries.scope import unit_named

    cli = current()
    span = Period.parse(period) if period else None
    filters = _filters(only or [])

    def ask(work: Work) -> Pivot:
        unit = unit_named(work, scope) if scope else None
        question = Question(tuple(keys), span or Period.month_of(work.today), (), unit, filters)
        return pivot(work, question, Shape(by, across, limit=top))

    found = cli.workspace(create=False).read(ask, cli.control())
    if save:
        own = OwnQuestion(tuple(keys), Shape(by, across, limit=top), filters)
        cli.workspace().write(lambda work: save_view(work, save, own.stored(), shared=share))
    emit(pivot_json(found), pivot_text(found, cli.locale))


def views(
    remove: Annotated[
        int | None, typer.Option(metavar="ID", help=N_("Remove this view; only its owner may."))
    ] = None,
) -> None:
    """List saved views."""
    from desktop.operations.saved_views import remove_view
    from desktop.queries.saved_views import view_list

    cli = current()
    if remove is not None:
        cli.workspace(create=False).write(lambda work: remove_view(work, remove))
    found = cli.workspace(create=False).read(view_list)
    _ = cli.locale._
    lines = [
        [str(item.id), item.name, item.owner, _("shared") if item.shared else "—", ", ".join(item.metrics)]
        for item in found
    ]
    rows = [
        {
            "view": item.id,
            "name": item.name,
            "owner": item.owner,
            "shared": item.shared,
            "question": item.content,
        }
        for item in found
    ]
    emit(rows, text_table([_("Number"), _("Name"), _("Owner"), _("Shared"), _("Metric")], lines))


def differ(
    first: Annotated[int, typer.Argument(metavar="REPORT", help=N_("The report to start from."))],
    second: Annotated[int, typer.Argument(metavar="OTHER", help=N_("The report to compare it with."))],
    figure: Annotated[
        str | None, typer.Option(help=N_("A control total, or KEY=OTHER where the two name it differently."))
    ] = None,
) -> None:
    """Explain a difference."""
    from desktop.queries.metrics.differ import why_different

    cli = current()
    mine, _sign, theirs = (figure or "").partition("=")
    pair = (mine, theirs or mine) if figure else None
    found = cli.workspace(create=False).read(
        lambda work: why_different(work, first, second, pair), cli.control()
    )
    emit(_difference_json(found), _difference_text(found, cli.locale))


def _number(value: Any, kind: str) -> Any:
    if value is None:
        return None
    return money_text(value) if kind == "money" else value if kind == "integer" else float(value)


def _difference_json(found: Difference) -> dict[str, Any]:
    kind = found.first.control.kind
    return {
        "metric": found.metric,
        "first": {"report": found.first.report_id, "value": _number(found.first.value, kind)},
        "second": {"report": found.second.report_id, "value": _number(found.second.value, kind)},
        "difference": _number(found.amount, kind),
        "causes": [
            {
                "cause": cause.key,
                "amount": _number(cause.amount, kind),
                "from": cause.detail[0],
                "to": cause.detail[1],
            }
            for cause in found.causes
        ],
        "records": [
            {
                "kind": row.kind,
                "id": row.id,
                "title": row.title,
                "recorded_at": row.recorded_at,
                "changed_at": row.changed_at,
            }
            for row in found.records
        ],
        "partial": found.partial,
    }


def _difference_text(found: Difference, locale: Locale) -> str:
    _ = locale._
    kind = found.first.control.kind

    def said(value: Any) -> str:
        return locale.figure(value, kind, 4)

    sides = (found.first, found.second)
    named = len({side.definition.key for side in sides}) > 1
    lines = [
        [
            " ".join([side.number, _(side.title), *([side.definition.label(locale)] if named else [])]),
            said(side.value),
        ]
        for side in sides
    ]
    lines += [["  " + _(cause.label), said(cause.amount)] for cause in found.causes]
    lines.append([_("Difference"), said(found.amount)])
    heading = _("Figure") if named else found.first.definition.label(locale)
    text = text_table([heading, _("Value")], lines, {1})
    if found.records:
        text += "\n" + locale.plural(
            "{n} record was entered or changed since the earlier of the two.",
            "{n} records were entered or changed since the earlier of the two.",
            len(found.records),
        )
    return text


def _filters(given: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    values: dict[str, list[str]] = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign:
            raise InvalidInput(
                "filter_unreadable",
                N_("“{text}” is no filter."),
                remedy=N_("Write a dimension and a value, such as grade=A."),
                text=text,
            )
        values.setdefault(key.strip(), []).append(value.strip())
    return tuple((key, tuple(found)) for key, found in values.items())


def _definition_json(item: MetricDefinition) -> dict[str, Any]:
    return {
        "key": item.key,
        "version": item.number,
        "unit": item.unit,
        "label_en": item.label_en,
        "label_zh": item.label_zh,
        "definition_en": item.definition_en,
        "definition_zh": item.definition_zh,
        "formula": item.formula,
        "owner": item.owner,
        "effective_from": item.effective_from.isoformat(),
        "note": item.note,
        "changed_by": item.changed_by,
    }


def pivot_json(found: Pivot) -> dict[str, Any]:
    """Return a table of figures as scripts read it: money as text with two decimals."""
    question = found.figures.question
    acrosses: tuple[Line | None, ...] = (*found.columns, None) if found.shape.columns else (None,)

    def cells(row: Line | None) -> list[dict[str, Any]]:
        return [
            {
                "metric": key,
                "column": None if column is None else column.name[0],
                "value": _number(found.value(key, row, column), found.figures.definition(key).kind),
            }
            for key in question.metrics
            for column in acrosses
        ]

    return {
        "period": question.period.text,
        "currency": found.figures.currency,
        "left_out": found.figures.left_out,
        "versions": {item.key: item.number for item in found.figures.definitions},
        "rows": [{"row": row.name[0], "cells": cells(row)} for row in found.rows],
        "total": cells(None),
    }


def pivot_text(found: Pivot, locale: Locale) -> str:
    """Return a table of figures as people read it."""
    block = found.block("figures", "")
    words = dict(found.words()) if locale.is_chinese else {}

    def said(title: str) -> str:
        return words.get(title) or locale._(title)

    def cell(value: Any, kind: str) -> str:
        if kind == "label" and value is not None:
            return str((value[1] if locale.is_chinese else None) or value[0])
        return locale.figure(value, kind)

    kinds = [field.kind for field in block.fields]
    lines = [[cell(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in block.rows]
    if block.totals is not None:
        total = [cell(value, kind) for value, kind in zip(block.totals[1:], kinds[1:], strict=True)]
        lines.append([locale._(block.totals[0]), *total])
    return text_table([said(field.title) for field in block.fields], lines, set(range(1, len(kinds))))
