"""The Handover page: what a leaver holds, what is missing, and the customer brief (HND-04, 05, 07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.operations.reports import draft_report, submit_report
from desktop.periods import Period
from desktop.queries.approvals import ApprovalItem, waiting_of
from desktop.queries.customer_brief import CustomerBrief, customer_brief
from desktop.queries.handover import AccountLine, HandoverView, handover
from desktop.queries.handover_people import PersonBrief, people_with_customers
from desktop.queries.handover_sheets import handover_workbook
from desktop.queries.report_parts import Asked
from desktop.queries.reports import ReportRow
from desktop.terms import PersonStatus
from desktop.views.asking import waiting_words
from desktop.views.buttons import Segments, button, hairline
from desktop.views.context import AppContext
from desktop.views.empty import EmptyState
from desktop.views.figures import Figure
from desktop.views.handover.brief import brief_inspector
from desktop.views.handover.carrying_out import CarryingOut
from desktop.views.handover.columns import columns
from desktop.views.handover.parts import PartStrip, part_figures
from desktop.views.handover.picker import PersonPicker
from desktop.views.labels import ElidedLabel, SectionLine, label
from desktop.views.page import Page
from desktop.views.saving import save_file
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work

ALL, GAPS, ALONE = "all", "gaps", "alone"


@dataclass(frozen=True, slots=True)
class _Loaded:
    people: tuple[PersonBrief, ...]
    view: HandoverView | None
    waiting: tuple[ApprovalItem, ...] = ()


class HandoverPage(Page):
    """What changes hands, and what would be lost."""

    topics = frozenset({"account", "opportunity", "activity", "task", "import", "report", "approval"})
    uses_scope = False

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        self._leaver: int | None = None
        self._receiver: int | None = None
        self._loaded: _Loaded | None = None
        self.set_title(self._("Handover checklist"))
        self.carrying_out = CarryingOut(self)
        self._commands_of_leaver = [
            self.add_command("excel", self._("Checklist as workbook"), self.save_workbook),
            self.add_command("file", self._("Submit checklist"), self.ask_approval),
            self.add_command("handover", self._("Hand over"), self.hand_over),
        ]
        self.ask_button = self.add_command(
            "sign", self._("Ask for approval"), self.ask_handover, primary=True
        )
        self._pickers = self._picker_row()
        self._column.insertWidget(1, self._pickers)
        self.content = QWidget()
        self._fill(QVBoxLayout(self.content))
        self.body.addWidget(self.content, 1)
        self.empty = EmptyState(
            "handover",
            self._("Nobody holds a customer yet"),
            self._(
                "Here you choose who leaves and who takes over, and see every customer, deal, quote, contract, "
                "receivable and to-do that changes hands, with what is still missing."
            ),
            [(self._("Import old data"), lambda: ctx.navigate("migrate"))],
        )
        self.empty.setVisible(False)
        self.body.addWidget(self.empty, 1)

    def _picker_row(self) -> QWidget:
        box = QWidget()
        box.setFixedHeight(40)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 6)
        row.setSpacing(8)
        self.leaver = PersonPicker(self._("Who leaves"))
        self.receiver = PersonPicker(self._("Who takes over"))
        self.leaver.activated.connect(lambda _index: self._pick())
        self.receiver.activated.connect(lambda _index: self._pick())
        row.addWidget(label(self._("Leaver"), "caption"))
        row.addWidget(self.leaver)
        row.addSpacing(12)
        row.addWidget(label(self._("Receiver"), "caption"))
        row.addWidget(self.receiver)
        self.note = ElidedLabel("", "caption")
        row.addSpacing(12)
        row.addWidget(self.note, 1)
        self.inbox = button(self._("Show in the inbox"), self.show_request, look="link")
        self.inbox.setVisible(False)
        row.addWidget(self.inbox)
        return box

    def _fill(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(SectionLine(self._("What is missing"), self._("items without a gap of all items")))
        self.parts = PartStrip()
        column.addWidget(self.parts)
        column.addWidget(hairline())
        self.section = SectionLine("", self._("sorted by receivable"))
        self.choice = Segments(
            [(ALL, self._("All")), (GAPS, self._("With gaps")), (ALONE, self._("Only the leaver"))]
        )
        self.choice.chosen.connect(lambda _key: self._list())
        self.section.add(self.choice)
        column.addWidget(self.section)
        self.table = DataTable(self, "handover.accounts", columns(self.locale_), title=self._("Accounts"))
        self.table.selected.connect(self._selected)
        self.section.add(self.table.columns_button())
        column.addWidget(self.table, 1)

    # reading

    def reload(self) -> None:
        """Ask for the people, and the checklist of the one chosen (the first leaver, to begin with)."""
        leaver, receiver = self._leaver, self._receiver

        def ask(work: Work) -> _Loaded:
            people = people_with_customers(work)
            chosen = leaver or next((person.id for person in people if person.accounts), None)
            if not chosen:
                return _Loaded(tuple(people), None)
            waiting = tuple(waiting_of(work, ["handover"], chosen))
            return _Loaded(tuple(people), handover(work, chosen, receiver), waiting)

        self.read(ask, self._show, key="handover")

    def open(self, **args: Any) -> None:
        """Show the checklist of a person (`person_id`)."""
        if "person_id" in args:
            self._leaver = int(args["person_id"])

    def _pick(self) -> None:
        self._leaver, self._receiver = self.leaver.chosen(), self.receiver.chosen()
        if self._receiver == self._leaver:
            self._receiver = None
        self.show_inspector(None)
        self.reload()

    def _show(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        view = loaded.view
        for widget in (self.content, self._pickers):
            widget.setVisible(view is not None)
        self.empty.setVisible(view is None)
        for command in self._commands_of_leaver:
            command.setEnabled(view is not None)
        if view is None:
            self.ask_button.setEnabled(False)
            self.set_figures([])
            return
        self._leaver = view.leaver.id
        self._fill_pickers(loaded.people, view)
        self.set_title(self._("Handover checklist"), self._about(view))
        for item in loaded.waiting:
            self.note.setText(waiting_words(item, self.locale_))
        if not loaded.waiting:
            self.note.setText(self._("Nothing is moved yet."))
        self.inbox.setVisible(bool(loaded.waiting))
        self.ask_button.setEnabled(not loaded.waiting)
        self.set_figures(self._figures(view))
        self.parts.set(part_figures(view, self.locale_), self.locale_)
        self._list()

    def _fill_pickers(self, people: Sequence[PersonBrief], view: HandoverView) -> None:
        self.leaver.clear()
        self.receiver.clear()
        self.receiver.addItem(self._("not chosen yet"), None)
        for person in people:
            state = "" if person.status is PersonStatus.ACTIVE else f" · {self._(person.status.label)}"
            if person.accounts:
                count = self.locale_.plural("{n} customer", "{n} customers", person.accounts)
                self.leaver.addItem(f"{person.name}{state} · {count}", person.id)
            if person.status is PersonStatus.ACTIVE and person.id != view.leaver.id:
                unit = f" · {person.unit}" if person.unit else ""
                self.receiver.addItem(f"{person.name}{unit}", person.id)
        self.leaver.choose(view.leaver.id)
        self.receiver.choose(view.successor.id if view.successor else None)

    def _about(self, view: HandoverView) -> str:
        parts = [view.leaver.name, self._(view.leaver.status.label)]
        if view.leaver.unit:
            parts.insert(1, view.leaver.unit)
        if view.leaver.left_on:
            parts.append(self._("last day {day}").format(day=self.locale_.day(view.leaver.left_on)))
        return " · ".join(parts)

    def _figures(self, view: HandoverView) -> list[Figure]:
        locale, _ = self.locale_, self._
        alone = sum(not line.known_by for line in view.accounts)
        unit, word = locale.money_unit(max(view.open_amount, 1))
        owed_unit, owed_word = locale.money_unit(max(view.receivable, 1))
        gaps = sum(bool(item.dark) for item in view.items)
        return [
            Figure(
                "handover_customers",
                _("Customers"),
                locale.integer(len(view.accounts)),
                "家" if locale.is_chinese else "",
                locale.plural("{n} known only to the leaver", "{n} known only to the leaver", alone),
                delta_status="amber" if alone else "",
                clicked=lambda: self._narrow(ALONE),
            ),
            Figure(
                "handover_open_amount",
                _("Open opportunities"),
                locale.money_in(view.open_amount, unit),
                word,
                locale.plural("{n} deal", "{n} deals", view.open_count),
            ),
            Figure(
                "handover_receivable",
                _("Receivable"),
                locale.money_in(view.receivable, owed_unit),
                owed_word,
                _("{amount} overdue").format(amount=locale.money_short(view.overdue))
                if view.overdue
                else _("nothing overdue"),
                status="amber" if view.overdue else "",
                delta_status="amber" if view.overdue else "green",
            ),
            Figure(
                "handover_completeness",
                _("Completeness"),
                locale.decimal(view.completeness * 100, 1),
                "%",
                locale.plural("{n} item with a gap", "{n} items with a gap", gaps),
                clicked=lambda: self._narrow(GAPS),
            ),
        ]

    def _narrow(self, key: str) -> None:
        self.choice.set_current(key)
        self._list()

    def _list(self) -> None:
        if self._loaded is None or self._loaded.view is None:
            return
        lines = self._loaded.view.accounts
        groups = {
            ALL: lines,
            GAPS: tuple(line for line in lines if line.dark),
            ALONE: tuple(line for line in lines if not line.known_by),
        }
        words = {ALL: self._("All"), GAPS: self._("With gaps"), ALONE: self._("Only the leaver")}
        for key, found in groups.items():
            self.choice.set_text(key, f"{words[key]} {self.locale_.integer(len(found))}")
        shown = groups[self.choice.current()]
        self.section.set(self.locale_.plural("{n} customer", "{n} customers", len(shown)))
        self.table.set_rows(shown)

    # acting

    def show_example(self) -> None:
        """Open the first customer, for pictures."""
        self.table.select_first()

    def _selected(self, line: AccountLine | None) -> None:
        if line is None or self._loaded is None or self._loaded.view is None:
            return
        view = self._loaded.view

        def show(brief: CustomerBrief) -> None:
            self.show_inspector(
                brief_inspector(
                    self.locale_,
                    view,
                    line,
                    brief,
                    lambda number: self.ctx.navigate("customers", account_id=number),
                )
            )

        self.read(lambda work: customer_brief(work, line.id), show, key="brief")

    def save_workbook(self) -> None:
        """Write the checklist as a workbook and say where it is."""
        view, locale = self._loaded.view if self._loaded else None, self.locale_
        if view is None:
            return
        name = f"{self._('Handover checklist')} {view.leaver.name} {view.as_of.isoformat()}.xlsx"

        def save(content: bytes) -> None:
            save_file(self, name, content)

        self.read(lambda work: handover_workbook(work, view, locale), save, key="workbook")

    def hand_over(self) -> None:
        """Show what would change hands, to be confirmed."""
        if self._loaded and self._loaded.view:
            self.carrying_out.preview(self._loaded.view)

    def ask_handover(self) -> None:
        """Ask a second manager to agree to what is shown."""
        if self._loaded and self._loaded.view:
            self.carrying_out.ask(self._loaded.view)

    def show_request(self) -> None:
        """Go to the request that waits about this handover."""
        for item in self._loaded.waiting if self._loaded else ():
            self.ctx.navigate("approvals", request_id=item.id)

    def ask_approval(self) -> None:
        """Make a handover report of what is shown, and submit it."""
        view = self._loaded.view if self._loaded else None
        if view is None:
            return
        asked = Asked(
            Period.month_of(view.as_of),
            person_id=view.leaver.id,
            successor_id=view.successor.id if view.successor else None,
        )

        def submit(work: Work) -> ReportRow:
            return submit_report(work, draft_report(work, "handover", asked).id)

        def told(row: ReportRow) -> None:
            self.show_message(
                "green",
                self._("The checklist waits for its approval by a second person."),
                place=row.number,
                actions=[(self._("Show"), lambda: self.ctx.navigate("reports", report_id=row.id))],
            )

        self.write(submit, told, topics=frozenset({"report", "approval"}), title=self._("Ask for approval"))
