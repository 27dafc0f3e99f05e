"""Import runs with lineage and before-images, and remembered mappings (IMP-01, IMP-10)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Editable, Name, Short, Stored, ref


class ImportRun(Stored, Base):
    """One migration: everything it read and did, in one transaction."""

    __tablename__ = "import_run"

    state: Mapped[Short]
    at: Mapped[datetime]
    by_id: Mapped[int] = ref("person")
    source_system: Mapped[Short]
    files: Mapped[list[Any]]
    totals: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = ref("person")


class Lineage(Base):
    """What a run did to a record, and from which row of which file.

    `action` is created, updated or unchanged. `before` and `after` are the changed columns' values as the
    run found and left them (null for a created record), and `version` the row version that it left behind.
    No constraint holds `run_id` (the integrity check does): checked for every line, it would cost more than
    writing the line. A created record that has moved on since is kept when the run is undone; of a changed one those
    columns are that somebody changed since.
    """

    __tablename__ = "import_lineage"
    __table_args__ = (
        Index("ix_import_lineage_run_id", "run_id"),
        Index("ix_import_lineage_table_name_record_id", "table_name", "record_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[int] = mapped_column(BigId)
    table_name: Mapped[Short]
    record_id: Mapped[int] = mapped_column(BigId)
    action: Mapped[Short]
    file: Mapped[Name | None]
    sheet: Mapped[Name | None]
    row: Mapped[int | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    version: Mapped[int]
    undone: Mapped[bool] = mapped_column(default=False)


class ImportEvidence(Stored, Base):
    """What the sources of a run held, and what of it was left out: the other side of its certificate."""

    __tablename__ = "import_evidence"

    run_id: Mapped[int] = ref("import_run")
    document: Mapped[dict[str, Any]]


class MappingProfile(Editable, Base):
    """A mapping that a person confirmed, found again by the fingerprint of its headers."""

    __tablename__ = "mapping_profile"

    name: Mapped[Name]
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    entity: Mapped[Short]
    mapping: Mapped[dict[str, Any]]
    used_at: Mapped[datetime | None]
