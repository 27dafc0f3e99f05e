"""The Pipeline page: the funnel on any day, and the list behind every number (FUN-01, FUN-09 to 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.operations.deals import StuckAction, plan_stuck_action
from desktop.periods import Period
from desktop.queries.approvals import ApprovalItem, waiting_of
from desktop.queries.deal_detail import DealDetail, deal_detail
from desktop.queries.deals import DealRow, deal_count, deal_rows
from desktop.queries.funnel import FunnelView, funnel_notes, funnel_steps, funnel_told
from desktop.queries.metrics.engine import Figures
from desktop.queries.quotes import newest_quote_of
from desktop.queries.rows import Sort
from desktop.views.asking import add_asks, waiting_advice
from desktop.views.buttons import Segments, button, icon_button
from desktop.views.charts.funnel import FunnelChart
from desktop.views.coaching import add_coaching
from desktop.views.context import AppContext
from desktop.views.empty import EmptyState
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine
from desktop.views.legend import Key, Legend
from desktop.views.page import Page
from desktop.views.pipeline.asking import ask_stage
from desktop.views.pipeline.columns import deal_columns
from desktop.views.pipeline.figures import funnel_figures, funnel_stages, funnel_summary
from desktop.views.pipeline.inspector import deal_inspector
from desktop.views.pipeline.time_travel import TimeTravel
from desktop.views.strips import Action, Strip
from desktop.views.tables import DataTable, QuerySource
from desktop.views.todos import add_todos

if TYPE_CHECKING:
    from desktop.store.workspace import Work

COUNT, AMOUNT = "count", "amount"
RECENT, PERIOD, ALL = "recent", "period", "all"
RECENT_DAYS = 90
CHART_HEIGHT, SMALL_CHART = 236, 196
SMALL_WINDOW = 760


@dataclass(frozen=True, slots=True)
class _Loaded:
    view: FunnelView
    told: Figures
    week_before: int


class PipelinePage(Page):
    """Which stage loses most, and which deals to move first."""

    topics = frozenset({"opportunity", "activity", "approval", "task", "coaching"})

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        self._loaded: _Loaded | None = None
        self._stage_id: int | None = None
        self._notes: list[Strip] = []
        self.set_title(self._("Pipeline"))
        self.add_command("replay", self._("Time travel"), self.toggle_travel)
        self.add_command("excel", self._("Send to Excel"), self.send_to_excel)
        self.travel = TimeTravel(ctx.locale, ctx.today)
        self.travel.setVisible(False)
        self.travel.moved.connect(lambda _day: self.reload())
        self.content = QWidget()
        self._fill(QVBoxLayout(self.content))
        self.body.addWidget(self.content, 1)
        self.empty = EmptyState(
            "pipeline",
            self._("No deals yet"),
            self._(
                "Here stands the funnel: how many deals are in each stage, where they are lost and which are "
                "stuck. Bring in the opportunities of the old system to see it."
            ),
            [(self._("Import old data"), lambda: ctx.navigate("migrate"))],
        )
        self.empty.setVisible(False)
        self.body.addWidget(self.empty, 1)

    def _fill(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.travel)
        self.section = SectionLine(self._("Where it leaks most"))
        self.legend = Legend(())
        self.section.add(self.legend)
        self.window_choice = Segments(
            [
                (RECENT, self._("Last {n} days").format(n=RECENT_DAYS)),
                (PERIOD, self._("This period")),
                (ALL, self._("All time")),
            ]
        )
        self.window_choice.chosen.connect(lambda _key: self.reload())
        self.section.add(self.window_choice)
        self.measure = Segments([(COUNT, self._("Count")), (AMOUNT, self._("Amount"))])
        self.measure.chosen.connect(lambda _key: self._draw())
        self.section.add(self.measure)
        self.fold = icon_button("up", self._("Fold the funnel"), self.toggle_chart)
        self.section.add(self.fold)
        column.addWidget(self.section)
        self.chart = FunnelChart(self.locale_, self._("Funnel"))
        self.chart.setFixedHeight(CHART_HEIGHT)
        self.chart.clicked.connect(self.choose_stage)
        column.addWidget(self.chart)
        self.list_line = SectionLine("")
        self.clear = button(self._("All stages"), lambda: self.choose_stage(None), look="link")
        self.clear.setVisible(False)
        self.list_line.add(self.clear)
        self.table = DataTable(
            self,
            "pipeline.deals",
            deal_columns(self.locale_),
            filters=True,
            sort=Sort("days", descending=True),
            title=self._("Deals"),
        )
        self.list_line.add(self.table.columns_button())
        column.addWidget(self.list_line)
        column.addWidget(self.table, 1)
        self.table.selected.connect(self._selected)

    # reading

    def reload(self) -> None:
        """Ask for the funnel of the scope; its list follows."""
        scope, day, window = self.ctx.scope.value, self.travel.day, self.window_choice.current()
        period, starts = self._window(scope.period, day, window)

        def ask(work: Work) -> _Loaded:
            view = funnel_steps(
                work,
                pipeline_id=scope.pipeline_id,
                unit_id=scope.unit_id,
                as_of=day,
                period=period,
                starts=starts,
            )
            before, _amount = deal_count(
                work, pipeline_id=view.pipeline.id, as_of=day - timedelta(days=7), unit_id=scope.unit_id
            )
            return _Loaded(view, funnel_told(work, view, scope.unit_id), before)

        self.read(ask, self._show, key="funnel")

    def _window(self, period: Period, day: date, window: str) -> tuple[Period | None, date | None]:
        if window == PERIOD:
            return period, None
        return None, day - timedelta(days=RECENT_DAYS) if window == RECENT else None

    def _show(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        view = loaded.view
        deals = view.pipeline.deals > 0
        self.content.setVisible(deals)
        self.empty.setVisible(not deals)
        if not deals:
            self.set_title(self._("Pipeline"))
            self.set_figures([])
            return
        sentence = self._("{pipeline} · {n} open deals").format(
            pipeline=view.pipeline.label(self.locale_), n=self.locale_.integer(view.figures.count)
        )
        if view.as_of < view.today:
            sentence += " · " + self._("as of {day}").format(day=self.locale_.day(view.as_of))
        self.set_title(self._("Pipeline"), sentence)
        self.set_figures(funnel_figures(self.locale_, view, loaded.told, loaded.week_before))
        self.legend.set_keys(
            [
                Key("c_soft", self._("≤ {n} days").format(n=7)),
                Key("accent_mid", self._("{a} to {b} days").format(a=8, b=view.stalled_days)),
                Key("amber", self._("> {n} days").format(n=view.stalled_days)),
            ]
        )
        if self._stage_id not in {step.stage.id for step in view.steps}:
            self._stage_id = None
        self._draw()
        self._list()
        for strip in self._notes:
            self.strips.remove(strip)
        self._notes = [self.strips.show_message("grey", note) for note in funnel_notes(view, self.locale_)]

    def _draw(self) -> None:
        if self._loaded is None:
            return
        view = self._loaded.view
        by_amount = self.measure.current() == AMOUNT
        self.section.set(explanation=funnel_summary(self.locale_, view))
        stages, summary = funnel_stages(self.locale_, view, by_amount=by_amount)
        self.chart.set_stages(stages, summary)
        self.chart.select(self._stage_id)

    def _list(self) -> None:
        if self._loaded is None:
            return
        view, unit, stage = self._loaded.view, self.ctx.scope.value.unit_id, self._stage_id
        pipeline, day = view.pipeline.id, view.as_of
        chosen = next((step for step in view.steps if step.stage.id == stage), None)
        figures = [chosen.figures] if chosen else [step.figures for step in view.steps]
        name = chosen.stage.label(self.locale_) if chosen else self._("All stages")
        count, stalled = sum(item.count for item in figures), sum(item.ages.stalled for item in figures)
        self.list_line.set(
            self._("{stage} · {n} open").format(stage=name, n=self.locale_.integer(count)),
            self._("{amount}, {n} over {days} days").format(
                amount=self.locale_.money_short(sum(item.amount for item in figures)),
                n=self.locale_.integer(stalled),
                days=view.stalled_days,
            ),
        )
        self.clear.setVisible(chosen is not None)
        self.table.set_source(
            QuerySource(
                lambda work, filters: deal_count(
                    work, pipeline_id=pipeline, as_of=day, unit_id=unit, stage_id=stage, filters=filters
                )[0],
                lambda work, request: deal_rows(
                    work, pipeline_id=pipeline, as_of=day, unit_id=unit, stage_id=stage, request=request
                ),
            )
        )

    # acting

    def send_to_excel(self) -> None:
        """Write the listed deals to a workbook."""
        self.table.send_to_excel()

    def open(self, **args: Any) -> None:
        """Show a stage (`stage_id`), a state of stuck deals (`state`), a deal (`deal_id`) or a day (`as_of`)."""
        if "as_of" in args:
            self.travel.setVisible(True)
            self.travel.go(args["as_of"])
        if "stage_id" in args:
            self.choose_stage(args["stage_id"])
        if "state" in args:
            self.table.set_filter("state", args["state"])
        number = args.get("deal_id", args.get("opportunity_id"))
        if number is not None:
            self.show_deal(int(number))

    def choose_stage(self, stage_id: int | None) -> None:
        """Narrow the list to a stage; the same stage again, or None, shows all."""
        self._stage_id = None if stage_id == self._stage_id else stage_id
        self.chart.select(self._stage_id)
        self._list()

    def toggle_travel(self) -> None:
        """Show the time-travel control; hide it and come back to today."""
        if self.travel.isVisible():
            self.travel.setVisible(False)
            self.travel.go(self.ctx.today)
        else:
            self.travel.setVisible(True)
            self.travel.slider.setFocus()

    def toggle_chart(self) -> None:
        """Fold the funnel away so that the list gets its room, or unfold it."""
        shown = self.chart.isHidden()
        self.chart.setVisible(shown)
        self.fold.setToolTip(self._("Fold the funnel") if shown else self._("Unfold the funnel"))

    def _selected(self, row: DealRow | None) -> None:
        if row is not None:
            self.show_deal(row.id)

    def show_deal(self, deal_id: int) -> None:
        """Open the inspector of a deal."""
        day = self.travel.day

        def ask(work: Work) -> tuple[DealDetail, list[ApprovalItem]]:
            return deal_detail(work, deal_id=deal_id, as_of=day), waiting_of(
                work, ["stage_override"], deal_id
            )

        self.read(ask, lambda found: self._inspect(*found), key="deal")

    def _inspect(self, deal: DealDetail, waiting: list[ApprovalItem]) -> None:
        asks: list[Action] = [(self._("Discount…"), lambda: self.ask_discount(deal))]
        if not waiting:
            asks.insert(0, (self._("Other stage…"), lambda: ask_stage(self, deal)))
        self.show_inspector(
            deal_inspector(
                self.locale_,
                deal,
                act=lambda action: self._plan(deal, action),
                open_account=lambda number: self.ctx.navigate("customers", account_id=number),
                open_deal=self.show_deal,
                waiting=[waiting_advice(self, item) for item in waiting],
                add_next=lambda panel: self._add_next(panel, deal),
                add_asks=lambda panel: add_asks(self, panel, asks),
            )
        )

    def _add_next(self, panel: Inspector, deal: DealDetail) -> None:
        """Add what is to be done on a deal, and what its owner was told."""

        def back() -> None:
            self.show_deal(deal.id)

        add_todos(self, panel, deal.todos, about=deal.name, back=back, deal_id=deal.id)
        add_coaching(self, panel, deal.coaching, about=deal.name, back=back, deal_id=deal.id)

    def ask_discount(self, deal: DealDetail) -> None:
        """Go to the deal's newest quote, and ask for a discount there."""

        def show(quote: int | None) -> None:
            if quote is None:
                self.show_message("amber", self._("This deal has no quote yet."), place=deal.name)
            else:
                self.ctx.navigate("quotes", quote_id=quote, ask="discount")

        self.read(lambda work: newest_quote_of(work, deal.id), show, key="quote")

    def _plan(self, deal: DealDetail, action: StuckAction) -> None:
        title = self._("{action}: {deal}").format(action=self._(action.label), deal=deal.name)

        def told(added: bool) -> None:
            words = (
                self._("{owner} now has the task “{title}”, due in three days.")
                if added
                else self._("{owner} has the task “{title}” already.")
            )
            owner = deal.owner or self.ctx.connection.person
            self.show_message("green" if added else "grey", words.format(owner=owner, title=title))

        self.write(
            lambda work: plan_stuck_action(work, deal_id=deal.id, action=action, title=title),
            told,
            topics=frozenset({"task"}),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.chart.setFixedHeight(SMALL_CHART if self.height() < SMALL_WINDOW else CHART_HEIGHT)
        self._make_room()

    def show_inspector(self, panel: Inspector | None) -> None:
        """Open or close the inspector, and let the key of the chart make room for it."""
        super().show_inspector(panel)
        self._make_room()

    def _make_room(self) -> None:
        taken = self.inspector.width() if self.inspector is not None else 0
        self.legend.setVisible(self.width() - taken > 1000)
