"""What runs by the clock: lease, runs, schedules and the outbox (PLT-09, RPT-03)

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)


def _column(name: str, kind: Any, *, null: bool = False, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null, server_default=default)


def _create(
    table: str, *columns: Any, keys: dict[str, str], unique: tuple[tuple[str, ...], ...] = ()
) -> None:
    op.create_table(
        table,
        *columns,
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
            for column, target in keys.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}")) for columns in unique),
        sqlite_autoincrement=True,
    )
    for column in keys:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def upgrade() -> None:
    """Apply."""
    _create(
        "job_lease",
        _column("name", sa.String(length=100)),
        _column("holder", sa.String(length=400)),
        _column("token", sa.BigInteger()),
        _column("expires_at", _INSTANT),
        keys={},
        unique=(("name",),),
    )
    _create(
        "rule_run",
        _column("rule", sa.String(length=100)),
        _column("due_key", sa.String(length=200)),
        _column("subject", sa.String(length=400), null=True),
        _column("due_at", _INSTANT),
        _column("acted_at", _INSTANT),
        _column("state", sa.String(length=100)),
        _column("attempts", sa.Integer()),
        _column("retry_at", _INSTANT, null=True),
        _column("problem", _JSON, null=True),
        _column("result", _JSON, null=True),
        _column("by_id", _ID),
        keys={"by_id": "person.id"},
        unique=(("rule", "due_key"),),
    )
    op.create_index("ix_rule_run_due_at", "rule_run", ["due_at"], unique=False)
    _schedules()
    _outbox()


def _schedules() -> None:
    _create(
        "schedule",
        _column("kind", sa.String(length=100)),
        _column("name", sa.String(length=400)),
        _column("active", sa.Boolean()),
        _column("at", sa.String(length=5)),
        _column("unit_id", _ID, null=True),
        _column("language", sa.String(length=100)),
        _column("folder", sa.Text(), null=True),
        _column("since", _INSTANT),
        _column("made_by_id", _ID),
        _column("version", sa.Integer(), default="1"),
        _column("recorded_at", _INSTANT),
        _column("changed_at", _INSTANT),
        keys={"unit_id": "org_unit.id", "made_by_id": "person.id"},
    )
    _create(
        "schedule_recipient",
        _column("schedule_id", _ID),
        _column("person_id", _ID, null=True),
        _column("address", sa.String(length=400), null=True),
        keys={"schedule_id": "schedule.id", "person_id": "person.id"},
    )


def _outbox() -> None:
    _create(
        "outbox_file",
        _column("name", sa.String(length=400)),
        _column("sha256", sa.String(length=64)),
        _column("content", sa.LargeBinary()),
        _column("made_at", _INSTANT),
        keys={},
    )
    _create(
        "outbox",
        _column("message_key", sa.String(length=300)),
        _column("run_id", _ID, null=True),
        _column("channel", sa.String(length=100)),
        _column("person_id", _ID, null=True),
        _column("target", sa.Text()),
        _column("subject", sa.String(length=400)),
        _column("body", sa.Text()),
        _column("body_html", sa.Text(), null=True),
        _column("file_id", _ID, null=True),
        _column("state", sa.String(length=100)),
        _column("attempts", sa.Integer()),
        _column("token", sa.BigInteger(), null=True),
        _column("queued_at", _INSTANT),
        _column("retry_at", _INSTANT, null=True),
        _column("sent_at", _INSTANT, null=True),
        _column("problem", _JSON, null=True),
        keys={"run_id": "rule_run.id", "person_id": "person.id", "file_id": "outbox_file.id"},
        unique=(("message_key",),),
    )
    op.create_index("ix_outbox_state", "outbox", ["state"], unique=False)


def downgrade() -> None:
    """Take back."""
    for table in ("outbox", "outbox_file", "schedule_recipient", "schedule", "rule_run", "job_lease"):
        op.drop_table(table)
