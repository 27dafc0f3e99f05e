"""What the clock keeps, tried by everybody in every way, against a list in plain Python of what should go through."""

from __future__ import annotations

from collections.abc import Iterator

from tests.security.firms import put
from tests.security.lab import Lab, attempt, undone
from tests.security.matrix import DENIED, Outcome
from tests.security.organisation import Row, Someone
from tests.security.rule_tables import LETTER_STEPS, RUN_STATES

LONG_AGO, LATELY = "2020-01-01T00:00:00+00:00", "2126-01-01T00:00:00+00:00"
RUN, LETTER, FILE = 920_000, 920_100, 920_200
RUNS = ("failed", "done", "missed")
LETTERS = ("waiting", "sending", "sent", "failed", "unsure", "dropped")
OPEN_FILE, NEW_FILE = FILE + 1, FILE + 2
LATE_LETTER = LETTER + 50


class ClockSteps:
    """A run and a letter in each state, and three files: sent long ago, with an open letter, and sent lately."""

    def __init__(self, lab: Lab, outcome: Outcome) -> None:
        self.lab = lab
        self.outcome = outcome
        known = lab.firm.signing_in
        self.people = [
            next(one for one in known if one.job == job) for job in sorted({str(one.job) for one in known})
        ]

    def run(self) -> None:
        """Compare every attempt."""
        with undone(self.lab.root):
            self._prepare()
            for one in self.people:
                for name, statement, should in self.attempts(one):
                    state, rows = attempt(self.lab.as_login(str(one.login)), statement)
                    # Nobody else sees a row: then nothing is changed, without a word.
                    does = state == "" and rows != [(0,)] if state in ("", DENIED) else state
                    self.outcome.expect(f"{one.login} {name}", should, does)

    def _prepare(self) -> None:
        root, maker = self.lab.root, next(iter(self.lab.firm.people))
        root.execute(b"RESET SESSION AUTHORIZATION")
        runs: list[Row] = [
            {
                "id": RUN + number,
                "rule": "clock",
                "due_key": f"k{number}",
                "due_at": LONG_AGO,
                "acted_at": LONG_AGO,
            }
            | {"state": state, "attempts": 2, "by_id": maker}
            for number, state in enumerate(RUNS)
        ]
        files: list[Row] = [
            {"id": FILE + number, "name": "x", "sha256": "0", "content": "\\x00", "made_at": made}
            for number, made in enumerate((LONG_AGO, LONG_AGO, LATELY))
        ]
        letters: list[Row] = [
            {
                "id": LETTER + number,
                "message_key": f"clock{number}",
                "channel": "mail",
                "target": "a",
                "subject": "s",
            }
            | {"body": "b", "state": state, "attempts": 2, "queued_at": LONG_AGO}
            | {"file_id": OPEN_FILE if state == "waiting" else FILE if state == "sent" else None}
            for number, state in enumerate(LETTERS)
        ]
        letters.append(
            letters[2] | {"id": LATE_LETTER, "message_key": "late", "queued_at": LATELY, "file_id": None}
        )
        put(root, "rule_run", runs)
        put(root, "outbox_file", files)
        put(root, "outbox", letters)

    def attempts(self, one: Someone) -> Iterator[tuple[str, str, bool]]:
        """Yield what is tried, the statement, and whether it should go through."""
        runs, admin = one.job in ("admin", "sales_ops"), one.job == "admin"
        for number, old in enumerate(RUNS):
            where = f"WHERE id = {RUN + number}"
            for new in RUNS:
                step = f"UPDATE rule_run SET state = '{new}', attempts = 3, by_id = {one.id} {where}"
                yield f"run {old} to {new}", step, runs and old == "failed" and new in RUN_STATES
            yield (
                f"run {old} by another",
                f"UPDATE rule_run SET retry_at = now(), by_id = NULL {where}",
                False,
            )
            yield f"run {old} undone", f"DELETE FROM rule_run {where}", False
            for column in ("due_key = 'other'", "due_at = now()", "subject = 'other'"):
                yield f"run {old} {column}", f"UPDATE rule_run SET {column}, by_id = {one.id} {where}", False
            forgotten = f"UPDATE rule_run SET attempts = 1, by_id = {one.id} {where}"
            yield f"run {old} attempts", forgotten, False
            erased = f"UPDATE rule_run SET subject = 'of [erased]' {where}"
            yield f"run {old} erased", erased, admin
        yield from self._letters(runs, admin)
        yield from self._files(runs)
        yield from self._added(one, runs)

    def _letters(self, runs: bool, admin: bool) -> Iterator[tuple[str, str, bool]]:
        for number, old in enumerate(LETTERS):
            where = f"WHERE id = {LETTER + number}"
            for new in LETTERS:
                step = f"UPDATE outbox SET state = '{new}', attempts = 3 {where}"
                yield f"letter {old} to {new}", step, runs and new in LETTER_STEPS.get(old, ())
            yield f"letter {old} away", f"DELETE FROM outbox {where}", False
            for column in (
                "target = 'b'",
                "body = 'other'",
                "subject = 's2'",
                "message_key = 'k'",
                "attempts = 1",
            ):
                yield f"letter {old} {column}", f"UPDATE outbox SET {column} {where}", False
            emptied = f"UPDATE outbox SET body = '' {where}"
            yield f"letter {old} emptied", emptied, runs and old in ("sent", "dropped")
            both = f"UPDATE outbox SET body = '', target = 'b' {where}"
            yield f"letter {old} emptied and sent elsewhere", both, False
            lately = f"UPDATE outbox SET body = '' WHERE id = {LATE_LETTER}"
            yield f"letter {old} of late emptied", lately, False
            erased = f"UPDATE outbox SET target = '[erased]', body = 'to [erased]' {where}"
            yield f"letter {old} erased", erased, admin

    def _files(self, runs: bool) -> Iterator[tuple[str, str, bool]]:
        for number, should in ((FILE, runs), (OPEN_FILE, False), (NEW_FILE, False)):
            emptied = f"UPDATE outbox_file SET content = '' WHERE id = {number}"
            yield f"file {number} emptied", emptied, should
            yield (
                f"file {number} other",
                f"UPDATE outbox_file SET content = '\\x01' WHERE id = {number}",
                False,
            )
            both = f"UPDATE outbox_file SET content = '', name = 'y' WHERE id = {number}"
            yield f"file {number} emptied and renamed", both, False
            yield f"file {number} hash", f"UPDATE outbox_file SET sha256 = '1' WHERE id = {number}", False
            yield f"file {number} away", f"DELETE FROM outbox_file WHERE id = {number}", False

    def _added(self, one: Someone, runs: bool) -> Iterator[tuple[str, str, bool]]:
        other = next(person for person in self.lab.firm.people if person != one.id)
        for state, attempts, by, should in (
            ("failed", 1, one.id, runs),
            ("failed", 1, other, False),
            ("failed", 2, one.id, False),
            ("done", 1, one.id, False),
        ):
            values = f"('new', 'new', now(), now(), '{state}', {attempts}, {by})"
            columns = "(rule, due_key, due_at, acted_at, state, attempts, by_id)"
            yield f"added {values}", f"INSERT INTO rule_run {columns} VALUES {values}", should
        for state, attempts, sent, should in (
            ("waiting", 0, "NULL", runs),
            ("waiting", 1, "NULL", False),
            ("waiting", 0, "now()", False),
            ("sent", 0, "NULL", False),
        ):
            values = f"('new', 'mail', 'a', 's', 'b', '{state}', {attempts}, now(), {sent})"
            columns = "(message_key, channel, target, subject, body, state, attempts, queued_at, sent_at)"
            yield f"added {values}", f"INSERT INTO outbox {columns} VALUES {values}", should
