"""The Targets page: the month calibrated, judged and traced down the tree (TGT-01, 02, 11, 13, 19 to 21, 25)."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.operations.approval_subjects.target_adjustment import target_standing
from desktop.operations.targets import Accepted, accept_calibration
from desktop.periods import Period
from desktop.queries.approvals import ApprovalItem
from desktop.queries.sales_history import History
from desktop.queries.targets import TargetNode, TargetView, target_view
from desktop.views.buttons import button, hairline
from desktop.views.charts.waterfall import WaterfallChart
from desktop.views.charts.weeks import WeeksChart
from desktop.views.columns import money_word
from desktop.views.context import AppContext
from desktop.views.empty import EmptyState
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine
from desktop.views.legend import Key, Legend
from desktop.views.page import Page, clear_layout
from desktop.views.tables import DataTable, TreeSource
from desktop.views.targets.asking import ask_target
from desktop.views.targets.columns import tree_columns
from desktop.views.targets.editor import target_editor
from desktop.views.targets.factors import FactorsChart
from desktop.views.targets.figures import (
    amount_text,
    basis_text,
    cascade_steps,
    node_name,
    numbered,
    target_figures,
    week_bars,
    week_quality,
)
from desktop.views.targets.reasons import ReasonLine

TREE_WIDTH, WIDE_TREE = 468, 520
LOWER, SMALL_LOWER = 236, 212
LEAST_CHARTS = 560
MOST_WIDE = 16_777_215
"""Qt's word for no limit."""


