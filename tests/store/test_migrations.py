"""The migrations build what the models say, and the newest of them is the one the console asks for."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from desktop.models import Base
from desktop.store import schema
from desktop.store.engine import database_url, make_engine


def test_the_console_asks_for_the_newest_migration() -> None:
    config = schema.alembic_config()
    assert isinstance(config, Config)
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_the_migrations_build_what_the_models_say(tmp_path: Path) -> None:
    engine = make_engine(database_url(tmp_path / "new.db"))
    schema.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
