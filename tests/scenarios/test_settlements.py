"""Finance's round trip: out, filled in, back, applied by row version, taken back (issue 5, point 9; COL-04, PER-07)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from desktop.clock import FixedClock
from desktop.errors import UserError
from desktop.models.contracts import Contract, Milestone
from desktop.models.settlements import Settlement
from desktop.operations.settlements import apply_returned
from desktop.queries.settlement_files import read_returned
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.conftest import NOW
from tests.databases import Place, SqliteHost
from tests.drivers.command_line import CommandLine
from tests.maker import Maker

NUMBER, RECEIVED, SETTLED, REMARK, MARKED = 11, 12, 13, 14, 17
"""Columns of finance's in the sheet, from 1; the contract's number is the first, the hidden ones are last."""


class Desk:
    """Finance at its command line, and the contracts it settles."""

    def __init__(self, place: Place, make: Maker, folder: Path) -> None:
        self.make, self.folder = make, folder
        make.person("钱财务", Role.FINANCE, login="qian")
        seller = make.person("李接", login="li")
        self.rep = CommandLine(place.where_for("li"))
        self.finance = CommandLine(place.where_for("qian"))
        self.as_qian = ["--as", "qian"] if place.is_sqlite else []
        self.as_li = ["--as", "li"] if place.is_sqlite else []
        account = make.account("甲公司", seller)
        self.contracts = [
            make.contract(
                f"HT-{number}", account, f"{number}000.50", owner_id=seller, delivery_on=make.days_ago(number)
            )
            for number in (3, 2, 1)
        ]
        make.contract("HT-未交付", account, "5", owner_id=seller)

    def out(self, name: str = "结算表.xlsx", *more: str) -> Path:
        path = self.folder / name
        self.finance.json("settlements", "--out", str(path), "--lang", "zh_CN", *more, *self.as_qian)
        return path

    def settle(self, path: Path, *more: str, code: int = 0) -> Any:
        return self.finance.json("settle", str(path), *more, *self.as_qian, code=code)

    def stored(self, workspace: Workspace) -> dict[str, tuple[Any, ...]]:
        def ask(work: Work) -> dict[str, tuple[Any, ...]]:
            statement = select(Contract.number, Settlement).join(
                Settlement, Settlement.contract_id == Contract.id
            )
            return {
                row.number: (
                    row.Settlement.invoice_number,
                    row.Settlement.received,
                    row.Settlement.settled,
                    row.Settlement.remark,
                )
                for row in work.rows(statement)
            }

        return workspace.read(ask)


@pytest.fixture
def desk(place: Place, make: Maker, tmp_path: Path) -> Desk:
    return Desk(place, make, tmp_path)


@pytest.fixture
def small(sqlite_host: SqliteHost, tmp_path: Path) -> Iterator[tuple[Desk, Workspace]]:
    """The same on SQLite alone, for what cannot differ between databases."""
    place = sqlite_host.fresh(tmp_path)
    workspace = place.open(clock=FixedClock(NOW))
    yield Desk(place, Maker(workspace), tmp_path), workspace
    sqlite_host.drop(place)


def edited(path: Path, change: Callable[[Any, dict[str, int]], None], name: str = "回来.xlsx") -> Path:
    """Return a copy in which finance wrote; `change` gets the sheet and each contract's row."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = {
        str(sheet.cell(row, 1).value): row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value
    }
    change(sheet, rows)
    target = path.with_name(name)
    book.save(target)
    return target


def test_the_queue_is_what_was_accepted_and_is_not_settled(desk: Desk, workspace: Workspace) -> None:
    def accept(work: Work) -> None:
        work.session.add(
            Milestone(
                contract_id=desk.contracts[2],
                name="终验收",
                reached_on=desk.make.days_ago(9),
                recorded_at=work.now,
                changed_at=work.now,
            )
        )
        work.session.add(
            Settlement(
                contract_id=desk.contracts[0],
                settled=True,
                recorded_at=work.now,
                changed_at=work.now,
                changed_by_id=work.actor.person_id,
            )
        )

    workspace.write(accept)
    rows = desk.finance.json("settlements", *desk.as_qian)
    assert [(row["number"], row["amount"], row["accepted_on"]) for row in rows] == [
        ("HT-1", "1000.50", desk.make.days_ago(9).isoformat()),
        ("HT-2", "2000.50", desk.make.days_ago(2).isoformat()),
    ]
    assert len(desk.finance.json("settlements", "--all", *desk.as_qian)) == 4


