"""Approval flows with levels, signatures, duties and deputies (APR-01, 02, 04, 05)

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_SHORT = sa.String(length=100)
_NAME = sa.String(length=400)
_JSON = sa.JSON(none_as_null=True)
_SPARSE = {
    ("approval_request", "follows_id"),
    ("approval_task", "added_by_id"),
    ("approval_task", "on_behalf_of_id"),
}


def _create(
    table: str,
    columns: list[sa.Column[object]],
    references: dict[str, str],
    *more: sa.Constraint,
    editable: bool = True,
) -> None:
    stamps: list[sa.Column[Any]] = (
        [
            sa.Column("version", sa.Integer(), server_default="1", nullable=False),
            sa.Column("recorded_at", _INSTANT, nullable=False),
            sa.Column("changed_at", _INSTANT, nullable=False),
        ]
        if editable
        else []
    )
    op.create_table(
        table,
        *columns,
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        *stamps,
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{of}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=_restrict()
            )
            for column, of in references.items()
        ),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )


def _restrict() -> str | None:
    """NO ACTION asks twice on PostgreSQL; on SQLite RESTRICT would forbid what a deferred check allows."""
    return "RESTRICT" if op.get_bind().dialect.name == "postgresql" else None


def _index(table: str, column: str) -> None:
    filled = sa.text(f"{column} IS NOT NULL") if (table, column) in _SPARSE else None
    op.create_index(
        op.f(f"ix_{table}_{column}"), table, [column], postgresql_where=filled, sqlite_where=filled
    )


def upgrade() -> None:
    """Apply."""
    _flows()
    _requests()
    _tasks()
    _people()


def _flows() -> None:
    _create(
        "approval_flow",
        [
            sa.Column("kind", _SHORT, nullable=False),
            sa.Column("name", _NAME, nullable=False),
            sa.Column("activated_at", _INSTANT),
            sa.Column("made_by_id", _ID),
        ],
        {"made_by_id": "person"},
    )
    _index("approval_flow", "kind")
    _index("approval_flow", "made_by_id")
    _create(
        "approval_level",
        [
            sa.Column("flow_id", _ID, nullable=False),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.Column("name", _NAME, nullable=False),
            sa.Column("fact", _SHORT),
            sa.Column("comparison", _SHORT),
            sa.Column("value", sa.BigInteger()),
            sa.Column("threshold", _SHORT),
            sa.Column("mode", _SHORT, nullable=False),
            sa.Column("approvers", _JSON, nullable=False),
            sa.Column("hours", sa.Integer()),
            sa.Column("hours_key", _SHORT),
            sa.Column("around_the_clock", sa.Boolean(), nullable=False),
            sa.Column("escalate_to", _SHORT),
        ],
        {"flow_id": "approval_flow"},
        sa.UniqueConstraint("flow_id", "number", name=op.f("uq_approval_level_flow_id_number")),
        editable=False,
    )


def _requests() -> None:
    with op.batch_alter_table("approval_request", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("subject_id", sa.BigInteger()))
        batch.add_column(sa.Column("flow_id", _ID))
        for name in ("levels", "facts", "payload"):
            batch.add_column(sa.Column(name, _JSON))
        batch.add_column(sa.Column("follows_id", _ID))
        for column, of in (("flow_id", "approval_flow"), ("follows_id", "approval_request")):
            batch.create_foreign_key(
                op.f(f"fk_approval_request_{column}"), of, [column], ["id"], ondelete=_restrict()
            )
    op.execute("UPDATE approval_request SET subject_id = report_id")
    for column in ("subject_id", "flow_id", "follows_id"):
        _index("approval_request", column)


def _tasks() -> None:
    people = ("added_by_id", "decided_by_id", "on_behalf_of_id")
    _create(
        "approval_task",
        [
            sa.Column("request_id", _ID, nullable=False),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.Column("slot", _SHORT, nullable=False),
            sa.Column("state", _SHORT, nullable=False),
            sa.Column("opened_at", _INSTANT, nullable=False),
            sa.Column("due_at", _INSTANT),
            sa.Column("added_by_id", _ID),
            sa.Column("escalated_at", _INSTANT),
            sa.Column("escalated_to", _SHORT),
            sa.Column("decided_by_id", _ID),
            sa.Column("on_behalf_of_id", _ID),
            sa.Column("decided_at", _INSTANT),
            sa.Column("reason", sa.Text()),
        ],
        {"request_id": "approval_request", **dict.fromkeys(people, "person")},
        sa.UniqueConstraint(
            "request_id", "number", "slot", name=op.f("uq_approval_task_request_id_number_slot")
        ),
    )
    for column in ("due_at", *people):
        _index("approval_task", column)


def _people() -> None:
    _create(
        "approval_duty",
        [sa.Column("duty", _SHORT, nullable=False), sa.Column("person_id", _ID, nullable=False)],
        {"person_id": "person"},
        sa.UniqueConstraint("duty", "person_id", name=op.f("uq_approval_duty_duty_person_id")),
        editable=False,
    )
    _index("approval_duty", "person_id")
    people = ("person_id", "deputy_id", "made_by_id")
    _create(
        "deputy",
        [
            sa.Column("person_id", _ID, nullable=False),
            sa.Column("deputy_id", _ID, nullable=False),
            sa.Column("starts_on", sa.Date(), nullable=False),
            sa.Column("ends_on", sa.Date(), nullable=False),
            sa.Column("reason", _NAME),
            sa.Column("made_by_id", _ID),
        ],
        dict.fromkeys(people, "person"),
        sa.CheckConstraint("person_id <> deputy_id", name=op.f("ck_deputy_another")),
    )
    for column in people:
        _index("deputy", column)


def downgrade() -> None:
    """Take back."""
    for table in ("deputy", "approval_duty", "approval_task"):
        op.drop_table(table)
    for column in ("subject_id", "flow_id", "follows_id"):
        op.drop_index(op.f(f"ix_approval_request_{column}"), table_name="approval_request")
    with op.batch_alter_table("approval_request", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for column in ("flow_id", "follows_id"):
            batch.drop_constraint(op.f(f"fk_approval_request_{column}"), type_="foreignkey")
        for column in ("subject_id", "flow_id", "levels", "facts", "payload", "follows_id"):
            batch.drop_column(column)
    for table in ("approval_level", "approval_flow"):
        op.drop_table(table)
