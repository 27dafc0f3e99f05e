"""What somebody who leads a person tells them, to coach them (PER-02)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from desktop.models.base import Base, Long, Stored, ref


class CoachingNote(Stored, Base):
    """A note about a person, perhaps on one of their deals or customers; written once, never changed."""

    __tablename__ = "coaching_note"
    __table_args__ = (
        CheckConstraint("person_id <> by_id", name="another"),
        {"sqlite_autoincrement": True},
    )

    person_id: Mapped[int] = ref("person")
    by_id: Mapped[int] = ref("person")
    account_id: Mapped[int | None] = ref("account")
    opportunity_id: Mapped[int | None] = ref("opportunity")
    note: Mapped[Long]
    at: Mapped[datetime]
