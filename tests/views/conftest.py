"""A window for tests: real pages on a real embedded database, tasks inline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import make_context
from desktop.i18n import Language, Locale
from desktop.settings import Settings
from desktop.store.workspace import Workspace
from desktop.views import theme
from desktop.views.context import AppContext
from desktop.views.main_window import MainWindow
from desktop.views.tasks import Tasks
from tests.views.shown import MakePage, MakeWindow, P


@pytest.fixture(autouse=True)
def windows_end(qapp: QApplication) -> Iterator[None]:
    """Let what a test closed be gone before the next one: a theme is applied to every widget there is."""
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def themed(qapp: Any) -> None:
    """The light theme, whatever the machine's is."""
    theme.apply(qapp, "light")


@pytest.fixture
def ctx(themed: None, sqlite_workspace: Workspace) -> AppContext:
    """What a page is handed, in English."""
    return make_context(sqlite_workspace, Locale("en"), Settings(), inline=True)


@pytest.fixture
def make_window(qtbot: QtBot, themed: None, sqlite_workspace: Workspace) -> MakeWindow:
    """Open the window on the test's database."""

    def make(language: Language = "en", *, width: int = 1366, height: int = 768) -> MainWindow:
        context = make_context(sqlite_workspace, Locale(language), Settings(), inline=True)
        window = MainWindow(context)
        qtbot.addWidget(window)
        window.resize(width, height)
        window.show()
        window.top.scope.load()
        return window

    return make


@pytest.fixture
def make_page(qtbot: QtBot, sqlite_workspace: Workspace) -> MakePage:
    """Open one page alone on the test's database."""

    def make(kind: type[P], language: Language = "en", **more: Any) -> P:
        context = AppContext(
            sqlite_workspace,
            Locale(language),
            Settings(),
            Tasks(sqlite_workspace, inline=True),
            now=sqlite_workspace.clock.now,
            **more,
        )
        page = kind(context)
        qtbot.addWidget(page)
        page.resize(1200, 700)
        page.show()
        page.reload()
        return page

    return make
