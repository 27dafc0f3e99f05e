"""Quotes, contracts, milestones, invoices, payments and payment plans."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, Imported, Long, Minor, Name, Short, ref, sparse_ref


class Quote(Imported, Base):
    """A price offered; how long it holds is computed (`analytics.validity`, APR-03).

    `renewed_on` is the day of its last review: the days of its validity count anew from there.
    """

    __tablename__ = "quote"

    number: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = ref("account")
    opportunity_id: Mapped[int | None] = sparse_ref("opportunity")
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    amount: Mapped[Minor | None]
    discount: Mapped[int | None]
    status: Mapped[Name | None]
    owner_id: Mapped[int | None] = ref("person")
    renewed_on: Mapped[date | None]


class Contract(Imported, Base):
    """An agreement with a customer; `extra_clause` says that it holds a clause written by hand (APR-09)."""

    __tablename__ = "contract"

    number: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[Name | None]
    name_key: Mapped[Name | None]
    account_id: Mapped[int | None] = ref("account")
    opportunity_id: Mapped[int | None] = sparse_ref("opportunity")
    amount: Mapped[Minor | None]
    type: Mapped[Name | None]
    ordered_on: Mapped[date | None]
    signed_on: Mapped[date | None] = mapped_column(index=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    delivery_on: Mapped[date | None]
    customer_signatory: Mapped[Name | None]
    company_signatory: Mapped[Name | None]
    status: Mapped[Name | None]
    owner_id: Mapped[int | None] = ref("person")
    description: Mapped[Long | None]
    quote_id: Mapped[int | None] = sparse_ref("quote")
    extra_clause: Mapped[bool | None]


class Milestone(Imported, Base):
    """A dated step between contract and cash (COL-01); what it lets us bill is an `amount`, or a `share` of the contract."""

    __tablename__ = "milestone"

    contract_id: Mapped[int] = ref("contract")
    name: Mapped[Name]
    type: Mapped[Name | None]
    department: Mapped[Short | None]
    due_on: Mapped[date | None]
    reached_on: Mapped[date | None]
    amount: Mapped[Minor | None]
    share: Mapped[int | None]
    status: Mapped[Name | None]


class Invoice(Imported, Base):
    """An invoice issued to a customer."""

    __tablename__ = "invoice"

    number: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = ref("account")
    contract_id: Mapped[int | None] = sparse_ref("contract")
    amount: Mapped[Minor | None]
    issued_on: Mapped[date | None]
    type: Mapped[Name | None]
    status: Mapped[Name | None]


class Payment(Imported, Base):
    """Money received from a customer."""

    __tablename__ = "payment"

    number: Mapped[str | None] = mapped_column(String(200))
    account_id: Mapped[int | None] = ref("account")
    contract_id: Mapped[int | None] = sparse_ref("contract")
    instalment: Mapped[int | None]
    received_on: Mapped[date | None] = mapped_column(index=True)
    amount: Mapped[Minor | None]
    method: Mapped[Name | None]
    owner_id: Mapped[int | None] = ref("person")
    description: Mapped[Long | None]


class PaymentPlan(Imported, Base):
    """An instalment that falls due (COL-06)."""

    __tablename__ = "payment_plan"

    account_id: Mapped[int | None] = ref("account")
    contract_id: Mapped[int | None] = sparse_ref("contract")
    instalment: Mapped[int | None]
    due_on: Mapped[date | None] = mapped_column(index=True)
    amount: Mapped[Minor | None]
    status: Mapped[Short | None]
