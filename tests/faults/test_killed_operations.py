"""kill -9 at any moment of what people do besides imports: all of it is there, or nothing (cases 20, 21).

What an operation leaves behind is learned from one that ends well: how many rows of which table are new, gone and
changed. After a kill exactly that is found, or no difference at all.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from desktop.clock import FixedClock
from desktop.models import Base
from desktop.models.handovers import Handover
from desktop.models.merges import RecordMerge
from desktop.operations.approvals import approve_report, withdraw_report
from desktop.operations.duplicates import unmerge
from desktop.operations.handover import undo_handover
from desktop.operations.reports import draft_report, submit_report
from desktop.periods import Period
from desktop.queries.report_parts import Asked
from desktop.queries.verification import verify_workbook
from desktop.store.integrity import problems
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role, Verdict
from tests.conftest import FULL, PROJECT
from tests.databases import ADMIN, Place
from tests.maker import Maker
from tests.store.loading.hand_made import load
from tests.store.loading.test_apply import a_small_firm

KILLS = int(os.environ.get("PLUMBLINE_KILLS", "0")) or (626 if FULL else 1)
"""Per operation and kind of database: 8 operations × 2 × 626 = 10,016 with PLUMBLINE_FULL=1."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no servers are killed on Windows")

Rows = dict[str, dict[object, int]]
Difference = dict[str, tuple[int, int, int]]


