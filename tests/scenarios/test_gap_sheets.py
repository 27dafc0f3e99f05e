"""Sheets that are handed out, filled in, and come back by themselves."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select, update

from desktop.i18n import Locale
from desktop.importers.returned import fill_rates
from desktop.models.accounts import Account
from desktop.models.activities import Activity
from desktop.operations.gaps import HandedOut, write_field_kits, write_gap_sheets
from desktop.operations.import_results import ImportResult
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import Source, make_plan, read_and_map
from desktop.operations.undo import undo_import
from desktop.queries.account_detail import TimelineEntry, account_view
from desktop.store.workspace import Work, Workspace
from tests.scenarios.shell import Shell
from tests.store.loading.hand_made import digest_of

CHINESE = Locale("zh_CN")
LEDGER = """客户名称,客户行业,客户级别,城市,负责人
甲公司,机械,A,苏州,王强
乙公司,,,,王强
丙公司,汽车,,无锡,李红
"""
ASKED = ("account.industry", "account.grade", "account.city")


@pytest.fixture
def firm(workspace: Workspace, tmp_path: Path) -> Workspace:
    path = tmp_path / "客户.csv"
    path.write_text(LEDGER, encoding="utf-8")
    migrate_plan(workspace, make_plan(read_and_map([path])))
    return workspace


def handed(workspace: Workspace, folder: Path) -> list[HandedOut]:
    return workspace.write(lambda work: write_gap_sheets(work, path=folder, fields=ASKED, locale=CHINESE))


def filled(path: Path, sheet: str, fill: Callable[[Worksheet, dict[str, int]], None]) -> Path:
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    places = {str(cell.value): cell.column for cell in page[1]}
    fill(page, places)
    book.save(path)
    return path


def brought(workspace: Workspace, *paths: Path) -> tuple[Source, ImportResult]:
    source = read_and_map(list(paths))
    return source, migrate_plan(workspace, make_plan(source))


def customers(workspace: Workspace) -> dict[str, tuple[str | None, str | None, str | None]]:
    def ask(work: Work) -> dict[str, tuple[str | None, str | None, str | None]]:
        rows = work.rows(select(Account.name, Account.industry, Account.grade, Account.city))
        return {row.name: (row.industry, row.grade, row.city) for row in rows}

    return workspace.read(ask)


def fill_second(page: Worksheet, places: dict[str, int]) -> None:
    assert page.cell(2, places["客户名称"]).value == "乙公司"
    page.cell(2, places["客户行业"]).value = "机械"
    page.cell(2, places["客户级别"]).value = "B"


def test_a_sheet_asks_each_person_for_what_is_missing(firm: Workspace, tmp_path: Path) -> None:
    written = handed(firm, tmp_path / "out")
    assert [(one.owner, one.customers, one.open) for one in written] == [("李红", 1, 1), ("王强", 1, 3)]
    page = openpyxl.load_workbook(written[1].path)["待补信息"]
    places = {str(cell.value): cell.column for cell in page[1]}
    assert page.protection.sheet
    assert page.cell(2, places["客户名称"]).protection.locked
    assert not page.cell(2, places["客户行业"]).protection.locked
    assert all(page.column_dimensions[letter].hidden for letter in "ABC")
    lists = {str(rule.sqref): rule.type for rule in page.data_validations.dataValidation}
    assert list(lists.values()).count("list") == 3
    other = openpyxl.load_workbook(written[0].path)["待补信息"]
    # what is known already is locked also in a column that is asked for
    assert other.cell(2, places["客户行业"]).value == "汽车"
    assert other.cell(2, places["客户行业"]).protection.locked


def test_it_comes_back_by_itself_and_can_be_taken_back(firm: Workspace, tmp_path: Path) -> None:
    before = digest_of(firm)
    path = handed(firm, tmp_path / "out")[1].path
    source, result = brought(firm, filled(path, "待补信息", fill_second))
    assert (result.totals, result.refused) == (
        {"read": 1, "created": 0, "updated": 1, "unchanged": 0, "rejected": 0},
        (),
    )
    assert customers(firm)["乙公司"] == ("机械", "B", None)
    (rate,) = fill_rates([mapping.table for mapping in source.mappings])
    assert (rate.open, rate.filled) == (3, 2)
    assert brought(firm, path)[1].totals["unchanged"] == 1
    firm.write(lambda work: undo_import(work, result.run or 0))
    assert digest_of(firm) == before


def test_what_was_edited_meanwhile_is_told_and_not_overwritten(firm: Workspace, tmp_path: Path) -> None:
    path = handed(firm, tmp_path / "out")[1].path
    firm.write(
        lambda work: work.session.execute(
            update(Account)
            .where(Account.name == "乙公司")
            .values(industry="航空", version=Account.version + 1)
        )
    )
    _source, result = brought(firm, filled(path, "待补信息", fill_second))
    assert customers(firm)["乙公司"] == ("航空", "B", None)
    told = [(issue.code, issue.row, issue.column, issue.value) for issue in result.issues]
    assert ("edited_since", 2, "客户行业", "机械") in told


def test_a_customer_that_is_gone_is_told(firm: Workspace, tmp_path: Path) -> None:
    path = handed(firm, tmp_path / "out")[1].path

    def remove(work: Work) -> None:
        work.session.delete(work.session.scalars(select(Account).where(Account.name == "乙公司")).one())

    firm.write(remove)
    _source, result = brought(firm, filled(path, "待补信息", fill_second))
    assert result.totals["rejected"] == 1
    assert "record_gone" in {issue.code for issue in result.issues}


def office(source: Path, folder: Path, kind: str) -> Path:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if not program:
        pytest.skip("no LibreOffice on this machine")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [program, profile, "--headless", "--convert-to", kind, "--outdir", str(folder / "re"), str(source)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / "re" / f"{source.stem}.{kind.partition(':')[0]}"


@pytest.mark.libreoffice
def test_lists_and_locks_survive_libreoffice_and_the_sheet_still_comes_back(
    firm: Workspace, tmp_path: Path
) -> None:
    source = handed(firm, tmp_path / "out")[1].path.rename(tmp_path / "gaps.xlsx")
    path = office(source, tmp_path, "xlsx:Calc MS Excel 2007 XML")
    page = openpyxl.load_workbook(path)["待补信息"]
    assert [rule.type for rule in page.data_validations.dataValidation].count("list") == 3
    assert page.protection.sheet
    places = {str(cell.value): cell.column for cell in page[1]}
    assert page.cell(2, places["客户名称"]).protection.locked
    assert not page.cell(2, places["客户行业"]).protection.locked
    _source, result = brought(firm, filled(path, "待补信息", fill_second))
    assert (result.totals["updated"], result.refused) == (1, ())


# field kits


def kit(workspace: Workspace, folder: Path) -> Path:
    (one,) = workspace.write(
        lambda work: write_field_kits(work, path=folder, owners=["王强"], locale=CHINESE)
    )
    return one.path


def write_visit(line: int, **cells: Any) -> Callable[[Worksheet, dict[str, int]], None]:
    def fill(page: Worksheet, places: dict[str, int]) -> None:
        for header, value in cells.items():
            page.cell(line, places[header]).value = value

    return fill


def visits(workspace: Workspace) -> list[tuple[Any, ...]]:
    def ask(work: Work) -> list[tuple[Any, ...]]:
        rows = work.rows(
            select(Account.name, Activity.type, Activity.content, Activity.next_action)
            .join(Account, Account.id == Activity.account_id)
            .order_by(Activity.id)
        )
        return [tuple(row) for row in rows]

    return workspace.read(ask)


def test_a_kit_brings_visits_and_requests_once(firm: Workspace, tmp_path: Path) -> None:
    path = kit(firm, tmp_path / "kits")
    assert set(openpyxl.load_workbook(path).sheetnames) >= {"拜访", "客户需求", "待补信息"}
    filled(
        path,
        "拜访",
        write_visit(2, 客户名称="甲公司", 跟进方式="拜访", 跟进时间=datetime(2026, 3, 5), 跟进内容="谈交期"),
    )
    filled(path, "客户需求", write_visit(2, 客户名称="乙公司", 主题="要样品"))
    _source, result = brought(firm, path)
    assert (result.totals["created"], result.refused) == (2, ())
    assert visits(firm) == [("甲公司", "visit", "谈交期", None), ("乙公司", "task", None, None)]
    # handed in again with an addition: nothing twice, the addition is taken over
    filled(path, "拜访", write_visit(2, 下一步动作="报价", 跟进内容="谈交期与价格"))
    _source, again = brought(firm, path)
    assert (again.totals["created"], again.totals["updated"]) == (0, 1)
    assert visits(firm)[0] == ("甲公司", "visit", "谈交期与价格", "报价")


def test_a_visit_that_was_edited_in_the_console_is_not_overwritten(firm: Workspace, tmp_path: Path) -> None:
    path = kit(firm, tmp_path / "kits")
    filled(path, "拜访", write_visit(2, 客户名称="甲公司", 跟进方式="拜访", 跟进内容="谈交期"))
    brought(firm, path)
    firm.write(
        lambda work: work.session.execute(
            update(Activity).values(content="改写", version=Activity.version + 1)
        )
    )
    filled(path, "拜访", write_visit(2, 下一步动作="报价", 跟进内容="谈价格"))
    _source, again = brought(firm, path)
    assert visits(firm)[0][2:] == ("改写", "报价")
    assert [(i.code, i.value) for i in again.issues if i.code == "edited_since"] == [
        ("edited_since", "谈价格")
    ]


def test_a_visit_written_down_days_later_is_marked_as_late(firm: Workspace, tmp_path: Path) -> None:
    path = kit(firm, tmp_path / "kits")
    day = firm.clock.now().replace(tzinfo=None) - timedelta(days=9)
    filled(path, "拜访", write_visit(2, 客户名称="甲公司", 跟进方式="拜访", 跟进时间=day, 跟进内容="谈"))
    _source, result = brought(firm, path)

    def timeline(work: Work) -> TimelineEntry:
        account = work.session.scalars(select(Account.id).where(Account.name == "甲公司")).one()
        return next(entry for entry in account_view(work, account).timeline if entry.kind == "visit")

    entry = firm.read(timeline)
    assert (entry.late_days, entry.note, entry.run) == (9, "王强", result.run)


def test_at_the_command_line(shell: Shell, tmp_path: Path) -> None:
    ledger = tmp_path / "客户.csv"
    ledger.write_text(LEDGER, encoding="utf-8")
    shell.json("migrate", ledger)
    code, written = shell.json("gaps", "--out", tmp_path / "out", "--fields", ",".join(ASKED))
    assert (code, [one["open"] for one in written]) == (0, [1, 3])
    assert shell.json("gaps", "--out", tmp_path / "one.xlsx")[0] == 3
    assert shell.json("gaps", "--out", tmp_path / "one.xlsx", "--owner", "无此人")[0] == 3
    code, done = shell.json("migrate", *(one["file"] for one in written))
    assert (code, done["totals"]["unchanged"]) == (0, 2)
    assert [(one["open"], one["filled"]) for one in done["fill_rates"]] == [(1, 0), (3, 0)]
    code, kits = shell.json("kit", "--out", tmp_path / "kits")
    assert (code, [one["owner"] for one in kits]) == (0, ["王强", "李红"])
