"""Large sheets compared in columns: what is told of them is what the reader of single cells tells (RPT-07)."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.errors import InvalidInput
from desktop.exporters import large_book, large_sheets, plain_rows, stored, verify
from desktop.exporters.large_book import LargeBook, compare_books
from desktop.exporters.stored import read_book
from desktop.exporters.verify import compare, shown_digits
from desktop.letters import column_letters

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "_rels/.rels": f'<R xmlns="x"><Relationship Id="a" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></R>',
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="S" r:id="a"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<R xmlns="x"><Relationship Id="a" Type="{RELATIONS}/worksheet" Target="s.xml"/>'
        f'<Relationship Id="b" Type="{RELATIONS}/sharedStrings" Target="t.xml"/>'
        f'<Relationship Id="c" Type="{RELATIONS}/styles" Target="y.xml"/></R>'
    ),
    "xl/t.xml": (
        f'<sst xmlns="{MAIN}"><si><t>one</t></si><si><r><rPr><b/></rPr><t>o</t></r><r><t>ne</t></r></si>'
        '<si><t xml:space="preserve"> a &amp; b </t></si><si><t></t></si><si><t>_x0041_</t></si></sst>'
    ),
    "xl/y.xml": (
        f'<s xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="yyyy-mm-dd"/>'
        '<numFmt numFmtId="171" formatCode="&quot;99&quot;"/><numFmt numFmtId="172" formatCode=";;;"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/>'
        '<xf numFmtId="14"/></cellXfs></s>'
    ),
}


def packed(sheet: str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, text in PARTS.items():
            parts.writestr(name, text)
        parts.writestr("xl/s.xml", sheet)
    return stream.getvalue()


def sheet_of(rows: str, before: str = "", after: str = "") -> bytes:
    return packed(f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>')


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every sheet in columns, a few rows at a time, and take none for low."""
    monkeypatch.setattr(stored, "LARGE_SHEET", 0)
    monkeypatch.setattr(large_book, "LONGEST_ALIGNED", -1)
    monkeypatch.setattr(plain_rows, "PIECE", 700)
    # What is read cell by cell after all would tell rows that were put in as such.
    monkeypatch.setattr(verify, "_MANY", 1_000_000)


def told(approved: bytes, found: bytes) -> tuple[object, object]:
    """What both readers say: differences (or the refusal's code) by columns, and by cells without alignment."""

    def said(by_columns: bool) -> object:
        try:
            if by_columns:
                return compare_books(LargeBook(approved, "a"), LargeBook(found, "b"))
            books = read_book(approved, "a"), read_book(found, "b")
            for sheet in books[0].sheets.values():
                sheet.tall = True
            return compare(*books)
        except InvalidInput as refused:
            return refused.code

    return said(True), said(False)


NUMERALS = st.one_of(
    st.sampled_from(
        ["1", "1.0", "1e0", "+1", "-0", "0", "nan", "1_0", " 1", "1e999", "45292.3333333333", "0x1", ""]
    ),
    st.sampled_from(
        ["45292.333333333336", "0.1", "0.10000000000000001", "0.006435006435006435", "0.00643500643500644"]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:.15g}"),
)
TEXTS = st.sampled_from(
    [
        "one",
        " a &amp; b ",
        "_x0041_",
        "A",
        "",
        "&#65;",
        "&#10;",
        "\n",
        "好",
        "a\r\nb",
        "a > b",
        "&lt;/row&gt;",
        "]]>",
        "&no;",
    ]
)
CELLS = st.one_of(
    st.builds(lambda kind, value: f"{kind}><v>{value}</v></c>", st.sampled_from(["", ' t="n"']), NUMERALS),
    st.builds("{}><v>{}</v></c>".format, st.just(' t="s"'), st.sampled_from(["0", "1", "2", "3", "4", "9"])),
    st.builds(' t="inlineStr"><is><t>{}</t></is></c>'.format, TEXTS),
    st.builds(' t="inlineStr"><is><r><t>{}</t></r></is></c>'.format, TEXTS),
    st.builds(
        ' t="{}"><v>{}</v></c>'.format,
        st.sampled_from(["str", "e", "b", "d"]),
        st.sampled_from(["1", "0", "true", "one", ""]),
    ),
    st.sampled_from(
        [
            "/>",
            "></c>",
            " />",
            "><v/></c>",
            "><f>A1</f><v>1</v></c>",
            "><!-- x --><v>1</v></c>",
            "><v><![CDATA[1]]></v></c>",
        ]
    ),
)
ROW_TAGS = st.sampled_from(
    ["", ' hidden="1"', ' hidden="0" ht="15"', ' spans="1:9"', ' x:y="1"', ' ht="1" ht="1"']
)
GRID = st.lists(
    st.tuples(st.integers(1, 3), ROW_TAGS, st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["", "0", "1", "2", "3", "4", "9"]), CELLS), max_size=4)),
    min_size=1,
    max_size=8,
)  # fmt: skip


