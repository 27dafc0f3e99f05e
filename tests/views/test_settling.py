"""Finance's round trip and its own workbooks on the Settlements and Reports pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.operations.approvals import approve_report
from desktop.operations.reports import draft_report, submit_report
from desktop.operations.templates import keep_template, kept_templates
from desktop.periods import Period
from desktop.queries.report_parts import Asked
from desktop.queries.settlements import finance_queue
from desktop.store.open import open_workspace
from desktop.store.workspace import Workspace
from desktop.terms import Role
from desktop.views.inspector import Line
from desktop.views.page import Page
from desktop.views.reports.filling import fill_file
from desktop.views.reports.page import ReportsPage
from desktop.views.settlements.page import BONUS, RETURNED, TEMPLATES, SettlementsPage
from desktop.views.strips import Advice, Strip
from tests.maker import Maker
from tests.unit.exporters.templates import plain_template
from tests.views.test_report_pages import Desk


@pytest.fixture
def firm(sqlite_make: Maker) -> Maker:
    make = sqlite_make
    make.person("周总监", Role.DIRECTOR, login="zhou")
    seller = make.person("李接")
    account = make.account("华东精密机械有限公司", seller)
    make.deal("锅炉", account, owner=seller, amount="120000")
    for number in range(1, 7):
        make.contract(
            f"HT-2026-{number:03d}",
            account,
            f"{number}2000.50",
            owner_id=seller,
            delivery_on=make.days_ago(number),
        )
    return make


def lines(page: SettlementsPage) -> list[str]:
    """The words of the inspector's lines."""
    assert page.inspector is not None
    return [line.accessibleName().split(" ")[0] for line in page.inspector.findChildren(Line)]


def strips(page: Page) -> list[str]:
    return [strip.sentence for strip in page.findChildren(Strip)]


def test_a_returned_sheet_is_dropped_looked_at_taken_over_and_taken_back(
    qtbot: QtBot, themed: None, sqlite_workspace: Workspace, firm: Maker, tmp_path: Path
) -> None:
    page = Desk(sqlite_workspace, qtbot).open(SettlementsPage)
    assert [row.number for row in page.queue.rows()][:1] == ["HT-2026-006"]
    file = tmp_path / "结算表.xlsx"
    page.hand_out(file)
    assert "结算表含 6 份合同。" in strips(page)
    book = openpyxl.load_workbook(file)
    sheet: Any = book.worksheets[0]
    rows = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1)}
    sheet.cell(rows["HT-2026-001"], 11, "INV-20261118")
    sheet.cell(rows["HT-2026-001"], 12, 12000.5)
    sheet.cell(rows["HT-2026-002"], 13, "是")
    sheet.cell(rows["HT-2026-003"], 5, 1)
    sheet.cell(rows["HT-2026-004"], 12, "已到")
    book.save(file)
    page.dropped([str(file)])
    panel = page.settling
    assert not panel.isHidden()
    assert panel.take.isEnabled()
    said = [advice.accessibleName() for advice in panel.findChildren(Advice)]
    assert any("内容被改动" in words and f"E{rows['HT-2026-003']}" in words for words in said)
    assert not any("隐藏" in words for words in said)  # The hidden columns went out so.
    assert sorted({line.state for line in panel.table.rows()}) == ["将采纳", "数字被改动：不采纳", "无法读取"]
    panel.apply()
    stored = {
        row.number: row for row in sqlite_workspace.read(lambda work: finance_queue(work, everything=True))
    }
    assert (stored["HT-2026-001"].invoice_number, stored["HT-2026-001"].received) == (
        "INV-20261118",
        1_200_050,
    )
    assert stored["HT-2026-002"].settled is True
    assert not panel.take.isEnabled()
    panel.take_back(1)
    again = {
        row.number: row for row in sqlite_workspace.read(lambda work: finance_queue(work, everything=True))
    }
    assert again["HT-2026-001"].invoice_number is None
    assert panel.take.isEnabled()
    panel._close()
    assert panel.isHidden()
    page.show_mode(RETURNED)
    assert [(row.id, row.rows, row.state) for row in page.returned.rows()] == [
        (2, 2, "undo"),
        (1, 2, "undone"),
    ]
    page.returned.select_first()
    assert page.inspector is not None
    told = [one.text() for one in page.inspector.findChildren(QLabel)]
    assert "开票号 INV-20261118 → ∅；到账 12,000.50 → ∅" in told


