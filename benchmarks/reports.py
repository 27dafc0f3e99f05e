"""Every ready report of a firm with 200,000 deals, on both databases: how long each takes, and that both say the same.

`python -m benchmarks reports` migrates the demo firm, multiplies its records in the database and fills each template
once for the last closed month. Printed per template: processor seconds of console and server together, seconds of the
clock, and the first figures of the SHA-256 of what it says; `same` tells whether both databases said that.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Connection, Integer, create_engine, func, insert, literal, null, select, text

from benchmarks.databases import Place, SqliteFiles, postgres
from benchmarks.measure import say
from desktop.cli.demo_run import migrate
from desktop.clock import FixedClock
from desktop.control import Control
from desktop.demo.calendar import DEMO_NOW
from desktop.demo.files import write_legacy_files
from desktop.demo.generate import generate_firm
from desktop.exporters.document import canonical_text
from desktop.models.base import Base
from desktop.periods import Period
from desktop.queries.report_parts import Asked
from desktop.queries.reports import TEMPLATES
from desktop.store.founding import FirstAdministrator
from desktop.store.open import initialise, open_workspace
from desktop.store.workspace import Work

COPIES = {
    "account": 8, "contact": 8, "lead": 8, "opportunity": 23, "stage_event": 23, "activity": 4, "quote": 23,
    "contract": 23, "payment_plan": 23, "payment": 23, "invoice": 23,
}  # fmt: skip
"""How many times each record of the demo firm stands in the large one: 9,000 deals become 207,000."""
SMOKE_COPIES = dict.fromkeys(COPIES, 2)
SCALE, SMOKE_SCALE = 1.0, 0.02
KEYS = ("external_id", "row_key", "dedup_key")
"""By these a source knows its record again: a copy comes from none."""
ADMIN = "boss"
BY_REGION = {"metrics": ["won_amount", "win_rate"], "rows": "region", "columns": "month", "chart": "table"}


def multiply(connection: Connection, copies: Mapping[str, int]) -> None:
    """Add copies of every record; a copy refers to the copies of what its original refers to."""
    tables = [Base.metadata.tables[name] for name in copies]
    spans = {
        table.name: connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        for table in tables
    }
    server = connection.dialect.name == "postgresql"
    if server:
        connection.execute(text("SET session_replication_role = replica"))
    for table in tables:
        first = select(literal(1, Integer).label("n")).cte("copy", recursive=True)
        copy = first.union_all(select(first.c.n + 1).where(first.c.n < copies[table.name] - 1))
        found: list[Any] = []
        for column in table.c:
            target = next((key.column.table.name for key in column.foreign_keys), "")
            if column.name == "id":
                found.append(column + copy.c.n * spans[table.name])
            elif target in copies:
                found.append(column + copy.c.n % copies[target] * spans[target])
            elif column.name in KEYS:
                found.append(null())
            else:
                found.append(column)
        chosen = select(*found).select_from(table.join(copy, literal(True)))
        connection.execute(insert(table).from_select([column.name for column in table.c], chosen))
    if server:  # which does so by itself, after a while
        connection.execute(text("ANALYZE"))


def fill(place: Place, folder: Path, copies: Mapping[str, int]) -> None:
    """Make a database, migrate the files of a folder and multiply what they hold."""
    clock = FixedClock(DEMO_NOW)
    server = place.theirs.startswith("postgresql")
    initialise(place.ours, clock, first=FirstAdministrator(ADMIN, "Boss") if server else None)
    workspace = open_workspace(address(place), clock=clock)
    try:
        migrate(workspace, folder, Control())
    finally:
        workspace.close()
    engine = create_engine(place.theirs)
    with engine.begin() as connection:
        multiply(connection, copies)
    engine.dispose()


def address(place: Place) -> str:
    """Return where the administrator finds a database."""
    if not place.theirs.startswith("postgresql"):
        return place.ours
    return place.ours.replace("//postgres:@", f"//{ADMIN}:@").replace("//postgres@", f"//{ADMIN}@")


def measured(place: Place, only: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Return processor seconds, seconds of the clock and a hash of the content, template by template."""
    workspace = open_workspace(address(place), clock=FixedClock(DEMO_NOW))
    try:
        return {
            name: _one(partial(workspace.read, partial(_filled, name=name))) for name in only or TEMPLATES
        }
    finally:
        workspace.close()


def _filled(work: Work, name: str) -> tuple[float, float, str]:
    month = Period.month_of(work.today).shift(-1)
    person = work.rows(
        text("SELECT owner_id FROM account GROUP BY owner_id ORDER BY count(*) DESC, owner_id")
    )
    asked = Asked(month, person_id=person[0][0] if TEMPLATES[name].needs_person else None)
    asked = replace(asked, question=BY_REGION if TEMPLATES[name].needs_question else None)
    server = None
    if work.connection.dialect.name == "postgresql":
        work.session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
        server = psutil.Process(work.session.execute(text("SELECT pg_backend_pid()")).scalar_one())
    begun, used = time.perf_counter(), _processor(server)
    document = TEMPLATES[name].fill(work, asked)
    spent, seconds = _processor(server) - used, time.perf_counter() - begun
    return spent, seconds, hashlib.sha256(canonical_text(document).encode()).hexdigest()[:12]


def _processor(server: psutil.Process | None) -> float:
    theirs = server.cpu_times() if server else None
    return time.process_time() + (theirs.user + theirs.system if theirs else 0.0)


def _one(ask: Callable[[], tuple[float, float, str]]) -> dict[str, Any]:
    spent, seconds, content = ask()
    return {"processor_seconds": round(spent, 2), "seconds": round(seconds, 2), "content": content}


def main(arguments: list[str] | None = None) -> None:
    """Measure on SQLite and on PostgreSQL (with --smoke a small firm on SQLite), and print the result."""
    parser = argparse.ArgumentParser(prog="benchmarks.reports", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a small firm, on SQLite alone")
    options = parser.parse_args(arguments)
    scale, copies = (SMOKE_SCALE, SMOKE_COPIES) if options.smoke else (SCALE, COPIES)
    with tempfile.TemporaryDirectory(prefix="plumbline-reports-") as named:
        folder = Path(named)
        firm = generate_firm(scale)
        write_legacy_files(firm, folder / "legacy", scale)
        found = {"sqlite": _on(SqliteFiles(folder), folder, copies)}
        if not options.smoke:
            with postgres(folder) as server:
                found["postgresql"] = _on(server, folder, copies)
    one, *others = ({name: row["content"] for name, row in rows.items()} for rows in found.values())
    say("reports", {"templates": found, "same": all(one == other for other in others)})


def _on(databases: Any, folder: Path, copies: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    place = databases.empty()
    fill(place, folder / "legacy", copies)
    return measured(place)
