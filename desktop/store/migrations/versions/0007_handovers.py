"""Handovers that were carried out (HND-04)

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    people = ("from_person_id", "to_person_id", "by_id", "undone_by_id")
    op.create_table(
        "handover",
        sa.Column("from_person_id", _ID, nullable=False),
        sa.Column("to_person_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("operation_id", sa.String(length=36), nullable=True),
        sa.Column("undone_at", _INSTANT, nullable=True),
        sa.Column("undone_by_id", _ID, nullable=True),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        *(sa.ForeignKeyConstraint([one], ["person.id"], name=op.f(f"fk_handover_{one}")) for one in people),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sqlite_autoincrement=True,
    )
    for one in people:
        op.create_index(op.f(f"ix_handover_{one}"), "handover", [one], unique=False)
    op.create_table(
        "handover_item",
        sa.Column("handover_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("record_id", _ID, nullable=False),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_item_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_item")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_handover_item_handover_id"), "handover_item", ["handover_id"], unique=False)
    op.create_index("ix_handover_item_record", "handover_item", ["kind", "record_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("handover_item")
    op.drop_table("handover")
