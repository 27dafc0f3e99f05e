"""The audit trail is a chain: nobody forks, forges or changes it unseen (security 43, 53, 63; PER-05)."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError

from desktop.control import Control
from desktop.errors import NotAllowed
from desktop.models.audit import AuditEntry
from desktop.store import audit_check
from desktop.store.audit_chain import GENESIS, Head, canonical, hash_at, head, hidden, link
from desktop.store.audit_check import Checked, verify_chain
from desktop.store.audit_parts import Fitting, Part, fitting, parts, verified
from desktop.store.audit_reading import ENTRY
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker

CLIENTS = 8


def record(workspace: Workspace, *actions: str) -> None:
    """Put acts on record, each in a transaction of its own."""
    for action in actions:
        act(workspace, (action, "account", {"name": "示例泵业"}))


def execute(workspace: Workspace, statement: str) -> None:
    workspace.write(lambda work: work.session.execute(text(statement)))


def act(workspace: Workspace, *entries: tuple[str, str | None, dict[str, Any]]) -> None:
    """Put several acts on record in one transaction."""

    def acts(work: Work) -> None:
        for action, subject, details in entries:
            work.audit(action, subject, **details)

    workspace.write(acts)


def checked(workspace: Workspace, *anchors: Head) -> Checked:
    """Verify the trail as one, and in parts: what is said is the same."""
    whole = workspace.read(lambda work: verify_chain(work.connection, work.control, anchors))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_check, "verified", _here)
        patch.setattr(os, "cpu_count", lambda: 3)
        cut = workspace.read(lambda work: verify_chain(work.connection, work.control, anchors, worth=1))
    assert cut == whole
    return whole


def _here(connection: Connection, asked: Sequence[Part], _control: Control) -> list[Fitting | None]:
    driver = connection.connection.driver_connection
    return [fitting(driver, connection.dialect.name, part) for part in asked]


def tamper(place: Place, *statements: str) -> None:
    """Change rows as whoever holds the file, or as the server's superuser, can: past every guard."""
    if place.is_sqlite:
        with closing(sqlite3.connect(str(place.url.database))) as file, file:
            triggers = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                file.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                file.execute(statement)
        return
    root = place.url.set(drivername="postgresql", username="postgres")
    with psycopg.connect(root.render_as_string(hide_password=False)) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture(autouse=True)
def empty_trail(request: pytest.FixtureRequest) -> None:
    """Begin with no entry: the administrator of a team database was let in on record."""
    if "place" in request.fixturenames:
        place: Place = request.getfixturevalue("place")
        if not place.is_sqlite:
            tamper(place, "DELETE FROM audit_entry")


def test_entries_are_linked_in_the_order_of_their_commits(workspace: Workspace) -> None:
    record(workspace, "first", "second", "third")
    found = checked(workspace)
    assert (found.entries, found.count, found.findings) == (3, 0, ())
    assert found.head == workspace.read(lambda work: head(work.connection))
    assert workspace.read(lambda work: hash_at(work.connection, 3)) == found.head.hash
    assert workspace.read(lambda work: hash_at(work.connection, 4)) is None


def test_an_empty_trail_is_whole(workspace: Workspace) -> None:
    assert checked(workspace) == Checked(0, 0, Head(0, GENESIS), (), 0)


def test_one_canonical_form_serves_both_databases(workspace: Workspace) -> None:
    """The hash is computed here from what a client reads, whoever computed it when it was written."""
    workspace.write(lambda work: work.audit("rename=edit", "客户|account", 7, name="华东\n二区", amount=12))
    entry = workspace.read(lambda work: work.session.execute(select(AuditEntry)).scalar_one())
    raw = workspace.read(
        lambda work: work.session.execute(text("SELECT CAST(details AS text) FROM audit_entry")).scalar_one()
    )
    assert entry.salt
    assert entry.details_hash == hidden(entry.salt, raw)
    words = (entry.operation_id, entry.action, entry.subject)
    at = entry.at.strftime("%Y-%m-%d %H:%M:%S.%f")
    said = canonical(entry.details_hash, at, entry.person_id, entry.subject_id, words)
    assert entry.hash == link(GENESIS, 1, said)


def test_entries_without_details_are_linked_too(workspace: Workspace) -> None:
    act(workspace, ("look", None, {}), ("leave", "task", {}))
    found = checked(workspace)
    assert (found.entries, found.count) == (2, 0)


