"""Large workbooks are parsed while they are still being checked, and files are read while the rest gets ready."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from desktop.control import Control
from desktop.errors import InvalidInput
from desktop.importers import ahead, child, containers, sheets
from desktop.importers.formats import Opening, read_grids
from desktop.importers.options import AS_FOUND
from desktop.importers.preflight import preflight
from desktop.importers.reader import read_sources, reading
from tests.unit.importers.files import change_part, write_xlsx

ROWS = [["客户名称", "手机"], ["甲公司", 13800138000], ["乙公司", None]]


@pytest.fixture(autouse=True)
def every_sheet_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "LARGE_BYTES", 0)
    monkeypatch.setattr(sheets, "LARGE_BYTES", 0)


def test_a_sheet_that_was_begun_is_handed_over_once_and_is_the_same(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "客户.xlsx", {"客户": ROWS})
    begun = ahead.begin(path)
    assert begun is not None
    found = preflight(path)
    ((_, one),) = [(sheet.name, sheet.grid) for sheet in sheets.read_workbook(path, "xlsx", found, begun)]
    ((_, other),) = [(sheet.name, sheet.grid) for sheet in sheets.read_workbook(path, "xlsx", found)]
    assert [column.to_list() for column in one.columns] == [column.to_list() for column in other.columns]
    assert begun.take(path, "客户") is None, "it is handed over once"
    assert not begun.is_under_way


def test_what_was_begun_is_only_taken_for_itself(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"客户": ROWS})
    begun = ahead.begin(path)
    assert begun is not None
    assert begun.take(tmp_path / "b.xlsx", "客户") is None
    assert begun.take(path, "别的") is None
    opening = Opening(tmp_path, AS_FOUND, begun=begun)
    (grid,) = list(read_grids(path, "a.xlsx", opening))
    assert getattr(grid, "sheet", None) == "客户"


def test_only_what_its_directory_says_to_be_harmless_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ahead.begin(write_xlsx(tmp_path / "two.xlsx", {"a": ROWS, "b": ROWS})) is None
    renamed = write_xlsx(tmp_path / "a.xlsx", {"a": ROWS}).rename(tmp_path / "a.bin")
    assert ahead.begin(renamed) is None
    (tmp_path / "none.xlsx").write_bytes(b"no archive")
    assert ahead.begin(tmp_path / "none.xlsx") is None
    forged = write_xlsx(tmp_path / "forged.xlsx", {"a": ROWS})
    strings = b'<sst uniqueCount="4000000000"></sst>'
    change_part(forged, "xl/sharedStrings.xml", lambda _: strings)
    assert ahead.begin(forged) is None
    monkeypatch.setattr(containers, "MAX_PART_BYTES", 10)
    assert ahead.begin(write_xlsx(tmp_path / "bomb.xlsx", {"a": ROWS})) is None


def test_a_child_that_still_parses_what_was_refused_leaves_the_other_files_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class UnderWay:
        is_under_way = True

    class Ended(Exception):
        pass

    def end(code: int) -> None:
        assert code == 0
        raise Ended

    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("客户名称,城市\n甲,上海\n", encoding="utf-8")
    files = [
        {"index": index, "path": str(tmp_path / name), "file": name}
        for index, name in enumerate(("a.csv", "b.csv"))
    ]
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"files": files, "options": AS_FOUND.to_json()}), encoding="utf-8")
    monkeypatch.setattr(child, "limit_own_memory", lambda: None)
    monkeypatch.setattr(child, "_BEGUN", [UnderWay()])
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr("sys.stdin", io.StringIO("{}\n"))
    with pytest.raises(Ended):
        child.run(job, tmp_path)
    assert (tmp_path / "0.json").exists()
    assert not (tmp_path / "1.json").exists()


def test_reading_begun_ahead_gives_the_same_tables(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户名称,城市\n甲,上海\n", encoding="utf-8")
    with reading([tmp_path], Control()) as begun:
        found = begun.result()
    (plain,) = read_sources([tmp_path]).tables
    assert [table.frame.rows() for table in found.tables] == [plain.frame.rows()]
    assert [file.name for file in begun.files] == ["a.csv"]


def test_a_missing_file_is_said_at_once_and_what_fails_meanwhile_ends_the_reading(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no file"), reading([tmp_path / "none"], Control()):
        raise AssertionError
    (tmp_path / "a.csv").write_text("客户名称,城市\n甲,上海\n", encoding="utf-8")
    control = Control()
    with pytest.raises(ZeroDivisionError), reading([tmp_path], control):
        raise ZeroDivisionError
    assert control.cancelled
