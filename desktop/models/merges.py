"""Merged records with what is needed to split them again, and decisions that records are apart (DUP-01)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Name, Short, Stored, ref


class RecordMerge(Stored, Base):
    """One merge: the record that stayed, and before-images of everything it changed.

    `images` holds the whole rows of the records that went, the columns of the one that stayed as they
    were and as the merge left them, and every row elsewhere that was pointed at it.
    """

    __tablename__ = "record_merge"
    __table_args__ = (
        Index("ix_record_merge_survivor", "table_name", "survivor_id"),
        {"sqlite_autoincrement": True},
    )

    table_name: Mapped[Short]
    survivor_id: Mapped[int] = mapped_column(BigId)
    merged_ids: Mapped[list[Any]]
    choices: Mapped[dict[str, Any]]
    images: Mapped[dict[str, Any]]
    state: Mapped[Short]
    at: Mapped[datetime]
    by_id: Mapped[int] = ref("person")
    operation_id: Mapped[str | None] = mapped_column(String(36))
    split_at: Mapped[datetime | None]
    split_by_id: Mapped[int | None] = ref("person")


class RecordAlias(Stored, Base):
    """Keys under which a merged record goes on being known, and its cells as its sources last told them.

    An import that brings `origin_id` again finds the record that stayed; cells that are still as in `image`
    change nothing.
    """

    __tablename__ = "record_alias"
    __table_args__ = (
        Index("ix_record_alias_record", "table_name", "record_id"),
        {"sqlite_autoincrement": True},
    )

    merge_id: Mapped[int] = mapped_column(BigId, ForeignKey("record_merge.id"), index=True)
    table_name: Mapped[Short]
    record_id: Mapped[int] = mapped_column(BigId)
    origin_id: Mapped[int] = mapped_column(BigId)
    source_system: Mapped[str] = mapped_column(String(100), default="", server_default="")
    external_id: Mapped[str | None] = mapped_column(String(200))
    row_key: Mapped[str | None] = mapped_column(String(64))
    name_key: Mapped[Name | None]
    image: Mapped[dict[str, Any]]


class ApartDecision(Stored, Base):
    """A person's word that two records are not the same; `facts` is a hash of what it was given about."""

    __tablename__ = "apart_decision"
    __table_args__ = (UniqueConstraint("table_name", "one_id", "other_id"), {"sqlite_autoincrement": True})

    table_name: Mapped[Short]
    one_id: Mapped[int] = mapped_column(BigId)
    other_id: Mapped[int] = mapped_column(BigId)
    facts: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    by_id: Mapped[int] = ref("person")
