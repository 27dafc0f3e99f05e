"""Workbooks of settlement sheets are registered beside those of reports, so that verify knows them (RPT-07, PER-07)

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORIGIN = "(report_id IS NULL) = (snapshot_id IS NULL) AND (report_id IS NULL) <> (sheet_id IS NULL)"


def upgrade() -> None:
    """Apply."""
    _triggers("DROP")
    with op.batch_alter_table("report_file", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("report_id", existing_type=_ID, nullable=True)
        batch.alter_column("snapshot_id", existing_type=_ID, nullable=True)
        batch.add_column(sa.Column("sheet_id", _ID, nullable=True))
        batch.create_foreign_key(
            op.f("fk_report_file_sheet_id"), "settlement_sheet", ["sheet_id"], ["id"], ondelete=_restrict()
        )
        batch.create_check_constraint(op.f("ck_report_file_one_origin"), _ORIGIN)
    filled = sa.text("sheet_id IS NOT NULL")
    op.create_index(
        op.f("ix_report_file_sheet_id"),
        "report_file",
        ["sheet_id"],
        postgresql_where=filled,
        sqlite_where=filled,
    )
    _triggers("CREATE")


def downgrade() -> None:
    """Take back; what was registered of settlement sheets has no place any more."""
    _triggers("DROP")
    op.execute("DELETE FROM report_file WHERE sheet_id IS NOT NULL")
    op.drop_index(op.f("ix_report_file_sheet_id"), table_name="report_file")
    with op.batch_alter_table("report_file", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_report_file_one_origin"), type_="check")
        batch.drop_constraint(op.f("fk_report_file_sheet_id"), type_="foreignkey")
        batch.drop_column("sheet_id")
        batch.alter_column("report_id", existing_type=_ID, nullable=False)
        batch.alter_column("snapshot_id", existing_type=_ID, nullable=False)
    _triggers("CREATE")


def _triggers(verb: str) -> None:
    """Take SQLite's guards of the table away, or put them back: the table is made anew, and they go with it."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for change in ("UPDATE", "DELETE"):
        name = f"report_file_kept_{change.lower()}"
        op.execute(
            f"DROP TRIGGER {name}"
            if verb == "DROP"
            else f"CREATE TRIGGER {name} BEFORE {change} ON report_file "
            "BEGIN SELECT RAISE(ABORT, 'report_file is only ever added to'); END"
        )


def _restrict() -> str | None:
    return "RESTRICT" if op.get_bind().dialect.name == "postgresql" else None
