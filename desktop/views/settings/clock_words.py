"""The words and columns of the Clock section."""

from __future__ import annotations

from typing import Any

from desktop.i18n import N_, Locale
from desktop.jobs.status import Planned, Run, told
from desktop.terms import DueState, OutboxState
from desktop.views.cells import DateCell, NumberCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.columns import Column

RUN_STATES = {
    DueState.DONE.value: ("green", DueState.DONE.label),
    DueState.FAILED.value: ("red", DueState.FAILED.label),
    DueState.MISSED.value: ("amber", DueState.MISSED.label),
    "resting": ("grey", N_("At rest")),
    "": ("grey", N_("Not yet")),
}
MESSAGE_STATES = {
    OutboxState.WAITING.value: ("grey", OutboxState.WAITING.label),
    OutboxState.SENDING.value: ("grey", OutboxState.SENDING.label),
    OutboxState.SENT.value: ("green", OutboxState.SENT.label),
    OutboxState.FAILED.value: ("red", OutboxState.FAILED.label),
    OutboxState.UNSURE.value: ("amber", OutboxState.UNSURE.label),
    OutboxState.DROPPED.value: ("grey", OutboxState.DROPPED.label),
}
LATE_MINUTES = 30


def lateness(row: Planned | Run | Any) -> str:
    """Return the status of a lateness in minutes."""
    minutes = row.late_minutes
    return "amber" if minutes is not None and minutes > LATE_MINUTES else ""


PLANNED = (
    Column("name", N_("What"), TextCell(bold=True), width=170, stretch=1.4),
    Column("next_at", N_("Due next"), DateCell(time=True), width=130),
    Column("last_due", N_("Last due"), DateCell(time=True, token="t2"), width=130),
    Column("last_acted", N_("Last acted"), DateCell(time=True, token="t2"), width=130),
    Column("late_minutes", N_("Minutes late"), NumberCell(status=lateness), width=96),
    Column("state", N_("State"), ChipCell(RUN_STATES), width=110),
)
RUNS = (
    Column("subject", N_("What"), TextCell(), width=200, stretch=1.6),
    Column("due_at", N_("Due"), DateCell(time=True), width=130),
    Column("acted_at", N_("Acted"), DateCell(time=True), width=130),
    Column("late_minutes", N_("Minutes late"), NumberCell(status=lateness), width=96),
    Column("state", N_("State"), ChipCell(RUN_STATES), width=100),
    Column("attempts", N_("Attempts"), NumberCell(), width=80, drop=1),
    Column("by", N_("Run by"), TextCell("t2"), width=100, drop=2),
)
MESSAGES = (
    Column("subject", N_("What"), TextCell(), width=220, stretch=1.6),
    Column("target", N_("To"), TextCell("t2"), width=170, stretch=1.0),
    Column("queued_at", N_("Queued"), DateCell(time=True), width=130),
    Column("sent_at", N_("Sent at"), DateCell(time=True), width=130),
    Column("state", N_("State"), ChipCell(MESSAGE_STATES), width=120),
    Column("attempts", N_("Attempts"), NumberCell(), width=80, drop=1),
)


def problem_words(problem: dict[str, Any] | None, locale: Locale) -> tuple[str, str]:
    """Return what happened and what to do, in the reader's language; empty where nothing did."""
    if problem is None:
        return "", ""
    error = told(problem)
    return error.text(locale), error.remedy_text(locale)
