"""Whether somebody changed something since we last looked (PLT-12)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, or_, select

from desktop.models.audit import AuditEntry
from desktop.store.workspace import Work


def latest_change(work: Work, but: Collection[str] = ()) -> int:
    """Return the number of the newest audit entry, 0 if there is none: every operation leaves one.

    Those of the operations in `but` (one's own) do not count.
    """
    entry = AuditEntry.operation_id
    foreign = or_(entry.is_(None), entry.not_in(but)) if but else None
    newest = select(func.max(AuditEntry.id))
    return int(work.session.execute(newest if foreign is None else newest.where(foreign)).scalar_one() or 0)
