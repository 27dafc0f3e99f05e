"""A network that cuts, swallows, delays and loses: nothing doubled, nothing lost, and told in time (cases 29 to 31, 35)."""

from __future__ import annotations

import random
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import URL, select, text

from desktop.clock import FixedClock
from desktop.errors import DatabaseProblem
from desktop.models.accounts import Account
from desktop.models.audit import OperationRecord
from desktop.store import engine, request, watch
from desktop.store.open import open_workspace
from desktop.store.workspace import Work, Workspace
from tests.conftest import FULL
from tests.databases import ADMIN, Place
from tests.faults.proxy import FaultProxy
from tests.store.test_workspace import account_count, add_account

CUTS = 1_000 if FULL else 15

pytestmark = pytest.mark.postgres


@pytest.fixture
def place(team: Place) -> Place:
    """The team database is the only kind here."""
    return team


@pytest.fixture
def far(place: Place, line: FaultProxy, clock: FixedClock) -> Iterator[Workspace]:
    """The database behind the line, as seen by a console."""
    url = URL.create("postgresql", ADMIN, None, "127.0.0.1", line.port, place.url.database)
    workspace = open_workspace(url.render_as_string(), clock=clock)
    yield workspace
    workspace.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same watchdog with less time on its hands."""
    monkeypatch.setattr(watch, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(watch, "LOOK_AFTER_SECONDS", 0.2)
    monkeypatch.setattr(watch, "LOOK_AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(watch, "ASK_SECONDS", 2)
    monkeypatch.setattr(watch, "REPLY_LOST_SECONDS", 1.0)


def names(work: Work) -> list[str]:
    return list(work.session.execute(select(Account.name).order_by(Account.id)).scalars())


def operations(work: Work) -> int:
    found = select(OperationRecord.id).where(OperationRecord.action == "counted")
    return len(work.session.execute(found).all())


@pytest.mark.parametrize("moment", ["before", "after"])
def test_cut_around_the_commit_and_done_once(
    far: Workspace, line: FaultProxy, moment: str, place: Place
) -> None:
    """Cases 29 and 30."""
    fates = iter([moment])
    line.cut_commits = lambda: next(fates, None)
    runs: list[int] = []

    def counted(work: Work) -> int:
        runs.append(1)
        return add_account(work)

    number = far.write(counted)
    assert line.cuts == 1
    # Cut before: rolled back and done again as a whole. Cut after: it was there, and the first outcome is told.
    assert len(runs) == (2 if moment == "before" else 1)
    near = place.open()
    assert near.read(lambda work: [account.id for account in work.session.scalars(select(Account))]) == [
        number
    ]
    assert near.read(operations) == 1


def test_a_line_that_stays_cut_is_told_and_nothing_is_stored(
    far: Workspace, line: FaultProxy, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 29: the form is kept by whoever filled it; doing it again works."""
    monkeypatch.setattr(far, "patience", 0.3)
    line.cut_commits = lambda: "before"
    monkeypatch.setattr(request, "SETTLING_SECONDS", 0.5)
    with pytest.raises(DatabaseProblem) as told:
        far.write(add_account)
    # Before or after: a console cannot know while it gets no answer, and does not say "nothing was changed".
    assert told.value.code == "commit_unknown"
    assert account_total(place) == 0
    line.cut_commits = lambda: None
    far.write(add_account)
    assert account_total(place) == 1


def test_cut_before_the_commit_was_sent_says_that_nothing_was_changed(
    far: Workspace, line: FaultProxy, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far, "patience", 0.2)

    def interrupted(work: Work) -> None:
        add_account(work)
        line.cut_all()
        account_count(work)

    with pytest.raises(DatabaseProblem) as told:
        far.write(interrupted)
    assert told.value.code == "database_unreachable"
    assert account_total(place) == 0


def test_many_cuts_lose_and_double_nothing(far: Workspace, line: FaultProxy, place: Place) -> None:
    """Every acknowledged write is there once, whichever of its commits were cut, and how often."""
    rng = random.Random(30)
    line.cut_commits = lambda: rng.choice(["before", "after", None, None])
    done = 0
    while line.cuts < CUTS:
        far.write(lambda work, n=done: add_account(work, f"客户{n}"))
        done += 1
    assert place.open().read(names) == [f"客户{n}" for n in range(done)]


