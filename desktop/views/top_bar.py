"""The top bar: scope, search, data as of, what waits, and who works here."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop.views import icons, theme
from desktop.views.ages import age_text, moment_text
from desktop.views.buttons import icon_button
from desktop.views.chips import Avatar
from desktop.views.context import AppContext
from desktop.views.labels import ElidedLabel, label
from desktop.views.scope_bar import ScopeBar


class SearchField(QFrame):
    """Looks like a field and opens the palette."""

    opened = Signal()

    def __init__(self, ctx: AppContext) -> None:
        super().__init__()
        _ = ctx.locale._
        self.setObjectName("search")
        self.setFixedHeight(32)
        self.setMinimumWidth(160)
        self.setMaximumWidth(380)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setAccessibleName(_("Search (Ctrl+K)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 6, 0)
        row.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(icons.pixmap("search", "t2", 16))
        row.addWidget(picture)
        row.addWidget(ElidedLabel(_("Search pages, customers, people, actions"), "tertiary"), 1)
        key = label("Ctrl K", "kbd")
        row.addWidget(key, 0, Qt.AlignmentFlag.AlignVCenter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.opened.emit()


class TopBar(QWidget):
    """See the module."""

    search = Signal()
    bell = Signal()
    person = Signal()

    def __init__(self, ctx: AppContext) -> None:
        super().__init__()
        self._ctx = ctx
        _ = ctx.locale._
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.TOP_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 16, 0)
        row.setSpacing(12)
        self.scope = ScopeBar(ctx)
        row.addWidget(self.scope)
        row.addStretch(2)
        self.field = SearchField(ctx)
        self.field.opened.connect(self.search)
        row.addWidget(self.field, 6)
        row.addStretch(2)
        self.clock = QLabel()
        self.clock.setPixmap(icons.pixmap("clock", "t2", 15))
        row.addWidget(self.clock)
        self.as_of = label("", "caption")
        row.addWidget(self.as_of)
        row.addWidget(icon_button("bell", _("What waits for me"), self.bell.emit, 30))
        self.avatar = icon_button("person", _("Who works here"), self.person.emit, 30)
        self.avatar.setIcon(QIcon())
        face = QHBoxLayout(self.avatar)
        face.setContentsMargins(1, 1, 1, 1)
        face.addWidget(Avatar(ctx.connection.person or "?", 28))
        row.addWidget(self.avatar)
        self.set_as_of(None)

    def set_compact(self, compact: bool) -> None:
        """Leave out what the tool tips say too."""
        self.as_of.setVisible(not compact)
        self.scope.set_compact(compact)

    def set_as_of(self, at: datetime | None, *, online: bool = True) -> None:
        """Say which moment of the database the page shows, how long ago that is, and whether it may be old."""
        locale = self._ctx.locale
        at = at or self._ctx.now()
        words, age = moment_text(locale, at, self._ctx.now()), age_text(locale, at, self._ctx.now())
        if self._ctx.connection.is_demo:  # its clock stands still on another day than the reader's
            words = locale.instant(at)
        stamp = locale._("Data as of {time}").format(time=words)
        self.as_of.setText(f"{stamp} · {age}" if age else stamp)
        look = "caption" if online else "red_small"
        if self.as_of.property("role") != look:
            self.as_of.setProperty("role", look)
            self.as_of.style().polish(self.as_of)
            self.clock.setPixmap(icons.pixmap("clock", "t2" if online else "red_t", 15))
        exact = locale._("Data as of {time}").format(time=locale.instant(at, seconds=True))
        offline = "" if online else locale._("The database cannot be reached; this is what was read last.")
        for widget in (self.as_of, self.clock):
            widget.setToolTip("\n".join(part for part in (exact, offline) if part))
