"""Metric definitions that are executed, and saved views

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("metric", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("formula", sa.Text(), nullable=True))
        batch.add_column(sa.Column("owner", sa.String(length=100), nullable=True))
        batch.add_column(sa.Column("note", sa.Text(), nullable=True))
        batch.add_column(sa.Column("changed_by_id", _ID, nullable=True))
        batch.create_foreign_key(op.f("fk_metric_changed_by_id"), "person", ["changed_by_id"], ["id"])
        batch.create_index(op.f("ix_metric_changed_by_id"), ["changed_by_id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_saved_view_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_saved_view_owner_id"), "saved_view", ["owner_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("saved_view")
    with op.batch_alter_table("metric", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_index(op.f("ix_metric_changed_by_id"))
        batch.drop_constraint(op.f("fk_metric_changed_by_id"), type_="foreignkey")
        for name in ("changed_by_id", "note", "owner", "formula"):
            batch.drop_column(name)
