"""Nothing of a template silently means other rows once a table has grown: it follows, or is refused (issue 5, point 8)."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from desktop.exporters.template_faults import TemplateRefused
from desktop.exporters.template_fill import fill_template
from desktop.i18n import Locale
from tests.unit.exporters.templates import figures, parts, with_part

ZH = Locale("zh_CN")
SHEETS = ("Jan", "数据", "Mar '26")


def template(build: Callable[[Any, Any, Any], None]) -> bytes:
    """Return three sheets; on the second, rows 5 and 6 are filled and row 8 is their total."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    first, data, _last = (book.add_worksheet(name) for name in SHEETS)
    data.write_row("A4", ["合同号", "金额"])
    data.write_row("A5", ["0000", 1])
    data.write_row("A6", ["0000", 1])
    data.write_formula("B8", "=SUM(B5:B6)", None, 2)
    book.define_name("contracts", "=数据!$A$5:$B$6")
    build(book, first, data)
    book.close()
    return stream.getvalue()


def in_cell(formula: str) -> bytes:
    return template(lambda _book, first, _data: first.write_formula("C3", formula))


def refusal(content: bytes, count: int = 25) -> list[tuple[str, str, str]]:
    with pytest.raises(TemplateRefused) as found:
        fill_template(content, "t.xlsx", figures(count), ZH)
    for fault in found.value.faults:
        assert not re.search("[A-Za-z]{4,} [a-z]{2,}", fault.text(ZH))
    return [(fault.code, fault.sheet, fault.cell) for fault in found.value.faults]


@pytest.mark.parametrize(
    "formula",
    [
        "=SUM(Jan:数据!B8)",
        "=SUM('Jan:Mar ''26'!B5:B6)",
        "=SUM(Jan:数据!8:8)",
        '=INDIRECT("数据!B8")',
        '=SUM(INDIRECT("数据!B5:B6"))',
        '=INDIRECT("\'"&A1&"\'!B8")',
        '=INDIRECT("数据!B"&A1)',
        '=INDIRECT("数据!R8C2",FALSE)',
        "=INDIRECT(A1)",
        "=SUM(OFFSET(数据!B5,0,0,2,1))",
        "=OFFSET(数据!$B$4,4,0)",
        "=SUM(OFFSET(数据!B5,0,0,A2,1))",
        "=INDEX(数据!B:B,8)",
    ],
)
def test_a_cell_that_would_look_at_other_rows_is_refused(formula: str) -> None:
    def build(_book: Any, first: Any, _data: Any) -> None:
        first.write("A1", "数据!B8")
        first.write_formula("C3", formula)

    assert refusal(template(build)) == [("template_reference", "Jan", "C3")]


@pytest.mark.parametrize(
    ("formula", "after"),
    [
        ("=SUM(Jan:数据!B2)", "=SUM(Jan:数据!B2)"),
        ("=SUM(Jan:数据!B:B)", "=SUM(Jan:数据!B:B)"),
        ("=SUM(数据!B5:数据!B6)", "=SUM(数据!B5:数据!B29)"),
        (
            "=SUM(数据!B5:INDEX(数据!B:B,MATCH(1,数据!B:B)))",
            "=SUM(数据!B5:INDEX(数据!B:B,MATCH(1,数据!B:B)))",
        ),
        ("=SUM(OFFSET(数据!B4,1,0,COUNTA(数据!A:A)-1,1))", "=SUM(OFFSET(数据!B4,1,0,COUNTA(数据!A:A)-1,1))"),
        ("=SUM(OFFSET(数据!B5:B6,0,0))", "=SUM(OFFSET(数据!B5:B29,0,0))"),
        ("=OFFSET(数据!B8,1,0)", "=OFFSET(数据!B31,1,0)"),
        ("=INDEX(数据!B5:B6,2)", "=INDEX(数据!B5:B29,2)"),
        ('=INDIRECT("Jan!B8")+数据!B8', '=INDIRECT("Jan!B8")+数据!B31'),
        ('=SUM(INDIRECT("数据!B:B"))', '=SUM(INDIRECT("数据!B:B"))'),
        ('=INDIRECT("\'"&A1&"\'!B2")', '=INDIRECT("\'"&A1&"\'!B2")'),
        ("=INDIRECT(A1)", "=INDIRECT(A1)"),
        ('="SUM(Jan:数据!B8)"&数据!B8', '="SUM(Jan:数据!B8)"&数据!B31'),
    ],
)
def test_a_cell_that_looks_at_the_same_as_before_follows(formula: str, after: str) -> None:
    content = fill_template(in_cell(formula), "t.xlsx", figures(25), ZH).content
    assert openpyxl.load_workbook(BytesIO(content))["Jan"]["C3"].value == after


def test_nothing_is_refused_where_no_rows_are_put_in() -> None:
    formula = '=SUM(Jan:数据!B8)+INDIRECT("数据!B8")'
    content = fill_template(in_cell(formula), "t.xlsx", figures(2), ZH).content
    assert openpyxl.load_workbook(BytesIO(content))["Jan"]["C3"].value == formula


def _name(book: Any, _first: Any, _data: Any) -> None:
    book.define_name("合计行", "=数据!B8")


def _span_in_name(book: Any, _first: Any, _data: Any) -> None:
    book.define_name("三月", "=SUM(Jan:数据!$B$8)")


