"""Transactions: one commit, whole or not at all, and what happens when the database says no."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from desktop.clock import FixedClock
from desktop.control import Control
from desktop.errors import AlreadyDone, Cancelled, DatabaseProblem, StaleRecord
from desktop.models.accounts import Account
from desktop.models.audit import AuditEntry, OperationRecord
from desktop.store.request import ATTEMPTS, Request
from desktop.store.workspace import Work, Workspace
from tests.conftest import NOW
from tests.databases import Place


def add_account(work: Work, name: str = "示例泵业") -> int:
    account = Account(name=name, name_key=name, recorded_at=work.now, changed_at=work.now)
    work.session.add(account)
    work.session.flush()
    work.audit("add_account", "account", account.id, name=name)
    return account.id


def account_count(work: Work) -> int:
    return work.session.execute(select(func.count()).select_from(Account)).scalar_one()


def test_a_write_is_kept_with_its_audit_entry_and_its_operation(workspace: Workspace) -> None:
    number = workspace.write(add_account)

    entry, operation = workspace.read(
        lambda work: (
            work.session.execute(select(AuditEntry).where(AuditEntry.action == "add_account")).scalar_one(),
            work.session.execute(
                select(OperationRecord).where(OperationRecord.action == "add_account")
            ).scalar_one(),
        )
    )
    assert (entry.subject, entry.subject_id, entry.details) == ("account", number, {"name": "示例泵业"})
    assert entry.operation_id == operation.id
    assert entry.person_id == workspace.actor.person_id


def test_a_rehearsal_does_everything_and_keeps_nothing(workspace: Workspace) -> None:
    seen = workspace.rehearse(lambda work: (add_account(work), account_count(work))[1])

    assert seen == 1
    assert workspace.read(account_count) == 0
    assert (
        workspace.read(
            lambda work: work.session.execute(
                select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "add_account")
            ).scalar()
        )
        == 0
    )


def test_an_operation_that_fails_leaves_nothing_behind(workspace: Workspace) -> None:
    def half(work: Work) -> None:
        add_account(work)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        workspace.write(half)
    assert workspace.read(account_count) == 0


def test_reading_never_changes_anything(workspace: Workspace) -> None:
    if workspace.is_sqlite:
        workspace.read(add_account)
    else:
        with pytest.raises(DBAPIError, match="read-only"):
            workspace.read(add_account)
    assert workspace.read(account_count) == 0


def test_a_read_shows_one_moment_while_others_write(workspace: Workspace) -> None:
    def look_twice(work: Work) -> tuple[int, int]:
        before = account_count(work)
        workspace.write(add_account)
        return before, account_count(work)

    assert workspace.read(look_twice) == (0, 0)
    assert workspace.read(account_count) == 1


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(workspace: Workspace) -> None:
    number = workspace.write(add_account)

    def edit_what_moved(work: Work) -> None:
        mine = work.session.get_one(Account, number)
        bump = text("UPDATE account SET version = version + 1, city = '上海' WHERE id = :id")
        work.session.execute(bump, {"id": number})
        mine.city = "北京"

    with pytest.raises(StaleRecord):
        workspace.write(edit_what_moved)
    assert workspace.read(lambda work: work.session.get_one(Account, number).city) is None


def test_a_transient_failure_repeats_the_whole_operation(workspace: Workspace, no_pause: None) -> None:
    tries: list[str] = []

    def unlucky_once(work: Work) -> int:
        add_account(work)
        tries.append(work.operation_id)
        if len(tries) == 1:
            raise busy()
        return account_count(work)

    assert workspace.write(unlucky_once) == 1
    assert len(tries) == 2
    assert len(set(tries)) == 1, "whatever the number of attempts, it is one operation"


def test_retries_are_bounded_and_end_in_a_clear_message(workspace: Workspace, no_pause: None) -> None:
    tries: list[int] = []

    def always_unlucky(work: Work) -> None:
        tries.append(1)
        raise busy()

    with pytest.raises(DatabaseProblem) as told:
        workspace.write(always_unlucky)
    assert told.value.code == "database_busy"
    assert len(tries) == ATTEMPTS


def test_a_reply_lost_after_the_commit_does_not_double_the_write(
    workspace: Workspace, no_pause: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses: list[int] = []
    real = Workspace._commit

    def commit_then_lose(commit: Callable[[], None]) -> None:
        commit()
        if not losses:
            losses.append(1)
            raise cut_off()

    monkeypatch.setattr(
        Workspace,
        "_commit",
        lambda self, commit, request: real(self, lambda: commit_then_lose(commit), request),
    )
    workspace.write(add_account)
    monkeypatch.undo()
    assert workspace.read(account_count) == 1


def test_a_connection_lost_before_the_commit_is_tried_again_once(
    workspace: Workspace, no_pause: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses: list[int] = []
    real = Workspace._commit

    def lose_first(self: Workspace, commit: Callable[[], None], request: Request) -> None:
        if not losses:
            losses.append(1)
            raise cut_off()
        real(self, commit, request)

    monkeypatch.setattr(Workspace, "_commit", lose_first)
    workspace.write(add_account)
    monkeypatch.undo()
    assert workspace.read(account_count) == 1


def test_cancelling_ends_a_running_query(workspace: Workspace) -> None:
    control = Control()
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        if workspace.is_sqlite
        else "SELECT pg_sleep(600)"
    )

    def never_ends(work: Work) -> None:
        threading.Timer(0.2, control.cancel).start()
        work.session.execute(text(endless))

    with pytest.raises(Cancelled):
        workspace.read(never_ends, control)


def test_cancelled_before_the_commit_means_nothing_was_done(workspace: Workspace) -> None:
    control = Control()

    def cancelled_late(work: Work) -> None:
        add_account(work)
        control.cancel()

    with pytest.raises(Cancelled):
        workspace.write(cancelled_late, control)
    assert workspace.read(account_count) == 0


def test_two_writers_at_once_both_succeed(workspace: Workspace) -> None:
    barrier = threading.Barrier(2)
    failures: list[BaseException] = []

    def writer(name: str) -> None:
        try:
            barrier.wait(timeout=10)
            for n in range(10):
                workspace.write(lambda work, n=n: add_account(work, f"{name}{n}"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=writer, args=(name,)) for name in "甲乙"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert workspace.read(account_count) == 20


def test_the_same_key_is_never_done_twice(place: Place, clock: FixedClock) -> None:
    here, elsewhere = place.open(clock=clock), place.open(clock=clock)
    first = here.write(add_account, key="form 1")
    # Pressed twice: the same answer. Asked again by another process: told when it was done.
    assert here.write(add_account, key="form 1") == first
    with pytest.raises(AlreadyDone) as told:
        elsewhere.write(add_account, key="form 1")
    assert told.value.params["at"] == NOW
    assert "2026-11-18" in told.value.text()
    assert here.read(account_count) == 1
    assert elsewhere.write(add_account, key="form 2") != first
    assert here.read(account_count) == 2


def test_a_key_whose_operation_failed_may_be_used_again(workspace: Workspace) -> None:
    def half(work: Work) -> None:
        add_account(work)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        workspace.write(half, key="form")
    assert workspace.write(add_account, key="form")
    assert workspace.read(account_count) == 1


def test_a_key_pressed_in_two_places_at_once_is_done_once(place: Place, clock: FixedClock) -> None:
    barrier = threading.Barrier(2)
    outcomes: list[object] = []

    def press() -> None:
        workspace = place.open(clock=clock)
        barrier.wait(timeout=10)
        try:
            outcomes.append(workspace.write(add_account, key="one form"))
        except AlreadyDone as told:
            outcomes.append(told.code)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(map(str, outcomes))[1] == "already_done"
    assert place.open().read(account_count) == 1


class _DriverError(Exception):
    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


def busy() -> OperationalError:
    return OperationalError("statement", {}, _DriverError("40001", "could not serialize access"))


def cut_off() -> OperationalError:
    return OperationalError(
        "COMMIT", {}, _DriverError("08006", "connection lost"), connection_invalidated=True
    )


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.store.request.BACK_OFF_SECONDS", 0.0)
