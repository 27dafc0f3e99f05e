"""Backups in the window: made, restored, offered for a damaged file; and who else has the file open."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop.app import Console
from desktop.errors import DatabaseProblem, UserError
from desktop.i18n import Locale
from desktop.operations.keeping import leave
from desktop.settings import Settings
from desktop.store.keeping import automatic, condition, embedded, holder
from desktop.store.open import open_workspace
from desktop.views.main_window import MainWindow
from desktop.views.settings.backups import BackupSection
from desktop.views.settings.page import SettingsPage
from desktop.views.start_problem import StartProblem
from desktop.views.tasks import Tasks
from tests.conftest import PROJECT
from tests.databases import SqliteHost
from tests.maker import Maker
from tests.views.shown import MakeWindow

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def section_of(window: MainWindow) -> BackupSection:
    """The section of the settings, with its list read."""
    window.navigate("settings", section="backups")
    page = window.page
    assert isinstance(page, SettingsPage)
    section = page.shown()
    assert isinstance(section, BackupSection)
    return section


def messages(window: MainWindow) -> list[str]:
    """What the strips of the page say."""
    assert window.page is not None
    return [strip.accessibleName() for strip in window.page.strips.strips]


def test_a_backup_is_made_from_the_settings(
    make_window: MakeWindow, sqlite_make: Maker, tmp_path: Path
) -> None:
    sqlite_make.account("甲公司")
    window = make_window()
    window.ctx.settings.last_database = sqlite_make.workspace.place
    section = section_of(window)
    target = tmp_path / "mine.plumbline"
    section.back_up(target)
    assert embedded.verified(target).counts["account"] == 1
    assert any("written and checked" in said for said in messages(window))
    assert section.make.isEnabled()


def test_a_target_that_cannot_be_written_leads_to_another_name(
    make_window: MakeWindow, sqlite_make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 23."""
    window = make_window()
    window.ctx.settings.last_database = sqlite_make.workspace.place
    section = section_of(window)
    (tmp_path / "locked.plumbline").mkdir()
    section.back_up(tmp_path / "locked.plumbline")
    assert any("could not be written" in said for said in messages(window))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "other.plumbline"), ""))
    section.ask_where()
    assert embedded.verified(tmp_path / "other.plumbline").kind == "sqlite"


def test_automatic_backups_are_listed(make_window: MakeWindow, sqlite_make: Maker) -> None:
    path = Path(sqlite_make.workspace.place)
    automatic.keep_safe(path, by="admin", now=NOW)
    window = make_window("zh_CN")
    window.ctx.settings.last_database = str(path)
    section = section_of(window)
    (row,) = section.table.rows()
    assert (row.why, row.made_by) == ("daily", "admin")
    asked: list[Path] = []
    window.ctx.restore_backup = lambda _page, backup: asked.append(backup)
    section.show_backup(row)
    section.offer(Path(row.id))
    section.restore(Path(row.id))
    assert asked == [Path(row.id)]


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the console run its tasks at once."""
    plain = Tasks.__init__

    def init(self: Tasks, workspace: Any, *, inline: bool = False) -> None:
        plain(self, workspace, inline=True)

    monkeypatch.setattr(Tasks, "__init__", init)


@pytest.fixture
def console(qapp: Any, themed: None, inline: None) -> Console:
    """The running program, in English, without settings of before."""
    return Console(qapp, Settings(), "en")


def shown(console: Console) -> MainWindow:
    """The window that the console shows."""
    assert console.window is not None
    return console.window


def test_a_restore_from_the_window_opens_what_the_backup_holds(
    console: Console, sqlite_host: SqliteHost, tmp_path: Path, qtbot: QtBot
) -> None:
    place = sqlite_host.fresh(tmp_path)
    path = Path(place.where)
    assert console.start(place.where, None)
    (first,) = automatic.listed(path)
    Maker(place.open()).account("后来的客户")
    place.close()
    window = shown(console)
    window.navigate("settings", section="backups")
    console.restore_backup(window.page, first.path)  # type: ignore[arg-type]
    assert shown(console) is not window
    assert any("is kept as" in said for said in messages(shown(console)))
    assert embedded.counts_of(path)["account"] == 0
    (kept,) = tmp_path.glob("plumbline.replaced-*.db")
    assert embedded.counts_of(kept)["account"] == 1
    shown(console).close()
    console.leave()
    assert condition.seal_of(path).exists()
    assert not holder.note_of(path).exists()


def test_a_restore_that_is_refused_changes_nothing(
    console: Console, sqlite_host: SqliteHost, tmp_path: Path
) -> None:
    place = sqlite_host.fresh(tmp_path)
    assert console.start(place.where, None)
    (backup,) = automatic.listed(Path(place.where))
    other = place.open()  # somebody else has it open
    other.read(lambda work: work.now)
    window = shown(console)
    window.navigate("settings", section="backups")
    console.restore_backup(window.page, backup.path)  # type: ignore[arg-type]
    assert any("Somebody else has the database" in said for said in messages(shown(console)))
    assert list(tmp_path.glob("*.replaced-*")) == []
    assert list(tmp_path.glob(".*part*")) == []
    shown(console).close()
    console.leave()
    place.close()


def test_the_second_window_is_told_who_has_the_file(
    console: Console, sqlite_host: SqliteHost, tmp_path: Path
) -> None:
    """Case 26: machine, user and since when; SQLite lets both work."""
    place = sqlite_host.fresh(tmp_path)
    script = (
        "import sys; from datetime import datetime; from pathlib import Path;"
        "from desktop.store.keeping.holder import hold;"
        "held = hold(Path(sys.argv[1]), datetime.fromisoformat('2026-11-18T09:12:00+08:00'));"
        "print('held', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", script, place.where],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOGNAME": "ann", "PYTHONPATH": str(PROJECT)},
    )
    assert first.stdin is not None
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    assert console.start(place.where, None)
    (said,) = [text for text in messages(shown(console)) if "too, since" in text]
    assert "ann" in said
    assert "09:12" in said
    console.leave()
    first.kill()  # whoever is ended lets go, whatever the note says
    first.wait()
    first.stdin.close()
    first.stdout.close()
    assert holder.note_of(Path(place.where)).exists()
    mine = holder.hold(Path(place.where), NOW)
    assert mine.other is None
    mine.release()


def test_a_damaged_file_is_replaced_from_the_start_dialog(
    qtbot: QtBot, themed: None, sqlite_host: SqliteHost, tmp_path: Path
) -> None:
    place = sqlite_host.fresh(tmp_path)
    path = Path(place.where)
    workspace = place.open()
    Maker(workspace).account("甲公司")
    automatic.keep_safe(path, by="admin", now=NOW)
    leave(workspace)
    content = bytearray(path.read_bytes())
    content[7_000] ^= 8
    path.write_bytes(content)
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(path)
    dialog = StartProblem(Locale("zh_CN"), str(path), told.value, str(tmp_path / "own.db"))
    qtbot.addWidget(dialog)
    assert dialog.backup is not None
    assert dialog.backup.made_at == NOW
    dialog.restore()
    assert dialog.choice is not None
    assert dialog.choice.where == str(path)
    again = open_workspace(path)
    assert embedded.counts_of(path)["account"] == 1
    again.close()


def test_without_a_good_backup_the_dialog_offers_none(qtbot: QtBot, themed: None, tmp_path: Path) -> None:
    error: UserError = condition.damaged(tmp_path / "x.db", "header")
    dialog = StartProblem(Locale("en"), str(tmp_path / "x.db"), error, str(tmp_path / "own.db"))
    qtbot.addWidget(dialog)
    assert dialog.backup is None
