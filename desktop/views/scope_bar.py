"""The scope control: organisation | period | pipeline, the same on every page and remembered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QInputDialog, QMenu, QSizePolicy

from desktop.errors import UserError
from desktop.periods import Period
from desktop.queries.search import ScopeChoices, scope_choices
from desktop.views import theme
from desktop.views.buttons import hairline
from desktop.views.context import AppContext

QUARTERS, YEARS = 8, 12
"""How many of the latest ones the menu offers; any other period can be typed."""


class _Segment(QAbstractButton):
    def __init__(self, key: str, fill: Callable[[QMenu], None]) -> None:
        super().__init__()
        self._key, self._value, self._fill = key, "", fill
        self.compact = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(30)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open_menu)

    def set_value(self, value: str) -> None:
        """Show what is chosen."""
        self._value = value
        self.setAccessibleName(f"{self._key}: {value}")
        self.setToolTip(f"{self._key}: {value}")
        self.updateGeometry()
        self.update()

    def open_menu(self) -> None:
        """Offer the choices."""
        menu = QMenu(self)
        self._fill(menu)
        menu.exec(self.mapToGlobal(self.rect().bottomLeft()))

    def _widths(self) -> tuple[int, int]:
        from PySide6.QtGui import QFontMetrics

        key = -7 if self.compact else QFontMetrics(theme.font(12)).horizontalAdvance(self._key)
        value = QFontMetrics(theme.font(13)).horizontalAdvance(self._value)
        return key, min(value, 110 if self.compact else 170)

    def sizeHint(self) -> QSize:
        key, value = self._widths()
        return QSize(11 + key + 7 + value + 30, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        key, value = self._widths()
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("t3" if self.isEnabled() else "dis"))
        if not self.compact:
            painter.drawText(QRectF(11, 0, key + 4, self.height()), middle, self._key)
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("t1" if self.isEnabled() else "dis"))
        shown = painter.fontMetrics().elidedText(self._value, Qt.TextElideMode.ElideRight, value + 2)
        painter.drawText(QRectF(18 + key, 0, value + 4, self.height()), middle, shown)
        painter.setPen(QPen(theme.color("dis"), 1.3))
        x, y = self.width() - 15.0, self.height() / 2
        painter.drawPolyline([QPointF(x - 3.5, y - 1.5), QPointF(x, y + 2), QPointF(x + 3.5, y - 1.5)])
        painter.end()


class ScopeBar(QFrame):
    """One bordered control with three segments; changes `ctx.scope`."""

    def __init__(self, ctx: AppContext) -> None:
        super().__init__()
        self.setObjectName("scope")
        self.setFixedHeight(32)
        self._ctx = ctx
        self._choices = ScopeChoices((), ())
        _ = ctx.locale._
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.unit = _Segment(_("Organisation"), self._fill_units)
        self.period = _Segment(_("Period"), self._fill_periods)
        self.pipeline = _Segment(_("Sales pipeline"), self._fill_pipelines)
        for i, segment in enumerate((self.unit, self.period, self.pipeline)):
            if i:
                row.addWidget(hairline(vertical=True))
            row.addWidget(segment)
        ctx.scope.changed.connect(self.refresh)
        self.refresh()

    def set_compact(self, compact: bool) -> None:
        """Leave the captions out where there is no room; they stay in the tool tips."""
        for segment in (self.unit, self.period, self.pipeline):
            segment.compact = compact
            segment.updateGeometry()
            segment.update()

    def load(self) -> None:
        """Ask the database for units and pipelines again."""
        self._ctx.tasks.read(self, scope_choices, self._loaded, key="scope")

    def _loaded(self, choices: ScopeChoices) -> None:
        self._choices = choices
        scope = self._ctx.scope.value
        gone: dict[str, None] = {}
        if scope.unit_id not in {None, *(unit.id for unit in choices.units)}:
            gone["unit_id"] = None
        if scope.pipeline_id not in {None, *(pipeline.id for pipeline in choices.pipelines)}:
            gone["pipeline_id"] = None
        self._ctx.scope.set(**gone)
        self.refresh()

    def refresh(self) -> None:
        """Show the scope in force."""
        locale, scope = self._ctx.locale, self._ctx.scope.value
        units = {unit.id: unit.name for unit in self._choices.units}
        names = {pipe.id: pipe.label(locale.is_chinese) for pipe in self._choices.pipelines}
        whole, every = locale._("Whole firm"), locale._("All pipelines")
        self.unit.set_value(units.get(scope.unit_id, whole) if scope.unit_id else whole)
        self.period.set_value(period_text(self._ctx, scope.period))
        self.pipeline.set_value(names.get(scope.pipeline_id, every) if scope.pipeline_id else every)

    def _fill_units(self, menu: QMenu) -> None:
        self._choice(menu, self._ctx.locale._("Whole firm"), "unit_id", None)
        for unit in self._choices.units:
            self._choice(menu, "    " * unit.depth + unit.name, "unit_id", unit.id)

    def _fill_pipelines(self, menu: QMenu) -> None:
        self._choice(menu, self._ctx.locale._("All pipelines"), "pipeline_id", None)
        for pipe in self._choices.pipelines:
            self._choice(menu, pipe.label(self._ctx.locale.is_chinese), "pipeline_id", pipe.id)

    def _fill_periods(self, menu: QMenu) -> None:
        month = Period.month_of(self._ctx.today)
        for back in range(13):
            period = month.shift(1 - back)
            self._choice(menu, period_text(self._ctx, period), "period", period)
        menu.addSeparator()
        _, year = self._ctx.locale._, month.starts.year
        quarters = [Period.quarter_of(month.shift(-3 * back).starts) for back in range(QUARTERS)]
        years = [Period.parse(str(year - back)) for back in range(YEARS)]
        for title, periods in ((_("Quarters"), quarters), (_("Years"), years)):
            inner = menu.addMenu(title)
            for period in periods:
                self._choice(inner, period_text(self._ctx, period), "period", period)
        menu.addAction(_("Another period…"), self.ask_period)

    def ask_period(self) -> None:
        """Ask for any period by its text; what is none is said, and asked again."""
        _, error = self._ctx.locale._, ""
        text = self._ctx.scope.period.text
        while True:
            words = _("A month (2024-03), a quarter (2024-Q1), a week (2024-W05) or a year (2024):")
            text, ok = QInputDialog.getText(self, _("Period"), f"{error}\n{words}".strip(), text=text)
            if not ok:
                return
            try:
                self._ctx.scope.set(period=Period.parse(text.strip().upper()))
                return
            except UserError as problem:
                error = problem.text(self._ctx.locale)

    def _choice(self, menu: QMenu, text: str, part: str, value: object) -> None:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(getattr(self._ctx.scope.value, part) == value)
        action.triggered.connect(lambda _checked=False: self._ctx.scope.set(**{part: value}))


def period_text(ctx: AppContext, period: Period) -> str:
    """Return a period as the reader says it."""
    locale = ctx.locale
    if period.is_month:
        return locale.month(period.starts)
    if "-Q" in period.text:
        year, quarter = period.text.split("-Q")
        return locale._("Q{quarter} {year}").format(quarter=quarter, year=year)
    if "-W" in period.text:
        year, week = period.text.split("-W")
        return locale._("Week {week} of {year}").format(week=int(week), year=year)
    return locale._("Year {year}").format(year=period.text)
