"""What an import left behind, cell by cell, and what its sources held: for undo and certificates

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("import_lineage", sa.Column("after", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "import_evidence",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_evidence_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_evidence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_evidence_run_id"), "import_evidence", ["run_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_import_evidence_run_id"), table_name="import_evidence")
    op.drop_table("import_evidence")
    op.drop_column("import_lineage", "after")
