"""The migrations build what the models say, on both databases, and from every released revision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from desktop.errors import DatabaseProblem
from desktop.models import Base
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
        assert compare_metadata(context, Base.metadata) == []


def test_both_databases_get_the_same_tables(engine: Engine) -> None:
    schema.upgrade(engine)
    seen = inspect(engine)
    built = {
        name: sorted(column["name"] for column in seen.get_columns(name)) for name in seen.get_table_names()
    }
    said = {table.name: sorted(column.name for column in table.c) for table in Base.metadata.tables.values()}
    assert built == {**said, "alembic_version": ["version_num"]}


@pytest.mark.parametrize("released", REVISIONS)
def test_upgrade_from_every_revision(engine: Engine, released: str) -> None:
    migrate(engine, released)
    changed = schema.upgrade(engine)
    assert changed is (released != schema.HEAD)
    with engine.connect() as connection:
        assert schema.revision(connection) == schema.HEAD
    assert schema.upgrade(engine) is False


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


def test_one_step_at_a_time(engine: Engine) -> None:
    for revision in REVISIONS:
        migrate(engine, revision)
        with engine.connect() as connection:
            assert schema.revision(connection) == revision


def test_a_newer_database_is_refused_untouched(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseProblem) as refused:
        schema.upgrade(engine)
    assert refused.value.code == "database_newer"
    assert "9999" in str(refused.value)
