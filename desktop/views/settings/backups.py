"""Backups: make one, put one back, and those that are made by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QPushButton

from desktop.errors import UserError
from desktop.i18n import N_
from desktop.operations.keeping import Kept, back_up, kept_backups
from desktop.settings import default_database
from desktop.views.buttons import button
from desktop.views.cells import LabelCell, NumberCell, TextCell
from desktop.views.columns import Column
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine
from desktop.views.sending import say_written
from desktop.views.settings.section import Section, form_row
from desktop.views.strips import Advice
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.views.settings.page import SettingsPage

SUFFIX = ".plumbline"
REASONS = {
    "asked": N_("asked for"),
    "daily": N_("daily"),
    "before_upgrade": N_("before an upgrade"),
    "before_import": N_("before an import"),
}
COLUMNS = (
    Column("made_at", N_("Made at"), TextCell(), width=150),
    Column("why", N_("Occasion"), LabelCell(REASONS), width=120),
    Column("rows", N_("Rows"), NumberCell(), width=96),
    Column("megabytes", N_("MB"), NumberCell(1), width=84),
    Column("made_by", N_("Backed up by"), TextCell("t2"), width=110),
    Column("name", N_("File"), TextCell("t2"), width=220, stretch=1.0),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One automatic backup as the table shows it."""

    id: str
    made_at: str
    why: str
    rows: int
    megabytes: float
    made_by: str
    name: str


class BackupSection(Section):
    """One's own backups at the top, the automatic ones below."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        _ = self._
        self.where = self.ctx.settings.last_database or str(default_database())
        self.make = button(_("Back up…"), self.ask_where, look="primary")
        self.column.addWidget(SectionLine(_("Backup")))
        words = _("A checked copy of one moment, while everybody works on. Keep it on another disk.")
        self.column.addWidget(form_row(_("Make a backup"), words, self.make))
        if self.ctx.connection.is_team:
            self._team()
            return
        words = _(
            "Replaces all that is here now by what the backup holds; what is here now is kept beside it."
        )
        self.put_back = button(_("Restore…"), self.ask_which)
        self.column.addWidget(form_row(_("Restore a backup"), words, self.put_back))
        self.line = SectionLine(_("Automatic backups"))
        self.column.addWidget(self.line)
        self.table = DataTable(page, "settings.backups", COLUMNS, title=_("Automatic backups"))
        self.table.selected.connect(self.show_backup)
        self.table.set_empty(_("The console makes one by itself, once a day."))
        self.column.addWidget(self.table, 1)

    def _team(self) -> None:
        _ = self._
        self.column.addWidget(
            Advice(
                "grey",
                _("The team database is looked after at the server"),
                _(
                    "A backup needs a login that sees every row: whoever ran plumbline init. Daily backups and the "
                    "archive of the log belong to the server; the administrator's guide says how. To restore: "
                    "plumbline restore FILE --database postgresql://host/db"
                ),
            )
        )
        self.column.addStretch(1)

    def reload(self) -> None:
        if self.ctx.connection.is_team:
            return
        found = [self._row(item) for item in kept_backups(self.where)]
        words = self._("daily; the last 7 days and 4 weeks are kept") if found else self._("none yet")
        self.line.set(explanation=words)
        self.table.set_rows(found)

    def _row(self, item: Kept) -> Row:
        made = self.ctx.locale.instant(item.made_at)
        size = item.size / 1_000_000
        return Row(str(item.path), made, item.why, item.rows, size, item.made_by, item.path.name)

    def ask_where(self) -> None:
        """Ask for a name and make a backup there."""
        name = f"plumbline-{self.ctx.today:%Y-%m-%d}{SUFFIX}"
        pattern = self._("Plumbline backup (*.plumbline)")
        title = self._("Save backup")
        chosen, _kind = QFileDialog.getSaveFileName(self, title, str(Path.home() / name), pattern)
        if chosen:
            self.back_up(Path(chosen))

    def back_up(self, target: Path) -> None:
        """Make a backup in the background; a target that cannot be written leads to another name."""
        where, by = self.where, self.ctx.connection.login

        def job(control: Control) -> object:
            return back_up(where, target, by=by, control=control)

        def done(_manifest: object) -> None:
            say_written(self.page, target, self._("The backup is written and checked."))

        def failed(error: UserError) -> None:
            again = [(self._("Another name…"), self.ask_where)] if error.code == "file_not_written" else []
            self.page.strips.show_error(error, again)

        self._busy(self.make, job, done, failed, self._("Backing up"))

    def _busy(self, asked: QPushButton, job: object, done: object, failed: object, title: str) -> None:
        asked.setEnabled(False)
        self.ctx.tasks.run(
            self.page,
            job,  # type: ignore[arg-type]
            done,  # type: ignore[arg-type]
            title=title,
            failed=failed,  # type: ignore[arg-type]
            ended=partial(asked.setEnabled, True),
        )

    def ask_which(self) -> None:
        """Ask for a backup and offer to restore it."""
        pattern = self._("Plumbline backup (*.plumbline)") + ";;*"
        folder = str(Path(self.where).parent)
        chosen, _kind = QFileDialog.getOpenFileName(self, self._("Choose a backup"), folder, pattern)
        if chosen:
            self.offer(Path(chosen))

    def offer(self, backup: Path) -> None:
        """Ask once more, in a strip: a restore takes the place of everything."""
        sentence = self._("Everything here will be as in the backup. What is here now is kept beside it.")
        self.page.strips.clear()
        restore = (self._("Restore"), partial(self.restore, backup))
        self.page.show_message("amber", sentence, place=backup.name, actions=[restore])

    def restore(self, backup: Path) -> None:
        """Restore a backup; the window opens anew on what it holds."""
        self.page.strips.clear()
        self.page.close_inspector()
        self.ctx.restore_backup(self.page, backup)

    def show_backup(self, row: Row) -> None:
        """Open the inspector on an automatic backup."""
        _, locale = self._, self.ctx.locale
        panel = Inspector(locale, row.made_at, _(REASONS.get(row.why, row.why)))
        panel.add_values(
            [
                (_("Rows"), locale.integer(row.rows)),
                (_("MB"), locale.decimal(row.megabytes, 1)),
                (_("Backed up by"), row.made_by),
                (_("Folder"), str(Path(row.id).parent)),
            ]
        )
        panel.set_actions(None, [(_("Restore…"), partial(self.offer, Path(row.id)))])
        self.page.show_inspector(panel)
