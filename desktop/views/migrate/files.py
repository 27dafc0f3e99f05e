"""The Migrate page's dialogs and files: choosing sources, saved mappings, rejected rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from desktop.operations.certificate import WrittenCertificate, write_certificate
from desktop.operations.import_results import ImportResult, save_error_rows
from desktop.operations.migration import Source, write_profiles
from desktop.views.page import Page
from desktop.views.sending import export_path, say_written

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.importers.tables import ConvertedTable

_KINDS = "*.xlsx *.xlsm *.xls *.xlsb *.ods *.et *.csv *.tsv *.txt *.html *.htm *.xml *.dbf *.vcf *.zip"


def ask_files(page: Page) -> list[str]:
    """Ask for files to be imported."""
    title, kinds = page._("Choose files"), f"{page._('Tables')} ({_KINDS})"
    return list(QFileDialog.getOpenFileNames(page, title, "", kinds)[0])


def ask_folder(page: Page) -> list[str]:
    """Ask for a folder to be imported."""
    chosen = QFileDialog.getExistingDirectory(page, page._("Choose a folder"))
    return [chosen] if chosen else []


def ask_mapping(page: Page) -> Path | None:
    """Ask for a saved mapping."""
    chosen, _kind = QFileDialog.getOpenFileName(page, page._("Use a saved mapping…"), "", "*.json")
    return Path(chosen) if chosen else None


def save_mapping(page: Page, source: Source) -> None:
    """Ask for a place, and write the mapping of all tables there, for another PC."""
    chosen, _kind = QFileDialog.getSaveFileName(page, page._("Save this mapping…"), "mapping.json", "*.json")
    if not chosen:
        return
    page.ctx.tasks.run(
        page,
        lambda _control: write_profiles(Path(chosen), source.mappings),
        lambda _none: say_written(page, Path(chosen), page._("The mapping is saved.")),
    )


def save_rejected(
    page: Page, tables: list[ConvertedTable], result: ImportResult, path: Path | None = None
) -> None:
    """Write the rejected rows with their reasons as a workbook that can be mended and dropped again."""
    locale = page.ctx.locale
    stamp = locale.instant(page.ctx.now(), seconds=True).replace(":", "").replace(" ", "-")
    target = path or export_path(page._("Rejected rows"), stamp)

    def job(_control: Control) -> Path:
        return save_error_rows(target, tables, result, locale)

    def done(written: Path) -> None:
        say_written(page, written, page._("Mend these rows and drop the file here."))

    page.ctx.tasks.run(page, job, done, title=page._("Rejected rows"))


def save_certificate(page: Page, run: int, path: Path | None = None) -> None:
    """Write the certificate of a run as a workbook that finance can check and sign, and say whether all agrees."""
    locale = page.ctx.locale
    target = path or _ask_workbook(page, page._("Certificate of import run {run}").format(run=run))
    if target is None:
        return

    def done(written: WrittenCertificate) -> None:
        agrees = written.certificate.agrees
        sentence = (
            page._("Every row and every amount is accounted for.")
            if agrees
            else page._("Some amounts differ; the sheet “Differences” lists them.")
        )
        say_written(page, written.path, sentence)

    page.write(
        lambda work: write_certificate(work, run_id=run, path=target, locale=locale),
        done,
        topics=frozenset(),
        title=page._("Certificate…"),
    )


def _ask_workbook(page: Page, title: str) -> Path | None:
    name = title.replace("/", "-") + ".xlsx"
    chosen, _kind = QFileDialog.getSaveFileName(page, page._("Certificate…"), name, "*.xlsx")
    return Path(chosen) if chosen else None
