"""Does partitioning by month pay? The same activities in one table and in monthly partitions, side by side.

`python -m benchmarks partitions` fills both with N rows over three years and asks of each what pages ask: one
customer's newest activities, one owner's month, the whole firm's month, the row of a number; and adds rows. It prints
one JSON document with milliseconds of both and the ratio (above 1: partitions are slower).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import LiteralString

import psycopg

from benchmarks.databases import postgres
from benchmarks.measure import machine

ROWS, SMOKE_ROWS, MONTHS, REPEATS = 1_000_000, 20_000, 37, 15

_COLUMNS = "id bigint NOT NULL, account_id bigint, owner_id bigint, occurred_on date NOT NULL, effective boolean, subject text"
_FILL = """INSERT INTO {table} SELECT v, 1 + v % {accounts}, 1 + v % 400, date '2024-01-01' + (v % 1095)::int,
    v % 3 < 2, 'Subject ' || v FROM generate_series({first}, {last}) v"""
_ASKED: dict[str, LiteralString] = {
    "one_customers_newest": "SELECT * FROM {table} WHERE account_id = 77 ORDER BY occurred_on DESC LIMIT 50",
    "one_owners_month": "SELECT count(*) FROM {table} WHERE owner_id = 7 AND occurred_on BETWEEN '2026-03-01' AND '2026-03-31'",
    "the_firms_month": "SELECT owner_id, count(*) FROM {table} WHERE occurred_on BETWEEN '2026-03-01' AND '2026-03-31' GROUP BY 1",
    "a_row_by_number": "SELECT * FROM {table} WHERE id = 4711",
}


def prepare(connection: psycopg.Connection[tuple[object, ...]], rows: int) -> None:
    """Make and fill both tables, with the same indexes."""
    connection.execute(f"CREATE TABLE one ({_COLUMNS}, PRIMARY KEY (id))")
    connection.execute(
        f"CREATE TABLE monthly ({_COLUMNS}, PRIMARY KEY (id, occurred_on)) PARTITION BY RANGE (occurred_on)"
    )
    for month in range(MONTHS):
        bounds = [f"date '2024-01-01' + interval '{month + more} month'" for more in (0, 1)]
        connection.execute(
            f"DO $$ BEGIN EXECUTE format('CREATE TABLE m{month} PARTITION OF monthly FOR VALUES FROM (%L) TO (%L)',"
            f" ({bounds[0]})::date, ({bounds[1]})::date); END $$"
        )
    for table in ("one", "monthly"):
        connection.execute(f"CREATE INDEX ON {table} (account_id, occurred_on)")
        connection.execute(f"CREATE INDEX ON {table} (owner_id, occurred_on)")
        connection.execute(f"CREATE INDEX ON {table} (occurred_on)")
        connection.execute(_FILL.format(table=table, accounts=rows // 10, first=1, last=rows))
    connection.execute("VACUUM ANALYZE")


def median_ms(connection: psycopg.Connection[tuple[object, ...]], statement: str, repeats: int) -> float:
    """Return the median milliseconds of a statement."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        connection.execute(statement).fetchall()
        times.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(times), 2)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="partitions", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="few rows, once")
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args(arguments)
    rows, repeats = (SMOKE_ROWS, 1) if options.smoke else (options.rows, REPEATS)
    found: dict[str, dict[str, float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres(Path(folder)) as server,
        psycopg.connect(server.empty().ours, autocommit=True) as connection,
    ):
        prepare(connection, rows)
        for name, statement in _ASKED.items():
            ms = [
                median_ms(connection, statement.format(table=table), repeats) for table in ("one", "monthly")
            ]
            found[name] = {"one": ms[0], "monthly": ms[1], "ratio": round(ms[1] / max(ms[0], 0.01), 2)}
        added = []
        for table in ("one", "monthly"):
            begun = time.perf_counter()
            connection.execute(
                _FILL.format(table=table, accounts=rows // 10, first=rows + 1, last=rows + rows // 10)
            )
            added.append((time.perf_counter() - begun) * 1000)
        found["add_a_tenth"] = {
            "one": round(added[0]),
            "monthly": round(added[1]),
            "ratio": round(added[1] / added[0], 2),
        }
    print(json.dumps({"partitions": found, "rows": rows, "machine": machine()}, indent=1))
