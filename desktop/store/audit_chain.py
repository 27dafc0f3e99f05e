"""The chain of audit entries: one canonical text, one hash, and adding to its end (PER-05).

An entry's hash is SHA-256 of the previous entry's hash and its own canonical text. Its details enter that
text as SHA-256 of a salt and their stored JSON: what is personal can be erased, and the chain still fits.
On PostgreSQL a trigger of the database does the same (`store.audit_guard`), so that no client can forge an
entry or fork the chain; on SQLite this module does it, under the write lock.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from desktop.models.audit import AuditEntry
from desktop.store.engine import is_sqlite

GENESIS = "0" * 64
"""What stands for the previous hash of the first entry."""
INSTANT = "%Y-%m-%d %H:%M:%S.%f"
"""How an instant, in UTC, stands in the canonical text."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain: its position (0 for none) and its hash."""

    position: int
    hash: str

    @property
    def text(self) -> str:
        """Position and hash as manifests print them."""
        return f"{self.position}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What an operation wants to have on record."""

    action: str
    subject: str | None = None
    subject_id: int | None = None
    details: dict[str, Any] | None = None


def canonical(
    details_hash: str | None,
    at: str,
    person_id: int | None,
    subject_id: int | None,
    words: Sequence[str | None],
) -> str:
    """Return the text of an entry that is hashed; `words` are operation id, action and subject.

    The subject comes last and the other words hold no “|”, so that two different entries never have the same text.
    """
    operation, action, subject = words
    if action is None or "|" in action or "|" in (operation or ""):
        raise ValueError("an action and an operation's id hold no “|”")
    parts = (details_hash, at, person_id, subject_id)
    told = ["" if value is None else str(value) for value in parts]
    return "|".join([*told, operation or "-", action, "-" if subject is None else f"={subject}"])


def link(before: str, position: int, entry: str) -> str:
    """Return the hash of the entry at a position, after the entry whose hash is `before`."""
    return hashlib.sha256(f"{before}\n{position}|{entry}".encode()).hexdigest()


def hidden(salt: str, details: str) -> str:
    """Return the salted hash of details as they are stored."""
    return hashlib.sha256(f"{salt}\n{details}".encode()).hexdigest()


def head(connection: Connection) -> Head:
    """Return the newest entry; everybody may know it, for it says nothing of what it records."""
    if is_sqlite(connection):
        newest = select(AuditEntry.position, AuditEntry.hash).order_by(AuditEntry.position.desc()).limit(1)
        row = connection.execute(newest).first()
    else:
        row = connection.execute(
            text("SELECT head_position AS position, head_hash AS hash FROM plumbline.audit_head()")
        ).first()
    return Head(int(row.position), str(row.hash)) if row else Head(0, GENESIS)


def hash_at(connection: Connection, position: int) -> str | None:
    """Return the hash of the entry at a position, None if there is none."""
    if is_sqlite(connection):
        found = connection.execute(select(AuditEntry.hash).where(AuditEntry.position == position)).scalar()
    else:
        asked = text("SELECT plumbline.audit_hash(:position)").bindparams(position=position)
        found = connection.execute(asked).scalar()
    return str(found) if found else None


def append(
    connection: Connection, entries: Sequence[Entry], *, at: datetime, person_id: int, operation_id: str
) -> None:
    """Add entries to the end of the chain; on PostgreSQL its trigger decides time, person and place."""
    if not entries:
        return
    rows = [
        {
            "at": at,
            "person_id": person_id,
            "action": entry.action,
            "subject": entry.subject,
            "subject_id": entry.subject_id,
            "details": entry.details,
            "operation_id": operation_id,
        }
        for entry in entries
    ]
    if is_sqlite(connection):
        _link_all(rows, head(connection))
    # One statement per entry where there are few: the trigger takes its lock with the first of them.
    connection.execute(insert(AuditEntry.__table__), rows)  # type: ignore[arg-type]


def _link_all(rows: list[dict[str, Any]], last: Head) -> None:
    position, before = last.position, last.hash
    for row in rows:
        position += 1
        details = row["details"]
        salt = secrets.token_hex(16) if details is not None else None
        details_hash = hidden(salt, json.dumps(details)) if salt else None
        entry = canonical(
            details_hash,
            row["at"].astimezone(UTC).strftime(INSTANT),
            row["person_id"],
            row["subject_id"],
            (row["operation_id"], row["action"], row["subject"]),
        )
        before = link(before, position, entry)
        row.update(position=position, salt=salt, details_hash=details_hash, hash=before)
