"""How old the figures are, what an absent database leaves, and typing that nobody's commit throws away (PLT-12)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.app import make_context
from desktop.control import Control
from desktop.errors import DatabaseProblem
from desktop.i18n import Locale
from desktop.settings import Settings
from desktop.store.standby import Freshness
from desktop.store.workspace import Work, Workspace
from desktop.views import main_window
from desktop.views.context import AppContext
from desktop.views.customers.panel import CustomerPanel
from desktop.views.editing import Edit
from desktop.views.registry import available_pages, load_all
from desktop.views.remembered import question
from desktop.views.settings.calendar import CalendarSection
from desktop.views.tasks import Tasks
from desktop.views.watch import Watch
from tests.conftest import NOW
from tests.maker import Maker
from tests.views.shown import MakeWindow


def words(widget: QWidget) -> str:
    """Return everything that a widget says."""
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.text())


def press(widget: QWidget, text: str) -> None:
    """Press the button with these words."""
    (found,) = [one for one in widget.findChildren(QPushButton) if one.text().strip() == text]
    found.click()


class Away:
    """A database that can be taken away and put back."""

    def __init__(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self._asked = monkeypatch, workspace
        self.calls = 0
        self.gone = False
        once = workspace._once

        def through(*arguments: object, **named: object) -> object:
            self.calls += 1
            if self.gone:
                raise DatabaseProblem("database_unreachable", "The database server cannot be reached.")
            return once(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(workspace, "_once", through)


@pytest.fixture
def away(sqlite_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Away:
    """The database of the test, there at first."""
    return Away(sqlite_workspace, monkeypatch)


def test_page_and_tiles_say_when_they_were_read_and_how_long_ago(
    make_window: MakeWindow, sqlite_make: Maker
) -> None:
    """The moment is that of the database read; its age is told anew as it grows."""
    sqlite_make.account("Acme")
    window = make_window()
    window.navigate("customers")
    assert window.top.as_of.text() == "Data as of 2026-11-18 09:00"
    assert window.page is not None
    assert all("Data as of 2026-11-18 09:00" in tile.toolTip() for tile in window.page.figures._tiles)
    window.ctx.now = lambda: NOW + timedelta(minutes=3)
    window.live.show_age()
    assert window.top.as_of.text() == "Data as of 2026-11-18 09:00 · 3 min ago"
    window.ctx.now = lambda: NOW + timedelta(days=2)
    window.live.show_age()
    assert window.top.as_of.text() == "Data as of 2026-11-18 09:00 · 2 days ago"


def test_a_commit_elsewhere_does_not_touch_what_is_being_typed(
    qtbot: QtBot, make_window: MakeWindow, sqlite_workspace: Workspace
) -> None:
    """The page says that something changed, and offers to read it; what was typed stays either way."""
    window = make_window()
    window.navigate("settings", section="calendar")
    page = window.page
    assert page is not None
    section = page.sections["calendar"]  # type: ignore[attr-defined]
    assert isinstance(section, CalendarSection)
    section.new_event()
    assert not page.has_typing()
    qtbot.keyClicks(section.name, "Canton fair")
    window.watch.look()
    for _commit in range(2):
        sqlite_workspace.write(lambda work: work.audit("elsewhere"))
        window.watch.look()
    assert [strip.place for strip in page.strips.strips] == ["Changed elsewhere"]
    assert section.name.text() == "Canton fair"
    press(page.strips, "Read again")
    assert page.strips.strips == []
    assert section.name.text() == "Canton fair"
    page.close_inspector()
    section.new_event()
    section.last.setDate(section.last.date().addDays(1))
    assert page.has_typing()


def test_without_the_database_what_was_read_stays_and_nothing_is_saved(
    qtbot: QtBot, make_window: MakeWindow, sqlite_make: Maker, sqlite_workspace: Workspace, away: Away
) -> None:
    """Rows and details stay readable and say how old they are; saving is refused and the form kept (security 31)."""
    acme = sqlite_make.account("Acme")
    other = sqlite_make.account("Bolt")
    window = make_window()
    window.navigate("settings", section="calendar")
    window.navigate("customers")
    page = window.page
    assert page is not None
    page.open(account_id=acme)
    page.close_inspector()
    away.gone = True
    window.refresh()
    assert window.status.state.text() == "Offline since 09:00"
    assert {row.name for row in page.tables[0].rows()} == {"Acme", "Bolt"}
    window.ctx.now = lambda: NOW + timedelta(minutes=12)
    window.live.show_age()
    assert "read at 09:00 (12 min ago)" in window.connection_strip.area.strips[0].sentence
    before = away.calls
    page.open(account_id=acme)
    assert isinstance(page.inspector, CustomerPanel)
    page.open(account_id=other)
    assert "has not been read yet" in page.strips.strips[-1].sentence
    window.navigate("settings")
    section = window.pages["settings"].sections["calendar"]  # type: ignore[attr-defined]
    section.new_event()
    qtbot.keyClicks(section.name, "Canton fair")
    section.add()
    assert "what you typed is kept" in window.pages["settings"].strips.strips[-1].sentence
    assert section.name.text() == "Canton fair"
    assert away.calls == before
    away.gone = False
    press(window.connection_strip.area.strips[0], "Try now")
    assert window.status.state.text() == "Online"
    assert "answers again since 09:12" in window.connection_strip.area.strips[0].sentence
    assert section.name.text() == "Canton fair"
    section.add()
    assert sqlite_workspace.read(lambda work: section.table.rows()[0].name) == "Canton fair"


def test_a_page_never_read_says_so_and_is_filled_when_the_database_is_back(
    make_window: MakeWindow, sqlite_make: Maker, away: Away
) -> None:
    """Nothing is made up, no dialog opens, and the page needs no click to be filled."""
    sqlite_make.account("Acme")
    window = make_window("zh_CN")
    window.navigate("today")
    away.gone = True
    window.refresh()
    window.navigate("customers")
    assert window.page is not None
    assert window.page.tables[0].rows() == []
    assert "此页尚未读取过数据。" in window.connection_strip.area.strips[0].sentence
    away.gone = False
    window.watch.try_now()
    assert [row.name for row in window.page.tables[0].rows()] == ["Acme"]


def asked(number: int, day: date) -> Callable[[Work], int]:
    """Return a query as pages write them."""
    return lambda work: number


def test_a_question_is_known_again_by_its_plain_values_alone(ctx: AppContext) -> None:
    """Equal values: the same question. Another value, or anything that can change: another, or none."""
    day = date(2026, 11, 18)
    assert question(asked(1, day)) == question(asked(1, day))
    assert question(asked(1, day)) != question(asked(2, day))
    scope = ctx.scope.value
    assert question(lambda work: scope) is not None
    changing = [1]
    assert question(lambda work: changing) is None
    assert question(lambda work: ctx) is None
    assert question(changing.append) is None
    assert question(lambda work: scope) != question(lambda work: replace(scope, unit_id=7))


def test_many_commits_are_one_piece_of_news(qtbot: QtBot, sqlite_workspace: Workspace) -> None:
    """Fifty in a row make one; it is passed on after a random moment, so that consoles do not ask all at once."""
    tasks, parent = Tasks(sqlite_workspace), QWidget()
    qtbot.addWidget(parent)
    watch = Watch(tasks, parent)
    told: list[bool] = []
    watch.changed_elsewhere.connect(lambda: told.append(True))
    with qtbot.waitSignal(watch.changed_elsewhere):
        for _commit in range(50):
            watch._told("changed")
    assert told == [True]
    tasks.stop()


def test_a_page_is_left_in_peace_for_a_second_and_longer_if_it_is_dear(make_window: MakeWindow) -> None:
    """However many commits there are, a page is read at most once a second, and a tenth of the time."""
    window = make_window()
    window.navigate("customers")
    window.live.reload("customers")
    assert 0 < window.live._rest("customers") <= 1_000
    window.live._took["customers"] = 2_000
    assert 15_000 < window.live._rest("customers") <= 20_000


def test_a_second_click_saves_nothing_twice(make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """While something is being saved the same is not sent again (security 35)."""
    window = make_window()
    window.navigate("settings", section="calendar")
    page = window.page
    assert page is not None
    sent: list[Callable[[], None]] = []
    monkeypatch.setattr(page, "write", lambda *_, ended, **__: sent.append(ended))
    edit = Edit(page, "Fair", {"name": "a"}, 1, (), lambda *_: lambda _work: None, lambda _done: None)
    edit.send({"name": "b"})
    edit.send({"name": "b"})
    assert len(sent) == 1
    sent[0]()
    edit.send({"name": "b"})
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Freshness(standby=True, behind_seconds=3.4), "Read from a standby, up to 3 s behind"),
        (Freshness(standby=True, behind_seconds=0.2), "Read from a standby, up to date"),
        (Freshness(standby=True, behind_seconds=None), "Read from a standby that cannot say how old it is"),
        (Freshness(standby=False, behind_seconds=0.0), ""),
    ],
)
def test_the_status_bar_says_from_where_a_page_was_read(
    make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch, found: Freshness, said: str
) -> None:
    monkeypatch.setattr(Workspace, "reads_standby", property(lambda _self: True))
    monkeypatch.setattr(Workspace, "freshness", lambda _self: found)
    window = make_window()
    window.navigate("customers")
    shown = window.status.source
    assert (shown.text() if shown.isVisibleTo(window) else "") == said


def test_pages_are_imported_before_they_are_visited(
    qtbot: QtBot, themed: None, sqlite_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a thread of the readers, after the first page was asked for."""
    loaded: list[int] = []
    monkeypatch.setattr(main_window, "WARM_AFTER_MS", 0)
    monkeypatch.setattr(main_window, "load_all", lambda _control: loaded.append(threading.get_ident()))
    window = main_window.MainWindow(make_context(sqlite_workspace, Locale("en"), Settings()))
    qtbot.addWidget(window)
    window.navigate("settings")
    window.navigate("settings")
    qtbot.waitUntil(lambda: bool(loaded))
    assert len(loaded) == 1
    assert loaded[0] != threading.get_ident()
    load_all(Control())
    assert all(spec.path.partition(":")[0] in sys.modules for spec in available_pages())
    window.ctx.tasks.stop()
