"""The base of every page: title line with commands, messages, figures, body, inspector."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.errors import StaleRecord, UserError
from desktop.queries.metrics.dictionary import metrics_named
from desktop.views import theme
from desktop.views.ages import changed_by
from desktop.views.buttons import button, hairline
from desktop.views.context import AppContext
from desktop.views.figures import Figure, FigureStrip
from desktop.views.inspector import Inspector, scroll_to, scrolled
from desktop.views.labels import ElidedLabel, label
from desktop.views.strips import Action, StripArea
from desktop.views.tasks import EVERYTHING, Task

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.tables import DataTable

T = TypeVar("T")


class Page(QWidget):
    """One screen. Subclasses build widgets into `self.body` in `__init__` and fill them in `reload`.

    `reload` is called by the window (never by `__init__`) when the page is shown first, when the scope
    or one of its `topics` changed, and on F5.
    """

    topics: ClassVar[frozenset[str]] = EVERYTHING
    uses_scope: ClassVar[bool] = True
    accepts_files: ClassVar[bool] = False

    as_of_changed = Signal()
    """The page shows another moment of the database than before."""

    def __init__(self, ctx: AppContext) -> None:
        super().__init__()
        self.setObjectName("page")
        self.ctx = ctx
        self.locale_ = ctx.locale
        self._ = ctx.locale._
        self.setAcceptDrops(self.accepts_files)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        left = QWidget()
        left.setObjectName("page_body")
        self._column = QVBoxLayout(left)
        self._column.setContentsMargins(24, 8, 24, 8)
        self._column.setSpacing(0)
        row.addWidget(left, 1)
        self._row = row
        self._inspector: QWidget | None = None
        self._column.addWidget(self._title_line())
        self.strips = StripArea(ctx.locale)
        self._column.addWidget(self.strips)
        self.figures = FigureStrip(ctx.locale)
        self.figures.setVisible(False)
        self._column.addWidget(self.figures)
        self._figures_line = hairline()
        self._figures_line.setVisible(False)
        self._column.addWidget(self._figures_line)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self._column.addLayout(self.body, 1)
        self.tables: list[DataTable] = []
        self.as_of: datetime | None = None
        """The moment of the database that the page shows: the oldest of what was read for it."""
        self._moments: dict[str, datetime] = {}
        self._touched = False
        self._form = str(uuid.uuid4())
        """What is saved next, until it is: one part of the keys of operations."""
        self.saving: set[tuple[str, str]] = set()
        """What `editing` is saving just now."""

    def reload(self) -> None:
        """Ask the database again and fill the widgets; called by the window."""

    def open(self, **args: Any) -> None:
        """Go to what another page or the search asked for (a record, a filter)."""

    def dropped(self, paths: list[str]) -> None:
        """Take files dropped on the page (with `accepts_files`)."""

    def begin_reading(self) -> None:
        """Called by the window before `reload`: what is read from now on decides what the page shows."""
        self._moments = {}

    def note_read(self, key: str, at: datetime) -> None:
        """Take note of the moment that a read shows (PLT-12); called by `tasks`."""
        self._moments[key] = at
        oldest = min(self._moments.values())
        if oldest != self.as_of:
            self.as_of = oldest
            self.figures.set_as_of(self._("Data as of {time}").format(time=self.locale_.instant(oldest)))
            self.as_of_changed.emit()

    def has_typing(self) -> bool:
        """Whether somebody has typed something here that is not saved."""
        if self._inspector is None:
            return False
        if self._touched:
            return True
        lines = self._inspector.findChildren(QLineEdit)  # those inside of number and date fields, too
        boxes = self._inspector.findChildren(QPlainTextEdit)
        return any(line.isModified() and not line.isReadOnly() for line in lines) or any(
            box.document().isModified() and not box.isReadOnly() for box in boxes
        )

    def _watch_choices(self, panel: QWidget) -> None:
        """Notice when somebody chooses another value or day of a form: those do not know that they were edited."""

        def touch() -> None:
            self._touched = True

        for box in panel.findChildren(QComboBox):
            box.activated.connect(touch)
        for day in panel.findChildren(QDateEdit):
            day.dateChanged.connect(touch)

    def close_page(self) -> None:
        """Called before the page is thrown away."""
        self.ctx.tasks.cancel_page(self)

    # title line

    def _title_line(self) -> QWidget:
        line = QWidget()
        line.setFixedHeight(56)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(12)
        self._title = label("", "title")
        self._sentence = ElidedLabel("", "sentence")
        row.addWidget(self._title)
        row.addWidget(self._sentence, 1)
        self._commands = QHBoxLayout()
        self._commands.setSpacing(4)
        row.addLayout(self._commands)
        self._overflow: QPushButton | None = None
        self._overflow_menu: QMenu | None = None
        self._primary: QPushButton | None = None
        return line

    def set_title(self, title: str, sentence: str = "") -> None:
        """Set the title and the sentence beside it."""
        self._title.setText(title)
        self._sentence.setText(sentence)
        self.setAccessibleName(title)

    def add_command(
        self, icon: str, text: str, act: Callable[[], object], *, primary: bool = False, tip: str = ""
    ) -> QPushButton:
        """Add a command at the right of the title; the one primary stands last and is filled."""
        made = button(text, act, look="primary" if primary else "flat", icon=icon, tip=tip)
        if primary:
            self._primary = made
            self._commands.addSpacing(8)
            self._commands.addWidget(made)
        else:
            at = sum(1 for extra in (self._overflow,) if extra) + (2 if self._primary else 0)
            self._commands.insertWidget(self._commands.count() - at, made)
        return made

    def add_overflow(self, text: str, act: Callable[[], object]) -> None:
        """Add a command to the … menu of the title line."""
        if self._overflow is None or self._overflow_menu is None:
            self._overflow = button("", look="flat", icon="more", tip=self._("More"))
            self._overflow_menu = QMenu(self._overflow)
            self._overflow.setMenu(self._overflow_menu)
            self._commands.insertWidget(self._commands.count() - (2 if self._primary else 0), self._overflow)
        action = self._overflow_menu.addAction(text)
        action.triggered.connect(lambda _checked=False: act())

    # figures, messages, inspector

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Show the strip of figures under the title (none hides it)."""
        self.figures.set(figures)
        self.figures.setVisible(bool(figures))
        self._figures_line.setVisible(bool(figures))
        untold = {figure.metric for figure in figures if figure.told is None}
        if untold:
            self.read(lambda work: metrics_named(work, untold), self.figures.define, key="definitions")

    def show_message(
        self, status: str, sentence: str, *, place: str = "", actions: Sequence[Action] = ()
    ) -> None:
        """Show a strip: status red, amber, green or grey; bold place; sentence; buttons."""
        self.strips.show_message(status, sentence, place=place, actions=actions)

    def show_error(self, error: UserError) -> None:
        """Show an expected problem as a strip; a lost race also says who won it, and offers to read again."""
        if not isinstance(error, StaleRecord) or error.changed_at is None:
            self.strips.show_error(error)
            return

        def read() -> None:
            self.strips.remove(strip)
            self.begin_reading()
            self.reload()

        actions = [(self._("Read again"), read)]
        strip = self.strips.show_error(error, actions, place=changed_by(self.locale_, error))

    def show_inspector(self, panel: Inspector | None) -> None:
        """Open the inspector with this panel, or close it with None."""
        if self._inspector is not None:
            if panel is not None and panel.accessibleName() == self._inspector.accessibleName():
                stand = scrolled(self._inspector)
                QTimer.singleShot(0, panel, lambda: scroll_to(panel, stand))
            self._row.removeWidget(self._inspector)
            self._inspector.hide()
            self._inspector.deleteLater()
        self._inspector = panel
        self._touched = False
        if panel is not None:
            self._watch_choices(panel)
            panel.setFixedWidth(self._inspector_width())
            panel.closed.connect(self.close_inspector)
            self._row.addWidget(panel)

    def close_inspector(self) -> bool:
        """Close the inspector (Esc); return whether there was one."""
        was_open = self._inspector is not None
        self.show_inspector(None)
        return was_open

    @property
    def inspector(self) -> QWidget | None:
        """The open inspector."""
        return self._inspector

    def _inspector_width(self) -> int:
        return theme.INSPECTOR_WIDE if self.width() >= 1500 else theme.INSPECTOR

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._inspector is not None:
            self._inspector.setFixedWidth(self._inspector_width())

    # work

    def read(self, query: Callable[[Work], T], done: Callable[[T], None], *, key: str | None = None) -> Task:
        """Run a query off the GUI thread; see `tasks`. A newer read with the same `key` replaces it."""
        return self.ctx.tasks.read(self, query, done, key=key, title=self._title.text())

    def write(
        self,
        operation: Callable[[Work], T],
        done: Callable[[T], None] | None = None,
        *,
        topics: frozenset[str] = EVERYTHING,
        title: str = "",
        failed: Callable[[UserError], None] | None = None,
        ended: Callable[[], None] | None = None,
        key: Sequence[object] | None = None,
    ) -> Task:
        """Run an operation in one transaction; see `tasks`. What edits a record goes through `editing`.

        `key` is what is done with which values (no secrets): pressed twice before it is done, or again after a
        reply that never came, it is done once; after that the same is a new act.
        """
        name = title or self._title.text()
        once = None if key is None else " ".join([self._form, *map(str, key)])

        def told(result: T) -> None:
            self._form = str(uuid.uuid4())
            if done is not None:
                done(result)

        return self.ctx.tasks.write(
            self, operation, told, topics=topics, title=name, failed=failed, ended=ended, key=once
        )

    def send_to_excel(self) -> None:
        """Send the page's first shown table to Excel (Ctrl+E)."""
        shown = [table for table in self.tables if table.isVisibleTo(self)]
        for table in (shown or self.tables)[:1]:
            table.send_to_excel()

    def later(self, act: Callable[[], None]) -> None:
        """Do something when the event loop is next idle, unless the page is gone."""
        QTimer.singleShot(0, self, act)

    # files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.accepts_files and event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped(paths)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return super().eventFilter(watched, event)


def clear_layout(layout: QVBoxLayout | QHBoxLayout) -> None:
    """Throw away everything in a layout."""
    while layout.count():
        item = layout.takeAt(0)
        if item is None:
            break
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.setParent(None)
            widget.deleteLater()
        elif isinstance(inner, QVBoxLayout | QHBoxLayout):
            clear_layout(inner)


def column_of(*widgets: QWidget, spacing: int = 8) -> QWidget:
    """Return a widget with others stacked from the top."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    column.setAlignment(Qt.AlignmentFlag.AlignTop)
    for widget in widgets:
        column.addWidget(widget)
    return box
