"""Pages and tables without anything to show say so, and offer what there is to do."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from desktop.app import make_context
from desktop.i18n import Locale
from desktop.settings import Settings
from desktop.terms import Role
from desktop.views.customers.page import CustomersPage
from desktop.views.duplicates.page import DuplicatesPage
from desktop.views.empty import EmptyState
from desktop.views.handover.page import HandoverPage
from desktop.views.migrate.page import MigratePage
from desktop.views.page import Page
from desktop.views.quotes.page import QuotesPage
from desktop.views.settlements.page import SettlementsPage
from tests.databases import Place
from tests.maker import Maker
from tests.views.shown import MakePage, MakeWindow, shown


def offered(page: object) -> list[str]:
    """Return the buttons of the one panel that a page shows in the place of rows."""
    assert hasattr(page, "findChildren")
    (panel,) = [panel for panel in page.findChildren(EmptyState) if panel.isVisible()]
    return [button.text() for button in panel.findChildren(QAbstractButton)]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("today", ["Migrate old data", "Load the demo firm"]),
        ("customers", ["Migrate old data"]),
        ("pipeline", ["Import old data"]),
        ("handover", ["Import old data"]),
        ("quotes", ["New quote", "Migrate old data"]),
        ("reports", ["Make a funnel report"]),
        ("approvals", ["Go to the reports"]),
        ("settlements", ["Migrate old data", "Go to the quotes"]),
        ("duplicates", ["Migrate old data"]),
    ],
)
def test_an_empty_page_says_what_to_do(make_window: MakeWindow, key: str, expected: list[str]) -> None:
    window = make_window()
    window.navigate(key)
    assert offered(window.page) == expected


def test_quotes_and_settlements_say_of_each_list_why_it_is_empty(make_page: MakePage) -> None:
    quotes = make_page(QuotesPage)
    quotes.kind.set_current("contracts")
    quotes._show_kind()
    assert offered(quotes) == ["Migrate old data"]
    settlements = make_page(SettlementsPage)
    settlements.show_mode("returned")
    assert offered(settlements) == ["Settlement sheet", "Read a returned sheet"]


def test_a_filter_that_hides_every_row_is_cleared_where_it_says_so(
    make_window: MakeWindow, sqlite_make: Maker
) -> None:
    sqlite_make.account("Acme", sqlite_make.person("Li"))
    window = make_window()
    window.navigate("customers")
    page = shown(window, CustomersPage)
    said = page.table._without_rows
    assert said.words.text() == ""
    page.table.set_filter("name", "Zenith")
    assert said.words.isVisible()
    assert said.words.text() == "No row passes the filter."
    said.clear.click()
    assert [row.name for row in page.table.rows()] == ["Acme"]
    assert not said.words.isVisible()


def test_nothing_is_handed_over_of_nobody(make_page: MakePage) -> None:
    page = make_page(HandoverPage)
    assert not page.ask_button.isEnabled()
    assert not any(command.isEnabled() for command in page._commands_of_leaver)


@pytest.mark.parametrize("kind", [DuplicatesPage, MigratePage])
def test_who_may_not_import_or_merge_is_told_whose_work_it_is(
    team: Place, themed: None, qtbot: QtBot, kind: type[Page]
) -> None:
    """On a team database finance sees neither a refusal of the server nor an invitation that ends in one."""
    Maker(team.open()).person("钱会计", Role.FINANCE, login="clerk")
    page = kind(make_context(team.open("clerk"), Locale("zh_CN"), Settings(), inline=True))
    qtbot.addWidget(page)
    page.show()
    page.reload()
    (panel,) = [panel for panel in page.findChildren(EmptyState) if panel.isVisible()]
    assert panel.accessibleName().startswith("此角色不适用")
    assert panel.findChildren(QAbstractButton) == []
    assert page.strips.strips == []
