"""Finance's own workbooks by commands: names, check, export with a template, verify (issue 5, point 8)."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from desktop.errors import InvalidInput
from desktop.exporters.package import Package
from desktop.exporters.template_book import Book
from desktop.exporters.template_faults import TemplateRefused
from desktop.exporters.template_fill import fill_template
from desktop.exporters.template_sheet import SheetText, Unusual
from desktop.i18n import Locale
from desktop.terms import Role
from tests.conftest import FULL, SHARED_DATA
from tests.databases import Place
from tests.drivers.command_line import CommandLine
from tests.maker import Maker
from tests.unit.exporters.templates import figures, parts, plain_template, rich_template

FOLDERS = ("export/xlsxwriter-excel-written", "spreadsheets")


@pytest.fixture
def approved(place: Place, make: Maker) -> tuple[CommandLine, str]:
    """A funnel report that a second person approved."""
    make.person("周总监", Role.DIRECTOR, login="zhou")
    seller = make.person("李接", login="li")
    make.deal("锅炉", make.account("甲公司", seller), owner=seller, amount="1234.50")
    admin, zhou = CommandLine(place.where), CommandLine(place.where_for("zhou"))
    number = str(admin.json("report", "funnel", "--period", "2026-11")["report"])
    admin.json("submit", number)
    zhou.json("approve", number, *(["--as", "zhou"] if place.is_sqlite else []))
    return admin, number


def funnel_template(names: list[dict[str, Any]]) -> bytes:
    """Return a template for whatever table a funnel report has, with every column by its Chinese name."""
    table = next(one for one in names if one["kind"] == "table")
    headers = [column.split(" / ")[0] for column in table["columns"]]

    def build(book: Any, sheet: Any) -> None:
        sheet.write("A1", "报告编号")
        sheet.write_row("A4", headers)
        sheet.write_formula("A8", "=COUNTA(A5:A5)")
        book.define_name("报表编号", "=Sheet1!$B$1")
        book.define_name("审批人", "=Sheet1!$B$2")
        book.define_name(table["key"], f"=Sheet1!$A$5:${chr(64 + len(headers))}$5")

    return plain_template(build)


def test_a_report_goes_out_in_finances_own_workbook(
    approved: tuple[CommandLine, str], tmp_path: Path
) -> None:
    admin, number = approved
    names = admin.json("template", "names", number)
    assert {"报表编号", "审批人"} <= {one["title_zh"] for one in names}
    template = tmp_path / "财务模板.xlsx"
    template.write_bytes(funnel_template(names))
    placed = admin.json("template", "check", str(template), "--report", number)
    assert {one["name"] for one in placed} >= {"报表编号", "审批人"}
    out = tmp_path / "出.xlsx"
    done = admin.json("export", number, "--out", str(out), "--template", str(template))
    assert (done["template"], done["unused"]) == ("财务模板.xlsx", [])
    sheet = openpyxl.load_workbook(out)["Sheet1"]
    assert str(sheet["B1"].value).startswith(f"R{int(number):06d}-")
    assert sheet["B2"].value == "周总监"
    assert admin.json("verify", str(out))["verdict"] == "genuine"

    book = openpyxl.load_workbook(out)
    book.save(tmp_path / "saved.xlsx")
    assert admin.json("verify", str(tmp_path / "saved.xlsx"))["verdict"] == "resaved"
    book["Sheet1"]["B1"] = "R000001"
    book.save(tmp_path / "altered.xlsx")
    altered = admin.json("verify", str(tmp_path / "altered.xlsx"), code=4)
    assert [item["cell"] for item in altered["differences"]] == ["B1"]


def test_nothing_is_written_if_the_template_is_at_fault(
    approved: tuple[CommandLine, str], tmp_path: Path
) -> None:
    admin, number = approved
    template, out = tmp_path / "坏.xlsx", tmp_path / "出.xlsx"
    template.write_bytes(plain_template(lambda book, _sheet: book.define_name("期间", "=Sheet1!$A$1:$C$4")))
    said = admin.run("export", number, "--out", str(out), "--template", str(template), "--lang", "zh_CN")
    assert (said.code, out.exists()) == (3, False)
    assert "Sheet1!A1:C4" in said.err
    template.write_bytes(plain_template(lambda book, _sheet: book.define_name("期间", "=Sheet1!$A$1")))
    assert (
        admin.run("export", number, "--out", str(tmp_path / "出.xlsm"), "--template", str(template)).code == 3
    )
    draft = str(admin.json("report", "funnel", "--period", "2026-11")["report"])
    assert admin.run("export", draft, "--out", str(out), "--template", str(template)).code == 3
    assert not out.exists()


def shared_files() -> list[Path]:
    """Return workbooks that Excel and others wrote."""
    return sorted(
        path
        for folder in FOLDERS
        for path in (SHARED_DATA / folder).rglob("*")
        if path.suffix in (".xlsx", ".xlsm")
    )


def named(content: bytes, name: str, height: int) -> bytes | None:
    """Return a foreign workbook with our names behind everything it holds; None if it is none of ours to fill."""
    try:
        book = Book(Package(content, name))
        sheet = next(iter(book.sheets.values()))
        text = SheetText(book.package.text(sheet.part))
    except (ValueError, StopIteration, Unusual):
        return None
    except InvalidInput:
        return None
    if f"<{book.prefix}definedNames" in book.workbook or not book.is_workbook:
        return None
    last = max(text.rows, default=1)
    quoted = "'" + sheet.name.replace("'", "''").replace("&", "&amp;").replace("<", "&lt;") + "'"
    p = book.prefix
    own = (
        f'<{p}definedNames><{p}definedName name="期间">{quoted}!$XFA$1</{p}definedName>'
        f'<{p}definedName name="合同清单">{quoted}!$XFA${last + 3}:$XFD${last + 2 + height}</{p}definedName></{p}definedNames>'
    )
    changed = book.workbook.replace(f"</{p}sheets>", f"</{p}sheets>{own}", 1)
    return book.package.patched({book.main: changed.encode()})


def test_workbooks_that_excel_wrote_survive(tmp_path: Path) -> None:
    if not SHARED_DATA.is_dir():
        pytest.skip("no shared data folder beside the project")
    data = figures(4)
    table = data.tables[0]
    # No dates: the cells of these files show numbers.
    rows = tuple((row[0], None, row[2], row[3]) for row in table.rows)
    data = type(data)(data.values, (type(table)(table.key, table.titles, table.columns, rows),), data.mark)
    done = 0
    files = shared_files()
    for path in files if FULL else files[::4]:
        grows = done % 2 == 1
        template = named(path.read_bytes(), path.name, 1 if grows else 4)
        if template is None:
            continue
        try:
            result = fill_template(template, path.name, data, Locale("zh_CN"))
        except TemplateRefused:
            continue
        before, after = parts(template), parts(result.content)
        changed = {name for name in after if after[name] != before[name]}
        assert changed <= set(result.changed), path.name
        # What lies below moves along when rows are put in: charts and pictures of the same sheet.
        # The order of calculation is made anew where formulas moved.
        chain = ("xl/calcChain.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml")
        followed = ("xl/drawings/drawing", "xl/charts/chart", *chain) if grows else ()
        allowed = ("xl/workbook.xml", "xl/worksheets/sheet", *followed)
        assert {name for name in changed if not name.startswith(allowed)} == set(), path.name
        assert set(before) - set(after) <= (set(chain[:1]) if grows else set()), path.name
        if FULL or done % 12 == 0:
            book = openpyxl.load_workbook(BytesIO(result.content))
            sheet = next(sheet for sheet in book.worksheets if sheet["XFA1"].value)
            assert sheet["XFA1"].value == "2026-03"
            values = [row[16380].value for row in sheet.iter_rows(min_row=sheet.max_row - 3)]
            assert values == ["0001", "0002", "0003", "0004"]
        done += 1
    assert done >= (100 if FULL else 25)


def test_a_filled_workbook_opens_in_libreoffice_and_recalculates(tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine")
    file = tmp_path / "filled.xlsx"
    file.write_bytes(fill_template(rich_template(), "t.xlsx", figures(25), Locale("zh_CN")).content)
    profile = (tmp_path / "profile").as_uri()
    command = [
        office,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path / "out"), str(file)], check=True, capture_output=True, timeout=180
    )
    book = openpyxl.load_workbook(tmp_path / "out" / "filled.xlsx", data_only=True)
    total = sum(10_000 * number + 5 for number in range(1, 26)) / 100
    assert book["明细"]["C31"].value == pytest.approx(total)
    assert book["汇总 O'B"]["A2"].value == pytest.approx(total)
    assert book["明细"]["D29"].value == pytest.approx(2500.05 * 0.06)
    assert len(book["汇总 O'B"]._charts) == 1