def test_what_finance_writes_comes_back_and_can_be_taken_back(desk: Desk, workspace: Workspace) -> None:
    sent = desk.out()
    book = openpyxl.load_workbook(sent)
    sheet = book.worksheets[0]
    assert sheet.protection.sheet
    assert [sheet.column_dimensions[letter].hidden for letter in "NOPQ"] == [False, True, True, True]
    row = next(number for number in range(1, 20) if sheet.cell(number, 1).value == "HT-1")
    assert [sheet.cell(row, column).protection.locked for column in (1, NUMBER, RECEIVED, SETTLED, REMARK)] == [
        True, False, False, False, False
    ]  # fmt: skip

    def write(sheet: Any, rows: dict[str, int]) -> None:
        sheet.cell(rows["HT-1"], NUMBER, "INV-9")
        sheet.cell(rows["HT-1"], RECEIVED, 800.25)
        sheet.cell(rows["HT-1"], SETTLED, "是")
        sheet.cell(rows["HT-2"], RECEIVED, "￥1,500.00")
        sheet.cell(rows["HT-2"], REMARK, "先付一半")

    back = edited(sent, write)
    seen = desk.settle(back)
    assert (seen["number"], seen["counts"]) == (0, {"change": 2, "same": 1})
    assert desk.stored(workspace) == {}
    done = desk.settle(back, "--apply")
    assert done["changed"] == 2
    assert desk.stored(workspace)["HT-1"] == ("INV-9", 80_025, True, None)
    assert desk.stored(workspace)["HT-2"][1] == 150_000
    again = desk.settle(back, "--apply")
    assert (again["changed"], again["counts"], again["stale"]) == (0, {"same": 3}, 2)

    undone = desk.finance.json("settle", "--undo", str(done["number"]), *desk.as_qian)
    assert (undone["restored"], undone["kept"]) == (2, [])
    assert desk.stored(workspace)["HT-1"] == (None, None, None, None)
    assert desk.finance.run("settle", "--undo", str(done["number"]), *desk.as_qian).code == 3


def test_conflicts_are_shown_and_other_cells_of_others_are_kept(small: tuple[Desk, Workspace]) -> None:
    desk, workspace = small
    sent = desk.out()
    first = edited(sent, lambda sheet, rows: sheet.cell(rows["HT-1"], REMARK, "甲说"), "一.xlsx")
    applied = desk.settle(first, "--apply")

    def write(sheet: Any, rows: dict[str, int]) -> None:
        sheet.cell(rows["HT-1"], REMARK, "乙说")
        sheet.cell(rows["HT-2"], NUMBER, "INV-2")

    second = edited(sent, write, "二.xlsx")
    seen = desk.settle(second, "--apply", code=4)
    conflict = next(row for row in seen["rows"] if row["state"] == "conflict")
    assert (conflict["number"], conflict["stale"]) == ("HT-1", True)
    assert conflict["changes"]["remark"] == {"base": None, "found": "乙说", "now": "甲说"}
    assert desk.stored(workspace)["HT-1"][3] == "甲说"
    assert desk.stored(workspace)["HT-2"][0] == "INV-2"
    # Another cell of a row that changed meanwhile is no conflict.
    third = edited(sent, lambda sheet, rows: sheet.cell(rows["HT-1"], NUMBER, "INV-1"), "三.xlsx")
    assert desk.settle(third, "--apply")["changed"] == 1
    assert desk.stored(workspace)["HT-1"] == ("INV-1", None, None, "甲说")
    # What was changed again since is not taken back.
    undone = desk.finance.json("settle", "--undo", str(applied["number"]), *desk.as_qian)
    assert (undone["restored"], len(undone["kept"])) == (0, 1)
    said = desk.finance.run("settle", str(second), "--lang", "zh_CN", *desk.as_qian)
    assert "甲说" in said.out
    assert "冲突" in said.out


def test_rows_may_be_sorted_deleted_and_put_in(small: tuple[Desk, Workspace]) -> None:
    desk = small[0]
    sent = desk.out()

    def write(sheet: Any, rows: dict[str, int]) -> None:
        one, two = rows["HT-3"], rows["HT-2"]
        for column in range(1, MARKED + 1):
            here, there = sheet.cell(one, column), sheet.cell(two, column)
            here.value, there.value = there.value, here.value
        sheet.cell(one, NUMBER, "INV-2")
        for column in range(1, MARKED + 1):
            sheet.cell(rows["HT-1"], column).value = None
        sheet.cell(rows["HT-1"], 1, "HT-新")
        sheet.cell(rows["HT-1"], NUMBER, "INV-X")

    seen = desk.settle(edited(sent, write), code=4)
    states = {row["number"]: row["state"] for row in seen["rows"]}
    assert states == {"HT-2": "change", "HT-3": "same", "HT-新": "inserted", "HT-1": "missing"}


