"""Web pages and XML workbooks under the name .xls, as web systems export them (IMP-01)."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.importers import webpage
from desktop.importers.grid import NO_VALUE
from desktop.importers.reader import read_sources
from desktop.importers.webpage import read_page
from tests.unit.importers.test_reader import only, refusal
from tests.unit.importers.writers import xml_workbook

PAGE = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">
<head><meta http-equiv=Content-Type content="text/html; charset={charset}">
<!--[if gte mso 9]><xml><x:ExcelWorkbook><x:ExcelWorksheets><x:ExcelWorksheet><x:Name>客户台账</x:Name>
</x:ExcelWorksheet></x:ExcelWorksheets></x:ExcelWorkbook></xml><![endif]-->
<style><!-- td {{ mso-number-format:"\\@"; }} .x > table {{}} --></style><script>if (1 < 2) document.write("<table>")</script>
</head><body><table border=1>
<tr><td colspan=4>2026年客户台账</td></tr>
<tr><th>客户名称</th><th>手机</th><th>金额</th><th>备注</th></tr>
<tr><td rowspan=2>甲&amp;乙公司</td><td style='mso-number-format:"\\@"'>01380013800</td><td x:num="1234.5">1,234.50</td>
<td>一<br>二&nbsp;<!-- 三 --></td></tr>
<tr style="display: none"><td>13900139000<td x:err="#REF!">#REF!</td><td><p>A</p><p>B &lt;3</p></td></tr>
<tr><td>丙<span style='display:none'>公司</span></td><td title="a>b">&#49;</td><td>x < 3</td><td></td></tr>
</table></body></html>"""


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("gb2312", "gb18030"), ("utf-8", "utf-8"), ("unicode", "utf-16")],
)
def test_a_page_with_all_that_excel_puts_in(tmp_path: Path, charset: str, encoding: str) -> None:
    (tmp_path / "a.xls").write_bytes(PAGE.format(charset=charset).encode(encoding))
    table = only(tmp_path / "a.xls")
    assert table.encoding == encoding
    assert table.sheet == "客户台账"
    assert table.header_rows == (2,)
    assert table.headers == ("客户名称", "手机", "金额", "备注")
    assert table.frame["row"].to_list() == [3, 4, 5]
    assert table.frame["c0"].to_list() == ["甲&乙公司", "甲&乙公司", "丙公司"]
    assert table.frame["c1"].to_list() == ["01380013800", "13900139000", "1"]
    assert table.frame["c2"].to_list() == ["1234.5", "#REF!", "x < 3"]
    assert table.frame["c3"].to_list() == ["一\n二", "A\nB <3", None]
    assert table.kinds[2].error == 1
    assert table.hidden_rows == (4,)
    assert "hidden_rows" in table.warnings


def test_several_tables_and_a_head_in_a_table_of_its_own(tmp_path: Path) -> None:
    head = "<table><tr><td>客户名称<td>城市<td>电话</table>"
    body = "<table><tr><td>甲公司<td>上海<td>021-55551234<tr><td>乙公司<td>苏州<td></table>"
    other = "<table><caption>联系人</caption><tr><th>姓名<th>手机<tr><td>张三<td>13800138000</table>"
    (tmp_path / "a.xls").write_text(
        f"<div><table><tr><td>{head}{body}</td></tr></table></div>{other}", encoding="utf-8"
    )
    tables = read_sources([tmp_path]).tables
    assert [(table.headers, table.frame.height) for table in tables] == [
        (("客户名称", "城市", "电话"), 2),
        (("姓名", "手机"), 1),
    ]
    assert tables[1].sheet == "联系人"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_page_reads_the_same_wherever_its_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    text = (
        PAGE.format(charset="utf-8") + '<table><tr><td title="a>b">1<td>a & b<!-- x --><tr><td>x <y</table><'
    )
    path = tmp_path / "a.html"
    path.write_text(text, encoding="utf-8")
    whole, _ = read_page(path)
    monkeypatch.setattr(
        webpage, "blocks_of_text", lambda *_: iter([text[i : i + size] for i in range(0, len(text), size)])
    )
    pieces, _ = read_page(path)
    assert [(table.name, [c.to_list() for c in table.grid.columns]) for table in pieces] == [
        (table.name, [c.to_list() for c in table.grid.columns]) for table in whole
    ]
    assert whole[1].grid.columns[1].to_list() == ["a & b", None]


