"""What a person decides about reading is kept as a document, without passwords, and reaches the reading child."""

from __future__ import annotations

import json
from pathlib import Path

from desktop.importers.options import FOUND_OUT, ReadOptions, TableLayout, TablePlace
from desktop.importers.reader import read_sources
from desktop.operations.migration import read_again, read_and_map

PLACE = TablePlace("客户.xlsx", "客户", 1)
LAYOUT = TableLayout((2, 3), 4, 90, 0, 7, frozenset({12}), frozenset({90}))


def test_options_come_back_from_their_document_without_the_passwords() -> None:
    options = ReadOptions({"": "geheim"}, {PLACE: LAYOUT}, {"a.csv": "big5"}, {"a.csv": "|"})
    text = json.dumps(options.to_json(), ensure_ascii=False)
    assert "geheim" not in text
    assert "geheim" not in repr(options)
    again = ReadOptions.from_json(json.loads(text), {"": "geheim"})
    assert again == options
    assert again.layouts_for("客户.xlsx", "客户") == {1: LAYOUT}
    assert again.passwords_for("x.xlsx") == ("geheim",)


def test_a_layout_can_be_taken_back() -> None:
    options = ReadOptions().with_layout(PLACE, LAYOUT)
    assert options.about("客户.xlsx") != ReadOptions().about("客户.xlsx")
    assert options.with_layout(PLACE, FOUND_OUT) == ReadOptions()


def test_an_encoding_that_a_person_chose_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("客户名称,城市\n甲公司,上海\n".encode("gb18030"))
    result = read_sources([tmp_path], options=ReadOptions(encodings={"a.csv": "latin-1"}))
    assert [table.encoding for table in result.tables] == ["latin-1"]
    refused = read_sources([tmp_path], options=ReadOptions(encodings={"a.csv": "klingon"})).refused
    assert [item.code for item in refused] == ["encoding_unknown"]


def test_only_files_about_which_something_new_is_decided_are_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户名称,城市\n甲公司,上海\n", encoding="gb18030")
    (tmp_path / "b.csv").write_text("客户名称|城市\n乙公司|苏州\n", encoding="utf-8")
    source = read_and_map([tmp_path])
    again = read_again(source, ReadOptions(separators={"b.csv": ";"}))
    assert again.mappings[0] is source.mappings[0]
    assert again.mappings[1].table.headers == ("客户名称|城市",)
    back = read_again(again, ReadOptions())
    assert [mapping.table.headers for mapping in back.mappings] == [("客户名称", "城市")] * 2
