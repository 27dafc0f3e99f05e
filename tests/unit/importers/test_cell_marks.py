"""Error cells and hidden rows of every workbook format are told, never lost as blanks (security 16)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import xlsxwriter

from desktop.importers.reader import read_sources
from tests.unit.importers.test_reader import only, refusal
from tests.unit.importers.writers import ods_cell, ods_content, write_ods, write_xlsb

HEAD = ("客户名称", "金额", "城市")


def test_error_cells_and_hidden_rows_of_an_xlsb(tmp_path: Path) -> None:
    path = write_xlsb(
        tmp_path / "a.xlsb",
        [HEAD, ("甲公司", b"\x17", "上海"), ("乙公司", 7.0, b"\x2a"), ("丙公司", 1.5, None)],
        hidden=[2],
    )
    table = only(path)
    assert table.frame["c1"].to_list() == ["#REF!", "7", "1.5"]
    assert table.frame["c2"].to_list() == ["上海", "#N/A", None]
    assert (table.kinds[1].error, table.kinds[2].error) == (1, 1)
    assert table.hidden_rows == (3,)
    assert "hidden_rows" in table.warnings


def test_a_far_corner_of_an_xlsb_is_refused(tmp_path: Path) -> None:
    wide = [None] * 16_383
    rows: list[tuple[str | float | bytes | None, ...]] = [HEAD, *[()] * 40_000, (*wide, "x")]
    assert refusal(write_xlsb(tmp_path / "a.xlsb", rows)) == "too_large"


def test_error_cells_and_hidden_rows_of_an_ods(tmp_path: Path) -> None:
    def row(*cells: str, marks: str = "") -> str:
        return f"<table:table-row{marks}>{''.join(cells)}</table:table-row>"

    rows = [
        row(*(ods_cell(text) for text in HEAD)),
        row(ods_cell("甲公司"), ods_cell("#DIV/0!", "error"), ods_cell("上海")),
        row(ods_cell("乙公司"), ods_cell("7", "float"), ods_cell("苏州"), marks=' table:visibility="filter"'),
        row('<table:table-cell table:number-columns-repeated="3"/>', marks=' table:number-rows-repeated="2"'),
        row(
            ods_cell("丙公司"),
            ods_cell("Err:502", "error"),
            ods_cell("无锡"),
            marks=' table:visibility="collapse"',
        ),
    ]
    table = only(write_ods(tmp_path / "a.ods", ods_content("".join(rows))))
    assert table.frame["row"].to_list() == [2, 3, 6]
    assert table.frame["c1"].to_list()[:2] == ["#DIV/0!", "7"]
    assert table.frame["c1"].to_list()[2] in ("#VALUE!", "Err:502")
    assert table.hidden_rows == (3, 6)


def test_hidden_rows_of_an_xlsx_are_read_and_marked(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("客户")
    for number, cells in enumerate(
        [HEAD, ("甲公司", 1, "上海"), ("乙公司", 2, "苏州"), ("丙公司", 3, "无锡")]
    ):
        sheet.write_row(number, 0, cells)
    sheet.set_row(2, None, None, {"hidden": True})
    book.close()
    table = only(tmp_path / "a.xlsx")
    assert table.frame["c0"].to_list() == ["甲公司", "乙公司", "丙公司"]
    assert table.hidden_rows == (3,)


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_errors_and_hidden_rows_that_a_real_program_wrote(tmp_path: Path, kind: str) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if not program:
        assert not os.environ.get("CI"), "a check of every change lets LibreOffice write the old formats"
        pytest.skip("no LibreOffice on this machine")
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("客户")
    sheet.write_row(0, 0, HEAD)
    formulas = {"=1/0": "#DIV/0!", "=NOSUCHNAME": "#NAME?", '=VALUE("x")': "#VALUE!"}
    formulas |= {"=NA()": "#N/A", "=B2+0": "#DIV/0!"}
    for number, (formula, value) in enumerate(formulas.items(), start=1):
        sheet.write(number, 0, f"公司{number}")
        sheet.write_formula(number, 1, formula, value=value)
        sheet.write(number, 2, "上海")
    sheet.set_row(4, None, None, {"hidden": True})
    book.close()
    subprocess.run(
        [
            program,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            {"xls": "xls:MS Excel 97", "ods": "ods"}[kind],
            "--outdir",
            str(tmp_path),
            str(tmp_path / "a.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    table = only(tmp_path / f"a.{kind}")
    assert table.frame["c1"].to_list() == list(formulas.values())
    assert table.kinds[1].error == 5
    assert table.hidden_rows == (5,)


def test_error_cells_of_real_files_agree_in_both_formats(shared_data: Path) -> None:
    folder = shared_data / "spreadsheets" / "easyexcel-zh" / "converter"
    found = {
        path.suffix: [table.kinds[34].error for table in read_sources([path]).tables]
        for path in (folder / "converter03.xls", folder / "converter07.xlsx")
    }
    assert found == {".xls": [1], ".xlsx": [1]}
