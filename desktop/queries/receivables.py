"""What customers still owe: metric open_receivable, summed by the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from desktop.models.accounts import Account
from desktop.models.contracts import Contract, Payment, PaymentPlan
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class Owed:
    """Money still to come and the part of it that is overdue, in minor units."""

    outstanding: int
    overdue: int


def owed_by(work: Work, *accounts: ColumnElement[bool]) -> Owed:
    """Return what the customers that meet the conditions on `Account` owe, as of today.

    Per contract: its payment plan, else its amount, less payments received, never below zero (RPT-01,
    open_receivable); plans without a contract are taken per customer.
    """
    whose = select(Account.id).where(*accounts)
    by_contract = _ledger(work, Contract.id, PaymentPlan.contract_id, Payment.contract_id, Contract.amount)
    by_account = _ledger(
        work,
        Account.id,
        case((PaymentPlan.contract_id.is_(None), PaymentPlan.account_id)),
        case((Payment.contract_id.is_(None), Payment.account_id)),
        None,
    )
    parts = [
        work.rows(by_contract.where(Contract.account_id.in_(whose)))[0],
        work.rows(by_account.where(*accounts))[0],
    ]
    return Owed(
        sum(int(part.outstanding or 0) for part in parts), sum(int(part.overdue or 0) for part in parts)
    )


def _ledger(work: Work, key: Any, plan_key: Any, payment_key: Any, amount: Any) -> Any:
    due = case((PaymentPlan.due_on < work.today, PaymentPlan.amount), else_=0)
    plans = (
        select(
            plan_key.label("key"),
            func.sum(PaymentPlan.amount).label("planned"),
            func.sum(due).label("due"),
        )
        .group_by(plan_key)
        .subquery()
    )
    payments = (
        select(payment_key.label("key"), func.sum(Payment.amount).label("paid"))
        .where(or_(Payment.received_on.is_(None), Payment.received_on <= work.today))
        .group_by(payment_key)
        .subquery()
    )
    planned = func.coalesce(plans.c.planned, 0 if amount is None else func.coalesce(amount, 0))
    paid = func.coalesce(payments.c.paid, 0)
    late = func.coalesce(plans.c.due, 0) - paid
    left = planned - paid
    return (
        select(
            func.sum(case((left > 0, left), else_=0)).label("outstanding"),
            func.sum(case((and_(late > 0, late > left), left), (late > 0, late), else_=0)).label("overdue"),
        )
        .select_from(key.class_)
        .outerjoin(plans, plans.c.key == key)
        .outerjoin(payments, payments.c.key == key)
    )
