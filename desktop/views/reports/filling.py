"""Finance's own workbook is filled with a report: a kept one, or a file that is then kept, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.operations.filling import register_filled
from desktop.operations.reports import require_approved
from desktop.operations.templates import KeptTemplate, keep_template, kept_content, kept_templates
from desktop.queries.filling import FilledReport, filled_report
from desktop.queries.reports import ReportRow, ReportView, report_row
from desktop.views.page import Page
from desktop.views.saving import read_file, save_file

if TYPE_CHECKING:
    from desktop.store.workspace import Work

CHANGED = frozenset({"report", "approval"})


def choose_template(page: Page, view: ReportView) -> None:
    """Offer the kept workbooks and a file; without a screen nothing is asked."""
    if QGuiApplication.platformName() == "offscreen":
        return

    def show(kept: list[KeptTemplate]) -> None:
        menu = QMenu(page)
        for one in kept:
            text = page._("{name} (version {n})").format(name=one.name, n=one.number)
            menu.addAction(text).triggered.connect(
                lambda _checked=False, name=one.name: fill_kept(page, view.row.id, name)
            )
        if kept:
            menu.addSeparator()
        menu.addAction(page._("A workbook from a file…")).triggered.connect(lambda: _choose_file(page, view))
        menu.popup(QCursor.pos())

    page.read(kept_templates, show, key="templates")


def fill_kept(
    page: Page, report_id: int, name: str, path: Path | None = None, *, version: int | None = None
) -> None:
    """Fill a kept workbook (its newest version unless one is named) with a report, register it, and save it."""
    locale = page.ctx.locale

    def ask(work: Work) -> FilledReport:
        require_approved(report_row(work, report_id))
        content, file_name = kept_content(work, name, version)
        return filled_report(work, report_id, content, file_name, locale)

    page.read(ask, lambda filled: _register(page, filled, path), key="fill")


def fill_file(page: Page, view: ReportView, file: Path, path: Path | None = None) -> None:
    """Keep a workbook under its file's name, and fill it with a report."""

    def keep(content: bytes) -> None:
        page.write(
            lambda work: keep_template(
                work, name=file.stem, file_name=file.name, content=content, report=view.row.template
            ),
            lambda kept: fill_kept(page, view.row.id, kept.name, path),
            topics=frozenset(),
        )

    page.ctx.tasks.run(page, lambda _control: read_file(file), keep, title=page._("Fill finance's template"))


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
