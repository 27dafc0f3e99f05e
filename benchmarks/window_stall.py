"""How long the window stops answering while its line to the team database fails in every way (security 31, 35).

usage: python -m benchmarks window_stall

A heartbeat of 5 ms runs in the window's event loop. Of each gap between two beats, the time for which the thread
was ready but another process had the processor is taken off (Linux tells it): what is left is the window's own. The
work of building a page is part of that, with or without a fault; the first phase, without one, says how much.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

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


def main(_arguments: list[str] | None = None) -> None:
    """Run every phase and print the longest stall of each, in milliseconds, as JSON."""
    from PySide6.QtTest import QTest
    from sqlalchemy import URL

    from desktop.app import make_application, make_context
    from desktop.i18n import Locale
    from desktop.settings import Settings
    from desktop.store.open import open_workspace
    from desktop.views import theme
    from desktop.views.main_window import MainWindow
    from tests.databases import ADMIN
    from tests.faults.proxy import FaultProxy
    from tests.maker import Maker
    from tests.postgres import PostgresHost

    app = make_application(pinned=True)
    theme.apply(app, "light")
    folder = Path(tempfile.mkdtemp(prefix="plumbline-stall-"))
    host = PostgresHost(folder / "server")
    host.prepare()
    place = host.fresh(folder)
    near = place.open()
    make = Maker(near)
    for number in range(300):
        make.account(f"Customer {number}")
    with FaultProxy(Path(str(place.url.query["host"])) / ".s.PGSQL.5432") as line:
        far = URL.create("postgresql", ADMIN, None, "127.0.0.1", line.port, place.url.database)
        workspace = open_workspace(far.render_as_string())
        window = MainWindow(make_context(workspace, Locale("zh_CN"), Settings()))
        window.resize(1366, 768)
        window.show()
        beat = Heartbeat()

        def wait(seconds: float) -> None:
            QTest.qWait(int(seconds * 1_000))

        def walk(pause: float = 0.7) -> None:
            for page in PAGES:
                window.navigate(page)
                wait(pause)

        def use(pause: float = 0.7) -> None:
            walk(pause)
            window.refresh()
            if window.page is not None:
                window.page.write(lambda work: work.audit("test"))
            wait(pause)

        def colleagues() -> None:
            def commit() -> None:
                for _number in range(20):
                    near.write(lambda work: work.audit("test"))

            other = threading.Thread(target=commit)
            other.start()
            wait(4)
            other.join()

        def dark() -> None:
            line.black_hole()
            use()
            wait(12)
            use()

        def light() -> None:
            line.cut_all()
            line.black_hole(swallow=False)
            wait(6)
            use()

        def restart() -> None:
            line.cut_all()
            use()

        def slow() -> None:
            line.latency, line.loss = 0.15, 0.01
            use(2.0)
            line.latency = line.loss = 0.0

        phases: list[tuple[str, Callable[[], None]]] = [
            ("first visit of every page", walk),
            ("no fault", use),
            ("20 commits of colleagues", colleagues),
            ("server restarted", restart),
            ("300 ms there and back, 1 % loss", slow),
            ("black hole for 20 s and more", dark),
            ("line back", light),
        ]
        found: dict[str, dict[str, int]] = {}
        for name, act in phases:
            beat.start()
            act()
            found[name] = {"longest_ms": round(beat.longest), "by_the_clock_ms": round(beat.wall)}
        line.black_hole()
        began = time.perf_counter()
        window.close()
        found["closing it in a black hole"] = {"longest_ms": round((time.perf_counter() - began) * 1_000)}
        print(json.dumps(found, indent=2))
        workspace.close()
    near.close()
    host.drop(place)
    host.leave()


if __name__ == "__main__":
    main()
