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
    best, processor = 0.0, 0.0
    for _ in range(3):
        began, used = time.perf_counter(), time.process_time()
        checked = workspace.read(lambda work: verify_chain(work.connection))
        assert not checked.count, checked.findings
        seconds, mine = time.perf_counter() - began, time.process_time() - used
        if checked.entries / seconds > best:
            best, processor = checked.entries / seconds, checked.entries / mine
    return {
        "entries": checked.entries,
        "verified_per_second": round(best),
        "verified_per_processor_second_of_the_console": round(processor),
        "written_per_second_in_one_transaction": round(bulk),
        "transactions_per_second_of_eight_clients": round(apart),
    }


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
