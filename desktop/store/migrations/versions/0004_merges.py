"""Merged records and what tells them apart (DUP-01)

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "record_merge",
        sa.Column("table_name", sa.String(length=100), nullable=False),
        sa.Column("survivor_id", _ID, nullable=False),
        sa.Column("merged_ids", _JSON, nullable=False),
        sa.Column("choices", _JSON, nullable=False),
        sa.Column("images", _JSON, nullable=False),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("operation_id", sa.String(length=36), nullable=True),
        sa.Column("split_at", _INSTANT, nullable=True),
        sa.Column("split_by_id", _ID, nullable=True),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_record_merge_by_id")),
        sa.ForeignKeyConstraint(["split_by_id"], ["person.id"], name=op.f("fk_record_merge_split_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_merge")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_record_merge_survivor", "record_merge", ["table_name", "survivor_id"], unique=False)
    op.create_index(op.f("ix_record_merge_by_id"), "record_merge", ["by_id"], unique=False)
    op.create_index(op.f("ix_record_merge_split_by_id"), "record_merge", ["split_by_id"], unique=False)
    op.create_table(
        "record_alias",
        sa.Column("merge_id", _ID, nullable=False),
        sa.Column("table_name", sa.String(length=100), nullable=False),
        sa.Column("record_id", _ID, nullable=False),
        sa.Column("origin_id", _ID, nullable=False),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("name_key", sa.String(length=400), nullable=True),
        sa.Column("image", _JSON, nullable=False),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["record_merge.id"], name=op.f("fk_record_alias_merge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_alias")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_record_alias_record", "record_alias", ["table_name", "record_id"], unique=False)
    op.create_index(op.f("ix_record_alias_merge_id"), "record_alias", ["merge_id"], unique=False)
    op.create_table(
        "apart_decision",
        sa.Column("table_name", sa.String(length=100), nullable=False),
        sa.Column("one_id", _ID, nullable=False),
        sa.Column("other_id", _ID, nullable=False),
        sa.Column("facts", sa.String(length=64), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_apart_decision_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apart_decision")),
        sa.UniqueConstraint(
            "table_name", "one_id", "other_id", name=op.f("uq_apart_decision_table_name_one_id_other_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_apart_decision_by_id"), "apart_decision", ["by_id"], unique=False)


def downgrade() -> None:
    """Take back."""

    op.drop_index(op.f("ix_apart_decision_by_id"), table_name="apart_decision")
    op.drop_table("apart_decision")
    op.drop_index(op.f("ix_record_alias_merge_id"), table_name="record_alias")
    op.drop_index("ix_record_alias_record", table_name="record_alias")
    op.drop_table("record_alias")
    op.drop_index(op.f("ix_record_merge_split_by_id"), table_name="record_merge")
    op.drop_index(op.f("ix_record_merge_by_id"), table_name="record_merge")
    op.drop_index("ix_record_merge_survivor", table_name="record_merge")
    op.drop_table("record_merge")
