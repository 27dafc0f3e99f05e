"""Where reports stand, in groups, as the figures at the top of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.queries.reports import ReportRow
from desktop.terms import ReportState
from desktop.views.figures import Figure

if TYPE_CHECKING:
    from desktop.views.reports.page import ReportsPage

ALL, OPEN, WAITING, DONE = "all", "open", "waiting", "done"
GROUPS = {
    OPEN: (ReportState.DRAFT, ReportState.REJECTED),
    WAITING: (ReportState.SUBMITTED,),
    DONE: (ReportState.APPROVED, ReportState.EXPORTED),
}


def report_figures(page: ReportsPage, rows: list[ReportRow]) -> list[Figure]:
    """Return how many reports stand where."""
    counts = {key: sum(row.state in states for row in rows) for key, states in GROUPS.items()}
    sent = sum(row.state is ReportState.EXPORTED for row in rows)
    rejected = sum(row.state is ReportState.REJECTED for row in rows)
    unit = "份" if page.locale_.is_chinese else ""
    number, plural = page.locale_.integer, page.locale_.plural
    return [
        Figure(
            "reports_open",
            page._("Drafts"),
            number(counts[OPEN]),
            unit,
            plural("{n} was rejected", "{n} were rejected", rejected)
            if rejected
            else page._("none rejected"),
            status="red" if rejected else "",
            clicked=lambda: page.narrow(OPEN),
        ),
        Figure(
            "reports_waiting",
            page._("Waiting for approval"),
            number(counts[WAITING]),
            unit,
            page._("figures frozen"),
            status="amber" if counts[WAITING] else "",
            clicked=lambda: page.narrow(WAITING),
        ),
        Figure(
            "reports_approved",
            page._("Approved"),
            number(counts[DONE]),
            unit,
            page._("by a second person"),
            clicked=lambda: page.narrow(DONE),
        ),
        Figure(
            "reports_exported",
            page._("Exported"),
            number(sent),
            unit,
            page._("can be verified"),
        ),
    ]
