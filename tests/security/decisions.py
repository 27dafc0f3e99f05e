"""Every step of reports by everybody, honest and forged, against the rules in plain Python.

Cases 37 and 52: whoever submitted never approves, nobody signs for somebody else, no state is skipped.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import psycopg

from tests.security.firms import put
from tests.security.lab import Connection, Lab, undone
from tests.security.matrix import DENIED, Outcome
from tests.security.organisation import Row, Someone
from tests.security.rule_tables import STAMPS
from tests.security.rules import Rules

NOW = "2026-11-18T01:00:00+00:00"
REPORT_STATES = ("draft", "submitted", "approved", "rejected", "exported")
APPROVERS = {"city_manager", "regional_manager", "director", "finance", "admin"}


FLAWED: tuple[Row, ...] = (
    {"kind": "stage_override"},
    {"requested_at": "2026-11-17T01:00:00+00:00"},
    {"facts": {"hash": "1", "rows": 0}},
    {"facts": {"hash": "0", "rows": 0, "amount": 0}},
)
"""Decided requests that decide nothing: of another kind, of an earlier submission, about other figures, with facts of one's own."""


def figures(report: Row) -> Row:
    """Return the frozen figures of a report."""
    blank = {"totals": {}, "metric_versions": {}, "document": "{}", "row_count": 0, "hash": "0"}
    return {
        "id": report["id"],
        "report_id": report["id"],
        "number": 1,
        "as_of": NOW,
        "taken_at": NOW,
        **blank,
    }


def may_step(one: Someone, old: Row, new: Row) -> bool:
    """Whether a report may become what `new` says, by somebody who may change it."""
    before, after = old["state"], new["state"]
    kept = all(old[name] == new[name] for name in STAMPS)
    if before == after:
        return kept and old["reject_reason"] == new["reject_reason"]
    if (before, after) in (("rejected", "draft"), ("approved", "exported")):
        return kept
    if (before, after) == ("draft", "submitted"):
        signed = new["submitted_by_id"] == one.id and new["submitted_at"] is not None
        return signed and new["approved_by_id"] is None and new["approved_at"] is None
    if before != "submitted":
        return False
    if after == "draft":
        return old["submitted_by_id"] == one.id and all(new[name] is None for name in STAMPS)
    same = all(old[name] == new[name] for name in ("submitted_by_id", "submitted_at"))
    if one.job not in APPROVERS or old["submitted_by_id"] == one.id or not same:
        return False
    if after == "approved":
        return new["approved_by_id"] == one.id and new["approved_at"] is not None
    return (
        after == "rejected"
        and new["approved_by_id"] is None
        and new["approved_at"] is None
        and bool(new["reject_reason"])
    )