def test_a_returned_sheet_dropped_on_the_reports_goes_to_its_page(
    qtbot: QtBot, themed: None, sqlite_workspace: Workspace, firm: Maker, tmp_path: Path
) -> None:
    desk = Desk(sqlite_workspace, qtbot)
    file = tmp_path / "结算表.xlsx"
    desk.open(SettlementsPage).hand_out(file)
    desk.open(ReportsPage).dropped([str(file)])
    assert desk.went == [("settlements", {"file": str(file)})]


def test_the_queue_the_bonus_and_what_waits_are_shown(
    qtbot: QtBot, themed: None, sqlite_workspace: Workspace, firm: Maker, tmp_path: Path
) -> None:
    page = Desk(sqlite_workspace, qtbot).open(SettlementsPage)
    assert [figure.value for figure in page.figures.figures] == ["6", "22.2", "6", "0"]
    page.queue.select_first()
    assert page.inspector is not None
    assert page.inspector.accessibleName().startswith("HT-2026-006")
    page.show_mode(BONUS)
    assert page.bonus.chosen().text == "2026-Q3"
    page.bonus.quarter.setCurrentIndex(0)
    page.bonus.reload()
    assert [line.name for line in page.bonus.table.rows()] == ["李接"]
    page.bonus.write_sheet(tmp_path / "奖金.xlsx")
    assert openpyxl.load_workbook(tmp_path / "奖金.xlsx").sheetnames


def test_finances_workbook_is_kept_filled_and_known(
    qtbot: QtBot, themed: None, sqlite_workspace: Workspace, firm: Maker, tmp_path: Path
) -> None:
    desk = Desk(sqlite_workspace, qtbot)
    page = desk.open(ReportsPage)

    def begin(work: Any) -> int:
        made = draft_report(work, "funnel", Asked(Period.parse("2026-11")))
        submit_report(work, made.id)
        return made.id

    number = sqlite_workspace.write(begin)
    where = str(sqlite_workspace.engine.url.database)
    open_workspace(where, login="zhou", clock=sqlite_workspace.clock).write(
        lambda work: approve_report(work, number)
    )
    template = tmp_path / "财务月报.xlsx"
    template.write_bytes(plain_template(lambda book, _sheet: book.define_name("报表编号", "=Sheet1!$B$2")))
    page.reload()
    view = page._view
    assert view is not None
    out = tmp_path / "出.xlsx"
    fill_file(page, view, template, out)
    assert openpyxl.load_workbook(out)["Sheet1"]["B2"].value == view.row.number
    page.dropped([str(out)])
    assert not page.verdict.isHidden()
    kept_page = desk.open(SettlementsPage)
    kept_page.open(mode=TEMPLATES)
    kept_page.templates.table.select_first()
    panel = kept_page.templates.panel
    assert lines(kept_page) == ["报表编号"], "the one place that it fills"
    panel.names()
    assert "报表编号" in lines(kept_page)
    assert len(lines(kept_page)) > 5
    panel.fill(tmp_path / "再.xlsx")
    assert (tmp_path / "再.xlsx").read_bytes() == out.read_bytes()

    def twice(work: Any) -> list[int]:
        for content in (
            template.read_bytes(),
            template.read_bytes(),
            plain_template(lambda _book, _sheet: None),
        ):
            keep_template(work, name="财务月报", file_name="x.xlsx", content=content)
        return [one.number for one in kept_templates(work, every_version=True)]

    assert sqlite_workspace.write(twice) == [2, 1]
    wrong = tmp_path / "无名.xlsx"
    wrong.write_bytes(plain_template(lambda _book, _sheet: None))
    kept_page.dropped([str(wrong)])
    assert [(row.name, row.number) for row in kept_page.templates.table.rows()][-1] == ("财务月报", 1)
    assert kept_page.templates.panel.accessibleName().startswith("无名")
    assert any("无法填写" in advice.accessibleName() for advice in kept_page.findChildren(Advice))
