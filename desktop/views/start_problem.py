"""What is shown when the database cannot be opened: what is wrong, and the ways on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.errors import UserError
from desktop.i18n import Locale
from desktop.operations.connections import address_of
from desktop.operations.keeping import Kept, newest_good_backup, restore
from desktop.views.buttons import button
from desktop.views.labels import label
from desktop.views.strips import Advice, StripArea
from desktop.views.tasks import Tasks
from desktop.views.team.form import Chosen, TeamForm


class _NoDatabase:
    """Stands where a workspace will be: the form of a team database needs none."""

    def read(self, query: Callable[[Any], Any], control: Any = None) -> NoReturn:
        raise AssertionError("no database is open")

    def write(self, operation: Callable[[Any], Any], control: Any = None, *, key: Any = None) -> NoReturn:
        raise AssertionError("no database is open")

    def freshness(self) -> NoReturn:
        raise AssertionError("no database is open")


class StartProblem(QDialog):
    """Try again, another database, a team database, or the embedded one of this PC."""

    def __init__(self, locale: Locale, where: str, error: UserError, embedded: str) -> None:
        super().__init__()
        _ = locale._
        self._locale, self._embedded = locale, embedded
        self.choice: Chosen | None = None
        self.setWindowTitle("准绳 Plumbline")
        self.setMinimumWidth(720)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label(_("The database could not be opened"), "inspector"))
        column.addWidget(Advice("red", error.text(locale), error.remedy_text(locale)))
        self._where = where
        self.strips = StripArea(locale)
        self.backup = newest_good_backup(where) if error.code == "database_damaged" else None
        if self.backup is not None:
            column.addWidget(self._offer(self.backup))
        column.addWidget(self.strips)
        self.simple = self._simple(where)
        column.addWidget(self.simple)
        self._tasks = Tasks(_NoDatabase())
        self.team = TeamForm(locale, self._tasks, self.use, where)
        self.team.setVisible(False)
        column.addWidget(self.team)
        if address_of(where) is not None:
            self.show_team()

    def _simple(self, where: str) -> QWidget:
        _ = self._locale._
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(label(_("Database: a file, or postgresql://server/database"), "caption"))
        self.edit = QLineEdit(where)
        column.addWidget(self.edit)
        row = QHBoxLayout()
        row.addWidget(button(_("Choose a file…"), self.browse))
        row.addWidget(button(_("Connect to a team database…"), self.show_team))
        row.addStretch(1)
        if where != self._embedded:
            row.addWidget(button(_("Use this PC's own database"), self.use_embedded))
        row.addWidget(button(_("Try again"), self.again, look="primary"))
        column.addLayout(row)
        return box

    def show_team(self) -> None:
        """Show the form of a team database below."""
        self.team.setVisible(True)
        self.team.password.setFocus()
        self.adjustSize()

    def use(self, chosen: Chosen) -> None:
        """Open what was chosen."""
        self.choice = chosen
        self.accept()

    def _offer(self, backup: Kept) -> Advice:
        _, locale = self._locale._, self._locale
        fact = _("The newest good backup is of {time}").format(time=locale.instant(backup.made_at))
        words = _("What was entered since then is not in it. The damaged file is kept beside the database.")
        return Advice("green", fact, words, [(_("Restore this backup"), self.restore)])

    def restore(self) -> None:
        """Put the newest good backup in the place of the damaged file, and open that."""
        assert self.backup is not None
        try:
            restore(self.backup.path, self._where)
        except UserError as problem:
            self.strips.show_error(problem)
            return
        self.use(Chosen(self._where, True))

    def again(self) -> None:
        """Open what stands in the field."""
        where = self.edit.text().strip()
        self.choice = Chosen(where, True) if where else None
        self.accept()

    def use_embedded(self) -> None:
        """Open the embedded database."""
        self.use(Chosen(self._embedded, True))

    def browse(self) -> None:
        """Pick a file."""
        title = self._locale._("Choose a database")
        path, _kind = QFileDialog.getOpenFileName(self, title, "", "*.db *.sqlite *.sqlite3")
        if path:
            self.edit.setText(path)

    def done(self, result: int) -> None:
        self._tasks.stop()
        super().done(result)

    @classmethod
    def ask(cls, locale: Locale, where: str, error: UserError, embedded: str) -> Chosen | None:
        """Return the database to try next, or None to give up."""
        dialog = cls(locale, where, error, embedded)
        return dialog.choice if dialog.exec() else None
