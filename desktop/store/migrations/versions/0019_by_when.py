"""What is to be done has a day by which it is done (RPT-14)

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_NAME = "ck_task_by_when"


def upgrade() -> None:
    """Apply."""
    # What had no day is due since the day on which it was written down: it shows as late, and somebody looks at it.
    op.execute("UPDATE task SET due_on = date(recorded_at) WHERE state = 'open' AND due_on IS NULL")
    with op.batch_alter_table("task", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.create_check_constraint(op.f(_NAME), "state <> 'open' OR due_on IS NOT NULL")


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("task", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f(_NAME), type_="check")
