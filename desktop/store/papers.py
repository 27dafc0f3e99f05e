"""What a quote or a contract says, as the one text that is approved, frozen and hashed (PER-06)."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import exists, func, select, text

from desktop.errors import StaleRecord
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.models.contracts import Contract, Quote
from desktop.models.quotes import PaperVersion, QuoteLine
from desktop.store.access.papers import (
    CHANGEABLE,
    CONTRACT_TERMS,
    FILLED_LATER,
    LINE_TERMS,
    MOVED_BY_MERGES,
    QUOTE_TERMS,
)
from desktop.store.workspace import Work

QUOTE, CONTRACT = "quote", "contract"


def is_whole(content: str, digest: str) -> bool:
    """Whether a frozen text still has its hash."""
    return hash_of(content) == digest


def hash_of(content: str) -> str:
    """Return the SHA-256 of a frozen text."""
    return hashlib.sha256(content.encode()).hexdigest()


def content_of(work: Work, kind: str, record_id: int) -> dict[str, Any] | None:
    """Return what a quote (with its lines) or a contract says now, as JSON holds it; None where one does not see it."""
    if kind == CONTRACT:
        return _terms(work, Contract, CONTRACT_TERMS, record_id)
    content = _terms(work, Quote, QUOTE_TERMS, record_id)
    if content is None:
        return None
    lines = select(*(getattr(QuoteLine, name) for name in LINE_TERMS)).where(QuoteLine.quote_id == record_id)
    content["lines"] = [
        {name: _plain(value) for name, value in row._mapping.items()}
        for row in work.rows(lines.order_by(QuoteLine.position, QuoteLine.id))
    ]
    return content


def _terms(work: Work, record: Any, names: tuple[str, ...], record_id: int) -> dict[str, Any] | None:
    row = work.session.execute(
        select(*(getattr(record, name) for name in names)).where(record.id == record_id)
    ).first()
    if row is None:
        return None
    return {name: _plain(value) for name, value in row._mapping.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def is_frozen(work: Work, kind: str, record_id: int) -> bool:
    """Whether a version of a quote or a contract was approved: it is not edited any more."""
    column = PaperVersion.quote_id if kind == QUOTE else PaperVersion.contract_id
    return bool(work.session.execute(select(exists().where(column == record_id))).scalar())


def settle(work: Work, request: ApprovalRequest) -> None:
    """Carry out an approved request on a quote or a contract, and freeze what was approved.

    In the team database a function of its owner does both: who approves need not be somebody who edits the
    record. Raises StaleRecord if the record is not what approval was asked for any more.
    """
    kind = CONTRACT if request.kind == "contract_change" else QUOTE
    payload = request.payload or {}
    now = content_of(work, kind, request.subject_id or 0)
    if now is not None and now != payload.get("content"):
        raise StaleRecord(
            "paper_changed",
            N_("This was changed after its approval was asked for."),
            remedy=N_("Send it back, and have it asked for again."),
            differences={},
        )
    work.session.flush()
    if work.is_sqlite:
        _settle_here(work, request, kind, payload)
    else:
        work.session.execute(text("SELECT plumbline.settle_paper(:request)"), {"request": request.id})
    work.session.expire_all()


def _settle_here(work: Work, request: ApprovalRequest, kind: str, payload: dict[str, Any]) -> None:
    number = request.subject_id or 0
    column = PaperVersion.quote_id if kind == QUOTE else PaperVersion.contract_id
    get = work.session.get_one
    record: Quote | Contract = get(Quote, number) if kind == QUOTE else get(Contract, number)
    record.changed_at = work.now
    if isinstance(record, Quote):
        record.renewed_on = work.today
        if request.kind == "discount":
            record.discount, record.amount = payload["discount"], payload["amount"]
    else:
        for name, value in (payload.get("changes") or {}).items():
            if name in CHANGEABLE:
                given = date.fromisoformat(value) if name.endswith("_on") and value else value
                setattr(record, name, given)
    work.session.flush()
    said = encoded(content_of(work, kind, number) or {})
    last = work.session.execute(select(func.max(PaperVersion.number)).where(column == number)).scalar()
    work.session.add(
        PaperVersion(
            quote_id=number if kind == QUOTE else None,
            contract_id=number if kind == CONTRACT else None,
            number=(last or 0) + 1,
            content=said,
            hash=hash_of(said),
            request_id=request.id,
            frozen_at=work.now,
            frozen_by_id=work.actor.person_id,
        )
    )
    work.session.flush()


def differing(work: Work, kind: str, record_id: int, frozen: dict[str, Any]) -> list[str]:
    """Return what a paper says otherwise than its frozen version, apart from what it was given since or a merge moved."""
    now = content_of(work, kind, record_id) or {}
    return [
        name
        for name, value in frozen.items()
        if name != MOVED_BY_MERGES
        and now.get(name) != value
        and not (kind == CONTRACT and name in FILLED_LATER and value is None)
    ]


def encoded(content: dict[str, Any]) -> str:
    """Return the text of what is frozen in an embedded database."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
