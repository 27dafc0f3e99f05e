"""Everything that people do works through PgBouncer in transaction mode, which lends a session per transaction."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from desktop.clock import FixedClock
from desktop.models.accounts import Account
from desktop.store.listening import Told
from desktop.store.workspace import Work, Workspace
from tests.databases import ADMIN, Place
from tests.faults.servers import Pooler, own_folder, pgbouncer
from tests.faults.test_conflicts import (  # noqa: F401
    test_two_who_lock_each_other_out_both_succeed,
)
from tests.postgres import PostgresHost
from tests.store.loading.test_undo import (  # noqa: F401
    test_undo_of_changes_restores_every_cell,
    test_undo_restores_the_digest,
)
from tests.store.test_listening import Ear
from tests.store.test_reports import (  # noqa: F401
    desk,
    test_a_rejection_needs_a_reason_and_leads_back_to_a_draft,
    test_exporting_twice_gives_the_same_bytes_and_registers_them_once,
    test_nobody_approves_what_they_submitted,
    test_two_approvers_at_once_make_one_approval,
)
from tests.store.test_workspace import (  # noqa: F401
    account_count,
    add_account,
    test_a_key_pressed_in_two_places_at_once_is_done_once,
    test_a_read_shows_one_moment_while_others_write,
    test_a_write_is_kept_with_its_audit_entry_and_its_operation,
    test_cancelling_ends_a_running_query,
    test_the_second_of_two_editors_is_told_and_overwrites_nothing,
    test_two_writers_at_once_both_succeed,
)

LOGINS = [ADMIN, "postgres", "zhou", "wu", "zheng"]

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def pooler(postgres_host: PostgresHost) -> Iterator[Pooler]:
    pgbouncer()
    place = own_folder()
    with Pooler(place, f"host={postgres_host.socket_folder} port=5432", LOGINS) as running:
        yield running
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def place(pooler: Pooler, postgres_host: PostgresHost, tmp_path: Path) -> Iterator[Place]:
    """A fresh database, to which every connection of the test leads through the pooler."""
    direct = postgres_host.fresh(tmp_path)
    url = direct.url.set(host="127.0.0.1", port=pooler.port, query={})
    through = replace(direct, url=url)
    yield through
    through.close()
    postgres_host.drop(direct)


def test_a_pooler_is_noticed_and_nothing_is_left_in_its_sessions(
    workspace: Workspace, clock: FixedClock
) -> None:
    assert not workspace.can_listen
    for _ in range(12):  # psycopg would prepare a statement that it sees for the sixth time
        workspace.read(account_count)
    settings = "SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('TimeZone')"
    prepared = text("SELECT count(*) FROM pg_prepared_statements")

    def inside(work: Work) -> tuple[str, str]:
        assert work.session.execute(prepared).scalar_one() == 0
        return tuple(work.session.execute(text(settings)).one())  # type: ignore[return-value]

    assert workspace.write(inside) == ("5min", "UTC")


def test_news_comes_by_asking(place: Place, clock: FixedClock) -> None:
    """LISTEN would be granted here and never heard of again; one's own commits are no news either way."""
    here, there = place.open(clock=clock), place.open(clock=clock)
    own: list[str] = []
    ear = Ear(here, lambda: tuple(own))
    assert ear.next() is Told.ONLINE
    assert not ear.listener.hears

    def ours(work: Work) -> None:
        own.append(work.operation_id)
        work.audit("ours")

    here.write(ours)
    ear.listener.nudge()
    there.write(lambda work: work.audit("theirs"))
    ear.listener.nudge()
    assert ear.next() is Told.CHANGED
    ear.close()
    assert ear.told.empty()


def test_more_consoles_than_sessions(place: Place, clock: FixedClock) -> None:
    """Ten people at once over four sessions: each waits a moment, none is refused, nothing is mixed up."""
    failures: list[BaseException] = []

    def person(number: int) -> None:
        workspace = place.open(clock=clock)
        try:
            for turn in range(3):
                name = f"{number}-{turn}"
                made = workspace.write(lambda work, name=name: add_account(work, name))
                assert (
                    workspace.read(lambda work, made=made: work.session.get_one(Account, made).name) == name
                )
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=person, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failures == []
    assert place.open().read(account_count) == 30
