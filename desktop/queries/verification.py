"""Verification: is a workbook the one that was approved, and if not, which cells are others? (RPT-07)"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from desktop.errors import InvalidInput
from desktop.exporters.large_book import LargeBook, compare_books
from desktop.exporters.report_book import NUMBER_PROPERTY
from desktop.exporters.stored import StoredBook, properties_of, read_book
from desktop.exporters.template_follow import MARK
from desktop.exporters.verify import Comparison, Difference, Note
from desktop.i18n import N_, Locale
from desktop.models.people import Person
from desktop.models.reports import ReportFile
from desktop.models.settlements import SettlementSheet
from desktop.queries.printed_heads import printed_head
from desktop.queries.reports import report_row
from desktop.queries.settlement_differences import sheet_mark
from desktop.queries.settlement_seals import SHEET_NUMBER, compare_sheets
from desktop.store.audit_chain import hash_at
from desktop.store.workspace import Work
from desktop.terms import Verdict


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` says: verdict, the approved report it was compared with, and the differences.

    A settlement sheet has no approver but who handed it out, and cells that finance `filled` in.
    """

    verdict: Verdict
    report: str
    title: str
    period: str
    approved_by: tuple[str, ...]
    approved_at: datetime | None
    differences: tuple[Difference, ...]
    count: int
    notes: tuple[Note, ...]
    trail: bool | None = None
    """Whether the head of the audit trail that the file shows still fits; None where it shows none."""
    handed_out_by: str = ""
    handed_out_at: datetime | None = None
    filled: tuple[Difference, ...] = ()


_NUMBER = re.compile(r"R(\d{6,})-[0-9A-F]{8}")
_MOST_CANDIDATES = 40
_NO_DIFFERENCE = Comparison((), 0, ())
SHEET_TITLE = N_("Settlement sheet")


def verify_workbook(work: Work, content: bytes, name: str) -> Verification:
    """Tell whether a workbook is a registered export: its bytes, its content, or with which cells changed.

    The number inside the file only says what to compare it with; it proves nothing. Raises InvalidInput
    if the file is no readable workbook.
    """
    fingerprint = hashlib.sha256(content).hexdigest()
    statement = select(ReportFile.report_id, ReportFile.sheet_id).where(ReportFile.sha256 == fingerprint)
    same = work.rows(statement.limit(1))
    if same and same[0].sheet_id is not None:
        return _of_sheet(work, same[0].sheet_id, Verdict.GENUINE, _NO_DIFFERENCE)
    if same:
        # The very bytes that went out: what a quarter of a million rows hold need not be read again.
        verdict = _verdict(work, Verdict.GENUINE, same[0].report_id, _NO_DIFFERENCE)
        return replace(verdict, trail=trail_fits(work, StoredBook(properties=properties_of(content))))
    found = LargeBook(content, name)
    sheet = _verified_sheet(work, found)
    if sheet is not None:
        return sheet
    trail = trail_fits(work, found.book)
    best: tuple[int, Comparison] | None = None
    for report_id, registered in _candidates(work, found):
        work.control.check()
        result = compare_books(registered, found)
        if best is None or result.count < best[1].count:
            best = report_id, result
        if not result.count:
            break
    if best is None:
        return Verification(Verdict.UNKNOWN, "", "", "", (), None, (), 0, (), trail)
    verdict = _verdict(work, Verdict.ALTERED if best[1].count else Verdict.RESAVED, *best)
    return replace(verdict, trail=trail)


def trail_fits(work: Work, found: StoredBook) -> bool | None:
    """Tell whether the chain still holds the head that a workbook shows (security 63); None if it shows none."""
    printed = printed_head(found)
    if printed is None:
        return None
    return printed.position == 0 or hash_at(work.connection, printed.position) == printed.hash


