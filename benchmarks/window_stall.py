"""How long the window stops answering while its line to the team database fails in every way (security 31, 35).

usage: python -m benchmarks window_stall [--smoke]

A heartbeat of 5 ms runs in the window's event loop. Of each gap between two beats, the time for which the thread
was ready but another process had the processor is taken off (Linux tells it): what is left is the window's own. The
work of building a page is part of that, with or without a fault; the first phase, without one, says how much.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.store.workspace import Workspace
    from tests.faults.proxy import FaultProxy

BEAT_MS = 5
PAGES = ("today", "customers", "pipeline", "targets", "reports", "settings")


class Heartbeat:
    """The longest gap of the event loop since `start`, in milliseconds of the window's own."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._stat = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self.start()
        self._timer.start()

    def start(self) -> None:
        """Forget what was."""
        self.longest = self.wall = 0.0
        self._last = time.perf_counter()
        self._kept_waiting = self._queued()

    def _queued(self) -> float:
        return int(self._stat.read_text().split()[1]) / 1e6 if self._stat.exists() else 0.0

    def _beat(self) -> None:
        now, queued = time.perf_counter(), self._queued()
        gap = (now - self._last) * 1_000 - BEAT_MS
        self.wall = max(self.wall, gap)
        self.longest = max(self.longest, gap - (queued - self._kept_waiting))
        self._last, self._kept_waiting = now, queued


class Scene:
    """A window on a team database behind a line that fails on purpose, and what happens to it."""

    def __init__(self, line: FaultProxy, near: Workspace, far: Workspace, patience: float) -> None:
        from desktop.app import make_context
        from desktop.i18n import Locale
        from desktop.settings import Settings
        from desktop.views.main_window import MainWindow

        self._line, self._near, self._patience = line, near, patience
        self.window = MainWindow(make_context(far, Locale("zh_CN"), Settings()))
        self.window.resize(1366, 768)
        self.window.show()

    @property
    def phases(self) -> dict[str, Callable[[], None]]:
        """What is measured, in this order."""
        return {
            "first visit of every page": self.walk,
            "no fault": self.use,
            "20 commits of colleagues": self.colleagues,
            "server restarted": self.restart,
            "300 ms there and back, 1 % loss": self.slow,
            "black hole for 20 s and more": self.dark,
            "line back": self.light,
        }

    def wait(self, seconds: float) -> None:
        """Let the window live."""
        from PySide6.QtTest import QTest

        QTest.qWait(int(seconds * self._patience * 1_000))

    def walk(self, pause: float = 0.7) -> None:
        """Go through the pages."""
        for page in PAGES:
            self.window.navigate(page)
            self.wait(pause)

    def use(self, pause: float = 0.7) -> None:
        """Go through the pages, read one again, save something."""
        self.walk(pause)
        self.window.refresh()
        if self.window.page is not None:
            self.window.page.write(lambda work: work.audit("test"))
        self.wait(pause)

    def colleagues(self) -> None:
        """Another console commits twenty times."""

        def commit() -> None:
            for _number in range(20):
                self._near.write(lambda work: work.audit("test"))

        other = threading.Thread(target=commit)
        other.start()
        self.wait(4)
        other.join()

    def restart(self) -> None:
        """Every connection is cut."""
        self._line.cut_all()
        self.use()

    def slow(self) -> None:
        """Everything takes long, and some of it longer."""
        self._line.latency, self._line.loss = 0.15, 0.01
        self.use(2.0)
        self._line.latency = self._line.loss = 0.0

    def dark(self) -> None:
        """Nothing comes through any more, and nobody says so."""
        self._line.black_hole()
        self.use()
        self.wait(12)
        self.use()

    def light(self) -> None:
        """The line is back."""
        self._line.cut_all()
        self._line.black_hole(swallow=False)
        self.wait(6)
        self.use()

    def close(self) -> float:
        """Close the window in a black hole; return how many milliseconds that takes."""
        self._line.black_hole()
        began = time.perf_counter()
        self.window.close()
        return (time.perf_counter() - began) * 1_000


def main(arguments: list[str] | None = None) -> None:
    """Run every phase and print the longest stall of each, in milliseconds, as JSON."""
    parser = argparse.ArgumentParser(prog="window_stall", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="every phase, a tenth as long")
    patience = 0.1 if parser.parse_args(arguments).smoke else 1.0
    from sqlalchemy import URL

    from desktop.app import make_application
    from desktop.store.open import open_workspace
    from desktop.views import theme
    from tests.databases import ADMIN
    from tests.faults.proxy import FaultProxy
    from tests.maker import Maker
    from tests.postgres import PostgresHost

    theme.apply(make_application(pinned=True), "light")
    folder = Path(tempfile.mkdtemp(prefix="plumbline-stall-"))
    host = PostgresHost(folder / "server")
    host.prepare()
    place = host.fresh(folder)
    near = place.open()
    make = Maker(near)
    for number in range(300):
        make.account(f"Customer {number}")
    with FaultProxy(Path(str(place.url.query["host"])) / ".s.PGSQL.5432") as line:
        url = URL.create("postgresql", ADMIN, None, "127.0.0.1", line.port, place.url.database)
        far = open_workspace(url.render_as_string())
        scene, beat = Scene(line, near, far, patience), Heartbeat()
        found: dict[str, dict[str, int]] = {}
        for name, act in scene.phases.items():
            beat.start()
            act()
            found[name] = {"longest_ms": round(beat.longest), "by_the_clock_ms": round(beat.wall)}
        found["closing it in a black hole"] = {"longest_ms": round(scene.close())}
        print(json.dumps(found, indent=2))
        far.close()
    near.close()
    host.drop(place)
    host.leave()


if __name__ == "__main__":
    main()
