"""The same data twice: by two people at once, and in any disguise, creates nothing the second time (case 40)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.errors import InvalidInput
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import make_plan, read_and_map
from desktop.store.workspace import Workspace
from tests.databases import Place
from tests.faults.conftest import CUSTOMERS, digest_at, run, start
from tests.store.loading.hand_made import digest_of
from tests.unit.importers.files import write_xlsx
from tests.unit.importers.writers import xml_workbook


def test_two_people_import_the_same_folder_at_once(place: Place, folder: Path) -> None:
    both = [start(place, folder), start(place, folder)]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    created = sorted(json.loads(out)["created"] for out, _ in said)
    assert created == [0, 5]
    after = digest_at(place)
    assert json.loads(run(place, folder)[1])["created"] == 0
    assert digest_at(place) == after


def rows() -> list[list[str]]:
    return [line.split(",") for line in CUSTOMERS.splitlines()]


def as_gb18030(folder: Path) -> None:
    (folder / "客户备份.txt").write_bytes(CUSTOMERS.replace(",", "\t").encode("gb18030"))


def as_workbook(folder: Path) -> None:
    write_xlsx(folder / "另存为.xlsx", {"Sheet1": rows()})


def as_workbook_with_title(folder: Path) -> None:
    write_xlsx(folder / "report.xlsx", {"客户": [["客户清单"], [], *rows()]})


def as_xml_named_xls(folder: Path) -> None:
    cells = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
        for row in rows()
    )
    (folder / "旧系统.xls").write_bytes(xml_workbook({"客户": f"<Table>{cells}</Table>"}))


def as_page_named_xls(folder: Path) -> None:
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows())
    (folder / "导出.xls").write_text(
        f"<html><head><meta charset='utf-8'></head><body><table>{cells}</table></body></html>",
        encoding="utf-8",
    )


def with_columns_and_rows_turned_round(folder: Path) -> None:
    head, *body = rows()
    lines = [list(reversed(head)), *(list(reversed(row)) for row in reversed(body))]
    (folder / "customers.csv").write_text("\n".join(map(",".join, lines)), encoding="utf-8-sig")


DISGUISES = [
    as_gb18030,
    as_workbook,
    as_workbook_with_title,
    as_xml_named_xls,
    as_page_named_xls,
    with_columns_and_rows_turned_round,
]


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda one: one.__name__)
def test_the_same_customers_in_a_disguise(
    workspace: Workspace, tmp_path: Path, disguise: Callable[[Path], None]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for one in (first, second):
        one.mkdir()
    (first / "客户.csv").write_text(CUSTOMERS, encoding="utf-8")
    disguise(second)
    assert migrate_plan(workspace, make_plan(read_and_map([first]))).totals["created"] == 3
    before = digest_of(workspace)
    again = migrate_plan(workspace, make_plan(read_and_map([second])))
    assert (again.totals["created"], again.totals["read"], again.refused) == (0, 3, ())
    assert digest_of(workspace) == before


def test_a_file_that_changes_between_reading_and_importing(workspace: Workspace, folder: Path) -> None:
    """Case 19."""
    plan = make_plan(read_and_map([folder]))
    before = digest_of(workspace)
    (folder / "客户.csv").write_text(CUSTOMERS.replace("杭州明远", "杭州远明"), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        migrate_plan(workspace, plan)
    assert caught.value.code == "file_changed"
    assert digest_of(workspace) == before
