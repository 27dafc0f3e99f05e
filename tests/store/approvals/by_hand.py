"""What somebody with psql does about approvals: statements of their own, and what the server says."""

from __future__ import annotations

import psycopg

from tests.security.lab import connect
from tests.store.approvals.conftest import Office


def told(office: Office, who: str, statement: str) -> str:
    """What the server says to somebody who writes SQL of their own: an SQLSTATE, or nothing."""
    login = "admin" if who == "admin" else f"appr_{who}"
    with connect(office.place, login) as connection:
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            return error.sqlstate or "?"
    return ""


def task_of(office: Office, number: int, slot: str = "") -> int:
    """The number of a signature of a request."""
    with connect(office.place, "postgres") as root:
        where = f"request_id = {number}" + (f" AND slot = '{slot}'" if slot else "")
        found = root.execute(f"SELECT id FROM approval_task WHERE {where} ORDER BY id".encode()).fetchone()
    assert found
    return int(found[0])


def ask_by_hand(office: Office, levels: str, facts: str, who: str = "rep", at: str = "now()") -> str:
    """Ask for a target of 600,000.00 with facts and levels of one's own, and return what the server says."""
    return told(
        office,
        who,
        "INSERT INTO approval_request (kind, title, subject_id, flow_id, levels, facts, payload, state,"
        " requested_by_id, requested_at, recorded_at, changed_at) VALUES ('target_adjustment', 'x',"
        f" {office.target}, plumbline.flow_in_force('target_adjustment'), '{levels}', '{facts}',"
        f' \'{{"value": 60000000, "reason": "x"}}\', \'waiting\', {office.ids[who]}, {at}, {at}, {at})',
    )


def newest(office: Office) -> int:
    """The number of the newest request."""
    with connect(office.place, "postgres") as root:
        (number,) = root.execute("SELECT max(id) FROM approval_request").fetchone() or (0,)
    return int(number)


def signed_by_hand(office: Office, who: str = "manager") -> str:
    """What the server says to the manager who signs the newest request with a program of their own."""
    number = newest(office)
    assert told(office, "rep", f"SELECT plumbline.open_level({number})") == ""
    return told(
        office, who, f"SELECT plumbline.sign({task_of(office, number)}, 'approved', NULL, NULL, NULL)"
    )
