"""What a quote or a contract says, as the one text that is approved, frozen and hashed (PER-06)."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import exists, select, text

from desktop.models.contracts import Contract, Quote
from desktop.models.quotes import PaperVersion, QuoteLine
from desktop.store.access.papers import CONTRACT_TERMS, LINE_TERMS, QUOTE_TERMS
from desktop.store.workspace import Work

QUOTE, CONTRACT = "quote", "contract"


def is_whole(content: str, digest: str) -> bool:
    """Whether a frozen text still has its hash."""
    return hash_of(content) == digest


def hash_of(content: str) -> str:
    """Return the SHA-256 of a frozen text."""
    return hashlib.sha256(content.encode()).hexdigest()


def content_of(work: Work, kind: str, record_id: int) -> dict[str, Any]:
    """Return what a quote (with its lines) or a contract says now, as JSON holds it."""
    if kind == CONTRACT:
        return _terms(work, Contract, CONTRACT_TERMS, record_id)
    content = _terms(work, Quote, QUOTE_TERMS, record_id)
    lines = select(*(getattr(QuoteLine, name) for name in LINE_TERMS)).where(QuoteLine.quote_id == record_id)
    content["lines"] = [
        {name: _plain(value) for name, value in row._mapping.items()}
        for row in work.rows(lines.order_by(QuoteLine.position, QuoteLine.id))
    ]
    return content


def _terms(work: Work, record: Any, names: tuple[str, ...], record_id: int) -> dict[str, Any]:
    row = work.session.execute(
        select(*(getattr(record, name) for name in names)).where(record.id == record_id)
    ).one()
    return {name: _plain(value) for name, value in row._mapping.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def is_frozen(work: Work, kind: str, record_id: int) -> bool:
    """Whether a version of a quote or a contract was approved: it is not edited any more."""
    column = PaperVersion.quote_id if kind == QUOTE else PaperVersion.contract_id
    return bool(work.session.execute(select(exists().where(column == record_id))).scalar())


def settle(work: Work, request_id: int, day: date) -> None:
    """Carry out an approved request on a quote or a contract, and freeze what was approved (team database).

    A function of the database's owner does both: whoever approves need not be somebody who edits the record.
    """
    work.session.flush()
    work.session.execute(
        text("SELECT plumbline.settle_paper(:request, :day)"), {"request": request_id, "day": day}
    )
    work.session.expire_all()


def encoded(content: dict[str, Any]) -> str:
    """Return the text of what is frozen in an embedded database."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
