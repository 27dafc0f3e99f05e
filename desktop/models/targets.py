"""Targets, accepted weekly targets and the firm's own calendar (TGT-01 to 21)."""

from datetime import date

from sqlalchemy import Float, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Editable, Imported, Minor, Name, Short, ref


class Target(Imported, Base):
    """What a person or a unit shall reach in a period; `value` has scale 2 whatever the metric.

    Exactly one of `person_id` and `unit_id` is set. `metric` is a key of the metric dictionary or
    the source's own word.
    """

    __tablename__ = "target"

    person_id: Mapped[int | None] = ref("person")
    unit_id: Mapped[int | None] = ref("org_unit")
    period: Mapped[str] = mapped_column(String(20), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    metric: Mapped[Name]
    value: Mapped[Minor]


class WeeklyTarget(Editable, Base):
    """A calibrated week that was accepted for a person (TGT-11); weeks add up to the month."""

    __tablename__ = "weekly_target"
    __table_args__ = (UniqueConstraint("target_id", "week"), {"sqlite_autoincrement": True})

    target_id: Mapped[int] = mapped_column(BigId, ForeignKey("target.id"), index=True)
    week: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    value: Mapped[Minor]
    original: Mapped[Minor]
    accepted_by_id: Mapped[int | None] = ref("person")


class CalendarEvent(Imported, Base):
    """A holiday, make-up day, fair or season of the firm's own calendar (TGT-13)."""

    __tablename__ = "calendar_event"

    name: Mapped[Name]
    kind: Mapped[Short]
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
    region: Mapped[Name | None]
    industry: Mapped[Name | None]
    factor: Mapped[float | None] = mapped_column(Float(53))
