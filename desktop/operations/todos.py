"""What is to be done next, by when, and what came of it: no state without a meaning (RPT-14).

A to-do is a next action. One that is still to be done says what and by which day, one that is done says what came of
it, one that is dropped says why; "in progress" by itself says nothing and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.activities import Todo
from desktop.models.opportunities import Opportunity
from desktop.store.stale import current
from desktop.store.workspace import Work
from desktop.terms import TaskState

NEXT_ACTION = "next_action"
FIELDS = ("title", "due_on", "state", "note")
DEAL_GONE = NotFound("deal_unknown", N_("This deal does not exist any more."))
TODO_GONE = NotFound("todo_unknown", N_("This to-do does not exist any more."))


def plan_next_action(
    work: Work,
    *,
    what: str,
    by: date | None,
    deal_id: int | None = None,
    account_id: int | None = None,
    kind: str = NEXT_ACTION,
    dedup_key: str | None = None,
) -> int:
    """Give the owner of a deal, or of a customer, a next action; return its number.

    Raises InvalidInput unless it says what and by which day, today or later; NotFound, NotAllowed.
    """
    require_next_action(work, what, by)
    deal = work.session.get(Opportunity, deal_id) if deal_id is not None else None
    if deal_id is not None and deal is None:
        raise DEAL_GONE
    customer = deal.account_id if deal is not None else account_id
    account = work.session.get(Account, customer) if customer is not None else None
    if deal is None and account is None:
        raise NotFound("account_unknown", N_("This customer does not exist any more."))
    owner = (deal.owner_id if deal is not None else None) or (
        account.owner_id if account is not None else None
    )
    todo = Todo(
        title=what.strip()[:400],
        kind=kind,
        owner_id=owner or work.actor.person_id,
        account_id=customer,
        opportunity_id=deal_id,
        due_on=by,
        state=TaskState.OPEN.value,
        dedup_key=dedup_key,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(todo)
    work.session.flush()
    work.audit("plan_next_action", "task", todo.id, deal=deal_id, account=customer, kind=kind, by=str(by))
    return todo.id


def settle_todo(
    work: Work,
    todo_id: int,
    state: TaskState,
    *,
    note: str = "",
    what: str | None = None,
    by: date | None = None,
    version: int | None = None,
    seen: Mapping[str, Any] | None = None,
) -> None:
    """Say where a to-do stands: to be done (what and by when), done (what came of it), or dropped (why).

    Raises InvalidInput where a state would say nothing, StaleRecord, NotFound or NotAllowed.
    """
    todo = current(work, Todo, todo_id, version, seen, subject="task", fields=FIELDS, gone=TODO_GONE)
    if state is TaskState.OPEN:
        require_next_action(work, todo.title if what is None else what, by)
    elif not note.strip():
        raise InvalidInput(
            "result_missing",
            N_("“{state}” by itself says nothing: say what came of it, or why it is dropped."),
            remedy=N_("A few words are enough, e.g. “sample accepted, price asked for”."),
            state=state.value,
        )
    if what is not None and what.strip():
        todo.title = what.strip()[:400]
    if state is TaskState.OPEN:
        todo.due_on = by
    todo.state, todo.note = state.value, note.strip() or todo.note
    todo.done_at = work.now if state is TaskState.DONE else None
    todo.changed_at = work.now
    work.audit("settle_todo", "task", todo.id, state=state.value, by=str(todo.due_on))
    work.session.flush()


def require_next_action(work: Work, what: str, by: date | None) -> None:
    """Raise InvalidInput unless it is said what is done next, and by which day."""
    if not what.strip() or by is None:
        raise InvalidInput(
            "next_action_missing",
            N_("What is in progress needs a next action: what is done, and by which day."),
            remedy=N_("Say both, e.g. “visit with the plant manager” by 2026-03-12."),
        )
    if by < work.today:
        raise InvalidInput(
            "next_action_past",
            N_("{day} is over; a next action lies ahead."),
            remedy=N_("Name a day from today on, or say what came of it."),
            day=by.isoformat(),
        )


def is_planned(work: Work, dedup_key: str) -> bool:
    """Whether a to-do with this key exists already."""
    return work.session.scalars(select(Todo).where(Todo.dedup_key == dedup_key)).first() is not None
