"""What bulk loading need not maintain: entries for NULL in indexes, a reference check per line of lineage

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SPARSE = (
    ("account", "created_by_id"),
    ("account", "credit_code"),
    ("account", "last_effective_at"),
    ("account", "parent_id"),
    ("activity", "contact_id"),
    ("activity", "lead_id"),
    ("activity", "opportunity_id"),
    ("contact", "account_id"),
    ("contract", "opportunity_id"),
    ("invoice", "contract_id"),
    ("opportunity", "contact_id"),
    ("ownership", "from_person_id"),
    ("payment", "contract_id"),
    ("payment_plan", "contract_id"),
    ("quote", "opportunity_id"),
    ("ticket", "contact_id"),
    ("touchpoint", "lead_id"),
)
_ROOMY = ("account", "contact", "contract", "lead", "opportunity", "sales_order")
"""Tables that are updated in bulk: room on each page keeps new row versions beside the old, out of the indexes."""


def upgrade() -> None:
    """Apply."""
    for table, column in _SPARSE:
        filled = sa.text(f"{column} IS NOT NULL")
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.create_index(
            op.f(f"ix_{table}_{column}"), table, [column], postgresql_where=filled, sqlite_where=filled
        )
    if op.get_bind().dialect.name == "postgresql":
        for table in _ROOMY:
            op.execute(f"ALTER TABLE {table} SET (fillfactor = 75)")
    with op.batch_alter_table("import_lineage", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("fk_import_lineage_run_id"), type_="foreignkey")


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("import_lineage", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.create_foreign_key(op.f("fk_import_lineage_run_id"), "import_run", ["run_id"], ["id"])
    if op.get_bind().dialect.name == "postgresql":
        for table in _ROOMY:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
    for table, column in _SPARSE:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
