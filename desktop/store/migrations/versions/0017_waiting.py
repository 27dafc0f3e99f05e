"""A record waits for one decision of a kind at a time, however many ask at once (APR-01)

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NAME = "uq_approval_request_waiting"


def upgrade() -> None:
    """Apply."""
    # Of two that were asked for at once, the first goes on to wait.
    op.execute(
        "UPDATE approval_request SET state = 'withdrawn' WHERE state = 'waiting' AND EXISTS ("
        "SELECT 1 FROM approval_request AS earlier WHERE earlier.state = 'waiting' AND earlier.id < approval_request.id"
        " AND earlier.kind = approval_request.kind AND earlier.subject_id = approval_request.subject_id)"
    )
    waits = sa.text("state = 'waiting'")
    op.create_index(
        _NAME,
        "approval_request",
        ["kind", "subject_id"],
        unique=True,
        sqlite_where=waits,
        postgresql_where=waits,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index(_NAME, table_name="approval_request")
