"""The window on a line that dies: it never waits for the database itself, and is back by itself (cases 31, 35)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import URL

from desktop.app import make_context
from desktop.clock import FixedClock
from desktop.i18n import Locale
from desktop.settings import Settings
from desktop.store import listening, watch
from desktop.store.open import open_workspace
from desktop.store.workspace import Workspace
from desktop.views import theme
from desktop.views.main_window import MainWindow
from tests.databases import ADMIN, Place
from tests.faults.proxy import FaultProxy
from tests.maker import Maker

pytestmark = pytest.mark.postgres
SOON = 20_000
"""Milliseconds after which a test gives up; nothing waits as long."""


@pytest.fixture
def place(team: Place) -> Place:
    """The team database is the only kind here."""
    return team


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The threads that have waited for a server, in whichever way."""
    found: set[int] = set()

    def noted(owner: Any, name: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def waiting(*arguments: Any, **named: Any) -> Any:
            found.add(threading.get_ident())
            return inner(*arguments, **named)

        monkeypatch.setattr(owner, name, waiting)

    noted(watch.WatchedConnection, "wait")
    noted(watch.WatchedConnection, "cancel_safe")
    noted(listening.Listener, "_wait")
    noted(Workspace, "_once")
    monkeypatch.setattr(listening, "PATIENCE_SECONDS", 0.4)
    return found


def test_the_window_outlives_a_black_hole(
    qtbot: QtBot,
    qapp: Any,
    place: Place,
    line: FaultProxy,
    clock: FixedClock,
    waits: set[int],
) -> None:
    """Foreign commits appear by themselves; away, the rows stay and saving is refused; then it is back by itself."""
    theme.apply(qapp, "light")
    near = place.open(clock=clock)
    far = URL.create("postgresql", ADMIN, None, "127.0.0.1", line.port, place.url.database)
    workspace = open_workspace(far.render_as_string(), clock=clock)

    def elsewhere(name: str) -> None:
        """Another console commits a customer."""

        def commit() -> None:
            Maker(near).account(name)
            near.write(lambda work: work.audit("import"))

        other = threading.Thread(target=commit)
        other.start()
        other.join()

    elsewhere("Acme")
    waits.clear()
    window = MainWindow(make_context(workspace, Locale("en"), Settings()))
    qtbot.addWidget(window)
    window.show()
    window.navigate("customers")
    page = window.page
    assert page is not None

    def shown() -> list[str]:
        return sorted(row.name for row in page.tables[0].rows())

    qtbot.waitUntil(lambda: shown() == ["Acme"], timeout=SOON)
    elsewhere("Bolt")
    qtbot.waitUntil(lambda: shown() == ["Acme", "Bolt"], timeout=SOON)

    line.black_hole()
    window.watch.try_now()
    qtbot.waitUntil(lambda: not window.live.online, timeout=SOON)
    elsewhere("Cog")
    window.refresh()
    page.write(lambda work: work.audit("never"))
    qtbot.waitUntil(lambda: bool(page.strips.strips), timeout=SOON)
    assert "Nothing can be saved" in page.strips.strips[-1].sentence
    assert shown() == ["Acme", "Bolt"]

    line.cut_all()
    line.black_hole(swallow=False)
    window.watch.try_now()
    qtbot.waitUntil(lambda: window.live.online and shown() == ["Acme", "Bolt", "Cog"], timeout=SOON)
    line.black_hole()
    window.close()
    workspace.close()
    assert waits
    assert threading.get_ident() not in waits
