"""Contracts and what is still owed on them, for the person who holds them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, or_, select

from desktop.models.accounts import Account
from desktop.models.contracts import Contract, Invoice, Payment, PaymentPlan
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class HeldContract:
    """A contract."""

    id: int
    number: str | None
    name: str | None
    account_id: int | None
    account: str | None
    amount: int | None
    ends_on: date | None
    status: str | None


@dataclass(frozen=True, slots=True)
class HeldReceivable:
    """What is still to be paid on a contract, or on an account's plans without one (minor units).

    `uninvoiced_gap` is what was invoiced beyond what was paid.
    """

    contract_id: int | None
    title: str
    account_id: int | None
    account: str | None
    outstanding: int
    overdue: int
    first_overdue_on: date | None
    next_due_on: date | None
    uninvoiced_gap: int


def mine(person_id: int) -> Select[Any]:
    """Return the ids of a person's accounts."""
    return select(Account.id).where(Account.owner_id == person_id)


def held(record: Any, person_id: int) -> Any:
    """Return the condition that a record is the person's own, or nobody's on one of their accounts."""
    return or_(
        record.owner_id == person_id,
        and_(record.owner_id.is_(None), record.account_id.in_(mine(person_id))),
    )


@dataclass(slots=True)
class _Ledger:
    """The money of one contract, or of an account's plans without a contract."""

    planned: int = 0
    due: int = 0
    paid: int = 0
    invoiced: int = 0
    has_plan: bool = False
    plans: list[tuple[date | None, int]] | None = None

    def overdue_on(self, today: date) -> date | None:
        """Return the day of the first instalment that the payments do not cover, if it has passed."""
        left = self.paid
        for due_on, amount in sorted(self.plans or [], key=lambda plan: (plan[0] is None, plan[0])):
            left -= amount
            if left < 0:
                return due_on if due_on and due_on < today else None
        return None

    def next_on(self, today: date) -> date | None:
        """Return the next day on which something falls due."""
        return min((day for day, _ in self.plans or [] if day and day >= today), default=None)


def receivables(
    work: Work, person_id: int, contracts: tuple[HeldContract, ...]
) -> tuple[HeldReceivable, ...]:
    """Metric open_receivable: plans, else the contract's amount, less payments, never below zero."""
    today = work.today
    by_contract: defaultdict[int, _Ledger] = defaultdict(_Ledger)
    by_account: defaultdict[int, _Ledger] = defaultdict(_Ledger)
    contract_ids = select(Contract.id).where(held(Contract, person_id))
    for record in (PaymentPlan, Payment, Invoice):
        day = {PaymentPlan: PaymentPlan.due_on, Payment: Payment.received_on, Invoice: Invoice.issued_on}[
            record
        ]
        rows = work.rows(
            select(record.contract_id, record.account_id, record.amount, day.label("day")).where(
                or_(
                    record.contract_id.in_(contract_ids),
                    and_(record.contract_id.is_(None), record.account_id.in_(mine(person_id))),
                )
            )
        )
        for row in rows:
            ledger = by_contract[row.contract_id] if row.contract_id else by_account[row.account_id]
            _enter(ledger, record, row.amount or 0, row.day, today)
    found = []
    for contract in contracts:
        ledger = by_contract[contract.id]
        title = " ".join(filter(None, (contract.number, contract.name))) or f"#{contract.id}"
        owed = ledger.planned if ledger.has_plan else contract.amount or 0
        found.append(
            _receivable(ledger, owed, contract.id, title, contract.account_id, contract.account, today)
        )
    names = {
        row.id: row.name
        for row in work.rows(select(Account.id, Account.name).where(Account.owner_id == person_id))
    }
    for account_id, ledger in sorted(by_account.items()):
        name = names[account_id]
        found.append(_receivable(ledger, ledger.planned, None, name, account_id, name, today))
    return tuple(
        sorted((row for row in found if row), key=lambda row: (-row.overdue, -row.outstanding, row.title))
    )


def _enter(ledger: _Ledger, record: type, amount: int, day: date | None, today: date) -> None:
    if record is PaymentPlan:
        ledger.has_plan = True
        ledger.planned += amount
        ledger.plans = [*(ledger.plans or []), (day, amount)]
        if day and day < today:
            ledger.due += amount
    elif record is Payment and (day is None or day <= today):
        ledger.paid += amount
    elif record is Invoice and (day is None or day <= today):
        ledger.invoiced += amount


def _receivable(
    ledger: _Ledger,
    owed: int,
    contract_id: int | None,
    title: str,
    account_id: int | None,
    account: str | None,
    today: date,
) -> HeldReceivable | None:
    outstanding = max(owed - ledger.paid, 0)
    if not outstanding:
        return None
    return HeldReceivable(
        contract_id,
        title,
        account_id,
        account,
        outstanding,
        min(max(ledger.due - ledger.paid, 0), outstanding),
        ledger.overdue_on(today),
        ledger.next_on(today),
        max(ledger.invoiced - ledger.paid, 0),
    )
