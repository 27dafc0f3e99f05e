"""The window: rail, top bar, the sheet with the page, status bar, shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import Locale
from desktop.views import theme
from desktop.views.bug_dialog import BugDialog
from desktop.views.context import AppContext
from desktop.views.live import ConnectionStrip, Live
from desktop.views.page import Page
from desktop.views.palette import Entry, Palette
from desktop.views.rail import Rail
from desktop.views.registry import PageSpec, available_pages, load_all, page_spec
from desktop.views.status_bar import StatusBar
from desktop.views.tasks import EVERYTHING, Task
from desktop.views.team.banner import ViewingBanner
from desktop.views.top_bar import TopBar
from desktop.views.watch import Watch

WARM_AFTER_MS = 1_500
"""How long after the first page was asked for the others are imported."""

Hook = Callable[["MainWindow"], None]


class MainWindow(QMainWindow):
    """Implements `context.Window`; pages are built when first shown and rebuilt with theme or language."""

    def __init__(self, ctx: AppContext) -> None:
        super().__init__()
        self.ctx = ctx
        ctx.window = self
        self.pages: dict[str, Page] = {}
        self.current_key = ""
        self._counts: dict[str, tuple[int, str]] = {}
        self._bug: BugDialog | None = None
        self.after_show: Hook | None = None
        self._warmed = False
        self.setMinimumSize(900, 560)
        self.setAcceptDrops(True)
        self.live = Live(self)
        self._build()
        self._shortcuts()
        self.watch = Watch(ctx.tasks, self)
        self.watch.changed_elsewhere.connect(self.live.changed_elsewhere)
        self.watch.online.connect(self.live.set_online)
        ctx.tasks.changed.connect(self._changed)
        ctx.tasks.running.connect(self._show_tasks)
        ctx.tasks.bug.connect(self.show_bug)
        ctx.scope.changed.connect(self._scope_changed)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    # building

    def _build(self) -> None:
        self.setWindowTitle("准绳 Plumbline")
        shell = QWidget()
        shell.setObjectName("shell")
        shell.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(shell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if self.ctx.connection.viewing:
            column.addWidget(
                ViewingBanner(self.ctx.locale, self.ctx.connection.viewing, lambda: self.ctx.view_as(None))
            )
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self.rail = Rail(self.ctx.locale, available_pages())
        self.rail.chosen.connect(self.navigate)
        middle.addWidget(self.rail)
        right = QVBoxLayout()
        right.setSpacing(0)
        self.top = TopBar(self.ctx)
        self.top.search.connect(self.open_palette)
        self.top.bell.connect(lambda: self.navigate("approvals" if page_spec("approvals") else "today"))
        self.top.person.connect(lambda: self.navigate("settings", section="database"))
        right.addWidget(self.top)
        sheet = QFrame()
        sheet.setObjectName("sheet")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(1, 1, 0, 0)
        inside.setSpacing(0)
        self.connection_strip = ConnectionStrip(self)
        inside.addWidget(self.connection_strip)
        self.stack = QStackedWidget()
        inside.addWidget(self.stack, 1)
        right.addWidget(sheet, 1)
        middle.addLayout(right, 1)
        column.addLayout(middle, 1)
        self.status = StatusBar(self.ctx)
        column.addWidget(self.status)
        self.setCentralWidget(shell)
        self.palette_box = Palette(self.ctx, shell, self._commands)
        self.rail.set_counts(self._counts)
        self.status.set_online(self.live.online, self.live.since)
        self._fit()

    def _warm(self) -> None:
        """Import the other pages on a thread, once the first one has been read and painted."""
        if not self._warmed and not self.ctx.tasks.inline:
            self._warmed = True
            QTimer.singleShot(WARM_AFTER_MS, self, lambda: self.ctx.tasks.run(self, load_all, lambda _: None))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        compact = self.width() < theme.COMPACT_UNDER
        self.rail.set_compact(compact)
        self.top.set_compact(compact)

    def rebuild(self) -> None:
        """Build everything again: theme or language changed."""
        key = self.current_key
        for page in self.pages.values():
            page.close_page()
        self.pages = {}
        self.live.stale.clear()
        self.current_key = ""
        old = self.centralWidget()
        self._build()
        if old is not None:
            old.deleteLater()
        self.top.scope.load()
        self.navigate(key or "today")

    def apply_settings(self) -> None:
        """Put the language and theme of the settings in force, without a restart."""
        settings = self.ctx.settings
        language = settings.language or self.ctx.locale.language
        self.ctx.locale = Locale(language, self.ctx.locale.zone)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, settings.theme)
        self.rebuild()

    def _system_changed(self) -> None:
        if self.ctx.settings.theme == "system" and theme.system_is_dark() != theme.is_dark():
            self.apply_settings()

    # pages

    def navigate(self, page: str, **args: Any) -> None:
        """Show a page, building it first if need be, and hand it `args`.

        What a page imports is imported on a thread, unless nothing is shown yet: the window answers meanwhile.
        """
        spec = page_spec(page)
        if spec is None:
            return
        self._going_to = page
        if self.current_key and not spec.is_loaded and not self.ctx.tasks.inline:
            self.rail.set_current(page)
            self.ctx.tasks.run(self, lambda _control: spec.load(), lambda _page: self._arrive(spec, args))
        else:
            self._arrive(spec, args)

    def _arrive(self, spec: PageSpec, args: dict[str, Any]) -> None:
        """Show a page that is loaded, unless somebody has gone elsewhere meanwhile."""
        page = spec.key
        if page != self._going_to:
            return
        made = self.pages.get(page)
        fresh = made is None
        if made is None:
            made = spec.load()(self.ctx)
            self.pages[page] = made
            made.as_of_changed.connect(self.live.show_age)
            self.stack.addWidget(made)
        self.current_key = page
        self._warm()
        self.ctx.settings.page = page
        self.rail.set_current(page)
        self.stack.setCurrentWidget(made)
        self.top.scope.setEnabled(made.uses_scope)
        self.show_totals("")
        made.setFocus()
        if fresh or (page in self.live.stale and not made.has_typing()):
            self.live.reload(page)
        else:
            self.live.show_age()
            self.live.catch_up()
        if args:
            made.open(**args)

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        return self.pages.get(self.current_key)

    def refresh(self) -> None:
        """Read the shown page again (F5)."""
        if self.page is not None:
            self.page.strips.clear()
            self.top.scope.load()
            self.live.reload(self.current_key)

    def _changed(self, topics: frozenset[str]) -> None:
        if not topics:
            return
        if topics & {"*", "unit", "pipeline", "account", "import"}:
            self.top.scope.load()
        for key, page in self.pages.items():
            everything = topics & EVERYTHING or page.topics & EVERYTHING
            if not everything and not topics & page.topics:
                continue
            if key == self.current_key:
                self.live.reload(key)
            else:
                self.live.stale.add(key)

    def _scope_changed(self) -> None:
        scope, settings = self.ctx.scope.value, self.ctx.settings
        settings.scope_unit, settings.scope_pipeline = scope.unit_id, scope.pipeline_id
        settings.scope_period = scope.period.text
        settings.save()
        for key, page in self.pages.items():
            if page.uses_scope:
                self.live.stale.add(key)
        if self.current_key in self.live.stale:
            self.live.reload(self.current_key)

    def _show_tasks(self, tasks: list[Task]) -> None:
        self.status.show_tasks(tasks)

    # what pages ask for

    def show_totals(self, text: str) -> None:
        """Show selection totals at the right of the status bar."""
        self.status.show_totals(text)

    def set_counts(self, counts: dict[str, tuple[int, str]]) -> None:
        """Set counts of the rail."""
        self._counts.update(counts)
        self.rail.set_counts(counts)

    def show_bug(self, error: BaseException, what: str) -> None:
        """Open the one dialog for a bug; while it is open, later ones only go to the log."""
        if self._bug is not None and self._bug.isVisible():
            return
        self._bug = BugDialog(self.ctx.locale, error, what, self)
        self._bug.open()

    # shortcuts and the palette

    def _shortcuts(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "F5": self.refresh,
            "Ctrl+K": self.open_palette,
            "Ctrl+F": self._focus_filter,
            "Ctrl+E": self._send_to_excel,
            "Esc": self._escape,
        }
        for number in range(9):
            keys[f"Alt+{number + 1}"] = lambda number=number: self._page_number(number)  # type: ignore[misc]
        for key, act in keys.items():
            QShortcut(QKeySequence(key), self, act)

    def _page_number(self, number: int) -> None:
        pages = available_pages()
        if number < len(pages):
            self.navigate(pages[number].key)

    def _tables(self) -> list[Any]:
        page = self.page
        if page is None:
            return []
        shown = [table for table in page.tables if table.isVisible()]
        focused = [table for table in shown if table.isAncestorOf(self.focusWidget() or self)]
        return focused or shown

    def _focus_filter(self) -> None:
        for table in self._tables():
            if table.grid.header.edits:
                table.focus_filter()
                return

    def _send_to_excel(self) -> None:
        for table in self._tables()[:1]:
            table.send_to_excel()

    def _escape(self) -> None:
        if self.palette_box.isVisible():
            self.palette_box.hide()
        elif self.page is not None:
            self.page.close_inspector()

    def open_palette(self) -> None:
        """Open the search (Ctrl+K)."""
        self.palette_box.open()

    def _commands(self) -> list[Entry]:
        _ = self.ctx.locale._
        go = _("Page")
        entries = [
            Entry(spec.icon, _(spec.label), go, lambda key=spec.key: self.navigate(key))  # type: ignore[misc]
            for spec in available_pages()
        ]
        act = _("Action")
        entries.append(Entry("refresh", _("Refresh this page"), "F5", self.refresh))
        entries.append(Entry("excel", _("Send this table to Excel"), "Ctrl+E", self._send_to_excel))
        dark = theme.is_dark()
        entries.append(
            Entry(
                "light" if dark else "dark",
                _("Use the light theme") if dark else _("Use the dark theme"),
                act,
                lambda: self._set("theme", "light" if dark else "dark"),
            )
        )
        chinese = self.ctx.locale.is_chinese
        words = "Switch to English" if chinese else "切换到中文"
        entries.append(
            Entry("language", words, act, lambda: self._set("language", "en" if chinese else "zh_CN"))
        )
        return entries

    def _set(self, name: str, value: Any) -> None:
        setattr(self.ctx.settings, name, value)
        self.ctx.settings.save()
        QTimer.singleShot(0, self, self.apply_settings)

    # files dropped anywhere

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return
        event.acceptProposedAction()
        if self.page is None or not self.page.accepts_files:
            self.navigate("migrate")
        if self.page is not None and self.page.accepts_files:
            self.page.dropped(paths)

    # opening and closing

    def restore(self) -> None:
        """Stand where it stood last time, or fill most of the screen."""
        settings = self.ctx.settings
        stored = QByteArray.fromBase64(settings.geometry.encode("ascii", "ignore"))
        if not settings.geometry or not self.restoreGeometry(stored):
            self.resize(1366, 768)
        if settings.maximized:
            self.setWindowState(self.windowState() | Qt.WindowState.WindowMaximized)

    def closeEvent(self, event: QCloseEvent) -> None:
        settings = self.ctx.settings
        settings.maximized = self.isMaximized()
        settings.geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        settings.save()
        self.hide()  # what still runs may take a moment to end
        self.ctx.tasks.stop()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.live.catch_up()
