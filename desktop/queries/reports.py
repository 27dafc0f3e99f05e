"""Reports: the templates, the list with its states, one report from its frozen document."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from desktop.errors import NotFound, one_of
from desktop.exporters.document import Block, Document, Field, digest, from_text, wording
from desktop.exporters.large_seal import sealed_book
from desktop.exporters.report_book import Seal, filter_text, report_layout
from desktop.exporters.report_book import show as shown_value
from desktop.exporters.signature import SNAPSHOT, Signer, sealed
from desktop.exporters.stored import properties_of
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import N_, Locale
from desktop.models.approvals import ApprovalRequest, ApprovalTask
from desktop.models.people import OrgUnit, Person
from desktop.models.reports import Report, ReportFile, Snapshot
from desktop.queries.metrics.baseline import TITLE as BASELINE_TITLE
from desktop.queries.metrics.baseline import baseline_document
from desktop.queries.report_funnel import TITLE as FUNNEL_TITLE
from desktop.queries.report_funnel import funnel_document
from desktop.queries.report_handover import TITLE as HANDOVER_TITLE
from desktop.queries.report_handover import handover_document
from desktop.queries.report_metrics import PIVOT_TITLE, metric_document, own_document
from desktop.queries.report_parts import Asked
from desktop.queries.report_targets import TITLE as TARGETS_TITLE
from desktop.queries.report_targets import target_document
from desktop.queries.report_templates import DEALS, PEOPLE, TEMPLATES_BY_GROUP, WORK
from desktop.queries.seals import signer
from desktop.store.audit_chain import Head, head
from desktop.store.workspace import Work
from desktop.terms import ApprovalState, ReportState, Role, SignState

__all__ = ["Block", "Document", "Field", "filter_text", "shown_value", "wording"]


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of report: its name in commands, its title, what it says, and how it is filled."""

    name: str
    title: str
    about: str
    fill: Callable[[Work, Asked], Document]
    group: str = DEALS
    needs_person: bool = False
    needs_question: bool = False


TEMPLATES: Mapping[str, Template] = {
    template.name: template
    for template in (
        Template(
            "funnel",
            FUNNEL_TITLE,
            N_("Stages with counts, amounts, conversion and days, won and lost in the period."),
            funnel_document,
        ),
        Template(
            "target_actual",
            TARGETS_TITLE,
            N_("Each person's month: target, calibrated weeks, actual, deviation."),
            target_document,
            PEOPLE,
        ),
        Template(
            "handover",
            HANDOVER_TITLE,
            N_("Everything a leaver holds, what is missing, and the lines to sign."),
            handover_document,
            WORK,
            needs_person=True,
        ),
        *(
            Template(item.name, item.title, item.about, partial(metric_document, template=item), group)
            for group, items in TEMPLATES_BY_GROUP.items()
            for item in items
        ),
        Template(
            "baseline",
            BASELINE_TITLE,
            N_(
                "Each person's effective contacts beside the best fifth of their peers in the same industry (RPT-08)."
            ),
            baseline_document,
            PEOPLE,
        ),
        Template(
            "pivot",
            PIVOT_TITLE,
            N_("Figures of your own choice, split as you like."),
            own_document,
            WORK,
            needs_question=True,
        ),
    )
}


def template_named(name: str) -> Template:
    """Return a template; raise NotFound for an unknown name."""
    return one_of(TEMPLATES, name, "report_template_unknown", N_("There is no report “{name}”."), NotFound)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report in the list. `version` is the row version that a change must name."""

    id: int
    number: str
    template: str
    title: str
    period: str
    unit: str | None
    state: ReportState
    version: int
    as_of: date
    rows: int
    totals: dict[str, Any]
    hash: str
    made_by: str
    made_at: datetime
    submitted_by_id: int | None
    submitted_by: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    reject_reason: str | None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report with its frozen figures and the files that went out."""

    row: ReportRow
    document: Document
    seal: Seal
    sound: bool
    files: tuple[ExportedFile, ...]
    snapshot_id: int


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A workbook that went out."""

    language: str
    sha256: str
    exported_by: str
    exported_at: datetime


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """A workbook of a report's snapshot, not yet registered."""

    report_id: int
    snapshot_id: int
    language: str
    content: bytes
    sha256: str
    name: str
    head: Head


