"""Saves a workbook that is ready: where the person says, or in the exports folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from desktop.errors import UserError
from desktop.operations.reports import save_content
from desktop.settings import data_folder
from desktop.views.sending import say_written

if TYPE_CHECKING:
    from desktop.views.page import Page

FORBIDDEN = '\\/:*?"<>|'


def save_file(page: Page, name: str, content: bytes, path: Path | None = None) -> Path | None:
    """Ask where a workbook goes, write it whole or not at all, and say where it is.

    Without a screen (tests, pictures) it goes to the exports folder unasked.
    """
    lawful = "".join("-" if sign in FORBIDDEN else sign for sign in name)
    target = path or data_folder() / "exports" / lawful
    if path is None and QGuiApplication.platformName() != "offscreen":
        chosen, _kind = QFileDialog.getSaveFileName(
            page, page._("Save workbook"), str(Path.home() / lawful), page._("Excel workbook (*.xlsx)")
        )
        if not chosen:
            return None
        target = Path(chosen)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        save_content(target, content)
    except UserError as problem:
        page.show_error(problem)
        return None
    say_written(page, target, page._("The workbook is written."))
    return target
