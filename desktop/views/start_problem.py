"""What is shown when the database cannot be opened: what is wrong, and three ways on."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout

from desktop.errors import UserError
from desktop.i18n import Locale
from desktop.views.buttons import button
from desktop.views.labels import label
from desktop.views.strips import Advice


class StartProblem(QDialog):
    """Try again, another database, or the embedded one of this PC."""

    def __init__(self, locale: Locale, where: str, error: UserError, embedded: str) -> None:
        super().__init__()
        _ = locale._
        self._locale, self._embedded = locale, embedded
        self.choice: str | None = None
        self.setWindowTitle("准绳 Plumbline")
        self.setMinimumWidth(560)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label(_("The database could not be opened"), "inspector"))
        column.addWidget(Advice("red", error.text(locale), error.remedy_text(locale)))
        column.addWidget(label(_("Database: a file, or postgresql://server/database"), "caption"))
        self.edit = QLineEdit(where)
        column.addWidget(self.edit)
        row = QHBoxLayout()
        row.addWidget(button(_("Choose a file…"), self.browse))
        row.addStretch(1)
        if where != embedded:
            row.addWidget(button(_("Use this PC's own database"), self.use_embedded))
        row.addWidget(button(_("Try again"), self.again, look="primary"))
        column.addLayout(row)

    def again(self) -> None:
        """Open what stands in the field."""
        self.choice = self.edit.text().strip() or None
        self.accept()

    def use_embedded(self) -> None:
        """Open the embedded database."""
        self.choice = self._embedded
        self.accept()

    def browse(self) -> None:
        """Pick a file."""
        title = self._locale._("Choose a database")
        path, _kind = QFileDialog.getOpenFileName(self, title, "", "*.db *.sqlite *.sqlite3")
        if path:
            self.edit.setText(path)

    @classmethod
    def ask(cls, locale: Locale, where: str, error: UserError, embedded: str) -> str | None:
        """Return the database to try next, or None to give up."""
        dialog = cls(locale, where, error, embedded)
        return dialog.choice if dialog.exec() else None
