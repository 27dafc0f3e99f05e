"""Verification: no change of a cell is missed, no re-save raises a false alarm (RPT-07, security 62)."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from desktop.errors import InvalidInput
from desktop.exporters.document import (
    LABEL,
    TERM,
    Block,
    Control,
    Definition,
    Document,
    Field,
    Picture,
    canonical_text,
    from_text,
    with_words,
)
from desktop.exporters.layouts import Column, Kind, Layout, Sheet
from desktop.exporters.report_book import NUMBER_PROPERTY, Seal, report_layout
from desktop.exporters.stored import read_book
from desktop.exporters.verify import Comparison, compare
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import Locale
from desktop.letters import column_letters

AT = datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
CHANGES = int(os.environ.get("PLUMBLINE_EXAMPLES", "60"))
"""How many random changes are tried; set PLUMBLINE_EXAMPLES for a longer hunt."""
SIGNS = [
    "=1+1",
    "+86 138 0013 8000",
    "007",
    "a & <b>",
    "two\nlines",
    " padded ",
    "👍 好",
    "TRUE",
    "1e5",
]


ESCAPE = "_x0041_"
"""Text that looks like the format's own escapes; openpyxl, unlike office programs, does not write it back."""


@cache
def document(escapes: bool = False) -> Document:
    rows = tuple(
        (
            (f"Stage {n}", f"阶段{n}"),
            ESCAPE if escapes and n == 5 else SIGNS[n % len(SIGNS)],
            n,
            n * 71_781_937_49,
            Decimal(n) / 7 if n else None,
            date(2026, 3, 1 + n % 28),
            AT,
            ("No next step",) if n % 2 else (),
        )
        for n in range(12)
    )
    return Document(
        template="funnel",
        title="Funnel",
        period="2026-03",
        as_of=date(2026, 3, 31),
        taken_at=AT,
        filters=(("Unit", ("East", "华东")), ("Pipeline", "Standard")),
        batch="12",
        blocks=(
            Block(
                "stages",
                "Stages",
                (
                    Field("stage", "Stage", LABEL),
                    Field("note", "Note"),
                    Field("count", "Open deals", Kind.INTEGER, metric="funnel_open_count"),
                    Field("amount", "Open amount", Kind.MONEY, "CNY", "funnel_open_amount"),
                    Field("rate", "Conversion", Kind.PERCENT),
                    Field("day", "Day", Kind.DATE),
                    Field("at", "At", Kind.INSTANT),
                    Field("dark", "Gaps", TERM),
                ),
                rows,
                ("Total", None, 66, 66 * 71_781_937_49, None, None, None, None),
                Picture("Open deals", "stage", ("count",), horizontal=True),
            ),
        ),
        controls=(Control("open_amount", "Open amount", Kind.MONEY, 66 * 71_781_937_49),),
        definitions=(
            Definition("funnel_open_count", 1, "deals", "Open deals", "在手商机数", "Deals.", "商机。"),
        ),
        signatures=(("Leaver", "甲"), ("Receiver", "乙"), ("Supervisor", "")),
    )


SEAL = Seal("R000003-ABCD1234", "approved", "0" * 64, "甲", AT, "甲", AT, (("乙", "Sales director", AT),))


@cache
def workbook(escapes: bool = False) -> bytes:
    chinese = Locale("zh_CN")
    return workbook_bytes(report_layout(document(escapes), SEAL, chinese), chinese)


def against(found: bytes, approved: bytes | None = None) -> Comparison:
    return compare(read_book(approved or workbook(), "a.xlsx"), read_book(found, "b.xlsx"))