def test_a_black_hole_is_noticed(far: Workspace, line: FaultProxy, place: Place, quick: None) -> None:
    """Case 31: neither an answer nor a refusal; what is said then is that the server is away."""
    far.patience = 0.5
    line.black_hole()
    with pytest.raises(DatabaseProblem) as told:
        far.read(account_count)
    assert told.value.code == "database_unreachable"
    with pytest.raises(DatabaseProblem) as told:
        far.write(add_account)
    assert told.value.code == "database_unreachable"
    line.black_hole(False)
    # The line is back, and nobody has to start anything anew.
    far.patience = request.PATIENCE_SECONDS
    far.write(add_account)
    assert account_total(place) == 1


def test_silence_is_noticed_within_ten_seconds() -> None:
    """Case 31: the longest way to the message, with the seconds that the program really uses."""
    noticed = watch.TICK_SECONDS + watch.LOOK_AFTER_SECONDS + watch.ASK_SECONDS
    last_attempt = 2  # psycopg's least time to connect
    assert max(request.PATIENCE_SECONDS, noticed) + last_attempt <= 10


def test_a_firewall_that_forgot_the_connection(
    far: Workspace, line: FaultProxy, place: Place, quick: None
) -> None:
    """The server lives and waits for a statement that never arrives: the next connection is a new one."""
    far.read(account_count)
    line.black_hole(newcomers=False)
    far.write(add_account)
    assert account_total(place) == 1


def test_a_long_statement_of_a_living_server_is_not_cut(far: Workspace, quick: None) -> None:
    slept = text("SELECT pg_sleep(1.5)")
    runs: list[int] = []

    def long(work: Work) -> None:
        runs.append(1)
        work.session.execute(slept)

    far.write(long)
    assert runs == [1]


@pytest.mark.parametrize(
    ("known", "waited", "verdict"),
    [
        (None, 3.0, True),  # the server has no such session any more
        (("active", 3.0), 3.0, False),
        (("idle", 60.0), 3.0, True),  # idle since before we asked: the statement never arrived
        (("idle in transaction", 2.0), 3.0, False),  # done a moment ago: its reply is on the way
        (("idle in transaction", 16.0), 30.0, True),  # done long ago: its reply is lost
        ((None, 0.0), 3.0, False),  # not told: then nothing is cut
    ],
)
def test_what_the_server_says_of_a_session(
    known: tuple[str | None, float] | None, waited: float, verdict: bool
) -> None:
    assert watch.lost(known, waited=waited) is verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ('connection to server at "a" failed: FATAL:  sorry, too many clients already', False),
        ('connection to server at "a" failed: FATAL:  the database system is starting up', True),
        ('connection to server at "a" failed: Connection refused', True),
        ("connection timeout expired", True),
    ],
)
def test_any_answer_proves_that_the_server_lives(said: str, verdict: bool) -> None:
    assert watch.silent(psycopg.OperationalError(said)) is verdict


def test_slow_and_lossy_but_once(far: Workspace, line: FaultProxy, place: Place) -> None:
    """Case 35: 300 ms there and back and lost packets; pressed again and again, it is done once."""
    line.latency, line.loss = 0.15, 0.01
    presses = {far.write(add_account, key="form") for _ in range(3)}
    assert len(presses) == 1
    line.latency = line.loss = 0.0
    assert account_total(place) == 1


def test_a_session_frees_its_locks_by_itself(
    place: Place, far: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 33: a PC that is frozen inside a transaction; the server ends it, and the next person goes on."""
    number = far.write(add_account)

    def rename(work: Work, name: str) -> None:
        work.session.get_one(Account, number, with_for_update=True).name = name

    monkeypatch.setattr(engine, "IDLE_SECONDS", 1)
    frozen = place.open()
    told: list[bool] = []

    def freeze(work: Work) -> None:
        rename(work, "frozen")
        if not told:
            told.append(True)
            far.write(lambda other: rename(other, "next"))  # waits until the server has ended `work`
        work.session.flush()

    frozen.write(freeze)
    # Nobody's change was lost: the frozen one came again as a whole, after the other.
    assert far.read(names) == ["frozen"]
    assert far.read(lambda work: work.session.get_one(Account, number).version) == 3


def test_sessions_end_what_idles_and_do_not_wait_for_ever(far: Workspace) -> None:
    ask = "SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout'), current_setting('TimeZone')"
    assert far.read(lambda work: tuple(work.session.execute(text(ask)).one())) == ("5min", "30s", "UTC")


def account_total(place: Place) -> int:
    near = place.open()
    try:
        return near.read(account_count)
    finally:
        near.close()
