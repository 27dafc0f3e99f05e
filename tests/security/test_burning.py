"""Case 58: what one login can take from the others, and what it cannot."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from desktop.store import watch
from desktop.store.access.functions import FUNCTIONS
from desktop.store.access.watching import CHAIN_SECONDS, IDLE_MINUTES, STATEMENT_MINUTES
from desktop.store.login_functions import CONNECTIONS, LIMITS
from desktop.store.logins import make_login
from desktop.terms import Role
from tests.security.lab import Lab, attempt, connect

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).parents[2]
MODES = (
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)


def test_case_58_a_rep_locks_no_table(stage: Lab) -> None:
    session = stage.as_login("rep_1")
    tables = (
        "account",
        "person",
        "report",
        "audit_entry",
        "import_run",
        "plumbline.transition",
        "plumbline.audit_lock",
    )
    for table in tables:
        for mode in MODES:
            assert attempt(session, f"LOCK TABLE {table} IN {mode} MODE")[0] == "42501", (table, mode)


def test_case_58_a_rep_locks_no_row_that_others_need(stage: Lab) -> None:
    session = stage.as_login("rep_1")
    for table in ("person", "org_unit", "pipeline", "database_setting", "plumbline.transition"):
        for strength in ("UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"):
            assert attempt(session, f"SELECT 1 FROM {table} FOR {strength}")[0] == "42501", (table, strength)
    code, rows = attempt(session, "SELECT id FROM account FOR UPDATE")
    assert code == ""
    assert 700_002 not in {row[0] for row in rows}


def test_case_58_nothing_of_ours_waits_for_a_lock_that_anybody_can_take(stage: Lab) -> None:
    """An advisory lock is everybody's: one session that holds it would stop the firm."""
    functions = stage.root.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'plumbline'::regnamespace AND prosrc ~ 'pg_advisory'"
    ).fetchall()
    assert functions == []
    source = [
        path for path in (ROOT / "desktop").rglob("*.py") if "pg_advisory" in path.read_text(encoding="utf-8")
    ]
    assert source == []


@pytest.fixture
def burning(stage: Lab) -> str:
    """The login of a rep whom an administrator let in: one of this test's own, for logins belong to the server."""
    return let_in(stage)


def let_in(stage: Lab) -> str:
    """Let one more rep in, as an administrator does; return the login."""
    login = f"burning_{uuid.uuid4().hex[:10]}"
    with stage.place.open("admin_1").engine.connect() as connection, connection.begin():
        connection.execute(
            text(
                "INSERT INTO person (login, name, name_key, role, status, can_sign_in, recorded_at, changed_at)"
                " VALUES (:login, 'b', 'b', 'rep', 'active', true, now(), now()) ON CONFLICT (login) DO NOTHING"
            ),
            {"login": login},
        )
        make_login(connection, login, Role.REP, None)
    return login


def test_case_58_limits_that_a_login_begins_with_and_the_one_it_cannot_lift(stage: Lab, burning: str) -> None:
    held = [connect(stage.place, burning) for _ in range(CONNECTIONS)]
    with pytest.raises(psycopg.OperationalError, match="too many connections"):
        connect(stage.place, burning)
    for name, value in LIMITS:
        assert held[0].execute(f"SHOW {name}").fetchone() == (value,)
        held[0].execute(f"SET {name} = 0")  # A habit, no bar: every session may do so.
    assert attempt(held[0], f"ALTER ROLE {burning} CONNECTION LIMIT -1")[0] == "42501"
    assert stage.as_login("rep_2").execute("SELECT count(*) > 0 FROM account").fetchone() == (True,)
    ended = stage.as_login("admin_1").execute("SELECT plumbline.end_sessions(%s)", [burning]).fetchone()
    assert ended == (CONNECTIONS,)
    with pytest.raises(psycopg.OperationalError):
        held[0].execute("SELECT 1")
    for session in held:
        session.close()


def test_case_58_an_administrator_ends_whoever_holds_the_chain(stage: Lab, burning: str) -> None:
    """Entries are added one after the other: a session that added one and stays open makes others wait."""
    entry = "INSERT INTO audit_entry (at, person_id, action) VALUES (now(), plumbline.me(), 'held')"
    holder = connect(stage.place, burning)
    holder.execute("BEGIN")
    holder.execute(entry)
    waiting = stage.as_login("rep_2")
    waiting.execute("SET lock_timeout = '50ms'")
    assert attempt(waiting, entry)[0] == "55P03"
    ended = stage.as_login("admin_1").execute("SELECT plumbline.end_sessions(%s)", [burning]).fetchone()
    assert ended == (1,)
    assert attempt(waiting, entry)[0] == ""
    holder.close()


ENTRY = "INSERT INTO audit_entry (at, person_id, action) VALUES (now(), plumbline.me(), 'held')"


