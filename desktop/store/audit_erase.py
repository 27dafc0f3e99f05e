"""Erasing details of audit entries, on record, so that the chain still verifies (security 64)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text, update

from desktop.models.audit import AuditEntry
from desktop.store.audit_chain import Entry, append, head
from desktop.store.audit_check import ERASURE
from desktop.store.workspace import Work


def erase_details(
    work: Work, positions: Sequence[int], subject: str, subject_id: int, said: dict[str, Any]
) -> int:
    """Put an erasure on record, then take details and salts of the entries away; return its position.

    On PostgreSQL its function does both, for administrators. `said` must not name the person.
    """
    if not work.is_sqlite:
        asked = text("SELECT plumbline.erase_audit(:positions, :kind, :record, CAST(:said AS json))")
        values = {
            "positions": list(positions),
            "kind": subject,
            "record": subject_id,
            "said": json.dumps(said),
        }
        return int(work.session.execute(asked, values).scalar_one())
    work.session.flush()
    connection = work.connection
    append(
        connection,
        [Entry(ERASURE, subject, subject_id, {**said, "entries": list(positions)})],
        at=work.now,
        person_id=work.actor.person_id,
        operation_id=work.operation_id,
    )
    made = head(connection).position
    for position in positions:
        connection.execute(
            update(AuditEntry)
            .where(AuditEntry.position == position)
            .values(details=None, salt=None, erased_by=made)
        )
    return made
