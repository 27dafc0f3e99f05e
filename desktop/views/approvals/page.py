"""The Approvals page: what waits, with all its context, decided by keyboard (APR-06).

A approves, R rejects (the reason is asked for), Enter sends a rejection, Esc goes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.i18n import N_, Locale
from desktop.operations.approvals import approve_report, reject_report
from desktop.queries.approvals import ApprovalItem, approval_history, approval_inbox
from desktop.queries.reports import ReportRow, ReportView, report_view
from desktop.terms import ApprovalState
from desktop.views import theme
from desktop.views.buttons import Segments
from desktop.views.cells import DateCell, NumberCell, TextCell
from desktop.views.cells_rich import ChipCell, StatusTextCell
from desktop.views.columns import Column
from desktop.views.context import AppContext
from desktop.views.empty import EmptyState
from desktop.views.figures import Figure
from desktop.views.frozen import FrozenPreview
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.reports.columns import about
from desktop.views.reports.inspector import report_facts
from desktop.views.strips import Advice
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work

WAITING, DECIDED = "waiting", "decided"
LATE_HOURS, LIMIT_HOURS = 24, 48
MOST_ROWS = 5
CHANGED = frozenset({"report", "approval"})
_STATES: dict[str, tuple[str, str]] = {
    ApprovalState.WAITING: ("amber", ApprovalState.WAITING.label),
    ApprovalState.APPROVED: ("green", ApprovalState.APPROVED.label),
    ApprovalState.REJECTED: ("red", ApprovalState.REJECTED.label),
    ApprovalState.WITHDRAWN: ("grey", ApprovalState.WITHDRAWN.label),
}


@dataclass(frozen=True, slots=True)
class _Loaded:
    waiting: list[ApprovalItem]
    decided: list[ApprovalItem]


def waiting_words(hours: float, locale: Locale) -> str:
    """Return how long something has waited: under an hour, 5 h, 2 d 3 h."""
    whole = int(hours)
    if whole < 1:
        return locale._("under an hour")
    if whole < 24:
        return locale._("{hours} h").format(hours=whole)
    return locale._("{days} d {hours} h").format(days=whole // 24, hours=whole % 24)


def _lateness(item: ApprovalItem) -> str:
    if item.state is not ApprovalState.WAITING or item.waiting_hours < LATE_HOURS:
        return ""
    return "red" if item.waiting_hours >= LIMIT_HOURS else "amber"


def columns(locale: Locale) -> tuple[Column, ...]:
    """Return the columns of the inbox."""
    return (
        Column(
            "title",
            N_("Report"),
            TextCell(),
            width=180,
            stretch=2,
            value=lambda item: about(item.report, locale),
        ),
        Column("period", N_("Period"), width=84, value=lambda item: item.report.period),
        Column("requested_by", N_("Submitted by"), width=96, stretch=0.5),
        Column("requested_at", N_("Submitted at"), DateCell(time=True, token="t2"), width=132),
        Column(
            "waiting",
            N_("Waiting for"),
            StatusTextCell(_lateness),
            width=110,
            value=lambda item: waiting_words(item.waiting_hours, locale),
        ),
        Column("rows", N_("Rows"), NumberCell(), width=66, value=lambda item: item.report.rows),
        Column("state", N_("State"), ChipCell(_STATES), width=112),
        Column("decided_by", N_("Decided by"), width=90, hidden=True),
        Column("reason", N_("Reason"), TextCell("t2"), width=140, stretch=1, hidden=True),
    )


class ApprovalsPage(Page):
    """The inbox, the frozen figures of the chosen request, and the decision."""

    topics = frozenset({"report", "approval"})
    uses_scope = False

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        self._loaded: _Loaded | None = None
        self._item: ApprovalItem | None = None
        self._view: ReportView | None = None
        self._wanted: int | None = None
        self.reason: QLineEdit | None = None
        self.set_title(self._("Approvals"), self._("A approves, R rejects, ↑ ↓ goes through the list."))
        self.content = QWidget()
        self._fill(QVBoxLayout(self.content))
        self.body.addWidget(self.content, 1)
        self.empty = EmptyState(
            "approvals",
            self._("Nothing waits for a decision"),
            self._(
                "Reports that colleagues submit stand here with their frozen figures. Who submits never "
                "approves: it takes a second person."
            ),
            [(self._("Go to the reports"), lambda: ctx.navigate("reports"))],
        )
        self.empty.setVisible(False)
        self.body.addWidget(self.empty, 1)
        for key, act in (("A", self.approve), ("R", self.ask_reason)):
            shortcut = QShortcut(QKeySequence(key), self.table.grid)
            shortcut.activated.connect(act)

    def _fill(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine(self._("Requests"), self._("longest waiting first"))
        self.choice = Segments([(WAITING, self._("Waiting")), (DECIDED, self._("Decided"))])
        self.choice.chosen.connect(lambda _key: self._list(first=True))
        self.section.add(self.choice)
        column.addWidget(self.section)
        self.table = DataTable(self, "approvals.inbox", columns(self.locale_), title=self._("Requests"))
        self.table.selected.connect(self._selected)
        self.section.add(self.table.columns_button())
        column.addWidget(self.table)
        self.preview = FrozenPreview(self)
        column.addWidget(self.preview, 1)

    # reading

    def reload(self) -> None:
        """Ask for the inbox and the last decisions."""

        def ask(work: Work) -> _Loaded:
            return _Loaded(approval_inbox(work), approval_history(work))

        self.read(ask, self._show, key="approvals")

    def open(self, **args: Any) -> None:
        """Show the request of a report (`report_id`)."""
        if "report_id" in args:
            self._wanted = int(args["report_id"])
            if self._loaded:
                self._show(self._loaded)

    def _show(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        anything = bool(loaded.waiting or loaded.decided)
        self.content.setVisible(anything)
        self.empty.setVisible(not anything)
        mine = [item for item in loaded.waiting if not item.why_not]
        self.ctx.window.set_counts({"approvals": (len(mine), "grey")})
        self.set_figures(self._figures(loaded, mine) if anything else [])
        if not loaded.waiting and loaded.decided:
            self.choice.set_current(DECIDED)
        self._list(first=True)

    def _figures(self, loaded: _Loaded, mine: list[ApprovalItem]) -> list[Figure]:
        number, unit = self.locale_.integer, "件" if self.locale_.is_chinese else ""
        own = len(loaded.waiting) - len(mine)
        longest = max((item.waiting_hours for item in mine), default=0.0)
        late = sum(item.waiting_hours >= LIMIT_HOURS for item in mine)
        approved = sum(item.state is ApprovalState.APPROVED for item in loaded.decided)
        return [
            Figure(
                self._("For you to decide"),
                number(len(mine)),
                unit,
                self._("longest: {time}").format(time=waiting_words(longest, self.locale_))
                if mine
                else self._("all done"),
                status="red" if late else "",
                delta_status="red" if late else "" if mine else "green",
            ),
            Figure(
                self._("Not yours to decide"),
                number(own),
                unit,
                self._("your own, or not your role"),
                definition=self._("Who submits never approves."),
            ),
            Figure(
                self._("Decided lately"),
                number(len(loaded.decided)),
                unit,
                self._("{n} of them approved").format(n=number(approved)),
            ),
        ]

    def _list(self, *, first: bool = False) -> None:
        if self._loaded is None:
            return
        waiting = self.choice.current() == WAITING
        shown = self._loaded.waiting if waiting else self._loaded.decided
        self.section.set(
            explanation=self._("longest waiting first") if waiting else self._("newest decision first")
        )
        self.choice.set_text(
            WAITING, f"{self._('Waiting')} {self.locale_.integer(len(self._loaded.waiting))}"
        )
        self.choice.set_text(
            DECIDED, f"{self._('Decided')} {self.locale_.integer(len(self._loaded.decided))}"
        )
        self.table.setFixedHeight(theme.HEADER + theme.ROW * min(max(len(shown), 2), MOST_ROWS) + 2)
        self.table.set_rows(shown)
        chosen = next((item for item in shown if item.report.id == self._wanted), None)
        if chosen is None and first:
            chosen = next((item for item in shown if not item.why_not), shown[0] if shown else None)
        if chosen:
            self._wanted = None
            self.table.select(chosen.id)
        elif not shown:
            self.preview.setVisible(False)
            self.show_inspector(None)

    def _selected(self, item: ApprovalItem | None) -> None:
        if item is None:
            return
        self._item = item

        def show(view: ReportView) -> None:
            self._view = view
            self.preview.setVisible(True)
            self.preview.show_document(about(view.row, self.locale_), view.document)
            self._inspect()

        self.read(lambda work: report_view(work, item.report.id), show, key="report")

    def _inspect(self, *, asking: bool = False) -> None:
        item, view, _ = self._item, self._view, self._
        if item is None or view is None:
            return
        panel = Inspector(self.locale_, _(view.row.title), view.row.number)
        self.reason = self._reason_field() if asking else None
        if item.state is ApprovalState.WAITING and item.why_not:
            panel.add(Advice("grey", _("Not yours to decide"), _(item.why_not)))
        elif item.state is not ApprovalState.WAITING:
            panel.add(Advice(_STATES[item.state][0], self._decision(item), item.reason or ""))
        elif self.reason:
            panel.add(self.reason)
        report_facts(panel, view, self.locale_)
        if item.state is ApprovalState.WAITING and not item.why_not:
            if asking:
                panel.set_actions(None, [(_("Reject"), self.reject), (_("Back"), self._inspect)])
            else:
                panel.set_actions((_("Approve"), self.approve), [(_("Reject…"), self.ask_reason)])
        self.show_inspector(panel)
        if self.reason:
            self.reason.setFocus()

    def _decision(self, item: ApprovalItem) -> str:
        words = self._(item.state.label)
        if item.decided_by:
            words += f" · {item.decided_by} · {self.locale_.instant(item.decided_at)}"
        return words

    def _reason_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(self._("Say what has to be put right"))
        field.setAccessibleName(self._("Reason of the rejection"))
        field.returnPressed.connect(self.reject)
        return field

    # deciding

    def approve(self) -> None:
        """Approve the request that is shown."""
        item = self._mine()
        if item:
            row = item.report
            self._decide(lambda work: approve_report(work, row.id, row.version), self._("Approved."))

    def ask_reason(self) -> None:
        """Ask why it is rejected."""
        if self._mine():
            self._inspect(asking=True)

    def reject(self) -> None:
        """Reject with the reason that was typed."""
        item, reason = self._mine(), self.reason.text() if self.reason else ""
        if item:
            row = item.report
            self._decide(lambda work: reject_report(work, row.id, reason, row.version), self._("Rejected."))

    def _mine(self) -> ApprovalItem | None:
        """Return the request that is shown if this person may decide it."""
        item = self._item
        return item if item and item.state is ApprovalState.WAITING and not item.why_not else None

    def _decide(self, operation: Any, sentence: str) -> None:
        def told(row: ReportRow) -> None:
            self._item = None
            self.show_message(
                "green",
                sentence,
                place=row.number,
                actions=[(self._("Show report"), lambda: self.ctx.navigate("reports", report_id=row.id))],
            )

        self.write(operation, told, topics=CHANGED)
