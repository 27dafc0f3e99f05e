"""Lines of quotes, frozen versions of approved papers, and risk notes on contracts (APR-03 to 11, PER-06)

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def _restricting() -> str | None:
    """Return what keys that refer to records do on PostgreSQL, see 0009."""
    return "RESTRICT" if op.get_bind().dialect.name == "postgresql" else None


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    ondelete = _restricting() if target in ("quote", "contract") else None
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def _editable() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
    ]


def upgrade() -> None:
    """Apply."""
    _columns()
    _lines()
    _versions()
    _notes()


def _columns() -> None:
    op.add_column("quote", sa.Column("renewed_on", sa.Date(), nullable=True))
    filled = sa.text("quote_id IS NOT NULL")
    if op.get_bind().dialect.name == "sqlite":
        # SQLite adds a reference with its column alone, and without a name.
        op.execute(
            "ALTER TABLE contract ADD COLUMN quote_id INTEGER CONSTRAINT fk_contract_quote_id REFERENCES quote (id)"
        )
    else:
        op.add_column("contract", sa.Column("quote_id", _ID, nullable=True))
        op.create_foreign_key(
            op.f("fk_contract_quote_id"), "contract", "quote", ["quote_id"], ["id"], ondelete=_restricting()
        )
    op.create_index(
        op.f("ix_contract_quote_id"), "contract", ["quote_id"], postgresql_where=filled, sqlite_where=filled
    )
    op.add_column("contract", sa.Column("extra_clause", sa.Boolean(), nullable=True))


def _lines() -> None:
    op.create_table(
        "quote_line",
        sa.Column("quote_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", _ID, nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("list_price", sa.BigInteger(), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        *_editable(),
        _refers("quote_line", "quote_id", "quote"),
        _refers("quote_line", "product_id", "product"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_quote_line_quote_id"), "quote_line", ["quote_id"])
    op.create_index(op.f("ix_quote_line_product_id"), "quote_line", ["product_id"])


def _versions() -> None:
    op.create_table(
        "paper_version",
        sa.Column("quote_id", _ID, nullable=True),
        sa.Column("contract_id", _ID, nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("request_id", _ID, nullable=False),
        sa.Column("frozen_at", _INSTANT, nullable=False),
        sa.Column("frozen_by_id", _ID, nullable=False),
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "quote_id IS NOT NULL OR contract_id IS NOT NULL", name=op.f("ck_paper_version_one_paper")
        ),
        _refers("paper_version", "quote_id", "quote"),
        _refers("paper_version", "contract_id", "contract"),
        _refers("paper_version", "request_id", "approval_request"),
        _refers("paper_version", "frozen_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_version")),
        sqlite_autoincrement=True,
    )
    for column in ("quote_id", "contract_id", "request_id", "frozen_by_id"):
        op.create_index(f"ix_paper_version_{column}", "paper_version", [column])


def _notes() -> None:
    filled = sa.text("settled_by_id IS NOT NULL")
    op.create_table(
        "clause_note",
        sa.Column("contract_id", _ID, nullable=False),
        sa.Column("clause", sa.String(length=400), nullable=False),
        sa.Column("severity", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("settled_by_id", _ID, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        *_editable(),
        _refers("clause_note", "contract_id", "contract"),
        _refers("clause_note", "by_id", "person"),
        _refers("clause_note", "settled_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_clause_note_contract_id"), "clause_note", ["contract_id"])
    op.create_index(op.f("ix_clause_note_by_id"), "clause_note", ["by_id"])
    op.create_index(
        op.f("ix_clause_note_settled_by_id"),
        "clause_note",
        ["settled_by_id"],
        postgresql_where=filled,
        sqlite_where=filled,
    )


def downgrade() -> None:
    """Take back."""
    for table in ("clause_note", "paper_version", "quote_line"):
        op.drop_table(table)
    op.drop_index(op.f("ix_contract_quote_id"), table_name="contract")
    with op.batch_alter_table("contract") as contract:
        contract.drop_constraint("fk_contract_quote_id", type_="foreignkey")
        contract.drop_column("extra_clause")
        contract.drop_column("quote_id")
    op.drop_column("quote", "renewed_on")
