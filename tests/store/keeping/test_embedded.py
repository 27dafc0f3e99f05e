"""Backups of an embedded database: consistent while in use, refused when damaged, restored whole or not at all."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.control import Control
from desktop.errors import Cancelled, DatabaseProblem, InvalidInput, UserError
from desktop.operations.keeping import back_up, restore
from desktop.store import schema
from desktop.store.keeping import embedded
from desktop.store.keeping.manifest import read_manifest
from desktop.store.open import open_workspace
from desktop.store.workspace import Workspace
from tests.databases import SqliteHost
from tests.maker import Maker
from tests.store.loading.hand_made import digest_of

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def filled(workspace: Workspace) -> Workspace:
    """A workspace with a few records."""
    make = Maker(workspace)
    person = make.person("张伟")
    for n in range(20):
        account = make.account(f"第{n}号公司", owner=person)
        make.deal(f"商机{n}", account=account, owner=person, amount="1200.50")
    return workspace


def names(folder: Path) -> set[str]:
    """The files of a folder, apart from the log of a database that is open."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))}


def test_backup_wipe_restore_gives_the_same_digest(sqlite_workspace: Workspace, tmp_path: Path) -> None:
    workspace = filled(sqlite_workspace)
    database, backup = Path(workspace.place), tmp_path / "backup.plumbline"
    before = digest_of(workspace)
    manifest = back_up(workspace.place, backup)
    assert (manifest.schema, manifest.counts["account"], manifest.digest) == (schema.HEAD, 20, before)
    workspace.close()
    database.unlink()
    done = restore(backup, database)
    assert done.kept is None
    again = open_workspace(database, create=False)
    assert digest_of(again) == before
    again.close()


def test_what_is_replaced_is_kept_and_can_be_opened(sqlite_workspace: Workspace, tmp_path: Path) -> None:
    workspace = sqlite_workspace
    database, backup = Path(workspace.place), tmp_path / "backup.plumbline"
    back_up(workspace.place, backup)
    later = digest_of(filled(workspace))
    workspace.close()
    done = restore(backup, database)
    assert done.kept is not None
    kept = open_workspace(done.kept, create=False)
    assert digest_of(kept) == later
    kept.close()
    assert embedded.counts_of(database)["account"] == 0


def test_a_backup_taken_during_writes_is_of_one_moment(sqlite_workspace: Workspace, tmp_path: Path) -> None:
    """Case 28: each write makes one customer in two tables; a copy never holds only half of one."""
    database = Path(sqlite_workspace.place)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE left_side (n INTEGER, filler TEXT)")
        connection.execute("CREATE TABLE right_side (n INTEGER, filler TEXT)")
    stop, written = threading.Event(), threading.Semaphore(0)

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            for n in range(100_000):
                with connection:
                    for side in ("left_side", "right_side"):
                        connection.execute(f"INSERT INTO {side} VALUES (?, ?)", (n, "x" * 500))
                written.release()
                if stop.is_set():
                    return

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    try:
        for n in range(4):
            assert written.acquire(timeout=60)
            manifest = back_up(sqlite_workspace.place, tmp_path / f"{n}.plumbline")
            assert manifest.counts["left_side"] == manifest.counts["right_side"]
            seen.append(manifest.counts["left_side"])
    finally:
        stop.set()
        writer.join()
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


