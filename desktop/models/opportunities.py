"""Pipelines as data, opportunities and their stage history (FUN-01 to 13)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
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
    Stored,
    ref,
    sparse_ref,
)


class Pipeline(Editable, Base):
    """A list of stages; `preset` names a shipped one (FUN-02 to 06), `source_system` an imported one."""

    __tablename__ = "pipeline"

    name: Mapped[str] = mapped_column(String(400), unique=True)
    name_zh: Mapped[Name | None]
    preset: Mapped[str | None] = mapped_column(String(100), unique=True)
    source_system: Mapped[Short | None]
    active: Mapped[bool] = mapped_column(default=True)


class Stage(Editable, Base):
    """One stage of a pipeline; `weight` is its process weight (TGT-12), `probability` a fraction in 1/10000."""

    __tablename__ = "stage"
    __table_args__ = (UniqueConstraint("pipeline_id", "name"), {"sqlite_autoincrement": True})

    pipeline_id: Mapped[int] = mapped_column(BigId, ForeignKey("pipeline.id"), index=True)
    position: Mapped[int]
    name: Mapped[Name]
    name_zh: Mapped[Name | None]
    kind: Mapped[Short]
    probability: Mapped[int | None]
    weight: Mapped[int | None]
    department: Mapped[Name | None]
    evidence: Mapped[Long | None]
    limit_days: Mapped[int | None]


class Opportunity(Imported, Base):
    """A deal. `status` follows from the stage's kind; `opened_on` and `closed_on` are business days.

    `probability` and `discount` style fractions are whole numbers of 1/10000.
    """

    __tablename__ = "opportunity"

    name: Mapped[Name]
    name_key: Mapped[Name]
    account_id: Mapped[int | None] = ref("account")
    contact_id: Mapped[int | None] = sparse_ref("contact")
    pipeline_id: Mapped[int] = mapped_column(BigId, ForeignKey("pipeline.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, ForeignKey("stage.id"), index=True)
    status: Mapped[Short] = mapped_column(String(100), index=True)
    amount: Mapped[Minor | None]
    won_amount: Mapped[Minor | None]
    currency: Mapped[Short] = mapped_column(String(100), default="CNY")
    probability: Mapped[int | None]
    type: Mapped[Name | None]
    source: Mapped[Name | None]
    campaign: Mapped[Name | None]
    product: Mapped[Name | None]
    competitor: Mapped[Name | None]
    next_step: Mapped[Long | None]
    lost_reason: Mapped[Long | None]
    opened_on: Mapped[date | None]
    expected_close_on: Mapped[date | None]
    closed_on: Mapped[date | None] = mapped_column(index=True)
    owner_id: Mapped[int | None] = ref("person")
    description: Mapped[Long | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    stage_changed_at: Mapped[datetime | None]


class StageEvent(Stored, Base):
    """A deal entered a stage. `inferred` marks the one event of a deal that came without history."""

    __tablename__ = "stage_event"
    __table_args__ = (
        Index("ix_stage_event_opportunity_id_entered_on", "opportunity_id", "entered_on"),
        Index("ix_stage_event_stage_id_entered_on", "stage_id", "entered_on"),
        {"sqlite_autoincrement": True},
    )

    opportunity_id: Mapped[int] = mapped_column(BigId, ForeignKey("opportunity.id"))
    stage_id: Mapped[int] = mapped_column(BigId, ForeignKey("stage.id"))
    from_stage_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stage.id"))
    entered_on: Mapped[date | None]
    entered_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    inferred: Mapped[bool] = mapped_column(default=False)
