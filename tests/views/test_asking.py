"""Asking where the work is: who will sign is shown before, and for whom it waits afterwards, at the same place (APR-01)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from sqlalchemy import select

from desktop.models.approvals import ApprovalRequest
from desktop.models.targets import Target
from desktop.operations.contracts import ContractDraft, contract_of_quote
from desktop.operations.quotes import QuoteDraft, make_quote
from desktop.queries.quote_detail import LineDraft
from desktop.store.workspace import Workspace
from desktop.terms import Role
from desktop.views.approvals.page import ApprovalsPage
from desktop.views.asking import AskPanel
from desktop.views.main_window import MainWindow
from desktop.views.page import Page
from tests.maker import Maker

MakeWindow = Callable[..., MainWindow]
LINES = (LineDraft("Pump", 10_000, 1_000_000_000),)
"""Ten at a thousand yuan."""


class Firm:
    """A rep with a customer, a deal, a quote and a contract, and who signs."""

    def __init__(self, make: Maker, workspace: Workspace) -> None:
        self.rep = make.person("安", unit=make.unit("杭州", "city"))
        self.other = make.person("柏")
        make.person("丁", Role.DIRECTOR, login="d")
        make.person("冯", Role.FINANCE, login="f")
        self.account = make.account("恒泰", self.rep)
        self.deal = make.deal("锅炉", self.account, owner=self.rep, amount="9000")
        self.quote = workspace.write(
            lambda work: make_quote(work, QuoteDraft(self.account, LINES, self.deal))
        ).id
        self.contract = workspace.write(
            lambda work: contract_of_quote(work, ContractDraft(self.quote, "锅炉"))
        )
        make.target("2026-11", "100000", person=self.rep)


@pytest.fixture
def firm(sqlite_make: Maker, sqlite_workspace: Workspace) -> Firm:
    return Firm(sqlite_make, sqlite_workspace)


def opened(window: MainWindow, name: str, **args: int) -> Any:
    """Go to a page, and return it."""
    window.navigate(name, **args)
    return window.page


def words_of(widget: QWidget | None) -> str:
    """Everything that stands on a panel."""
    assert widget is not None
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def press(widget: QWidget | None, text: str) -> None:
    """Press the button that says so."""
    assert widget is not None
    next(found for found in widget.findChildren(QPushButton) if found.text() == text).click()


def ask(page: Page, reason: str = "客户推迟") -> None:
    """Give the reason, and ask."""
    panel = page.inspector
    assert isinstance(panel, AskPanel)
    panel.send()
    assert page.inspector is panel  # Without a reason it says so and stays.
    panel.reason.setText(reason)
    press(panel, "Ask for approval")


def type_into(page: Page, name: str, text: str) -> None:
    """Type into the field of that name, as a person does."""
    assert page.inspector is not None
    field = next(one for one in page.inspector.findChildren(QLineEdit) if one.accessibleName() == name)
    field.setText(text)
    field.textEdited.emit(text)


def newest(workspace: Workspace) -> ApprovalRequest:
    """The request that was made last."""
    statement = select(ApprovalRequest).order_by(ApprovalRequest.id.desc())
    return workspace.read(lambda work: work.session.scalars(statement).first()) or ApprovalRequest()


def test_another_target_is_asked_for_on_the_target(
    make_window: MakeWindow, firm: Firm, sqlite_workspace: Workspace
) -> None:
    window = make_window(width=1500, height=900)
    page = opened(window, "targets", person_id=firm.rep)
    page.edit_target()
    type_into(page, "New target", "8万")
    press(page.inspector, "Ask for it…")
    said = words_of(page.inspector)
    assert "City manager, Regional manager, Sales director" in said
    assert "Manager · until" in said
    type_into(page, "New target", "x")
    assert "It depends on the new value." in words_of(page.inspector)
    type_into(page, "New target", "8万")
    ask(page)
    request = newest(sqlite_workspace)
    assert (request.kind, (request.payload or {})["value"]) == ("target_adjustment", 8_000_000)
    said = words_of(page.inspector)  # The target again, with what waits about it.
    assert "Target adjustment waits for City manager, Regional manager, Sales director" in said
    press(page.inspector, "Show in the inbox")
    assert isinstance(window.page, ApprovalsPage)
    statement = select(Target.value)
    assert sqlite_workspace.read(lambda work: work.session.scalars(statement).one()) == 10_000_000


def test_another_stage_and_a_discount_are_asked_for_on_the_deal(
    make_window: MakeWindow, firm: Firm, sqlite_workspace: Workspace
) -> None:
    window = make_window(width=1500, height=900)
    page = opened(window, "pipeline", deal_id=firm.deal)
    press(page.inspector, "Other stage…")
    assert page.inspector is not None
    (stages,) = page.inspector.findChildren(QComboBox)
    assert stages.count() > 3
    ask(page)
    assert (newest(sqlite_workspace).payload or {})["stage_id"] == stages.currentData()
    assert "Stage override waits for" in words_of(page.inspector)
    press(page.inspector, "Discount…")
    page = window.page
    assert page is not None
    type_into(page, "Discount on the whole", "8")
    said = words_of(page.inspector)
    assert "2 · Finance" in said  # Beyond what a manager concedes alone.
    ask(page)
    assert (newest(sqlite_workspace).payload or {})["discount"] == 800
    assert "Discount waits for" in words_of(page.inspector)


def test_a_change_of_a_contract_is_asked_for_on_the_contract(
    make_window: MakeWindow, firm: Firm, sqlite_workspace: Workspace
) -> None:
    window = make_window(width=1500, height=900)
    page = opened(window, "quotes", contract_id=firm.contract)
    press(page.inspector, "Change…")
    assert "It depends on the new value." in words_of(page.inspector)
    type_into(page, "Delivery date", "31.12.")
    assert "It depends on the new value." in words_of(page.inspector)
    type_into(page, "Delivery date", "2026-12-31")
    type_into(page, "Amount", "9500")
    assert "3 · Sales director" not in words_of(page.inspector)
    ask(page)
    changes = {"amount": 950_000, "delivery_on": "2026-12-31"}
    assert (newest(sqlite_workspace).payload or {})["changes"] == changes
    assert "Contract change waits for Legal, Finance, Delivery" in words_of(page.inspector)


def test_a_handover_is_asked_for_on_the_checklist(
    make_window: MakeWindow, firm: Firm, sqlite_workspace: Workspace
) -> None:
    window = make_window(width=1500, height=900)
    page = opened(window, "handover", person_id=firm.rep)
    page.ask_handover()
    assert page.inspector is None  # Nobody was chosen who takes over.
    page.receiver.choose(firm.other)
    page._pick()
    page.ask_handover()
    assert "Regional manager, Sales director" in words_of(page.inspector)
    ask(page, "转岗")
    request = newest(sqlite_workspace)
    assert (request.subject_id, (request.payload or {})["receiver"]) == (firm.rep, firm.other)
    assert page.note.text().startswith("Handover waits for")
    press(page, "Show in the inbox")
    assert isinstance(window.page, ApprovalsPage)


def test_nobody_who_could_sign_is_told_before_asking(make_window: MakeWindow, sqlite_make: Maker) -> None:
    rep = sqlite_make.person("安", login="an")
    deal = sqlite_make.deal("锅炉", sqlite_make.account("恒泰", rep), owner=rep)
    window = make_window(width=1500, height=900)
    page = opened(window, "pipeline", deal_id=deal)
    press(page.inspector, "Other stage…")
    assert any("could sign level 1" in words_of(strip) for strip in page.strips.strips)
