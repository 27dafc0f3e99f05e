"""What the database undoes for somebody else's sake is done again as a whole, and not for ever (case 42)."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from desktop.errors import DatabaseProblem
from desktop.models.accounts import Account
from desktop.store import request
from desktop.store.workspace import Work, Workspace
from tests.databases import Place
from tests.store.test_workspace import account_count, add_account

STATES = {"40001": "serialization_failure", "40P01": "deadlock_detected", "55P03": "lock_not_available"}


def raise_in_database(work: Work, state: str) -> None:
    work.session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{state}'; END $$"))


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
@pytest.mark.parametrize("state", STATES)
def test_tried_again_from_the_beginning(workspace: Workspace, state: str) -> None:
    runs: list[int] = []

    def unlucky(work: Work) -> int:
        runs.append(account_count(work))
        add_account(work)
        if len(runs) < request.ATTEMPTS:
            raise_in_database(work, state)
        return account_count(work)

    assert workspace.write(unlucky) == 1
    assert runs == [0] * request.ATTEMPTS, (
        "every attempt starts from what is stored, not from its predecessor"
    )


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
@pytest.mark.parametrize("state", STATES)
def test_not_tried_for_ever(workspace: Workspace, state: str) -> None:
    runs: list[int] = []

    def hopeless(work: Work) -> None:
        runs.append(1)
        add_account(work)
        raise_in_database(work, state)

    with pytest.raises(DatabaseProblem) as told:
        workspace.write(hopeless)
    assert told.value.code == "database_busy"
    assert len(runs) == request.ATTEMPTS
    assert workspace.read(account_count) == 0


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_two_who_lock_each_other_out_both_succeed(place: Place) -> None:
    """A real deadlock: the server ends one of the two, which then comes again."""
    first, second = place.open(), place.open()
    one = first.write(lambda work: add_account(work, "甲"))
    two = first.write(lambda work: add_account(work, "乙"))
    meeting = threading.Barrier(2, timeout=20)
    met: set[str] = set()
    failures: list[BaseException] = []

    def rename(work: Work, who: str, ids: list[int]) -> None:
        for number in ids:
            work.session.get_one(Account, number, with_for_update=True).city = who
            work.session.flush()
            if who not in met:
                met.add(who)
                meeting.wait()

    def run(workspace: Workspace, who: str, ids: list[int]) -> None:
        try:
            workspace.write(lambda work: rename(work, who, ids))
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=(first, "前", [one, two])),
        threading.Thread(target=run, args=(second, "后", [two, one])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    cities = first.read(lambda work: {work.session.get_one(Account, number).city for number in (one, two)})
    assert len(cities) == 1, "one after the other, and neither half"
    versions = first.read(
        lambda work: [work.session.get_one(Account, number).version for number in (one, two)]
    )
    assert versions == [3, 3]
