"""The papers of a customer: quotes, contracts, payments, the newest first (CUS-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from desktop.models.contracts import Contract, Payment, Quote
from desktop.store.workspace import Work

RECENT_PAPERS = 40


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A quote, contract or instalment: number, day, amount and the source's own state."""

    id: int
    kind: str
    number: str
    on: date | None
    amount: int | None
    status: str | None


def quotes_of(work: Work, account_id: int) -> tuple[PaperLine, ...]:
    """Return the newest quotes of a customer."""
    rows = work.rows(
        select(Quote.id, Quote.number, Quote.issued_on, Quote.amount, Quote.status)
        .where(Quote.account_id == account_id)
        .order_by(Quote.issued_on.desc(), Quote.id.desc())
        .limit(RECENT_PAPERS)
    )
    return tuple(PaperLine(r.id, "quote", r.number, r.issued_on, r.amount, r.status) for r in rows)


def contracts_of(work: Work, account_id: int) -> tuple[PaperLine, ...]:
    """Return the newest contracts of a customer."""
    rows = work.rows(
        select(
            Contract.id, Contract.number, Contract.name, Contract.signed_on, Contract.amount, Contract.status
        )
        .where(Contract.account_id == account_id)
        .order_by(Contract.signed_on.desc(), Contract.id.desc())
        .limit(RECENT_PAPERS)
    )
    return tuple(
        PaperLine(r.id, "contract", r.number or r.name or "", r.signed_on, r.amount, r.status) for r in rows
    )


def payments_of(work: Work, account_id: int) -> tuple[PaperLine, ...]:
    """Return the newest payments of a customer."""
    rows = work.rows(
        select(Payment.id, Payment.number, Payment.received_on, Payment.amount, Payment.method)
        .where(Payment.account_id == account_id)
        .order_by(Payment.received_on.desc(), Payment.id.desc())
        .limit(RECENT_PAPERS)
    )
    return tuple(PaperLine(r.id, "payment", r.number or "", r.received_on, r.amount, r.method) for r in rows)
