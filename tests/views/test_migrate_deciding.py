"""Deciding on the Migrate page: layout, encoding, fields, values, readings, rules, keys, new fields, pasted tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from desktop.importers.ways import ValueChoice
from desktop.operations.mapping_lines import ColumnLine
from desktop.views.migrate.column_panel import Advanced
from desktop.views.migrate.fields_panel import MIME, FieldsPanel
from desktop.views.migrate.page import CHECK, RECOGNISE, REVIEW, MigratePage
from desktop.views.migrate.values_panel import ValuesEditor
from tests.views.migrating import OpenPage, files, open_page

__all__ = ["files", "open_page"]


def column(page: MigratePage, header: str) -> ColumnLine:
    return next(line for line in page.bench.mapping.table.rows() if line.header == header)


def fields(page: MigratePage) -> dict[str, str | None]:
    return {line.header: line.field for line in page.bench.mapping.table.rows()}


@pytest.fixture
def page(open_page: OpenPage, files: Path) -> MigratePage:
    opened = open_page()
    opened.dropped([str(files / "客户.csv")])
    return opened


def test_a_field_is_dragged_onto_a_column(page: MigratePage) -> None:
    mapping = page.bench.mapping
    line = column(page, "神秘列")
    number = next(i for i in range(20) if mapping.table.model.row(i) is line)
    grid = mapping.table.grid
    data = QMimeData()
    data.setData(MIME, b"account.description")
    at = QPointF(grid.visualRect(mapping.table.model.index(number, 1)).center())
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(at, Qt.DropAction.CopyAction, data, buttons, keys)
    assert mapping.eventFilter(grid.viewport(), event)
    assert fields(page)["神秘列"] == "account.description"


def test_a_field_is_found_by_typing(page: MigratePage) -> None:
    line = column(page, "神秘列")
    page.deciding.fields(line)
    panel = page.inspector
    assert isinstance(panel, FieldsPanel)
    panel.search.setText("descr")
    names = [panel.list.item(i).text().strip() for i in range(panel.list.count())]
    assert "Description / notes" in names
    mime = panel.list.mimeData([panel.list.item(1)])
    assert bytes(mime.data(MIME).data()).startswith(b"account.")
    panel.search.returnPressed.emit()
    assert fields(page)["神秘列"] == "account.description"


def test_a_column_becomes_a_field_of_its_own(page: MigratePage) -> None:
    line = column(page, "神秘列")
    page.deciding.fields(line)
    panel = page.inspector
    assert isinstance(panel, FieldsPanel)
    assert panel.name.text() == "神秘列"
    panel.type.setCurrentIndex(panel.type.findData("choice"))
    panel.make.click()
    assert page.session.source is not None
    (made,) = page.session.source.mappings[0].new_fields
    assert (made.entity, made.label, made.type) == ("account", "神秘列", "choice")
    assert fields(page)["神秘列"] == made.full_name
    shown = page.bench.mapping.table
    assert "神秘列" in [shown.model.data(shown.model.index(i, 2)) for i in range(shown.model.rowCount())]


def test_a_value_is_mapped_blanked_and_rejected(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    rows = "".join(f"K{i},公司{i},{level}\n" for i, level in enumerate(["A", "金牌", "金牌", "银牌", "B"]))
    path.write_text("客户编号,客户名称,客户级别\n" + rows, encoding="utf-8")
    page = open_page()
    page.dropped([str(path)])
    page.inspect(column(page, "客户级别"))
    editor = page.inspector.findChild(ValuesEditor) if page.inspector else None
    assert editor is not None
    first = editor.lines[0]
    assert first._value.value == "金牌", "what waits comes first, the frequent before the rare"
    assert [first.action.itemData(i) for i in range(first.action.count())] == [
        "",
        "map",
        "create",
        "blank",
        "reject",
    ]
    first.target.setCurrentIndex(first.target.findData("A"))
    first.target.activated.emit(first.target.currentIndex())
    page.deciding.set_value("account.grade", "银牌", ValueChoice("reject"))
    assert page.session.source is not None
    assert page.session.source.mappings[0].value_maps["account.grade"] == {
        "金牌": ValueChoice("map", "A"),
        "银牌": ValueChoice("reject"),
    }
    table = page.session.converted[0]
    assert table is not None
    assert table.entities[0].frame["grade"].to_list() == ["A", "A", "A", "B"]
    assert table.entities[0].rejected_rows == {5}
    page.session.undo()
    assert "银牌" not in page.session.source.mappings[0].value_maps["account.grade"]


def test_the_order_of_days_is_asked_once_for_the_column(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text("客户编号,客户名称,建档日期\nK1,甲,05/03/2026\nK2,乙,04/02/2026\n", encoding="utf-8")
    page = open_page()
    page.dropped([str(path)])
    page.show_step(REVIEW)
    assert {kind.code for kind in page.bench.review.model.problems.kinds} == {"date_ambiguous"}
    page.show_step(CHECK)
    page.inspect(column(page, "建档日期"))
    assert page.inspector is not None
    boxes = page.inspector.findChildren(QComboBox)
    box = next(one for one in boxes if one.findData("dmy") >= 0)
    box.setCurrentIndex(box.findData("dmy"))
    box.activated.emit(box.currentIndex())
    assert page.session.source is not None
    assert page.session.source.mappings[0].readings == {column(page, "建档日期").field: "dmy"}


def test_rules_and_keys_are_behind_a_disclosure(page: MigratePage) -> None:
    page.inspect(column(page, "手机"))
    advanced = page.inspector.findChild(Advanced) if page.inspector else None
    assert advanced is not None
    assert not advanced.box.isVisibleTo(advanced)
    advanced.toggle.click()
    assert advanced.box.isVisibleTo(advanced)
    advanced.rule.setCurrentIndex(advanced.rule.findData("fill_blank"))
    advanced.rule.activated.emit(advanced.rule.currentIndex())
    name = str(column(page, "手机").field)
    assert page.session.source is not None
    assert page.session.source.mappings[0].update_rules == {name: "fill_blank"}
    page.deciding.set_key(name, wanted=True)
    assert page.session.source.mappings[0].keys == (name,)
    page.deciding.set_key(name, wanted=False)
    assert page.session.source.mappings[0].keys == ()


def test_rows_of_the_sheet_are_told_what_they_are(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text("客户编号,客户名称,合同金额\nK1,甲公司,100\nK2,乙公司,200\n合计,,300\n", encoding="utf-8")
    page = open_page()
    page.dropped([str(path)])
    page.show_step(RECOGNISE)
    pane = page.bench.recognise
    assert {line.id: line.role for line in pane.table.rows()} == {
        1: "header",
        2: "data",
        3: "data",
        4: "total",
    }
    pane.table.select(4)
    assert pane.take.isEnabled()
    pane.take.click()
    assert {line.id: line.role for line in pane.table.rows()}[4] == "kept"
    pane.table.select(2)
    pane.leave.click()
    assert {line.id: line.role for line in pane.table.rows()}[2] == "skipped"
    assert page.session.source is not None
    assert page.session.source.mappings[0].table.frame["row"].to_list() == [3, 4]
    pane.found.click()
    assert page.session.source.mappings[0].table.frame["row"].to_list() == [2, 3]


def test_another_row_is_the_header(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text("a,b,c\n客户编号,客户名称,手机\nK1,甲公司,13800138000\n", encoding="utf-8")
    page = open_page()
    page.dropped([str(path)])
    page.show_step(RECOGNISE)
    page.deciding.relayout("header", [2])
    assert page.session.source is not None
    assert page.session.source.mappings[0].table.headers == ("客户编号", "客户名称", "手机")
    assert page.steps.current == RECOGNISE


def test_what_was_corrected_stays_corrected_when_the_file_is_read_again(page: MigratePage) -> None:
    page.show_step(REVIEW)
    model = page.bench.review.model
    model.setData(model.index(1, 2), "13700137000")
    page.deciding.relayout("left", [4])
    assert page.session.source is not None
    table = page.session.source.mappings[0].table
    assert table.frame["c2"].to_list() == ["13800138000", "13700137000"]
    assert page.session.source.original(0).frame["c2"].to_list() == ["13800138000", "12"]


def test_a_text_is_read_in_another_encoding(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_bytes("客户编号,客户名称\nK1,甲公司\n".encode("gb18030"))
    page = open_page()
    page.dropped([str(path)])
    page.show_step(RECOGNISE)
    assert page.bench.recognise.encoding.currentData() == "gb18030"
    page.deciding.set_encoding("cp1252")
    assert page.session.source is not None
    assert page.session.source.mappings[0].table.headers[0] != "客户编号"
    page.deciding.set_encoding(None)
    assert page.session.source.mappings[0].table.headers == ("客户编号", "客户名称")


def test_a_pasted_block_becomes_a_table_and_is_edited_again(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    page.intake.paste()
    assert page.staging.isVisibleTo(page)
    QGuiApplication.clipboard().setText("客户编号\t客户名称\t手机\nK1\t甲公司\t13800138000\nK2\t乙公司\t\n")
    page.staging.grid.paste()
    assert page.staging.header.isChecked()
    page.staging.name.setText("微信收集")
    page.staging.use.click()
    assert page.steps.current == CHECK
    assert [(line.name, line.entity, line.rows) for line in page.bench.sources.table.rows()] == [
        ("微信收集.csv", "account", 2)
    ]
    page.show_step(RECOGNISE)
    assert page.bench.recognise.edit.isVisibleTo(page)
    page.bench.recognise.edit.click()
    assert page.staging.model.block()[2] == ["K2", "乙公司", ""]
    model = page.staging.model
    model.setData(model.index(3, 0), "K3")
    model.setData(model.index(3, 1), "丙公司")
    page.staging.use.click()
    assert page.session.source is not None
    assert page.session.source.mappings[0].table.frame["c1"].to_list() == ["甲公司", "乙公司", "丙公司"]


def test_a_pasted_block_without_header(open_page: OpenPage) -> None:
    page = open_page()
    page.intake.use_block("无表头", [["甲公司", "13800138000"], ["乙公司", "13900139000"]], False)
    assert page.session.source is not None
    (mapping,) = page.session.source.mappings
    assert mapping.table.frame.height == 2


def test_nothing_pasted_is_said_so(open_page: OpenPage) -> None:
    page = open_page()
    page.intake.paste()
    page.staging.use.click()
    assert [strip.accessibleName() for strip in page.strips.strips] == [
        "There is nothing in the table yet. Copy cells in Excel or WPS and paste them here."
    ]


def test_the_values_stay_open_while_one_after_the_other_is_decided(
    open_page: OpenPage, tmp_path: Path
) -> None:
    path = tmp_path / "客户.csv"
    path.write_text("客户编号,客户名称,客户级别\nK1,甲,金牌\nK2,乙,银牌\nK3,丙,A\n", encoding="utf-8")
    page = open_page()
    page.dropped([str(path)])
    page.inspect(column(page, "客户级别"))
    page.deciding.set_value("account.grade", "金牌", ValueChoice("map", "A"))
    editor = page.inspector.findChild(ValuesEditor) if page.inspector else None
    assert editor is not None
    assert {line._value.value: line._value.choice for line in editor.lines}["金牌"] == ValueChoice("map", "A")
    page.deciding.fields(None)
    page.deciding.set_field(0, None)
    assert isinstance(page.inspector, FieldsPanel), "the list of fields stays while they are dragged"


def test_a_locked_workbook_asks_for_its_password(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import msoffcrypto
    import openpyxl

    plain, locked = tmp_path / "plain.xlsx", tmp_path / "in" / "客户.xlsx"
    locked.parent.mkdir()
    book = openpyxl.Workbook()
    for row in (["客户编号", "客户名称", "手机"], ["K1", "甲公司", "13800138000"], ["K2", "乙公司", ""]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(plain)
    with plain.open("rb") as source, locked.open("wb") as target:
        msoffcrypto.OfficeFile(source).encrypt("geheim", target)
    page = open_page()
    page.dropped([str(locked)])
    (strip,) = page.passwords.strips
    assert strip.file == "客户.xlsx"
    assert page.passwords.isVisibleTo(page)
    strip.edit.setText("falsch")
    strip.button.click()
    (strip,) = page.passwords.strips
    assert "does not open it" in strip.accessibleName()
    strip.edit.setText("geheim")
    strip.button.click()
    assert page.passwords.strips == []
    assert [line.entity for line in page.bench.sources.table.rows()] == ["account"]


def test_the_tables_of_a_database_come_in_like_files(open_page: OpenPage, tmp_path: Path) -> None:
    import sqlite3

    place = tmp_path / "old.db"
    with sqlite3.connect(place) as old:
        old.execute("CREATE TABLE 客户 (客户编号 TEXT, 客户名称 TEXT, 手机 TEXT)")
        old.execute("INSERT INTO 客户 VALUES ('K1', '甲公司', '13800138000')")
    page = open_page()
    page.intake.read_database("nonsense://x")
    assert page.session.paths == []
    assert len(page.strips.strips) == 1
    page.intake.read_database(f"sqlite:///{place}")
    assert [(line.entity, line.rows) for line in page.bench.sources.table.rows()] == [("account", 1)]


def test_what_cannot_be_read_is_not_asked_for_again(open_page: OpenPage, files: Path) -> None:
    page = open_page()
    page.dropped([str(files / "nothing.csv")])
    assert page.session.paths == []
    page.dropped([str(files / "客户.csv")])
    assert [line.entity for line in page.bench.sources.table.rows()] == ["account"]
