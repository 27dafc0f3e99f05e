"""The migrations build what the models say, on both databases, and from every released revision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text

from desktop.errors import DatabaseProblem
from desktop.models import Base
from desktop.models.approvals import ApprovalLevel
from desktop.store import schema
from desktop.store.audit_check import verify_chain
from desktop.store.engine import database_url, make_engine


def scripts() -> ScriptDirectory:
    config = schema.alembic_config()
    assert isinstance(config, Config)
    return ScriptDirectory.from_config(config)


REVISIONS = [script.revision for script in scripts().walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table; on PostgreSQL as the role that may run migrations."""
    if request.param == "sqlite":
        engine = make_engine(database_url(tmp_path / "new.db"))
        yield engine
        engine.dispose()
        return
    host = request.getfixturevalue("postgres_host")
    place = host.empty()
    engine = make_engine(place.url)
    yield engine
    engine.dispose()
    host.drop(place)


def migrate(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        config = schema.alembic_config(connection)
        assert isinstance(config, Config)
        command.upgrade(config, revision)


def test_the_console_asks_for_the_newest_migration() -> None:
    assert REVISIONS[-1] == schema.HEAD
    assert scripts().get_heads() == [schema.HEAD]


def test_revisions_are_numbered_in_their_order() -> None:
    """`schema` tells newer from older by comparing the numbers."""
    assert sorted(REVISIONS) == REVISIONS
    assert [int(revision) for revision in REVISIONS] == list(range(1, len(REVISIONS) + 1))


def test_the_migrations_build_what_the_models_say(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert _without_restrictions(differences) == []


def _without_restrictions(differences: list[Any]) -> list[Any]:
    """Leave out keys that only forbid at once on PostgreSQL what the models forbid (migration 0009)."""
    restricting = {
        one[1].name for one in differences if one[0] == "remove_fk" and one[1].ondelete == "RESTRICT"
    }
    keys = [one for one in differences if one[0] in ("remove_fk", "add_fk") and one[1].name in restricting]
    said: dict[str, set[tuple[str, ...]]] = {}
    for _, key in keys:
        (target,) = {element.column.table.name for element in key.elements}
        said.setdefault(key.name, set()).add((key.table.name, target, *key.column_keys))
    same = {name for name, forms in said.items() if len(forms) == 1}
    return [one for one in differences if one not in keys or one[1].name not in same]


def test_deleting_asks_each_reference_to_a_record_once_on_postgresql(engine: Engine) -> None:
    """NO ACTION asks twice; undoing an import of customers deletes them by the hundred thousand (IMP-10)."""
    schema.upgrade(engine)
    if engine.dialect.name == "sqlite":
        # There RESTRICT would forbid at once what a deferred check allows.
        assert [key["options"] for key in inspect(engine).get_foreign_keys("contact")] == [{}, {}]
        return
    with engine.connect() as connection:
        slow = connection.execute(
            text(
                "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'a' AND confrelid"
                " IN ('account'::regclass, 'contact'::regclass, 'opportunity'::regclass, 'contract'::regclass)"
            )
        )
        assert slow.scalars().all() == []


def test_both_databases_get_the_same_tables(engine: Engine) -> None:
    schema.upgrade(engine)
    seen = inspect(engine)
    built = {
        name: sorted(column["name"] for column in seen.get_columns(name)) for name in seen.get_table_names()
    }
    said = {table.name: sorted(column.name for column in table.c) for table in Base.metadata.tables.values()}
    assert built == {**said, "alembic_version": ["version_num"]}


def test_entries_of_an_older_audit_trail_become_a_chain(engine: Engine) -> None:
    migrate(engine, "0005")
    with engine.begin() as connection:
        for number in range(3):
            connection.exec_driver_sql(
                "INSERT INTO audit_entry (at, action, subject, details) VALUES"
                f" ('2026-11-18 01:00:0{number}.000000+00', 'old', 'account', '{{\"n\": {number}}}')"
                if engine.dialect.name == "postgresql"
                else "INSERT INTO audit_entry (at, action, subject, details) VALUES"
                f" ('2026-11-18 01:00:0{number}.000000', 'old', 'account', '{{\"n\": {number}}}')"
            )
    schema.upgrade(engine)
    with engine.connect() as connection:
        found = verify_chain(connection)
    assert (found.entries, found.erased, found.count, found.findings) == (3, 0, 0, ())


def test_the_one_condition_of_an_older_level_stays(engine: Engine) -> None:
    migrate(engine, "0017")
    levels = (
        "NULL, NULL, NULL, NULL",
        "'amount', '>', 500, NULL",
        "'amount', '>', NULL, 'approval.director_amount'",
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO approval_flow (id, kind, name, version, recorded_at, changed_at) VALUES"
            " (1, 'report', 'x', 1, '2026-11-18 01:00:00', '2026-11-18 01:00:00')"
        )
        for number, condition in enumerate(levels, start=1):
            connection.exec_driver_sql(
                "INSERT INTO approval_level (flow_id, number, name, mode, approvers, around_the_clock, fact, comparison,"
                f" value, threshold) VALUES (1, {number}, 'x', 'any', '[]', false, {condition})"
            )
    schema.upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(select(ApprovalLevel.conditions).order_by(ApprovalLevel.number))
        amount = {"fact": "amount", "comparison": ">"}
        assert found.scalars().all() == [
            [],
            [{**amount, "value": 500, "threshold": None}],
            [{**amount, "value": None, "threshold": "approval.director_amount"}],
        ]


def test_one_step_at_a_time(engine: Engine) -> None:
    for revision in REVISIONS:
        migrate(engine, revision)
        with engine.connect() as connection:
            assert schema.revision(connection) == revision
    assert schema.upgrade(engine) is False


def test_a_newer_database_is_refused_untouched(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseProblem) as refused:
        schema.upgrade(engine)
    assert refused.value.code == "database_newer"
    assert "9999" in str(refused.value)
