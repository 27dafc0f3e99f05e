"""The report centre's builder: figures, rows, columns, a filter, a chart; saved, shared, made a report (RPT-02)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import N_
from desktop.operations.saved_views import remove_view, save_view, share_view
from desktop.periods import Period
from desktop.queries.metrics.engine import Filters
from desktop.queries.metrics.pivot import BAR, CHARTS, HEAT, LINE, TABLE, Pivot, Shape
from desktop.queries.report_centre import Offer, Values, builder_offer, by_kind, dimension_values
from desktop.queries.report_metrics import OwnQuestion, own_pivot, own_question
from desktop.queries.report_parts import Asked
from desktop.queries.saved_views import ViewRow
from desktop.views.buttons import Segments, button
from desktop.views.charts.grid import GridChart
from desktop.views.context import AppContext
from desktop.views.empty import EmptyState
from desktop.views.frozen import FrozenRow, frozen_columns
from desktop.views.labels import SectionLine, label
from desktop.views.reports.behind import behind_inspector, read_behind
from desktop.views.reports.drawing import draw, name_of, sayer
from desktop.views.reports.naming import ask_name
from desktop.views.scope_bar import period_text
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.views.reports.page import ReportsPage

CHART_WORDS = {BAR: N_("Bar chart"), LINE: N_("Line chart"), HEAT: N_("Heat map"), TABLE: N_("Table only")}
VIEW_CHANGED = frozenset({"saved_view"})
SHARED, UNSHARED = N_("Everybody sees the view now."), N_("The view is yours alone again.")
NOTHING = ""
CHART_HEIGHT = 250
USUAL_ROWS = ("industry", "person", "month")
"""What figures are split by to begin with, the first of these that they can be split by."""


class AnalysePane(QWidget):
    """Choose, see, keep. Every change is computed at once."""

    def __init__(self, page: ReportsPage) -> None:
        super().__init__()
        self.page = page
        self.ctx = page.ctx
        self._ = page.ctx.locale._
        self._offer: Offer | None = None
        self._pivot: Pivot | None = None
        self._table: DataTable | None = None
        self._filling = False
        self._view: ViewRow | None = None
        self._wanted: OwnQuestion | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._saved_row())
        column.addLayout(self._choices())
        self.line = SectionLine("")
        self.chart_kind = Segments([(kind, self._(CHART_WORDS[kind])) for kind in CHARTS], BAR)
        self.chart_kind.chosen.connect(lambda _kind: self.ask())
        self.line.add(self.chart_kind)
        column.addWidget(self.line)
        self.chart = GridChart(page.ctx.locale, self._("Own analysis"))
        self.chart.setFixedHeight(CHART_HEIGHT)
        self.chart.clicked.connect(self._drill)
        column.addWidget(self.chart)
        self.holder = QVBoxLayout()
        column.addLayout(self.holder, 1)

    # the controls

    def _saved_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.views = self._box(self._open_view, 180)
        row.addWidget(label(self._("Saved views"), "caption"))
        row.addWidget(self.views)
        self.keep = button(self._("Save view"), self.save, small=True)
        self.share = button(self._("Share view"), self.toggle_shared, small=True)
        self.remove = button(self._("Remove view"), self.remove_current, look="flat", small=True)
        for made in (self.keep, self.share, self.remove):
            row.addWidget(made)
        row.addStretch(1)
        row.addWidget(button(self._("Make a report"), self.make_report, look="tinted", small=True))
        return row

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.figure, self.second = self._box(self._refit, 100), self._box(self._refit, 84)
        self.rows, self.columns = self._box(self.ask, 84), self._box(self.ask, 84)
        self.filter_by, self.filter_value = self._box(self._load_values, 84), self._box(self.ask, 84)
        for words, box in (
            (N_("Figure"), self.figure),
            (N_("and"), self.second),
            (N_("by"), self.rows),
            (N_("across"), self.columns),
            (N_("only"), self.filter_by),
            ("=", self.filter_value),
        ):
            row.addWidget(label(self._(words), "caption"))
            box.setAccessibleName(self._(words) if words != "=" else self._("only this value"))
            row.addWidget(box, 2 if box is self.figure else 1)
        return row

    def _box(self, changed: Callable[[], object], width: int) -> QComboBox:
        box = QComboBox()
        box.setMinimumWidth(width)
        box.setMaxVisibleItems(20)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.currentIndexChanged.connect(lambda _index: None if self._filling else self._chosen(changed))
        return box

    def _chosen(self, changed: Callable[[], object]) -> None:
        """What was said of the question before no longer counts."""
        self.page.strips.clear()
        changed()

    # reading

    def reload(self) -> None:
        """Read what there is to choose from, then the figures."""
        self.page.read(builder_offer, self._show_offer, key="offer")

    def _show_offer(self, offer: Offer) -> None:
        first = self._offer is None
        self._offer = offer
        self._filling = True
        locale = self.ctx.locale
        if first:
            kinds = by_kind(offer.metrics).values()
            metrics = [(item.label(locale), item.key) for kind in kinds for item in kind]
            _fill(self.figure, metrics, "won_amount")
            _fill(self.second, [("—", NOTHING), *metrics], NOTHING)
            self._offer_fitting()
        views = [(self._name_of(view), str(view.id)) for view in offer.views]
        _fill(self.views, [("—", NOTHING), *views], str(self._view.id) if self._view else NOTHING)
        self._filling = False
        self._show_rights()
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            self.ask()
        else:
            self.show_question(wanted)

    def _offer_fitting(self) -> None:
        """Offer the dimensions by which the chosen figures can be split; one that no longer fits gives way."""
        if self._offer is None:
            return
        fitting = self._offer.fitting
        known = set.intersection(*(set(fitting[key]) for key in self._metrics() if key in fitting))
        offered = [item for item in self._offer.dimensions if item.key in known]
        every = [("—", NOTHING), *((self._(item.label), item.key) for item in offered)]
        timeless = [("—", NOTHING), *((self._(item.label), item.key) for item in offered if not item.is_time)]
        usual = next((key for key in USUAL_ROWS if key in known), NOTHING)
        rows = _key(self.rows) if self.rows.count() else usual
        self._filling = True
        _fill(self.rows, every, rows if rows in known or not rows else usual)
        _fill(self.columns, every, _key(self.columns))
        before = _key(self.filter_by)
        _fill(self.filter_by, timeless, before)
        if _key(self.filter_by) != before or not self.filter_value.count():
            _fill(self.filter_value, [("—", NOTHING)], NOTHING)
        self._filling = False

    def _refit(self) -> None:
        self._offer_fitting()
        self.ask()

    def _metrics(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for key in (_key(self.figure), _key(self.second)) if key))

    def _name_of(self, view: ViewRow) -> str:
        if view.mine:
            return f"{view.name} · {self._('shared')}" if view.shared else view.name
        return f"{view.name} · {view.owner}"

    def question(self) -> OwnQuestion:
        """Return what is chosen."""
        metrics = self._metrics()
        filters: Filters = ()
        if _key(self.filter_by) and self.filter_value.currentIndex() > 0:
            filters = ((_key(self.filter_by), (_key(self.filter_value),)),)
        shape = Shape(
            _key(self.rows) or None,
            _key(self.columns) or None,
            metrics[0] if self._sorts() else "",
            50,
            self.chart_kind.current(),
        )
        return OwnQuestion(metrics, shape, filters)

    def _sorts(self) -> bool:
        """Whether rows come by size: those of time and of stages have an order of their own."""
        ordered = {item.key for item in self._offer.dimensions if item.is_ordered} if self._offer else set()
        return _key(self.rows) not in ordered

    def ask(self) -> None:
        """Compute what is chosen."""
        if self._offer is None:
            return
        own, scope = self.question(), self.ctx.scope.value
        self.page.read(
            lambda work: own_pivot(work, own, scope.period, scope.unit_id), self._show, key="analysis"
        )

    def _load_values(self) -> None:
        key, metric, scope = _key(self.filter_by), _key(self.figure), self.ctx.scope.value
        if not key:
            self._show_values(Values(()))
            return
        self.page.read(
            lambda work: dimension_values(work, metric, key, scope.period, scope.unit_id),
            self._show_values,
            key="values",
        )

    def _show_values(self, values: Values) -> None:
        named = [(name_of(name, self.ctx.locale), value) for name, value in values.found]
        self._filling = True
        _fill(self.filter_value, [("—", NOTHING), *named], None)
        self._filling = False
        self.ask()

    # showing

    def _show(self, found: Pivot) -> None:
        self._pivot = found
        self.page.close_inspector()
        locale = self.ctx.locale
        block = found.block("figures", "")
        say = sayer(found, locale)
        self._show_title(found)
        self.chart.setVisible(draw(self.chart, found))
        if self._table is not None:
            self.page.tables.remove(self._table)
            self.holder.removeWidget(self._table)
            self._table.hide()
            self._table.deleteLater()
        self._table = DataTable(
            self.page, "reports.analysis", frozen_columns(block, locale, say), title=self._("Own analysis")
        )
        rows = [FrozenRow(number, values, total=False) for number, values in enumerate(block.rows)]
        if not found.figures.groups:
            self._table.set_empty(nothing_counted(self.ctx, found.figures.question.period))
        elif block.totals is not None:
            rows.append(FrozenRow(len(rows), block.totals, total=True))
        self._table.set_rows(rows)
        self._table.selected.connect(lambda row: None if row is None else self._drill(row.id))
        self.holder.addWidget(self._table)

    def _show_title(self, found: Pivot) -> None:
        locale = self.ctx.locale
        definition = found.figures.definitions[0]
        question = found.figures.question
        said = f"{question.period.text} · {definition.definition(locale)}"
        if found.figures.left_out:
            said = locale.plural(
                "{n} deal in another currency is counted, its amount is not added.",
                "{n} deals in other currencies are counted, their amounts are not added.",
                found.figures.left_out,
            )
        self.line.set(" · ".join(item.label(locale) for item in found.figures.definitions), said)

    def _drill(self, number: Any) -> None:
        """Show the records behind a row; the last line is the total."""
        if self._pivot is None or number is None:
            return
        found = self._pivot
        row = found.rows[number] if number < len(found.rows) else None
        name = self._("Total") if row is None else name_of(row.name, self.ctx.locale)

        def show(behind: Any) -> None:
            self.page.show_inspector(behind_inspector(self.page, name, found, row, behind))

        self.page.read(lambda work: read_behind(work, found, row), show, key="behind")

    # keeping

    def _open_view(self) -> None:
        chosen = _key(self.views)
        self._view = (
            next((view for view in self._offer.views if str(view.id) == chosen), None)
            if self._offer
            else None
        )
        self._show_rights()
        if self._view is not None:
            self.show_question(own_question(self._view.content))

    def show_question(self, own: OwnQuestion) -> None:
        """Put a question into the controls and compute it, once it is known what there is to choose."""
        if self._offer is None:
            self._wanted = own
            return
        self._filling = True
        _choose(self.figure, own.metrics[0])
        _choose(self.second, own.metrics[1] if len(own.metrics) > 1 else NOTHING)
        self._offer_fitting()
        self._filling = True
        _choose(self.rows, own.shape.rows or NOTHING)
        _choose(self.columns, own.shape.columns or NOTHING)
        self.chart_kind.set_current(own.shape.chart)
        _choose(self.filter_by, own.filters[0][0] if own.filters else NOTHING)
        if own.filters:
            value = own.filters[0][1][0]
            _fill(self.filter_value, [("—", NOTHING), (value, value)], value)
        self._filling = False
        self.ask()

    def _show_rights(self) -> None:
        mine = self._view is not None and self._view.mine
        self.share.setEnabled(mine)
        self.remove.setEnabled(mine)
        shared = self._view is not None and self._view.shared
        self.share.setText(self._("Share no longer") if shared and mine else self._("Share view"))

    def save(self) -> None:
        """Keep the question under a name."""
        before = self._view.name if self._view and self._view.mine else ""
        name = ask_name(self, self._("Save view"), self._("Name of the view"), before)
        if name:
            self.save_as(name)

    def save_as(self, name: str) -> None:
        """Keep the question under this name; sharing stays as it was."""
        own = self.question()
        shared = bool(self._view and self._view.mine and self._view.shared and self._view.name == name)
        self.page.write(
            lambda work: save_view(work, name, own.stored(), shared=shared), self._kept, topics=VIEW_CHANGED
        )

    def _kept(self, view: ViewRow, said: str = N_("The view was saved.")) -> None:
        self._view = view
        self.page.show_message("green", self._(said), place=view.name)
        self.reload()

    def toggle_shared(self) -> None:
        """Let everybody see the view, or oneself alone."""
        view = self._view
        if view is not None:
            self.page.write(
                lambda work: share_view(work, view.id, view.version, shared=not view.shared),
                lambda now: self._kept(now, SHARED if now.shared else UNSHARED),
                topics=VIEW_CHANGED,
            )

    def remove_current(self) -> None:
        """Remove the view."""
        view = self._view
        if view is not None:
            self._view = None
            self.page.write(
                lambda work: remove_view(work, view.id), lambda _none: self.reload(), topics=VIEW_CHANGED
            )

    def make_report(self) -> None:
        """Make the analysis a report: frozen, decided on and exported like any other."""
        own, scope = self.question(), self.ctx.scope.value
        asked = Asked(scope.period, scope.unit_id, question=own.stored())
        self.page.made("pivot", asked)


def nothing_counted(ctx: AppContext, period: Period) -> EmptyState:
    """Return what stands in the place of figures when a period has none: whole years to look at instead."""
    _, year = ctx.locale._, period.starts.year
    years = [each for each in (Period.parse(str(year)), Period.parse(str(year - 1))) if each != period]
    return EmptyState(
        "reports",
        _("Nothing to count in {period}").format(period=period_text(ctx, period)),
        _("Nothing of this kind fell into the period and the organisation at the top. Choose others there."),
        [(period_text(ctx, each), lambda each=each: ctx.scope.set(period=each)) for each in years],  # type: ignore[misc]
    )


def _fill(box: QComboBox, items: list[tuple[str, str]], current: str | None) -> None:
    box.clear()
    for text, key in items:
        box.addItem(text, key)
    if current is not None:
        _choose(box, current)


def _choose(box: QComboBox, key: str) -> None:
    box.setCurrentIndex(max(0, box.findData(key)))


def _key(box: QComboBox) -> str:
    return str(box.currentData() or "")
