"""The Approvals page: what waits, with all its context, decided by keyboard (APR-01, APR-06).

A approves, R rejects, B sends back for correction (the reason is asked for, Enter gives it, Esc goes back), S asks
somebody to sign as well; the next request is chosen by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from desktop.operations.approvals.batch import Batch, BatchDone, approve_many, batch_of
from desktop.operations.approvals.deciding import (
    add_signature,
    approve,
    ask_again,
    reject,
    return_request,
    withdraw_request,
)
from desktop.operations.approvals.viewing import RequestView, request_view
from desktop.queries.approval_flows import SignerRow, signers
from desktop.queries.approvals import ApprovalItem, approval_lists
from desktop.queries.reports import ReportView, report_view
from desktop.terms import ApprovalState
from desktop.views import theme
from desktop.views.approvals.columns import columns, subject_words
from desktop.views.approvals.context_pane import ContextPane
from desktop.views.approvals.panels import (
    KEYS,
    batch_panel,
    figures,
    request_facts,
    state_advice,
    trail,
)
from desktop.views.buttons import Segments
from desktop.views.context import AppContext
from desktop.views.empty import EmptyState
from desktop.views.frozen import FrozenPreview
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.reports.inspector import report_facts
from desktop.views.tables import DataTable
from desktop.views.tasks import EVERYTHING

if TYPE_CHECKING:
    from desktop.store.workspace import Work

WAITING, DECIDED = "waiting", "decided"
MOST_ROWS = 7
APPROVE, REJECT, RETURN, ADD = "approve", "reject", "return", "add"


@dataclass(frozen=True, slots=True)
class _Loaded:
    waiting: list[ApprovalItem]
    decided: list[ApprovalItem]


@dataclass(frozen=True, slots=True)
class _Shown:
    request: RequestView
    report: ReportView | None
    signers: list[SignerRow]


class ApprovalsPage(Page):
    """The inbox, the whole context of the chosen request, and the decision."""

    topics = EVERYTHING
    uses_scope = False

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        self._loaded: _Loaded | None = None
        self._item: ApprovalItem | None = None
        self._shown: _Shown | None = None
        self._wanted: tuple[str, int] | None = None
        self.reason: QLineEdit | None = None
        self.signer: QComboBox | None = None
        self.set_title(self._("Approvals"), self._(KEYS))
        self.add_command("checks", self._("Approve several…"), self.ask_batch)
        self.content = QWidget()
        self._fill(QVBoxLayout(self.content))
        self.body.addWidget(self.content, 1)
        self.empty = EmptyState(
            "approvals",
            self._("Nothing waits for a decision"),
            self._(
                "Discounts, quotes, contract changes, targets, handovers and reports that colleagues ask for stand "
                "here with their context. Who asks never approves: it takes a second person."
            ),
            [(self._("Go to the reports"), lambda: ctx.navigate("reports"))],
        )
        self.empty.setVisible(False)
        self.body.addWidget(self.empty, 1)
        for key, act in (
            ("A", self.approve),
            ("R", lambda: self.ask(REJECT)),
            ("B", lambda: self.ask(RETURN)),
            ("S", lambda: self.ask(ADD)),
            ("Shift+A", self.ask_batch),
        ):
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
        self.context = ContextPane(self.locale_)
        for pane in (self.preview, self.context):
            pane.setVisible(False)
            column.addWidget(pane, 1)

    # reading

    def reload(self) -> None:
        """Ask for the inbox and the last decisions."""

        def ask(work: Work) -> _Loaded:
            return _Loaded(*approval_lists(work))

        self.read(ask, self._show, key="approvals")

    def open(self, **args: Any) -> None:
        """Show a request (`request_id`), or the one of a report (`report_id`)."""
        for name in ("report_id", "request_id"):
            if name in args:
                self._wanted = (name, int(args[name]))
                if self._loaded:
                    self._show(self._loaded)

    def _show(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        anything = bool(loaded.waiting or loaded.decided)
        self.content.setVisible(anything)
        self.empty.setVisible(not anything)
        mine = [item for item in loaded.waiting if not item.why_not]
        self.ctx.window.set_counts({"approvals": (len(mine), "grey")})
        self.set_figures(figures(loaded.waiting, loaded.decided, self.locale_) if anything else [])
        if not loaded.waiting and loaded.decided:
            self.choice.set_current(DECIDED)
        self._list(first=True)

    def _list(self, *, first: bool = False) -> None:
        if self._loaded is None:
            return
        waiting = self.choice.current() == WAITING
        shown = self._loaded.waiting if waiting else self._loaded.decided
        self.section.set(
            explanation=self._("longest waiting first") if waiting else self._("newest decision first")
        )
        for key, title, items in (
            (WAITING, self._("Waiting"), self._loaded.waiting),
            (DECIDED, self._("Decided"), self._loaded.decided),
        ):
            self.choice.set_text(key, f"{title} {self.locale_.integer(len(items))}")
        self.table.setFixedHeight(theme.HEADER + theme.ROW * min(max(len(shown), 2), MOST_ROWS) + 2)
        self.table.set_rows(shown)
        chosen = next((item for item in shown if self._is_wanted(item)), None)
        if chosen is None and first:
            chosen = next((item for item in shown if not item.why_not), shown[0] if shown else None)
        if chosen:
            self._wanted = None
            self.table.select(chosen.id)
        elif not shown:
            self.preview.setVisible(False)
            self.context.setVisible(False)
            self.show_inspector(None)

    def _is_wanted(self, item: ApprovalItem) -> bool:
        if self._wanted is None:
            return False
        name, number = self._wanted
        return (
            (item.report.id if item.report else None) == number if name == "report_id" else item.id == number
        )

    def _selected(self, item: ApprovalItem | None) -> None:
        if item is None:
            return
        self._item = item

        def ask(work: Work) -> _Shown:
            report = report_view(work, item.report.id) if item.report else None
            return _Shown(request_view(work, item.id), report, signers(work, (work.actor.person_id,)))

        def show(found: _Shown) -> None:
            self._shown = found
            self.preview.setVisible(found.report is not None)
            self.context.setVisible(found.report is None)
            if found.report:
                self.preview.show_document(subject_words(item, self.locale_), found.report.document)
            else:
                self.context.show_context(found.request.context)
            self._inspect()

        self.read(ask, show, key="request")

    def _inspect(self, asking: str = "") -> None:
        item, shown, _ = self._item, self._shown, self._
        if item is None or shown is None:
            return
        panel = Inspector(self.locale_, subject_words(item, self.locale_), _(item.label))
        self.reason = self._field(asking) if asking else None
        self.signer = self._signers(shown.signers, item) if asking == ADD else None
        state_advice(panel, item, self.locale_)
        for widget in (self.signer, self.reason):
            if widget:
                panel.add(widget)
        request_facts(panel, item, self.locale_)
        trail(panel, shown.request, self.locale_)
        if shown.report:
            panel.add_section(_("Report"))
            report_facts(panel, shown.report, self.locale_)
        self._actions(panel, item, asking)
        self.show_inspector(panel)
        if self.reason:
            (self.signer or self.reason).setFocus()

    def _actions(self, panel: Inspector, item: ApprovalItem, asking: str) -> None:
        _ = self._
        words = {REJECT: _("Reject"), RETURN: _("Send back"), ADD: _("Ask to sign")}
        if asking:
            panel.set_actions(
                None, [(words[asking], lambda: self.answer(asking)), (_("Back"), self._inspect)]
            )
        elif item.state is ApprovalState.WAITING and not item.why_not:
            others = [(_("Reject…"), lambda: self.ask(REJECT)), (_("Send back…"), lambda: self.ask(RETURN))]
            panel.set_actions((_("Approve"), self.approve), others)
        elif item.is_mine and item.state is ApprovalState.WAITING and item.report is None:
            panel.set_actions(None, [(_("Withdraw"), self.withdraw)])
        elif item.is_mine and item.state is not ApprovalState.APPROVED and item.report is None:
            panel.set_actions(None, [(_("Ask again"), self.ask_again)])

    def _field(self, asking: str) -> QLineEdit:
        field = QLineEdit()
        words = self._("Why, in a few words") if asking == ADD else self._("Say what has to be put right")
        field.setPlaceholderText(words)
        field.setAccessibleName(self._("Reason of the rejection") if asking == REJECT else words)
        field.returnPressed.connect(lambda: self.answer(asking))
        return field

    def _signers(self, found: list[SignerRow], item: ApprovalItem) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self._("Who shall sign as well"))
        for row in found:
            if row.name != item.requested_by:
                box.addItem(f"{row.name} · {self._(row.role.label)}", row.id)
        return box

    # deciding

    def approve(self) -> None:
        """Approve the request that is shown."""
        item = self._mine()
        if item:
            number, version = item.id, item.version
            self._decide(lambda work: approve(work, number, version=version), self._("Approved."))

    def ask(self, what: str) -> None:
        """Ask for the reason of a rejection or return, or who shall sign as well."""
        if self._mine():
            self._inspect(what)

    def answer(self, what: str) -> None:
        """Reject, send back or add a signature with what was typed."""
        item, reason = self._mine(), self.reason.text() if self.reason else ""
        if item is None:
            return
        number, version = item.id, item.version
        if what == ADD:
            person = self.signer.currentData() if self.signer else None
            if person is not None:
                self._decide(
                    lambda work: add_signature(work, number, person, reason=reason, version=version),
                    self._("Asked to sign as well."),
                )
            return
        act, sentence = (
            (reject, self._("Rejected.")) if what == REJECT else (return_request, self._("Sent back."))
        )
        self._decide(lambda work: act(work, number, reason, version=version), sentence)

    def withdraw(self) -> None:
        """Take one's own request back."""
        if item := self._item:
            number, version = item.id, item.version
            self._decide(lambda work: withdraw_request(work, number, version=version), self._("Withdrawn."))

    def ask_again(self) -> None:
        """Ask once more for what was sent back, rejected or withdrawn."""
        if item := self._item:
            number = item.id
            self._decide(lambda work: ask_again(work, number), self._("Asked again."))

    def _mine(self) -> ApprovalItem | None:
        """Return the request that is shown if this person may decide it."""
        item = self._item
        return item if item and item.state is ApprovalState.WAITING and not item.why_not else None

    def _decide(self, operation: Callable[[Work], object], sentence: str) -> None:
        item = self._item
        place = subject_words(item, self.locale_) if item else ""
        report = item.report.id if item and item.report else None

        def told(_result: object) -> None:
            self._item = None
            actions = (
                [(self._("Show report"), lambda: self.ctx.navigate("reports", report_id=report))]
                if report
                else []
            )
            self.show_message("green", sentence, place=place, actions=actions)

        self.write(operation, told, topics=EVERYTHING)

    # many at once

    def ask_batch(self) -> None:
        """Show what can be approved at once, and what is left out with its reason."""

        def show(batch: Batch) -> None:
            self.show_inspector(batch_panel(batch, self.locale_, lambda: self.approve_batch(batch)))

        self.read(batch_of, show, key="batch")

    def approve_batch(self, batch: Batch) -> None:
        """Approve what was shown, each request in a transaction of its own."""

        def done(result: BatchDone) -> None:
            words = self.locale_.plural("{n} request approved.", "{n} requests approved.", len(result.signed))
            self.show_message("green" if not result.exceptions else "amber", words)
            for left in result.exceptions:
                self.show_message("amber", left.text(self.locale_), place=left.title)
            self._item = None
            self.reload()

        workspace = self.ctx.workspace
        self.ctx.tasks.run(
            self, lambda _control: approve_many(workspace, batch.clear), done, title=self._("Approve")
        )