@pytest.mark.parametrize(
    ("statements", "codes"),
    [
        (["UPDATE audit_entry SET action = 'nothing' WHERE position = 3"], {"audit_changed"}),
        (["UPDATE audit_entry SET person_id = NULL WHERE position = 3"], {"audit_changed"}),
        (["UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000' WHERE position = 3"], {"audit_changed"}),
        (
            ['UPDATE audit_entry SET details = \'{"name": "x"}\' WHERE position = 3'],
            {"audit_details_changed"},
        ),
        (
            ["UPDATE audit_entry SET details = NULL, salt = NULL WHERE position = 3"],
            {"audit_details_removed"},
        ),
        (
            ["UPDATE audit_entry SET details = NULL, salt = NULL, erased_by = 5 WHERE position = 3"],
            {"audit_details_removed"},
        ),
        (["DELETE FROM audit_entry WHERE position = 3"], {"audit_removed", "audit_changed"}),
        (
            [
                "UPDATE audit_entry SET position = 99 WHERE position = 2",
                "UPDATE audit_entry SET position = 2 WHERE position = 4",
                "UPDATE audit_entry SET position = 4 WHERE position = 99",
            ],
            {"audit_moved", "audit_changed"},
        ),
        (
            [
                "INSERT INTO audit_entry (position, at, action, hash) VALUES"
                " (6, '2026-11-18 01:00:00.000000', 'forged', '" + "a" * 64 + "')"
            ],
            {"audit_changed"},
        ),
        (
            [
                "UPDATE audit_entry SET hash = '" + "a" * 64 + "' WHERE position = 5",
            ],
            {"audit_changed"},
        ),
        (
            ["UPDATE audit_entry SET position = 9000000000000000000 WHERE position = 4"],
            {"audit_removed", "audit_changed"},
        ),
    ],
)
def test_what_was_done_to_the_trail_is_found(
    workspace: Workspace, place: Place, statements: list[str], codes: set[str]
) -> None:
    record(workspace, "one", "two", "three", "four", "five")
    tamper(place, *statements)
    found = checked(workspace)
    assert {finding.code for finding in found.findings} == codes
    assert found.count == len(found.findings)


def test_reordered_entries_are_told_with_their_places(workspace: Workspace, place: Place) -> None:
    record(workspace, "one", "two", "three", "four", "five", "six")
    tamper(
        place,
        "UPDATE audit_entry SET position = 99 WHERE position = 2",
        "UPDATE audit_entry SET position = 2 WHERE position = 5",
        "UPDATE audit_entry SET position = 5 WHERE position = 99",
    )
    moved = {f.position: f.params["other"] for f in checked(workspace).findings if f.code == "audit_moved"}
    assert moved == {2: 5, 5: 2}


def test_entries_cut_off_the_end_are_missed_by_a_printed_head(workspace: Workspace, place: Place) -> None:
    record(workspace, "one", "two", "three")
    printed = checked(workspace).head
    tamper(place, "DELETE FROM audit_entry WHERE position > 1")
    codes = {finding.code for finding in checked(workspace, printed).findings}
    assert "audit_head_differs" in codes
    assert ("audit_cut_off" in codes) is place.is_sqlite


def test_a_chain_written_anew_fits_itself_but_not_the_printed_head(
    workspace: Workspace, place: Place
) -> None:
    """Case 63: only what was printed elsewhere convicts a superuser."""
    record(workspace, "one", "two", "three")
    printed = checked(workspace).head
    rows = workspace.read(lambda work: work.rows(select(AuditEntry.__table__).order_by(AuditEntry.position)))
    before, statements = GENESIS, []
    for row in rows:
        action = "nothing" if row.position == 2 else row.action
        at = row.at.strftime("%Y-%m-%d %H:%M:%S.%f")
        words = (row.operation_id, action, row.subject)
        said = canonical(row.details_hash, at, row.person_id, row.subject_id, words)
        before = link(before, row.position, said)
        statements.append(
            f"UPDATE audit_entry SET action = '{action}', hash = '{before}' WHERE position = {row.position}"
        )
    tamper(place, *statements)
    assert checked(workspace).count == 0
    assert [finding.code for finding in checked(workspace, printed).findings] == ["audit_head_differs"]


def test_the_database_itself_refuses_changes(workspace: Workspace) -> None:
    """Case 53, for the administrator: entries are only ever added."""
    record(workspace, "one")
    for statement in (
        "UPDATE audit_entry SET action = 'other'",
        "UPDATE audit_entry SET details = NULL",
        "DELETE FROM audit_entry",
    ):
        with pytest.raises((DBAPIError, NotAllowed)):
            execute(workspace, statement)
    assert checked(workspace).count == 0


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_client_cannot_forge_time_person_or_place(place: Place, workspace: Workspace, make: Maker) -> None:
    """Whatever a client writes into an entry, the server says who, when and where in the chain."""
    record(workspace, "one")
    rep = make.person("Forger", Role.REP, login="forger")
    forged = {
        "position": 1_000,
        "at": workspace.clock.now().replace(year=1999),
        "person_id": workspace.actor.person_id,
        "action": "forged",
        "hash": "f" * 64,
        "salt": "5" * 32,
        "details": {"x": 1},
        "details_hash": "0" * 64,
        "erased_by": 5_000,
    }

    def forge(work: Work) -> None:
        work.session.execute(insert(AuditEntry.__table__), [forged])  # type: ignore[arg-type]

    try:
        place.open("forger").write(forge)
    except DBAPIError:
        assert checked(workspace).entries == 1
        return
    newest = select(AuditEntry).where(AuditEntry.action == "forged")
    entry = workspace.read(lambda work: work.session.execute(newest).scalar_one())
    assert (entry.position, entry.person_id, entry.erased_by) == (2, rep, None)
    assert entry.at.year > 1999
    assert checked(workspace).count == 0


