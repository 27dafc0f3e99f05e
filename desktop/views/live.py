"""Keeps what the window shows current, says how old it is, and stays useful while the database is away (PLT-12).

A commit of somebody else makes every page stale. The one that is shown is read again: at most once a second,
never while it is still being read, no more than a tenth of the time however dear it is, not while the window is
minimised, and never over something that somebody is typing: then a strip offers it. The others wait until
they are shown. While the database cannot be reached, everything read stays where it is and says how old it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.views.ages import age_text, moment_text
from desktop.views.page import Page
from desktop.views.strips import StripArea

if TYPE_CHECKING:
    from desktop.store.standby import Freshness
    from desktop.views.main_window import MainWindow

LEAST_MS = 1_000
"""The least time between two reloads of a page that nobody asked for."""
SHARE = 10
"""A page that takes a while to be read rests this many times as long."""
AGE_MS = 20_000
"""How often the words that tell an age are written anew."""
ELSEWHERE = "elsewhere"
BACK_MS = 30_000
"""How long it is said that the database is back."""


class ConnectionStrip(QWidget):
    """Above every page: that the database is away and what that means, and that it is back."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 24, 0)
        self.area = StripArea(window.ctx.locale)
        column.addWidget(self.area)
        self._hide_later = QTimer(self)
        self._hide_later.setSingleShot(True)
        self._hide_later.timeout.connect(self.clear)
        self.setVisible(False)

    def away(self, since: datetime) -> None:
        """Say since when the database is away, and how old what is shown is."""
        ctx, page = self._window.ctx, self._window.page
        _, now = ctx.locale._, ctx.now()
        if page is not None and page.as_of is not None:
            sentence = _("What you see was read at {time}{age} and may have changed.").format(
                time=moment_text(ctx.locale, page.as_of, now),
                age=_in_brackets(ctx.locale, age_text(ctx.locale, page.as_of, now)),
            )
        else:
            sentence = _("This page has not been read yet.")
        sentence += " " + _("Nothing can be saved until the database answers; the console keeps trying.")
        place = _("Offline since {time}").format(time=moment_text(ctx.locale, since, now))
        if [(strip.place, strip.sentence) for strip in self.area.strips] != [(place, sentence)]:
            self.area.clear()
            again = (_("Try now"), self._window.watch.try_now)
            self.area.show_message("red", sentence, place=place, actions=[again], closable=False)
        self._hide_later.stop()
        self.setVisible(True)

    def back(self, at: datetime) -> None:
        """Say for a while that the database is back."""
        locale = self._window.ctx.locale
        now = self._window.ctx.now()
        self.area.clear()
        self.area.show_message(
            "green",
            locale._("The database answers again since {time}; what is shown is read anew.").format(
                time=moment_text(locale, at, now)
            ),
            place=locale._("Online"),
        )
        self.setVisible(True)
        self._hide_later.start(BACK_MS)

    def clear(self) -> None:
        """Say nothing."""
        self.area.clear()
        self.setVisible(False)


def _in_brackets(locale: Locale, words: str) -> str:
    return locale._(" ({words})").format(words=words) if words else ""


