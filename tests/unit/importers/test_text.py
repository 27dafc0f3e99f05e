"""Text files are cut into the cells their writer meant: odd separators, fixed width, comments, line ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.errors import InvalidInput
from desktop.importers.cut import Layout
from desktop.importers.parts import find_tables
from desktop.importers.text import read_text


def table_of(path: Path, content: str | bytes, encoding: str = "utf-8") -> Layout:
    """Write a text file and return its one table."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    grid, _ = read_text(path)
    (layout,) = find_tables(grid).values()
    return layout


def test_separators_of_several_signs_and_row_ends(tmp_path: Path) -> None:
    rows = "".join(f"{i}+|客户{i}有限公司+|2024-03-{i:02}\n第二行&|\n" for i in range(1, 9))
    table = table_of(tmp_path / "a.csv", rows)
    assert table.headers == ("列1", "列2", "列3")
    assert table.frame.row(0) == (1, "1", "客户1有限公司", "2024-03-01\n第二行")
    assert table.frame.height == 8
    doubled = "客户名称||城市||金额\n" + "".join(f"客户{i}||上海||{i}\n" for i in range(1, 9))
    assert table_of(tmp_path / "b.txt", doubled).headers == ("客户名称", "城市", "金额")


def test_a_dump_without_header_of_a_known_database_gets_its_columns(tmp_path: Path) -> None:
    mark = "7D4D2DBC-4A44-48F5-911D-A63ABAFD51{:02}"
    rows = "".join(
        f"{300 + i}+|商店{i}+|279+|<S><A>{i}</A></S>+|{mark.format(i)}+|2025-09-11 11:15:07.497&|\n"
        for i in range(10, 30)
    )
    path = tmp_path / "Store.csv"
    path.write_text(rows, encoding="utf-8")
    grid, _ = read_text(path)
    known = find_tables(grid, file="old/Store.csv")[0]
    assert known.headers == (
        "BusinessEntityID",
        "Name",
        "SalesPersonID",
        "Demographics",
        "rowguid",
        "ModifiedDate",
    )
    assert (known.header_rows, known.frame.height) == ((), 20)
    assert find_tables(grid, file="Shop.csv")[0].headers[0] == "列1"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_columns_of_fixed_width_count_a_chinese_character_as_two(tmp_path: Path, encoding: str) -> None:
    lines = ["            客户往来余额表", "客户编号  客户名称            城市      余额", "-" * 50]
    for number, (name, town, amount) in enumerate(
        [("甲公司", "上海", "1,200.00"), ("苏州乙机械有限公司", "苏州", "80.50"), ("丙公司", "广州", "9.00")]
    ):
        wide = len(name), len(town)
        lines.append(
            f"C{number:03}      {name}{' ' * (20 - 2 * wide[0])}{town}{' ' * (10 - 2 * wide[1])}{amount}"
        )
    table = table_of(tmp_path / "f.txt", "\r\n".join(lines), encoding)
    assert table.headers == ("客户编号", "客户名称", "城市", "余额")
    assert table.frame.row(1)[1:] == ("C001", "苏州乙机械有限公司", "苏州", "80.50")
    assert table.title == "客户往来余额表"
    assert {row.reason for row in table.left_out_rows} == {"title", "note"}


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends_of_every_system_and_a_sep_line(tmp_path: Path, end: str) -> None:
    table = table_of(tmp_path / "a.csv", end.join(["sep=!", "客户名称!城市", "甲,公司!上海", "乙公司!苏州"]))
    assert table.headers == ("客户名称", "城市")
    assert table.frame.rows() == [(2, "甲,公司", "上海"), (3, "乙公司", "苏州")]


def test_comment_lines_and_rules_are_no_rows(tmp_path: Path) -> None:
    text = "# 由旧系统导出\n客户名称,城市,金额\n甲公司,上海,1\n# 以下为停用客户\n乙公司,苏州,2\n"
    table = table_of(tmp_path / "a.csv", text)
    assert table.frame["row"].to_list() == [3, 5]
    assert [(row.row, row.reason) for row in table.left_out_rows] == [(1, "title"), (4, "note")]
    ruled = "| 客户名称 | 城市 |\n|----------|------|\n| 甲公司 | 上海 |\n| 乙公司 | 苏州 |\n"
    table = table_of(tmp_path / "b.txt", ruled)
    assert table.headers == ("客户名称", "城市")
    assert table.frame["c0"].to_list() == ["甲公司", "乙公司"]


def test_ragged_rows_and_headers_twice_or_missing_lose_nothing(tmp_path: Path) -> None:
    table = table_of(tmp_path / "a.csv", "客户名称,,城市,城市\n甲公司,1,上海\n乙公司,2,苏州,南京,多出来的\n")
    assert table.headers == ("客户名称", "", "城市", "城市 (2)", "")
    assert table.frame.rows() == [
        (2, "甲公司", "1", "上海", None, None),
        (3, "乙公司", "2", "苏州", "南京", "多出来的"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"accounts": [{"name": "甲"}]}', "This is a JSON document, not a table."),
        ("create table a (b int);\ninsert into a values (1);\ninsert into a values (2);\n", "This is a database script (SQL), not a table."),
        ("本合同由甲乙双方签订，自签字之日起生效。\n双方应当遵守下列条款，不得违反。\n如有争议，协商解决。\n", "This is running text, not rows of a table."),
    ],
)  # fmt: skip
def test_text_of_another_kind_says_what_it_is(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput) as told:
        read_text(path)
    assert told.value.template == said
