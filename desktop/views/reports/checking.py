"""Verifying workbooks on the Reports page: with the database, or by the seal alone where it cannot be reached (RPT-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from desktop.control import Control
from desktop.errors import UserError
from desktop.queries.seals import OfflineVerdict, keys_from, known_keys, verify_offline
from desktop.queries.settlement_files import is_returned_sheet
from desktop.queries.verification import Verification, verify_workbook
from desktop.views.saving import read_file
from desktop.views.tasks import AWAY

if TYPE_CHECKING:
    from desktop.views.reports.page import ReportsPage


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    content: bytes


class Checking:
    """Reads dropped workbooks, and asks what they are."""

    def __init__(self, page: ReportsPage) -> None:
        self.page = page

    def choose_file(self) -> None:
        """Ask for a workbook to verify."""
        chosen = self._chosen(self.page._("Verify a workbook"), self.page._("Excel workbook (*.xlsx)"))
        if chosen:
            self.dropped([chosen])

    def _chosen(self, title: str, kinds: str) -> str:
        if QGuiApplication.platformName() == "offscreen":
            return ""
        return QFileDialog.getOpenFileName(self.page, title, "", kinds)[0]

    def dropped(self, paths: list[str]) -> None:
        """Verify the first dropped workbook; with a file of public keys beside it by its seal, without the database.

        A settlement sheet that came back is shown on its own page.
        """
        keys = [Path(path) for path in paths if path.casefold().endswith(".json")]
        files = [Path(path) for path in paths if Path(path) not in keys] or keys
        path = files[0]

        def load(_control: Control) -> _File | None:
            content = read_file(path)
            return None if is_returned_sheet(content, path.name) else _File(path.name, content)

        def show(file: _File | None) -> None:
            if file is None:
                self.page.ctx.navigate("settlements", file=str(path))
            elif keys and path not in keys:
                self._by_seal(file, keys[0])
            else:
                self._verify(file)

        self.page.ctx.tasks.run(self.page, load, show, title=self.page._("Verify a workbook"))

    def _verify(self, file: _File) -> None:
        page = self.page
        page.verdict.hide()

        def show(result: Verification) -> None:
            # The verdict takes the place of the preview: a small window has no room for both.
            page.preview.setVisible(False)
            page.verdict.show_verdict(file.name, result)

        def failed(problem: UserError) -> None:
            if problem.code in AWAY:
                page.read(known_keys, lambda keys: self._proven(file, keys), key="keys")
            else:
                page.show_error(problem)

        page.ctx.tasks.read(
            page,
            lambda work: verify_workbook(work, file.content, file.name),
            show,
            title=page._("Verify a workbook"),
            key="verify",
            failed=failed,
        )

    def _by_seal(self, file: _File, path: Path) -> None:
        def load(_control: Control) -> Mapping[str, bytes]:
            return keys_from(read_file(path).decode("utf-8", "replace"), path.name)

        page = self.page
        page.ctx.tasks.run(
            page, load, lambda keys: self._proven(file, keys), title=page._("Verify a workbook")
        )

    def _proven(self, file: _File, keys: Mapping[str, bytes]) -> None:
        page = self.page
        page.verdict.hide()

        def show(result: OfflineVerdict) -> None:
            page.preview.setVisible(False)
            page.verdict.show_offline(file.name, result)

        page.ctx.tasks.run(
            page,
            lambda _control: verify_offline(file.content, file.name, keys),
            show,
            title=page._("Verify a workbook"),
        )
