"""The list of requests as columns, and the states as shapes and words."""

from __future__ import annotations

from desktop.i18n import N_, Locale
from desktop.queries.approvals import ApprovalItem
from desktop.terms import ApprovalState
from desktop.views.cells import DateCell, MoneyCell, TextCell
from desktop.views.cells_rich import ChipCell, StatusTextCell
from desktop.views.columns import Column
from desktop.views.reports.columns import about

LATE_HOURS, LIMIT_HOURS = 24, 48
STATES: dict[str, tuple[str, str]] = {
    ApprovalState.WAITING: ("amber", ApprovalState.WAITING.label),
    ApprovalState.APPROVED: ("green", ApprovalState.APPROVED.label),
    ApprovalState.REJECTED: ("red", ApprovalState.REJECTED.label),
    ApprovalState.RETURNED: ("red", ApprovalState.RETURNED.label),
    ApprovalState.WITHDRAWN: ("grey", ApprovalState.WITHDRAWN.label),
}


def waiting_words(hours: float, locale: Locale) -> str:
    """Return how long something has waited: under an hour, 5 h, 2 d 3 h."""
    whole = int(hours)
    if whole < 1:
        return locale._("under an hour")
    if whole < 24:
        return locale._("{hours} h").format(hours=whole)
    return locale._("{days} d {hours} h").format(days=whole // 24, hours=whole % 24)


def lateness(item: ApprovalItem) -> str:
    """Return the colour of how long something waits: red when it is due, or after two days without a limit."""
    if item.state is not ApprovalState.WAITING:
        return ""
    if item.is_late or (item.due_at is None and item.waiting_hours >= LIMIT_HOURS):
        return "red"
    return "amber" if item.waiting_hours >= LATE_HOURS else ""


def subject_words(item: ApprovalItem, locale: Locale) -> str:
    """Return what a request is about."""
    if item.report is None:
        return item.title
    return f"{about(item.report, locale)} · {item.report.period}"


def level_words(item: ApprovalItem, locale: Locale) -> str:
    """Return where a request stands: level 1 of 2, and the level's name; or how it was decided."""
    if item.state is not ApprovalState.WAITING:
        return locale._(item.state.label)
    if not item.levels:
        return ""
    place = f"{item.level}/{item.levels}"
    return f"{place} {locale._(item.level_name)}".strip()


def _decision(item: ApprovalItem) -> str:
    return "" if item.state is ApprovalState.WAITING else STATES[item.state][0]


def columns(locale: Locale) -> tuple[Column, ...]:
    """Return the columns of the inbox."""
    return (
        Column(
            "kind",
            N_("Kind"),
            TextCell("t2"),
            width=92 if locale.is_chinese else 118,
            value=lambda item: locale._(item.label),
        ),
        Column(
            "title",
            N_("Request"),
            TextCell(),
            width=180,
            stretch=3,
            value=lambda item: subject_words(item, locale),
        ),
        Column("amount", N_("Amount"), MoneyCell(exact=True), width=104),
        Column("requested_by", N_("Asked by"), width=76),
        Column(
            "level",
            N_("Level"),
            StatusTextCell(_decision),
            width=124,
            stretch=1,
            value=lambda item: level_words(item, locale),
        ),
        Column(
            "waiting",
            N_("Waiting for"),
            StatusTextCell(lateness),
            width=100,
            value=lambda item: waiting_words(item.waiting_hours, locale),
        ),
        Column("due_at", N_("Due"), DateCell(time=True, token="t2"), width=128),
        Column("state", N_("State"), ChipCell(STATES), width=96, hidden=True),
        Column("requested_at", N_("Asked at"), DateCell(time=True, token="t2"), width=132, hidden=True),
        Column("decided_by", N_("Decided by"), width=90, hidden=True),
        Column("reason", N_("Reason"), TextCell("t2"), width=140, stretch=1, hidden=True),
    )
