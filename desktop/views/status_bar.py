"""The status bar: connection, database, person | running task | selection totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from desktop.views import theme
from desktop.views.ages import moment_text
from desktop.views.buttons import button
from desktop.views.chips import Shape
from desktop.views.context import AppContext
from desktop.views.labels import label
from desktop.views.tasks import Task


class StatusBar(QWidget):
    """See the module."""

    def __init__(self, ctx: AppContext) -> None:
        super().__init__()
        self._ctx = ctx
        _ = ctx.locale._
        self.setObjectName("statusbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.STATUS_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 16, 0)
        row.setSpacing(8)
        self.shape = Shape("green", 8)
        row.addWidget(self.shape)
        self.state = label("", "caption_strong")
        row.addWidget(self.state)
        connection = ctx.connection
        row.addSpacing(4)
        place = " · ".join(part for part in (connection.kind, connection.database) if part)
        row.addWidget(label(place, "caption"))
        row.addSpacing(8)
        who = " · ".join(part for part in (connection.person, _(connection.role)) if part)
        row.addWidget(label(who, "caption"))
        self.source = label("", "caption")
        self.source.setVisible(False)
        row.addWidget(self.source)
        row.addSpacing(16)
        self.task_name = label("", "caption")
        self.bar = QProgressBar()
        self.bar.setFixedWidth(88)
        self.bar.setTextVisible(False)
        self.count = label("", "caption")
        self.cancel: QPushButton = button(_("Cancel"), self._cancel, look="link")
        self.cancel.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for widget in (self.task_name, self.bar, self.count, self.cancel):
            widget.setVisible(False)
            row.addWidget(widget)
        row.addStretch(1)
        self.totals = QLabel()
        self.totals.setProperty("role", "caption")
        self.totals.setTextFormat(Qt.TextFormat.RichText)
        row.addWidget(self.totals)
        self._task: Task | None = None
        self.set_online(connection.online)

    def set_online(self, online: bool, since: datetime | None = None) -> None:
        """Say whether the database answers, and since when it does not."""
        _ = self._ctx.locale._
        self.shape.set_status("green" if online else "red")
        words = _("Online") if online else _("Offline")
        if since is not None and not online:
            words = _("Offline since {time}").format(
                time=moment_text(self._ctx.locale, since, self._ctx.now())
            )
        self.state.setText(words)

    def set_source(self, *, standby: bool, behind: float | None) -> None:
        """Say that what is shown came from a standby, and how many seconds that may be behind; nothing of the primary."""
        locale = self._ctx.locale
        _ = locale._
        self.source.setVisible(standby)
        if behind is None:
            self.source.setText(_("Read from a standby that cannot say how old it is"))
        elif behind < 1:
            self.source.setText(_("Read from a standby, up to date"))
        else:
            seconds = locale.integer(round(behind))
            self.source.setText(_("Read from a standby, up to {n} s behind").format(n=seconds))

    def show_tasks(self, tasks: Sequence[Task]) -> None:
        """Show the oldest running task, and how many more there are."""
        self._task = task = tasks[0] if tasks else None
        for widget in (self.task_name, self.bar, self.count):
            widget.setVisible(task is not None)
        self.cancel.setVisible(task is not None and task.can_cancel)
        if task is None:
            return
        locale = self._ctx.locale
        more = f" +{len(tasks) - 1}" if len(tasks) > 1 else ""
        self.task_name.setText((self._told(task.what) if task.what else task.title) + more)
        self.bar.setRange(0, task.total or 0)
        self.bar.setValue(task.done_count)
        done = locale.integer(task.done_count) if task.done_count else ""
        self.count.setText(f"{done} / {locale.integer(task.total)}" if task.total else done)

    def _told(self, what: str) -> str:
        """Return what a task is at: a kind of record, a file, or a text of its own."""
        from desktop.operations.mapping_lines import entity_name

        return entity_name(what, self._ctx.locale)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self.cancel.setVisible(False)

    def show_totals(self, text: str) -> None:
        """Show selection totals (rich text)."""
        self.totals.setText(text)

    def sizeHint(self) -> QSize:
        return QSize(600, theme.STATUS_BAR)