class TargetsPage(Page):
    """Is the month set right, who is behind, and where does the target leak."""

    topics = frozenset({"target", "opportunity", "calendar", "unit"})

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        self._view: TargetView | None = None
        self._key = ""
        self._history: History | None = None
        self._metric: str | None = None
        self.set_title(self._("Target calibration"))
        self.add_command("excel", self._("Send to Excel"), self.send_to_excel)
        self.add_command("targets", self._("Set target"), self.edit_target)
        self.accept = self.add_command(
            "check",
            self._("Accept calibration"),
            self.accept_weeks,
            primary=True,
            tip=self._("Write the calibrated weeks of everybody shown as their weekly targets"),
        )
        self.content = QWidget()
        self._fill()
        self.body.addWidget(self.content, 1)
        self.empty: EmptyState | None = None

    def _fill(self) -> None:
        row = QHBoxLayout(self.content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.left = QWidget()
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line = SectionLine(self._("Target tree"))
        line.add(
            Legend(
                [
                    Key("green", "≥ 95", "state"),
                    Key("amber", "80–95", "state"),
                    Key("red", "< 80 %", "state"),
                ]
            )
        )
        column.addWidget(line)
        self.tree = DataTable(
            self,
            "targets.tree",
            tree_columns(self.locale_),
            row_height=30,
            row_id=lambda node: node.key,
            title=self._("Target tree"),
        )
        self.tree.selected.connect(self._selected)
        self.tree.activated.connect(lambda _node: self.edit_target())
        column.addWidget(self.tree, 1)
        row.addWidget(self.left)
        row.addSpacing(16)
        row.addWidget(hairline(vertical=True))
        row.addSpacing(18)
        self.right = QWidget()
        right = QVBoxLayout(self.right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        self._fill_weeks(right)
        self._fill_lower(right)
        row.addWidget(self.right, 1)

    def _fill_weeks(self, column: QVBoxLayout) -> None:
        self.weeks_line = SectionLine(self._("Week by week"))
        self.choose = button("", look="flat", small=True)
        self.choose.setToolTip(self._("What counts as sold, and which targets are shown"))
        self.choose.clicked.connect(self._open_choices)
        self.weeks_line.add(self.choose)
        self.weeks_line.add(
            Legend(
                [
                    Key("accent", self._("Actual")),
                    Key("t1", self._("Calibrated"), "stroke"),
                    Key("c_base", self._("Original ÷ 4"), "dashes"),
                ]
            )
        )
        column.addWidget(self.weeks_line)
        self.weeks = WeeksChart(self.locale_, self._("Weekly targets and sales"), self._number)
        self.weeks.setMinimumHeight(150)
        column.addWidget(self.weeks, 1)
        self.reasons = QVBoxLayout()
        self.reasons.setContentsMargins(0, 2, 0, 8)
        self.reasons.setSpacing(2)
        column.addLayout(self.reasons)
        column.addWidget(hairline())

    def _number(self, value: float) -> str:
        return self.locale_.decimal(value, 0 if abs(value) >= 100 or value == 0 else 1)

    def _fill_lower(self, column: QVBoxLayout) -> None:
        self.panels = QWidget()
        row = QHBoxLayout(self.panels)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        factors = QVBoxLayout()
        factors.setSpacing(0)
        self.factors_line = SectionLine(
            self._("Three factors"), self._("rhythm × process × calendar = target")
        )
        factors.addWidget(self.factors_line)
        self.factors = FactorsChart(
            self.locale_, self._("Three factors"), lambda minor: amount_text(self.locale_, minor)
        )
        factors.addWidget(self.factors, 1)
        row.addLayout(factors, 64)
        row.addSpacing(14)
        row.addWidget(hairline(vertical=True))
        row.addSpacing(14)
        cascade = QVBoxLayout()
        cascade.setSpacing(0)
        self.cascade_line = SectionLine(self._("Cascade"))
        cascade.addWidget(self.cascade_line)
        self.cascade = WaterfallChart(self.locale_, self._("Cascade"), self._number)
        cascade.addWidget(self.cascade, 1)
        row.addLayout(cascade, 36)
        column.addWidget(self.panels)

    # reading

    @property
    def period(self) -> Period:
        """The month that is calibrated: the scope's, or the last month of it that has begun."""
        period = self.ctx.scope.period
        return period if period.is_month else Period.month_of(min(self.ctx.today, period.ends))

    def reload(self) -> None:
        """Ask for the tree of the scope's month."""
        scope, period, history, metric = self.ctx.scope.value, self.period, self._history, self._metric
        self.read(
            lambda work: target_view(
                work, period=period, unit_id=scope.unit_id, history=history, metric=metric
            ),
            self._show,
            key="targets",
        )

    def _show(self, view: TargetView) -> None:
        self._view = view
        has_targets = any(node.target for node in view.nodes)
        self.content.setVisible(has_targets)
        self.accept.setEnabled(bool(view.run.people))
        self._show_empty(not has_targets)
        if not has_targets:
            self.set_figures([])
            self.set_title(self._("Target calibration"), self.locale_.month(view.run.period.starts))
            return
        self.tree.set_tree(view.nodes, lambda node: node.key, lambda node: node.parent)
        if view.node(self._key) is None:
            self._key = view.nodes[0].key
        self.tree.select(self._key, tell=False)
        self._show_node()

    def _show_empty(self, wanted: bool) -> None:
        if self.empty is not None:
            self.body.removeWidget(self.empty)
            self.empty.hide()
            self.empty.deleteLater()
            self.empty = None
        if wanted:
            month = self.locale_.month(self.period.starts)
            self.empty = EmptyState(
                "targets",
                self._("No targets for {month}").format(month=month),
                self._(
                    "Here stands each person's month in four weeks by their own rhythm, who is on pace, and "
                    "where the target leaks on its way down. Bring in the month's targets to see it."
                ),
                [(self._("Import targets"), lambda: self.ctx.navigate("migrate"))],
            )
            self.body.addWidget(self.empty, 1)

    def _show_node(self) -> None:
        view = self._view
        node = view.node(self._key) if view else None
        if view is None or node is None:
            return
        name = node_name(self.locale_, node)
        self.set_title(
            self._("Target calibration"),
            self._("{month} · {name}").format(month=self.locale_.month(view.run.period.starts), name=name),
        )
        self.set_figures(target_figures(self.locale_, view, node))
        listed = numbered(view.why(node.key))
        self.weeks_line.set(explanation=self._("{name}, {unit}").format(name=name, unit=self._unit()))
        self.choose.setText(self._("Sold: {what}").format(what=self._(view.run.history.label)) + "  ▾")
        self.weeks.set_weeks(week_bars(self.locale_, view, node, listed))
        self._show_reasons(view, node, listed)
        self.factors.set_parts(view.parts(node.key), basis_text(self.locale_, node))
        steps, lost = cascade_steps(self.locale_, view, node)
        self.cascade.set_steps(steps)
        self.cascade_line.set(
            explanation=self._("lost on the way {amount}").format(amount=self.locale_.money_short(-lost))
            if lost < 0
            else self._("nothing is lost")
            if len(steps) > 2
            else self._("nobody below")
        )

    def _unit(self) -> str:
        return self._("10,000 yuan") if self.locale_.is_chinese else money_word(self.locale_)

    def _show_reasons(self, view: TargetView, node: TargetNode, listed: list[Any]) -> None:
        clear_layout(self.reasons)
        people = len(node.people)
        for item in listed:
            why = item.why
            note = ""
            if why.people < people:
                note = self._("{n} of {all} people").format(n=why.people, all=people)
            week = self._("Week {n}").format(n=why.week)
            self.reasons.addWidget(ReasonLine(item.mark, week, why.reason.text(self.locale_), note))
        said = [week_quality(self.locale_, view, node)]
        for reason in node.people[0].plan.reasons if node.people else ():
            if not reason.code.startswith("rhythm_") or people == 1:
                said.append(reason.text(self.locale_))
        words = self._("; ").join(part for part in said if part)
        if words:
            self.reasons.addWidget(ReasonLine("", "", words))

    # acting

    def open(self, **args: Any) -> None:
        """Show a person (`person_id`) or a unit (`unit_id`) of the tree."""
        for kind in ("person", "unit"):
            number = args.get(f"{kind}_id")
            if number is not None:
                self._go_to(f"{kind}:{number}")

    def _go_to(self, key: str) -> None:
        """Show a node, opening the tree down to it."""
        view, source = self._view, self.tree.model.source
        if view is None or view.node(key) is None:
            return
        self._key = key
        if isinstance(source, TreeSource):
            above = view.node(key)
            while above is not None and above.parent is not None:
                source.opened.add(above.parent)
                above = view.node(above.parent)
            self.tree.reload()
        self.tree.select(key, tell=False)
        self._show_node()

    def send_to_excel(self) -> None:
        """Write the target tree to a workbook."""
        self.tree.send_to_excel()

    def _selected(self, node: TargetNode | None) -> None:
        if node is not None and node.key != self._key:
            self._key = node.key
            self._show_node()

    def _open_choices(self) -> None:
        menu = QMenu(self)
        current = self._view.run if self._view else None
        for kind in History:
            action = menu.addAction(self._(kind.label), partial(self.choose_history, kind))
            action.setCheckable(True)
            action.setChecked(current is not None and current.history is kind)
        menu.addAction(self._("Chosen by itself"), partial(self.choose_history, None))
        if current is not None and len(current.metrics) > 1:
            menu.addSeparator()
            for metric in current.metrics:
                action = menu.addAction(metric, partial(self.choose_metric, metric))
                action.setCheckable(True)
                action.setChecked(current.metric == metric)
        menu.exec(self.choose.mapToGlobal(self.choose.rect().bottomLeft()))

    def choose_history(self, history: History | None) -> None:
        """Learn the rhythm and take the actual from this kind of record; None: chosen by itself."""
        self._history = history
        self.reload()

    def choose_metric(self, metric: str) -> None:
        """Show the targets of this metric."""
        self._metric = metric
        self.reload()

    def accept_weeks(self) -> None:
        """Write the calibrated weeks of the scope as weekly targets."""
        scope, period, history, metric = self.ctx.scope.value, self.period, self._history, self._metric
        self.accept.setEnabled(False)

        def told(done: Accepted) -> None:
            self.show_message(
                "green",
                self.locale_.plural(
                    "Weekly targets of {n} person written",
                    "Weekly targets of {n} people written",
                    done.changed,
                )
                + self._("; {n} were these already. Total {total}.").format(
                    n=done.unchanged, total=self.locale_.money(done.total)
                ),
                place=self.locale_.month(period.starts),
            )

        self.write(
            lambda work: accept_calibration(
                work, period=period, unit_id=scope.unit_id, history=history, metric=metric
            ),
            told,
            topics=frozenset({"target"}),
            title=self._("Accept calibration"),
            ended=lambda: self.accept.setEnabled(True),
        )

    def edit_target(self) -> None:
        """Open the inspector in which the selected node's target is set."""
        node = self._view.node(self._key) if self._view else None
        if self._view is None or node is None or node.id is None:
            return
        run, owner = self._view.run, {f"{node.kind}_id": node.id}

        def show(found: tuple[int | None, list[ApprovalItem]]) -> None:
            number, waiting = found
            ask = partial(ask_target, self, run, node, number) if number is not None else None
            self.show_inspector(target_editor(self, run, node, waiting, ask))

        self.read(lambda work: target_standing(work, run.period, run.metric, **owner), show, key="standing")

    def show_inspector(self, panel: Inspector | None) -> None:
        """Open or close the inspector; on a small screen the charts make room for it."""
        super().show_inspector(panel)
        self._make_room()

    def _make_room(self) -> None:
        taken = self.inspector.width() if self.inspector is not None else 0
        tree = WIDE_TREE if self.width() >= 1500 else TREE_WIDTH
        roomy = not taken or self.width() - taken - tree >= LEAST_CHARTS
        self.right.setVisible(roomy)
        self.left.setMinimumWidth(tree)
        self.left.setMaximumWidth(tree if roomy else MOST_WIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()
        self.panels.setFixedHeight(LOWER if self.height() >= 800 else SMALL_LOWER)