def _candidates(work: Work, found: LargeBook) -> Iterator[tuple[int, LargeBook]]:
    """Yield the registered workbooks of the reports that a file names in its properties or cells."""
    named = _named(found, _NUMBER)
    rows = work.rows(
        select(ReportFile.report_id, ReportFile.sha256, ReportFile.content)
        .where(ReportFile.report_id.in_(sorted(named)[:_MOST_CANDIDATES]))
        .order_by(ReportFile.id.desc())
        .limit(_MOST_CANDIDATES)
    )
    # A registered file whose bytes no longer fit their hash proves nothing.
    for row in rows:
        if hashlib.sha256(row.content).hexdigest() == row.sha256:
            yield row.report_id, LargeBook(row.content, "registered")


def _named(found: LargeBook, number: re.Pattern[str]) -> set[int]:
    """Return the numbers that a file names in its properties or cells."""
    book = found.book
    marks = (
        book.properties.get(NUMBER_PROPERTY, ""),
        book.names.get(MARK, ""),
        *found.found(number.pattern),
    )
    named = {int(match) for mark in marks for match in number.findall(mark)}
    for sheet in book.sheets.values():
        for kind, value in sheet.cells.values():
            if kind == "s" and len(str(value)) < 100:
                named.update(int(match) for match in number.findall(str(value)))
    return named


def _verified_sheet(work: Work, found: LargeBook) -> Verification | None:
    """Return what a settlement sheet is that went out from here and was saved again; None for any other file."""
    named = _named(found, SHEET_NUMBER)
    rows = work.rows(
        select(ReportFile.sheet_id, ReportFile.sha256, ReportFile.content)
        .where(ReportFile.sheet_id.in_(sorted(named)[:_MOST_CANDIDATES]))
        .order_by(ReportFile.id.desc())
        .limit(_MOST_CANDIDATES)
    )
    best: tuple[int, int, Comparison, Comparison] | None = None
    for row in rows:
        work.control.check()
        if hashlib.sha256(row.content).hexdigest() == row.sha256:
            whole = replace(found.book, sheets={**found.book.sheets})
            for key, sheet in found.book.sheets.items():
                whole.sheets[key] = found.filled(sheet) if sheet.waits else sheet
            locked, filled = compare_sheets(read_book(row.content, "registered"), whole)
            if best is None or locked.count < best[1]:
                best = row.sheet_id, locked.count, locked, filled
    if best is None:
        return None
    sheet_id, altered, locked, filled = best
    verdict = Verdict.ALTERED if altered else Verdict.FILLED if filled.count else Verdict.RESAVED
    return replace(_of_sheet(work, sheet_id, verdict, locked), filled=filled.differences)


def _of_sheet(work: Work, sheet_id: int, verdict: Verdict, result: Comparison) -> Verification:
    sheet = work.session.get_one(SettlementSheet, sheet_id)
    person = work.session.get_one(Person, sheet.made_by_id)
    return Verification(
        verdict,
        sheet_mark(sheet.id, sheet.hash),
        SHEET_TITLE,
        "",
        (),
        None,
        result.differences,
        result.count,
        result.notes,
        handed_out_by=person.name,
        handed_out_at=sheet.made_at,
    )


def returned_verdict(work: Work, content: bytes, name: str) -> Verification | None:
    """Return what a settlement sheet that came back is; None where it was saved as something else than .xlsx."""
    try:
        return verify_workbook(work, content, name)
    except InvalidInput:
        return None


def origin_text(result: Verification, locale: Locale) -> str:
    """Return in one sentence what a workbook was compared with, empty if it is unknown."""
    _ = locale._
    if result.handed_out_at is not None:
        return _("{title} {number}, handed out by {person} at {instant}").format(
            title=_(result.title),
            number=result.report,
            person=result.handed_out_by,
            instant=locale.instant(result.handed_out_at),
        )
    if not result.report:
        return ""
    return _("{title} {period}, report {number}, approved by {people} at {instant}").format(
        title=_(result.title),
        period=result.period,
        number=result.report,
        people=", ".join(result.approved_by) or "—",
        instant=locale.instant(result.approved_at),
    )


def _verdict(work: Work, verdict: Verdict, report_id: int, result: Comparison) -> Verification:
    row = report_row(work, report_id)
    return Verification(
        verdict,
        row.number,
        row.title,
        row.period,
        (row.approved_by,) if row.approved_by else (),
        row.approved_at,
        result.differences,
        result.count,
        result.notes,
    )
