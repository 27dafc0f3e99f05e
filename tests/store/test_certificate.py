"""The certificate of an import: every row and every cent of the files, accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from desktop.errors import NotFound
from desktop.importers.fixes import CellFix, RowSkip
from desktop.models.contracts import Contract, Payment
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import Source, make_plan, read_and_map
from desktop.operations.undo import undo_import
from desktop.queries.certificate import Certificate, CertificateLine, certificate
from desktop.store.loading.undo import Place
from desktop.store.workspace import Workspace

LEDGER = """合同编号,客户名称,合同金额,签订日期,负责人
HT-1,甲公司,"1,200.50",2025-03-05,王强
HT-2,乙公司,详见附件,2025-03-06,王强
HT-3,丙公司,3万,2026-01-05,李红
HT-4,丁公司,88.80,待定,李红
HT-1,甲公司,"1,200.50",2025-03-05,王强
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "合同.csv"
    path.write_text(LEDGER, encoding="utf-8")
    return path


def imported(workspace: Workspace, source: Source) -> int:
    result = migrate_plan(workspace, make_plan(source))
    assert result.run is not None
    return result.run


def certified(workspace: Workspace, run: int) -> Certificate:
    return workspace.read(lambda work: certificate(work, run))


def told(line: CertificateLine) -> tuple[object, ...]:
    return line.owner, line.year, line.rows, line.amount, line.rejected_rows, line.repeated, line.found


def test_source_equals_imported_and_rejected_to_the_cent(workspace: Workspace, ledger: Path) -> None:
    run = imported(workspace, read_and_map([ledger]))
    made = certified(workspace, run)
    assert made.agrees
    assert [told(line) for line in made.lines] == [
        ("李红", 2026, 1, 3_000_000, 0, 0, 3_000_000),
        ("李红", None, 1, 8_880, 0, 0, 8_880),
        ("王强", 2025, 3, 240_100, 1, 120_050, 120_050),
    ]
    (total,) = made.totals()
    assert (total.rows, total.amount, total.found, total.difference) == (5, 3_248_980, 3_128_930, 0)
    (rejected,) = made.rejected
    assert (rejected.row, rejected.owner, rejected.year, rejected.amount) == (3, "王强", 2025, None)
    assert rejected.reasons[0][1] == {"value": "详见附件"}
    (repeated,) = made.repeated
    assert (repeated.row, repeated.reasons[0][1]["row"]) == (2, 6)
    (cell,) = made.cells
    assert (cell.row, cell.column, cell.value) == (5, "签订日期", "待定")
    assert made.interpreted == 1
    assert [name for name, _hash in made.files] == ["合同.csv"]
    assert all(len(fingerprint) == 64 for _name, fingerprint in made.files)


def test_corrections_by_hand_are_accounted_for(workspace: Workspace, ledger: Path) -> None:
    source = read_and_map([ledger]).fixed(
        CellFix("合同.csv", None, 0, 3, 2, "详见附件", "300"),
        CellFix("合同.csv", None, 0, 5, 2, "88.80", "90"),
        RowSkip("合同.csv", None, 0, 6),
    )
    made = certified(workspace, imported(workspace, source))
    assert made.agrees
    (total,) = made.totals()
    assert (total.amount, total.corrected, total.rejected, total.found) == (
        3_248_980,
        30_120,
        120_050,
        3_159_050,
    )
    assert [(c.row, c.column, c.before, c.after) for c in made.corrections] == [
        (3, "合同金额", "详见附件", "300"),
        (5, "合同金额", "88.80", "90"),
    ]


def test_what_was_changed_in_the_database_is_shown(workspace: Workspace, ledger: Path) -> None:
    run = imported(workspace, read_and_map([ledger]))
    workspace.write(
        lambda work: work.session.execute(
            update(Contract).where(Contract.number == "HT-3").values(amount=1, version=2)
        )
    )
    made = certified(workspace, run)
    assert not made.agrees
    assert [(note.row, note.amount, note.found) for note in made.differing] == [(4, 3_000_000, 1)]
    assert sum(line.difference for line in made.lines) == 2_999_999


def test_what_was_taken_back_since_counts_as_that(workspace: Workspace, ledger: Path) -> None:
    run = imported(workspace, read_and_map([ledger]))
    workspace.write(lambda work: undo_import(work, run, [Place("合同.csv", None, 4)]))
    made = certified(workspace, run)
    assert made.agrees
    assert sum(line.undone for line in made.lines) == 3_000_000
    workspace.write(lambda work: undo_import(work, run))
    made = certified(workspace, run)
    assert (made.agrees, sum(line.found for line in made.lines)) == (True, 0)


def test_currencies_are_never_added(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(
        "Opportunity Name,Account Name,Amount,Currency,Close Date,Stage\n"
        "A,Acme,100.00,USD,2026-01-02,Proposal\nB,Acme,50.00,CNY,2026-01-02,Proposal\n"
        "C,Acme,7.25,usd,2025-01-02,Proposal\n",
        encoding="utf-8",
    )
    made = certified(workspace, imported(workspace, read_and_map([path])))
    assert {(line.currency, line.found) for line in made.totals()} == {("USD", 10_725), ("CNY", 5_000)}
    assert made.agrees


def test_an_update_that_leaves_cells_blank_agrees_too(
    workspace: Workspace, ledger: Path, tmp_path: Path
) -> None:
    imported(workspace, read_and_map([ledger]))
    later = tmp_path / "更新.csv"
    later.write_text(
        "合同编号,客户名称,合同金额,签订日期,负责人\nHT-1,甲公司,,,\nHT-4,丁公司,99,,\n", encoding="utf-8"
    )
    made = certified(workspace, imported(workspace, read_and_map([later])))
    assert made.agrees
    assert sum(line.found for line in made.lines) == 9_900


def test_an_amount_in_a_ledger_of_ten_thousands_is_added_up_by_its_unit(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "回款.csv"
    path.write_text(
        "合同编号,客户名称,回款金额（万元）,回款日期\nHT-1,甲公司,1.25,2026-02-01\n", encoding="utf-8"
    )
    run = imported(workspace, read_and_map([path]))
    made = certified(workspace, run)
    assert made.agrees
    payments = [line for line in made.lines if line.entity == "payment"]
    assert [(line.amount, line.found) for line in payments] == [(1_250_000, 1_250_000)]
    workspace.write(lambda work: work.session.execute(update(Payment).values(amount=125)))
    assert not certified(workspace, run).agrees


def test_there_is_no_certificate_of_a_run_that_never_was(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        certified(workspace, 99)
