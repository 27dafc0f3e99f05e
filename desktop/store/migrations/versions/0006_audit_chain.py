"""Audit entries become a chain of hashes; exported workbooks keep the head that is printed on them

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CHUNK = 5_000
_COLUMNS: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("position", sa.BigInteger()),
    ("salt", sa.String(length=32)),
    ("details_hash", sa.String(length=64)),
    ("hash", sa.String(length=64)),
    ("erased_by", sa.BigInteger()),
)


def upgrade() -> None:
    """Apply."""
    for name, kind in _COLUMNS:
        op.add_column("audit_entry", sa.Column(name, kind))
    _chain(op.get_bind())
    with op.batch_alter_table("audit_entry", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("position", existing_type=sa.BigInteger(), nullable=False)
        batch.alter_column("hash", existing_type=sa.String(length=64), nullable=False)
        batch.create_unique_constraint(op.f("uq_audit_entry_position"), ["position"])
    op.add_column("report_file", sa.Column("chain_position", sa.BigInteger()))
    op.add_column("report_file", sa.Column("chain_hash", sa.String(length=64)))


def downgrade() -> None:
    """Take back."""
    op.drop_column("report_file", "chain_hash")
    op.drop_column("report_file", "chain_position")
    with op.batch_alter_table("audit_entry", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("uq_audit_entry_position"), type_="unique")
        for name, _kind in _COLUMNS:
            batch.drop_column(name)


def _chain(connection: sa.Connection) -> None:
    """Give the entries that are there positions and hashes, in the order of their ids."""
    entries = sa.text(
        "SELECT id, at, person_id, action, subject, subject_id, CAST(details AS text) AS details,"
        " operation_id FROM audit_entry WHERE id > :last ORDER BY id LIMIT :size"
    )
    fill = sa.text(
        "UPDATE audit_entry SET position = :position, salt = :salt, details_hash = :details_hash,"
        " hash = :hash WHERE id = :id"
    )
    last, position, before = 0, 0, "0" * 64
    while found := connection.execute(entries, {"last": last, "size": _CHUNK}).all():
        lines: list[dict[str, Any]] = []
        for row in found:
            position += 1
            salt = secrets.token_hex(16) if row.details is not None else None
            hidden = _sha256(f"{salt}\n{row.details}") if salt else None
            before = _sha256(f"{before}\n{position}|{_text(row, hidden)}")
            lines.append(
                {"id": row.id, "position": position, "salt": salt, "details_hash": hidden, "hash": before}
            )
        connection.execute(fill, lines)
        last = found[-1].id


def _text(row: Any, details_hash: str | None) -> str:
    at = row.at
    if isinstance(at, datetime):
        at = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    parts = [details_hash, at, row.person_id, row.subject_id]
    words = [row.operation_id or "-", row.action, "-" if row.subject is None else f"={row.subject}"]
    return "|".join(["" if value is None else str(value) for value in parts] + words)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
