"""Refusals of customers, which keep them from being given to somebody for a while (DUP-06, LED-14)

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_REFERENCES = {"account_id": "account", "lead_id": "lead", "by_id": "person", "lifted_by_id": "person"}


def upgrade() -> None:
    """Apply."""
    restrict = "RESTRICT" if op.get_bind().dialect.name == "postgresql" else None
    op.create_table(
        "refusal",
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("lead_id", _ID, nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=True),
        sa.Column("refused_on", sa.Date(), nullable=False),
        sa.Column("blocked_until", sa.Date(), nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("lifted_at", _INSTANT, nullable=True),
        sa.Column("lifted_by_id", _ID, nullable=True),
        sa.Column("lift_reason", sa.String(length=400), nullable=True),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.CheckConstraint("(account_id IS NULL) <> (lead_id IS NULL)", name=op.f("ck_refusal_one_customer")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_refusal_{column}"), ondelete=restrict
            )
            for column, table in _REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
        sqlite_autoincrement=True,
    )
    for column in _REFERENCES:
        op.create_index(op.f(f"ix_refusal_{column}"), "refusal", [column], unique=False)


def downgrade() -> None:
    """Take back."""
    for column in _REFERENCES:
        op.drop_index(op.f(f"ix_refusal_{column}"), table_name="refusal")
    op.drop_table("refusal")
