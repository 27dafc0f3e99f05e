"""Lines of quotes, frozen versions of what was approved, and risk notes on contracts (APR-03 to 11, PER-06)."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import (
    Base,
    Editable,
    Imported,
    Long,
    MicroPrice,
    Minor,
    Name,
    Short,
    Stored,
    ref,
    sparse_ref,
)


class QuoteLine(Imported, Base):
    """One line of a quote; `quantity` is in thousandths.

    `list_price` and `cost` are the product's as they were when the line was written: the margin of an offer does
    not move when the price list does (APR-10).
    """

    __tablename__ = "quote_line"

    quote_id: Mapped[int] = ref("quote")
    position: Mapped[int]
    product_id: Mapped[int | None] = ref("product")
    name: Mapped[Name]
    quantity: Mapped[int] = mapped_column(BigInteger)
    list_price: Mapped[MicroPrice | None]
    unit_price: Mapped[MicroPrice]
    cost: Mapped[MicroPrice | None]
    amount: Mapped[Minor]


class PaperVersion(Stored, Base):
    """What a quote or a contract said when it was approved: its terms as JSON text, and the SHA-256 of that text (PER-06)."""

    __tablename__ = "paper_version"
    __table_args__ = (
        CheckConstraint("quote_id IS NOT NULL OR contract_id IS NOT NULL", name="one_paper"),
        {"sqlite_autoincrement": True},
    )

    quote_id: Mapped[int | None] = ref("quote")
    contract_id: Mapped[int | None] = ref("contract")
    number: Mapped[int]
    content: Mapped[Long]
    hash: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[int] = ref("approval_request")
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int] = ref("person")


class ClauseNote(Editable, Base):
    """What somebody fears of one clause of a contract, and what became of it (APR-11)."""

    __tablename__ = "clause_note"

    contract_id: Mapped[int] = ref("contract")
    clause: Mapped[Name]
    severity: Mapped[Short]
    note: Mapped[Long]
    by_id: Mapped[int] = ref("person")
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = sparse_ref("person")
    answer: Mapped[Long | None]
