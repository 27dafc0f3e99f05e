"""Texts by which customers are known have no index of their own, and nobody looks them up by one

An index on a text tells whoever may use EXPLAIN ANALYZE how many hidden rows lie between two words, and so the
words themselves: PostgreSQL compares texts in an index before it asks row-level security.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TEXTS = (
    ("account", "name_key"),
    ("account", "credit_code"),
    ("call_record", "callee"),
    ("call_record", "caller"),
    ("contact", "name_key"),
    ("contract", "name_key"),
    ("contract", "number"),
    ("invoice", "number"),
    ("lead", "name_key"),
    ("opportunity", "name_key"),
    ("payment", "number"),
    ("quote", "number"),
    ("sales_order", "number"),
    ("touchpoint", "customer_id"),
)
_SPARSE = {("account", "credit_code")}


def upgrade() -> None:
    """Apply."""
    for table, column in _TEXTS:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)


def downgrade() -> None:
    """Take back."""
    for table, column in _TEXTS:
        filled = sa.text(f"{column} IS NOT NULL") if (table, column) in _SPARSE else None
        op.create_index(
            op.f(f"ix_{table}_{column}"), table, [column], postgresql_where=filled, sqlite_where=filled
        )