def test_altered_figures_unreadable_and_repeated_rows_are_listed(small: tuple[Desk, Workspace]) -> None:
    desk, workspace = small
    sent = desk.out()

    def write(sheet: Any, rows: dict[str, int]) -> None:
        sheet.cell(rows["HT-1"], 5, 999_999)
        sheet.cell(rows["HT-1"], NUMBER, "INV-1")
        sheet.cell(rows["HT-2"], RECEIVED, "已到")
        sheet.cell(rows["HT-3"], RECEIVED, "=1+1")

    seen = desk.settle(edited(sent, write), "--apply", code=4)
    assert {row["number"]: row["state"] for row in seen["rows"]} == {
        "HT-1": "altered",
        "HT-2": "unreadable",
        "HT-3": "unreadable",
    }
    assert desk.stored(workspace) == {}

    def twice(sheet: Any, rows: dict[str, int]) -> None:
        for column in range(1, MARKED + 1):
            sheet.cell(rows["HT-2"], column).value = sheet.cell(rows["HT-1"], column).value
        sheet.cell(rows["HT-1"], REMARK, "甲")
        sheet.cell(rows["HT-2"], REMARK, "乙")

    seen = desk.settle(edited(sent, twice), code=4)
    assert sorted((row["number"], row["state"]) for row in seen["rows"]) == [
        ("HT-1", "repeated"),
        ("HT-2", "missing"),
        ("HT-3", "same"),
    ]


def test_copies_of_another_database_and_other_files_are_known(
    small: tuple[Desk, Workspace], tmp_path: Path
) -> None:
    desk = small[0]
    sent = desk.out()

    def forge(sheet: Any, rows: dict[str, int]) -> None:
        for row in rows.values():
            if str(sheet.cell(row, MARKED).value).startswith("S0"):
                sheet.cell(row, MARKED, "S000001-0000000000000000")

    seen = desk.settle(edited(sent, forge), code=4)
    assert {row["state"] for row in seen["rows"]} == {"foreign"}
    book = openpyxl.Workbook()
    book.active.append(["合同号", "备注"])
    book.save(tmp_path / "别的.xlsx")
    assert desk.finance.run("settle", str(tmp_path / "别的.xlsx"), *desk.as_qian).code == 3

    def cut(sheet: Any, _rows: dict[str, int]) -> None:
        sheet.delete_cols(SETTLED)

    assert desk.finance.run("settle", str(edited(sent, cut)), *desk.as_qian).code == 3
    # The migration knows it, too, and takes none of its rows for contracts.
    refused = CommandLine(small[1].engine.url.database or "").run("migrate", str(sent), "--dry-run")
    assert "plumbline settle" in refused.out + refused.err
    assert len(desk.finance.json("settlements", "--all", *desk.as_qian)) == 4


def test_sellers_read_and_do_not_write(desk: Desk) -> None:
    sent = desk.out()
    back = edited(sent, lambda sheet, rows: sheet.cell(rows["HT-1"], REMARK, "自己写"))
    refused = desk.rep.run("settle", str(back), "--apply", *desk.as_li)
    assert refused.code == 3
    desk.settle(edited(sent, lambda sheet, rows: sheet.cell(rows["HT-2"], REMARK, "财务写")), "--apply")
    own = desk.rep.json("settlements", *desk.as_li)
    assert {row["number"]: row["remark"] for row in own}["HT-2"] == "财务写"


def test_two_desks_that_apply_one_file_at_once_write_it_once(
    desk: Desk, place: Place, workspace: Workspace
) -> None:
    back = edited(desk.out(), lambda sheet, rows: sheet.cell(rows["HT-1"], REMARK, "同时"))
    returned = read_returned(back)
    other = place.open(clock=workspace.clock)
    told: list[object] = []

    def second() -> None:
        try:
            told.append(other.write(lambda work: apply_returned(work, returned)).changed)
        except UserError as problem:
            told.append(problem.code)

    thread = threading.Thread(target=second)

    def first(work: Work) -> int:
        done = apply_returned(work, returned).changed
        if not place.is_sqlite:
            thread.start()
        return done

    assert workspace.write(first) == 1
    if place.is_sqlite:
        thread.start()
    thread.join()
    # Whoever comes second either sees what the first one wrote, or is told.
    assert told in ([0], ["settlement_race"])
    assert desk.stored(workspace)["HT-1"] == (None, None, None, "同时")
