"""The one dialog for a bug: what was being done, and details that can be copied."""

from __future__ import annotations

import platform
import traceback

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop import __version__
from desktop.i18n import Locale
from desktop.views.buttons import button
from desktop.views.labels import label


def bug_details(error: BaseException, what: str) -> str:
    """Return what a report of the bug needs: versions, task, traceback."""
    trace = "".join(traceback.format_exception(error))
    return f"Plumbline {__version__} · Python {platform.python_version()} · {platform.platform()}\n{what}\n\n{trace}"


class BugDialog(QDialog):
    """Says that nothing was changed, and lets the details be copied."""

    def __init__(
        self, locale: Locale, error: BaseException, what: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        _ = locale._
        self.details = bug_details(error, what)
        self.setWindowTitle(_("Something went wrong"))
        self.resize(640, 380)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label(_("Something went wrong"), "inspector"))
        sentence = _("This is a fault of the program, not of your data: what was being done was taken back.")
        column.addWidget(label(sentence, "secondary", wrap=True))
        box = QPlainTextEdit(self.details)
        box.setReadOnly(True)
        box.setAccessibleName(_("Details"))
        column.addWidget(box, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button(_("Copy details"), self.copy, icon="copy"))
        row.addWidget(button(_("Close"), self.accept, look="primary"))
        column.addLayout(row)

    def copy(self) -> None:
        """Put the details on the clipboard."""
        QGuiApplication.clipboard().setText(self.details)
