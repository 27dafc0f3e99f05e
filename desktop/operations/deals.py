"""What can be done about a deal that is stuck (FUN-09)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.activities import Todo
from desktop.models.opportunities import Opportunity
from desktop.store.workspace import Work
from desktop.terms import TaskState, Term

DUE_DAYS = 3


class StuckAction(Term):
    """The two ways out of a stuck negotiation that the source names."""

    SENIOR_VISIT = "senior_visit", N_("Arrange a senior visit")
    DISCOUNT = "discount", N_("Request a discount change")


def plan_stuck_action(work: Work, *, deal_id: int, action: StuckAction, title: str) -> bool:
    """Give the deal's owner a task to be done in three days; return False where it is open already.

    `title` is the task's text in the language of whoever asks. Raises NotFound.
    """
    deal = work.session.get(Opportunity, deal_id)
    if deal is None:
        raise NotFound("deal_unknown", N_("This deal does not exist any more."))
    key = f"{action.value}:{deal_id}:{deal.stage_id}"
    if work.session.scalars(select(Todo).where(Todo.dedup_key == key)).first() is not None:
        return False
    task = Todo(
        title=title[:400],
        kind=action.value,
        owner_id=deal.owner_id or work.actor.person_id,
        account_id=deal.account_id,
        opportunity_id=deal.id,
        due_on=work.today + timedelta(days=DUE_DAYS),
        state=TaskState.OPEN.value,
        dedup_key=key,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(task)
    work.session.flush()
    work.audit("plan_stuck_action", "task", task.id, deal=deal_id, kind=action.value)
    return True
