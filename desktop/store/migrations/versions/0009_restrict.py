"""Deleting a record that others may refer to asks each of them once on PostgreSQL, not twice

NO ACTION first looks whether another row has taken the key, which never happens to surrogate keys, and only
then whether anybody refers to it: taking back an import of customers took twice as long. SQLite, where
RESTRICT would forbid what a deferred check allows, stays as it is.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_REFERRED = (
    "account",
    "activity",
    "contact",
    "contract",
    "invoice",
    "lead",
    "opportunity",
    "payment",
    "payment_plan",
    "quote",
    "sales_order",
    "task",
    "ticket",
    "touchpoint",
)
_FOREIGN_KEYS = sa.text(
    """SELECT quote_ident(child.relname) AS child, quote_ident(conname) AS name,
              pg_get_constraintdef(key.oid) AS said
       FROM pg_constraint AS key
       JOIN pg_class AS child ON child.oid = conrelid
       JOIN pg_class AS parent ON parent.oid = confrelid
       WHERE contype = 'f' AND parent.relname = ANY(:referred) AND confdeltype = :action
         AND parent.relnamespace = 'public'::regnamespace
       ORDER BY child.relname, conname"""
)
_RESTRICT = " ON DELETE RESTRICT"


def _foreign_keys(action: str) -> list[tuple[str, str, str]]:
    found = op.get_bind().execute(_FOREIGN_KEYS, {"referred": list(_REFERRED), "action": action})
    return [(row.child, row.name, row.said) for row in found]


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "postgresql":
        for child, name, said in _foreign_keys("a"):
            op.execute(f"ALTER TABLE {child} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {said}{_RESTRICT}")


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        for child, name, said in _foreign_keys("r"):
            plain = said.replace(_RESTRICT, "")
            op.execute(f"ALTER TABLE {child} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {plain}")
