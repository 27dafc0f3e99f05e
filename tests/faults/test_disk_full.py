"""A full disk during an import or while saving leaves what was there as it was (case 22)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from desktop.errors import UserError
from desktop.exporters.saving import save_bytes
from desktop.models.accounts import Account
from desktop.operations.keeping import back_up, restore
from desktop.store import schema
from desktop.store.engine import database_url, make_engine
from desktop.store.integrity import problems
from desktop.store.keeping.files import side_files
from tests.conftest import FULL
from tests.databases import Place, SqliteHost
from tests.faults.conftest import digest_at, run
from tests.faults.importer import STOPPED
from tests.faults.test_upgrades import OLDER, at_revision
from tests.maker import Maker
from tests.store.keeping.test_embedded import names

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no limit of file sizes on Windows")

MANY = "客户编号,客户名称,详细地址\n" + "".join(
    f"C{n:05d},第{n}号客户,{'很长的地址' * 12}{n}\n" for n in range(3000)
)


def test_the_disk_fills_up_during_an_import(sqlite_host: SqliteHost, tmp_path: Path) -> None:
    place: Place = sqlite_host.fresh(tmp_path)
    folder = tmp_path / "legacy"
    folder.mkdir()
    (folder / "客户.csv").write_text(MANY, encoding="utf-8")
    before = digest_at(place)
    size = Path(place.where).stat().st_size
    refused = 0
    for part in range(0, 40, 2 if FULL else 20):
        code, said, complained = run(place, folder, "disk", size + part * 100_000)
        if code == 0:
            assert json.loads(said)["created"] == 3000
            break
        refused += 1
        assert code == STOPPED, complained
        # A limit on a file's size is told by the system as another error than a full disk.
        assert complained.strip().splitlines()[-1] in ("disk_full", "disk_failed")
        workspace = place.open()
        assert workspace.read(problems) == []
        workspace.close()
        assert digest_at(place) == before
    assert refused
    # With room again it works as if nothing had happened.
    code, said, _ = run(place, folder)
    assert code == 0
    assert sum(json.loads(said)[name] for name in ("created", "unchanged")) == 3000
    sqlite_host.drop(place)


@contextmanager
def only(room: int) -> Iterator[None]:
    """Let no file of this process grow beyond that many bytes."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def rooms(size: int) -> range:
    """Sizes up to just below what is needed: the disk is full at every one of them in turn."""
    return range(0, size, max(1, size // (200 if FULL else 7)))


def test_the_disk_fills_up_during_a_backup(sqlite_host: SqliteHost, tmp_path: Path) -> None:
    place: Place = sqlite_host.fresh(tmp_path)
    target = tmp_path / "old.plumbline"
    back_up(place.where, target)
    before, there = target.read_bytes(), names(tmp_path)
    for room in rooms(len(before)):
        with only(room), pytest.raises(UserError) as caught:
            back_up(place.where, target)
        assert caught.value.code == "file_not_written"
        assert target.read_bytes() == before
        assert names(tmp_path) == there
    with only(2 * len(before)):
        back_up(place.where, target)


def test_the_disk_fills_up_during_a_restore(sqlite_host: SqliteHost, tmp_path: Path) -> None:
    place: Place = sqlite_host.fresh(tmp_path)
    database, backup = Path(place.where), tmp_path / "good.plumbline"
    back_up(place.where, backup)
    before, there = database.read_bytes(), names(tmp_path)
    for room in rooms(backup.stat().st_size - 4_096):
        with only(room), pytest.raises(UserError) as caught:
            restore(backup, database)
        assert caught.value.code == "file_not_written"
        assert database.read_bytes() == before
        assert names(tmp_path) == there


def test_the_disk_fills_up_during_an_upgrade(tmp_path: Path) -> None:
    engine = make_engine(database_url(tmp_path / "released.db"))
    before = at_revision(engine, OLDER[-1])
    engine.dispose()
    there = names(tmp_path)
    for room in rooms((tmp_path / "released.db").stat().st_size):
        with only(room), pytest.raises((UserError, SQLAlchemyError)):
            schema.upgrade(engine)
        engine.dispose()
        assert before.state() == (OLDER[-1], before.contents)
        assert names(tmp_path) == there
    assert schema.upgrade(engine)
    engine.dispose()


def test_the_disk_fills_up_while_a_record_is_saved(sqlite_host: SqliteHost, tmp_path: Path) -> None:
    place: Place = sqlite_host.fresh(tmp_path)
    workspace = place.open()
    make = Maker(workspace)
    make.account("第一号公司")
    kept = 1
    log = side_files(Path(place.where))[0]
    for room in (0, 1_000, 5_000, log.stat().st_size, log.stat().st_size + 3_000):
        with only(room), pytest.raises(UserError) as caught:
            make.account("没有地方的公司")
        assert caught.value.code in ("disk_full", "disk_failed")
        assert workspace.read(lambda work: len(work.rows(select(Account.id)))) == kept
    make.account("第二号公司")
    assert workspace.read(lambda work: len(work.rows(select(Account.id)))) == 2
    assert workspace.read(problems) == []
    sqlite_host.drop(place)


def test_the_disk_fills_up_while_a_file_is_saved(tmp_path: Path) -> None:
    import resource

    target = tmp_path / "报表.xlsx"
    target.write_bytes(b"the old one" * 100)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in range(0, 4000, 100 if FULL else 900):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        try:
            with pytest.raises(UserError) as caught:
                save_bytes(target, b"the new one" * 1000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert caught.value.code == "file_not_written"
        assert target.read_bytes() == b"the old one" * 100
        assert os.listdir(tmp_path) == [target.name]  # noqa: PTH208
    save_bytes(target, b"the new one" * 1000)
    assert target.read_bytes() == b"the new one" * 1000
