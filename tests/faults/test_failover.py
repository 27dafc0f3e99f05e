"""A primary is killed, its standby takes over, and nobody starts anything anew (case 32; nothing acknowledged is lost)."""

from __future__ import annotations

import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from desktop.errors import AlreadyDone, DatabaseProblem
from desktop.models.accounts import Account
from desktop.store.open import open_workspace
from desktop.store.workspace import Work, Workspace
from tests.conftest import FULL
from tests.databases import ADMIN
from tests.faults.servers import Server, own_folder
from tests.postgres import TEMPLATE, PostgresHost
from tests.store.test_workspace import account_count, add_account

FAILOVERS = 100 if FULL else 2
WRITERS = 4
PATIENCE = 60.0
"""Seconds; promoting takes one or two, but a busy machine may take its time."""

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(os.name == "nt", reason="no servers are killed on Windows"),
]


@dataclass
class Team:
    """A primary and its standby; the names of the two change with every fail-over."""

    primary: Server
    standby: Server

    def address(self, more: str = "") -> str:
        """What a console is given, once: both servers."""
        ports = sorted((self.primary.port, self.standby.port))
        return f"postgresql://{ADMIN}@127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}/team{more}"

    def confirm(self) -> None:
        """From now on a COMMIT is acknowledged when the standby has it, too."""
        self.primary.set(synchronous_standby_names="*")
        query = "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')"
        wait_for(lambda: self.primary.sql(query) == [(1,)])

    def fail_over(self) -> None:
        """Kill the primary; the standby takes over, alone at first."""
        self.primary.kill()
        self.standby.promote()
        self.standby.set(synchronous_standby_names="")
        self.primary, self.standby = self.standby, self.primary

    def rebuild(self) -> None:
        """Make the killed server a standby of the new primary."""
        self.standby.copy_of(self.primary)
        self.standby.start()
        self.confirm()


def wait_for(what: Callable[[], bool]) -> None:
    """Ask until it is so; each question takes the time of a query."""
    for _ in range(20_000):
        if what():
            return
    raise AssertionError("it never came to be")


@pytest.fixture(scope="module")
def team(postgres_host: PostgresHost) -> Iterator[Team]:
    folder = own_folder()
    first, second = Server(folder, "first"), Server(folder, "second")
    try:
        first.make()
        first.start()
        first.take_template(Path(postgres_host.socket_folder), TEMPLATE)
        pair = Team(first, second)
        pair.rebuild()
        yield pair
    finally:
        first.stop()
        second.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def console(team: Team) -> Iterator[Callable[..., Workspace]]:
    """Opens consoles of people at this team."""
    opened: list[Workspace] = []

    def open_one(more: str = "") -> Workspace:
        opened.append(open_workspace(team.address(more)))
        opened[-1].patience = PATIENCE
        return opened[-1]

    yield open_one
    for workspace in opened:
        workspace.close()


@dataclass
class Log:
    """What writers were told, and how often each of them."""

    told: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    each: Counter[int] = field(default_factory=Counter)
    news: threading.Condition = field(default_factory=threading.Condition)

    def note(self, where: list[str], name: str, writer: int) -> None:
        with self.news:
            where.append(name)
            self.each[writer] += 1
            self.news.notify_all()

    def wait_for_more(self, number: int) -> None:
        """Wait until every writer has been told of so many more writes, or one of them has failed."""
        with self.news:
            goal = {writer: self.each[writer] + number for writer in range(WRITERS)}
            enough = self.news.wait_for(
                lambda: bool(self.failures) or all(self.each[one] >= goal[one] for one in goal), timeout=120
            )
        assert self.failures == []
        assert enough, "writers did not go on"


def names(work: Work) -> list[str]:
    return list(work.session.execute(select(Account.name)).scalars())


def write_on(workspace: Workspace, writer: int, log: Log, stop: threading.Event) -> None:
    number = 0
    try:
        while not stop.is_set():
            name = f"{writer}-{number}"
            number += 1
            try:
                workspace.write(lambda work, name=name: add_account(work, name))
                log.note(log.told, name, writer)
            except DatabaseProblem as problem:
                if problem.code != "commit_unknown":
                    raise
                log.note(log.unknown, name, writer)
    except BaseException as error:
        with log.news:
            log.failures.append(error)
            log.news.notify_all()


