"""What can be done about a deal that is stuck (FUN-09)."""

from __future__ import annotations

from datetime import timedelta

from desktop.i18n import N_
from desktop.models.opportunities import Opportunity
from desktop.operations.todos import DEAL_GONE, is_planned, plan_next_action
from desktop.store.workspace import Work
from desktop.terms import Term

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
        raise DEAL_GONE
    key = f"{action.value}:{deal_id}:{deal.stage_id}"
    if is_planned(work, key):
        return False
    due = work.today + timedelta(days=DUE_DAYS)
    plan_next_action(work, what=title, by=due, deal_id=deal_id, kind=action.value, dedup_key=key)
    return True
