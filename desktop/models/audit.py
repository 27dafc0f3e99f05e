"""Who did what when, and which operations were carried out (PER-05)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Short, Stored, ref


class AuditEntry(Stored, Base):
    """One act of one person; entries are only ever added, each bound to the one before it.

    `hash` is the SHA-256 of the previous entry's hash and this entry's canonical text
    (`desktop.store.audit_chain`). The details enter that text as the salted `details_hash` alone: an erasure
    removes details and salt, names the entry that records it in `erased_by`, and the chain still fits.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("position"), {"sqlite_autoincrement": True})

    position: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = ref("person")
    action: Mapped[Short]
    subject: Mapped[Short | None]
    subject_id: Mapped[int | None] = mapped_column(BigId)
    details: Mapped[dict[str, Any] | None]
    operation_id: Mapped[str | None] = mapped_column(String(36))
    salt: Mapped[str | None] = mapped_column(String(32))
    details_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    erased_by: Mapped[int | None] = mapped_column(BigInteger)


class OperationRecord(Base):
    """That an operation was committed: looked up when the reply to COMMIT was lost."""

    __tablename__ = "operation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime]
    action: Mapped[Short]
    person_id: Mapped[int | None] = ref("person")
