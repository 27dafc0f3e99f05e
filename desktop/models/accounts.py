"""Accounts and contacts: the customer archive (CUS-01 to 11)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import (
    SPARSE,
    Base,
    BigId,
    Imported,
    Long,
    Minor,
    Name,
    Short,
    reach,
    ref,
    sparse_ref,
)


class Account(Imported, Base):
    """A customer. `name_key` is the exact normalised name, `last_effective_at` is kept (ACT-07)."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("source_system", "external_id"),
        # With the number: whose customers these are is asked by every policy, and answered from the index alone.
        Index("ix_account_owner_id_id", "owner_id", "id"),
        {"sqlite_autoincrement": True},
    )

    name: Mapped[Name]
    name_key: Mapped[Name]
    short_name: Mapped[Name | None]
    credit_code: Mapped[Short | None]
    parent_id: Mapped[int | None] = sparse_ref("account")
    industry: Mapped[Name | None]
    grade: Mapped[Short | None]
    type: Mapped[Name | None]
    status: Mapped[Name | None]
    source: Mapped[Name | None]
    cooperation_stage: Mapped[Name | None]
    country: Mapped[Name | None]
    region: Mapped[Name | None]
    province: Mapped[Name | None]
    city: Mapped[Name | None]
    district: Mapped[Name | None]
    address: Mapped[Long | None]
    postal_code: Mapped[Short | None]
    phone: Mapped[Short | None] = reach()
    mobile: Mapped[Short | None] = reach()
    fax: Mapped[Short | None] = reach()
    email: Mapped[Name | None] = reach()
    website: Mapped[Long | None]
    employees: Mapped[int | None]
    annual_revenue: Mapped[Minor | None]
    annual_purchase: Mapped[Minor | None]
    purchase_cycle: Mapped[Name | None]
    budget_range: Mapped[Name | None]
    go_live_on: Mapped[date | None]
    it_compatibility: Mapped[Long | None]
    founded_on: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    tags: Mapped[list[Any] | None]
    last_contact_at: Mapped[datetime | None]
    next_contact_at: Mapped[datetime | None]
    last_effective_at: Mapped[datetime | None] = mapped_column(index=True, info={SPARSE: True})
    description: Mapped[Long | None]
    created_by_id: Mapped[int | None] = sparse_ref("person")
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]


class Contact(Imported, Base):
    """A person at a customer; may stand without an account."""

    __tablename__ = "contact"

    account_id: Mapped[int | None] = sparse_ref("account")
    name: Mapped[Name]
    name_key: Mapped[Name]
    first_name: Mapped[Name | None]
    last_name: Mapped[Name | None]
    salutation: Mapped[Short | None]
    gender: Mapped[Short | None]
    title: Mapped[Name | None]
    department: Mapped[Name | None]
    decision_role: Mapped[Name | None]
    is_decision_maker: Mapped[bool | None]
    mobile: Mapped[Short | None] = reach()
    phone: Mapped[Short | None] = reach()
    email: Mapped[Name | None] = reach()
    wechat: Mapped[Name | None] = reach()
    birthday: Mapped[date | None]
    country: Mapped[Name | None]
    region: Mapped[Name | None]
    city: Mapped[Name | None]
    address: Mapped[Long | None]
    postal_code: Mapped[Short | None]
    source: Mapped[Name | None]
    owner_id: Mapped[int | None] = ref("person")
    last_contact_at: Mapped[datetime | None]
    next_contact_at: Mapped[datetime | None]
    description: Mapped[Long | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
