"""What happened with a customer, and what is to be done."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import (
    Base,
    BigId,
    Editable,
    Imported,
    Long,
    Minor,
    Name,
    Short,
    reach,
    ref,
    sparse_ref,
)


class Activity(Imported, Base):
    """A contact with a customer, as it was logged (ACT-01 to 07, IMP-09).

    `occurred_on` is the business day of `occurred_at`; `logged_at` is when the source recorded it.
    """

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("source_system", "external_id"),
        Index("ix_activity_account_id_occurred_at", "account_id", "occurred_at"),
        Index("ix_activity_owner_id_occurred_on", "owner_id", "occurred_on"),
        {"sqlite_autoincrement": True},
    )

    type: Mapped[Short | None]
    subject: Mapped[Long | None]
    content: Mapped[Long | None]
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    contact_id: Mapped[int | None] = sparse_ref("contact")
    opportunity_id: Mapped[int | None] = sparse_ref("opportunity")
    lead_id: Mapped[int | None] = sparse_ref("lead")
    owner_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    occurred_at: Mapped[datetime | None]
    occurred_on: Mapped[date | None] = mapped_column(index=True)
    logged_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    duration_minutes: Mapped[int | None]
    direction: Mapped[Short | None]
    status: Mapped[Name | None]
    outcome: Mapped[Long | None]
    progress_tag: Mapped[list[Any] | None]
    pains: Mapped[list[Any] | None]
    competitor: Mapped[Name | None]
    next_action: Mapped[Long | None]
    next_contact_at: Mapped[datetime | None]
    location: Mapped[Name | None]
    effective: Mapped[bool] = mapped_column(default=False)


class Todo(Editable, Base):
    """Something that a person has to do by a day; stored in table `task` (RPT-14)."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("state <> 'open' OR due_on IS NOT NULL", name="by_when"),
        {"sqlite_autoincrement": True},
    )

    title: Mapped[Name]
    kind: Mapped[Short | None]
    owner_id: Mapped[int | None] = ref("person")
    account_id: Mapped[int | None] = ref("account")
    opportunity_id: Mapped[int | None] = ref("opportunity")
    due_on: Mapped[date | None] = mapped_column(index=True)
    state: Mapped[Short]
    dedup_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    done_at: Mapped[datetime | None]
    note: Mapped[Long | None]


class Ticket(Imported, Base):
    """A service case (REN-05)."""

    __tablename__ = "ticket"

    account_id: Mapped[int | None] = ref("account")
    contact_id: Mapped[int | None] = sparse_ref("contact")
    subject: Mapped[Long | None]
    type: Mapped[Name | None]
    priority: Mapped[Name | None]
    status: Mapped[Name | None]
    opened_at: Mapped[datetime | None]
    first_response_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    owner_id: Mapped[int | None] = ref("person")
    satisfaction: Mapped[float | None] = mapped_column(Float(53))
    content: Mapped[Long | None]


class Touchpoint(Imported, Base):
    """A marketing touch on the customer's journey (ATT-01 to 03)."""

    __tablename__ = "touchpoint"

    customer_id: Mapped[str | None] = mapped_column(String(200))
    account_id: Mapped[int | None] = ref("account")
    lead_id: Mapped[int | None] = sparse_ref("lead")
    channel: Mapped[Name | None]
    campaign: Mapped[Name | None]
    occurred_at: Mapped[datetime | None]
    event: Mapped[Name | None]
    seconds: Mapped[float | None] = mapped_column(Float(53))
    converted: Mapped[bool | None]
    value: Mapped[Minor | None]


class CallRecord(Imported, Base):
    """A call as the carrier saw it (IMP-05)."""

    __tablename__ = "call_record"

    caller: Mapped[Short | None] = reach()
    callee: Mapped[Short | None] = reach()
    started_at: Mapped[datetime | None]
    duration_seconds: Mapped[int | None]
    direction: Mapped[Short | None]
    owner_id: Mapped[int | None] = ref("person")


class Checkin(Imported, Base):
    """A check-in on site, as the phone reported it (VIS-12)."""

    __tablename__ = "checkin"

    owner_id: Mapped[int | None] = ref("person")
    account_id: Mapped[int | None] = ref("account")
    checked_in_at: Mapped[datetime | None]
    latitude: Mapped[float | None] = mapped_column(Float(53))
    longitude: Mapped[float | None] = mapped_column(Float(53))
    address: Mapped[Long | None]
