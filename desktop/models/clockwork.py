"""What runs by the clock: who holds it, what fell due and was done, what is to go out (PLT-09, RPT-03, RPT-06)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Editable, Long, Name, Short, Stored, ref


class JobLease(Stored, Base):
    """Who may run the clock until when, by the database's own time; `token` rises with every change of hands."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    holder: Mapped[Name]
    token: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]


class RuleRun(Stored, Base):
    """One thing that fell due: when it was due, when it was done, and what went wrong.

    The pair of rule and key is unique, so that nothing is done twice whoever runs the clock.
    """

    __tablename__ = "rule_run"
    __table_args__ = (
        UniqueConstraint("rule", "due_key"),
        Index("ix_rule_run_due_at", "due_at"),
        {"sqlite_autoincrement": True},
    )

    rule: Mapped[Short]
    due_key: Mapped[str] = mapped_column(String(200))
    subject: Mapped[Name | None]
    due_at: Mapped[datetime]
    acted_at: Mapped[datetime]
    state: Mapped[Short]
    attempts: Mapped[int]
    retry_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    by_id: Mapped[int] = ref("person")


class Schedule(Editable, Base):
    """A report that goes out by the clock: what, when, in which language, about which unit, to whom, where."""

    __tablename__ = "schedule"

    kind: Mapped[Short]
    name: Mapped[Name]
    active: Mapped[bool]
    at: Mapped[str] = mapped_column(String(5))
    unit_id: Mapped[int | None] = ref("org_unit")
    language: Mapped[Short]
    folder: Mapped[Long | None]
    since: Mapped[datetime]
    made_by_id: Mapped[int] = ref("person")


class ScheduleRecipient(Stored, Base):
    """To whom a schedule goes: a person of the firm, or an address such as a group's."""

    __tablename__ = "schedule_recipient"

    schedule_id: Mapped[int] = mapped_column(BigId, ForeignKey("schedule.id"), index=True)
    person_id: Mapped[int | None] = ref("person")
    address: Mapped[Name | None]


class OutboxFile(Stored, Base):
    """A file that goes out, kept once however many get it."""

    __tablename__ = "outbox_file"

    name: Mapped[Name]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[datetime]


class Outbox(Stored, Base):
    """One message to one recipient, or one file for a folder; written with what caused it, sent afterwards.

    `message_key` is made from what was due: trying again is known again, and nothing is queued twice.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("message_key"),
        Index("ix_outbox_state", "state"),
        {"sqlite_autoincrement": True},
    )

    message_key: Mapped[str] = mapped_column(String(300))
    run_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("rule_run.id"), index=True)
    channel: Mapped[Short]
    person_id: Mapped[int | None] = ref("person")
    target: Mapped[Long]
    subject: Mapped[Name]
    body: Mapped[Long]
    body_html: Mapped[Long | None]
    file_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("outbox_file.id"), index=True)
    state: Mapped[Short]
    attempts: Mapped[int]
    token: Mapped[int | None] = mapped_column(BigInteger)
    queued_at: Mapped[datetime]
    retry_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None]
