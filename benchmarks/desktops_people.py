"""Some of the desktops of `benchmarks.desktops`, in a process of their own: reads what to do, writes what was done, as JSON."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy.engine import make_url

from desktop.errors import UserError
from desktop.operations.deals import StuckAction, plan_stuck_action
from desktop.periods import Period
from desktop.queries.account_detail import account_view
from desktop.queries.customers import account_count, account_rows, customer_figures
from desktop.queries.deals import deal_rows
from desktop.queries.funnel import funnel_steps
from desktop.queries.pipelines import pipeline_list
from desktop.queries.rows import RowRequest
from desktop.queries.scope import Scope
from desktop.queries.search import search_hits
from desktop.queries.targets import target_view
from desktop.queries.today import today_view
from desktop.store.listening import Told
from desktop.store.open import open_workspace
from desktop.store.workspace import Work, Workspace

REST = 10
"""A page that is read again for somebody else's sake rests so many times as long as that takes, as `views.live` has it."""
HABITS = {"today": 3, "customers": 4, "customer": 5, "search": 2, "pipeline": 4, "targets": 2, "save": 1}
"""How often each is done: a save is one act of twenty-one, every three or four minutes."""


@dataclass
class Desktop:
    """One console and the person before it."""

    workspace: Workspace
    chance: random.Random
    news: threading.Event = field(default_factory=threading.Event)
    customers: list[int] = field(default_factory=list)
    deals: list[int] = field(default_factory=list)

    def act(self, page: str) -> None:
        """Do what opening a page, or saving, does."""
        getattr(self, f"_{page}")()

    def _read(self, query: Callable[[Work], Any]) -> Any:
        return self.workspace.read(query)

    @property
    def _scope(self) -> Scope:
        return Scope(Period.month_of(self.workspace.clock.now().date()))

    def _today(self) -> None:
        self._read(lambda work: today_view(work, scope=self._scope))

    def _customers(self) -> None:
        scope = self._scope
        rows = self._read(lambda work: account_rows(work, scope=scope, request=RowRequest(limit=100)))
        self.customers = [row.id for row in rows]
        self._read(lambda work: account_count(work, scope=scope, filters={}))
        self._read(lambda work: customer_figures(work, scope=scope))

    def _customer(self) -> None:
        if not self.customers:
            self._customers()
        chosen = self.chance.choice(self.customers)
        self._read(lambda work: account_view(work, chosen))

    def _search(self) -> None:
        words = f"count {self.chance.randrange(1000)}"
        self._read(lambda work: search_hits(work, words))

    def _pipeline(self) -> None:
        number = self._read(pipeline_list)[0].id
        period = self._scope.period
        self._read(lambda work: funnel_steps(work, period=period))
        rows = self._read(lambda work: deal_rows(work, pipeline_id=number, request=RowRequest(limit=100)))
        self.deals = [row.id for row in rows]

    def _targets(self) -> None:
        period = self._scope.period
        self._read(lambda work: target_view(work, period=period))

    def _save(self) -> None:
        deal = self.chance.choice(self.deals)
        action = self.chance.choice(list(StuckAction))
        self.workspace.write(lambda work: plan_stuck_action(work, deal_id=deal, action=action, title="Visit"))


def live(asked: dict[str, Any], login: str, seed: int, done: list[dict[str, Any]]) -> None:
    """Be one desktop until the time is up."""
    chance = random.Random(seed)
    url = make_url(asked["address"]).set(username=login).render_as_string(hide_password=False)
    until = time.monotonic() + asked["seconds"]
    time.sleep(chance.uniform(0, asked["pause"]))  # not everybody comes to the office in the same second
    opened: list[Workspace] = []
    _timed(done, "open", lambda: opened.append(open_workspace(url)))
    if not opened:
        return
    desktop = Desktop(opened[0], chance)
    listener = desktop.workspace.listener(lambda told: desktop.news.set() if told is Told.CHANGED else None)
    assert listener
    ear = threading.Thread(target=listener.run, daemon=True)
    ear.start()
    shown, took = "today", _timed(done, "today", lambda: desktop.act("today"))
    while (now := time.monotonic()) < until:
        wait = min(chance.expovariate(1 / asked["pause"]), until - now)
        shown, took = _looked_at(desktop, done, shown, took, wait)
        if time.monotonic() >= until:
            break
        page = chance.choices(list(HABITS), list(HABITS.values()))[0]
        if page == "save" and not desktop.deals:
            page = "pipeline"
        took = _timed(done, page, partial(desktop.act, page))
        shown = shown if page == "save" else page
    listener.close()
    ear.join(timeout=30)
    desktop.workspace.close()


def _looked_at(
    desktop: Desktop, done: list[dict[str, Any]], shown: str, took: float, wait: float
) -> tuple[str, float]:
    """Leave a page open for so many seconds, and read it again when there is news."""
    leave = time.monotonic() + wait
    rested = time.monotonic() + max(1.0, REST * took / 1000)
    while (left := leave - time.monotonic()) > 0:
        if not desktop.news.wait(left):
            break
        if (rest := rested - time.monotonic()) > 0:
            time.sleep(min(rest, max(0.0, leave - time.monotonic())))
            continue
        desktop.news.clear()
        took = _timed(done, shown, lambda: desktop.act(shown))
        rested = time.monotonic() + max(1.0, REST * took / 1000)
    return shown, took


def _timed(done: list[dict[str, Any]], page: str, act: Callable[[], object]) -> float:
    begun, error = time.perf_counter(), ""
    try:
        act()
    except UserError as refused:
        error = refused.code
    took = (time.perf_counter() - begun) * 1000
    done.append({"page": page, "at": begun, "ms": took, "error": error})
    return took


def _warm(asked: dict[str, Any]) -> None:
    """Import what a console imports: all desktops of this process share one interpreter."""
    login = next(iter(asked["people"]))
    workspace = open_workspace(
        make_url(asked["address"]).set(username=login).render_as_string(hide_password=False)
    )
    desktop = Desktop(workspace, random.Random(0))
    for page in ("today", "customer", "search", "pipeline", "targets"):
        desktop.act(page)
    workspace.close()


def main() -> None:
    """Be all the desktops that are asked for on standard input."""
    asked = json.load(sys.stdin)
    _warm(asked)
    warmed = time.process_time()
    done: list[dict[str, Any]] = []
    desktops = [
        threading.Thread(target=live, args=(asked, login, asked["seed"] * 1000 + number, done))
        for number, login in enumerate(asked["people"])
    ]
    for desktop in desktops:
        desktop.start()
    for desktop in desktops:
        desktop.join()
    json.dump({"acts": done, "cpu": time.process_time() - warmed}, sys.stdout)


if __name__ == "__main__":
    main()
