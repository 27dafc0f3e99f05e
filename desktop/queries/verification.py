"""Verification: is a workbook the one that was approved, and if not, which cells are others? (RPT-07)"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from desktop.exporters.large_book import LargeBook, compare_books
from desktop.exporters.report_book import NUMBER_PROPERTY
from desktop.exporters.stored import StoredBook, properties_of
from desktop.exporters.template_follow import MARK
from desktop.exporters.verify import Comparison, Difference, Note
from desktop.models.reports import ReportFile
from desktop.queries.printed_heads import printed_head
from desktop.queries.reports import report_row
from desktop.store.audit_chain import hash_at
from desktop.store.workspace import Work
from desktop.terms import Verdict


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` says: verdict, the approved report it was compared with, and the differences."""

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


_NUMBER = re.compile(r"R(\d{6,})-[0-9A-F]{8}")
_MOST_CANDIDATES = 40


def verify_workbook(work: Work, content: bytes, name: str) -> Verification:
    """Tell whether a workbook is a registered export: its bytes, its content, or with which cells changed.

    The number inside the file only says what to compare it with; it proves nothing. Raises InvalidInput
    if the file is no readable workbook.
    """
    fingerprint = hashlib.sha256(content).hexdigest()
    same = work.rows(select(ReportFile.report_id).where(ReportFile.sha256 == fingerprint).limit(1))
    if same:
        # The very bytes that went out: what a quarter of a million rows hold need not be read again.
        verdict = _verdict(work, Verdict.GENUINE, same[0].report_id, Comparison((), 0, ()))
        return replace(verdict, trail=trail_fits(work, StoredBook(properties=properties_of(content))))
    found = LargeBook(content, name)
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
    book = found.book
    marks = (
        book.properties.get(NUMBER_PROPERTY, ""),
        book.names.get(MARK, ""),
        *found.found(_NUMBER.pattern),
    )
    named = {int(match) for mark in marks for match in _NUMBER.findall(mark)}
    for sheet in book.sheets.values():
        for kind, value in sheet.cells.values():
            if kind == "s" and len(str(value)) < 100:
                named.update(int(match) for match in _NUMBER.findall(str(value)))
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
