"""The life of a report up to its decision, and its export (APR-06, RPT-07, RPT-17).

The allowed steps stand in one table; every step may name the row version it was based on, so that of
two people who act at once the second is told (security 36 to 38).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from desktop.errors import StaleRecord
from desktop.exporters.document import Document, canonical_text, digest, with_words
from desktop.exporters.saving import save_bytes
from desktop.i18n import N_, Locale
from desktop.models.people import Person
from desktop.models.reports import Report, ReportFile, Snapshot
from desktop.operations.approvals.asking import ask_approval
from desktop.operations.report_steps import SUBJECT, locked_report, step, wrong_state
from desktop.operations.sealing import prepare_seal
from desktop.periods import Period
from desktop.queries.report_parts import Asked
from desktop.queries.reports import (
    RenderedReport,
    ReportRow,
    asked_by,
    newest_snapshot_id,
    rendered_report,
    report_row,
    template_named,
)
from desktop.store.workspace import Work, Workspace
from desktop.terms import ReportState


def draft_report(work: Work, template: str, asked: Asked) -> ReportRow:
    """Fill a template and keep it as a draft with its first snapshot; raises NotFound or InvalidInput."""
    chosen = template_named(template)
    document = chosen.fill(work, asked)
    parameters = asked.stored()
    if asked.person_id is not None:
        name = select(Person.name).where(Person.id == asked.person_id)
        parameters["person_name"] = work.session.execute(name).scalar_one()
    report = Report(
        template=chosen.name,
        period=asked.period.text,
        unit_id=asked.unit_id,
        parameters=parameters,
        state=ReportState.DRAFT.value,
        made_by_id=work.actor.person_id,
        made_at=work.now,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(report)
    work.session.flush()
    _freeze(work, report, document)
    work.audit("draft_report", SUBJECT, report.id, template=template, period=asked.period.text)
    return report_row(work, report.id)


def refresh_report(work: Work, report_id: int, version: int | None = None) -> ReportRow:
    """Take the figures of a draft or rejected report again; a rejected one becomes a draft."""
    report = locked_report(work, report_id, version)
    if report.state != ReportState.DRAFT:
        step(work, report, ReportState.DRAFT, unless=ReportState.SUBMITTED)
    report.changed_at = work.now
    # The figures live in another row; whoever looked at the old ones must learn of it.
    flag_modified(report, "changed_at")
    document = template_named(report.template).fill(work, asked_by(report, Period.parse(report.period)))
    _freeze(work, report, document)
    work.audit("refresh_report", SUBJECT, report.id)
    return report_row(work, report.id)


def submit_report(work: Work, report_id: int, version: int | None = None) -> ReportRow:
    """Submit a draft as it stands: its newest snapshot is frozen, and an approval is asked for."""
    report = locked_report(work, report_id, version)
    step(work, report, ReportState.SUBMITTED)
    report.submitted_by_id = work.actor.person_id
    report.submitted_at = work.now
    report.reject_reason = None
    work.session.flush()
    row = report_row(work, report_id)
    ask_approval(
        work,
        kind=SUBJECT,
        subject_id=report.id,
        title=f"{row.number} {row.subject}".strip(),
        facts={"hash": row.hash, "rows": row.rows},
        payload={},
    )
    work.audit("submit_report", SUBJECT, report.id, hash=row.hash, rows=row.rows)
    return row


def export_report(workspace: Workspace, report_id: int, path: Path, locale: Locale) -> RenderedReport:
    """Write an approved report as a workbook and register its bytes for `verify`.

    The bytes are registered before the file is written: a file without registration could never be
    told genuine, and a registration without its file harms nobody. Raises InvalidInput unless the
    report is approved, UserError if the file cannot be written.
    """

    def render(work: Work) -> RenderedReport:
        require_approved(report_row(work, report_id))
        return rendered_report(work, report_id, locale)

    workspace.read(lambda work: require_approved(report_row(work, report_id)))
    prepare_seal(workspace)
    rendered = workspace.read(render)
    workspace.write(lambda work: register_export(work, rendered))
    save_bytes(path, rendered.content)
    return rendered


def save_content(path: Path, content: bytes) -> None:
    """Write a workbook's bytes whole or not at all; raises UserError if the place cannot be written."""
    save_bytes(path, content)


def register_export(work: Work, rendered: RenderedReport) -> ReportRow:
    """Store the bytes of an exported workbook, once, and mark the report as exported."""
    report = locked_report(work, rendered.report_id)
    require_approved(report)
    if newest_snapshot_id(work, report.id) != rendered.snapshot_id:
        raise StaleRecord(
            "report_refilled",
            N_("The figures of report {id} were taken again in the meantime."),
            remedy=N_("Export it again."),
            differences={},
            id=report.id,
        )
    known = work.session.execute(
        select(ReportFile.id).where(ReportFile.report_id == report.id, ReportFile.sha256 == rendered.sha256)
    ).first()
    if known is None:
        work.session.add(
            ReportFile(
                report_id=report.id,
                snapshot_id=rendered.snapshot_id,
                language=rendered.language,
                sha256=rendered.sha256,
                content=rendered.content,
                exported_by_id=work.actor.person_id,
                exported_at=work.now,
                chain_position=rendered.head.position,
                chain_hash=rendered.head.hash,
            )
        )
    if report.state != ReportState.EXPORTED:
        step(work, report, ReportState.EXPORTED)
    work.audit("export_report", SUBJECT, report.id, sha256=rendered.sha256, language=rendered.language)
    work.session.flush()
    return report_row(work, report.id)


def require_approved(report: Report | ReportRow) -> None:
    """Raise InvalidInput unless a second person approved the report."""
    if report.state not in (ReportState.APPROVED, ReportState.EXPORTED):
        raise wrong_state(report)


def _freeze(work: Work, report: Report, document: Document) -> None:
    """Add the next snapshot; snapshots are only ever added."""
    numbers = select(Snapshot.number).where(Snapshot.report_id == report.id).order_by(Snapshot.number.desc())
    last = work.session.execute(numbers.limit(1)).scalar_one_or_none()
    text = canonical_text(with_words(document, Locale("zh_CN")))
    work.session.add(
        Snapshot(
            report_id=report.id,
            number=(last or 0) + 1,
            as_of=document.as_of,
            taken_at=work.now,
            row_count=document.row_count,
            totals=document.totals(),
            metric_versions=document.metric_versions,
            document=text,
            hash=digest(text),
        )
    )
    work.session.flush()
