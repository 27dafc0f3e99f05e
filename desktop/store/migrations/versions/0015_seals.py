"""Public keys with which exported workbooks are sealed; what was frozen stays as it is on SQLite, too (RPT-07)

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_KEPT = ("snapshot", "report_file", "seal_key")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "seal_key",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", _ID, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("replaces_id", _ID, nullable=True),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_seal_key_made_by_id"), ondelete=_restrict()
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["seal_key.id"], name=op.f("fk_seal_key_replaces_id"), ondelete=_restrict()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_seal_key_made_by_id"), "seal_key", ["made_by_id"], unique=False)
    op.create_index(op.f("ix_seal_key_replaces_id"), "seal_key", ["replaces_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        # PostgreSQL has guards of its own (store/access), also against whoever owns the tables.
        for table in _KEPT:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_kept_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
                )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _KEPT:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_kept_{verb}")
    op.drop_index(op.f("ix_seal_key_replaces_id"), table_name="seal_key")
    op.drop_index(op.f("ix_seal_key_made_by_id"), table_name="seal_key")
    op.drop_table("seal_key")


def _restrict() -> str | None:
    return "RESTRICT" if op.get_bind().dialect.name == "postgresql" else None
