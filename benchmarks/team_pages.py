"""What each page costs as the firm grows, by role, under row-level security, on PostgreSQL.

`python -m benchmarks team_pages` fills firms of 10^4, 10^5 and 10^6 activities (`--to 10000000` one more) and asks
every page's queries as a rep, a city manager, a regional manager and a director over their own logins. It prints
one JSON document: median milliseconds by size, role and page, and how much each grows from one size to the next.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.databases import Place, postgres
from benchmarks.firm_rows import ROLES, Size, fill
from benchmarks.measure import machine
from desktop.periods import Period
from desktop.queries.account_detail import account_view
from desktop.queries.customers import account_count, account_rows, customer_figures
from desktop.queries.deals import deal_rows
from desktop.queries.funnel import funnel_steps
from desktop.queries.handover import handover
from desktop.queries.handover_people import people_with_customers
from desktop.queries.rows import RowRequest
from desktop.queries.scope import Scope
from desktop.queries.search import search_hits
from desktop.queries.targets import target_view
from desktop.queries.today import today_view
from desktop.store.founding import FirstAdministrator
from desktop.store.open import initialise, open_workspace
from desktop.store.workspace import Work

SIZES = (10_000, 100_000, 1_000_000)
SMOKE = (2_000,)
REPEATS = 5


def pages(scope: Scope) -> dict[str, Callable[[Work], object]]:
    """Return what each page asks when it is opened."""
    return {
        "today": lambda work: today_view(work, scope=scope),
        "customers_list": lambda work: account_rows(work, scope=scope, request=RowRequest(limit=100)),
        "customers_count": lambda work: account_count(work, scope=scope, filters={}),
        "customers_figures": lambda work: customer_figures(work, scope=scope),
        "customer": lambda work: account_view(work, _some_account(work)),
        "search": lambda work: search_hits(work, "count 77"),
        "funnel": lambda work: funnel_steps(work, period=scope.period),
        "deals": lambda work: deal_rows(work, pipeline_id=_pipeline(work), request=RowRequest(limit=100)),
        "targets": lambda work: target_view(work, period=scope.period),
        "handover_people": people_with_customers,
        "handover": lambda work: handover(work, 10 + ROLES["rep"]),
    }


def _some_account(work: Work) -> int:
    return int(
        account_rows(work, scope=Scope(Period.month_of(work.today)), request=RowRequest(limit=1))[0].id
    )


def _pipeline(work: Work) -> int:
    from sqlalchemy import text

    return int(work.session.execute(text("SELECT min(pipeline_id) FROM opportunity")).scalar_one() or 1)


def measured(place: Place, repeats: int) -> dict[str, dict[str, float]]:
    """Return the median milliseconds of each page by role."""
    found: dict[str, dict[str, float]] = {}
    for role, number in ROLES.items():
        url = place.ours.replace("postgres:@", f"p{number}:@").replace("//postgres@", f"//p{number}@")
        workspace = open_workspace(url)
        try:
            scope = workspace.read(lambda work: Scope(Period.month_of(work.today)))
            found[role] = {
                name: _median(partial(workspace.read, ask), repeats) for name, ask in pages(scope).items()
            }
        finally:
            workspace.close()
    return found


def _median(act: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(times), 1)


def filled(server: Any, size: Size) -> Place:
    """Return a new database with a firm of that size."""
    place: Place = server.empty()
    initialise(place.ours, first=FirstAdministrator("ada", "Ada"))
    with psycopg.connect(place.ours, autocommit=True) as superuser:
        fill(superuser, size)
    return place


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="team_pages", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="one small firm, once")
    parser.add_argument("--to", type=int, default=0, help="one more firm, of so many activities")
    options = parser.parse_args(arguments)
    sizes = SMOKE if options.smoke else (*SIZES, *([options.to] if options.to else []))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, postgres(Path(folder)) as server:
        for rows in sizes:
            size = Size(rows)
            begun = time.perf_counter()
            place = filled(server, size)
            found[str(rows)] = {
                "people": size.people,
                "accounts": size.accounts,
                "deals": size.deals,
                "fill_seconds": round(time.perf_counter() - begun, 1),
                "ms": measured(place, 1 if options.smoke else REPEATS),
            }
    print(json.dumps({"team_pages": found, "growth": growth(found), "machine": machine()}, indent=1))


def growth(found: dict[str, Any]) -> dict[str, Any]:
    """Return how many times as long each page takes in the largest firm as in the smallest, by role."""
    first, *_, last = [next(iter(found.values())), *found.values()]
    return {
        role: {page: round(last["ms"][role][page] / max(before, 0.1), 1) for page, before in pages_of.items()}
        for role, pages_of in first["ms"].items()
    }
