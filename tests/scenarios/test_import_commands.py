"""fields, mapping, migrate, runs and undo, as a script of the sales-operations team runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from desktop.cli.main import run
from desktop.errors import InvalidInput
from desktop.i18n import Locale
from desktop.importers.fields import FIELDS
from desktop.importers.fixes import CellFix, RowSkip
from desktop.models.audit import AuditEntry
from desktop.models.imports import Lineage
from desktop.operations.import_results import save_error_rows
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import make_plan, read_and_map
from desktop.queries.imports import import_runs
from desktop.store.workspace import Work, Workspace
from desktop.terms import Severity
from tests.scenarios.shell import NoGui, Shell
from tests.unit.importers.files import write_xlsx


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "contracts.csv"
    path.write_text(
        '合同编号,客户名称,合同金额,签订日期\nHT-1,甲公司,"1,200.50",2026-03-05\nHT-2,乙公司,详见附件,2026-03-06\n'
        "HT-3,甲公司,10,待定\n",
        encoding="gb18030",
    )
    return path


def test_fields_are_listed_with_both_labels(shell: Shell) -> None:
    code, document = shell.json("fields")
    assert code == 0
    assert len(document) == len(FIELDS)
    name = next(one for one in document if one["field"] == "account.name")
    assert name == {
        "field": "account.name",
        "type": "text",
        "label_en": "Account name",
        "label_zh": "客户名称",
        "key": True,
    }


def test_mapping_says_what_would_be_read(shell: Shell, ledger: Path) -> None:
    code, document = shell.json("mapping", ledger)
    assert code == 0
    (table,) = document["tables"]
    assert (table["file"], table["sheet"], table["rows"], table["entity"]) == (
        "contracts.csv",
        None,
        3,
        "contract",
    )
    assert table["columns"][0]["field"] == "contract.number"


def test_a_ledger_comes_in_and_its_faulty_row_goes_round(shell: Shell, ledger: Path, tmp_path: Path) -> None:
    _code, start = shell.json("digest")
    errors = tmp_path / "errors.xlsx"
    code, rehearsed = shell.json("migrate", ledger, "--dry-run")
    assert (code, rehearsed["state"], rehearsed["run"]) == (4, "dry_run", None)
    assert shell.json("runs") == (0, [])

    code, done = shell.json("migrate", ledger, "--errors", errors)
    assert code == 4
    assert done["totals"] == {"read": 3, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1}
    assert done["totals"] == rehearsed["totals"]
    severities = {(issue["row"], issue["column"]): issue["severity"] for issue in done["issues"]}
    assert severities[3, "合同金额"] == "row"
    assert severities[4, "签订日期"] == "cell"
    money = next(check for check in done["checks"] if check["what"] == "amount")
    assert (money["source"], money["written"], money["difference"]) == ("1210.50", "1210.50", "0.00")

    sheet = load_workbook(errors).active
    assert sheet is not None
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(lines) == 2
    assert lines[1][:4] == ["HT-2", "乙公司", "详见附件", "2026-03-06"]
    assert "详见附件" in str(lines[1][-1])

    mended = load_workbook(errors)
    mended.active["C2"] = "300"  # type: ignore[index]
    mended.save(errors)
    code, again = shell.json("migrate", errors)
    assert (code, again["totals"]["created"]) == (0, 1)

    code, lines = shell.json("runs")
    assert [line["state"] for line in lines] == ["applied", "applied"]
    assert [shell.json("undo", str(number))[0] for number in (again["run"], done["run"])] == [0, 0]
    assert shell.json("digest")[1] == start
    assert [line["state"] for line in shell.json("runs")[1]] == ["undone", "undone"]


def test_a_single_row_is_taken_back(shell: Shell, ledger: Path) -> None:
    _code, done = shell.json("migrate", ledger)
    code, undone = shell.json("undo", str(done["run"]), "--rows", "contracts.csv::4")
    assert (code, undone["reversed"]) == (0, 1)
    assert shell.json("runs")[1][0]["state"] == "partly_undone"
    code, document = shell.json("undo", str(done["run"]), "--rows", "contracts")
    assert (code, document["error"]["code"]) == (3, "place_invalid")


def test_a_saved_mapping_decides(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "x.csv"
    table.write_text("a,b\n甲公司,苏州\n乙公司,无锡\n", encoding="utf-8")
    code, document = shell.json("migrate", table)
    assert (code, document["state"], document["refused"][0]["code"]) == (3, "refused", "entity_unknown")
    profile = tmp_path / "profile.json"
    profile.write_text(
        json.dumps({"entity": "account", "columns": {"a": "account.name", "b": "account.city"}}),
        encoding="utf-8",
    )
    saved = tmp_path / "saved.json"
    code, done = shell.json("migrate", table, "--profile", profile, "--save-profile", saved)
    assert (code, done["entities"]["account"]["created"]) == (0, 2)
    assert json.loads(saved.read_text(encoding="utf-8"))["profiles"][0]["columns"]["b"] == "account.city"
    code, again = shell.json("migrate", table)  # the mapping is remembered
    assert (code, again["totals"]["unchanged"]) == (0, 2)
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    code, document = shell.json("migrate", table, "--profile", broken)
    assert (code, document["error"]["code"]) == (3, "profile_invalid")


def test_a_file_that_changes_while_it_is_read_is_refused(sqlite_workspace: Workspace, ledger: Path) -> None:
    plan = make_plan(read_and_map([ledger]))
    ledger.write_text("something else", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        migrate_plan(sqlite_workspace, plan)
    assert caught.value.code == "file_changed"
    assert sqlite_workspace.read(import_runs) == []


def test_cells_corrected_by_hand_come_in_under_their_rows_and_are_counted(
    workspace: Workspace, ledger: Path
) -> None:
    source = read_and_map([ledger]).fixed(
        CellFix("contracts.csv", None, 0, 3, 2, "详见附件", "88.80"), RowSkip("contracts.csv", None, 0, 4)
    )
    result = migrate_plan(workspace, make_plan(source))
    assert result.totals == {"read": 3, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1}
    assert (result.corrected, result.left_out) == (1, 1)
    rejected = [(issue.row, issue.code) for issue in result.issues if issue.severity is Severity.ROW]
    assert rejected == [(4, "left_out")]

    def kept(work: Work) -> tuple[set[int | None], Any]:
        lineage = select(Lineage.row).where(Lineage.table_name == "contract")
        audit = select(AuditEntry.person_id, AuditEntry.details).where(AuditEntry.action == "import.apply")
        return {line.row for line in work.rows(lineage)}, work.rows(audit)[0]

    lineage, entry = workspace.read(kept)
    assert lineage == {2, 3}
    assert entry.person_id == workspace.actor.person_id
    assert (entry.details["corrected"], entry.details["left_out"]) == (1, 1)


def test_a_table_without_rows_and_one_with_few_are_mapped(shell: Shell, tmp_path: Path) -> None:
    headers = "客户名称,客户级别,负责人,下次联系时间"
    (tmp_path / "a.csv").write_text(headers, encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"{headers}\n甲公司,A,李四,2026-03-05\n", encoding="utf-8")
    write_xlsx(tmp_path / "c.xlsx", {"Sheet1": [headers.split(",")]})
    code, document = shell.json("mapping", tmp_path)
    assert code == 0
    assert [(one["file"], one["entity"], one["rows"]) for one in document["tables"]] == [
        ("a.csv", "account", 0),
        ("b.csv", "account", 1),
        ("c.xlsx", "account", 0),
    ]
    for one in document["tables"]:
        assert [column["field"] for column in one["columns"]] == [
            "account.name",
            "account.grade",
            "account.owner",
            "account.next_contact_at",
        ]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_reasons_are_said_in_the_reader_s_language(shell: Shell, ledger: Path, language: str) -> None:
    line = ["mapping", str(ledger), "--lang", language, "--database", shell.database]
    assert run(line, NoGui()) == 0  # type: ignore[arg-type]
    said = shell.capsys.readouterr().out
    assert "contract.amount" in said
    words = {"en": ("Name of the field", "Contract"), "zh_CN": ("字段名", "合同")}[language]
    assert all(word in said for word in words)


def test_profiles_are_listed_exported_brought_renamed_and_deleted(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "x.csv"
    table.write_text("甲,乙,丙\n某公司,13800138000,李四\n", encoding="utf-8")
    columns = {"甲": "account.name", "乙": "account.mobile", "丙": "account.owner"}
    document = {"profiles": [{"name": "老系统", "entity": "account", "columns": columns}]}
    (tmp_path / "p.json").write_text(json.dumps(document), encoding="utf-8")
    code, lines = shell.json("profiles", "--import", tmp_path / "p.json")
    assert code == 0
    assert [(line["name"], line["entity"], line["columns"]) for line in lines] == [("老系统", "account", 3)]
    _, lines = shell.json("profiles", "--rename", "老系统", "--to", "旧台账")
    assert [line["name"] for line in lines] == ["旧台账"]
    shell.json("profiles", "--export", tmp_path / "q.json")
    assert json.loads((tmp_path / "q.json").read_text(encoding="utf-8"))["profiles"][0]["columns"] == columns
    _, mapped = shell.json("mapping", table, "--profile", tmp_path / "q.json")
    assert mapped["tables"][0]["profile"] == "旧台账"
    _, lines = shell.json("profiles", "--delete", "旧台账")
    assert lines == []


def test_the_error_workbook_holds_what_was_corrected_and_comes_back(
    workspace: Workspace, ledger: Path, tmp_path: Path
) -> None:
    source = read_and_map([ledger]).fixed(
        CellFix("contracts.csv", None, 0, 3, 1, "乙公司", "乙有限公司"), RowSkip("contracts.csv", None, 0, 4)
    )
    plan = make_plan(source)
    result = migrate_plan(workspace, plan)
    path = save_error_rows(tmp_path / "errors.xlsx", plan.tables, result, Locale("en"))
    book = load_workbook(path)
    lines = [[cell.value for cell in row] for row in book.active.iter_rows()]  # type: ignore[union-attr]
    # the row left out by hand is nobody's error
    assert [line[:3] for line in lines[1:]] == [["HT-2", "乙有限公司", "详见附件"]]
    book.active["C2"] = "300"  # type: ignore[index]
    book.save(path)
    again = migrate_plan(workspace, make_plan(read_and_map([path])))
    assert (again.totals["created"], again.totals["rejected"]) == (1, 0)
