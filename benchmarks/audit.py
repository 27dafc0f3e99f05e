"""How fast the audit trail is written by eight clients, and verified (security 43; issue: 400,000 rows a second).

`python -m benchmarks audit` measures SQLite and, where a server starts, PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from desktop.store.audit_check import verify_chain
from desktop.store.workspace import Work, Workspace
from tests.databases import Place, SqliteHost

CLIENTS = 8


def main(arguments: list[str]) -> None:
    """Measure and print one JSON document per database."""
    parser = argparse.ArgumentParser(prog="audit")
    parser.add_argument("--smoke", action="store_true")
    size = 20_000 if parser.parse_args(arguments).smoke else 500_000
    os.environ["LOGNAME"] = "admin"  # the first person of a SQLite file
    with tempfile.TemporaryDirectory() as folder:
        for kind, host in _hosts(Path(folder)):
            place = host.fresh(Path(folder))
            try:
                print(json.dumps({"benchmark": "audit", "database": kind, **_measured(place, size)}))
            finally:
                host.drop(place)
                leave = getattr(host, "leave", None)
                if leave:
                    leave()


def _hosts(folder: Path) -> Any:
    sqlite = folder / "sqlite"
    sqlite.mkdir()
    yield "sqlite", SqliteHost(sqlite)
    from tests.postgres import PostgresHost

    host = PostgresHost(folder / "server")
    host.prepare()
    yield "postgresql", host


def _measured(place: Place, size: int) -> dict[str, Any]:
    workspace = place.open()
    began = time.perf_counter()
    workspace.write(partial(_fill, size))
    bulk = size / (time.perf_counter() - began)
    apart = _clients(place, 20 if size < 100_000 else 200)
    entries, best = _verified(workspace, size // 10)
    _, alone = _verified(workspace, 10 * size)
    floor = _floor()
    return {
        "entries": entries,
        "processors": os.cpu_count(),
        "verified_per_second": round(best),
        "verified_per_second_by_one_process": round(alone),
        "two_bare_sha256_per_entry_and_nothing_else": round(floor),
        "share_of_that": round(best / floor, 2),
        "written_per_second_in_one_transaction": round(bulk),
        "transactions_per_second_of_eight_clients": round(apart),
    }


def _verified(workspace: Workspace, worth: int) -> tuple[int, float]:
    """Return how many entries there are, and how many are verified in a second, the best of three times."""
    best = 0.0
    for _ in range(3):
        began = time.perf_counter()
        checked = workspace.read(lambda work: verify_chain(work.connection, worth=worth))
        assert not checked.count, checked.findings
        best = max(best, checked.entries / (time.perf_counter() - began))
    return checked.entries, best


def _floor() -> float:
    """Return how often in a second one process hashes an entry's text and its details, which lie ready."""
    entry, details, best = b"x" * 160, b"x" * 120, 0.0
    for _ in range(3):
        began = time.perf_counter()
        for _each in range(200_000):
            sha256(entry).hexdigest()
            sha256(details).hexdigest()
        best = max(best, 200_000 / (time.perf_counter() - began))
    return best


def _fill(size: int, work: Work) -> None:
    for number in range(size):
        work.audit(
            "change_account", "account", number % 5_000, name="示例泵业", before={"city": "上海"}, rows=number
        )


def _clients(place: Place, each: int) -> float:
    spaces = [place.open() for _ in range(CLIENTS)]
    barrier = threading.Barrier(CLIENTS + 1)

    def client(workspace: Workspace) -> None:
        barrier.wait()
        for number in range(each):
            workspace.write(partial(_one, number))

    threads = [threading.Thread(target=client, args=(space,)) for space in spaces]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return CLIENTS * each / (time.perf_counter() - began)


def _one(number: int, work: Work) -> None:
    work.audit("change_account", "account", number, name="示例泵业")
