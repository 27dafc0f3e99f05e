"""Reports, the snapshots that are approved, and the files that went out (APR-06, RPT-07, RPT-17)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Editable, Long, Short, Stored, ref, sparse_ref


class Report(Editable, Base):
    """A report from draft to export; `parameters` is what its query was asked for."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> submitted_by_id", name="second_person"),
        {"sqlite_autoincrement": True},
    )

    template: Mapped[Short]
    period: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int | None] = ref("org_unit")
    parameters: Mapped[dict[str, Any]]
    state: Mapped[Short]
    made_by_id: Mapped[int] = ref("person")
    made_at: Mapped[datetime]
    submitted_by_id: Mapped[int | None] = ref("person")
    submitted_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = ref("person")
    approved_at: Mapped[datetime | None]
    reject_reason: Mapped[Long | None]


class Snapshot(Stored, Base):
    """Figures frozen at a moment: canonical document, totals, hash; never changed once a report is submitted.

    `document` is the canonical JSON text from which screen and workbook are drawn; `hash` its SHA-256.
    """

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("report_id", "number"), {"sqlite_autoincrement": True})

    report_id: Mapped[int] = mapped_column(BigId, ForeignKey("report.id"), index=True)
    number: Mapped[int]
    as_of: Mapped[date]
    taken_at: Mapped[datetime]
    row_count: Mapped[int]
    totals: Mapped[dict[str, Any]]
    metric_versions: Mapped[dict[str, Any]]
    document: Mapped[Long]
    hash: Mapped[str] = mapped_column(String(64))


class ReportFile(Stored, Base):
    """The exact bytes of a workbook that went out, for `verify`: of a report's snapshot, or of a settlement sheet.

    `chain_position` and `chain_hash` are the head of the audit chain that is printed on a report's cover.
    """

    __tablename__ = "report_file"
    __table_args__ = (
        CheckConstraint(
            "(report_id IS NULL) = (snapshot_id IS NULL) AND (report_id IS NULL) <> (sheet_id IS NULL)",
            name="one_origin",
        ),
        {"sqlite_autoincrement": True},
    )

    report_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("report.id"), index=True)
    snapshot_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("snapshot.id"))
    sheet_id: Mapped[int | None] = sparse_ref("settlement_sheet")
    language: Mapped[Short]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    exported_by_id: Mapped[int] = ref("person")
    exported_at: Mapped[datetime]
    chain_position: Mapped[int | None] = mapped_column(BigInteger)
    chain_hash: Mapped[str | None] = mapped_column(String(64))


class SealKey(Stored, Base):
    """The public half of a key that seals workbooks; the private one stays in the vault of whoever made it.

    A key is only ever added. It is retired by the one that `replaces_id` names it in, if that one is of the
    same person or of an administrator; what it sealed before stays proven. `key_id` is the beginning of the
    public key's SHA-256.
    """

    __tablename__ = "seal_key"

    key_id: Mapped[str] = mapped_column(String(16))
    public_key: Mapped[str] = mapped_column(String(64))
    made_by_id: Mapped[int] = ref("person")
    made_at: Mapped[datetime]
    replaces_id: Mapped[int | None] = ref("seal_key")