def resaved(change: Callable[[Any], object] = lambda book: None) -> bytes:
    """Open and save the workbook with another program, after a change."""
    book = openpyxl.load_workbook(BytesIO(workbook()))
    change(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_document_survives_its_canonical_text() -> None:
    text = canonical_text(document())
    assert from_text(text) == document()
    assert canonical_text(from_text(text)) == text
    assert document().totals() == {"open_amount": "4737607874.34"}


def test_words_are_frozen_with_the_figures() -> None:
    chinese = Locale("zh_CN")
    frozen = with_words(document(), chinese)
    assert dict(frozen.words)["Stages"] == "阶段"
    assert set(dict(frozen.words)) >= {"Total", "No next step", "Leaver", "Open amount"}
    reworded = replace(frozen, words=tuple((message, f"旧{word}") for message, word in frozen.words))
    layout = report_layout(from_text(canonical_text(reworded)), SEAL, chinese)
    table = layout.sheets[1]
    assert isinstance(table, Sheet)
    assert table.name == "旧阶段"
    assert [row[7] for row in table.rows][:2] == ["", "旧无下一步计划"]
    assert report_layout(reworded, SEAL, Locale("en")).sheets[1].name == "Stages"


def test_two_independent_readers_agree_with_the_document_to_the_cent() -> None:
    theirs = openpyxl.load_workbook(BytesIO(workbook()))
    name = theirs.sheetnames[1]
    first = [list(row) for row in theirs[name].iter_rows(min_row=6, max_row=17, values_only=True)]
    second = CalamineWorkbook.from_filelike(BytesIO(workbook())).get_sheet_by_name(name).to_python()[5:17]
    for row, one, two in zip(document().blocks[0].rows, first, second, strict=True):
        assert one[0] == two[0] == row[0][1]
        assert one[1] == two[1] == row[1]
        assert one[2] == two[2] == row[2]
        assert round(Decimal(repr(one[3])) * 100) == round(Decimal(repr(float(two[3]))) * 100) == row[3]
        assert one[5] == datetime.combine(row[5], datetime.min.time())
        assert two[5] == row[5]
        assert one[6] == two[6] == datetime(2026, 4, 1, 9, 30)


def test_the_report_number_is_in_the_properties_and_on_the_cover() -> None:
    book = read_book(workbook(), "a.xlsx")
    assert book.properties[NUMBER_PROPERTY] == "R000003-ABCD1234"
    assert ("s", "R000003-ABCD1234") in next(iter(book.sheets.values())).cells.values()


def test_a_resave_is_no_difference() -> None:
    assert resaved() != workbook()
    assert against(resaved()) == Comparison((), 0, ())


def test_unprotecting_a_sheet_is_no_difference() -> None:
    def unprotect(book: Any) -> None:
        for sheet in book.worksheets:
            sheet.protection.sheet = False

    assert against(resaved(unprotect)).count == 0


@pytest.mark.parametrize(
    ("change", "approved", "found"),
    [
        (lambda sheet: sheet.__setitem__("D7", 71781937.50), "71781937.49", "71781937.5"),
        (lambda sheet: sheet.__setitem__("D7", "71781937.49"), "71781937.49", "71781937.49"),
        (lambda sheet: sheet.__setitem__("D7", "=D8"), "71781937.49", "=D8"),
        (lambda sheet: sheet.__setitem__("D7", None), "71781937.49", ""),
        (lambda sheet: sheet.__setitem__("F7", date(2026, 3, 3)), "2026-03-02", "2026-03-03"),
        (
            lambda sheet: sheet.__setitem__("B7", "+86 138 0013 8001"),
            "+86 138 0013 8000",
            "+86 138 0013 8001",
        ),
        (lambda sheet: sheet.__setitem__("Z99", True), "", "TRUE"),
    ],
)
def test_a_changed_cell_is_named(change: Callable[[Any], object], approved: str, found: str) -> None:
    result = against(resaved(lambda book: change(book.worksheets[1])))
    assert result.count == 1
    (difference,) = result.differences
    assert difference.cell in {"D7", "F7", "B7", "Z99"}
    assert (difference.approved, difference.found) == (approved, found)


def test_a_number_format_that_lies_is_a_difference() -> None:
    def disguise(book: Any) -> None:
        book.worksheets[1]["D7"].number_format = '"99,000.00"'
        book.worksheets[1]["D8"].number_format = ";;;"
        book.worksheets[1]["D9"].number_format = "0.0"
        book.worksheets[1]["D10"].number_format = '_ ¥* #,##0.00_ ;[Red]-#,##0.00;_ ¥* "-"??_ ;_ @_ '

    assert [item.cell for item in against(resaved(disguise)).differences] == ["D7", "D8"]


def test_rows_put_in_and_taken_out_are_told_as_rows() -> None:
    taken = against(resaved(lambda book: book.worksheets[1].delete_rows(10)))
    assert [(item.cell, item.found) for item in taken.differences] == [("10:10", "")]
    put = against(resaved(lambda book: book.worksheets[1].insert_rows(10)))
    assert [(item.cell, item.approved, item.found) for item in put.differences] == [("10:10", "", "␣")]


def test_sheets_added_removed_renamed_moved_and_hidden_are_told() -> None:
    added = against(resaved(lambda book: book.create_sheet("Extra")))
    assert [(item.sheet, item.found) for item in added.differences] == [("Extra", "Extra")]
    removed = against(resaved(lambda book: book.remove(book.worksheets[2])))
    assert removed.count == 1
    assert removed.differences[0].found == ""
    renamed = against(resaved(lambda book: setattr(book.worksheets[1], "title", "X")))
    assert renamed.count == 2
    moved = against(resaved(lambda book: book.move_sheet(book.worksheets[1], 1)))
    assert moved.count == 1
    hidden = against(resaved(lambda book: setattr(book.worksheets[1], "sheet_state", "hidden")))
    assert hidden.count == 0
    assert len(hidden.notes) == 1


@cache
def opened() -> Any:
    """The workbook as another program holds it; every change is taken back after its save."""
    return openpyxl.load_workbook(BytesIO(workbook()))


def saved_with(position: int, cell: str, value: object) -> bytes:
    target = opened().worksheets[position][cell]
    before, kind, look = target.value, target.data_type, target.number_format
    target.value = value
    stream = BytesIO()
    opened().save(stream)
    target.value = before
    # Text that begins with = would come back as a formula.
    target.data_type, target.number_format = kind, look
    return stream.getvalue()


@cache
def grids() -> list[list[list[Any]]]:
    """Every sheet's values, with two empty rows and columns around."""
    return [
        [[*row, None, None] for row in (*sheet.iter_rows(values_only=True), *[[None] * sheet.max_column] * 2)]
        for sheet in openpyxl.load_workbook(BytesIO(workbook())).worksheets
    ]


@st.composite
def single_change(draw: st.DrawFn) -> tuple[int, str, object]:
    """One cell of the approved workbook, and a value that it does not hold."""
    position = draw(st.integers(0, len(grids()) - 1))
    grid = grids()[position]
    row = draw(st.integers(1, len(grid)))
    column = draw(st.integers(1, len(grid[0])))
    old = grid[row - 1][column - 1]
    kinds: list[st.SearchStrategy[Any]] = [
        st.integers(-(10**12), 10**12),
        st.text("ab01=+ 好\n", min_size=1, max_size=6),
        st.booleans(),
    ]
    if isinstance(old, int | float):
        kinds.append(st.sampled_from([old + 0.01, old - 0.01, old * -2 - 1, old * (1 + 2**-50) + 2**-60]))
    if isinstance(old, str):
        kinds.append(st.sampled_from([old + " ", old[:-1], old.swapcase() + "0", old[::-1] + "_"]))
    if isinstance(old, datetime):
        kinds.append(st.integers(1, 10**6).map(lambda seconds: old + timedelta(seconds=seconds)))
    new = draw(st.one_of(kinds))
    assume(new != "" and (isinstance(new, bool) or new != old))
    return position, f"{column_letters(column)}{row}", new


@given(single_change())
@settings(max_examples=CHANGES, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_single_change_is_missed(change: tuple[int, str, object]) -> None:
    position, cell, value = change
    result = against(saved_with(position, cell, value))
    assert result.count == 1
    assert result.differences[0].cell == cell


TEXTS = st.text(max_size=30).filter(lambda text: "_x" not in text)
"""Any text but the format's own escapes, which openpyxl (unlike office programs) does not write back."""
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), TEXTS, st.sampled_from(SIGNS)),
        st.one_of(st.none(), st.integers(-(10**17), 10**17)),
        st.one_of(st.none(), st.decimals(-1000, 1000, places=6)),
        st.one_of(st.none(), st.dates(date(1901, 1, 1), date(2200, 1, 1))),
        st.one_of(
            st.none(), st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
        ),
    ),
    max_size=12,
)
KINDS = (Kind.TEXT, Kind.MONEY, Kind.PERCENT, Kind.DATE, Kind.INSTANT)


