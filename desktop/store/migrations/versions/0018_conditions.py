"""A level of a flow has as many conditions as it needs (APR-01, APR-02)

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_SHORT = sa.String(length=100)
_JSON = sa.JSON(none_as_null=True)
_LEVEL = sa.table(
    "approval_level",
    sa.column("id", sa.Integer),
    sa.column("fact", _SHORT),
    sa.column("comparison", _SHORT),
    sa.column("value", sa.BigInteger),
    sa.column("threshold", _SHORT),
    sa.column("conditions", _JSON),
)
_ONE = ("fact", "comparison", "value", "threshold")


def upgrade() -> None:
    """Apply."""
    with _altered() as batch:
        batch.add_column(sa.Column("conditions", _JSON))
    for row in op.get_bind().execute(sa.select(_LEVEL)).all():
        # A threshold went before a number; what could not be compared counted as met, and still does.
        only = {name: getattr(row, name) for name in _ONE}
        if only["threshold"] is not None:
            only["value"] = None
        _put(row.id, {"conditions": [] if row.fact is None else [only]})
    with _altered() as batch:
        batch.alter_column("conditions", existing_type=_JSON, nullable=False)
        for name in _ONE:
            batch.drop_column(name)


def downgrade() -> None:
    """Take back; of several conditions the first stays."""
    with _altered() as batch:
        for name in _ONE:
            batch.add_column(sa.Column(name, sa.BigInteger() if name == "value" else _SHORT))
    for row in op.get_bind().execute(sa.select(_LEVEL.c.id, _LEVEL.c.conditions)).all():
        first = (row.conditions or [{}])[0]
        _put(row.id, {name: first.get(name) for name in _ONE})
    with _altered() as batch:
        batch.drop_column("conditions")


def _altered() -> Any:
    return op.batch_alter_table("approval_level", table_kwargs={"sqlite_autoincrement": True})


def _put(number: int, values: dict[str, Any]) -> None:
    op.execute(sa.update(_LEVEL).where(_LEVEL.c.id == number).values(**values))