def test_eight_clients_at_once_make_one_chain(place: Place, workspace: Workspace) -> None:
    """Case 43: a naive trigger forked two entries of three."""
    each = 12
    barrier = threading.Barrier(CLIENTS)
    failures: list[BaseException] = []

    def client(number: int) -> None:
        try:
            mine = place.open()
            barrier.wait(timeout=30)
            for n in range(each):
                act(mine, ("a", "account", {}), ("b", None, {"client": number, "n": n}))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failures == []
    found = checked(workspace)
    assert (found.entries, found.count) == (CLIENTS * each * 2, 0)


def test_what_is_taken_back_leaves_no_trace(workspace: Workspace) -> None:
    workspace.rehearse(lambda work: work.audit("rehearsed"))
    assert checked(workspace).entries == 0


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_no_client_may_take_the_lock_of_the_chain(workspace: Workspace) -> None:
    """A client that could hold it would stop everybody's work."""
    with pytest.raises(NotAllowed):
        execute(workspace, "LOCK TABLE plumbline.audit_lock")


HOSTILE = (
    "", "|", "=", "-", "'", '"', "\\", "\\N", "\\.", "\n", "\r\n", "\t", "\x1e", "\x1e" * 3, "%s", "客户", "𠮷🏭", "\u2028", "a" * 100,
)  # fmt: skip


def test_the_databases_text_is_the_programs_whatever_stands_in_an_entry(
    place: Place, workspace: Workspace
) -> None:
    """Each text in each place where a text may stand; a NUL, which only a file holds, ends none of them."""
    said = [*HOSTILE, *(["nul\x00nul"] if place.is_sqlite else [])]
    for number, words in enumerate(said):
        act(workspace, ("look", words, {words: words, "n": 10**30 + number}), ("look", None, {"n": None}))
    found = checked(workspace)
    assert (found.entries, found.count) == (2 * len(said), 0)
    rows = workspace.read(
        lambda work: work.connection.exec_driver_sql(
            f"SELECT {ENTRY[work.connection.dialect.name]} AS told FROM audit_entry ORDER BY position"
        ).all()
    )
    entries = workspace.read(
        lambda work: list(work.session.scalars(select(AuditEntry).order_by(AuditEntry.position)))
    )
    for row, entry in zip(rows, entries, strict=True):
        at = entry.at.strftime("%Y-%m-%d %H:%M:%S.%f")
        words3 = (entry.operation_id, entry.action, entry.subject)
        assert row.told == canonical(entry.details_hash, at, entry.person_id, entry.subject_id, words3)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_stands_behind_a_nul_is_noticed(place: Place, workspace: Workspace) -> None:
    record(workspace, "first", "second")
    tamper(place, "UPDATE audit_entry SET subject = subject || char(0) || 'x' WHERE position = 1")
    assert [one.code for one in checked(workspace).findings] == ["audit_changed"]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("column", "code"),
    [("subject", "audit_changed"), ("hash", "audit_changed"), ("details", "audit_details_changed")],
)
def test_bytes_that_are_no_text_are_told_like_any_change(
    place: Place, workspace: Workspace, column: str, code: str
) -> None:
    record(workspace, "first", audit_check.ERASURE, "third")
    tamper(place, f"UPDATE audit_entry SET {column} = CAST(x'ff80' AS TEXT) WHERE position = 2")
    found = checked(workspace)
    assert {(one.code, one.position) for one in found.findings} >= {(code, 2)}
    assert found.entries == 3


def test_parts_are_verified_by_processes_of_their_own(place: Place, workspace: Workspace) -> None:
    """One of the two does not fit: the other's word is taken, and the first is looked at here."""
    record(workspace, *(f"act{number}" for number in range(6)))
    asked = workspace.read(lambda work: parts(work.connection, 2, worth=3))
    found = workspace.read(lambda work: verified(work.connection, asked, work.control))
    assert found == [Fitting(asked[1].before, []), Fitting(checked(workspace).head.hash, [])]
    tamper(place, "UPDATE audit_entry SET person_id = NULL WHERE position = 5")
    assert workspace.read(lambda work: verified(work.connection, asked, work.control)) == [found[0], None]
    told = workspace.read(lambda work: verify_chain(work.connection, worth=3))
    assert [(one.code, one.position) for one in told.findings] == [("audit_changed", 5)]
