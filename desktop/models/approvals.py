"""Approvals: flows and their levels, requests, the signatures they wait for, deputies (APR-01, 02, 04, 05)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Editable, Long, Name, Short, Stored, ref, sparse_ref

_WAITS = text("state = 'waiting'")


class ApprovalFlow(Editable, Base):
    """The levels that requests of a kind go through; the newest of a kind that was activated is in force.

    Once it is activated it stays as it is: requests keep the flow they were made under.
    """

    __tablename__ = "approval_flow"

    kind: Mapped[Short] = mapped_column(index=True)
    name: Mapped[Name]
    activated_at: Mapped[datetime | None]
    made_by_id: Mapped[int | None] = ref("person")


class ApprovalLevel(Stored, Base):
    """One level of a flow: who signs, and when it applies.

    It applies where each of its `conditions` is met, so always without any: {"fact", "comparison", "value"}, or
    "threshold" in place of "value" for that threshold's value of the day; a fact that is missing counts as met.
    `approvers` lists whom a signature is asked of: "role:finance", "duty:legal", "person:12". `hours`
    of working time (or the threshold `hours_key`) until it is due, plain hours where it runs `around_the_clock`;
    then `escalate_to` may sign as well.
    """

    __tablename__ = "approval_level"
    __table_args__ = (UniqueConstraint("flow_id", "number"), {"sqlite_autoincrement": True})

    flow_id: Mapped[int] = mapped_column(BigId, ForeignKey("approval_flow.id"))
    number: Mapped[int]
    name: Mapped[Name]
    conditions: Mapped[list[Any]]
    mode: Mapped[Short]
    approvers: Mapped[list[Any]]
    hours: Mapped[int | None]
    hours_key: Mapped[Short | None]
    around_the_clock: Mapped[bool] = mapped_column(default=False)
    escalate_to: Mapped[Short | None]


class ApprovalRequest(Editable, Base):
    """One decision asked for; nobody who decides is the requester.

    `subject_id` is the record's number within its kind; `facts` what conditions look at, `payload` what
    an approval does, `levels` the numbers of the flow's levels that apply: all frozen when it is made.
    """

    __tablename__ = "approval_request"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> requested_by_id", name="second_person"),
        Index(
            "uq_approval_request_waiting",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
        {"sqlite_autoincrement": True},
    )

    kind: Mapped[Short]
    title: Mapped[Name]
    report_id: Mapped[int | None] = ref("report")
    subject_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    flow_id: Mapped[int | None] = ref("approval_flow")
    levels: Mapped[list[Any] | None]
    facts: Mapped[dict[str, Any] | None]
    payload: Mapped[dict[str, Any] | None]
    follows_id: Mapped[int | None] = sparse_ref("approval_request")
    state: Mapped[Short]
    requested_by_id: Mapped[int] = ref("person")
    requested_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = ref("person")
    decided_at: Mapped[datetime | None]
    reason: Mapped[Long | None]


class ApprovalTask(Editable, Base):
    """One signature that a request waits or waited for.

    `slot` is whom it is asked of, as `ApprovalLevel.approvers` says it; `added_by_id` who asked for it
    beyond the flow; `on_behalf_of_id` for whom a deputy signed.
    """

    __tablename__ = "approval_task"
    __table_args__ = (UniqueConstraint("request_id", "number", "slot"), {"sqlite_autoincrement": True})

    request_id: Mapped[int] = mapped_column(BigId, ForeignKey("approval_request.id"))
    number: Mapped[int]
    slot: Mapped[Short]
    state: Mapped[Short]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    added_by_id: Mapped[int | None] = sparse_ref("person")
    escalated_at: Mapped[datetime | None]
    escalated_to: Mapped[Short | None]
    decided_by_id: Mapped[int | None] = ref("person")
    on_behalf_of_id: Mapped[int | None] = sparse_ref("person")
    decided_at: Mapped[datetime | None]
    reason: Mapped[Long | None]


class ApprovalDuty(Stored, Base):
    """Who holds a duty that no role stands for: legal review, delivery review."""

    __tablename__ = "approval_duty"
    __table_args__ = (UniqueConstraint("duty", "person_id"), {"sqlite_autoincrement": True})

    duty: Mapped[Short]
    person_id: Mapped[int] = ref("person")


class Deputy(Editable, Base):
    """Who signs for somebody absent, from one day to another, both included."""

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("person_id <> deputy_id", name="another"),
        {"sqlite_autoincrement": True},
    )

    person_id: Mapped[int] = ref("person")
    deputy_id: Mapped[int] = ref("person")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[Name | None]
    made_by_id: Mapped[int | None] = ref("person")
