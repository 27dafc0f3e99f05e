"""What a table says in the place of rows that are not there: a panel, a line, or that a filter hides them all."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.views.buttons import button
from desktop.views.empty import EmptyState
from desktop.views.labels import label
from desktop.views.table_view import Grid


class WithoutRows:
    """Belongs to a `DataTable`: `set` says why there is nothing at all, `show` is told each count of rows."""

    def __init__(self, grid: Grid, holder: QVBoxLayout, locale: Locale, clear: Callable[[], object]) -> None:
        self._grid, self._holder = grid, holder
        self._filtered = locale._("No row passes the filter.")
        self._text = ""
        self._panel: EmptyState | None = None
        self._box = QWidget()
        row = QHBoxLayout(self._box)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(12)
        self.words: QLabel = label("", "secondary")
        self.clear = button(locale._("Clear the filter"), clear, small=True)
        row.addWidget(self.words)
        row.addWidget(self.clear)
        row.addStretch(1)
        over = QVBoxLayout(grid.viewport())
        over.setContentsMargins(0, 0, 0, 0)
        over.addWidget(self._box, 0, Qt.AlignmentFlag.AlignTop)
        self._box.hide()

    def set(self, said: EmptyState | str) -> None:
        """Say this while there is nothing at all: a panel takes the table's place, a line stands under the header."""
        if self._panel is not None:
            self._holder.removeWidget(self._panel)
            self._panel.hide()
            self._panel.deleteLater()
        self._panel, self._text = (said, "") if isinstance(said, EmptyState) else (None, said)
        if self._panel is not None:
            self._panel.hide()
            self._holder.addWidget(self._panel, 1)

    def show(self, count: int, *, filtered: bool) -> None:
        """Show what belongs to a number of rows."""
        panel = self._panel is not None and not count and not filtered
        if self._panel is not None:
            self._panel.setVisible(panel)
        self._grid.setVisible(not panel)
        words = "" if count or panel else self._filtered if filtered else self._text
        self.words.setText(words)
        self.clear.setVisible(filtered)
        self._box.setVisible(bool(words))