def report_number(report_id: int, snapshot_hash: str) -> str:
    """Return the number that a report carries: its id and the first digits of its hash."""
    return f"R{report_id:06d}-{snapshot_hash[:8].upper()}"


def report_list(work: Work, state: ReportState | None = None) -> list[ReportRow]:
    """Return all reports, the newest first."""
    return _rows(work, *([Report.state == state] if state else []))


def report_row(work: Work, report_id: int) -> ReportRow:
    """Return one report; raise NotFound."""
    found = _rows(work, Report.id == report_id)
    if not found:
        raise report_unknown(report_id)
    return found[0]


def report_unknown(report_id: int) -> NotFound:
    """Return the error for a report that does not exist."""
    return NotFound(
        "report_unknown",
        N_("There is no report {id}."),
        remedy=N_("See the Reports page for the reports there are."),
        id=report_id,
    )


def _rows(work: Work, *conditions: Any) -> list[ReportRow]:
    made, submitted, approved = aliased(Person), aliased(Person), aliased(Person)
    newest = (
        select(Snapshot.id)
        .where(Snapshot.report_id == Report.id)
        .order_by(Snapshot.number.desc())
        .limit(1)
        .correlate(Report)
        .scalar_subquery()
    )
    statement = (
        select(
            Report,
            Snapshot.as_of,
            Snapshot.row_count,
            Snapshot.totals,
            Snapshot.hash,
            OrgUnit.name.label("unit"),
            made.name.label("made_by"),
            submitted.name.label("submitted_by"),
            approved.name.label("approved_by"),
        )
        .join(Snapshot, Snapshot.id == newest)
        .join(made, made.id == Report.made_by_id)
        .outerjoin(submitted, submitted.id == Report.submitted_by_id)
        .outerjoin(approved, approved.id == Report.approved_by_id)
        .outerjoin(OrgUnit, OrgUnit.id == Report.unit_id)
        .where(*conditions)
        .order_by(Report.id.desc())
    )
    return [_row(found) for found in work.rows(statement)]


def _row(found: Any) -> ReportRow:
    report: Report = found.Report
    return ReportRow(
        id=report.id,
        number=report_number(report.id, found.hash),
        template=report.template,
        title=TEMPLATES[report.template].title if report.template in TEMPLATES else report.template,
        period=report.period,
        unit=found.unit,
        state=ReportState(report.state),
        version=report.version,
        as_of=found.as_of,
        rows=found.row_count,
        totals=found.totals,
        hash=found.hash,
        made_by=found.made_by,
        made_at=report.made_at,
        submitted_by_id=report.submitted_by_id,
        submitted_by=found.submitted_by,
        submitted_at=report.submitted_at,
        approved_by=found.approved_by,
        approved_at=report.approved_at,
        reject_reason=report.reject_reason,
        subject=str(report.parameters.get("person_name") or ""),
    )


def newest_snapshot_id(work: Work, report_id: int) -> int:
    """Return the number of the snapshot that counts for a report: the last one taken."""
    newest = select(Snapshot.id).where(Snapshot.report_id == report_id).order_by(Snapshot.number.desc())
    return work.session.execute(newest.limit(1)).scalar_one()


def report_view(work: Work, report_id: int) -> ReportView:
    """Return a report as it was frozen; `sound` tells whether its hash still fits its figures."""
    row = report_row(work, report_id)
    snapshot = work.session.get_one(Snapshot, newest_snapshot_id(work, report_id))
    files = work.rows(
        select(ReportFile.language, ReportFile.sha256, Person.name, ReportFile.exported_at)
        .join(Person, Person.id == ReportFile.exported_by_id)
        .where(ReportFile.report_id == report_id)
        .order_by(ReportFile.id)
    )
    return ReportView(
        row,
        from_text(snapshot.document),
        _seal(work, row),
        digest(snapshot.document) == snapshot.hash,
        tuple(ExportedFile(*found) for found in files),
        snapshot.id,
    )


