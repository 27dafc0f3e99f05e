"""Lines of quotes and milestones of contracts come by import, too: where each came from, and what a milestone is worth

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_WORTH = (
    ("type", sa.String(length=400)),
    ("amount", sa.BigInteger()),
    ("share", sa.Integer()),
    ("status", sa.String(length=400)),
)


def upgrade() -> None:
    """Apply."""
    for table, more in (("quote_line", ()), ("milestone", _WORTH)):
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.add_column(
                sa.Column("source_system", sa.String(length=100), server_default="", nullable=False)
            )
            batch.add_column(sa.Column("external_id", sa.String(length=200)))
            batch.add_column(sa.Column("row_key", sa.String(length=64)))
            batch.add_column(sa.Column("raw_values", sa.JSON()))
            for name, kind in more:
                batch.add_column(sa.Column(name, kind))
            batch.create_unique_constraint(op.f(f"uq_{table}_row_key"), ["row_key"])
            batch.create_unique_constraint(
                op.f(f"uq_{table}_source_system_external_id"), ["source_system", "external_id"]
            )


def downgrade() -> None:
    """Take back."""
    for table, more in (("quote_line", ()), ("milestone", _WORTH)):
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f(f"uq_{table}_source_system_external_id"), type_="unique")
            batch.drop_constraint(op.f(f"uq_{table}_row_key"), type_="unique")
            for name in (
                *(name for name, _kind in more),
                "raw_values",
                "row_key",
                "external_id",
                "source_system",
            ):
                batch.drop_column(name)
