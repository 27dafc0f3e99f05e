"""Finance's own workbook is filled with a report: a kept one, or a file that is then kept, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.operations.filling import register_filled
from desktop.operations.templates import KeptTemplate, keep_template, kept_content, kept_templates
from desktop.queries.filling import FilledReport, filled_report
from desktop.queries.reports import ReportRow, ReportView
from desktop.views.page import Page
from desktop.views.saving import save_file

if TYPE_CHECKING:
    from desktop.store.workspace import Work

CHANGED = frozenset({"report", "approval"})
LARGEST_FILE = 200_000_000


def choose_template(page: Page, view: ReportView) -> None:
    """Offer the kept workbooks and a file; without a screen nothing is asked."""
    if QGuiApplication.platformName() == "offscreen":
        return

    def show(kept: list[KeptTemplate]) -> None:
        menu = QMenu(page)
        for one in kept:
            text = page._("{name} (version {n})").format(name=one.name, n=one.number)
            menu.addAction(text).triggered.connect(
                lambda _checked=False, name=one.name: fill_kept(page, view, name)
            )
        if kept:
            menu.addSeparator()
        menu.addAction(page._("A workbook from a file…")).triggered.connect(lambda: _choose_file(page, view))
        menu.popup(QCursor.pos())

    page.read(kept_templates, show, key="templates")


def fill_kept(page: Page, view: ReportView, name: str, path: Path | None = None) -> None:
    """Fill a kept workbook with a report, register it, and save it."""
    number, locale = view.row.id, page.ctx.locale

    def ask(work: Work) -> FilledReport:
        content, file_name = kept_content(work, name)
        return filled_report(work, number, content, file_name, locale)

    page.read(ask, lambda filled: _register(page, filled, path), key="fill")


def content_of(file: Path) -> bytes:
    """Return what a file holds; raise InvalidInput for one that cannot be read, or is too large."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise OSError
        return file.read_bytes()
    except OSError as problem:
        raise InvalidInput(
            "file_unreadable",
            N_("{file} cannot be read."),
            remedy=N_("Close it if another program holds it, and check that it is a file."),
            file=file.name,
        ) from problem


def fill_file(page: Page, view: ReportView, file: Path, path: Path | None = None) -> None:
    """Keep a workbook under its file's name, and fill it with a report."""

    def keep(content: bytes) -> None:
        page.write(
            lambda work: keep_template(
                work, name=file.stem, file_name=file.name, content=content, report=view.row.template
            ),
            lambda kept: fill_kept(page, view, kept.name, path),
            topics=frozenset(),
        )

    page.ctx.tasks.run(page, lambda _control: content_of(file), keep, title=page._("Fill finance's template"))


def _choose_file(page: Page, view: ReportView) -> None:
    chosen, _kind = QFileDialog.getOpenFileName(
        page, page._("Fill finance's template"), "", page._("Excel workbook (*.xlsx *.xlsm)")
    )
    if chosen:
        fill_file(page, view, Path(chosen))


def _register(page: Page, filled: FilledReport, path: Path | None) -> None:
    def save(_row: ReportRow) -> None:
        save_file(page, filled.rendered.name, filled.rendered.content, path)

    page.write(
        lambda work: register_filled(work, filled),
        save,
        topics=CHANGED,
        title=page._("Export"),
    )
