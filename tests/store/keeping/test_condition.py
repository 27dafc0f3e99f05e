"""Case 24: an embedded database that was damaged is noticed at opening, kept, and replaced by the newest good backup."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.errors import DatabaseProblem
from desktop.operations.keeping import leave, newest_good_backup, restore
from desktop.store.keeping import automatic, condition, embedded
from desktop.store.keeping.files import side_files
from desktop.store.open import open_workspace
from tests.databases import SqliteHost
from tests.maker import Maker
from tests.store.keeping.test_embedded import NOW, filled


@pytest.fixture(scope="module")
def left(sqlite_host: SqliteHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with records that was closed as it should be, and one automatic backup of it."""
    place = sqlite_host.fresh(tmp_path_factory.mktemp("left"))
    workspace = filled(place.open())
    path = Path(workspace.place)
    automatic.keep_safe(path, by="admin", now=NOW)
    leave(workspace)
    assert condition.seal_of(path).exists()
    return path


def copied(left: Path, folder: Path) -> Path:
    """The same in a folder of the test's own."""
    folder.mkdir(exist_ok=True)
    path = folder / left.name
    for source in (left, condition.seal_of(left)):
        shutil.copy2(source, folder / source.name)
    shutil.copytree(automatic.folder_of(left), automatic.folder_of(path), dirs_exist_ok=True)
    for side in side_files(path):
        side.unlink(missing_ok=True)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    spots=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8)
)
def test_any_flipped_byte_is_noticed_at_opening(
    left: Path, tmp_path: Path, spots: list[tuple[float, int]]
) -> None:
    path = copied(left, tmp_path / "flipped")
    content = bytearray(path.read_bytes())
    for at, flip in spots:
        content[int(at * len(content))] ^= flip
    if bytes(content) == left.read_bytes():
        return  # two flips that undo each other
    path.write_bytes(content)
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(path)
    assert told.value.code == "database_damaged"
    assert "restore --newest" in told.value.remedy_text()
    assert path.read_bytes() == content


def test_the_newest_good_backup_takes_its_place_and_the_damaged_file_is_kept(
    left: Path, tmp_path: Path
) -> None:
    path = copied(left, tmp_path / "d")
    newer = automatic.folder_of(path) / "newer.plumbline"
    shutil.copyfile(newest_of(path), newer)
    spoil(newer, 5_000)
    spoil(path, 9_000)
    broken = path.read_bytes()
    found = newest_good_backup(path)
    assert found is not None
    assert found.path == newest_of(path)
    assert found.made_at == NOW
    done = restore(found.path, path)
    assert done.kept is not None
    assert Path(done.kept).read_bytes() == broken
    workspace = open_workspace(path)
    assert embedded.counts_of(path)["account"] == 20
    workspace.close()


def newest_of(path: Path) -> Path:
    """The one automatic backup that was made in earnest."""
    return next(item for item in automatic.folder_of(path).iterdir() if item.name != "newer.plumbline")


def spoil(path: Path, at: int) -> None:
    """Flip a byte of a file, as a failing disk does: its time stays."""
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[at] ^= 0x40
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_without_a_good_backup_nothing_is_offered(left: Path, tmp_path: Path) -> None:
    path = copied(left, tmp_path / "none")
    spoil(newest_of(path), 40_000)
    assert newest_good_backup(path) is None
    shutil.rmtree(automatic.folder_of(path))
    assert newest_good_backup(path) is None


@pytest.mark.parametrize("share", [0.0, 0.00005, 0.3, 0.99])
def test_a_file_cut_short_is_noticed(left: Path, tmp_path: Path, share: float) -> None:
    path = copied(left, tmp_path / "short")
    os.truncate(path, int(share * path.stat().st_size))
    if share == 0.0:
        with pytest.raises(DatabaseProblem, match="empty"):
            open_workspace(path)
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(path)
    assert told.value.code == "database_damaged"


def test_what_another_program_changed_is_no_damage(left: Path, tmp_path: Path) -> None:
    path = copied(left, tmp_path / "edited")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE account SET city = '杭州'")
    workspace = open_workspace(path)
    leave(workspace)
    open_workspace(path).close()


def test_the_database_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "songs.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE song (title TEXT)")
    before = path.read_bytes()
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(path)
    assert told.value.code == "database_foreign"
    assert path.read_bytes() == before


