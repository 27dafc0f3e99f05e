"""Commits of other consoles are heard within a moment, and a server that is gone is noticed (PLT-12)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import URL

from desktop.clock import FixedClock
from desktop.store import listening
from desktop.store.listening import Told
from desktop.store.open import open_workspace
from desktop.store.workspace import Work, Workspace
from tests.databases import ADMIN, Place
from tests.faults.proxy import FaultProxy

pytestmark = pytest.mark.postgres
SOON = 10
"""Seconds after which a test gives up; nothing waits as long."""


class Ear:
    """A listener on its thread, and what it told."""

    def __init__(self, workspace: Workspace, own: Callable[[], tuple[str, ...]] = tuple) -> None:
        self.told: queue.Queue[Told] = queue.Queue()
        made = workspace.listener(self.told.put, own)
        assert made is not None
        self.listener = made
        self.thread = threading.Thread(target=made.run)
        self.thread.start()

    def next(self) -> Told:
        """Return what is told next."""
        return self.told.get(timeout=SOON)

    def close(self) -> None:
        """Close it; its thread ends at once."""
        self.listener.close()
        self.thread.join(SOON)
        assert not self.thread.is_alive()


@pytest.fixture
def ear(team: Place, clock: FixedClock) -> Iterator[Ear]:
    """A console that listens."""
    made = Ear(team.open(clock=clock))
    assert made.next() is Told.ONLINE
    yield made
    made.close()


def change(work: Work) -> None:
    """Change something."""
    work.audit("test")


def test_a_commit_elsewhere_is_heard_and_ones_own_is_not(team: Place, clock: FixedClock) -> None:
    """What another console commits is news; what this one commits or takes back, or they roll back, is none."""
    here, there = team.open(clock=clock), team.open(clock=clock)
    ear = Ear(here)
    assert ear.next() is Told.ONLINE
    here.write(change)
    there.rehearse(change)
    there.write(change)
    assert ear.next() is Told.CHANGED
    here.write(change)
    ear.listener.nudge()
    ear.close()
    assert ear.told.empty()


def test_a_server_that_cuts_the_line_is_found_again(ear: Ear, team: Place, clock: FixedClock) -> None:
    """After a restart the listener is back by itself, and what was committed meanwhile is news."""
    there = team.open(clock=clock)

    def restart(work: Work) -> None:
        work.audit("meanwhile")
        work.connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    there.write(restart)
    heard = [ear.next()]
    while heard[-1] is not Told.ONLINE:
        heard.append(ear.next())
    assert Told.OFFLINE in heard
    there.write(change)
    assert ear.next() is Told.CHANGED


def test_where_listen_is_of_no_use_the_newest_change_is_asked_for(
    team: Place, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a pooler nothing is announced: the same news comes by asking, and one's own is none either."""
    monkeypatch.setattr(listening.Listener, "_granted", lambda *_: False)
    here, there = team.open(clock=clock), team.open(clock=clock)
    own: list[str] = []
    ear = Ear(here, lambda: tuple(own))
    assert ear.next() is Told.ONLINE

    def ours(work: Work) -> None:
        own.append(work.operation_id)
        change(work)

    here.write(ours)
    ear.listener.nudge()
    there.write(change)
    ear.listener.nudge()
    assert ear.next() is Told.CHANGED
    ear.close()
    assert ear.told.empty()


def test_a_silent_server_is_noticed_and_closing_does_not_wait_for_it(
    team: Place, line: FaultProxy, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is refused and nothing answered: our own deadline finds it (security 31)."""
    monkeypatch.setattr(listening, "PATIENCE_SECONDS", 0.3)
    far = URL.create("postgresql", ADMIN, None, "127.0.0.1", line.port, team.url.database)
    workspace = open_workspace(far.render_as_string(), clock=clock)
    ear = Ear(workspace)
    assert ear.next() is Told.ONLINE
    line.black_hole()
    ear.listener.nudge()
    assert ear.next() is Told.OFFLINE
    line.cut_all()
    line.black_hole(swallow=False)
    while ear.next() is not Told.ONLINE:
        ear.listener.nudge()
    line.black_hole()
    ear.close()
    workspace.close()


def test_closing_is_not_held_up_by_a_listener_that_waits(ear: Ear) -> None:
    """Nothing is told any more once it is closed, however often that is asked."""
    ear.close()
    ear.listener.close()
    ear.listener.nudge()
    assert ear.told.empty()


def test_the_embedded_database_has_no_listener(sqlite_workspace: Workspace) -> None:
    """There is nobody who could announce anything."""
    assert sqlite_workspace.listener(lambda _told: None) is None
