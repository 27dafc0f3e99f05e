"""Whether somebody changed something since we last looked (PLT-12)."""

from __future__ import annotations

from sqlalchemy import func, select

from desktop.models.audit import AuditEntry
from desktop.store.workspace import Work


def latest_change(work: Work) -> int:
    """Return the number of the newest audit entry, 0 if there is none: every operation leaves one."""
    return int(work.session.execute(select(func.max(AuditEntry.id))).scalar_one() or 0)
