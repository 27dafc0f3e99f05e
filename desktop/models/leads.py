"""Leads and the campaigns that bring them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, Imported, Long, Minor, Name, Short, Stored, reach, ref


class Campaign(Imported, Base):
    """A marketing activity."""

    __tablename__ = "campaign"

    name: Mapped[Name]
    name_key: Mapped[Name] = mapped_column(String(400), index=True)
    type: Mapped[Name | None]
    status: Mapped[Name | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    budget: Mapped[Minor | None]
    cost: Mapped[Minor | None]
    expected_revenue: Mapped[Minor | None]
    owner_id: Mapped[int | None] = ref("person")


class Lead(Imported, Base):
    """A possible customer before the first opportunity (LED-01)."""

    __tablename__ = "lead"

    name: Mapped[Name]
    name_key: Mapped[Name]
    company: Mapped[Name | None]
    contact_name: Mapped[Name | None]
    first_name: Mapped[Name | None]
    last_name: Mapped[Name | None]
    title: Mapped[Name | None]
    decision_rank: Mapped[Name | None]
    mobile: Mapped[Short | None] = reach()
    phone: Mapped[Short | None] = reach()
    email: Mapped[Name | None] = reach()
    website: Mapped[Long | None]
    industry: Mapped[Name | None]
    grade: Mapped[Short | None]
    source: Mapped[Name | None]
    campaign: Mapped[Name | None]
    budget_range: Mapped[Name | None]
    web_dwell_seconds: Mapped[int | None]
    employees: Mapped[int | None]
    annual_revenue: Mapped[Minor | None]
    status: Mapped[Name | None]
    country: Mapped[Name | None]
    region: Mapped[Name | None]
    city: Mapped[Name | None]
    address: Mapped[Long | None]
    owner_id: Mapped[int | None] = ref("person")
    assigned_at: Mapped[datetime | None]
    first_contact_at: Mapped[datetime | None]
    last_contact_at: Mapped[datetime | None]
    next_contact_at: Mapped[datetime | None]
    description: Mapped[Long | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]


class Refusal(Stored, Base):
    """A customer's reasoned refusal: nobody is given this customer before `blocked_until` (DUP-06, LED-14).

    It names the customer or lead that refused; whoever shares a phone, mail, credit code or name with it is
    the same customer (`store.refusals`). A lifted one stays on record.
    """

    __tablename__ = "refusal"
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (lead_id IS NULL)", name="one_customer"),
        {"sqlite_autoincrement": True},
    )

    account_id: Mapped[int | None] = ref("account")
    lead_id: Mapped[int | None] = ref("lead")
    reason: Mapped[Name]
    source: Mapped[Short | None]
    refused_on: Mapped[date]
    blocked_until: Mapped[date]
    by_id: Mapped[int] = ref("person")
    recorded_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = ref("person")
    lift_reason: Mapped[Name | None]
