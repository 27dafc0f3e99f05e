"""Facts about papers and money: quotes, contracts, orders, invoices, payments, what is owed, targets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Date, and_, case, exists, func, literal, null, or_, select

from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.contracts import Contract, Invoice, Milestone, Payment, PaymentPlan, Quote
from desktop.models.orders import OrderLine, Product, SalesOrder
from desktop.models.targets import Target
from desktop.queries.calibration import SALES_METRICS
from desktop.queries.metrics.arithmetic import days_between
from desktop.queries.metrics.facts import Built, Span, fact, within
from desktop.store.rules import threshold
from desktop.store.workspace import Work

ACCEPTANCE_WORDS = ("%验收%", "%accept%")
MONTH_TEXT = 7
"""The length of “2026-03”: targets of quarters and years would count months twice."""


@fact("quote", N_("Quotes"), "quote")
def quote(work: Work, span: Span) -> Built:
    """Quotes by the day they were issued."""
    return Built(
        Quote.__table__,
        Quote.id,
        Quote.number,
        Quote.recorded_at,
        Quote.changed_at,
        (within(Quote.issued_on, span),),
        {"amount": Quote.amount, "discount": Quote.discount, "status": Quote.status},
        owner=Quote.owner_id,
        account=Quote.account_id,
        deal=Quote.opportunity_id,
        day=Quote.issued_on,
    )


def _contract(where: tuple[Any, ...], day: Any, **columns: Any) -> Built:
    return Built(
        Contract.__table__,
        Contract.id,
        func.coalesce(Contract.name, Contract.number),
        Contract.recorded_at,
        Contract.changed_at,
        where,
        {
            "amount": Contract.amount,
            "contract_type": Contract.type,
            "number": Contract.number,
            "status": Contract.status,
            **columns,
        },
        owner=Contract.owner_id,
        account=Contract.account_id,
        deal=Contract.opportunity_id,
        day=day,
    )


@fact("contract", N_("Contracts signed"), "contract")
def contract(work: Work, span: Span) -> Built:
    """Contracts by the day they were signed, else ordered."""
    day = func.coalesce(Contract.signed_on, Contract.ordered_on)
    return _contract((within(day, span),), day)


@fact("renewal", N_("Contracts that end"), "contract")
def renewal(work: Work, span: Span) -> Built:
    """Contracts that end within the longest of `renewal.days` after the as-of day; `days` left."""
    horizon = max(int(days) for days in threshold(work, "renewal.days"))
    left = days_between(literal(span.as_of, Date()), Contract.ends_on)
    band = case((left <= 7, literal("0-7")), (left <= 30, literal("8-30")), else_=literal("31+"))
    soon = Contract.ends_on.between(span.as_of, span.as_of + timedelta(days=horizon))
    return _contract((soon,), None, days=left, age_band=band, ends_on=Contract.ends_on)


@fact("uninvoiced", N_("Accepted, not invoiced"), "contract")
def uninvoiced(work: Work, span: Span) -> Built:
    """Contracts whose acceptance was reached by the as-of day and that have no invoice until then (COL-05)."""
    accepted = (
        select(Milestone.contract_id, func.min(Milestone.reached_on).label("accepted_on"))
        .where(
            Milestone.reached_on <= span.as_of,
            or_(*(func.lower(Milestone.name).like(word) for word in ACCEPTANCE_WORDS)),
        )
        .group_by(Milestone.contract_id)
        .subquery("accepted")
    )
    invoiced = exists().where(Invoice.contract_id == Contract.id, Invoice.issued_on <= span.as_of)
    made = _contract(
        (~invoiced,),
        None,
        days=days_between(accepted.c.accepted_on, literal(span.as_of, Date())),
        accepted_on=accepted.c.accepted_on,
    )
    source = Contract.__table__.join(accepted, accepted.c.contract_id == Contract.id)
    return Built(
        source, made.record, made.title, made.recorded, made.changed, made.where, made.columns,
        owner=made.owner, account=made.account, deal=made.deal,
    )  # fmt: skip


@fact("order_line", N_("Order lines"), "order", money=("amount", "profit"))
def order_line(work: Work, span: Span) -> Built:
    """Lines of orders by the day of the order; their product and product line, amount and profit."""
    source = OrderLine.__table__.join(SalesOrder, SalesOrder.id == OrderLine.order_id).outerjoin(
        Product, Product.id == OrderLine.product_id
    )
    return Built(
        source,
        OrderLine.order_id,
        SalesOrder.number,
        OrderLine.recorded_at,
        OrderLine.changed_at,
        (within(SalesOrder.ordered_on, span),),
        {
            "amount": OrderLine.amount,
            "profit": OrderLine.profit,
            "quantity": OrderLine.quantity,
            "product": func.coalesce(OrderLine.category, Product.category, Product.name),
            "region": SalesOrder.region,
        },
        owner=SalesOrder.owner_id,
        account=SalesOrder.account_id,
        day=SalesOrder.ordered_on,
    )


@fact("invoice", N_("Invoices"), "invoice")
def invoice(work: Work, span: Span) -> Built:
    """Invoices by the day they were issued; they count for whoever owns the contract, else the customer."""
    holder = (
        select(Account.owner_id).where(Account.id == Invoice.account_id).correlate(Invoice).scalar_subquery()
    )
    return Built(
        Invoice.__table__.outerjoin(Contract, Contract.id == Invoice.contract_id),
        Invoice.id,
        Invoice.number,
        Invoice.recorded_at,
        Invoice.changed_at,
        (within(Invoice.issued_on, span),),
        {"amount": Invoice.amount, "contract_type": Contract.type, "status": Invoice.status},
        owner=func.coalesce(Contract.owner_id, holder),
        account=func.coalesce(Invoice.account_id, Contract.account_id),
        day=Invoice.issued_on,
    )


@fact("payment", N_("Payments received"), "payment")
def payment(work: Work, span: Span) -> Built:
    """Payments by the day they arrived; `contract_days` since the contract was signed (COL-08)."""
    signed = func.coalesce(Contract.signed_on, Contract.ordered_on)
    return Built(
        Payment.__table__.outerjoin(Contract, Contract.id == Payment.contract_id),
        Payment.id,
        func.coalesce(Payment.number, Contract.number),
        Payment.recorded_at,
        Payment.changed_at,
        (within(Payment.received_on, span),),
        {
            "amount": Payment.amount,
            "method": Payment.method,
            "contract_days": case((signed <= Payment.received_on, days_between(signed, Payment.received_on))),
        },
        owner=func.coalesce(Payment.owner_id, Contract.owner_id),
        account=func.coalesce(Payment.account_id, Contract.account_id),
        day=Payment.received_on,
    )


def _instalments(key: Any, rows: tuple[Any, ...]) -> Any:
    """Return planned instalments by contract or customer, each with the sum of all up to it, earliest first."""
    plan = PaymentPlan
    until = func.sum(plan.amount).over(
        partition_by=key, order_by=(plan.due_on.is_(None), plan.due_on, plan.id), rows=(None, 0)
    )
    columns = (plan.due_on.label("due_on"), plan.amount.label("amount"), until.label("until"))
    return select(key.label("key"), *columns).where(key.is_not(None), plan.amount.is_not(None), *rows)


def _paid(key: Any, span: Span, rows: tuple[Any, ...]) -> Any:
    return (
        select(key.label("key"), func.sum(Payment.amount).label("paid"))
        .where(or_(Payment.received_on.is_(None), Payment.received_on <= span.as_of), *rows)
        .group_by(key)
        .subquery()
    )


def _owed(span: Span) -> Any:
    """Return every instalment with what was paid on its contract, or for its customer where no contract is named."""
    plan = PaymentPlan
    has_plan = exists().where(plan.contract_id == Contract.id, plan.amount.is_not(None))
    bare = select(
        Contract.id.label("key"),
        literal(None, Date()).label("due_on"),
        Contract.amount,
        Contract.amount.label("until"),
    ).where(~has_plan, Contract.amount.is_not(None))
    parts = []
    loose = (plan.contract_id.is_(None),)
    for rows, record, paid in (
        (_instalments(plan.contract_id, ()).union_all(bare), Contract, _paid(Payment.contract_id, span, ())),
        (
            _instalments(plan.account_id, loose),
            Account,
            _paid(Payment.account_id, span, (Payment.contract_id.is_(None),)),
        ),
    ):
        part = rows.subquery()
        account = record.account_id if record is Contract else record.id
        number = Contract.number if record is Contract else literal(None, Contract.number.type)
        signed = func.coalesce(Contract.signed_on, Contract.ordered_on)
        agreed = signed if record is Contract else literal(None, Date())
        parts.append(
            select(
                account.label("account_id"),
                record.owner_id.label("owner_id"),
                number.label("number"),
                agreed.label("agreed_on"),
                record.recorded_at.label("recorded_at"),
                record.changed_at.label("changed_at"),
                part.c.due_on,
                part.c.amount,
                (part.c.until - func.coalesce(paid.c.paid, 0)).label("left"),
            )
            .join(record, record.id == part.c.key)
            .outerjoin(paid, paid.c.key == part.c.key)
        )
    return parts[0].union_all(parts[1]).subquery("owed")


@fact("receivable", N_("Instalments still owed"), "account", money=("amount", "overdue"))
def receivable(work: Work, span: Span) -> Built:
    """What is still owed of each instalment on the as-of day; payments settle the earliest first (open_receivable).

    Per contract its plan, else its amount; plans without a contract per customer. `days` are those since it fell
    due, `overdue` is what is past due.
    """
    part = _owed(span)
    owed = case((part.c.left >= part.c.amount, part.c.amount), (part.c.left > 0, part.c.left), else_=0)
    days = days_between(part.c.due_on, literal(span.as_of, Date()))
    # Of a past day only what had been agreed by then was owed.
    agreed = or_(part.c.agreed_on.is_(None), part.c.agreed_on <= span.as_of)
    band = case(
        (days <= 0, literal("not due")),
        (days <= 30, literal("1-30")),
        (days <= 60, literal("31-60")),
        (days <= 90, literal("61-90")),
        (days > 90, literal("91+")),
        else_=null(),
    )
    return Built(
        part.outerjoin(Account, Account.id == part.c.account_id),
        part.c.account_id,
        Account.name,
        part.c.recorded_at,
        part.c.changed_at,
        (owed > 0, *((agreed,) if span.as_of < work.today else ())),
        {
            "amount": owed,
            "overdue": case((and_(days > 0, owed > 0), owed), else_=0),
            "days": days,
            "age_band": band,
            "due_on": part.c.due_on,
            "number": part.c.number,
        },
        owner=part.c.owner_id,
        account=part.c.account_id,
    )


@fact("target", N_("Targets of people"), "target", money=("value",))
def target(work: Work, span: Span) -> Built:
    """Monthly targets of people whose month lies in the period; money sold first, else the most frequent metric.

    Where a person has the same month twice the last one counts, as in the calibration.
    """
    inside = (
        Target.starts_on >= span.period.starts,
        Target.ends_on <= span.period.ends,
        Target.person_id.is_not(None),
        func.length(Target.period) == MONTH_TEXT,
    )
    number = func.count(Target.id)
    rows = work.rows(select(Target.metric, number.label("n")).where(*inside).group_by(Target.metric))
    ranked = sorted(rows, key=lambda row: (row.metric.lower() not in SALES_METRICS, -row.n, row.metric))
    metric = ranked[0].metric if ranked else ""
    newer = Target.__table__.alias("newer")
    again = exists().where(
        newer.c.person_id == Target.person_id,
        newer.c.period == Target.period,
        newer.c.metric == Target.metric,
        newer.c.id > Target.id,
    )
    return Built(
        Target.__table__,
        Target.id,
        Target.metric,
        Target.recorded_at,
        Target.changed_at,
        (*inside, Target.metric == metric, ~again),
        {"value": Target.value},
        owner=Target.person_id,
        day=Target.starts_on,
    )
