"""Who did what when, and which operations were carried out (PER-05)."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Short, Stored, ref


class AuditEntry(Stored, Base):
    """One act of one person; entries are only ever added."""

    __tablename__ = "audit_entry"

    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = ref("person")
    action: Mapped[Short]
    subject: Mapped[Short | None]
    subject_id: Mapped[int | None] = mapped_column(BigId)
    details: Mapped[dict[str, Any] | None]
    operation_id: Mapped[str | None] = mapped_column(String(36))


class OperationRecord(Base):
    """That an operation was committed: looked up when the reply to COMMIT was lost."""

    __tablename__ = "operation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime]
    action: Mapped[Short]
    person_id: Mapped[int | None] = ref("person")