def _seal(work: Work, row: ReportRow) -> Seal:
    approvals: tuple[tuple[str, str, datetime], ...] = ()
    if row.approved_by and row.approved_at:
        approvals = _signatures(work, row)
    return Seal(
        row.number,
        row.state,
        row.hash,
        row.made_by,
        row.made_at,
        row.submitted_by,
        row.submitted_at,
        approvals,
    )


def _signatures(work: Work, row: ReportRow) -> tuple[tuple[str, str, datetime], ...]:
    """Return everybody who signed the approval that counts, in their order, with role and instant."""
    newest = select(ApprovalRequest.id).where(
        ApprovalRequest.report_id == row.id, ApprovalRequest.state == ApprovalState.APPROVED
    )
    signed = work.rows(
        select(Person.name, Person.role, ApprovalTask.decided_at)
        .join(ApprovalTask, ApprovalTask.decided_by_id == Person.id)
        .where(
            ApprovalTask.request_id == newest.order_by(ApprovalRequest.id.desc()).limit(1).scalar_subquery(),
            ApprovalTask.state == SignState.APPROVED,
        )
        .order_by(ApprovalTask.decided_at, ApprovalTask.id)
    )
    if signed:
        return tuple((one.name, Role(one.role).label, one.decided_at) for one in signed)
    return ((row.approved_by or "", "", row.approved_at or row.made_at),)


def rendered_report(work: Work, report_id: int, locale: Locale) -> RenderedReport:
    """Return the workbook of a report's snapshot, never of a fresh query; equal snapshots give equal bytes."""
    view = report_view(work, report_id)
    snapshot_id = view.snapshot_id
    trail = _printed_head(work, snapshot_id) or head(work.connection)
    seal = replace(view.seal, head=(trail.position, trail.hash))
    content = _went_out(work, snapshot_id, locale)
    if content is None:
        approved = view.row.state in (ReportState.APPROVED, ReportState.EXPORTED)
        key = signer(work) if approved else None
        content = report_workbook(view.document, replace(seal, key=key.key_id if key else ""), locale, key)
    return RenderedReport(
        report_id,
        snapshot_id,
        locale.language,
        content,
        hashlib.sha256(content).hexdigest(),
        f"{locale._(view.row.title)} {view.row.period} {view.row.number}.xlsx",
        trail,
    )


def _went_out(work: Work, snapshot_id: int, locale: Locale) -> bytes | None:
    """Return the workbook of a snapshot that went out in this language, so that everybody hands out the same bytes."""
    files = (
        select(ReportFile.content, ReportFile.sha256)
        .where(ReportFile.snapshot_id == snapshot_id, ReportFile.language == locale.language)
        .order_by(ReportFile.id)
    )
    for row in work.rows(files):
        # Finance's own templates, filled, are registered, too; they bear no hash of the snapshot.
        if hashlib.sha256(row.content).hexdigest() == row.sha256 and SNAPSHOT in properties_of(row.content):
            return bytes(row.content)
    return None


def report_workbook(document: Document, seal: Seal, locale: Locale, key: Signer | None) -> bytes:
    """Return a document's workbook; with a key, what its cells hold is signed (`exporters.signature`)."""
    layout = report_layout(document, seal, locale)
    content = workbook_bytes(layout, locale)
    if key is None:
        return content
    said = "; ".join(f"{name} {at:%Y-%m-%dT%H:%M:%SZ}" for name, _role, at in seal.approvals)
    book, tall = sealed_book(content, seal.number)
    return workbook_bytes(sealed(layout, book, said, key, tall), locale)


def _printed_head(work: Work, snapshot_id: int) -> Head | None:
    """Return the head on the first workbook of a snapshot, so that later ones have the same bytes."""
    first = (
        select(ReportFile.chain_position, ReportFile.chain_hash)
        .where(ReportFile.snapshot_id == snapshot_id, ReportFile.chain_position.is_not(None))
        .order_by(ReportFile.id)
        .limit(1)
    )
    return next((Head(row.chain_position, row.chain_hash) for row in work.rows(first)), None)


def asked_by(report: Report, period: Any) -> Asked:
    """Return what a stored report was asked for."""
    stored = report.parameters
    return Asked(
        period,
        report.unit_id,
        stored.get("pipeline_id"),
        stored.get("person_id"),
        stored.get("successor_id"),
        stored.get("question"),
    )
