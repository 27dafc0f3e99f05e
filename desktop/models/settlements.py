"""What finance writes beside contracts, the sheets that went out for it, and finance's own workbooks (COL-04, PER-07)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, Editable, Long, Minor, Name, Short, Stored, ref, sparse_ref


class Settlement(Editable, Base):
    """What finance says of one contract: invoice number, money received, settled or not, a remark."""

    __tablename__ = "settlement"
    __table_args__ = (UniqueConstraint("contract_id"), {"sqlite_autoincrement": True})

    contract_id: Mapped[int] = ref("contract")
    invoice_number: Mapped[str | None] = mapped_column(String(200))
    received: Mapped[Minor | None]
    settled: Mapped[bool | None]
    remark: Mapped[Long | None]
    changed_by_id: Mapped[int | None] = ref("person")


class SettlementSheet(Stored, Base):
    """One sheet that went to finance: its rows as they stood, as canonical JSON with its SHA-256; never changed."""

    __tablename__ = "settlement_sheet"

    made_by_id: Mapped[int] = ref("person")
    made_at: Mapped[datetime]
    as_of: Mapped[date]
    row_count: Mapped[int]
    document: Mapped[Long]
    hash: Mapped[str] = mapped_column(String(64))


class SettlementReturn(Stored, Base):
    """One returned file that was applied: each row before and after; one that takes another back names it."""

    __tablename__ = "settlement_return"

    file_name: Mapped[Name]
    sha256: Mapped[str] = mapped_column(String(64))
    made_by_id: Mapped[int] = ref("person")
    made_at: Mapped[datetime]
    changes: Mapped[list[Any]]
    undoes_id: Mapped[int | None] = sparse_ref("settlement_return")


class FillTemplate(Stored, Base):
    """One version of a workbook of finance's that is filled with reports; a newer one has the next number."""

    __tablename__ = "fill_template"
    __table_args__ = (UniqueConstraint("name", "number"), {"sqlite_autoincrement": True})

    name: Mapped[Name]
    number: Mapped[int]
    report: Mapped[Short]
    file_name: Mapped[Name]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_by_id: Mapped[int] = ref("person")
    made_at: Mapped[datetime]