def test_writers_go_on_over_fail_overs_and_nothing_acknowledged_is_lost(
    team: Team, console: Callable[..., Workspace]
) -> None:
    log, stop = Log(), threading.Event()
    writers = [
        threading.Thread(target=write_on, args=(console(), writer, log, stop)) for writer in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    try:
        for _ in range(FAILOVERS):
            log.wait_for_more(3)
            team.fail_over()
            log.wait_for_more(2)
            team.rebuild()
        log.wait_for_more(1)
    finally:
        stop.set()
        for writer in writers:
            writer.join(timeout=120)
    stored = Counter(console().read(names))
    assert [name for name in log.told if not stored[name]] == [], "acknowledged, and lost"
    assert [name for name, times in stored.items() if times > 1] == [], "doubled"
    assert set(stored) - set(log.told) <= set(log.unknown), "stored without anybody being told"
    print(f"{FAILOVERS} fail-overs: {len(log.told)} writes acknowledged, {len(log.unknown)} unknown")


def test_a_primary_that_is_killed_in_the_middle_of_a_write(
    team: Team, console: Callable[..., Workspace]
) -> None:
    """Case 32: the whole transaction comes again, on the other server, without anybody's help."""
    workspace = console()
    before = workspace.read(account_count)
    places: list[int] = []

    def interrupted(work: Work) -> int:
        number = add_account(work, "die Mitte")
        port = work.connection.connection.driver_connection.info.port  # type: ignore[union-attr]
        places.append(port)
        if len(places) == 1:
            team.fail_over()
        return number

    number = workspace.write(interrupted, key="the middle")
    assert places == [team.standby.port, team.primary.port]
    assert workspace.read(lambda work: work.session.get_one(Account, number).name) == "die Mitte"
    # What was done before the fail-over is known after it: a key that was used stays used.
    with pytest.raises(AlreadyDone):
        console().write(interrupted, key="the middle")
    assert workspace.read(account_count) == before + 1
    team.rebuild()


def test_reading_from_a_standby_when_asked_to(team: Team, console: Callable[..., Workspace]) -> None:
    plain, reader = console(), console("?reads=standby")
    assert plain.freshness().standby is False
    assert plain.freshness().behind_seconds == 0
    assert reader.freshness().standby is True
    plain.write(add_account)
    before = plain.read(account_count)
    wait_for(lambda: reader.read(account_count) == before)
    # A standby that stands still: other people's changes are not seen yet, and that is said.
    team.standby.sql("SELECT pg_wal_replay_pause()")
    wait_for(lambda: team.standby.sql("SELECT pg_get_wal_replay_pause_state()") == [("paused",)])
    plain.write(add_account)
    assert reader.read(account_count) == before
    behind = reader.freshness()
    assert behind.standby
    assert behind.behind_seconds is not None
    assert behind.behind_seconds > 0
    # One's own changes are seen at once: then the primary is asked.
    reader.write(add_account)
    assert reader.read(account_count) == before + 2
    assert reader.freshness().standby is False
    team.standby.sql("SELECT pg_wal_replay_resume()")
    wait_for(lambda: reader.freshness().standby)
    assert reader.read(account_count) == before + 2
    # Without the standby the primary answers.
    team.primary.set(synchronous_standby_names="")
    team.standby.kill()
    assert reader.read(account_count) == before + 2
    assert reader.freshness().standby is False
    team.rebuild()


def test_what_an_asynchronous_standby_had_not_received_is_told(
    team: Team, console: Callable[..., Workspace]
) -> None:
    """Without a standby that confirms, acknowledged changes can be lost; the console that made them says so, once."""
    workspace, other = console(), console()
    workspace.write(lambda work: add_account(work, "kept"))
    team.primary.set(synchronous_standby_names="")
    wait_for(lambda: team.primary.sql("SHOW synchronous_standby_names") == [("",)])
    team.standby.set(primary_conninfo="")
    wait_for(lambda: team.standby.sql("SELECT count(*) FROM pg_stat_wal_receiver") == [(0,)])
    workspace.write(lambda work: add_account(work, "lost"))
    team.primary.kill()
    team.standby.promote()
    team.primary, team.standby = team.standby, team.primary
    with pytest.raises(DatabaseProblem) as told:
        workspace.read(names)
    assert (told.value.code, told.value.params["count"]) == ("acknowledged_lost", 1)
    stored = workspace.read(names)
    assert ("kept" in stored, "lost" in stored) == (True, False)
    assert other.read(names) == stored, "who has lost nothing is told nothing"
    team.rebuild()


def test_a_standby_alone_takes_no_changes_and_says_so(team: Team) -> None:
    workspace = open_workspace(team.standby.address(ADMIN, "team"))
    try:
        workspace.patience = 0.2
        with pytest.raises(DatabaseProblem) as told:
            workspace.write(add_account)
        assert told.value.code == "database_read_only"
        # Also over a connection that has been read from before, which the server refuses in other words.
        workspace.read(account_count)
        with pytest.raises(DatabaseProblem) as told:
            workspace.write(add_account)
        assert told.value.code == "database_read_only"
    finally:
        workspace.close()
