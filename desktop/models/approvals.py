"""Requests that a second person has to decide (APR-06)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from desktop.models.base import Base, Editable, Long, Name, Short, ref


class ApprovalRequest(Editable, Base):
    """One decision asked for; the approver is never the requester."""

    __tablename__ = "approval_request"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> requested_by_id", name="second_person"),
        {"sqlite_autoincrement": True},
    )

    kind: Mapped[Short]
    title: Mapped[Name]
    report_id: Mapped[int | None] = ref("report")
    state: Mapped[Short]
    requested_by_id: Mapped[int] = ref("person")
    requested_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = ref("person")
    decided_at: Mapped[datetime | None]
    reason: Mapped[Long | None]
