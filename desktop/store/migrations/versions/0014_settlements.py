"""Finance's round trip: settlements, the sheets that went out, the files that came back, templates (COL-04, PER-07)

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_NAME = sa.String(length=400)
_HASH = sa.String(length=64)
_SPARSE = {("settlement_return", "undoes_id")}


def _create(
    table: str, *columns: sa.Column[Any], references: dict[str, str], unique: tuple[str, ...] = ()
) -> None:
    # NO ACTION asks twice on PostgreSQL; on SQLite RESTRICT would forbid what a deferred check allows.
    restrict = "RESTRICT" if op.get_bind().dialect.name == "postgresql" else None
    op.create_table(
        table,
        *columns,
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{of}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=restrict
            )
            for column, of in references.items()
        ),
        *([sa.UniqueConstraint(*unique, name=op.f(f"uq_{table}_{'_'.join(unique)}"))] if unique else []),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )
    for column in references:
        filled = sa.text(f"{column} IS NOT NULL") if (table, column) in _SPARSE else None
        op.create_index(
            op.f(f"ix_{table}_{column}"), table, [column], postgresql_where=filled, sqlite_where=filled
        )


def upgrade() -> None:
    """Apply."""
    _create(
        "settlement",
        sa.Column("contract_id", _ID, nullable=False),
        sa.Column("invoice_number", sa.String(length=200)),
        sa.Column("received", sa.BigInteger()),
        sa.Column("settled", sa.Boolean()),
        sa.Column("remark", sa.Text()),
        sa.Column("changed_by_id", _ID),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        references={"contract_id": "contract", "changed_by_id": "person"},
        unique=("contract_id",),
    )
    _create(
        "settlement_sheet",
        sa.Column("made_by_id", _ID, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("hash", _HASH, nullable=False),
        references={"made_by_id": "person"},
    )
    _create(
        "settlement_return",
        sa.Column("file_name", _NAME, nullable=False),
        sa.Column("sha256", _HASH, nullable=False),
        sa.Column("made_by_id", _ID, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("undoes_id", _ID),
        references={"made_by_id": "person", "undoes_id": "settlement_return"},
    )
    _create(
        "fill_template",
        sa.Column("name", _NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(length=100), nullable=False),
        sa.Column("file_name", _NAME, nullable=False),
        sa.Column("sha256", _HASH, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_by_id", _ID, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        references={"made_by_id": "person"},
        unique=("name", "number"),
    )


def downgrade() -> None:
    """Take back."""
    for table in ("fill_template", "settlement_return", "settlement_sheet", "settlement"):
        op.drop_table(table)
