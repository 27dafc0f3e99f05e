"""A person may choose not to be named in rankings (RPT-09)

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("person", sa.Column("unnamed", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("person", "unnamed")