def xml_of(grid: list[tuple[int, str, list[tuple[int, str, str]]]]) -> str:
    pieces, row = [], 0
    for step, tag, cells in grid:
        row += step
        pieces.append(f'<row r="{row}"{tag}>')
        column = 0
        for right, style, cell in cells:
            column += right
            pieces.append(f'<c r="{column_letters(column)}{row}"' + (f' s="{style}"' if style else "") + cell)
        pieces.append("</row>")
    return "".join(pieces)


@given(GRID, GRID, st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.usefixtures("everything_is_large")
def test_both_readers_tell_the_same(one: list[object], other: list[object], data: st.DataObject) -> None:
    mixed = [data.draw(st.sampled_from(pair)) for pair in zip(one, [*other, *one], strict=False)]
    approved, found = sheet_of(xml_of(one)), sheet_of(xml_of(mixed))  # type: ignore[arg-type]
    quick, slow = told(approved, found)
    assert quick == slow


@pytest.mark.parametrize(
    ("approved", "found"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c></row>', ""),
        ("", '<row r="1"><c r="A1"><v>1</v></c></row>'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<row><c><v>1</v></c></row>'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="1"><c r="A2"><v>1</v></c></row>'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="1"><c r="A1"><v>1</v></c></row><c><v>7</v></c>'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="3"/><row r="4" hidden="1"/><row r="1"><c r="A1"><v>1</v></c></row>'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="1"><c r="A1"><v>1</v></c></row></sheetData><sheetData><row r="2"><c r="A2"><v>1</v></c></row>'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<!--<row r="1"><c r="A1"><v>1</v></c></row>-->'),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', '<row r="1"><c r="A1"><v>1</v></c></row><row r="2">\x01</row>'),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("everything_is_large")
def test_hostile_sheets_are_seen_as_the_slow_reader_sees_them(approved: str, found: str) -> None:
    quick, slow = told(sheet_of(approved), sheet_of(found))
    assert quick == slow


@pytest.mark.usefixtures("everything_is_large")
def test_equal_rows_are_left_out_and_differing_ones_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_sheets, "MOST_KEPT", 3)
    rows = [
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="s"><v>0</v></c></row>' for n in range(1, 400)
    ]
    approved = sheet_of("".join(rows))
    found = sheet_of(re.sub(r'<c r="A(\d*7)"><v>\d+', r'<c r="A\1"><v>0.5', "".join(rows)))
    books = LargeBook(approved, "a"), LargeBook(found, "b")
    assert not any(sheet.cells for book in books for sheet in book.book.sheets.values())
    result = compare_books(*books)
    assert result.count == 40
    assert [item.cell for item in result.differences[:3]] == ["A7", "A17", "A27"]
    assert 3 <= len(result.differences) < 40


def test_a_tie_in_the_sixteenth_digit_is_rounded_as_libreoffice_rounds_it() -> None:
    assert shown_digits(0.006435006435006435) == 0.00643500643500644
    assert shown_digits(0.1 + 0.2) == 0.3
    assert shown_digits(71781937.49) == 71781937.49
