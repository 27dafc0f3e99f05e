"""Whether somebody changed something since we last looked (PLT-12)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, or_, select, text

from desktop.models.audit import AuditEntry
from desktop.store.workspace import Work


def latest_change(work: Work, but: Collection[str] = ()) -> int:
    """Return the position of the newest audit entry, 0 if there is none: every operation leaves one.

    Those of the operations in `but` (one's own) do not count. The team database says how far its trail has got to
    everybody, and what stands in it to few.
    """
    if not work.is_sqlite:
        newest = text("SELECT plumbline.latest_change(:but)").bindparams(but=list(but))
        return int(work.session.execute(newest).scalar_one())
    entry = AuditEntry.operation_id
    highest = select(func.max(AuditEntry.position)).where(or_(entry.is_(None), entry.not_in(but)))
    return int(work.session.execute(highest).scalar_one() or 0)
