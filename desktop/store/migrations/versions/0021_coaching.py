"""Notes by which whoever leads a person coaches them (PER-02)

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFERENCES = {
    "person_id": "person",
    "by_id": "person",
    "account_id": "account",
    "opportunity_id": "opportunity",
}


def upgrade() -> None:
    """Apply."""
    restrict = "RESTRICT" if op.get_bind().dialect.name == "postgresql" else None
    op.create_table(
        "coaching_note",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("opportunity_id", _ID, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.CheckConstraint("person_id <> by_id", name=op.f("ck_coaching_note_another")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_coaching_note_{column}"), ondelete=restrict
            )
            for column, table in _REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_note")),
        sqlite_autoincrement=True,
    )
    for column in _REFERENCES:
        op.create_index(op.f(f"ix_coaching_note_{column}"), "coaching_note", [column], unique=False)


def downgrade() -> None:
    """Take back."""
    for column in _REFERENCES:
        op.drop_index(op.f(f"ix_coaching_note_{column}"), table_name="coaching_note")
    op.drop_table("coaching_note")
