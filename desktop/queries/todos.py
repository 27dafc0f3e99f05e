"""What is still to be done: the next actions of a deal, a customer or a person, each with its day (RPT-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from desktop.models.accounts import Account
from desktop.models.activities import Todo
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.store.workspace import Work
from desktop.terms import TaskState


@dataclass(frozen=True, slots=True)
class TodoLine:
    """One next action: what, by when, whose, and of which customer and deal."""

    id: int
    version: int
    title: str
    due_on: date | None
    owner: str | None
    account: str | None
    deal: str | None
    is_late: bool

    def to_json(self) -> dict[str, Any]:
        """Return the line of `todo list`."""
        return {
            "id": self.id,
            "what": self.title,
            "by": self.due_on,
            "owner": self.owner,
            "customer": self.account,
            "deal": self.deal,
            "late": self.is_late,
        }


def open_todos(
    work: Work, *, deal_id: int | None = None, account_id: int | None = None, owner_id: int | None = None
) -> tuple[TodoLine, ...]:
    """Return what is still to be done, the most urgent first; None: of every deal, customer, person."""
    statement = (
        select(
            Todo.id,
            Todo.version,
            Todo.title,
            Todo.due_on,
            Person.name.label("owner"),
            Account.name.label("account"),
            Opportunity.name.label("deal"),
        )
        .outerjoin(Person, Person.id == Todo.owner_id)
        .outerjoin(Account, Account.id == Todo.account_id)
        .outerjoin(Opportunity, Opportunity.id == Todo.opportunity_id)
        .where(Todo.state == TaskState.OPEN.value)
        .order_by(Todo.due_on.asc().nulls_last(), Todo.id)
    )
    for column, wanted in (
        (Todo.opportunity_id, deal_id),
        (Todo.account_id, account_id),
        (Todo.owner_id, owner_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return tuple(
        TodoLine(
            id=row.id,
            version=row.version,
            title=row.title,
            due_on=row.due_on,
            owner=row.owner,
            account=row.account,
            deal=row.deal,
            is_late=row.due_on is not None and row.due_on < work.today,
        )
        for row in work.rows(statement)
    )
