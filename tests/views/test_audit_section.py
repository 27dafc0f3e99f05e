"""Settings, audit trail: what an administrator or auditor sees of it; phones in the customer's inspector."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desktop.queries.audit import AuditFilter, audit_entries
from desktop.store.workspace import Workspace
from desktop.views.customers.page import CustomersPage
from desktop.views.customers.panel import SHOW, CustomerPanel
from desktop.views.main_window import MainWindow
from desktop.views.settings.audit import AuditSection
from desktop.views.settings.page import SettingsPage
from tests.databases import Place
from tests.maker import Maker
from tests.store.test_audit_chain import act, tamper
from tests.views.shown import MakeWindow, shown


def texts(widget: QWidget) -> set[str]:
    return {label.text() for label in widget.findChildren(QLabel)}


def audit_section(window: MainWindow) -> tuple[SettingsPage, AuditSection]:
    window.navigate("settings", section="audit")
    page = shown(window, SettingsPage)
    section = page.shown()
    assert isinstance(section, AuditSection)
    return page, section


def test_the_trail_is_listed_opened_and_verified(
    make_window: MakeWindow, sqlite_workspace: Workspace
) -> None:
    act(sqlite_workspace, ("approve_report", "report", {"rows": 3}), ("x_new", None, {}))
    page, section = audit_section(make_window())
    assert [(row.action, row.person) for row in section.table.rows()] == [
        ("x_new", "admin"),
        ("Report approved", "admin"),
    ]
    section.show_entry(section.table.rows()[1])
    inspector = page.inspector
    assert inspector is not None
    assert any('"rows": 3' in text for text in texts(inspector))
    section.verify_button.click()
    assert any("The audit trail is whole: 2 entries" in text for text in texts(page))
    assert section.verify_button.isEnabled()


def test_a_trail_that_was_tampered_with_is_told(make_window: MakeWindow, sqlite_workspace: Workspace) -> None:
    act(sqlite_workspace, ("one", None, {}), ("two", None, {}))
    tamper(
        Place("sqlite", sqlite_workspace.engine.url), "UPDATE audit_entry SET action = 'x' WHERE position = 1"
    )
    page, section = audit_section(make_window())
    section.verify_button.click()
    said = " ".join(texts(page))
    assert "1 places of the audit trail do not fit. Audit entry 1 was changed" in said


def test_a_phone_is_shown_in_full_when_asked_for_and_that_is_on_record(
    make_window: MakeWindow, sqlite_workspace: Workspace, sqlite_make: Maker
) -> None:
    """Case 65 in the window."""
    account = sqlite_make.account("Acme", phone="+862151096888")
    contact = sqlite_make.contact("Li", account, mobile="+8613812341234")
    window = make_window()
    window.navigate("customers")
    page = shown(window, CustomersPage)
    page.show_account(account)
    panel = page.inspector
    assert isinstance(panel, CustomerPanel)
    assert "138****1234" in texts(panel)
    assert not [text for text in texts(panel) if "13812341234" in text]
    (ask,) = [one for one in panel.findChildren(QPushButton) if one.text() == SHOW]
    ask.click()
    assert "+8613812341234" in texts(panel)
    panel.show_tab("archive")
    assert "21****88" in texts(panel)
    asks = [one for one in panel.findChildren(QPushButton) if one.text() == SHOW and not one.isHidden()]
    asks[-1].click()
    assert "+862151096888" in texts(panel)
    entries = sqlite_workspace.read(lambda work: audit_entries(work, AuditFilter(action="reveal")))
    assert [(entry.subject, entry.subject_id) for entry in entries] == [
        ("account", account),
        ("contact", contact),
    ]
