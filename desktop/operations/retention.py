"""What went out long ago loses its words and bytes; who got what and when, and its SHA-256, stay on record (RPT-03)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from desktop.models.clockwork import Outbox, OutboxFile
from desktop.store.access.clockwork import CLOSED, LEAST_DAYS
from desktop.store.rules import threshold
from desktop.store.workspace import Work

_CLOSED = [state.value for state in CLOSED]


def kept_since(work: Work, moment: datetime) -> datetime:
    """Return since when what went out is kept whole, seen from a moment: the threshold, but 30 days at least."""
    days = max(LEAST_DAYS, int(threshold(work, "report.keep_days")))
    return moment - timedelta(days=days)


def is_anything_old(work: Work, before: datetime) -> bool:
    """Whether anything that went out before a moment still has its words or bytes."""
    return any(
        work.session.scalar(select(kind.id).where(*conditions).limit(1)) is not None
        for kind, conditions in _old(before)
    )


def empty_old(work: Work, before: datetime) -> dict[str, int]:
    """Empty what went out before a moment; return how many messages and files were."""
    (_message, messages), (_file, files) = _old(before)
    counts = {}
    for name, statement in (
        ("messages", update(Outbox).where(*messages).values(body="", body_html=None)),
        ("files", update(OutboxFile).where(*files).values(content=b"")),
    ):
        done: Any = work.session.execute(statement, execution_options={"synchronize_session": False})
        counts[name] = int(done.rowcount)
    work.audit("empty_outbox", "outbox", None, before=before.isoformat(), **counts)
    return counts


def _old(before: datetime) -> tuple[tuple[Any, tuple[Any, ...]], tuple[Any, tuple[Any, ...]]]:
    open_ = select(Outbox.id).where(Outbox.file_id == OutboxFile.id, Outbox.state.not_in(_CLOSED)).exists()
    words = or_(Outbox.body != "", Outbox.body_html.is_not(None))
    return (
        (Outbox, (Outbox.queued_at < before, Outbox.state.in_(_CLOSED), words)),
        (OutboxFile, (OutboxFile.made_at < before, func.length(OutboxFile.content) > 0, ~open_)),
    )
