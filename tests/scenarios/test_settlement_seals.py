"""What `verify` says of a settlement sheet: genuine, saved again, filled in by finance, altered: these cells (RPT-07, PER-07)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from desktop.store.workspace import Workspace
from tests.scenarios.test_settlements import MARKED, NUMBER, REMARK, Desk, desk, edited, small

__all__ = ["desk", "small"]

Told = tuple[str, list[tuple[str, str]], list[tuple[str, str]]]


def verified(desk: Desk, path: Path, code: int = 0) -> Told:
    """Return what `verify` says."""
    said = desk.finance.json("verify", str(path), *desk.as_qian, code=code)
    return said["verdict"], _cells(said["differences"]), _cells(said["filled"])


def _cells(found: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(item["cell"], item["found"]) for item in found]


def _swap(sheet: Any, one: int, two: int) -> None:
    for column in range(1, MARKED + 1):
        here, there = sheet.cell(one, column), sheet.cell(two, column)
        here.value, there.value = there.value, here.value


def test_a_settlement_sheet_is_genuine_filled_in_or_altered(desk: Desk) -> None:
    sent = desk.out()
    assert verified(desk, sent) == ("genuine", [], [])
    assert verified(desk, edited(sent, lambda _sheet, _rows: None)) == ("resaved", [], [])

    def fill(sheet: Any, rows: dict[str, int]) -> None:
        sheet.cell(rows["HT-1"], NUMBER, "INV-9")
        sheet.cell(rows["HT-2"], REMARK, "先付一半")

    rows = {}
    edited(sent, lambda _sheet, found: rows.update(found))
    filled = [(f"N{rows['HT-2']}", "先付一半"), (f"K{rows['HT-1']}", "INV-9")]
    assert verified(desk, edited(sent, fill)) == ("filled", [], filled)

    def alter(sheet: Any, rows: dict[str, int]) -> None:
        fill(sheet, rows)
        sheet.cell(rows["HT-1"], 5, 999_999)

    back = edited(sent, alter)
    assert verified(desk, back, 4) == ("altered", [(f"E{rows['HT-1']}", "999999")], filled)
    seal = desk.settle(back, code=4)["seal"]
    assert (seal["verdict"], _cells(seal["differences"]), _cells(seal["filled"])) == verified(desk, back, 4)
    said = desk.finance.run("verify", str(back), "--lang", "zh_CN", *desk.as_qian)
    assert all(words in said.out for words in ("内容被改动", "财务已填写", "由钱财务于"))


def test_without_the_database_the_seal_tells_the_same(desk: Desk, tmp_path: Path) -> None:
    sent, keys = desk.out(), tmp_path / "keys.json"
    desk.finance.json("seal", "--keys", str(keys), *desk.as_qian)

    def told(change: Callable[[Any, dict[str, int]], None], code: int = 0) -> tuple[str, str, list[str]]:
        file = str(edited(sent, change))
        said = desk.finance.json("verify", file, "--offline", "--keys", str(keys), code=code)
        return said["verdict"], said["seal"], [item["cell"] for item in said["changed"]]

    assert told(lambda _sheet, _rows: None) == ("resaved", "valid", [])
    assert told(lambda sheet, rows: sheet.cell(rows["HT-1"], NUMBER, "INV-9")) == (
        "filled",
        "valid",
        ["K6:N8"],
    )
    verdict, seal, cells = told(lambda sheet, rows: sheet.cell(rows["HT-3"], 5, 1), code=4)
    assert (verdict, seal, cells) == ("altered", "valid", ["E6"])


@pytest.mark.parametrize("fills", [False, True])
def test_rows_may_be_sorted_and_deleted(small: tuple[Desk, Workspace], fills: bool) -> None:
    one = small[0]

    def sort(sheet: Any, rows: dict[str, int]) -> None:
        _swap(sheet, rows["HT-3"], rows["HT-2"])
        if fills:
            sheet.cell(rows["HT-3"], REMARK, "这行现在是 HT-2")
        for column in range(1, MARKED + 1):
            sheet.cell(rows["HT-1"], column).value = None

    back = edited(one.out(), sort)
    verdict, others, filled = verified(one, back)
    expected = [("N6", "这行现在是 HT-2")] if fills else []
    assert (verdict, others, filled) == ("filled" if fills else "resaved", [], expected)
    assert "HT-1" in one.finance.run("verify", str(back), *one.as_qian).out


def test_rows_that_were_put_in_and_forged_ones_are_altered(small: tuple[Desk, Workspace]) -> None:
    one = small[0]
    sent = one.out()

    def put_in(sheet: Any, rows: dict[str, int]) -> None:
        last = max(row for row in rows.values() if str(sheet.cell(row, 1).value).startswith("HT-"))
        sheet.cell(last + 1, 1, "HT-新")

    verdict, others, _filled = verified(one, edited(sent, put_in), 4)
    assert (verdict, others) == ("altered", [("A9", "HT-新")])

    def exchange(sheet: Any, rows: dict[str, int]) -> None:
        """Give one contract's figures to another by its hidden number."""
        hidden = [sheet.cell(rows[name], 15) for name in ("HT-1", "HT-2")]
        hidden[0].value, hidden[1].value = hidden[1].value, hidden[0].value

    verdict, others, _filled = verified(one, edited(sent, exchange), 4)
    assert (verdict, {cell[0] for cell, _found in others} >= {"A", "E"}) == ("altered", True)
    book = openpyxl.load_workbook(sent)
    book.worksheets[0]["A1"] = "别的标题"
    book.save(sent.with_name("标题.xlsx"))
    assert verified(one, sent.with_name("标题.xlsx"), 4)[:2] == ("altered", [("A1", "别的标题")])
