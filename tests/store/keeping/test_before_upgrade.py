"""A team database is backed up before its schema is upgraded, unless somebody says no; and which servers are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import event

from desktop.errors import DatabaseProblem
from desktop.store import schema
from desktop.store.access.setup import become_owner, prepare_owner
from desktop.store.engine import make_engine
from desktop.store.founding import require_suitable
from desktop.store.keeping.manifest import read_manifest
from tests.databases import Place
from tests.drivers.command_line import CommandLine
from tests.postgres import PostgresHost
from tests.store.keeping.test_drill import programs  # noqa: F401

pytestmark = pytest.mark.postgres

OLDER = "0009"


@pytest.fixture
def empty(postgres_host: PostgresHost) -> Iterator[Place]:
    """A database without tables, and the login that runs init."""
    place = postgres_host.empty()
    yield place
    postgres_host.drop(place)


@pytest.fixture(params=["owner", "migrator"])
def older(empty: Place, request: pytest.FixtureRequest) -> Place:
    """A team database of an older Plumbline, whose tables belong to the owner or, before there was one, to who made them."""
    engine = make_engine(empty.url)
    if request.param == "owner":
        with engine.begin() as connection:
            prepare_owner(connection)
        event.listen(engine, "connect", become_owner)
        engine.dispose()
    with engine.begin() as connection:
        command.upgrade(schema.alembic_config(connection), OLDER)  # type: ignore[arg-type]
    engine.dispose()
    return empty


def revision_of(place: Place) -> str | None:
    engine = make_engine(place.url.set(username="postgres"))
    try:
        with engine.connect() as connection:
            return schema.revision(connection)
    finally:
        engine.dispose()


def boss(place: Place) -> str:
    """Return a login of this database alone: logins are the server's, which other tests share."""
    return f"boss_{place.url.database}"


def test_an_upgrade_makes_its_backup_first(older: Place, tmp_path: Path) -> None:
    backup = tmp_path / "before.plumbline"
    line = CommandLine(older.where_for(str(older.url.username)))
    named = ("init", "--admin", boss(older), "--admin-name", "Boss", "--password-stdin")
    refused = line.run(*named, stdin="harbour-lantern-62\n")
    assert (refused.code, revision_of(older)) == (3, OLDER)
    assert "--without-backup" in refused.err
    done = line.run(*named, "--backup", str(backup), stdin="harbour-lantern-62\n")
    assert (done.code, revision_of(older)) == (0, schema.HEAD), done.err
    kept = read_manifest(backup)
    assert kept is not None
    assert kept.schema == OLDER
    backup.unlink()
    assert line.run("init", "--backup", str(backup)).code == 0
    assert not backup.exists(), "nothing is upgraded, so nothing is backed up"


def test_a_backup_can_be_declined(older: Place) -> None:
    line = CommandLine(older.where_for(str(older.url.username)))
    named = ("init", "--admin", boss(older), "--admin-name", "Boss", "--password-stdin", "--without-backup")
    done = line.run(*named, stdin="harbour-lantern-62\n")
    assert (done.code, revision_of(older)) == (0, schema.HEAD), done.err


@pytest.mark.parametrize(("version", "major"), [(140_019, 14), (190_000, 19), (90_624, 9)])
def test_a_server_of_another_version_is_refused(empty: Place, version: int, major: int) -> None:
    engine = make_engine(empty.url)
    with engine.connect() as connection, pytest.raises(DatabaseProblem) as refused:
        require_suitable(connection, version)
    engine.dispose()
    assert refused.value.code == "server_version"
    assert refused.value.params["found"] == major
    assert revision_of(empty) is None


@pytest.mark.parametrize("version", [150_000, 180_099])
def test_a_server_of_a_known_version_is_not(empty: Place, version: int) -> None:
    engine = make_engine(empty.url)
    with engine.connect() as connection:
        require_suitable(connection, version)
    engine.dispose()