@pytest.mark.parametrize(
    "page",
    [
        "<table>" * 5000 + "<tr><td>x",
        "<table><tr>" + "<td colspan=99999>x" * 3000,
        "<table><tr><td rowspan=99999999999>客户<td>b" + "<tr><td>x" * 300,
        '<table><tr><td title="' + "a" * 500_000,
        "<!--" * 100_000,
        "<table><tr><td>" + "<" * 200_000,
        "<table><tr><td>" + '<a b="' * 50_000,
        "<table>" + "<tr>" * 200_000,
    ],
)
def test_hostile_pages_get_a_verdict(tmp_path: Path, page: str) -> None:
    (tmp_path / "a.xls").write_text(page, encoding="utf-8")
    result = read_sources([tmp_path])
    assert len(result.tables) + len(result.refused) == 1
    assert all(item.code in ("not_a_table", "too_large", "empty") for item in result.refused)


def test_a_page_without_a_table_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_text("<html><body>登录已过期</body></html>", encoding="utf-8")
    (told,) = read_sources([tmp_path]).refused
    assert (told.code, told.message) == ("not_a_table", "This is a web page without a table.")


ROWS = """<Column ss:Width="80"/><Row><Cell ss:MergeAcross="3"><Data ss:Type="String">台账</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">客户名称</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">金额</Data></Cell>
<Cell><Data ss:Type="String">日期</Data></Cell><Cell><Data ss:Type="String">状态</Data></Cell></Row>
<Row><Cell ss:MergeDown="1"><Data ss:Type="String">甲公司</Data><Comment><ss:Data>批注</ss:Data></Comment></Cell>
<Cell ss:Index="3"><Data ss:Type="Number">1.2E3</Data></Cell><Cell><Data ss:Type="DateTime">2026-03-05T00:00:00.000</Data></Cell>
<Cell><Data ss:Type="Boolean">1</Data></Cell></Row>
<Row ss:Hidden="1"><Cell ss:Index="3" ss:Formula="=1/0"><Data ss:Type="Error">#DIV/0!</Data></Cell>
<Cell><Data ss:Type="DateTime">1899-12-31T10:20:00.000</Data></Cell><Cell ss:Formula="=A1"/></Row>
<Row ss:Index="9"><Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>乙</B>公司</ss:Data></Cell>
<Cell ss:Index="3"><Data ss:Type="Number">-7</Data></Cell></Row>"""


@pytest.mark.parametrize("encoding", ["UTF-8", "GB2312", "UTF-16", "gb18030"])
def test_an_xml_workbook_with_indexes_merges_types_and_hidden_parts(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.xls").write_bytes(xml_workbook({"客户": ROWS}, "<Visible>SheetHidden</Visible>", encoding))
    table = only(tmp_path / "a.xls")
    assert table.sheet == "客户"
    assert table.hidden
    assert table.header_rows == (3,)
    assert table.frame.rows() == [
        (4, "甲公司", None, "1200", "2026-03-05", "TRUE"),
        (5, "甲公司", None, "#DIV/0!", "10:20:00", NO_VALUE),
        (9, "乙公司", None, "-7", None, None),
    ]
    assert table.hidden_rows == (5,)
    assert (table.kinds[2].number, table.kinds[2].error, table.kinds[3].date) == (2, 1, 2)


def test_an_xml_workbook_cut_short_or_with_a_dtd_is_refused(tmp_path: Path) -> None:
    whole = xml_workbook({"客户": ROWS})
    (tmp_path / "cut.xls").write_bytes(whole[:-200])
    assert refusal(tmp_path / "cut.xls") == "damaged"
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Workbook '
    (tmp_path / "dtd.xls").write_bytes(whole.replace(b"<Workbook ", laughs))
    assert refusal(tmp_path / "dtd.xls") == "dtd"


def test_a_far_corner_in_an_xml_workbook_is_refused(tmp_path: Path) -> None:
    row = '<Row ss:Index="{0}"><Cell ss:Index="16384"><Data ss:Type="String">x</Data></Cell></Row>'
    (tmp_path / "a.xls").write_bytes(xml_workbook({"A": row.format(1) + row.format(1_048_576)}))
    assert refusal(tmp_path / "a.xls") == "too_large"
