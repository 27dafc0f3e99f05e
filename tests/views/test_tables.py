"""The table: sorting, filtering, columns, copying, totals, trees, and sending to Excel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.i18n import Locale
from desktop.queries.rows import Condition, RowRequest, Sort
from desktop.views.cells import Cell, DateCell, Env, LabelCell, MoneyCell, NumberCell, PercentCell, TextCell
from desktop.views.cells_rich import (
    ChipCell,
    ConfidenceCell,
    LimitBarCell,
    NameCell,
    ProgressCell,
    TagsCell,
    TreeCell,
    TwoLineCell,
)
from desktop.views.columns import Column
from desktop.views.context import AppContext
from desktop.views.page import Page
from desktop.views.table_view import squeezed
from desktop.views.tables import DataTable, GroupRow, ProblemRow, QuerySource

ENV = Env(Locale("en"), date(2026, 11, 18), 100_000)
CHINESE = Env(Locale("zh_CN"), date(2026, 11, 18), 1_000_000)


@dataclass(frozen=True)
class Deal:
    """A frozen row."""

    id: int
    name: str
    amount: int | None
    on: date | None
    parent: int | None = None


DEALS = [
    Deal(1, "Boiler", 1_200_000, date(2026, 3, 5)),
    Deal(2, "pump", 300_000, date(2026, 4, 1), 1),
    Deal(3, "Valve", None, None, 1),
    Deal(4, "Anchor", 900_000, date(2025, 12, 31)),
]
COLUMNS = (
    Column("name", "Name", TextCell(), width=120, stretch=1),
    Column("amount", "Amount", MoneyCell(), unit="money", width=80),
    Column("on", "Day", DateCell(), width=90),
    Column("id", "No.", NumberCell(), width=60, hidden=True),
)


@pytest.fixture
def page(qtbot: QtBot, ctx: AppContext) -> Page:
    """An empty page to hang a table on."""
    made = Page(ctx)
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


@pytest.fixture
def table(page: Page) -> DataTable:
    """A table of deals."""
    made = DataTable(page, "test.deals", COLUMNS, filters=True, title="Deals")
    page.body.addWidget(made)
    made.set_rows(DEALS)
    return made


def names(table: DataTable) -> list[str]:
    """Return the names as shown."""
    return [row.name for row in table.rows()]


def test_a_reload_leaves_the_table_where_it_was(table: DataTable) -> None:
    """A colleague's commit does not take the reader's place away, whether or not a row is selected."""
    many = [Deal(number, f"Deal {number:04}", number, None) for number in range(500)]
    table.set_rows(many)
    table.select(3, tell=False)
    table.grid.verticalScrollBar().setValue(4_000)
    table.set_rows([*many, Deal(900, "new", 1, None)])
    assert table.grid.verticalScrollBar().value() == 4_000
    assert table.current().id == 3


def test_a_click_sorts_and_a_second_click_turns_it(table: DataTable) -> None:
    """Numbers start with the largest; blanks are last either way; text ignores case."""
    table.grid.header.sorted_by.emit("amount")
    assert names(table) == ["Boiler", "Anchor", "pump", "Valve"]
    table.grid.header.sorted_by.emit("amount")
    assert names(table) == ["pump", "Anchor", "Boiler", "Valve"]
    table.grid.header.sorted_by.emit("name")
    assert names(table) == ["Anchor", "Boiler", "pump", "Valve"]


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("name", "p", ["pump"]),
        ("amount", ">= 9", ["Boiler", "Anchor"]),
        ("amount", "≥9", ["Boiler", "Anchor"]),
        ("amount", "3..9", ["pump", "Anchor"]),
        ("amount", "=", ["Valve"]),
        ("on", "2026", ["Boiler", "pump"]),
        ("on", "2026-03", ["Boiler"]),
        ("on", "< 2026-01-01", ["Anchor"]),
        ("on", "<>", ["Boiler", "pump", "Anchor"]),
    ],
)
def test_the_filter_row(table: DataTable, key: str, text: str, expected: list[str]) -> None:
    """What is typed is understood in the units shown (K here)."""
    table.set_filter(key, text)
    assert names(table) == expected


def test_a_filter_that_means_nothing_is_marked(table: DataTable) -> None:
    """Nonsense in a number column is marked and filters nothing."""
    table.set_filter("amount", "many")
    assert table.grid.header.edits["amount"].property("bad") == "true"
    assert len(names(table)) == 4
    table.clear_filters()
    assert not table.grid.header.edits["amount"].property("bad")


def test_columns_are_chosen_and_remembered(page: Page, table: DataTable) -> None:
    """The chooser shows and hides, and the next table of that name comes the same."""
    table.toggle_column("id")
    table.toggle_column("on")
    again = DataTable(page, "test.deals", COLUMNS)
    assert [column.key for column in again.model.columns] == ["name", "amount", "id"]
    again.reset_layout()
    assert [column.key for column in again.model.columns] == ["name", "amount", "on"]


def test_a_block_pastes_into_excel(table: DataTable) -> None:
    """A selected block is copied as tab-separated text and as an HTML table."""
    select_block(table, rows=(0, 1), columns=(0, 1))
    table.grid.copy()
    data = QGuiApplication.clipboard().mimeData()
    assert data.text() == "Boiler\t12.0\npump\t3.0"
    assert "<td>Boiler</td><td>12.0</td>" in data.html()


def test_totals_as_excel_shows_them(qtbot: QtBot, table: DataTable) -> None:
    """Count, sum and average of a selected column."""
    said: list[str] = []
    table.grid.totals.connect(said.append)
    select_block(table, rows=(0, 1), columns=(1, 1))
    assert "<b>2</b>" in said[-1]
    assert "15.0 K" in said[-1]
    assert "7,500" in said[-1]
    table.hide()
    assert said[-1] == ""
    table.show()
    assert "15.0 K" in said[-1]


def test_groups_and_problems_span_the_table(table: DataTable) -> None:
    """Sorting stays within groups; a problem stays under its row; neither is a record."""
    problem = ProblemRow("amber", "2 rows", "cannot be read", (("Mend", lambda: None),))
    table.set_rows([GroupRow("First"), DEALS[0], problem, DEALS[1], GroupRow("Second"), DEALS[3]])
    table.grid.header.sorted_by.emit("name")
    kinds = [type(table.model.row(i)).__name__ for i in range(table.model.rowCount())]
    assert kinds == ["GroupRow", "Deal", "ProblemRow", "Deal", "GroupRow", "Deal"]
    assert names(table) == ["Boiler", "pump", "Anchor"]
    assert table.grid.columnSpan(0, 0) == 3
    assert table.grid.indexWidget(table.model.index(2, 0)) is not None


def test_a_tree_opens_closes_and_filters(page: Page) -> None:
    """Children follow their parent; a filter keeps what stands above a hit."""
    columns = (Column("name", "Name", TreeCell(), stretch=1), COLUMNS[1])
    tree = DataTable(page, "test.tree", columns, filters=True)
    tree.set_tree(DEALS, key=lambda row: row.id, parent=lambda row: row.parent, open_depth=1)
    assert names(tree) == ["Boiler", "pump", "Valve", "Anchor"]
    tree.select(1)
    tree.grid._toggle(DEALS[0])
    assert names(tree) == ["Boiler", "Anchor"]
    tree.set_filter("name", "valve")
    assert names(tree) == ["Boiler", "Valve"]


def test_the_keyboard_walks_the_records(qtbot: QtBot, table: DataTable) -> None:
    """Down tells the next record, Enter opens it."""
    chosen: list[Any] = []
    opened: list[Any] = []
    table.selected.connect(chosen.append)
    table.activated.connect(opened.append)
    table.select(1)
    qtbot.keyClick(table.grid, Qt.Key.Key_Down)
    qtbot.keyClick(table.grid, Qt.Key.Key_Return)
    assert chosen == [DEALS[0], DEALS[1]]
    assert opened == [DEALS[1]]


def test_selection_survives_a_reload(table: DataTable) -> None:
    """The record stays current where it moved to."""
    table.select(4)
    table.grid.header.sorted_by.emit("name")
    assert table.current() == DEALS[3]
    assert table.grid.current_number() == 0


def test_a_million_rows_are_fetched_slice_by_slice(page: Page) -> None:
    """Only the slices that are looked at are asked for; sort and filters go to the source."""
    asked: list[RowRequest] = []

    def fetch(_work: Any, request: RowRequest) -> list[Deal]:
        asked.append(request)
        return [Deal(request.offset + i, f"D{request.offset + i}", i, None) for i in range(request.limit)]

    table = DataTable(page, "test.many", COLUMNS, filters=True)
    table.set_source(QuerySource(lambda work, filters: 1_000_000, fetch))
    assert table.model.rowCount() == 1_000_000
    assert table.model.row(500_000) is None
    assert table.model.row(500_000).name == "D500000"
    assert [request.offset for request in asked] == [0, 500_000]
    table.set_filter("name", "x")
    table.grid.header.sorted_by.emit("name")
    assert asked[-1].sort == Sort("name", False)
    assert asked[-1].filters == {"name": Condition("contains", "x")}


def test_sent_to_excel(table: DataTable, tmp_path: Path) -> None:
    """Types arrive as types: money a number, days a date, in the order and with the filters shown."""
    table.set_filter("amount", "> 0")
    path = tmp_path / "deals.xlsx"
    table.send_to_excel(path)
    cells = [[cell.value for cell in row] for row in load_workbook(path).active.iter_rows()]
    start = next(number for number, row in enumerate(cells) if row[0] == "Name")
    assert cells[start + 1][0:2] == ["Boiler", 12000]
    assert cells[start + 1][2].date() == date(2026, 3, 5)
    assert [row[0] for row in cells[start + 1 : start + 4]] == ["Boiler", "pump", "Anchor"]


def test_a_file_that_cannot_be_written_is_a_strip(page: Page, table: DataTable, tmp_path: Path) -> None:
    """A folder in the way is told on the page, with its name."""
    (tmp_path / "taken.xlsx").mkdir()
    table.send_to_excel(tmp_path / "taken.xlsx")
    assert len(page.strips.strips) == 1
    assert "taken.xlsx" in page.strips.strips[0].accessibleName()


@pytest.mark.parametrize(
    ("cell", "value", "text"),
    [
        (MoneyCell(), 3_860_000, "38.6"),
        (MoneyCell(dash_zero=True), 0, "—"),
        (PercentCell(), 1234, "12.3%"),
        (NumberCell(1), Decimal("-2.25"), "−2.3"),
        (ProgressCell(), 0.456, "46%"),
        (ConfidenceCell(), 0.82, "82%"),
        (TagsCell(), ("a", "b"), "a | b"),
        (LabelCell({"A": "Key"}), "A", "Key"),
        (ChipCell({"s": ("red", "Stuck")}), "s", "Stuck"),
        (LimitBarCell(lambda row: 14), 20, "20"),
        (NameCell(lambda row: "B"), "Acme", "Acme"),
        (TwoLineCell(lambda row: "below"), "above", "above"),
        (DateCell(), None, "—"),
    ],
)
def test_cells_say_what_they_show(cell: Cell, value: Any, text: str) -> None:
    """Every cell has its text, words for a screen reader, and a value for Excel."""
    assert cell.text(value, None, ENV) == text
    assert cell.accessible_text(value, None, ENV)
    cell.excel_value(value, None, ENV)


def test_money_speaks_the_readers_unit() -> None:
    """万 in Chinese, K in English, and the filter understands both."""
    assert MoneyCell().text(3_860_000, None, CHINESE) == "3.9"
    assert MoneyCell().condition(">= 2", CHINESE) == Condition(">=", 2_000_000)
    assert MoneyCell().condition(">= 2", ENV) == Condition(">=", 200_000)


def test_narrow_tables_shrink_where_it_hurts_least() -> None:
    """Stretching columns give way first, but keep room for three characters."""
    assert squeezed([200.0, 100.0], [1.0, 0.0], 60) == [140.0, 100.0]
    narrow = squeezed([200.0, 100.0], [1.0, 0.0], 130)
    assert narrow[0] >= 68 * 0.72
    assert sum(narrow) == pytest.approx(max(170, (110 + 100) * 0.72))


def select_block(table: DataTable, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    """Select a block of cells as a person would with Shift."""
    from PySide6.QtCore import QItemSelection

    first, last = table.model.index(rows[0], columns[0]), table.model.index(rows[1], columns[1])
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
    table.grid.selectionModel().select(QItemSelection(first, last), flags)
