"""Handovers that were carried out: one line per record that changed hands (HND-04)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Short, Stored, ref


class Handover(Stored, Base):
    """What one person held, given to another in one transaction."""

    __tablename__ = "handover"

    from_person_id: Mapped[int] = ref("person")
    to_person_id: Mapped[int] = ref("person")
    state: Mapped[Short]
    at: Mapped[datetime]
    by_id: Mapped[int] = ref("person")
    operation_id: Mapped[str | None] = mapped_column(String(36))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = ref("person")


class HandoverItem(Stored, Base):
    """One record that changed hands; `kind` is an `OwnedKind`, `record_id` its number."""

    __tablename__ = "handover_item"
    __table_args__ = (
        Index("ix_handover_item_record", "kind", "record_id"),
        {"sqlite_autoincrement": True},
    )

    handover_id: Mapped[int] = mapped_column(BigId, ForeignKey("handover.id"), index=True)
    kind: Mapped[Short]
    record_id: Mapped[int] = mapped_column(BigId)
