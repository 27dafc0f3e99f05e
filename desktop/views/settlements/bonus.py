"""The quarterly bonus on the Settlements page: a quarter chosen, its people, the sheet for finance and HR (PRF-03)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from desktop.operations.bonus import write_bonus_sheet
from desktop.periods import Period
from desktop.queries.bonus import BonusLine, bonus_lines
from desktop.views.buttons import button
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.saving import asked_path
from desktop.views.sending import say_written
from desktop.views.settlements.columns import bonus_columns
from desktop.views.tables import DataTable

QUARTERS = 8
"""So many of the latest quarters can be chosen."""


class BonusPane(QWidget):
    """Each seller's process figures, what they earn, and the result against the target."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        _ = page.ctx.locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.line = SectionLine(_("Quarterly bonus"))
        self.quarter = QComboBox()
        self.quarter.setAccessibleName(_("Quarter"))
        last = Period.quarter_of(page.ctx.today)
        for _number in range(QUARTERS):
            words = _("Q{quarter} {year}").format(quarter=last.text[-1], year=last.starts.year)
            self.quarter.addItem(words, last)
            last = Period.quarter_of(last.starts - timedelta(days=1))
        self.quarter.setCurrentIndex(1)  # the running quarter is not over: the one before is paid
        self.quarter.activated.connect(lambda _index: self.reload())
        self.line.add(self.quarter)
        self.line.add(button(_("Bonus sheet"), self.write_sheet, look="tinted", icon="excel", small=True))
        column.addWidget(self.line)
        self.table = DataTable(
            page, "settlements.bonus", bonus_columns(), title=_("Quarterly bonus"), row_id=id
        )
        self.table.set_empty(_("Nobody sells yet: sellers come with their customers, targets and contacts."))
        column.addWidget(self.table, 1)

    def chosen(self) -> Period:
        """Return the quarter in force."""
        quarter: Period = self.quarter.currentData()
        return quarter

    def reload(self) -> None:
        """Ask for the quarter's figures."""
        quarter = self.chosen()
        self._page.read(lambda work: bonus_lines(work, quarter), self._show, key="bonus")

    def _show(self, lines: list[BonusLine]) -> None:
        locale = self._page.ctx.locale
        self.table.set_rows(lines)
        self.line.set(explanation=locale.plural("{n} person", "{n} people", len(lines)))

    def write_sheet(self, path: Path | None = None) -> None:
        """Write the quarter's sheet where the person says."""
        page, quarter, locale = self._page, self.chosen(), self._page.ctx.locale
        target = asked_path(page, f"{locale._('Quarterly bonus')} {quarter.text}.xlsx", path)
        if target is None:
            return
        page.write(
            lambda work: write_bonus_sheet(work, path=target, quarter=quarter, locale=locale),
            lambda sent: say_written(page, sent.path, locale._("The workbook is written.")),
            topics=frozenset(),
        )
