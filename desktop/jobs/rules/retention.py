"""On the first of a month, what went out long ago is emptied: the outbox does not grow for ever (RPT-03)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from desktop.i18n import N_
from desktop.jobs.rule import Due, Result, Rule
from desktop.operations.retention import empty_old, is_anything_old, kept_since
from desktop.periods import Period
from desktop.queries.work_calendar import work_calendar
from desktop.store.workspace import Work

AT = time(3, 0)


def _first(work: Work, month: Period) -> datetime:
    return work_calendar(work).at(month.starts, AT)


def _dues(work: Work) -> Sequence[Due]:
    month = Period.month_of(work.today)
    due_at = _first(work, month)
    if due_at > work.now or not is_anything_old(work, kept_since(work, due_at)):
        return ()
    return [Due(month.text, due_at, subject=month.text, data=due_at)]


def _next(work: Work) -> Sequence[Due]:
    month = Period.month_of(work.today).shift(1)
    return [Due(month.text, _first(work, month), subject=month.text)]


def _act(work: Work, due: Due) -> Result:
    return empty_old(work, kept_since(work, due.data))


RULE = Rule("outbox_retention", N_("What went out long ago is emptied"), _dues, _act, next=_next)
