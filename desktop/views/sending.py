"""Send to Excel: all rows of a table to a workbook, then opened or shown in its folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from desktop.settings import data_folder

if TYPE_CHECKING:
    from desktop.operations.sheets import SentTable
    from desktop.store.workspace import Work
    from desktop.views.page import Page
    from desktop.views.tables import DataTable


def open_path(path: Path) -> None:
    """Open a file or folder with whatever the system uses for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def say_written(page: Page, path: Path, sentence: str) -> None:
    """Show a strip that names the file, with buttons to open it or its folder."""
    page.ctx.settings.remember_file(str(path))
    page.show_message(
        "green",
        sentence,
        place=path.name,
        actions=[
            (page._("Open file"), lambda: open_path(path)),
            (page._("Show in folder"), lambda: open_path(path.parent)),
        ],
    )


def export_path(title: str, stamp: str) -> Path:
    """Return a path for a workbook in this user's exports folder."""
    name = re.sub(r'[\\/:*?"<>|\s]+', "-", title).strip("-") or "plumbline"
    return data_folder() / "exports" / f"{name}-{stamp}.xlsx"


def send_table(page: Page, title: str, table: DataTable, path: Path | None = None) -> None:
    """Write the table's rows that pass its filters to `path` (default: a new file) and open it."""
    from desktop.operations.sheets import SheetColumn, write_table_sheet

    locale = page.ctx.locale
    columns = [SheetColumn(name, kind) for name, kind, _width in table.excel_columns()]
    fetch = table.excel_rows()
    stamp = locale.instant(page.ctx.now(), seconds=True).replace(":", "").replace(" ", "-")
    target = path or export_path(title, stamp)

    def operation(work: Work) -> SentTable:
        rows = fetch(work)
        return write_table_sheet(work, path=target, title=title, columns=columns, rows=rows, locale=locale)

    def done(sent: SentTable) -> None:
        sentence = locale.plural("{n} row sent to Excel.", "{n} rows sent to Excel.", sent.rows)
        say_written(page, sent.path, sentence)
        if QGuiApplication.platformName() != "offscreen":
            open_path(sent.path)

    page.ctx.tasks.write(page, operation, done, topics=(), title=locale._("Send to Excel"))