class Doer:
    """The process that carries operations out."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"}
        # Without a vault an export is one operation; with one, a person's first is preceded by making the key.
        environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.doer"],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(
        self, place: Place, login: str, what: str, arguments: dict[str, Any], seconds: float | None
    ) -> dict[str, Any]:
        """Carry out an operation, ended after so many seconds; return how it ended."""
        where = place.where_for(login)
        if not place.is_sqlite:
            where += f"{'&' if '?' in where else '?'}application_name=killed"
        asked = {
            "database": where,
            "login": login if place.is_sqlite else None,
            "what": what,
            "arguments": arguments,
            "seconds": seconds,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert answer["ended"] <= 0, "the operation failed by itself; see above"
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@pytest.fixture(scope="module")
def doer() -> Iterator[Doer]:
    one = Doer()
    yield one
    one.close()


@dataclass
class Bench:
    """A database, the people at it, and what an operation needs to be done once more."""

    place: Place
    admin: Workspace
    director: Workspace
    make: Maker
    twins: tuple[int, int]
    colleagues: tuple[int, int]
    folder: Path
    known: dict[str, Any] = field(default_factory=dict)

    def submitted(self) -> int:
        asked = Asked(Period.parse("2026-11"))
        number = self.admin.write(lambda work: draft_report(work, "funnel", asked)).id
        self.admin.write(lambda work: submit_report(work, number))
        return number

    def rows(self) -> Rows:
        """Return every row of every table, by its key, as one number."""

        def look(work: Work) -> Rows:
            found: Rows = {}
            for table in Base.metadata.sorted_tables:
                keys = list(table.primary_key.columns)
                lines = work.session.execute(select(*keys, *table.columns)).all()
                found[table.name] = {tuple(line[: len(keys)]): hash(repr(tuple(line))) for line in lines}
            return found

        return self.admin.read(look)

    def quiet(self) -> None:
        """Wait until the server has noticed that a killed client is gone, and is done with its last words."""
        if self.place.is_sqlite:
            return
        url = self.place.url.set(drivername="postgresql", username="postgres")
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'killed' AND datname = current_database()"
            while connection.execute(query).fetchone() != (0,):
                pass


def difference(before: Rows, after: Rows) -> Difference:
    """Return per table how many rows are new, gone and changed; nothing of tables that are the same."""
    found = {}
    for name, old in before.items():
        new = after[name]
        counts = (
            len(new.keys() - old.keys()),
            len(old.keys() - new.keys()),
            sum(old[key] != new[key] for key in old.keys() & new.keys()),
        )
        if any(counts):
            found[name] = counts
    return found


@dataclass(frozen=True)
class Kind:
    """How an operation is made ready, and made undone so that it can be done again."""

    ready: Callable[[Bench], dict[str, Any]]
    login: str = ADMIN
    again: Callable[[Bench, dict[str, Any]], dict[str, Any]] | None = None
    """What is done after it came about; without it, `ready` again."""


def _draft(bench: Bench) -> dict[str, Any]:
    number = bench.submitted()
    bench.admin.write(lambda work: withdraw_report(work, number))
    return {"report": number}


def _withdrawn(bench: Bench, arguments: dict[str, Any]) -> dict[str, Any]:
    bench.admin.write(lambda work: withdraw_report(work, arguments["report"]))
    return arguments


def _approved(bench: Bench) -> dict[str, Any]:
    number = bench.submitted()
    bench.director.write(lambda work: approve_report(work, number))
    return {"report": number, "path": str(bench.folder / f"{number}.xlsx")}


def _split(bench: Bench, arguments: dict[str, Any]) -> dict[str, Any]:
    newest = select(RecordMerge.id).order_by(RecordMerge.id.desc()).limit(1)
    number = bench.admin.read(lambda work: work.session.execute(newest).scalar_one())
    bench.admin.write(lambda work: unmerge(work, number))
    return arguments


def _given_back(bench: Bench, arguments: dict[str, Any]) -> dict[str, Any]:
    newest = select(Handover.id).order_by(Handover.id.desc()).limit(1)
    number = bench.admin.read(lambda work: work.session.execute(newest).scalar_one())
    bench.admin.write(lambda work: undo_handover(work, number))
    return arguments


def _threshold(bench: Bench) -> dict[str, Any]:
    days = bench.known["days"] = bench.known.get("days", 0) + 1
    return {"value": str(11 + days % 70), "since": (date(2026, 11, 18) + timedelta(days=days)).isoformat()}


def _event(bench: Bench) -> dict[str, Any]:
    bench.known["event"] = bench.known.get("event", 0) + 1
    return {"name": f"放假 {bench.known['event']}"}


KINDS = {
    "submit": Kind(_draft, again=_withdrawn),
    "approve": Kind(lambda bench: {"report": bench.submitted()}, login="zhou"),
    "export": Kind(_approved),
    "merge": Kind(lambda bench: dict(zip(("into", "other"), bench.twins, strict=True)), again=_split),
    "undo": Kind(lambda bench: {"run": load(bench.admin, *a_small_firm()).run}),
    "configure": Kind(_threshold),
    "mark_calendar": Kind(_event),
    "handover": Kind(
        lambda bench: dict(zip(("leaver", "receiver"), bench.colleagues, strict=True)), again=_given_back
    ),
}


@pytest.fixture
def bench(place: Place, clock: FixedClock, tmp_path: Path) -> Bench:
    admin = place.open(clock=clock)
    make = Maker(admin)
    make.person("周总监", Role.DIRECTOR, login="zhou")
    owner = make.person("安", Role.REP, login="an_killed")
    one = make.account("杭州恒泰科技有限公司", owner, phone="+8657188001234")
    two = make.account("杭州恒泰科技（有限）公司", owner)
    make.deal("泵", one, owner=owner, amount=100)
    make.deal("阀", two, owner=owner, amount=200)
    colleagues = (owner, make.person("宁", Role.REP))
    return Bench(place, admin, place.open("zhou", clock), make, (one, two), colleagues, tmp_path)


@pytest.mark.parametrize("what", KINDS)
def test_killed_at_a_random_moment(bench: Bench, doer: Doer, what: str) -> None:
    kind = KINDS[what]
    arguments = kind.ready(bench)
    before = bench.rows()
    took = doer.ask(bench.place, kind.login, what, arguments, None)["took"]
    whole = difference(before, bench.rows())
    assert whole.get("operation") == (1, 0, 0), "it ended well, and says so"
    rng = random.Random(f"{what} 21")
    killed = done = 0
    while killed < KILLS:
        if done == killed == 0 or bench.known.pop("came about", False):
            arguments = kind.again(bench, arguments) if kind.again else kind.ready(bench)
            before = bench.rows()
        ended = doer.ask(bench.place, kind.login, what, arguments, rng.uniform(0.001, took * 1.2))["ended"]
        bench.quiet()
        found = difference(before, bench.rows())
        assert found in ({}, whole), f"half-done: {found} instead of {whole}"
        assert found or ended < 0, "it ended well, and nothing is there"
        killed += ended < 0
        done += bool(found)
        bench.known["came about"] = bool(found)
        if what == "export":
            _check_file(bench, arguments, was_registered=bool(found))
    assert bench.admin.read(problems) == []
    print(f"{what}: {killed} killed; {done} had come about")


def _check_file(bench: Bench, arguments: dict[str, Any], *, was_registered: bool) -> None:
    """A workbook that is there is whole and registered."""
    path = Path(arguments["path"])
    if path.exists():
        assert was_registered
        content = path.read_bytes()
        found = bench.admin.read(lambda work: verify_workbook(work, content, path.name))
        assert found.verdict == Verdict.GENUINE
