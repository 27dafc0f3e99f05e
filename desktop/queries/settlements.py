"""Finance's queue: accepted contracts with number, amount and invoice type, and what finance says of them (COL-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.contracts import Contract, Invoice, Milestone, Payment
from desktop.models.people import Person
from desktop.models.settlements import Settlement, SettlementReturn
from desktop.store.workspace import Work

FIELDS = ("invoice_number", "received", "settled", "remark")
"""What finance writes, in the order of its columns."""

TITLES = {
    "invoice_number": N_("Invoice number (finance)"),
    "received": N_("Money received (finance)"),
    "settled": N_("Settled (finance)"),
    "remark": N_("Remark (finance)"),
}
SHOWN = (
    "number",
    "name",
    "customer",
    "owner",
    "amount",
    "invoice_type",
    "accepted_on",
    "basis",
    "invoiced",
    "paid",
)
"""What the sheet shows of a contract, locked."""

SHOWN_TITLES = {
    "number": N_("Contract number"),
    "name": N_("Contract name"),
    "customer": N_("Customer"),
    "owner": N_("Owner"),
    "amount": N_("Contract amount"),
    "invoice_type": N_("Invoice type"),
    "accepted_on": N_("Accepted on"),
    "basis": N_("Accepted by"),
    "invoiced": N_("Invoiced so far"),
    "paid": N_("Paid so far"),
}
BY_MILESTONE, BY_DELIVERY = N_("acceptance"), N_("delivery date")


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One contract: amounts in minor units; `version` is that of finance's own words, 0 where there are none.

    `accepted_on` is the day of its acceptance milestone, else a delivery date that has passed; `basis` says which.
    """

    id: int
    number: str | None
    name: str | None
    customer: str | None
    owner: str | None
    amount: int | None
    invoice_type: str | None
    accepted_on: date | None
    basis: str
    invoiced: int | None
    paid: int | None
    version: int
    invoice_number: str | None
    received: int | None
    settled: bool | None
    remark: str | None

    @property
    def waits(self) -> bool:
        """Whether it was accepted and is not settled."""
        return self.accepted_on is not None and not self.settled


@dataclass(frozen=True, slots=True)
class AppliedFile:
    """One returned file that was taken over (`state` applied or undone), or the taking back of one (undo)."""

    id: int
    file_name: str
    made_by: str
    made_at: datetime
    rows: int
    state: str


@dataclass(frozen=True, slots=True)
class AppliedChange:
    """One cell that a returned file wrote."""

    number: str
    field: str
    before: Any
    after: Any


def applied_files(work: Work) -> list[AppliedFile]:
    """Return the returned files that were taken over and taken back, the newest first."""
    found = work.rows(
        select(SettlementReturn, Person.name.label("made_by"))
        .join(Person, Person.id == SettlementReturn.made_by_id)
        .order_by(SettlementReturn.id.desc())
    )
    undone = {kept.undoes_id for kept, _name in found}
    return [
        AppliedFile(
            kept.id,
            kept.file_name,
            name,
            kept.made_at,
            len(kept.changes),
            "undo" if kept.undoes_id is not None else "undone" if kept.id in undone else "applied",
        )
        for kept, name in found
    ]


def applied_changes(work: Work, number: int) -> list[AppliedChange]:
    """Return what a returned file wrote, cell by cell."""
    kept = work.session.get(SettlementReturn, number)
    changes = kept.changes if kept is not None else []
    wanted = select(Contract.id, Contract.number).where(Contract.id.in_([one["contract"] for one in changes]))
    numbers = {row.id: row.number for row in work.rows(wanted)}
    return [
        AppliedChange(
            numbers.get(one["contract"]) or str(one["contract"]), key, one["before"].get(key), after
        )
        for one in changes
        for key, after in one["after"].items()
    ]


def finance_queue(work: Work, *, everything: bool = False) -> list[QueueRow]:
    """Return the accepted contracts that are not settled, the oldest first; with `everything` all contracts."""
    accepted = (
        select(Milestone.contract_id, func.max(Milestone.reached_on).label("on"))
        .where(
            Milestone.reached_on.is_not(None),
            or_(Milestone.name.contains("验收"), func.lower(Milestone.name).contains("accept")),
        )
        .group_by(Milestone.contract_id)
        .subquery()
    )
    invoices = _per_contract(Invoice, func.sum(Invoice.amount), func.max(Invoice.type))
    payments = _per_contract(Payment, func.sum(Payment.amount), func.max(Payment.method))
    statement = (
        select(
            Contract.id,
            Contract.number,
            Contract.name,
            Account.name.label("customer"),
            Contract.amount,
            Person.name.label("owner"),
            accepted.c.on,
            Contract.delivery_on,
            invoices.c.total.label("invoiced"),
            invoices.c.kind.label("invoice_type"),
            payments.c.total.label("paid"),
            Settlement,
        )
        .outerjoin(Account, Account.id == Contract.account_id)
        .outerjoin(Person, Person.id == Contract.owner_id)
        .outerjoin(accepted, accepted.c.contract_id == Contract.id)
        .outerjoin(invoices, invoices.c.contract_id == Contract.id)
        .outerjoin(payments, payments.c.contract_id == Contract.id)
        .outerjoin(Settlement, Settlement.contract_id == Contract.id)
        .order_by(Contract.id)
    )
    rows = [_row(work, found) for found in work.rows(statement)]
    if not everything:
        rows = [row for row in rows if row.waits]
    return sorted(rows, key=lambda row: (row.accepted_on or date.max, row.number or "", row.id))


def _per_contract(kind: Any, total: Any, text: Any) -> Any:
    return (
        select(kind.contract_id, total.label("total"), text.label("kind"))
        .where(kind.contract_id.is_not(None))
        .group_by(kind.contract_id)
        .subquery()
    )


def _row(work: Work, found: Any) -> QueueRow:
    own: Settlement | None = found.Settlement
    delivered = found.delivery_on if found.delivery_on and found.delivery_on <= work.today else None
    return QueueRow(
        found.id,
        found.number,
        found.name,
        found.customer,
        found.owner,
        found.amount,
        found.invoice_type,
        found.on or delivered,
        BY_MILESTONE if found.on else BY_DELIVERY if delivered else "",
        int(found.invoiced) if found.invoiced is not None else None,
        int(found.paid) if found.paid is not None else None,
        own.version if own else 0,
        own.invoice_number if own else None,
        own.received if own else None,
        own.settled if own else None,
        own.remark if own else None,
    )
