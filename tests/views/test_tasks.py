"""Work off the GUI thread: results, refusals, cancelling, closed pages."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.app import make_context
from desktop.control import Control
from desktop.errors import InvalidInput
from desktop.i18n import Locale
from desktop.settings import Settings
from desktop.store.workspace import Work, Workspace
from desktop.views.page import Page
from desktop.views.tasks import Tasks


class Listener(QWidget):
    """A page that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[str] = []

    def show_error(self, error: InvalidInput) -> None:
        """Remember a refusal."""
        self.errors.append(error.code)


def refuse(_work: Any) -> None:
    """Fail as an operation does that a person has to mend."""
    raise InvalidInput("no_good", "No good.")


def test_a_query_runs_elsewhere_and_answers_here(qtbot: QtBot, sqlite_workspace: Workspace) -> None:
    """The query runs on another thread, `done` on this one."""
    tasks, page, here, found = Tasks(sqlite_workspace), Listener(), threading.get_ident(), []
    qtbot.addWidget(page)
    tasks.read(
        page,
        lambda work: (threading.get_ident(), work.today),
        lambda result: found.append((result[0], threading.get_ident())),
    )
    qtbot.waitUntil(lambda: bool(found))
    assert found[0][0] != here
    assert found[0][1] == here


def test_a_commit_tells_its_topics(qtbot: QtBot, sqlite_workspace: Workspace) -> None:
    """After a commit `changed` says which topics are concerned."""
    tasks = Tasks(sqlite_workspace)
    with qtbot.waitSignal(tasks.changed) as told:
        tasks.write(None, lambda work: work.audit("test"), topics={"account"})
    assert told.args == [frozenset({"account"})]


@pytest.mark.parametrize("inline", [True, False])
def test_a_refusal_is_a_strip_and_changes_nothing(
    qtbot: QtBot, sqlite_workspace: Workspace, inline: bool
) -> None:
    """A UserError goes to the page; `changed` stays silent and `ended` is called."""
    tasks, page, ended, changed = Tasks(sqlite_workspace, inline=inline), Listener(), [], []
    qtbot.addWidget(page)
    tasks.changed.connect(changed.append)
    tasks.write(page, refuse, ended=lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(page.errors))
    assert page.errors == ["no_good"]
    assert ended == [True]
    assert changed == []


def test_a_bug_is_told_once(qtbot: QtBot, sqlite_workspace: Workspace) -> None:
    """Anything unexpected becomes the signal that opens the dialog."""
    tasks = Tasks(sqlite_workspace)
    with qtbot.waitSignal(tasks.bug) as told:
        tasks.read(None, lambda work: 1 // 0, lambda result: None, title="Dividing")
    assert isinstance(told.args[0], ZeroDivisionError)
    assert told.args[1] == "Dividing"


def test_a_newer_read_replaces_an_older(qtbot: QtBot, sqlite_workspace: Workspace) -> None:
    """With the same key only the newer result arrives, however slow the older is."""
    tasks, page, found, gate = Tasks(sqlite_workspace), Listener(), [], threading.Event()
    qtbot.addWidget(page)

    def slow(_work: Any) -> str:
        gate.wait(10)
        return "old"

    tasks.read(page, slow, found.append, key="list")
    tasks.read(page, lambda work: "new", found.append, key="list")
    qtbot.waitUntil(lambda: found == ["new"])
    gate.set()
    qtbot.waitUntil(lambda: not tasks.busy())
    assert found == ["new"]


def test_results_for_a_closed_page_are_dropped(qtbot: QtBot, sqlite_workspace: Workspace) -> None:
    """A page that was closed hears nothing any more."""
    tasks, page, found, gate = Tasks(sqlite_workspace), Listener(), [], threading.Event()
    tasks.read(page, lambda work: gate.wait(10), found.append)
    tasks.cancel_page(page)
    page.deleteLater()
    gate.set()
    qtbot.waitUntil(lambda: not tasks.busy())
    assert found == []


def test_cancelling_is_silent(qtbot: QtBot, sqlite_workspace: Workspace) -> None:
    """Cancelled work ends without result, strip or bug."""
    tasks, page, found, bugs = Tasks(sqlite_workspace), Listener(), [], []
    qtbot.addWidget(page)
    tasks.bug.connect(lambda *_: bugs.append(True))
    started = threading.Event()

    def job(control: Control) -> int:
        started.set()
        step = 0
        while True:
            step += 1
            control.report(step, None)
            threading.Event().wait(0.005)

    task = tasks.run(page, job, found.append, title="Counting")
    started.wait(10)
    task.control.cancel()
    qtbot.waitUntil(lambda: not tasks.busy())
    assert (found, bugs, page.errors) == ([], [], [])


def test_a_form_that_is_pressed_twice_is_saved_once(
    qtbot: QtBot, themed: None, sqlite_workspace: Workspace
) -> None:
    """Before it is saved, and after a reply that never came; then the same values are a new act."""
    page = Page(make_context(sqlite_workspace, Locale("en"), Settings()))
    qtbot.addWidget(page)
    told: list[int] = []
    runs: list[int] = []

    def add(work: Work) -> int:
        work.audit("added")
        runs.append(1)
        return len(runs)

    def press(name: str) -> None:
        page.write(add, told.append, key=("add", name))

    for _ in range(2):
        press("Bolt")
    qtbot.waitUntil(lambda: len(told) == 2)
    assert (told, len(runs)) == ([1, 1], 1)
    press("Bolt")
    qtbot.waitUntil(lambda: len(told) == 3)
    assert len(runs) == 2
    # As if the reply of a commit had not come: done, and nobody here knows its outcome.
    key = " ".join([page._form, "add", "Cog"])
    Workspace(
        sqlite_workspace.engine, sqlite_workspace.actor, sqlite_workspace.clock, sqlite_workspace.zone
    ).write(add, key=key)
    press("Cog")
    qtbot.waitUntil(lambda: bool(page.strips.strips))
    assert "already done" in page.strips.strips[-1].sentence
    assert len(runs) == 3