class Live(QObject):
    """Which pages are stale, when the shown one is read again, and whether the database is there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._tasks = window, window.ctx.tasks
        self.stale: set[str] = set()
        self.since: datetime | None = None
        """Since when the database is away; None while it is there."""
        self._elsewhere: set[str] = set()
        self._began: dict[str, QElapsedTimer] = {}
        self._took: dict[str, int] = {}
        self._running: set[str] = set()
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self.catch_up)
        self._ages = QTimer(self)
        self._ages.setInterval(AGE_MS)
        self._ages.timeout.connect(self.show_age)
        self._ages.start()
        self._tasks.quiet.connect(self._quiet)

    @property
    def online(self) -> bool:
        """Whether the database is there, as far as is known."""
        return self.since is None

    # reading again

    def reload(self, key: str) -> None:
        """Read a page."""
        self.stale.discard(key)
        self._elsewhere.discard(key)
        self._began.setdefault(key, QElapsedTimer()).start()
        self._running.add(key)
        page = self._window.pages[key]
        for strip in [strip for strip in page.strips.strips if strip.name == ELSEWHERE]:
            page.strips.remove(strip)
        page.begin_reading()
        page.reload()
        self.show_age()

    def changed_elsewhere(self) -> None:
        """Somebody else committed something: everything may have changed."""
        self.stale |= set(self._window.pages)
        self._elsewhere |= self.stale
        self.catch_up()

    def catch_up(self) -> None:
        """Read the shown page if it is stale and its time has come."""
        window, key = self._window, self._window.current_key
        page = window.page
        if page is None or key not in self.stale or not self.online or window.isMinimized():
            return
        if self._tasks.reading(page):
            return  # `_quiet` comes back to it
        if page.has_typing():
            self._offer(page, key)
            return
        wait = 0 if self._tasks.inline else self._rest(key)
        if wait > 0:
            self._due.start(wait)
            return
        if key in self._elsewhere:
            window.top.scope.load()
        self.reload(key)

    def _rest(self, key: str) -> int:
        """Return for how many milliseconds a page is left in peace."""
        began = self._began.get(key)
        if began is None or not began.isValid():
            return 0
        return max(LEAST_MS, SHARE * self._took.get(key, 0)) - began.elapsed()

    def _quiet(self, page: object) -> None:
        for key in self._running & {key for key, known in self._window.pages.items() if known is page}:
            self._running.discard(key)
            self._took[key] = self._began[key].elapsed()
        if page is self._window.page and getattr(self._tasks.workspace, "reads_standby", False):
            self._ask_source()
        if page is self._window.page and self._window.current_key in self.stale and not self._tasks.inline:
            self._due.start(0)

    def _ask_source(self) -> None:
        """Find out where the page was read from, and how old that may be."""
        workspace, status = self._tasks.workspace, self._window.status

        def show(found: Freshness) -> None:
            status.set_source(standby=found.standby, behind=found.behind_seconds)

        self._tasks.run(None, lambda _control: workspace.freshness(), show, failed=lambda _refused: None)

    def _offer(self, page: Page, key: str) -> None:
        """Say that something changed, without touching what is being typed."""
        locale = self._window.ctx.locale

        if any(strip.name == ELSEWHERE for strip in page.strips.strips):
            return
        strip = page.strips.show_message(
            "amber",
            locale._("Somebody else has saved something since this was read; what you are typing is kept."),
            place=locale._("Changed elsewhere"),
            actions=[(locale._("Read again"), lambda: self.reload(key))],
        )
        strip.name = ELSEWHERE

    # being away

    def set_online(self, online: bool) -> None:
        """Take note of whether the database answers."""
        window, ctx = self._window, self._window.ctx
        if online == self.online:
            return
        now = ctx.now()
        before, self.since = self.since, None if online else now
        self._tasks.offline = not online
        window.status.set_online(online, self.since)
        if online and before is not None:
            window.connection_strip.back(now)
            self.stale |= set(window.pages)
            self.catch_up()
        self.show_age()

    def show_age(self) -> None:
        """Say which moment the shown page shows, and how long ago that is."""
        window = self._window
        page = window.page
        window.top.set_as_of(page.as_of if page else None, online=self.online)
        if self.since is not None:
            window.connection_strip.away(self.since)

    def picture_states(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the states of the window that are worth a picture: away for twelve minutes, and back."""
        return [("offline", lambda: self._pretend(minutes=12)), ("back", lambda: self._pretend(minutes=0))]

    def _pretend(self, *, minutes: int) -> None:
        window, now = self._window, self._window.ctx.now()
        self.since = now - timedelta(minutes=minutes) if minutes else None
        self._tasks.offline = bool(minutes)
        window.status.set_online(self.online, self.since)
        if window.page is not None:
            window.page.as_of = now - timedelta(minutes=minutes + 3 if minutes else 0)
        if self.online:
            window.connection_strip.back(now)
        self.show_age()
