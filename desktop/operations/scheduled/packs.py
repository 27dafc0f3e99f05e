"""Packs: every report of a period in one workbook, approved figures where there are some, drafts marked (RPT-06)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from desktop.analytics.due_days import period
from desktop.errors import UserError
from desktop.exporters.document import Document, canonical_text, digest, with_words
from desktop.exporters.layouts import Form, Kind, Layout, Line, Section, Sheet
from desktop.exporters.report_book import Seal, report_layout
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import N_, Locale
from desktop.models.reports import Report
from desktop.operations.scheduled.content import Asked, Content
from desktop.periods import Period
from desktop.queries.report_parts import Asked as AskedReport
from desktop.queries.reports import TEMPLATES, Template, report_view
from desktop.store.workspace import Work
from desktop.terms import ReportState, ScheduleKind

DRAFT_NUMBER = "DRAFT"
DRAFT = N_("DRAFT: nobody has approved these figures")
APPROVED = (ReportState.APPROVED.value, ReportState.EXPORTED.value)


@dataclass(frozen=True, slots=True)
class Part:
    """One report of a pack: as approved, as a draft, or why it is missing."""

    template: Template
    period: Period
    document: Document | None = None
    seal: Seal | None = None
    approved: bool = False
    problem: UserError | None = None


def pack(work: Work, asked: Asked) -> list[Content]:
    """Return a pack as one message with its workbook."""
    kind = ScheduleKind(asked.kind)
    wanted = period(kind, asked.day)
    parts = [
        part
        for template in TEMPLATES.values()
        if not template.needs_person
        for part in _parts(work, template, wanted, asked.schedule.unit_id)
    ]
    locale = asked.locale
    title = f"{locale._(kind.label)} {wanted.text}"
    content = workbook_bytes(_layout(title, parts, asked, locale), locale)
    approved = sum(part.approved for part in parts)
    drafts = sum(part.document is not None and not part.approved for part in parts)
    text = locale._(
        "{title}: {approved} reports as approved, {drafts} drafts that nobody has approved."
    ).format(title=title, approved=approved, drafts=drafts)
    missing = [f"{_name(part, locale)}: {part.problem.text(locale)}" for part in parts if part.problem]
    body = "\n".join([text, *missing, ""])
    return [Content(title, body, None, f"{title} {asked.day}.xlsx", content)]


def _parts(work: Work, template: Template, wanted: Period, unit_id: int | None) -> list[Part]:
    """Return a report of a period, or of each of its months where it is made by month alone."""
    whole = _part(work, template, wanted, unit_id)
    if whole.problem is None or wanted.is_month:
        return [whole]
    first = Period.month_of(wanted.starts)
    months = [first.shift(number) for number in range(3)]
    return [_part(work, template, month, unit_id) for month in months if month.starts <= wanted.ends]


def _part(work: Work, template: Template, wanted: Period, unit_id: int | None) -> Part:
    same_unit = Report.unit_id.is_(None) if unit_id is None else Report.unit_id == unit_id
    approved = work.session.execute(
        select(Report.id)
        .where(
            Report.template == template.name,
            Report.period == wanted.text,
            Report.state.in_(APPROVED),
            same_unit,
        )
        .order_by(Report.approved_at.desc(), Report.id.desc())
        .limit(1)
    ).scalar()
    if approved is not None:
        view = report_view(work, approved)
        return Part(template, wanted, view.document, view.seal, approved=True)
    try:
        document = template.fill(work, AskedReport(wanted, unit_id))
    except UserError as problem:
        return Part(template, wanted, problem=problem)
    hash_ = digest(canonical_text(with_words(document, Locale("zh_CN"))))
    seal = Seal(DRAFT_NUMBER, ReportState.DRAFT.value, hash_, work.actor.name, work.now)
    return Part(template, wanted, document, seal)


def _layout(title: str, parts: list[Part], asked: Asked, locale: Locale) -> Layout:
    sheets: list[Sheet | Form] = [_cover(title, parts, asked, locale)]
    names = {sheets[0].name.casefold()}
    tables: set[str] = set()
    for part in parts:
        if part.document is None or part.seal is None:
            continue
        for sheet in report_layout(part.document, part.seal, locale).sheets:
            if isinstance(sheet, Form) or sheet.protect:
                continue  # covers and notes of the single reports: the pack has one cover of its own
            name = _free(sheet.name, names)
            notes = sheet.notes if part.approved else (locale._(DRAFT), *sheet.notes)
            table = _free(sheet.table or "Report", tables, mark="_")
            sheets.append(replace(sheet, name=name, notes=notes, table=table))
    return Layout(title, tuple(sheets), created=asked.due_at)


def _free(wanted: str, taken: set[str], mark: str = " ") -> str:
    """Return a name that no other sheet has, within the 31 characters that Excel allows."""
    name, number = wanted[:31], 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted[:28]}{mark}{number}"
    taken.add(name.casefold())
    return name


def _name(part: Part, locale: Locale) -> str:
    return f"{locale._(part.template.title)} {part.period.text}"


def _cover(title: str, parts: list[Part], asked: Asked, locale: Locale) -> Form:
    _ = locale._
    sections = [
        Section(
            _("Pack"),
            (
                Line(_("Due"), asked.due_at, Kind.INSTANT),
                Line(_("Reports"), len(parts), Kind.INTEGER),
            ),
        )
    ]
    for part in parts:
        lines: tuple[Line, ...]
        if part.problem is not None:
            lines = (Line(_("Missing"), part.problem.text(locale)),)
        elif part.approved and part.seal is not None:
            by = "; ".join(f"{name} {locale.instant(at)}" for name, _role, at in part.seal.approvals)
            lines = (
                Line(_("State"), _("Approved")),
                Line(_("Report number"), part.seal.number),
                Line(_("Approved by"), by or "—"),
            )
        else:
            lines = (Line(_("State"), _(DRAFT)),)
        if part.seal is not None:
            lines = (*lines, Line(_("Snapshot SHA-256"), part.seal.hash))
        sections.append(Section(_name(part, locale), lines))
    return Form(_("Cover"), title, tuple(sections), subtitle="Plumbline 准绳")
