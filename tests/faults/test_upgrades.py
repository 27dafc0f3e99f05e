"""Every released schema upgrades with data, and killed midway it is whole or untouched (case 66, 21)."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import URL, Engine

from desktop.errors import DatabaseProblem
from desktop.store import schema
from desktop.store.engine import database_url, make_engine
from desktop.store.keeping.files import side_files
from tests import rows
from tests.conftest import FULL, PROJECT
from tests.databases import Place
from tests.postgres import PostgresHost
from tests.store.test_migrations import REVISIONS

OLDER = REVISIONS[:-1]
STEPS = range(1, 2_000, 1 if FULL else 350)
MOMENTS = 100 if FULL else 1
SAMPLED = OLDER if FULL else [OLDER[0]]
EVERY_SIXTH = OLDER if FULL else OLDER[::6]
REWRITTEN = {"approval_level": {"fact", "comparison", "value", "threshold"}}
"""Columns that a later release tells in others: `test_migrations` holds what becomes of them."""
POINTS = ["copied", "checked", "kept", "replaced"] if FULL else ["kept", "replaced"]


@dataclass
class Released:
    """A database of an older revision with rows in every table."""

    url: URL
    columns: dict[str, list[str]]
    contents: dict[str, list[str]]

    def state(self) -> tuple[str | None, dict[str, list[str]]]:
        """Which revision it has now, and what stands where something stood."""
        engine = make_engine(self.url)
        try:
            with engine.connect() as connection:
                return schema.revision(connection), rows.contents(connection, self.columns)
        finally:
            engine.dispose()


def at_revision(engine: Engine, revision: str) -> Released:
    """Build an older revision and fill it."""
    with engine.begin() as connection:
        command.upgrade(schema.alembic_config(connection), revision)  # type: ignore[arg-type]
    with engine.begin() as connection:
        counts = rows.fill(connection)
        assert min(counts.values()) >= 1, counts
        columns = {
            table: [name for name in names if name not in REWRITTEN.get(table, ())]
            for table, names in rows.columns_of(connection).items()
        }
        return Released(engine.url, columns, rows.contents(connection, columns))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table."""
    if request.param == "sqlite":
        engine = make_engine(database_url(tmp_path / "released.db"))
        yield engine
        engine.dispose()
        return
    host: PostgresHost = request.getfixturevalue("postgres_host")
    place: Place = host.empty()
    engine = make_engine(place.url)
    yield engine
    engine.dispose()
    host.drop(place)


@pytest.mark.parametrize("released", EVERY_SIXTH)
def test_every_released_schema_upgrades_with_its_data(engine: Engine, released: str) -> None:
    before = at_revision(engine, released)
    assert schema.upgrade(engine)
    engine.dispose()
    assert before.state() == (schema.HEAD, before.contents)


def kill(database: URL, how: str, at: object) -> int:
    """Upgrade in a process that is ended; return its exit code (negative: killed)."""
    where = str(database.database) if database.get_backend_name() == "sqlite" else ""
    address = where or database.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.upgrader", address, how, str(at)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode <= 0, done.stderr
    return done.returncode


def whole_or_untouched(before: Released, released: str) -> bool:
    """Check that everything is as it was or as it should become; return whether it is upgraded."""
    found, contents = before.state()
    assert found in (released, schema.HEAD)
    assert contents == before.contents
    return found == schema.HEAD


@pytest.mark.parametrize("released", SAMPLED)
def test_killed_at_a_statement(engine: Engine, released: str) -> None:
    before = at_revision(engine, released)
    engine.dispose()
    killed = 0
    for step in STEPS:
        code = kill(before.url, "step", step)
        if whole_or_untouched(before, released):
            break
        killed += code < 0
    assert killed
    upgraded_now(before)


@pytest.mark.skipif(os.name == "nt", reason="no interval timer on Windows")
@pytest.mark.parametrize("released", SAMPLED)
def test_killed_at_a_random_moment(engine: Engine, released: str) -> None:
    before = at_revision(engine, released)
    engine.dispose()
    rng = random.Random(66)
    for _ in range(MOMENTS):
        kill(before.url, "time", rng.randrange(1, 5_000))
        if whole_or_untouched(before, released):
            break
    upgraded_now(before)


@pytest.mark.parametrize("point", POINTS)
def test_killed_while_the_copy_takes_the_place_of_the_file(tmp_path: Path, point: str) -> None:
    engine = make_engine(database_url(tmp_path / "released.db"))
    before = at_revision(engine, OLDER[-1])
    engine.dispose()
    assert kill(before.url, "point", point) < 0
    assert not whole_or_untouched(before, OLDER[-1])
    upgraded_now(before)
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    assert left - {"released.db-wal", "released.db-shm"} == {"released.db", "released.db.before-upgrade"}


def upgraded_now(before: Released) -> None:
    """Whatever happened, opening it again brings it to where it should be."""
    engine = make_engine(before.url)
    schema.upgrade(engine)
    engine.dispose()
    assert before.state() == (schema.HEAD, before.contents)


def test_the_file_of_before_is_kept_and_can_be_gone_back_to(tmp_path: Path) -> None:
    path = tmp_path / "released.db"
    engine = make_engine(database_url(path))
    before = at_revision(engine, OLDER[-1])
    schema.upgrade(engine)
    engine.dispose()
    old = Released(database_url(tmp_path / "released.db.before-upgrade"), before.columns, before.contents)
    assert old.state() == (OLDER[-1], before.contents)


def test_nobody_upgrades_a_file_that_somebody_has_open(tmp_path: Path) -> None:
    """What they write meanwhile would be lost with the file that is replaced."""
    engine = make_engine(database_url(tmp_path / "released.db"))
    before = at_revision(engine, OLDER[-1])
    with engine.connect() as held:
        held.exec_driver_sql("SELECT 1 FROM person")
        other = make_engine(before.url)
        with pytest.raises(DatabaseProblem) as told:
            schema.upgrade(other)
        other.dispose()
    engine.dispose()
    assert told.value.code == "database_in_use"
    assert before.state() == (OLDER[-1], before.contents)


def test_a_log_that_was_left_behind_comes_along(tmp_path: Path) -> None:
    """A power cut before the upgrade: what was committed last stands in the log alone."""
    engine = make_engine(database_url(tmp_path / "released.db"))
    before = at_revision(engine, OLDER[-1])
    cut = tmp_path / "cut"
    cut.mkdir()
    for source in (tmp_path / "released.db", side_files(tmp_path / "released.db")[0]):
        shutil.copyfile(source, cut / source.name)
    engine.dispose()
    after = Released(database_url(cut / "released.db"), before.columns, before.contents)
    upgraded_now(after)
    kept = Released(database_url(cut / "released.db.before-upgrade"), before.columns, before.contents)
    assert kept.state() == (OLDER[-1], before.contents)
