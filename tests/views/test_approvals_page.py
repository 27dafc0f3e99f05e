"""The approval inbox by keyboard, flows and deputies in Settings."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.models.approvals import Deputy
from desktop.operations.approvals import return_request
from desktop.operations.approvals.batch import batch_of
from desktop.queries.approval_flows import Condition, flow_list
from desktop.terms import ApprovalState
from desktop.views.approvals.conditions import conditions_words
from desktop.views.approvals.page import ApprovalsPage
from desktop.views.settings.approvals import ApprovalSection
from desktop.views.settings.flow_editor import FlowEditor
from desktop.views.settings.page import SettingsPage
from tests.store.approvals.conftest import Office, sqlite_office  # noqa: F401
from tests.views.test_report_pages import Desk, sentences


@pytest.fixture
def firm(sqlite_office: Office) -> Office:  # noqa: F811
    return sqlite_office


def words(page: object) -> set[str]:
    return {found.text() for found in page.findChildren(QLabel)}  # type: ignore[attr-defined]


def press(page: ApprovalsPage, key: str) -> None:
    """Press a key of the list: its shortcut acts as it does in a window that has the focus."""
    (shortcut,) = [one for one in page.table.grid.findChildren(QShortcut) if one.key().toString() == key]
    shortcut.activated.emit()


def test_the_inbox_is_decided_by_keyboard(firm: Office, qtbot: QtBot) -> None:
    first = firm.ask(20_000_000)
    desk = Desk(firm.as_("manager"), qtbot)
    page = desk.open(ApprovalsPage)
    assert "100,000.00  →  200,000.00" in words(page.context)
    assert [row.id for row in page.table.rows()] == [first]
    press(page, "R")
    assert page.reason is not None
    page.reason.setText("请补说明")
    page.reason.returnPressed.emit()
    assert firm.request(first).state == ApprovalState.REJECTED
    second = firm.ask(30_000_000)
    page.reload()
    page.choice.set_current("waiting")
    page._list(first=True)
    press(page, "B")
    assert page.reason is not None
    page.reason.setText("金额有误")
    page.answer("return")
    assert firm.request(second).state == ApprovalState.RETURNED
    third = firm.ask(40_000_000)
    page.reload()
    page.choice.set_current("waiting")
    page._list(first=True)
    press(page, "A")
    assert firm.request(third).state == ApprovalState.APPROVED
    assert firm.value() == 40_000_000


def test_several_are_approved_at_once_and_one_more_signs(firm: Office, qtbot: QtBot) -> None:
    number = firm.ask()
    page = Desk(firm.as_("manager"), qtbot).open(ApprovalsPage)
    page.ask("add")
    assert page.signer is not None
    page.signer.setCurrentIndex(page.signer.findData(firm.ids["legal"]))
    page.answer("add")
    other = Desk(firm.as_("legal"), qtbot).open(ApprovalsPage)
    other.ask_batch()
    assert other.inspector is not None
    assert "1 件申请可以批准" in words(other.inspector)
    page.reload()
    page.approve()
    other.ask_batch()
    batch = firm.as_("legal").read(batch_of)
    other.approve_batch(batch)
    assert any("已批准 1 件" in sentence for sentence in sentences(other))
    assert firm.request(number).state == ApprovalState.APPROVED


def test_the_requester_asks_again(firm: Office, qtbot: QtBot) -> None:
    number = firm.ask()
    firm.as_("manager").write(lambda work: return_request(work, number, "补充"))
    page = Desk(firm.as_("rep"), qtbot).open(ApprovalsPage)
    page.ask_again()
    assert len(firm.inbox("manager")) == 1
    page.reload()
    page.choice.set_current("waiting")
    page._list(first=True)
    page.withdraw()
    assert firm.inbox("manager") == []


def test_a_flow_is_edited_and_a_deputy_named(firm: Office, qtbot: QtBot) -> None:
    page = Desk(firm.admin, qtbot).open(SettingsPage)
    page.show_section("approvals")
    section = page.sections["approvals"]
    assert isinstance(section, ApprovalSection)
    assert section.loaded is not None
    section.edit_flow(section.loaded.flows[1])
    editor = page.inspector
    assert isinstance(editor, FlowEditor)
    editor.more()
    form = editor.forms[-1].conditions
    form.more(None)
    for line, fact, bound in zip(form.lines, ("amount", "discount"), ("500,000", "二十"), strict=True):
        line.fact.setCurrentIndex(line.fact.findData(fact))
        line.bound.setCurrentText(bound)
    editor.save()
    assert firm.admin.read(flow_list)[1].number == 1
    form.lines[1].bound.setCurrentText("20 %")
    editor.save()
    flow = firm.admin.read(flow_list)[1]
    assert (flow.number, len(flow.levels)) == (2, 3)
    assert flow.levels[0].name == "Manager"
    assert flow.levels[-1].conditions == (
        Condition("amount", ">", 50_000_000),
        Condition("discount", ">", 2_000),
    )
    assert conditions_words(flow.levels[-1].conditions, page.locale_) == "金额 > 500,000.00 且 折扣 > 20%"
    section.new_deputy()
    section.person.setCurrentIndex(section.person.findData(firm.ids["director"]))
    section.save_deputy()
    assert firm.admin.read(lambda work: work.session.query(Deputy).count()) == 1
    section.reload()
    section.end(section.loaded.deputies[0])
    section.reload()
    assert not any(row.is_active for row in section.loaded.deputies)
