"""The reconciliation: per check what the source held, what was written, and the difference."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.operations.import_results import ImportResult
from desktop.operations.mapping_lines import entity_name
from desktop.operations.reconciliation import Check
from desktop.views import theme
from desktop.views.buttons import hairline
from desktop.views.charts.ring import Ring
from desktop.views.chips import Chip
from desktop.views.labels import ElidedLabel, label
from desktop.views.page import clear_layout

HEIGHT = 104
MOST = 5
_HEAD, _TILE = 220, 168
_MONEY_FIRST = ("contract", "payment", "opportunity", "invoice", "order")


class Certificate(QFrame):
    """A well with a ring of checks and one column per check."""

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self.setObjectName("well")
        self._locale = locale
        self.setFixedHeight(HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 16, 8)
        self._row.setSpacing(14)
        self.checks: tuple[Check, ...] = ()
        self._tiles: list[QWidget] = []

    def show_result(self, result: ImportResult) -> None:
        """Show the checks that say most: the rows of all tables, customers, and the money."""
        clear_layout(self._row)
        self._tiles = []
        rehearsed = result.run is None
        self.checks = chosen(result)
        _ = self._locale._
        good = sum(1 for check in self.checks if check.is_explained)
        ring = Ring(48)
        ring.set_checks(
            ["green" if check.is_explained else "amber" for check in self.checks],
            f"{good}/{len(self.checks)}",
        )
        self._row.addWidget(ring)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(label(_("Reconciliation"), "section"))
        words.addWidget(
            label(_("as it would be written") if rehearsed else _("read back from the database"), "caption")
        )
        words.addStretch(1)
        self._row.addLayout(words)
        for check in self.checks:
            tile = QWidget()
            inner = QHBoxLayout(tile)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(14)
            inner.addWidget(hairline(vertical=True))
            inner.addLayout(self._tile(check), 1)
            self._row.addWidget(tile, 1)
            self._tiles.append(tile)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show as many checks as there is room for; the first say most."""
        room = max(1, (self.width() - _HEAD) // _TILE)
        for number, tile in enumerate(self._tiles):
            tile.setVisible(number < room)

    def _tile(self, check: Check) -> QVBoxLayout:
        _, locale = self._locale._, self._locale
        column = QVBoxLayout()
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(4)
        unit = _("CNY") if check.is_money else _("records")
        title = f"{entity_name(check.entity, locale)} {unit}" if check.entity else _("Rows of all tables")
        head.addWidget(ElidedLabel(title, "caption"), 1)
        chip = Chip("green" if check.is_explained else "amber", self._verdict(check))
        chip.setToolTip(self._reason(check))
        head.addWidget(chip)
        column.addLayout(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        show = locale.money if check.is_money else locale.integer
        lines = (
            (_("Source"), check.source),
            (_("Written"), check.written),
            (_("Difference"), check.difference),
        )
        for number, (key, value) in enumerate(lines):
            grid.addWidget(label(key, "caption"), number, 0)
            made: QLabel = Balanced(show(value)) if number == 2 and not value else label(show(value))
            made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if number == 2 and value:
                theme.role(made, "green_strong" if check.is_explained else "amber_strong")
            grid.addWidget(made, number, 1)
        column.addLayout(grid)
        return column

    def _reason(self, check: Check) -> str:
        """Say what the difference is made of."""
        locale = self._locale
        parts = []
        if check.rejected:
            parts.append(locale.plural("{n} row rejected", "{n} rows rejected", check.rejected))
        if check.merged:
            parts.append(locale.plural("{n} row repeats a record", "{n} rows repeat a record", check.merged))
        return "; ".join(parts)

    def _verdict(self, check: Check) -> str:
        _ = self._locale._
        if not check.difference:
            return _("agrees")
        if check.is_explained:
            return _("explained")
        return _("look at it")


class Balanced(QLabel):
    """A difference of nothing, with the accountant's double underline."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        theme.role(self, "green_strong")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        width = self.fontMetrics().horizontalAdvance(self.text())
        for y in (self.height() - 3, self.height() - 1):
            painter.fillRect(QRect(self.width() - width, y, width, 1), theme.color("green"))
        painter.end()


def chosen(result: ImportResult) -> tuple[Check, ...]:
    """Return the few checks to be shown: all rows together first, then customers, money, other records."""
    read, rejected = result.totals["read"], result.totals["rejected"]
    together = Check("", False, read, read - rejected, rejected)
    money = sorted(
        (check for check in result.checks if check.is_money and check.entity in _MONEY_FIRST),
        key=lambda check: _MONEY_FIRST.index(check.entity),
    )
    records = [check for check in result.checks if not check.is_money]
    accounts = [check for check in records if check.entity == "account"]
    rest = [check for check in records if check.entity != "account"]
    return tuple([together, *accounts, *money, *rest][:MOST])
