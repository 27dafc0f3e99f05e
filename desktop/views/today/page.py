"""Today: whom to help first, what waits for me, and how the month stands."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.queries.approvals import ApprovalItem, with_their_reports
from desktop.queries.today import MonthLine, TodayView, today_view
from desktop.views.buttons import Segments, button, hairline
from desktop.views.context import AppContext
from desktop.views.empty import EmptyState
from desktop.views.figures import Figure
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.tables import DataTable
from desktop.views.tasks import EVERYTHING
from desktop.views.today.approvals import ApprovalList, item_name
from desktop.views.today.items import BEHIND, COLUMNS, SILENT, STUCK, HelpItem, help_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.store.workspace import Work
    from desktop.views.charts.lines import CumulativeChart

WAN = 1_000_000
"""Minor units of 万: in larger units than this, whole numbers would hide a tenth of the month."""
CHART = "desktop.views.charts.lines"
LATER_MS = 200
"""The list is painted and answers before chart and approvals, whose modules take long to import, are fetched."""


class TodayPage(Page):
    """The start page: within ten seconds one knows whom to help (PLT-16)."""

    topics = frozenset({"account", "opportunity", "activity", "target", "report", "approval", "import"})

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        _ = self._
        self.set_title(_("Today"), ctx.locale.long_date(ctx.today))
        self.add_command("refresh", _("Refresh"), self.reload, tip="F5")
        self.add_command("excel", _("Send to Excel"), self.send_to_excel, tip="Ctrl+E")
        self.items: list[HelpItem] = []
        self.view: TodayView | None = None
        self.chart: CumulativeChart | None = None
        self._month: MonthLine | None = None
        self._asked_for_chart = False
        self._stack = QStackedWidget()
        self._stack.addWidget(self._filled())
        self._empty: QWidget | None = None
        self.body.addWidget(self._stack, 1)

    def _filled(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        left = QVBoxLayout()
        left.setSpacing(0)
        self.section = SectionLine(self._("Whom to help first"))
        self.segments = Segments([("", ""), (SILENT, ""), (STUCK, ""), (BEHIND, "")])
        self.segments.chosen.connect(lambda _key: self._fill())
        self.section.add(self.segments)
        left.addWidget(self.section)
        self.table = DataTable(
            self, "today.help", COLUMNS, row_height=36 if self.width() >= 1600 else 0, title=self._("Today")
        )
        self.table.activated.connect(self.go_to)
        left.addWidget(self.table, 1)
        row.addLayout(left, 68)
        row.addSpacing(20)
        row.addWidget(hairline(vertical=True))
        row.addSpacing(20)
        row.addLayout(self._right(), 32)
        return box

    def _right(self) -> QVBoxLayout:
        right = QVBoxLayout()
        right.setSpacing(0)
        self.waiting = SectionLine(self._("Waiting for me"))
        self.waiting.add(button(self._("All"), lambda: self.ctx.navigate("approvals"), look="link"))
        right.addWidget(self.waiting)
        self.approvals = ApprovalList(self.ctx.locale, self.decide)
        right.addWidget(self.approvals, 5)
        self.pace = SectionLine(self._("Pace of the month"))
        self.pace.add(button(self._("By week"), lambda: self.ctx.navigate("targets"), look="link"))
        right.addWidget(self.pace)
        self._chart_place = QVBoxLayout()
        holder = QWidget()
        holder.setLayout(self._chart_place)
        holder.setMinimumHeight(200)
        self._chart_place.setContentsMargins(0, 0, 0, 4)
        right.addWidget(holder, 6)
        return right

    # content

    def reload(self) -> None:
        scope = self.ctx.scope.value

        self.read(lambda work: today_view(work, scope=scope), self.show_view, key="today")

    def show_view(self, view: TodayView) -> None:
        """Fill the page with what was read."""
        self.view = view
        if not view.has_data:
            self._show_empty()
            return
        self._stack.setCurrentIndex(0)
        self.items = help_items(view, self.ctx.locale)
        red = view.silent.release_count + sum(
            1 for item in self.items if item.status == "red" and item.kind != SILENT
        )
        self.set_title(self._("Today"), f"{self.ctx.locale.long_date(view.today)} · {self._urgent(red)}")
        self._show_figures(view)
        self._fill()
        self.ctx.window.set_counts({"today": (red, "red"), "approvals": (len(view.waiting), "grey")})
        if self.ctx.tasks.inline:
            self._name_reports()
            self._show_month(view.month)
        else:
            self._month = view.month
            if self.chart is not None:
                self._show_month(view.month)
            elif not self._asked_for_chart:
                self._asked_for_chart = True
                QTimer.singleShot(LATER_MS, self, self._fetch_chart)
            QTimer.singleShot(LATER_MS, self, self._name_reports)

    def _urgent(self, red: int) -> str:
        if not red:
            return self._("nobody needs help urgently")
        return self.ctx.locale.plural("{n} line needs help today", "{n} lines need help today", red)

    def _show_figures(self, view: TodayView) -> None:
        _, locale = self._, self.ctx.locale
        month, silent = view.month, view.silent
        quiet, release = (int(view.told.value(key) or 0) for key in ("silent_customers", "release_customers"))
        unit, word = locale.money_unit(max(month.target, month.sold, 1))
        places = 0 if unit <= WAN else 1
        share = len(view.stuck) / view.open_deals if view.open_deals else None
        gap = month.due - month.sold
        pace = locale.percent(month.sold / month.due) if month.due else "—"
        behind = _("pace {share}, {gap} short") if gap > 0 else _("pace {share}, {gap} ahead")
        self.set_figures(
            [
                Figure(
                    "silent_customers",
                    _("Silent customers"),
                    locale.integer(quiet),
                    _("customers"),
                    _("{n} past {days} days, to be released").format(
                        n=locale.integer(release), days=silent.release_days
                    ),
                    status="red" if release else "amber" if quiet else "",
                    delta_status="red" if release else "",
                    told=view.told,
                    clicked=lambda: self.choose(SILENT),
                ),
                Figure(
                    "requests_to_decide",
                    _("Waiting for me"),
                    locale.integer(len(view.waiting)),
                    _("requests"),
                    _("longest waits {hours} h, limit 48").format(
                        hours=locale.integer(int(view.waiting[0].waiting_hours))
                    )
                    if view.waiting
                    else _("nothing to decide"),
                    clicked=lambda: self.ctx.navigate("approvals"),
                ),
                Figure(
                    "actual_won",
                    _("Actual / calibrated target"),
                    locale.money_in(month.sold, unit, places),
                    f"/ {locale.money_in(month.target, unit, places)} {word}",
                    behind.format(share=pace, gap=locale.money_short(abs(gap))),
                    told=view.told,
                    clicked=lambda: self.ctx.navigate("targets"),
                ),
                Figure(
                    "people_behind",
                    _("People behind plan"),
                    locale.integer(len(view.behind)),
                    f"/ {locale.integer(month.people)}",
                    _("under 80 % of their target to date"),
                    status="amber" if view.behind else "",
                    clicked=lambda: self.choose(BEHIND),
                ),
                Figure(
                    "stuck_share",
                    _("Stuck deals"),
                    locale.percent(share).rstrip("%"),
                    "%" if share is not None else "",
                    _("{n} of {open} open deals, aim ≤ 8 %").format(
                        n=locale.integer(len(view.stuck)), open=locale.integer(view.open_deals)
                    ),
                    status="amber" if share and share > 0.08 else "",
                    delta_status="amber" if share and share > 0.08 else "",
                    clicked=lambda: self.choose(STUCK),
                ),
            ]
        )

    def choose(self, kind: str) -> None:
        """Show only one kind of lines."""
        self.segments.set_current(kind)
        self._fill()

    def _fill(self) -> None:
        _, locale = self._, self.ctx.locale
        names = {"": _("All"), SILENT: _("Silent"), STUCK: _("Stuck"), BEHIND: _("Behind")}
        unlisted = self._unlisted()
        for key, name in names.items():
            count = sum(1 for item in self.items if key in ("", item.kind))
            count += unlisted if key in ("", SILENT) else 0
            self.segments.set_text(key, f"{name} {locale.integer(count)}")
        kind = self.segments.current()
        shown = [item for item in self.items if kind in ("", item.kind)]
        total = locale.money_short(sum(item.amount or 0 for item in shown))
        said = _("{amount} at stake; the most first").format(amount=total)
        if unlisted and kind in ("", SILENT):
            listed = len(self.view.silent.accounts) if self.view else 0
            said += _(", the first {n} silent customers").format(n=locale.integer(listed))
        self.section.set(explanation=said)
        self.table.set_rows(shown)

    def _unlisted(self) -> int:
        """Return how many silent customers there are beyond those that the list holds."""
        return self.view.silent.count - len(self.view.silent.accounts) if self.view else 0

    def _name_reports(self) -> None:
        """Show what waits, with the reports among it by their names: what knows those takes long to import."""
        inbox = self.view.inbox if self.view else ()
        if any(item.report_id is not None for item in inbox):
            self.read(lambda work: with_their_reports(work, inbox), self._show_inbox, key="inbox")
        else:
            self._show_inbox(inbox)

    def _show_inbox(self, inbox: Sequence[ApprovalItem]) -> None:
        mine = sum(
            not item.why_not for item in inbox
        )  # the others are listed, too: they wait for somebody else
        self.waiting.set(explanation=self.ctx.locale.plural("{n} request", "{n} requests", mine))
        self.approvals.set_items(inbox)

    def _fetch_chart(self) -> None:
        """Import the chart's library, which takes a while, off the GUI thread, and then draw."""
        self.ctx.tasks.run(self, lambda control: import_module(CHART), lambda module: self._draw_chart())

    def _draw_chart(self) -> None:
        if self._month is not None:
            self._show_month(self._month)

    def _show_month(self, month: MonthLine) -> None:
        if self.chart is None:
            from desktop.views.charts.lines import CumulativeChart

            self.chart = CumulativeChart(self.ctx.locale, self._("Pace of the month"))
            self.chart.clicked.connect(lambda day: self.ctx.navigate("targets"))
            self._chart_place.addWidget(self.chart)
        from desktop.views.charts.lines import DayPoint

        locale = self.ctx.locale
        unit, word = locale.money_unit(max(month.target, month.sold, 1))
        self.pace.set(explanation=self._("cumulative, {unit}").format(unit=word or "CNY"))
        points = [
            DayPoint(
                day.day, day.target / unit, None if day.sold is None else day.sold / unit, record=day.day
            )
            for day in month.days
        ]
        gap = month.due - month.sold
        words = self._("{amount} short") if gap > 0 else self._("{amount} ahead")
        text = words.format(amount=locale.money_short(abs(gap))) if month.due else ""
        self.chart.set_points(points, self.view.today if self.view else None, text)

    # going there, deciding

    def go_to(self, item: HelpItem) -> None:
        """Open the record of a line (double click or Enter)."""
        kind, number = item.id
        if kind == SILENT:
            self.ctx.navigate("customers", account_id=number)
        elif kind == STUCK:
            self.ctx.navigate("pipeline", opportunity_id=number)
        else:
            self.ctx.navigate("targets", person_id=number)

    def decide(self, item: ApprovalItem, approve: bool, reason: str) -> None:
        """Approve or reject a request; the list follows after the commit."""
        number, version = item.id, item.version
        for card in self.approvals.cards:
            card.setEnabled(False)
        title = self._("Approve") if approve else self._("Reject")

        def operation(work: Work) -> Any:
            from desktop.operations.approvals import approve as say_yes
            from desktop.operations.approvals import reject

            if approve:
                return say_yes(work, number, version=version)
            return reject(work, number, reason, version=version)

        def done(_row: Any) -> None:
            words = self._("Approved.") if approve else self._("Rejected.")
            self.show_message("green", words, place=item_name(item, self.locale_))

        self.write(operation, done, topics=EVERYTHING, title=title, ended=self._enable)

    def _enable(self) -> None:
        for card in self.approvals.cards:
            card.setEnabled(True)

    # first steps

    def _show_empty(self) -> None:
        _ = self._
        self.set_figures([])
        if self._empty is None:
            self._empty = EmptyState(
                "today",
                _("Whom should you help today?"),
                _(
                    "As soon as customers and deals are here, this page shows silent customers, stuck deals, people "
                    "behind plan and what waits for you. Bring your old CRM and Excel files in, or look around "
                    "in the demo firm first."
                ),
                [
                    (_("Migrate old data"), lambda: self.ctx.navigate("migrate")),
                    (_("Load the demo firm"), lambda: self.ctx.load_demo(self)),
                ],
            )
            self._stack.addWidget(self._empty)
        self._stack.setCurrentWidget(self._empty)