def _rule(_book: Any, first: Any, _data: Any) -> None:
    first.conditional_format("A1:A20", {"type": "formula", "criteria": "=数据!$B1>0"})


def _validation(_book: Any, first: Any, _data: Any) -> None:
    first.data_validation("A1:A2", {"validate": "list", "source": '=INDIRECT("数据!$A$5:$A$6")'})


@pytest.mark.parametrize(
    ("build", "sheet", "place"),
    [
        (_name, "", "合计行"),
        (_span_in_name, "", "三月"),
        (_rule, "Jan", "A1:A20"),
        (_validation, "Jan", "A1:A2"),
    ],
)
def test_names_and_rules_that_would_look_at_other_rows_are_refused(
    build: Callable[[Any, Any, Any], None], sheet: str, place: str
) -> None:
    assert refusal(template(build)) == [("template_reference", sheet, place)]


def test_rules_of_whole_columns_follow() -> None:
    def build(book: Any, first: Any, data: Any) -> None:
        look = book.add_format({"bold": True})
        data.conditional_format("A5:B100", {"type": "formula", "criteria": "=$B5>$B4", "format": look})
        data.conditional_format("A8:B8", {"type": "formula", "criteria": "=$B$8>$B$5", "format": look})
        first.data_validation("A1:A9", {"validate": "list", "source": "=数据!$A$5:$A$6"})

    book = openpyxl.load_workbook(BytesIO(fill_template(template(build), "t.xlsx", figures(25), ZH).content))
    rules = {str(one.sqref): one.rules[0].formula[0] for one in book["数据"].conditional_formatting}
    assert rules == {"A5:B123": "$B5>$B4", "A31:B31": "$B$31>$B$5"}
    assert book["Jan"].data_validations.dataValidation[0].formula1 == "数据!$A$5:$A$29"


def test_shared_formulas_of_sheets_with_quotes_in_their_names_follow() -> None:
    content = template(lambda _book, first, _data: first.write_column("C1", ["a", "b", "c"]))
    content = _renamed(content, "O'B")
    text = parts(content)["xl/worksheets/sheet1.xml"].decode()
    text = re.sub(
        r'<c r="C1".*?</c>', '<c r="C1"><f t="shared" ref="C1:C3" si="0">\'O\'\'B\'!B6</f></c>', text
    )
    text = re.sub(r'<c r="(C[23])".*?</c>', r'<c r="\1"><f t="shared" si="0"/></c>', text)
    filled = fill_template(
        with_part(content, "xl/worksheets/sheet1.xml", text.encode()), "t", figures(25), ZH
    )
    sheet = openpyxl.load_workbook(BytesIO(filled.content))["Jan"]
    assert [sheet[f"C{row}"].value for row in (1, 2, 3)] == ["='O''B'!B6", "='O''B'!B30", "='O''B'!B31"]


def _renamed(content: bytes, name: str) -> bytes:
    text = parts(content)["xl/workbook.xml"].decode()
    text = text.replace('name="数据"', f'name="{name}"').replace(
        "数据!", "'" + name.replace("'", "''") + "'!"
    )
    sheet = parts(content)["xl/worksheets/sheet2.xml"]
    return with_part(with_part(content, "xl/workbook.xml", text.encode()), "xl/worksheets/sheet2.xml", sheet)


def test_controls_that_are_linked_to_cells_that_move_are_refused() -> None:
    def build(_book: Any, _first: Any, data: Any) -> None:
        data.insert_button("D1", {"caption": "x"})

    content = template(build)
    path = next(path for path in parts(content) if "vmlDrawing" in path)
    drawing = parts(content)[path].replace(b"<x:Anchor>", b"<x:FmlaLink>$B$8</x:FmlaLink><x:Anchor>")
    assert refusal(with_part(content, path, drawing)) == [("template_reference", "数据", "$B$8")]


def test_a_text_box_that_shows_a_cell_follows_it() -> None:
    def build(_book: Any, first: Any, _data: Any) -> None:
        first.insert_textbox("E1", "", {"textlink": "=数据!$B$8"})

    inside = parts(fill_template(template(build), "t.xlsx", figures(25), ZH).content)
    assert b'textlink="\xe6\x95\xb0\xe6\x8d\xae!$B$31"' in inside["xl/drawings/drawing1.xml"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_libreoffice_works_out_what_followed(tmp_path: Path) -> None:
    """The formulas that follow give the figures of all rows that were put in."""
    soffice = str(shutil.which("soffice"))
    wanted = sum(100 * number + 0.05 for number in range(1, 26))
    formulas = {
        "=SUM(数据!B5:数据!B6)": wanted,
        "=SUM(OFFSET(数据!B5:B6,0,0))": wanted,
        "=数据!B8": wanted,
        "=SUM(Jan:数据!B2)": 7,
        "=SUM(OFFSET(数据!B4,1,0,COUNTA(数据!A:A)-1,1))": wanted,
    }

    def build(_book: Any, first: Any, data: Any) -> None:
        data.write("B2", 7)
        for row, formula in enumerate(formulas):
            first.write_formula(row, 2, formula)

    path = tmp_path / "filled.xlsx"
    path.write_bytes(fill_template(template(build), "t.xlsx", figures(25), ZH).content)
    command = [
        soffice,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "csv",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=300
    )
    lines = (tmp_path / "filled.csv").read_text().splitlines()
    assert [float(line.split(",")[2]) for line in lines] == pytest.approx(list(formulas.values()))
