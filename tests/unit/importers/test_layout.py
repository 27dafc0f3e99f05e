"""Tables are found where people put them: beside notes, below each other, without header, on printed pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.importers.cut import Layout
from desktop.importers.grid import Area, Grid, column_of
from desktop.importers.options import TableLayout
from desktop.importers.parts import find_tables


def grid_of(rows: Sequence[Sequence[Any]], merged: Sequence[Area] = ()) -> Grid:
    """Return rows of values as the grid that a reader makes of them."""
    width = max(map(len, rows))
    columns = [column_of([row[i] if i < len(row) else None for row in rows]) for i in range(width)]
    return Grid([text for text, _ in columns], [kinds for _, kinds in columns], list(merged))


def tables(rows: Sequence[Sequence[Any]], merged: Sequence[Area] = ()) -> list[Layout]:
    """Return the tables found in rows of values, in their order."""
    return list(find_tables(grid_of(rows, merged)).values())


def rows_of(layout: Layout) -> list[int]:
    """Return the numbers of the rows taken as data."""
    return layout.frame["row"].to_list()


def told(layout: Layout) -> dict[int, str]:
    """Return why each row was left out, by its number."""
    return {row.row: row.reason for row in layout.left_out_rows}


CONTRACTS: list[list[Any]] = [
    ["合同编号", "客户名称", "合同金额"],
    ["HT-001", "甲公司", 100],
    ["HT-002", "乙公司", 200],
]
CONTACTS: list[list[Any]] = [
    ["姓名", "手机", "公司"],
    ["张一", "13800138000", "甲公司"],
    ["李二", "13900139000", "乙公司"],
]


def test_tables_below_each_other_are_told_apart_by_their_titles() -> None:
    rows: list[list[Any]] = [
        ["一、合同台账"],
        *CONTRACTS,
        ["合计", None, 300],
        [],
        ["二、联系人"],
        *CONTACTS,
        ["制表人：王三"],
    ]
    first, second = tables(rows)
    assert first.headers == ("合同编号", "客户名称", "合同金额")
    assert (first.title, rows_of(first)) == ("一、合同台账", [3, 4])
    assert told(first) == {1: "title", 5: "total", 6: "blank"}
    assert second.headers == ("姓名", "手机", "公司")
    assert (second.title, second.header_rows, rows_of(second)) == ("二、联系人", (7,), [9, 10])
    assert told(second) == {7: "title", 11: "note"}


def test_tables_beside_each_other_are_told_apart() -> None:
    rows: list[list[Any]] = [
        [*left, None, *right]
        for left, right in zip([["甲表"] + [None] * 2, *CONTRACTS], [["乙表"], *CONTACTS], strict=True)
    ]
    first, second = tables(rows)
    assert (first.headers, first.first_column) == (("合同编号", "客户名称", "合同金额"), 0)
    assert (second.headers, second.first_column) == (("姓名", "手机", "公司"), 4)
    assert rows_of(second) == [3, 4]


def test_the_same_head_twice_beside_each_other_is_two_tables() -> None:
    head, one, two = ["客户名称", "金额"], ["甲公司", 1], ["乙公司", 2]
    first, second = tables([[*head, None, *head], [*one, None, *two], [*two, None, *one]])
    assert first.frame["c0"].to_list() == ["甲公司", "乙公司"]
    assert second.frame["c0"].to_list() == ["乙公司", "甲公司"]


def test_a_note_at_the_side_is_no_column_and_is_told() -> None:
    rows: list[list[Any]] = [[*row] for row in CONTRACTS] + [
        [f"HT-{i:03}", f"客户{i}", i] for i in range(3, 12)
    ]
    rows[2] += [None, None, "注意：未含税"]
    (table,) = tables(rows)
    assert table.headers == ("合同编号", "客户名称", "合同金额")
    assert [tuple(row) for row in table.left_out_rows] == [(3, "beside", "注意：未含税")]
    assert len(rows_of(table)) == 11


def test_a_column_without_a_name_stays_when_rows_use_it() -> None:
    (table,) = tables(
        [["客户名称", "金额", None, None], *([f"客户{i}", i, None, f"备用{i}"] for i in range(9))]
    )
    assert table.headers == ("客户名称", "金额", "", "")


def test_printed_pages_repeat_title_and_head() -> None:
    page: list[list[Any]] = [["客户往来明细"], ["客户名称", "日期", "金额"]]
    first: list[list[Any]] = [
        ["甲公司", "2024-01-05", 1],
        ["乙公司", "2024-01-06", 2],
        ["本页小计", None, 3],
        ["第 1 页 共 2 页"],
    ]
    second: list[list[Any]] = [
        ["丙公司", "2024-02-05", 4],
        ["丁公司", "2024-02-06", 5],
        ["本页小计", None, 9],
        ["第 2 页 共 2 页"],
    ]
    (table,) = tables([*page, *first, *page, *second])
    assert rows_of(table) == [3, 4, 9, 10]
    assert told(table) == {
        1: "title", 5: "total", 6: "title", 7: "title", 8: "header", 11: "total", 12: "title",
    }  # fmt: skip


def test_rows_without_a_head_get_numbered_columns() -> None:
    rows: list[list[Any]] = [
        [1, "甲公司", "2024-03-05", "a@b.cn"],
        [2, "乙公司", "2024-03-06", "c@d.cn"],
        [3, "丙公司", "2024-04-01", "e@f.cn"],
    ]
    (table,) = tables(rows)
    assert table.header_rows == ()
    assert table.headers == ("列1", "列2", "列3", "列4")
    assert rows_of(table) == [1, 2, 3]


def test_totals_of_groups_are_left_out_wherever_the_word_stands() -> None:
    rows: list[list[Any]] = [
        ["大区", "城市", "类别", "客户名称", "金额"],
        ["华东", "上海", "A", "甲公司", 1],
        ["华东", "苏州", "B", "乙公司", 2],
        ["华东", None, "小计", None, 3],
        ["华南", "广州", "A", "合计咨询有限公司", 4],
        ["华南小计", None, None, None, 4],
        [None, None, None, "总计", 7],
    ]
    (table,) = tables(rows)
    assert rows_of(table) == [2, 3, 5]
    assert table.left_out.total == 3


def test_a_row_of_units_names_them_in_the_headers() -> None:
    rows: list[list[Any]] = [
        ["客户名称", "合同金额", "毛利率", "台数(计划)"],
        [None, "万元", "%", "台"],
        ["甲公司", 12.5, 30, 2],
        ["乙公司", 3, 20, 1],
    ]
    (table,) = tables(rows)
    assert table.headers == ("客户名称", "合同金额(万元)", "毛利率(%)", "台数(计划)(台)")
    assert told(table) == {2: "units"}


def test_a_group_name_merged_over_the_width_is_no_customer() -> None:
    rows: list[list[Any]] = [
        ["客户名称", "城市", "金额"],
        ["华东大区"],
        ["甲公司", "上海", 1],
        ["华南大区"],
        ["乙公司", "广州", 2],
        ["丙公司", "深圳", 2],
    ]
    (table,) = tables(rows, [(1, 0, 1, 2), (3, 0, 3, 2)])
    assert rows_of(table) == [3, 5, 6]
    assert told(table) == {2: "title", 4: "title"}


def test_a_person_decides_before_what_was_found() -> None:
    rows: list[list[Any]] = [
        ["客户名称", "城市", "金额"],
        ["甲公司", "上海", 1],
        ["合计", None, 1],
        ["乙公司", "广州", 2],
        ["丙公司", "广州", 2],
    ]
    grid = grid_of(rows)
    layout = TableLayout(skipped_rows=frozenset({4}), kept_rows=frozenset({3}))
    table = find_tables(grid, {0: layout})[0]
    assert rows_of(table) == [2, 3, 5]
    assert told(table) == {4: "skipped"}
    headless = find_tables(grid, {0: TableLayout(header_rows=(), first_row=2, last_row=4, last_column=1)})[0]
    assert headless.headers == ("列1", "列2")
    assert rows_of(headless) == [2, 4]
    lower = find_tables(grid, {0: TableLayout(header_rows=(3,))})[0]
    assert (lower.headers, rows_of(lower)) == (("合计", "", "1"), [4, 5])


def test_an_area_that_a_person_marks_takes_the_place_of_tables_found_in_it() -> None:
    rows: list[list[Any]] = [*CONTRACTS, [], *CONTACTS]
    grid = grid_of(rows)
    assert sorted(find_tables(grid)) == [0, 1]
    whole = find_tables(grid, {0: TableLayout(first_row=1, last_row=7)})
    assert {part: rows_of(table) for part, table in whole.items()} == {0: [2, 3, 5, 6, 7]}
    split = find_tables(grid, {5: TableLayout(header_rows=(5,), first_row=6, last_row=6)})
    assert {part: rows_of(table) for part, table in split.items()} == {0: [2, 3], 5: [6]}


def test_sections_with_the_same_head_are_one_table() -> None:
    rows: list[list[Any]] = [
        ["华东区"], *CONTRACTS, ["小计", None, 300], [], ["华南区"], CONTRACTS[0], ["HT-003", "丙公司", 5], ["小计", None, 5],
    ]  # fmt: skip
    (table,) = tables(rows)
    assert table.frame["c1"].to_list() == ["甲公司", "乙公司", "丙公司"]
    assert told(table) == {1: "title", 5: "total", 6: "blank", 7: "title", 8: "header", 10: "total"}


def test_remarks_under_a_table_are_no_table() -> None:
    rows: list[list[Any]] = [
        *CONTRACTS,
        [],
        ["说明：", "1、本表由销售部填报"],
        [None, "2、金额含税"],
        ["联系人：王五"],
    ]
    (table,) = tables(rows)
    assert rows_of(table) == [2, 3]


def test_a_preamble_of_labels_is_no_head_and_its_unit_is_kept() -> None:
    rows: list[list[Any]] = [
        ["销售合同台账"], ["填报单位：一部", None, "单位：万元"], *CONTRACTS, ["审核：", None, "制表：张三"],
    ]  # fmt: skip
    (table,) = tables(rows)
    assert table.title == "销售合同台账 填报单位：一部 单位：万元"
    assert rows_of(table) == [4, 5]


def test_a_table_that_lies_on_its_side_is_not_taken_for_rows() -> None:
    rows: list[list[Any]] = [
        ["客户名称", "甲公司", "乙公司"],
        ["城市", "上海", "苏州"],
        ["手机", "13800138000", "13800138001"],
    ]
    assert tables(rows) == []
