"""Files that a person chose: read as a whole, or written where the person says (or in the exports folder)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from desktop.errors import InvalidInput, UserError
from desktop.i18n import N_
from desktop.operations.reports import save_content
from desktop.settings import data_folder
from desktop.views.sending import say_written

if TYPE_CHECKING:
    from desktop.views.page import Page

FORBIDDEN = '\\/:*?"<>|'


LARGEST_FILE = 200_000_000


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that a person chose; raise InvalidInput if it cannot be read or is too large."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise OSError
        return path.read_bytes()
    except OSError as problem:
        raise InvalidInput(
            "file_unreadable",
            N_("{file} cannot be read."),
            remedy=N_("Close it if another program holds it, and check that it is a file."),
            file=path.name,
        ) from problem


def asked_path(page: Page, name: str, path: Path | None = None) -> Path | None:
    """Return where a workbook shall go: `path`, else where the person says, or None if they think better of it.

    Without a screen (tests, pictures) it goes to the exports folder unasked.
    """
    lawful = "".join("-" if sign in FORBIDDEN else sign for sign in name)
    if path is not None:
        return path
    if QGuiApplication.platformName() == "offscreen":
        return data_folder() / "exports" / lawful
    chosen, _kind = QFileDialog.getSaveFileName(
        page, page._("Save workbook"), str(Path.home() / lawful), page._("Excel workbook (*.xlsx)")
    )
    return Path(chosen) if chosen else None


def save_file(page: Page, name: str, content: bytes, path: Path | None = None) -> Path | None:
    """Ask where a workbook goes, write it whole or not at all, and say where it is."""
    target = asked_path(page, name, path)
    if target is None:
        return None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        save_content(target, content)
    except UserError as problem:
        page.show_error(problem)
        return None
    say_written(page, target, page._("The workbook is written."))
    return target
