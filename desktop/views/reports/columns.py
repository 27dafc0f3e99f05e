"""The list of reports as columns, and the states as shapes and words."""

from __future__ import annotations

from desktop.i18n import N_, Locale
from desktop.queries.reports import ReportRow
from desktop.terms import ReportState
from desktop.views.cells import DateCell, NumberCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.columns import Column

STATES: dict[str, tuple[str, str]] = {
    ReportState.DRAFT: ("grey", ReportState.DRAFT.label),
    ReportState.SUBMITTED: ("amber", ReportState.SUBMITTED.label),
    ReportState.APPROVED: ("green", ReportState.APPROVED.label),
    ReportState.EXPORTED: ("green", ReportState.EXPORTED.label),
    ReportState.REJECTED: ("red", ReportState.REJECTED.label),
}


def about(row: ReportRow, locale: Locale) -> str:
    """Return what a report is about: its title, and whom or which unit it concerns."""
    return " · ".join(filter(None, (locale._(row.title), row.subject, row.unit)))


def report_columns(locale: Locale) -> tuple[Column, ...]:
    """Return the columns of the list."""
    return (
        Column("number", N_("Number"), TextCell("t2"), width=152),
        Column("title", N_("Report"), TextCell(), width=170, stretch=2, value=lambda row: about(row, locale)),
        Column("period", N_("Period"), width=84),
        Column("state", N_("State"), ChipCell(STATES), width=112),
        Column("as_of", N_("As of"), DateCell(token="t2"), width=100, hidden=True),
        Column("rows", N_("Rows"), NumberCell(), width=70),
        Column("made_by", N_("Made by"), width=84, stretch=0.5),
        Column("approved_by", N_("Approved by"), width=90, stretch=0.5),
        Column("approved_at", N_("Approved at"), DateCell(time=True, token="t2"), width=130, hidden=True),
    )
