"""Which customers refused, why, and until when nobody is given them (DUP-06, LED-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from desktop.models.accounts import Account
from desktop.models.leads import Lead, Refusal
from desktop.models.people import Person
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """One refusal: who refused and why, who recorded it; it stands unless it is over or was lifted."""

    id: int
    kind: str
    record_id: int
    customer: str
    reason: str
    source: str
    refused_on: date
    until: date
    by: str
    lifted: str
    stands: bool

    def to_json(self) -> dict[str, Any]:
        """Return the line of `refusal list`."""
        return {
            "id": self.id,
            "kind": self.kind,
            "record": self.record_id,
            "customer": self.customer,
            "reason": self.reason,
            "source": self.source or None,
            "refused_on": self.refused_on,
            "until": self.until,
            "by": self.by,
            "lifted": self.lifted or None,
            "stands": self.stands,
        }


def refusals(work: Work, *, account_id: int | None = None, past: bool = False) -> tuple[RefusalLine, ...]:
    """Return the refusals that stand, the newest first; with `past` those that are over or were lifted as well."""
    statement = (
        select(
            Refusal,
            func.coalesce(Account.name, Lead.company, Lead.name).label("customer"),
            Person.name.label("person"),
        )
        .outerjoin(Account, Account.id == Refusal.account_id)
        .outerjoin(Lead, Lead.id == Refusal.lead_id)
        .join(Person, Person.id == Refusal.by_id)
        .order_by(Refusal.refused_on.desc(), Refusal.id.desc())
    )
    if account_id is not None:
        statement = statement.where(Refusal.account_id == account_id)
    if not past:
        statement = statement.where(Refusal.lifted_at.is_(None), Refusal.blocked_until > work.today)
    return tuple(_line(work, row.Refusal, row.customer, row.person) for row in work.rows(statement))


def _line(work: Work, one: Refusal, customer: str | None, person: str) -> RefusalLine:
    of_account = one.account_id is not None
    return RefusalLine(
        id=one.id,
        kind="account" if of_account else "lead",
        record_id=int(one.account_id or one.lead_id or 0),
        customer=customer or "",
        reason=one.reason,
        source=one.source or "",
        refused_on=one.refused_on,
        until=one.blocked_until,
        by=person,
        lifted=one.lift_reason or "",
        stands=one.lifted_at is None and one.blocked_until > work.today,
    )
