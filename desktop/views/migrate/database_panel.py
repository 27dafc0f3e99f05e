"""Where a live database is and how to sign in to it: its tables come in like files, read only (PLT-15)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit

from desktop.i18n import Locale
from desktop.views.buttons import button
from desktop.views.inspector import Inspector
from desktop.views.labels import label

EXAMPLE = "mysql://reader@host/crm"


class DatabasePanel(Inspector):
    """Address, password, button; the password is kept in memory only."""

    def __init__(self, locale: Locale, read: Callable[[str, str], object]) -> None:
        _ = locale._
        super().__init__(locale, _("From a database"), _("PostgreSQL, MySQL, SQL Server, Oracle, SQLite"))
        self._read = read
        column = self.add_section(_("Address"))
        self.address = QLineEdit()
        self.address.setPlaceholderText(EXAMPLE)
        self.address.setAccessibleName(_("Address"))
        column.addWidget(self.address)
        column = self.add_section(_("Password"))
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName(_("Password"))
        column.addWidget(self.password)
        note = _("The database is only read, and its password is written nowhere.")
        column.addWidget(label(note, "caption", wrap=True))
        self.button = button(_("Read its tables"), self._go, look="tinted", small=True)
        column.addWidget(self.button)
        for edit in (self.address, self.password):
            edit.returnPressed.connect(self._go)

    def _go(self) -> None:
        if self.address.text().strip():
            self._read(self.address.text().strip(), self.password.text())