@pytest.fixture(scope="module")
def small_backup(sqlite_host: SqliteHost, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a good backup."""
    folder = tmp_path_factory.mktemp("small")
    place = sqlite_host.fresh(folder)
    workspace = filled(place.open())
    back_up(workspace.place, folder / "good.plumbline")
    sqlite_host.drop(place)
    return (folder / "good.plumbline").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(at=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_flipped_byte_of_a_backup_is_noticed(
    small_backup: bytes, tmp_path: Path, at: float, flip: int
) -> None:
    content = bytearray(small_backup)
    content[int(at * len(content))] ^= flip
    bad, target = tmp_path / "bad.plumbline", tmp_path / "target.db"
    bad.write_bytes(content)
    target.write_bytes(b"what was there")
    with pytest.raises(UserError) as told:
        restore(bad, target)
    assert told.value.code in {"backup_damaged", "backup_foreign"}
    assert target.read_bytes() == b"what was there"
    assert names(tmp_path) == {"bad.plumbline", "target.db"}


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999999])
def test_a_backup_cut_short_is_noticed(small_backup: bytes, tmp_path: Path, share: float) -> None:
    short, target = tmp_path / "short.plumbline", tmp_path / "target.db"
    short.write_bytes(small_backup[: int(share * len(small_backup))])
    with pytest.raises(UserError) as told:
        restore(short, target)
    assert told.value.code in {"backup_damaged", "backup_foreign"}
    assert not target.exists()


def test_foreign_and_newer_files_are_refused_by_name(small_backup: bytes, tmp_path: Path) -> None:
    letter, other, newer = tmp_path / "letter.txt", tmp_path / "other.db", tmp_path / "newer.db"
    letter.write_text("dear customer, " * 99, encoding="utf-8")
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE song (title TEXT)")
    newer.write_bytes(small_backup[: (read_manifest_size(small_backup, tmp_path))])
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    codes = []
    for backup in (letter, other, newer):
        with pytest.raises(UserError) as told:
            restore(backup, tmp_path / "target.db")
        codes.append(told.value.code)
        assert told.value.remedy_text()
    assert codes == ["backup_foreign", "backup_foreign", "database_newer"]
    assert not (tmp_path / "target.db").exists()


def read_manifest_size(content: bytes, folder: Path) -> int:
    """How many bytes of a backup are the database."""
    whole = folder / "whole.plumbline"
    whole.write_bytes(content)
    manifest = read_manifest(whole)
    assert manifest
    return manifest.size


def test_a_plain_database_file_can_be_restored_too(small_backup: bytes, tmp_path: Path) -> None:
    plain = tmp_path / "plain.db"
    plain.write_bytes(small_backup[: read_manifest_size(small_backup, tmp_path)])
    done = restore(plain, tmp_path / "target.db")
    assert done.counts["account"] == 20
    assert embedded.counts_of(tmp_path / "target.db")["account"] == 20


def test_sqlite_itself_reads_a_backup(small_backup: bytes, tmp_path: Path) -> None:
    """Whoever has lost Plumbline has not lost the data."""
    path = tmp_path / "backup.db"
    path.write_bytes(small_backup)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM account").fetchone() == (20,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_database_that_somebody_has_open_is_not_replaced(
    sqlite_workspace: Workspace, small_backup: bytes, tmp_path: Path
) -> None:
    backup = tmp_path / "good.plumbline"
    backup.write_bytes(small_backup)
    before = digest_of(sqlite_workspace)
    with pytest.raises(DatabaseProblem) as told:
        restore(backup, sqlite_workspace.place)
    assert told.value.code == "database_in_use"
    assert digest_of(sqlite_workspace) == before
    assert names(tmp_path) == {"good.plumbline", Path(sqlite_workspace.place).name}


def test_cancelled_means_nothing_was_written(sqlite_workspace: Workspace, tmp_path: Path) -> None:
    there = tmp_path / "backup.plumbline"
    there.write_bytes(b"an older one")
    for moment in range(3):
        control = cancelling(moment)
        with pytest.raises(Cancelled):
            back_up(sqlite_workspace.place, there, control=control)
        assert there.read_bytes() == b"an older one"
        assert names(tmp_path) == {"backup.plumbline", Path(sqlite_workspace.place).name}


def cancelling(moment: int) -> Control:
    """A control that is told to stop when progress is reported for the `moment`th time."""
    times = iter(range(1_000))

    def stop(_done: int, _total: int | None, _what: str) -> None:
        if next(times) == moment:
            control.cancel()

    control = Control(stop)
    return control


def test_a_target_that_cannot_be_written_is_named(sqlite_workspace: Workspace, tmp_path: Path) -> None:
    """Case 23: the database is as it was, and another name is offered."""
    (tmp_path / "taken").write_text("a file where a folder is wanted", encoding="utf-8")
    (tmp_path / "folder.plumbline").mkdir()
    for target in (tmp_path / "taken" / "b.plumbline", tmp_path / "folder.plumbline"):
        with pytest.raises(UserError) as told:
            back_up(sqlite_workspace.place, target)
        assert told.value.code == "file_not_written"
        assert "another folder or name" in told.value.remedy_text()
    with pytest.raises(UserError) as told:
        back_up(sqlite_workspace.place, Path(sqlite_workspace.place))
    assert told.value.code == "backup_onto_itself"


def test_a_restore_never_lands_on_a_network_drive(small_backup: bytes, tmp_path: Path) -> None:
    backup = tmp_path / "good.plumbline"
    backup.write_bytes(small_backup)
    with pytest.raises(InvalidInput) as told:
        restore(backup, tmp_path / "OneDrive" / "plumbline.db")
    assert told.value.code == "database_on_synced_folder"