def holding(stage: Lab, login: str) -> psycopg.Connection[Any]:
    """A session that lifted its limits, added an audit entry and does not end."""
    session = connect(stage.place, login)
    session.execute("SET idle_in_transaction_session_timeout = 0")
    session.execute("BEGIN")
    session.execute(ENTRY)
    return session


@pytest.fixture
def impatient(stage: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same functions, with a moment instead of ten seconds, and a console that looks at once."""
    function = FUNCTIONS["end_stuck_sessions"]
    body = function.body.replace(f"'{CHAIN_SECONDS} seconds'", "'0.05 seconds'")
    assert body != function.body
    made, *_rights = replace(function, body=body).sql()
    stage.root.execute(made.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    for name, seconds in (("TICK_SECONDS", 0.05), ("LOOK_AFTER_SECONDS", 0.1)):
        monkeypatch.setattr(watch, name, seconds)
    yield
    stage.root.execute(function.sql()[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


def test_case_58_a_console_that_waits_ends_whoever_holds_the_chain(
    stage: Lab, burning: str, impatient: None
) -> None:
    holder = holding(stage, burning)
    console = stage.place.open("admin_1")
    console.write(lambda work: work.audit("went on"))
    with pytest.raises(psycopg.OperationalError):
        holder.execute("SELECT 1")
    told = (
        "SELECT a.details ->> 'why' FROM audit_entry AS a JOIN person AS p ON p.id = a.subject_id"
        " WHERE a.action = 'end_stuck_session' AND p.login = %s"
    )
    looks = (stage.root.execute(told, [burning]).fetchall() for _ in range(20_000))
    # The entry comes after that of whoever had waited: it is added when the chain is free again.
    assert next(found for found in looks if found) == [("chain",)]


def test_case_58_who_ends_a_session_cannot_stop_the_firm_with_that(
    stage: Lab, burning: str, impatient: None
) -> None:
    """Two sessions of one rep: one holds the chain, the other ends it and stays open with what that left behind."""
    first, second = holding(stage, burning), connect(stage.place, burning)
    console = stage.place.open("admin_1")
    writing = threading.Thread(target=console.write, args=(lambda work: work.audit("went on"),))
    waited = (
        "SELECT count(*) FROM pg_locks WHERE relation = 'plumbline.audit_lock'::regclass AND NOT granted"
        " AND waitstart < clock_timestamp() - interval '0.05 seconds'"
    )
    writing.start()
    while stage.root.execute(waited).fetchone() == (0,):
        assert writing.is_alive()
    second.execute("BEGIN")
    second.execute("SELECT plumbline.end_stuck_sessions()")
    writing.join(timeout=60)
    assert not writing.is_alive()
    for session in (first, second):
        session.close()


def test_case_58_whoever_lifted_the_time_limits_is_found(stage: Lab, burning: str) -> None:
    """Found are statements and open transactions of logins beyond their limits, and nobody else's."""
    idle, busy, innocent = (connect(stage.place, login) for login in (burning, burning, let_in(stage)))
    idle.execute("BEGIN")
    busy.pgconn.send_query(b"SELECT pg_sleep(60)")
    innocent.execute("SELECT 1")
    stage.root.execute("SET ROLE plumbline_owner")
    look = "SELECT login, why FROM plumbline.stuck_sessions('1 h', %s::interval, %s::interval) ORDER BY why"
    state = "SELECT state FROM pg_stat_activity WHERE pid = %s"
    try:
        while stage.root.execute(state, [busy.info.backend_pid]).fetchone() != ("active",):
            assert busy.pgconn.status == psycopg.pq.ConnStatus.OK
        assert stage.root.execute(look, ["0 s", "0 s"]).fetchall() == [
            (burning, "idle"),
            (burning, "statement"),
        ]
        assert stage.root.execute(look, ["1 h", "0 s"]).fetchall() == [(burning, "idle")]
        assert stage.root.execute(look, ["1 h", "1 h"]).fetchall() == []
    finally:
        stage.root.execute("RESET ROLE")
        busy.cancel_safe()
        for session in (idle, busy, innocent):
            session.close()


def test_case_58_the_limits_beyond_which_a_session_is_ended_are_not_below_those_it_begins_with() -> None:
    assert dict(LIMITS)["statement_timeout"] == f"{STATEMENT_MINUTES - 1}min"
    assert dict(LIMITS)["idle_in_transaction_session_timeout"] == f"{IDLE_MINUTES - 1}min"


def test_case_50_a_commit_is_told_without_a_word(stage: Lab) -> None:
    listening = connect(stage.place, "rep_1")
    listening.execute("LISTEN plumbline")
    stage.place.open("admin_1").write(lambda work: work.audit("told"))
    (told,) = listening.notifies(timeout=30, stop_after=1)
    assert (told.channel, told.payload) == ("plumbline", "")
    listening.close()


def test_case_50_no_notification_of_ours_carries_a_payload() -> None:
    sent = [
        line.strip()
        for path in (ROOT / "desktop").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bNOTIFY \{?\w+\}?,|pg_notify\(", line)
    ]
    assert sent == []
