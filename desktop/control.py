"""How long work reports its progress and is told to stop, whichever thread it runs on."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop.errors import Cancelled


class Control:
    """One running piece of work: `report` its progress, `cancel` it from elsewhere.

    `on_cancel` callbacks end what cannot ask (a running query, a child process); they run on the
    cancelling thread.
    """

    def __init__(self, on_progress: Callable[[int, int | None, str], None] | None = None) -> None:
        self._on_progress = on_progress
        self._cancelled = threading.Event()
        self._enders: list[Callable[[], None]] = []
        self._lock = threading.RLock()

    def report(self, done: int, total: int | None = None, what: str = "") -> None:
        """Say how far the work is: `done` of `total` (None where unknown); raise Cancelled if told to stop."""
        self.check()
        if self._on_progress:
            self._on_progress(done, total, what)

    def check(self) -> None:
        """Raise Cancelled if the person asked to stop."""
        if self._cancelled.is_set():
            raise Cancelled

    @property
    def cancelled(self) -> bool:
        """Whether the person asked to stop."""
        return self._cancelled.is_set()

    def ask_to_stop(self) -> None:
        """Let the work stop where it looks next; what cannot look goes on until `cancel`."""
        self._cancelled.set()

    def pause(self, seconds: float) -> None:
        """Wait before something is tried again; raise Cancelled as soon as the person asks to stop."""
        self._cancelled.wait(seconds)
        self.check()

    def cancel(self) -> None:
        """Ask the work to stop, and end whatever cannot ask for itself: that may take seconds on a bad line.

        Whoever takes its `on_cancel` off again waits for this, so that nothing is ended that came after it.
        """
        self._cancelled.set()
        with self._lock:
            for end in list(self._enders):
                end()

    def on_cancel(self, end: Callable[[], None]) -> Callable[[], None]:
        """Register `end` to be called on cancel; return the function that takes it off again."""
        with self._lock:
            self._enders.append(end)

        def remove() -> None:
            with self._lock:
                if end in self._enders:
                    self._enders.remove(end)

        return remove