class Decisions:
    """Tries every step as one person after the other."""

    def __init__(self, lab: Lab, outcome: Outcome, share: float = 1.0, seed: int = 0) -> None:
        self.lab = lab
        self.outcome = outcome
        self.share = share
        self.random = random.Random(seed)
        self.bare: set[int] = set()
        """Reports of which no request was decided: they cannot be, either."""

    def run(self, one: Someone) -> None:
        """Compare every step of one person."""
        known = Rules(self.lab.firm).is_known(one)
        other = next(each for each in self.lab.firm.people.values() if each.id != one.id)
        with undone(self.lab.root):
            reports = self.reports(one, other)
            requests = self.requests(one, other, reports)
            for table, rows in (
                ("report", reports),
                ("snapshot", [figures(report) for report in reports]),
                ("approval_request", requests),
                ("approval_task", [self.signature(one, request) for request in requests]),
            ):
                self.lab.root.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                put(self.lab.root, table, rows)
                self.lab.root.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            for old in reports:
                for changes in self.attempts(old, one, other):
                    new = old | changes
                    should = known and one.job != "auditor" and may_step(one, old, new)
                    decides = old["state"] == "submitted" and new["state"] in ("approved", "rejected")
                    should = should and not (decides and old["id"] in self.bare)
                    self.compare(one, "report", old, changes, should)

    def compare(self, one: Someone, table: str, old: Row, changes: Row, should: bool) -> None:
        """Try one change and compare."""
        session = self.lab.as_login(str(one.login))
        does = changed(session, table, old["id"], changes)
        self.outcome.expect(f"{one.login} {table} {old} {changes}", should, does)

    def reports(self, one: Someone, other: Someone) -> list[Row]:
        """Return a report of one's own in every state, submitted by oneself and by another."""
        made: list[Row] = []
        first = 900_000 + len(REPORT_STATES) * 2
        self.bare = {*range(first, first + 1 + len(FLAWED))}
        for state in (*REPORT_STATES, *["submitted"] * len(self.bare)):
            for submitter in (one, other) if len(made) < len(REPORT_STATES) * 2 else (other,):
                approver = other if submitter is one else one
                submitted = state not in ("draft",)
                approved = state in ("approved", "exported")
                made.append(
                    {
                        "id": 900_000 + len(made),
                        "template": "weekly",
                        "period": "2026-11",
                        "parameters": {},
                        "state": state,
                        "made_by_id": one.id,
                        "made_at": NOW,
                        "submitted_by_id": submitter.id if submitted else None,
                        "submitted_at": NOW if submitted else None,
                        "approved_by_id": approver.id if approved else None,
                        "approved_at": NOW if approved else None,
                        "reject_reason": "no" if state == "rejected" else None,
                        "version": 1,
                        "recorded_at": NOW,
                        "changed_at": NOW,
                    }
                )
        return made

    def requests(self, one: Someone, other: Someone, reports: list[Row]) -> list[Row]:
        """Return requests of the reports that somebody decided, as one step would follow from them."""
        made: list[Row] = []
        flaws: Iterator[Row] = iter(({}, *FLAWED))
        for report in reports:
            flaw = next(flaws) if report["id"] in self.bare else {}
            for state in ("approved", "rejected") if flaw or report["id"] not in self.bare else ():
                made.append(
                    {
                        "id": 900_000 + len(made),
                        "kind": "report",
                        "title": "weekly",
                        "report_id": report["id"],
                        "facts": {"hash": "0", "rows": 0},
                        "state": state,
                        "requested_by_id": other.id,
                        "requested_at": NOW,
                        "decided_by_id": one.id,
                        "decided_at": NOW,
                        "version": 1,
                        "recorded_at": NOW,
                        "changed_at": NOW,
                    }
                    | flaw
                )
        return made

    def signature(self, one: Someone, request: Row) -> Row:
        """Return the signature by which somebody decided a request, and by which they see it."""
        return {
            "id": request["id"],
            "request_id": request["id"],
            "number": 1,
            "slot": f"person:{one.id}",
            "state": request["state"],
            "opened_at": NOW,
            "decided_by_id": one.id,
            "version": 1,
            "recorded_at": NOW,
            "changed_at": NOW,
        }

    def attempts(self, old: Row, one: Someone, other: Someone) -> Iterator[Row]:
        """Return what somebody might write: each step as it is meant, and with each stamp forged."""
        later = "2026-11-19T01:00:00+00:00"
        people, times = ("submitted_by_id", "approved_by_id"), ("submitted_at", "approved_at")
        word = "reject_reason"
        for state in REPORT_STATES:
            meant = {"state": state, **honest(old["state"], state, one)}
            forged: list[Row] = [{name: who} for name in people for who in (one.id, other.id, None)]
            forged += [{name: when} for name in times for when in (later, None)]
            forged += [{word: text} for text in ("because", "", None)]
            for forgery in ({}, *forged):
                if not forgery or self.random.random() < self.share:
                    yield meant | forgery


def honest(before: str, after: str, one: Someone) -> Row:
    """Return what the program writes with a step."""
    steps: dict[tuple[str, str], Row] = {
        ("draft", "submitted"): {"submitted_by_id": one.id, "submitted_at": NOW},
        ("submitted", "draft"): {"submitted_by_id": None, "submitted_at": None},
        ("submitted", "approved"): {"approved_by_id": one.id, "approved_at": NOW},
        ("submitted", "rejected"): {"reject_reason": "because"},
    }
    return steps.get((before, after), {})


def changed(session: Connection, table: str, record_id: int, changes: Row) -> bool:
    """Try an update; return whether the row was changed."""
    settings = ", ".join(f"{name} = %s" for name in changes)
    try:
        with undone(session):
            cursor = session.execute(
                f"UPDATE {table} SET {settings} WHERE id = %s".encode(), [*changes.values(), record_id]
            )
            return cursor.rowcount == 1
    except psycopg.errors.CheckViolation:
        return False
    except psycopg.Error as error:
        if error.sqlstate != DENIED:
            raise
        return False