def test_a_large_file_is_not_looked_through_for_ever(
    left: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copied(left, tmp_path / "large")
    condition.seal_of(path).unlink()
    monkeypatch.setattr(condition, "SECONDS", 0.0)
    open_workspace(path).close()


class Interrupted:
    """A database as a power cut leaves it: the last commits are in its log alone."""

    def __init__(self, host: SqliteHost, folder: Path, target: Path) -> None:
        place = host.fresh(folder)
        workspace = place.open()
        make = Maker(workspace)
        for n in range(6):
            make.account(f"公司{n}")
        self.path = target / "plumbline.db"
        target.mkdir()
        shutil.copyfile(place.where, self.path)
        self.log = side_files(self.path)[0]
        shutil.copyfile(side_files(Path(place.where))[0], self.log)
        host.drop(place)


@pytest.fixture
def interrupted(sqlite_host: SqliteHost, tmp_path: Path) -> Interrupted:
    """See there."""
    return Interrupted(sqlite_host, tmp_path, tmp_path / "interrupted")


def accounts(path: Path) -> int:
    """How many customers a database has."""
    workspace = open_workspace(path)
    try:
        return embedded.counts_of(path)["account"]
    finally:
        workspace.close()


def test_after_a_power_cut_everything_that_was_committed_is_there(interrupted: Interrupted) -> None:
    assert accounts(interrupted.path) == 6


def test_a_torn_last_write_is_no_damage(interrupted: Interrupted) -> None:
    os.truncate(interrupted.log, interrupted.log.stat().st_size - 3_000)
    assert accounts(interrupted.path) in (5, 6)


@pytest.mark.parametrize("at", [0, 9, 20, 30, 32 + 24 + 500, 32 + 4120 + 24 + 77])
def test_a_damaged_log_is_noticed(interrupted: Interrupted, at: int) -> None:
    """SQLite itself would open the file and leave out what was committed, without a word."""
    spoil(interrupted.log, at)
    before = interrupted.path.read_bytes(), interrupted.log.read_bytes()
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(interrupted.path)
    assert told.value.code == "database_damaged"
    assert (interrupted.path.read_bytes(), interrupted.log.read_bytes()) == before


def test_a_log_with_other_pages_is_noticed(interrupted: Interrupted, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE song (title TEXT)")
        shutil.copyfile(side_files(other)[0], interrupted.log)
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(interrupted.path)
    assert told.value.code == "database_damaged"


def test_a_damaged_database_is_kept_with_its_log(interrupted: Interrupted, left: Path) -> None:
    spoil(interrupted.log, 9)
    shutil.copytree(automatic.folder_of(left), automatic.folder_of(interrupted.path))
    found = newest_good_backup(interrupted.path)
    assert found
    done = restore(Path(found.path), interrupted.path)
    assert done.kept
    assert side_files(Path(done.kept))[0].exists()
    assert accounts(interrupted.path) == 20


def test_the_rule_keeps_seven_days_and_four_weeks() -> None:
    def found(days: float) -> automatic.Kept:
        return automatic.Kept(Path(f"{days}"), NOW - timedelta(days=days), "", "0001", "daily", 0, 0)

    every_morning = [found(n) for n in range(60)]
    gone = automatic.superfluous(every_morning)
    kept = [item for item in every_morning if item.path not in gone]
    assert [item.path for item in kept[:7]] == [item.path for item in every_morning[:7]]
    weeks = {item.made_at.astimezone().isocalendar()[:2] for item in kept}
    assert len(weeks) == 4
    assert len(kept) <= 11
    twice_a_day = automatic.superfluous([found(0), found(0.01), found(0.02)])
    assert twice_a_day == [Path("0.01"), Path("0.02")]
    # Whoever was away for years still has the last one.
    assert automatic.superfluous([found(1000)]) == []


def test_a_backup_a_day_and_no_more(left: Path, tmp_path: Path) -> None:
    path = copied(left, tmp_path / "daily")
    assert not automatic.is_due(path, NOW + timedelta(hours=10))
    assert automatic.is_due(path, NOW + timedelta(hours=24))
    automatic.keep_safe(path, by="admin", now=NOW + timedelta(hours=24))
    assert [item.made_at - NOW for item in automatic.listed(path)] == [timedelta(hours=24), timedelta(0)]


def test_a_full_disk_gets_no_automatic_backup(
    left: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copied(left, tmp_path / "full")
    monkeypatch.setattr(automatic, "has_room", lambda _folder, _size: False)
    assert automatic.keep_safe(path, by="admin", now=NOW + timedelta(days=3)) is None
    assert len(automatic.listed(path)) == 1


def test_a_damaged_database_pushes_no_good_backup_out(left: Path, tmp_path: Path) -> None:
    path = copied(left, tmp_path / "rot")
    for page in range(10, 60):
        spoil(path, page * 4096)
    before = automatic.listed(path)
    with pytest.raises(DatabaseProblem):
        automatic.keep_safe(path, by="admin", now=NOW + timedelta(days=30))
    assert automatic.listed(path) == before
