"""Ledgers as offices keep them: several kinds of records in one sheet, units in titles, files that belong together."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from desktop.models.accounts import Account, Contact
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.models.targets import Target
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import make_plan, read_and_map
from desktop.store.workspace import Workspace


def write_book(path: Path, sheet: str, rows: Sequence[Sequence[object]]) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)


def write_text(path: Path, rows: Sequence[Sequence[object]], encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)


def migrate(workspace: Workspace, folder: Path) -> Any:
    plan = make_plan(read_and_map([folder]))
    return migrate_plan(workspace, plan)


def ask(workspace: Workspace, statement: Any) -> list[Any]:
    return [tuple(row) for row in workspace.read(lambda work: work.rows(statement))]


def test_what_follows_the_contact_in_a_customer_ledger_is_the_contacts(
    workspace: Workspace, tmp_path: Path
) -> None:
    heads = ["序号", "客户名称", "客户级别", "联系人", "手机", "年采购额(万元)", "负责人"]
    rows = [
        [1, "示例精密机械有限公司", "A（重点客户）", "王示例", "13800000001", 120.5, "张示例"],
        [2, "示例电气股份有限公司", "B（普通客户）", "李示例", 13800000002, "35", "张示例"],
    ]
    write_book(tmp_path / "客户台账.xlsx", "客户台账", [["华东大区客户台账（2026 年）"], heads, *rows])

    result = migrate(workspace, tmp_path)

    assert result.totals == {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    of_person = select(Contact.name, Contact.mobile, Account.name, Account.mobile).join(
        Account, Account.id == Contact.account_id
    )
    assert sorted(ask(workspace, of_person)) == [
        ("李示例", "+8613800000002", "示例电气股份有限公司", None),
        ("王示例", "+8613800000001", "示例精密机械有限公司", None),
    ]
    bought = select(Account.annual_purchase, Account.grade, Person.name).join(
        Person, Person.id == Account.owner_id
    )
    assert sorted(ask(workspace, bought)) == [(35_000_000, "B", "张示例"), (120_500_000, "A", "张示例")]


def test_a_total_that_was_never_calculated_is_no_customer(
    sqlite_workspace: Workspace, tmp_path: Path
) -> None:
    heads = ["序号", "客户名称", "客户级别", "联系人", "年采购额(万元)"]
    rows = [
        [1, "示例精密机械有限公司", "A", "王示例", 120.5],
        [2, "示例电气股份有限公司", "B", "李示例", 35],
        ["合计", None, None, None, "=SUM(E2:E3)"],
    ]
    write_book(tmp_path / "客户台账.xlsx", "客户台账", [heads, *rows])

    result = migrate(sqlite_workspace, tmp_path)

    assert result.totals == {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}


@pytest.mark.parametrize(
    ("title", "sheet", "factor"),
    [
        ("2026年销售目标（万元）", "目标", 10_000),
        ("2026年销售目标 单位：万元", "目标", 10_000),
        ("2026年销售目标", "目标(千元)", 1_000),
        ("2026年销售目标（元）", "目标", 1),
        ("2026年销售目标", "目标", 1),
    ],
)
def test_a_wide_target_sheet_counts_in_the_unit_of_its_title(
    sqlite_workspace: Workspace, tmp_path: Path, title: str, sheet: str, factor: int
) -> None:
    heads = ["姓名", *(f"{month}月" for month in range(1, 13))]
    values = [10 + month for month in range(1, 13)]
    write_book(tmp_path / "销售目标.xlsx", sheet, [[title], heads, ["张示例", *values]])

    migrate(sqlite_workspace, tmp_path)

    found = ask(sqlite_workspace, select(Target.period, Target.value).order_by(Target.period))
    assert found == [
        (f"2026-{month:02}", (10 + month) * factor * 100) for month in range(1, 13)
    ]  # minor units


def test_deals_of_an_unknown_system_find_their_accounts_by_record_id(
    workspace: Workspace, tmp_path: Path
) -> None:
    accounts = [
        ["Account ID", "Account Name", "Annual Revenue", "Account Owner", "Created Date"],
        ["0015x00001", "Sample Works Ltd", "1000.50", "Jane Sample", "2026-03-01"],
        ["0015x00002", "Sample Mills Ltd", "2000.00", "Jane Sample", "2026-03-02"],
    ]
    deals = [
        ["Opportunity ID", "Opportunity Name", "Account ID", "Stage", "Amount", "Close Date"],
        ["0065x00001", "Boiler", "0015x00002", "Proposal", "100.00", "2026-05-01"],
        ["0065x00002", "Pump", "0015x00009", "Proposal", "200.00", "2026-05-02"],
    ]
    write_text(tmp_path / "accounts.csv", accounts, "utf-8")
    write_text(tmp_path / "deals.csv", deals, "utf-16")

    result = migrate(workspace, tmp_path)

    joined = select(Opportunity.name, Account.name).outerjoin(Account, Account.id == Opportunity.account_id)
    assert sorted(ask(workspace, joined), key=str) == [("Boiler", "Sample Mills Ltd"), ("Pump", None)]
    assert [(issue.row, issue.code) for issue in result.issues if issue.severity == "cell"] == [
        (3, "reference_unknown")
    ]
