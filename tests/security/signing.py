"""Signatures of one request, tried by everybody in every way, against a list in plain Python of what should go through."""

from __future__ import annotations

from collections.abc import Iterator

from tests.security.firms import put
from tests.security.lab import Lab, attempt, undone
from tests.security.matrix import DENIED, Outcome
from tests.security.organisation import Row, Someone

NOW = "2026-11-18T01:00:00+00:00"
OLDER, FLOW, DRAFT, REQUEST, DECIDED = 910_001, 910_002, 910_003, 910_010, 910_011
DIRECTOR_TASK, FINANCE_TASK, OPS_TASK = 910_020, 910_021, 910_022
MEANWHILE = "PL012"
STAMPS = {"version": 1, "recorded_at": NOW, "changed_at": NOW}


def above(bound: int) -> Row:
    """Return the condition that an amount is more than this."""
    return {"fact": "amount", "comparison": ">", "value": bound, "threshold": None}


class Signing:
    """A request of a rep: a director first, then finance and sales operations, one after the other."""

    def __init__(self, lab: Lab, outcome: Outcome) -> None:
        self.lab = lab
        self.outcome = outcome
        known = lab.firm.signing_in
        self.by_job = {
            job: next(one for one in known if one.job == job)
            for job in sorted({str(one.job) for one in known})
        }
        self.rep = self.by_job["rep"]
        self.friend = next(one for one in known if one.job == "rep" and one.id != self.rep.id)

    def run(self) -> None:
        """Compare every attempt."""
        with undone(self.lab.root):
            self._prepare()
            for one in (*self.by_job.values(), self.friend, *self._gone()):
                for name, statement, should in self.attempts(one):
                    self._expect(one, name, statement, should)
            self._advanced()

    def _gone(self) -> Iterator[Someone]:
        return (one for one in self.lab.firm.people.values() if one.job and not self.lab.firm.is_open(one.id))

    def _expect(self, one: Someone, name: str, statement: str, should: bool) -> None:
        state, _ = attempt(self.lab.as_login(str(one.login)), statement)
        does = state == "" if state in ("", DENIED, MEANWHILE) else state
        self.outcome.expect(f"{one.login} {name}", should, does)

    def _prepare(self) -> None:
        root = self.lab.root
        tables = ("approval_flow", "approval_level", "approval_request", "approval_task", "deputy")
        root.execute(b"RESET SESSION AUTHORIZATION")
        for table in tables:
            root.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
            put(root, table, self._rows(table))
            root.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())

    def _rows(self, table: str) -> list[Row]:
        flow = {"kind": "signing", "name": "x", "activated_at": NOW, **STAMPS}
        level = {"flow_id": FLOW, "name": "x", "around_the_clock": False, "escalate_to": "role:finance"}
        level |= {"conditions": []}
        request = {
            "kind": "signing", "title": "x", "flow_id": FLOW, "levels": [1, 2], "facts": {"amount": 5},
            "requested_by_id": self.rep.id, "requested_at": NOW, **STAMPS,
        }  # fmt: skip
        request |= {"decided_by_id": None, "decided_at": None}
        task = {"request_id": REQUEST, "state": "waiting", "opened_at": NOW, "due_at": NOW, **STAMPS}
        director = self.by_job["director"].id
        rows: dict[str, list[Row]] = {
            "approval_flow": [
                flow | {"id": OLDER},
                flow | {"id": FLOW},
                flow | {"id": DRAFT, "activated_at": None},
            ],
            "approval_level": [
                level | {"id": 1_910_001, "number": 1, "mode": "any", "approvers": ["role:director"]},
                level | {"id": 1_910_002, "number": 2, "mode": "sequence",
                         "approvers": ["role:finance", "role:sales_ops"],
                         "conditions": [above(4), above(3)]},
                level | {"id": 1_910_003, "number": 3, "mode": "any", "approvers": ["role:admin"],
                         "conditions": [above(4), above(9)]},
            ],
            "approval_request": [
                request | {"id": REQUEST, "state": "waiting"},
                request | {"id": DECIDED, "state": "approved", "decided_by_id": director, "decided_at": NOW},
            ],
            "approval_task": [
                task | {"id": DIRECTOR_TASK, "number": 1, "slot": "role:director"},
                task | {"id": FINANCE_TASK, "number": 2, "slot": "role:finance"},
                task | {"id": OPS_TASK, "number": 2, "slot": "role:sales_ops"},
                task | {"id": OPS_TASK + 1, "request_id": DECIDED, "number": 1, "slot": "role:director"},
            ],
            "deputy": [
                self._deputy(930_001, director, self.friend.id, "2000-01-01", "2099-12-31"),
                self._deputy(930_002, director, self.rep.id, "2000-01-01", "2099-12-31"),
                self._deputy(930_003, director, self.by_job["finance"].id, "2000-01-01", "2000-12-31"),
            ],
        }  # fmt: skip
        return rows[table]

    @staticmethod
    def _deputy(number: int, person: int, deputy: int, first: str, last: str) -> Row:
        return {
            "id": number, "person_id": person, "deputy_id": deputy, "starts_on": first, "ends_on": last, **STAMPS
        }  # fmt: skip

    def attempts(self, one: Someone) -> Iterator[tuple[str, str, bool]]:
        """Return what somebody tries while the director's signature is waited for, and whether it should go through."""
        director = self.by_job["director"].id
        open_ = self.lab.firm.is_open(one.id)
        is_director, is_rep = one.id == director, one.id == self.rep.id

        def sign(task: int, decision: str = "approved", behalf: object = "NULL", why: str = "NULL") -> str:
            return f"SELECT plumbline.sign({task}, '{decision}', {behalf}, {why}, NULL)"

        in_name = is_director or one.id == self.friend.id
        yield "approves", sign(DIRECTOR_TASK), is_director
        yield "approves for the director", sign(DIRECTOR_TASK, behalf=director), in_name
        yield "approves for the requester", sign(DIRECTOR_TASK, behalf=self.rep.id), False
        yield "rejects without a reason", sign(DIRECTOR_TASK, "rejected"), False
        yield "rejects", sign(DIRECTOR_TASK, "rejected", why="'no'"), is_director
        yield "skips", sign(DIRECTOR_TASK, "skipped", why="'no'"), False
        yield "approves ahead", sign(FINANCE_TASK), False
        yield "approves what is decided", sign(OPS_TASK + 1), False
        yield "approves nothing", sign(1), False
        for name, signer, fit in (
            ("the requester", self.rep.id, False),
            ("oneself", one.id, False),
            ("a friend", self.friend.id, is_director),
            ("the auditor", self.by_job["auditor"].id, False),
        ):
            call = f"SELECT plumbline.add_signer({DIRECTOR_TASK}, NULL, {signer}, NULL)"
            yield f"adds {name}", call, fit
        yield "withdraws", f"SELECT plumbline.withdraw({REQUEST}, NULL)", is_rep
        yield "withdraws what is decided", f"SELECT plumbline.withdraw({DECIDED}, NULL)", False
        yield "holds", f"SELECT plumbline.hold_request({REQUEST})", open_ and one.job != "auditor"
        yield from self._asking(one, open_ and one.job != "auditor")

    def _asking(self, one: Someone, may: bool) -> Iterator[tuple[str, str, bool]]:
        large = '{"amount": 5}'
        for name, flow, levels, state, facts, fit in (
            ("asks", FLOW, "[1, 2]", "waiting", large, True),
            ("asks without facts", FLOW, "[1, 2, 3]", "waiting", "[]", False),
            ("asks for what is small", FLOW, "[1]", "waiting", '{"amount": 4}', True),
            ("asks without saying how much", FLOW, "[1, 2]", "waiting", "{}", False),
            ("leaves a level out", FLOW, "[1]", "waiting", large, False),
            ("asks by an older flow", OLDER, "[]", "waiting", large, False),
            ("asks by a draft", DRAFT, "[]", "waiting", large, False),
            ("asks with an answer", FLOW, "[1, 2]", "approved", large, False),
        ):
            yield (
                name,
                "INSERT INTO approval_request (kind, title, flow_id, levels, facts, payload, state, requested_by_id,"
                f" requested_at, recorded_at, changed_at) VALUES ('signing', 'x', {flow}, '{levels}', '{facts}',"
                f" '{{}}', '{state}', {one.id}, now(), now(), now())",
                fit and may,
            )

    def _advanced(self) -> None:
        """After the director: finance before sales operations, and whoever an overdue signature went on to."""
        root = self.lab.as_login("postgres")
        root.execute(f"UPDATE approval_task SET state = 'approved' WHERE id = {DIRECTOR_TASK}".encode())
        finance, operations = self.by_job["finance"], self.by_job["sales_ops"]
        say = "SELECT plumbline.sign({}, 'approved', NULL, NULL, NULL)"
        self._expect(operations, "signs out of turn", say.format(OPS_TASK), False)
        self._expect(finance, "signs in turn", say.format(FINANCE_TASK), True)
        self._expect(self.by_job["director"], "signs for finance", say.format(FINANCE_TASK), False)
        root = self.lab.as_login("postgres")
        root.execute(f"UPDATE approval_task SET state = 'approved' WHERE id = {FINANCE_TASK}".encode())
        self._expect(operations, "signs last", say.format(OPS_TASK), True)
        root = self.lab.as_login("postgres")
        root.execute(
            f"UPDATE person SET role = 'sales_ops' WHERE id = {self.friend.id}".encode()
        )  # a record that says so makes no sales operations of a login
        self._expect(self.friend, "signs by a record", say.format(OPS_TASK), False)
