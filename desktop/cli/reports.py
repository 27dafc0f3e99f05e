"""Commands about reports: reports, report, submit, approve, reject, export, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import PARTLY, current, emit, existing_path
from desktop.cli.seal import verify_without_database
from desktop.cli.texttable import text_table
from desktop.i18n import ENGLISH, N_, Locale
from desktop.periods import Period

if TYPE_CHECKING:
    from desktop.exporters.verify import Difference
    from desktop.queries.reports import ReportRow
    from desktop.queries.verification import Verification
    from desktop.store.workspace import Work

TRAIL_FITS = N_("The audit trail still holds the entry that this file shows.")
TRAIL_DIFFERS = N_("The audit trail does not fit this file any more: it was written anew or cut off.")

Number = Annotated[int, typer.Argument(metavar="ID", help=N_("The report's number."))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("reports", help=N_("List the report templates."))(reports)
    app.command("report", help=N_("Fill a template and keep it as a draft."))(report)
    app.command("submit", help=N_("Freeze a draft and ask for its approval."))(submit)
    app.command("approve", help=N_("Approve a submitted report as the second person."))(approve)
    app.command("reject", help=N_("Reject a submitted report with a reason."))(reject)
    app.command("export", help=N_("Write an approved report as a workbook."))(export)
    app.command("verify", help=N_("Tell whether a workbook is as approved, and which cells are not."))(verify)


def reports() -> None:
    """List the templates."""
    from desktop.queries.reports import TEMPLATES

    cli = current()
    chinese = Locale("zh_CN")
    rows = [
        {"name": item.name, "title_en": ENGLISH._(item.title), "title_zh": chinese._(item.title)}
        for item in TEMPLATES.values()
    ]
    lines = [[item.name, cli.locale._(item.title), cli.locale._(item.about)] for item in TEMPLATES.values()]
    _ = cli.locale._
    emit(rows, text_table([_("Name"), _("Title"), _("What it says")], lines))


def report(
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("A template; see: plumbline reports"))],
    period: Annotated[
        str | None, typer.Option(help=N_("A month such as 2026-03; default: this month."))
    ] = None,
    scope: Annotated[str | None, typer.Option(metavar="UNIT", help=N_("A unit of the organisation."))] = None,
    pipeline: Annotated[
        str | None, typer.Option(help=N_("The pipeline; default: the one used most."))
    ] = None,
    person: Annotated[
        str | None, typer.Option(metavar="REP", help=N_("Login or name of who leaves (handover)."))
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="REP", help=N_("Login or name of who takes over (handover)."))
    ] = None,
    view: Annotated[
        int | None, typer.Option(metavar="ID", help=N_("The saved view to report (pivot)."))
    ] = None,
) -> None:
    """Make a draft."""
    from desktop.operations.reports import draft_report
    from desktop.queries.pipelines import pipeline_named
    from desktop.queries.report_parts import Asked
    from desktop.queries.saved_views import PIVOT, view_named
    from desktop.queries.scope import person_named, unit_named

    span = Period.parse(period) if period else None

    def draft(work: Work) -> ReportRow:
        asked = Asked(
            span or Period.month_of(work.today),
            unit_named(work, scope) if scope else None,
            pipeline_named(work, pipeline) if pipeline else None,
            person_named(work, person) if person else None,
            person_named(work, to) if to else None,
            view_named(work, view, PIVOT).content if view is not None else None,
        )
        return draft_report(work, name, asked)

    _say(current().workspace().write(draft, current().control()))


def submit(number: Number) -> None:
    """Submit a draft."""
    from desktop.operations.reports import submit_report

    _say(current().workspace().write(lambda work: submit_report(work, number)))


def approve(number: Number) -> None:
    """Approve a report."""
    from desktop.operations.approvals import approve_report

    _say(current().workspace().write(lambda work: approve_report(work, number)))


def reject(
    number: Number,
    reason: Annotated[str, typer.Option(help=N_("What has to be put right."))] = "",
) -> None:
    """Reject a report."""
    from desktop.operations.approvals import reject_report

    _say(current().workspace().write(lambda work: reject_report(work, number, reason)))


def export(
    number: Number,
    out: Annotated[Path, typer.Option(metavar="FILE.xlsx", help=N_("Where the workbook goes."))],
    template: Annotated[
        str | None,
        typer.Option(metavar="FILE", help=N_("Fill this workbook of finance's instead of making one.")),
    ] = None,
) -> None:
    """Export an approved report."""
    if template is not None:
        from desktop.cli.templates import export_with

        export_with(number, out, template)
        return
    from desktop.operations.reports import export_report
    from desktop.queries.reports import report_row

    cli = current()
    workspace = cli.workspace()
    rendered = export_report(workspace, number, out, cli.locale)
    row = workspace.read(lambda work: report_row(work, number))
    text = cli.locale._("Written: {file}").format(file=out)
    emit(
        {**report_json(row), "file": out.as_posix(), "sha256": rendered.sha256},
        f"{_line(row, cli.locale)}\n{text}\nSHA-256 {rendered.sha256}",
    )


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help=N_("The workbook to look at."))],
    offline: Annotated[
        bool, typer.Option("--offline", help=N_("Without the database: by the seal in the file alone."))
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=N_("The public keys, from: plumbline seal --keys FILE")),
    ] = None,
) -> None:
    """Verify a workbook: exit code 0 for genuine, re-saved and filled in by finance, 4 for altered and unknown."""
    if offline:
        verify_without_database(file, keys)
        return
    from desktop.queries.settlement_files import is_returned_sheet
    from desktop.queries.verification import verify_workbook
    from desktop.terms import Verdict

    cli = current()
    content = existing_path(file).read_bytes()
    result = cli.workspace(create=False).read(
        lambda work: verify_workbook(work, content, file.name), cli.control()
    )
    text = verdict_text(result, cli.locale)
    if result.verdict is Verdict.UNKNOWN and is_returned_sheet(content, file.name):
        # No report, so no seal: row by row it is held to what went out when it comes back.
        text += "\n" + cli.locale._(
            "It is a settlement sheet; what was changed in it tells: plumbline settle FILE"
        )
    emit(verification_json(result), text)
    if result.verdict in (Verdict.ALTERED, Verdict.UNKNOWN) or result.trail is False:
        raise typer.Exit(PARTLY)


def report_json(row: ReportRow) -> dict[str, Any]:
    """Return a report as scripts read it."""
    return {
        "report": row.id,
        "name": row.template,
        "state": row.state.value,
        "period": row.period,
        "rows": row.rows,
        "totals": row.totals,
        "hash": row.hash,
    }


def verification_json(result: Verification) -> dict[str, Any]:
    """Return a verdict as scripts read it."""
    return {
        "verdict": result.verdict.value,
        "report": result.report,
        "approved_by": list(result.approved_by),
        "approved_at": result.approved_at,
        "differences": [_difference_json(item) for item in result.differences],
        "filled": [_difference_json(item) for item in result.filled],
        "count": result.count,
        "trail": result.trail,
    }


def _difference_json(item: Difference) -> dict[str, str]:
    return {"sheet": item.sheet, "cell": item.cell, "approved": item.approved, "found": item.found}


def _say(row: ReportRow) -> None:
    emit(report_json(row), _line(row, current().locale))


def _line(row: ReportRow, locale: Locale) -> str:
    _ = locale._
    return _("Report {id}: {title} {period} · {state} · {rows} rows · {hash}").format(
        id=row.id,
        title=_(row.title),
        period=row.period,
        state=_(row.state.label),
        rows=locale.integer(row.rows),
        hash=row.hash[:16],
    )


def verdict_text(result: Verification, locale: Locale) -> str:
    from desktop.queries.verification import origin_text

    _ = locale._
    lines = [_(result.verdict.label)]
    if said := origin_text(result, locale):
        lines.append(said)
    if result.differences:
        headers = [_("Sheet"), _("Cell"), _("As approved"), _("Found")]
        lines.append(text_table(headers, [_difference(item) for item in result.differences]))
    if result.filled:
        headers = [_("Sheet"), _("Cell"), _("Handed out"), _("Filled in by finance")]
        lines.append(text_table(headers, [_difference(item) for item in result.filled]))
    lines += [_(note.template).format(names=note.names, n=note.n) for note in result.notes]
    if result.trail is not None:
        lines.append(_(TRAIL_FITS if result.trail else TRAIL_DIFFERS))
    return "\n".join(lines)


def _difference(item: Difference) -> list[str]:
    return [item.sheet, item.cell, *(text.replace("\n", "⏎")[:60] for text in (item.approved, item.found))]
