"""Custom fields and their values (CUS-05)

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ONE_VALUE = (
    "CASE WHEN text IS NULL THEN 0 ELSE 1 END + CASE WHEN whole IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN number IS NULL THEN 0 ELSE 1 END + CASE WHEN day IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN moment IS NULL THEN 0 ELSE 1 END + CASE WHEN truth IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "custom_field",
        sa.Column("entity", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("label_en", sa.String(length=400), nullable=False),
        sa.Column("label_zh", sa.String(length=400), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("options", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sa.UniqueConstraint("entity", "code", name=op.f("uq_custom_field_entity_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "custom_value",
        sa.Column("field_id", _ID, nullable=False),
        sa.Column("record_id", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("whole", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Float(precision=53), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("truth", sa.Boolean(), nullable=True),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.CheckConstraint(_ONE_VALUE, name=op.f("ck_custom_value_one_value")),
        sa.ForeignKeyConstraint(["field_id"], ["custom_field.id"], name=op.f("fk_custom_value_field_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_value")),
        sa.UniqueConstraint("field_id", "record_id", name=op.f("uq_custom_value_field_id_record_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_custom_value_field_id"), "custom_value", ["field_id"], unique=False)
    op.create_index(op.f("ix_custom_value_record_id"), "custom_value", ["record_id"], unique=False)


def downgrade() -> None:
    """Take back."""

    op.drop_index(op.f("ix_custom_value_record_id"), table_name="custom_value")
    op.drop_index(op.f("ix_custom_value_field_id"), table_name="custom_value")
    op.drop_table("custom_value")
    op.drop_table("custom_field")
