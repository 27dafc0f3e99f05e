"""A colleague's change arrives; files dropped on the window go where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from desktop.errors import DatabaseProblem
from desktop.store.workspace import Workspace
from desktop.views.migrate.page import MigratePage
from tests.maker import Maker
from tests.views.shown import MakeWindow


def test_a_foreign_change_reloads_the_page(
    make_window: MakeWindow, sqlite_make: Maker, sqlite_workspace: Workspace
) -> None:
    """Somebody else's commit is seen at the next look; nothing happens without one, or after our own."""
    window = make_window()
    window.navigate("customers")
    told: list[bool] = []
    window.watch.changed_elsewhere.connect(lambda: told.append(True))
    window.watch.look()
    window.watch.look()
    assert told == []
    sqlite_make.account("Acme")
    sqlite_workspace.write(lambda work: work.audit("elsewhere"))
    window.watch.look()
    assert told == [True]
    assert window.page is not None
    assert [row.name for row in window.page.tables[0].rows()] == ["Acme"]
    window.ctx.tasks.write(None, lambda work: work.audit("own"))
    window.watch.look()
    assert told == [True]
    window.ctx.tasks.write(None, lambda work: work.audit("own"))
    sqlite_workspace.write(lambda work: work.audit("elsewhere"))
    window.watch.look()
    assert told == [True, True]


def test_the_status_bar_says_when_the_database_is_away(
    make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline is said at the bottom, and taken back when it answers again."""
    window = make_window()

    def away(*_: object, **__: object) -> int:
        raise DatabaseProblem("away", "The database does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr("desktop.views.watch.latest_change", away)
        window.watch.look()
        assert window.status.state.text() == "Offline since 09:00"
    window.watch.look()
    assert window.status.state.text() == "Online"


def test_files_dropped_anywhere_go_to_migration(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook dropped on Today opens Migrate with it."""
    taken: list[list[str]] = []
    monkeypatch.setattr(MigratePage, "dropped", lambda _page, paths: taken.append(paths))
    window = make_window()
    window.navigate("today")
    path = tmp_path / "customers.xlsx"
    path.write_bytes(b"")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(drop)
    assert window.current_key == "migrate"
    assert taken == [[str(path)]]
