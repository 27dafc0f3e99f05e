"""Signatures that are overdue go on to whom their level names (APR-01, APR-04, APR-05)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desktop.i18n import N_
from desktop.jobs.rule import Due, Result, Rule
from desktop.operations.approvals.escalating import escalate_task, overdue
from desktop.store.approval_flows import moment
from desktop.store.workspace import Work

AHEAD = timedelta(days=14)


def _dues(work: Work, ahead: timedelta = timedelta()) -> list[Due]:
    # By the clock that `escalate` goes by: what it refused a second too early would be done for good.
    return [
        Due(key=str(task_id), due_at=due_at, about=str(request_id), subject=title, data=task_id)
        for task_id, request_id, title, due_at in overdue(work, moment(work) + ahead)
    ]


def _next(work: Work) -> Sequence[Due]:
    return [due for due in _dues(work, AHEAD) if due.due_at >= work.now]


def _act(work: Work, due: Due) -> Result | None:
    to = escalate_task(work, due.data)
    return None if to is None else {"to": to}


RULE = Rule(
    key="approval_overdue",
    label=N_("Overdue signatures go on"),
    due=_dues,
    act=_act,
    next=_next,
)