@given(ROWS)
@settings(max_examples=CHANGES, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_resave_raises_a_false_alarm(rows: list[tuple[Any, ...]]) -> None:
    columns = tuple(Column(kind.value, kind) for kind in KINDS)
    content = workbook_bytes(Layout("Test", (Sheet("Data", columns, rows),)), Locale("en"))
    stream = BytesIO()
    openpyxl.load_workbook(BytesIO(content)).save(stream)
    assert against(stream.getvalue(), content) == Comparison((), 0, ())


def test_every_cell_blanked_in_turn_is_noticed() -> None:
    approved, found = read_book(workbook(), "a.xlsx"), read_book(workbook(), "b.xlsx")
    for name, sheet in approved.sheets.items():
        for place in sheet.cells:
            kept = found.sheets[name].cells.pop(place)
            result = compare(approved, found)
            assert (result.count, result.differences[0].found) == (1, "")
            found.sheets[name].cells[place] = kept
    assert compare(approved, found).count == 0


@pytest.mark.libreoffice
def test_libreoffice_opens_it_and_its_copy_is_the_same_content(tmp_path: Path) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if not program:
        assert not os.environ.get("CI"), "a check of every change opens the workbook in LibreOffice"
        pytest.skip("no LibreOffice on this machine")
    source = tmp_path / "report.xlsx"
    source.write_bytes(workbook(escapes=True))
    subprocess.run(
        [
            program,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(tmp_path / "out"),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    result = against((tmp_path / "out" / "report.xlsx").read_bytes(), workbook(escapes=True))
    assert result.differences == ()


def bomb(name: str, content: bytes) -> bytes:
    stream = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(workbook())) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "workbook_unreadable"),
        (b"PK\x03\x04 not really", "workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "workbook_old_or_encrypted"),
        (workbook()[: len(workbook()) // 2], "workbook_unreadable"),
        (bomb("xl/sharedStrings.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><sst/>"), "workbook_unreadable"),
        (bomb("xl/worksheets/sheet2.xml", b" " * 201_000_000), "workbook_too_large"),
    ],
)
def test_what_is_no_report_is_refused_with_its_name(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_book(content, "给财务.xlsx")
    assert refused.value.code == code
    assert "给财务.xlsx" in str(refused.value)
