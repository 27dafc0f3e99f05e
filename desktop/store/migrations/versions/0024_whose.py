"""Whose customers: asked by every policy, answered from an index alone

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_account_owner_id_id", "account", ["owner_id", "id"], unique=False)
    op.drop_index(op.f("ix_account_owner_id"), table_name="account")


def downgrade() -> None:
    """Take back."""
    op.create_index(op.f("ix_account_owner_id"), "account", ["owner_id"], unique=False)
    op.drop_index("ix_account_owner_id_id", table_name="account")
