"""The review grid: problems in place, walking, filtering, mending one and many, undo; only what is seen is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.i18n import Locale
from desktop.importers.tables import Issue, Kinds, SourceTable
from desktop.operations.review import Place, Problems
from desktop.terms import Severity
from desktop.views.migrate.grid_model import GridModel
from desktop.views.migrate.grid_view import GridView
from desktop.views.migrate.page import REVIEW, MigratePage
from tests.views.migrating import OpenPage, files, open_page

__all__ = ["files", "open_page"]

Review = Callable[[], MigratePage]


@pytest.fixture
def page(open_page: OpenPage, files: Path) -> MigratePage:
    opened = open_page()
    opened.dropped([str(files / "客户.csv")])
    opened.show_step(REVIEW)
    return opened


def marks(page: MigratePage) -> dict[tuple[int, int], str]:
    model = page.bench.review.model
    found = {}
    for number in range(model.rowCount()):
        for column in range(model.columnCount()):
            if status := model.status(number, column):
                found[model.row_at(number), column] = status
    return found


def test_problems_stand_in_their_cells_with_what_to_do(page: MigratePage) -> None:
    assert marks(page) == {(3, 2): "amber"}
    model = page.bench.review.model
    tip = model.data(model.index(1, 2), Qt.ItemDataRole.ToolTipRole)
    assert tip == (
        "“12” is not a valid phone number. The value is left out; its text is kept with the record. "
        "Correct the number, or leave the cell empty: its text is kept with the record."
    )
    assert "not a valid phone" in model.data(model.index(1, 2), Qt.ItemDataRole.AccessibleTextRole)
    assert model.headerData(2, Qt.Orientation.Vertical) == "4"
    assert model.faults(2)[-1].code == "key_missing"


def test_f8_walks_from_problem_to_problem(page: MigratePage, qtbot: QtBot) -> None:
    review = page.bench.review
    assert review.walk()
    assert review.grid.current_place() == Place(3, 2)
    assert "not a valid phone number" in review.fixing.words.text()
    assert review.walk()
    assert review.grid.current_place() == Place(4, 0), "a fault of the row as a whole"
    assert review.fixing.shape.status == "red"
    assert not review.walk()
    assert review.walk(forward=False)
    assert review.grid.current_place() == Place(3, 2)


def test_rows_are_filtered_by_problem_and_text(page: MigratePage) -> None:
    review = page.bench.review
    review.show_kind(("phone_invalid", "手机"))
    assert [review.model.row_at(i) for i in range(review.model.rowCount())] == [3]
    review.show_kind("row")
    assert [review.model.row_at(i) for i in range(review.model.rowCount())] == [4]
    review.show_kind("all")
    review.search.setText("甲")
    review._filter()
    assert [review.model.row_at(i) for i in range(review.model.rowCount())] == [2]


def test_a_cell_is_mended_in_place_and_taken_back(page: MigratePage) -> None:
    review = page.bench.review
    model = review.model
    assert model.setData(model.index(1, 2), "13700137000")
    assert marks(page) == {(3, 2): "green"}
    assert page.session.source is not None
    assert [(fix.row, fix.column, fix.after) for fix in page.session.source.fixes] == [(3, 2, "13700137000")]  # type: ignore[union-attr]
    assert review.fixing.undo is not None
    assert review.fixing.undo.isEnabled()
    page.session.undo()
    assert marks(page) == {(3, 2): "amber"}
    page.session.redo()
    assert marks(page) == {(3, 2): "green"}


def test_all_cells_of_a_problem_are_mended_at_once(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    lines = [f"K{i},公司{i},{'12' if i % 3 else '77'}" for i in range(1, 10)]
    path.write_text("客户编号,客户名称,手机\n" + "\n".join(lines) + "\n", encoding="utf-8")
    page = open_page()
    page.dropped([str(path)])
    page.show_step(REVIEW)
    review = page.bench.review
    review.walk()
    scopes = {
        review.fixing.scope.itemData(i): review.fixing.scope.itemText(i)
        for i in range(review.fixing.scope.count())
    }
    assert scopes == {
        "cell": "This cell",
        "value": "6 cells with this value",
        "kind": "9 cells with this problem",
    }
    review.apply("value", "blank", "")
    assert [value for value in review.model.table.frame["c2"].to_list() if value] == ["77"] * 3  # type: ignore[union-attr]
    review.walk()
    review.apply("kind", "replace", "13800138000")
    assert len(review.model.problems) == 0
    assert set(marks(page).values()) == {"green"}


def test_rows_are_left_out_and_taken_in(page: MigratePage) -> None:
    review = page.bench.review
    review.go_to(Place(3, 2))
    review.apply("cell", "skip", "")
    assert review.model.skipped == {3}
    assert review.model.rowCount() == 3, "it stays in sight"
    assert page.session.converted[0] is not None
    assert page.session.converted[0].main_entity == "account"
    assert 3 in page.session.converted[0].entities[0].rejected_rows
    review.go_to(Place(3, 2))
    review.apply("cell", "keep", "")
    assert review.model.skipped == frozenset()


def test_cells_are_pasted_over(page: MigratePage) -> None:
    review = page.bench.review
    review.go_to(Place(3, 1))
    QGuiApplication.clipboard().setText("丙公司\t13600136000\n丁公司\t13500135000\n太多")
    review.grid.paste()
    frame = review.model.table.frame  # type: ignore[union-attr]
    assert frame["c1"].to_list() == ["甲公司", "丙公司", "丁公司"]
    assert frame["c2"].to_list() == ["13800138000", "13600136000", "13500135000"]
    assert len(review.model.problems) == 0


def test_f8_goes_on_in_the_next_table(open_page: OpenPage, tmp_path: Path) -> None:
    for name in ("a客户", "b客户", "c客户"):
        phone = "13800138000" if name.startswith("b") else "12"
        text = f"客户编号,客户名称,手机\nK1,{name},{phone}\n"
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    page = open_page()
    page.dropped([str(tmp_path)])
    page.show_step(REVIEW)
    assert page.table == 0
    page.bench.review.walk()
    page.bench.review.walk()
    assert page.table == 2
    assert page.bench.review.grid.current_place() == Place(2, 2)


ROWS = 1_000_000


@pytest.fixture(scope="module")
def large() -> SourceTable:
    numbers = pl.int_range(0, ROWS, eager=True)
    frame = pl.DataFrame(
        {"row": numbers + 2, **{f"c{i}": (numbers * 7 + i).cast(pl.String) for i in range(12)}}
    )
    headers = tuple(f"列{i}" for i in range(12))
    return SourceTable("large.csv", None, (1,), headers, "utf-8", frame, (Kinds(),) * 12, "")


def test_only_the_visible_cells_of_a_million_rows_are_asked_for(
    qtbot: QtBot, large: SourceTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    issues = [
        Issue("large.csv", None, row, "列3", "phone_invalid", Severity.CELL, "x", {}, "y")
        for row in range(2, ROWS, 1_000)
    ]
    model = GridModel(Locale("en"))
    view = GridView(model)
    qtbot.addWidget(view)
    view.resize(900, 560)
    view.show()
    asked: set[int] = set()
    cell = GridModel.cell

    def seen(self: GridModel, number: int, column: int) -> str | None:
        asked.add(number)
        return cell(self, number, column)

    monkeypatch.setattr(GridModel, "cell", seen)
    model.show_table(large, Problems(large.headers, issues))
    view.grab()
    assert model.rowCount() == ROWS
    assert max(asked) < 100, "the top of the table, and a sample for the widths"
    asked.clear()
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    view.grab()
    assert 10 <= len(asked) <= 60
    assert min(asked) > 400_000
    asked.clear()
    model.set_positions(pl.Series(range(0, ROWS, 1_000), dtype=pl.UInt32))
    view.grab()
    assert model.rowCount() == 1_000
    assert len(asked) <= 100
    assert model.number_of(500 * 1_000 + 2) == 500
    assert model.number_of(3) is None
