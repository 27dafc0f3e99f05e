"""The certificate as a workbook: two readers and LibreOffice find what the database says."""

from __future__ import annotations

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from desktop.i18n import Language
from tests.scenarios.shell import Shell

LEDGER = """合同编号,客户名称,合同金额,签订日期,负责人
HT-1,甲公司,"1,200.50",2025-03-05,王强
HT-2,乙公司,详见附件,2025-03-06,王强
HT-3,丙公司,3万,2026-01-05,李红
HT-4,=1+1,88.80,待定,李红
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "合同.csv"
    path.write_text(LEDGER, encoding="utf-8")
    return path


def lines(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def test_a_certificate_comes_with_the_import_and_again_later(
    shell: Shell, ledger: Path, tmp_path: Path
) -> None:
    first, later = tmp_path / "certificate.xlsx", tmp_path / "later.xlsx"
    code, done = shell.json("migrate", ledger, "--certificate", first)
    assert code == 4  # a row was rejected
    code, document = shell.json("certificate", str(done["run"]), "--out", later)
    assert code == 0
    assert (document["agrees"], document["differences"]) == (True, 0)
    (total,) = document["totals"]
    assert (total["amount"], total["found"], total["difference"]) == ("31289.30", "31289.30", "0.00")
    assert (total["rows"], total["rejected_rows"], total["found_rows"]) == (4, 1, 3)
    for path in (first, later):
        figures = lines(path, "Contract CNY")
        assert figures[-1][0] == "Total"
        assert (figures[-1][3], figures[-1][9], figures[-1][14]) == (4.0, 31289.3, 31289.3)
        assert [row[:3] for row in figures if row[0] == "合同.csv"] == [
            ["合同.csv", "李红", "2026"],
            ["合同.csv", "李红", "—"],
            ["合同.csv", "王强", "2025"],
        ]
        rejected = lines(path, "Rejected rows")
        assert (rejected[-1][0], rejected[-1][1]) == ("合同.csv", 3.0)
        assert "详见附件" in str(rejected[-1][-1])
        assert any("待定" in str(row) for row in lines(path, "Cells not taken over"))


def test_its_sums_are_formulas_with_their_values(shell: Shell, ledger: Path, tmp_path: Path) -> None:
    path = tmp_path / "certificate.xlsx"
    shell.json("migrate", ledger, "--certificate", path)
    formulas = openpyxl.load_workbook(path)["Contract CNY"]
    values = openpyxl.load_workbook(path, data_only=True)["Contract CNY"]
    assert formulas.page_setup.orientation == "landscape"
    assert formulas.page_setup.paperSize == 9
    last = formulas.max_row
    assert str(formulas.cell(last, 10).value).startswith("=SUM(J")
    assert Decimal(str(values.cell(last, 10).value)) == Decimal("31289.3")
    added = sum(Decimal(str(values.cell(row, 10).value)) for row in range(last - 3, last))
    assert added == Decimal("31289.3")
    cover = openpyxl.load_workbook(path)["Certificate"]
    texts = [str(cell.value) for row in cover.iter_rows() for cell in row if cell.value]
    assert any("Finance" in text for text in texts)
    assert any(len(text) == 64 for text in texts)


def test_a_dry_run_has_no_certificate(shell: Shell, ledger: Path, tmp_path: Path) -> None:
    from desktop.cli.main import run

    words = ["migrate", str(ledger), "--dry-run", "--certificate", str(tmp_path / "c.xlsx")]
    assert run([*words, "--database", shell.database], None) == 2  # type: ignore[arg-type]
    assert not (tmp_path / "c.xlsx").exists()


@pytest.mark.libreoffice
@pytest.mark.parametrize(("language", "sheet"), [("zh_CN", "合同 CNY"), ("en", "Contract CNY")])
def test_libreoffice_works_the_sums_out_alike(
    shell: Shell, ledger: Path, tmp_path: Path, language: Language, sheet: str
) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("no LibreOffice on this machine")
    from desktop.cli.main import run

    path = tmp_path / "certificate.xlsx"
    words = ["migrate", str(ledger), "--certificate", str(path), "--lang", language]
    assert run([*words, "--database", shell.database], None) == 4  # type: ignore[arg-type]
    home = f"-env:UserInstallation=file://{tmp_path}/office"
    subprocess.run(
        [office, home, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(path)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    figures = lines(tmp_path / "certificate.ods", sheet)
    assert (figures[-1][3], figures[-1][9], figures[-1][14]) == (4.0, 31289.3, 31289.3)
