"""Handover, Reports and Approvals as a person uses them: from the leaver to the verified workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import openpyxl
import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.i18n import Locale
from desktop.periods import Period
from desktop.queries.reports import report_list
from desktop.queries.scope import Scope
from desktop.queries.seals import keys_document, seal_keys
from desktop.settings import Settings
from desktop.store.open import open_workspace
from desktop.store.workspace import Workspace
from desktop.terms import PersonStatus, ReportState, Role, Verdict
from desktop.views.approvals.page import REJECT, ApprovalsPage
from desktop.views.context import AppContext, Connection
from desktop.views.handover.page import ALONE, HandoverPage
from desktop.views.page import Page
from desktop.views.reports.page import OPEN, ReportsPage
from desktop.views.strips import Strip
from desktop.views.tasks import Tasks
from tests.maker import Maker

P = TypeVar("P", bound=Page)


class Desk:
    """One person's console: opens pages with tasks inline."""

    def __init__(self, workspace: Workspace, qtbot: QtBot) -> None:
        self.workspace, self._qtbot = workspace, qtbot
        actor = workspace.actor
        self.went: list[tuple[str, dict[str, object]]] = []
        self.ctx = AppContext(
            workspace,
            Locale("zh_CN"),
            Settings(),
            Tasks(workspace, inline=True),
            connection=Connection(person_id=actor.person_id, person=actor.name),
            scope=Scope(Period.parse("2026-11")),
            now=workspace.clock.now,
        )
        self.ctx.navigate = lambda page, **args: self.went.append((page, args))  # type: ignore[method-assign]

    def open(self, page: type[P]) -> P:
        made = page(self.ctx)
        self._qtbot.addWidget(made)
        made.resize(1180, 700)
        made.show()
        made.reload()
        return made


@pytest.fixture
def firm(sqlite_make: Maker) -> Maker:
    make = sqlite_make
    make.person("周总监", Role.DIRECTOR, login="zhou")
    leaver = make.person("陈离", status=PersonStatus.DEPARTING)
    other = make.person("李接")
    shared = make.account("甲公司", leaver, grade="A")
    make.contact("王经理", shared, title="采购总监")
    make.activity(shared, owner=leaver, content="价格谈妥")
    make.activity(shared, owner=other)
    make.deal("锅炉", shared, owner=leaver, amount="120000")
    make.account("乙公司", leaver)
    return make


@pytest.fixture
def admin(firm: Maker, sqlite_workspace: Workspace, qtbot: QtBot) -> Desk:
    return Desk(sqlite_workspace, qtbot)


@pytest.fixture
def zhou(admin: Desk, qtbot: QtBot) -> Desk:
    where = str(admin.workspace.engine.url.database)
    return Desk(open_workspace(where, login="zhou", clock=admin.workspace.clock), qtbot)


def sentences(page: Page) -> list[str]:
    return [strip.accessibleName() for strip in page.findChildren(Strip)]


def test_the_first_leaver_is_shown_with_customers_and_gaps(admin: Desk) -> None:
    page = admin.open(HandoverPage)
    assert [row.name for row in page.table.rows()] == ["甲公司", "乙公司"]
    assert [figure.value for figure in page.figures.figures][:1] == ["2"]
    assert page.leaver.currentText().startswith("陈离")
    page.choice.set_current(ALONE)
    page._list()
    assert [row.name for row in page.table.rows()] == ["乙公司"]


def test_choosing_people_changes_the_checklist_and_its_brief(admin: Desk) -> None:
    page = admin.open(HandoverPage)
    page.receiver.setCurrentIndex(page.receiver.findText("李接"))
    page._pick()
    page.table.select_first()
    assert page.inspector is not None
    words = {widget.text() for widget in page.inspector.findChildren(object) if hasattr(widget, "text")}
    assert "客户简报 · 给 李接" in words
    assert "王经理" in words
    assert "价格谈妥" in words


def test_the_checklist_is_written_and_sent_for_approval(admin: Desk) -> None:
    page = admin.open(HandoverPage)
    page.save_workbook()
    (file,) = [Path(name) for name in admin.ctx.settings.recent_files]
    assert "陈离" in [cell.value for row in openpyxl.load_workbook(file).worksheets[0].rows for cell in row]
    page.ask_approval()
    (row,) = admin.workspace.read(report_list)
    assert (row.template, row.state) == ("handover", ReportState.SUBMITTED)
    assert any(row.number in sentence for sentence in sentences(page))


def test_a_handover_is_shown_carried_out_and_taken_back(admin: Desk) -> None:
    page = admin.open(HandoverPage)
    page.hand_over()
    assert any("请先选择接收人" in sentence for sentence in sentences(page))
    page.receiver.setCurrentIndex(page.receiver.findText("李接"))
    page._pick()
    page.hand_over()
    assert page.inspector is not None
    words = {widget.text() for widget in page.inspector.findChildren(object) if hasattr(widget, "text")}
    assert {"将移交 3 条记录", "执行交接"} <= words
    loaded = page._loaded
    assert loaded is not None
    assert loaded.view is not None
    page.carrying_out.carry_out(loaded.view)
    assert any("已移交 3 条记录" in sentence for sentence in sentences(page))
    (strip,) = [strip for strip in page.findChildren(Strip) if "李接" in strip.accessibleName()]
    (back,) = [found for found in strip.findChildren(QPushButton) if found.text() == "撤回交接"]
    back.click()
    assert any("已退回 3 条记录" in sentence for sentence in sentences(page))


