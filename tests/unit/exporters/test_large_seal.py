"""Large workbooks are sealed and proven in columns: what is signed is what the reader of single cells would sign."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from desktop.errors import InvalidInput
from desktop.exporters import plain_rows, stored
from desktop.exporters.large_seal import sealed_book
from desktop.exporters.layouts import Formula, Layout, Sheet
from desktop.exporters.signature import SEAL_SHEET, Line, Proof, lines_of, proof_of, sealed
from desktop.exporters.stored import read_book
from desktop.exporters.verify import shown_digits
from desktop.exporters.workbook import workbook_bytes
from tests.unit.exporters.test_big_sheet import COLUMNS, frame
from tests.unit.exporters.test_large_book import GRID, sheet_of, xml_of
from tests.unit.exporters.test_signature import CHINESE, KEYS, SIGNER, a_layout, patched

ROWS = 2_500


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every sheet in columns, some rows at a time."""
    monkeypatch.setattr(stored, "LARGE_SHEET", 0)
    monkeypatch.setattr(plain_rows, "PIECE", 700)


def lines(content: bytes, *, by_columns: bool) -> tuple[Line, ...] | str:
    try:
        return tuple(
            lines_of(*sealed_book(content, "a")) if by_columns else lines_of(read_book(content, "a"), {})
        )
    except InvalidInput as refused:
        return refused.code


@given(GRID)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_readers_sign_the_same(grid: list[tuple[int, str, list[tuple[int, str, str]]]]) -> None:
    content = sheet_of(xml_of(grid))
    assert lines(content, by_columns=True) == lines(content, by_columns=False)


@pytest.fixture(scope="module")
def long_one() -> bytes:
    """Return a sealed workbook of more rows than have a digest each, and a sum below them."""
    rows = frame(ROWS).rows()
    totals = ["合计", None, 5, Formula("SUM({all3})", sum(row[3] or 0 for row in rows)), *[None] * 5]
    layout = replace(a_layout(), sheets=(Sheet("数据", COLUMNS, rows, totals=totals, table="Ledger"),))
    return made(layout)


def made(layout: Layout) -> bytes:
    book, tall = sealed_book(workbook_bytes(layout, CHINESE), "plain")
    return workbook_bytes(sealed(layout, book, "周总监", SIGNER, tall), CHINESE)


def proof(content: bytes) -> Proof:
    book, tall = sealed_book(content, "found")
    found = proof_of(book, KEYS, tall)
    assert found is not None
    return found


@pytest.fixture
def in_large_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_rows, "PIECE", 300_000)


@pytest.mark.usefixtures("in_large_pieces")
def test_a_long_workbook_proves_itself_to_both_readers(long_one: bytes) -> None:
    found = proof(long_one)
    assert (found.signed, found.same, found.changed) == (True, True, ())
    assert proof_of(read_book(long_one, "found"), KEYS) == found
    assert {line.way for line in lines_of(read_book(long_one, "found"), {})} == {"row", "rows", "column"}
    assert SEAL_SHEET in read_book(long_one, "found").sheets


@pytest.mark.usefixtures("in_large_pieces")
@pytest.mark.parametrize("row", [2, 1200, 2501])
def test_the_changed_cell_of_a_long_sheet_is_named(long_one: bytes, row: int) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    cell = re.compile(rb'<c r="D%d"[^>]*/>|<c r="D%d"[^>]*>.*?</c>' % (row, row))
    old = cell.search(stored_part(long_one, sheet))
    assert old
    changed = patched(long_one, sheet, old[0], b'<c r="D%d"><v>123456.78</v></c>' % row)
    assert proof(changed).changed == (("数据", f"D{row}"),)


@pytest.mark.usefixtures("in_large_pieces")
def test_a_forged_sum_below_a_long_sheet_is_named(long_one: bytes) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    total = re.search(rb"(<f>SUM[^<]*</f><v>)[^<]*", stored_part(long_one, sheet))
    assert total
    assert proof(patched(long_one, sheet, total[0], total[1] + b"1")).changed == (("数据", f"D{ROWS + 2}"),)


def stored_part(content: bytes, name: str) -> bytes:
    import zipfile
    from io import BytesIO

    with zipfile.ZipFile(BytesIO(content)) as parts:
        return parts.read(name)


NEAR = [
    0.35000000000000003,
    0.1 + 0.2,
    1 / 3,
    71781937.49,
    -0.0,
    1e15 + 0.5,
    999999999999.995,
    1e-7,
    5e-324,
    1.1e300,
]


def test_digits_beyond_the_fifteenth_count_for_neither_reader() -> None:
    cells = "".join(
        f'<row r="{row}"><c r="A{row}"><v>{number!r}</v></c></row>'
        for row, number in enumerate(NEAR, start=1)
    )
    again = "".join(
        f'<row r="{row}"><c r="A{row}"><v>{shown_digits(number)!r}</v></c></row>'
        for row, number in enumerate(NEAR, start=1)
    )
    signed = {lines(sheet_of(text), by_columns=way) for text in (cells, again) for way in (True, False)}
    assert len(signed) == 1
