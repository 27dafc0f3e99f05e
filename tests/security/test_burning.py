"""Case 58: what one login can take from the others, and what it cannot."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from desktop.store.login_functions import CONNECTIONS, LIMITS
from desktop.store.logins import make_login
from desktop.terms import Role
from tests.postgres import PostgresHost
from tests.security.lab import Lab, attempt, connect, lab
from tests.security.stage import staged

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


@pytest.fixture(scope="module")
def stage(postgres_host: PostgresHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The staged firm in a database."""
    place = postgres_host.fresh(tmp_path_factory.mktemp("burning"))
    with lab(place, staged()[0]) as made:
        yield made
    postgres_host.drop(place)


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