def test_a_report_is_made_submitted_decided_exported_and_verified(
    admin: Desk, zhou: Desk, tmp_path: Path
) -> None:
    from desktop.queries.reports import TEMPLATES

    reports = admin.open(ReportsPage)
    assert reports.empty.isVisible()
    reports.make(TEMPLATES["funnel"])
    reports.reload()
    assert reports._view is not None
    reports.submit(reports._view)

    own = admin.open(ApprovalsPage)
    own.approve()
    assert admin.workspace.read(report_list)[0].state == ReportState.SUBMITTED

    inbox = zhou.open(ApprovalsPage)
    assert [figure.value for figure in inbox.figures.figures] == ["1", "0", "0", "0"]
    inbox.approve()
    assert zhou.workspace.read(report_list)[0].state == ReportState.APPROVED

    reports.reload()
    file = tmp_path / "给财务.xlsx"
    reports.export(reports._view, file)
    reports.dropped([str(file)])
    assert reports.verdict.isVisible()
    assert reports.verdict.table.rows() == []
    book = openpyxl.load_workbook(file)
    book.worksheets[1]["B6"] = 77
    book.save(file)
    reports.dropped([str(file)])
    assert [(row.cell, row.found) for row in reports.verdict.table.rows()] == [("B6", "77")]


def test_without_the_database_a_workbook_is_verified_by_its_seal(
    admin: Desk, zhou: Desk, tmp_path: Path
) -> None:
    from desktop.queries.reports import TEMPLATES

    reports = admin.open(ReportsPage)
    reports.make(TEMPLATES["funnel"])
    reports.reload()
    assert reports._view is not None
    reports.submit(reports._view)
    zhou.open(ApprovalsPage).approve()
    reports.reload()
    file, keys = tmp_path / "给财务.xlsx", tmp_path / "keys.json"
    reports.export(reports._view, file)
    reports.reload()
    keys.write_text(keys_document(admin.workspace.read(seal_keys)), "utf-8")
    book = openpyxl.load_workbook(file)
    book.worksheets[1]["B6"] = 77
    book.save(tmp_path / "changed.xlsx")

    # With the public keys beside it, nobody is asked; without, what the page has read of them counts.
    reports.dropped([str(keys), str(file)])
    assert "内容与签章时一致" in verdict_of(reports)
    reports.ctx.tasks.offline = True
    reports.dropped([str(tmp_path / "changed.xlsx")])
    assert reports.verdict.isVisible()
    assert "B6" in [row.cell for row in reports.verdict.table.rows()]
    assert "以下单元格与签章时不同" in verdict_of(reports)


def verdict_of(reports: ReportsPage) -> str:
    return " ".join(label.text() for label in reports.verdict.findChildren(QLabel))


def test_a_rejection_asks_for_its_reason_and_shows_it(admin: Desk, zhou: Desk) -> None:
    admin.open(HandoverPage).ask_approval()
    inbox = zhou.open(ApprovalsPage)
    inbox.ask(REJECT)
    assert inbox.reason is not None
    inbox.answer(REJECT)
    assert any("驳回必须说明原因" in sentence for sentence in sentences(inbox))
    inbox.ask(REJECT)
    inbox.reason.setText("缺两家客户的联系人")
    inbox.answer(REJECT)
    (row,) = zhou.workspace.read(report_list)
    assert (row.state, row.reject_reason) == (ReportState.REJECTED, "缺两家客户的联系人")
    reports = admin.open(ReportsPage)
    reports.choice.set_current(OPEN)
    reports._list()
    assert [item.id for item in reports.table.rows()] == [row.id]


def test_the_preview_shows_the_frozen_tables_with_totals(admin: Desk) -> None:
    from desktop.queries.reports import TEMPLATES

    reports = admin.open(ReportsPage)
    reports.make(TEMPLATES["funnel"])
    reports.reload()
    table = reports.preview.table
    assert table is not None
    env = table._env
    shown = [[column.cell.text(column.of(row), row, env) for column in table._all] for row in table.rows()]
    assert shown[0][:3] == ["线索", "1", "120,000.00"]
    assert shown[-1][:3] == ["合计", "1", "120,000.00"]
    reports.preview.show_block("closed")
    assert reports.preview.table is not table


def test_a_file_that_is_no_workbook_is_refused_on_the_page(admin: Desk, tmp_path: Path) -> None:
    reports = admin.open(ReportsPage)
    (tmp_path / "notes.xlsx").write_text("hello", encoding="utf-8")
    reports.dropped([str(tmp_path / "notes.xlsx")])
    reports.dropped([str(tmp_path / "missing.xlsx")])
    told = " ".join(sentences(reports))
    assert "notes.xlsx" in told
    assert "missing.xlsx" in told


def test_an_unknown_workbook_is_called_unknown(admin: Desk, tmp_path: Path) -> None:
    reports = admin.open(ReportsPage)
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    seen: list[Verdict] = []
    show: Callable[..., None] = reports.verdict.show_verdict
    reports.verdict.show_verdict = lambda name, result: (seen.append(result.verdict), show(name, result))  # type: ignore[method-assign,assignment,func-returns-value]
    reports.dropped([str(tmp_path / "other.xlsx")])
    assert seen == [Verdict.UNKNOWN]


def test_a_frozen_figure_leads_to_its_records_of_now(admin: Desk, firm: Maker) -> None:
    """A control total of a frozen report opens what is behind it today, and says what changed since (RPT-11)."""
    from desktop.queries.reports import TEMPLATES

    page = admin.open(ReportsPage)
    page.make(TEMPLATES["funnel"])
    page.reload()
    firm.deal("后来的", firm.account("丙公司"), amount="5000")
    view = page._view
    assert view is not None
    page.drill(view, "open_amount")
    panel = page.inspector
    assert panel is not None
    words = {widget.text() for widget in panel.findChildren(object) if hasattr(widget, "text")}
    assert {"冻结之后有变动", "12.0 万"} <= words
    assert any("锅炉" in word for word in words)
