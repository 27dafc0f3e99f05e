"""A restore or a backup that is killed: the database is the old one or the new one, the backup the old one (case 21)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.operations.keeping import back_up, restore
from desktop.store.keeping import embedded, server
from tests.conftest import FULL, PROJECT
from tests.databases import Place
from tests.faults.conftest import digest_at
from tests.maker import Maker
from tests.store.keeping.server import as_superuser
from tests.store.keeping.test_drill import keeper, programs

__all__ = ["programs"]

MOMENTS = 200 if FULL else 1
AT_FILE = ["checking", "keeping", "replacing"] if FULL else ["keeping", "replacing"]
AT_SERVER = ["filling", "comparing", "exchanging"] if FULL else ["exchanging"]


def kill(what: str, backup: Path, place: Place, how: str, at: object) -> int:
    """Do it in a process that is ended; return its exit code (negative: killed)."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.restorer", what, str(backup), keeper(place), how, str(at)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode <= 0, done.stderr
    return done.returncode


@pytest.fixture
def saved(place: Place, tmp_path: Path) -> Iterator[tuple[Path, str, str]]:
    """A backup, the digest it has, and the digest of the database that went on since."""
    backup = tmp_path / "good.plumbline"
    old = digest_at(place)
    back_up(keeper(place), backup)
    Maker(place.open()).account("后来的客户")
    place.close()
    yield backup, old, digest_at(place)
    if not place.is_sqlite:
        with as_superuser(place, "postgres") as connection:
            left = connection.execute(
                "SELECT datname FROM pg_database WHERE datname ~ ('^' || %s || '_(restoring|replaced)_')",
                [place.url.database],
            ).fetchall()
            for (name,) in left:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_killed_at_a_named_point(place: Place, saved: tuple[Path, str, str]) -> None:
    backup, old, now = saved
    for point in AT_FILE if place.is_sqlite else AT_SERVER:
        assert kill("restore", backup, place, "point", point) < 0
        assert digest_at(place) == now
        place.close()
    restore(backup, keeper(place))
    assert digest_at(place) == old


@pytest.mark.skipif(os.name == "nt", reason="no interval timer on Windows")
def test_killed_at_a_random_moment(place: Place, saved: tuple[Path, str, str]) -> None:
    backup, old, now = saved
    rng = random.Random(21)
    killed = 0
    for _ in range(MOMENTS):
        killed += kill("restore", backup, place, "time", rng.randrange(200, 2_500)) < 0
        found = digest_at(place)
        place.close()
        assert found in (old, now)
        if found == old:
            break
    restore(backup, keeper(place))
    assert digest_at(place) == old


@pytest.mark.skipif(os.name == "nt", reason="no interval timer on Windows")
def test_a_backup_that_is_killed_leaves_a_whole_one(place: Place, saved: tuple[Path, str, str]) -> None:
    backup, _old, now = saved
    before, rng = backup.read_bytes(), random.Random(22)
    check = embedded.verified if place.is_sqlite else server.verified
    for _ in range(MOMENTS):
        kill("backup", backup, place, "time", rng.randrange(200, 1_500))
        check(backup)  # the older one, or the new one if it got so far: whole in either case
        if backup.read_bytes() != before:
            break
    assert digest_at(place) == now
