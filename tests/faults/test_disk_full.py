"""A full disk during an import or while saving leaves what was there as it was (case 22)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from desktop.errors import UserError
from desktop.exporters.saving import save_bytes
from desktop.store.integrity import problems
from tests.conftest import FULL
from tests.databases import Place, SqliteHost
from tests.faults.conftest import digest_at, run
from tests.faults.importer import STOPPED

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
    for part in range(0, 40, 2 if FULL else 13):
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
