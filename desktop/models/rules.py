"""Configuration as records with an effective date: thresholds, metrics, and the database's own settings."""

from datetime import date
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, Editable, Long, Name, Short, ref


class Threshold(Editable, Base):
    """A value of Appendix A from a day on; the latest effective row counts."""

    __tablename__ = "threshold"
    __table_args__ = (UniqueConstraint("key", "effective_from"), {"sqlite_autoincrement": True})

    key: Mapped[str] = mapped_column(String(100), index=True)
    value: Mapped[dict[str, Any]]
    unit: Mapped[Short | None]
    requirement: Mapped[Short | None]
    source: Mapped[Short | None]
    effective_from: Mapped[date]
    changed_by_id: Mapped[int | None] = ref("person")


class Metric(Editable, Base):
    """One definition of one figure, in two languages, with a version (RPT-01).

    `formula` is what the metric layer executes; `owner` is the role that answers for the definition.
    """

    __tablename__ = "metric"
    __table_args__ = (UniqueConstraint("key", "number"), {"sqlite_autoincrement": True})

    key: Mapped[str] = mapped_column(String(100), index=True)
    number: Mapped[int]
    label_en: Mapped[Name]
    label_zh: Mapped[Name]
    definition_en: Mapped[Long]
    definition_zh: Mapped[Long]
    unit: Mapped[Short]
    effective_from: Mapped[date]
    formula: Mapped[Long | None]
    owner: Mapped[Short | None]
    note: Mapped[Long | None]
    changed_by_id: Mapped[int | None] = ref("person")


class DatabaseSetting(Base):
    """A fact about this database: business zone, pinned date of a demo, version of the seeds."""

    __tablename__ = "database_setting"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Long]
