"""The Settlements page: finance's queue, its sheet there and back, the quarterly bonus, finance's own workbooks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.control import Control
from desktop.queries.settlement_files import ReturnedFile, is_returned_sheet, read_returned
from desktop.queries.settlement_words import word
from desktop.queries.settlements import (
    FIELDS,
    TITLES,
    AppliedChange,
    AppliedFile,
    QueueRow,
    applied_changes,
    applied_files,
    finance_queue,
)
from desktop.views.buttons import Segments
from desktop.views.context import AppContext
from desktop.views.figures import Figure
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine, label
from desktop.views.page import Page
from desktop.views.saving import read_file
from desktop.views.settlements.bonus import BonusPane
from desktop.views.settlements.columns import QUEUE_COLUMNS, RETURNED_COLUMNS
from desktop.views.settlements.empty import nothing_returned, nothing_to_settle
from desktop.views.settlements.returned import SettlementPanel, hand_out
from desktop.views.settlements.templates import TemplatesPane
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    pass

WAITING, EVERY, RETURNED, BONUS, TEMPLATES = "waiting", "all", "returned", "bonus", "templates"
WORKBOOKS = (".xlsx", ".xlsm")
MOST_TOLD = 12
LONG = 30
"""After so many days a contract that was accepted and is not settled is worth a look."""


class SettlementsPage(Page):
    """What finance works with (COL-04, PER-07, PRF-03)."""

    topics = frozenset({"settlement", "contract", "invoice", "payment", "import", "report", "fill_template"})
    uses_scope = False
    accepts_files = True

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        _ = self._
        self.set_title(
            _("Settlements"), _("What was accepted goes to finance; what finance writes comes back.")
        )
        self.add_command("upload", _("Read a returned sheet"), self.choose_file)
        self.add_command(
            "excel",
            _("Settlement sheet"),
            self.hand_out,
            primary=True,
            tip=_("Accepted contracts with columns for finance; drop the filled sheet here"),
        )
        self.mode = Segments(
            [
                (WAITING, _("To settle")),
                (EVERY, _("All contracts")),
                (RETURNED, _("Returned sheets")),
                (BONUS, _("Bonus")),
                (TEMPLATES, _("Templates")),
            ]
        )
        self.mode.chosen.connect(self.show_mode)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 8)
        row.addWidget(self.mode)
        row.addStretch(1)
        self.body.addLayout(row)
        self.settling = SettlementPanel(self)
        self.settling.closed.connect(self._arrange)
        self.body.addWidget(self.settling, 1)
        self.lists = QWidget()
        self._build_lists(QVBoxLayout(self.lists))
        self.bonus, self.templates = BonusPane(self), TemplatesPane(self)
        for pane in (self.lists, self.bonus, self.templates):
            self.body.addWidget(pane, 1)
        self._arrange()

    def _build_lists(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        _ = self._
        self.section = SectionLine(_("To settle"))
        column.addWidget(self.section)
        self.queue = DataTable(self, "settlements.queue", QUEUE_COLUMNS, filters=True, title=_("To settle"))
        self.queue.selected.connect(self.show_contract)
        self.section.add(self.queue.columns_button())
        self.returned = DataTable(self, "settlements.applied", RETURNED_COLUMNS, title=_("Returned sheets"))
        self.returned.selected.connect(self.show_applied)
        self.returned.set_empty(nothing_returned(self))
        for table in (self.queue, self.returned):
            column.addWidget(table, 1)

    # showing

    def show_mode(self, key: str) -> None:
        """Show the queue, all contracts, what came back, the bonus, or the templates."""
        self.mode.set_current(key)
        self.settling.hide()
        self.close_inspector()
        self._arrange()
        self.reload()

    def open(self, **args: Any) -> None:
        """Show a mode (`mode`), or the differences of a returned sheet (`file`: its path)."""
        if "mode" in args:
            self.show_mode(str(args["mode"]))
        if "file" in args:
            self.dropped([str(args["file"])])

    def _arrange(self) -> None:
        mode, free = self.mode.current(), self.settling.isHidden()
        self.lists.setVisible(free and mode in (WAITING, EVERY, RETURNED))
        self.queue.setVisible(mode in (WAITING, EVERY))
        self.returned.setVisible(mode == RETURNED)
        self.bonus.setVisible(free and mode == BONUS)
        self.templates.setVisible(free and mode == TEMPLATES)

    def reload(self) -> None:
        mode = self.mode.current()
        if mode == BONUS:
            self.bonus.reload()
        elif mode == TEMPLATES:
            self.templates.reload()
        elif mode == RETURNED:
            self.read(applied_files, self._show_applied, key="list")
        self.read(lambda work: finance_queue(work, everything=True), self._show_queue, key="queue")

    def _show_queue(self, rows: list[QueueRow]) -> None:
        waiting = [row for row in rows if row.waits]
        self._figures(waiting, rows)
        if self.mode.current() not in (WAITING, EVERY):
            return
        shown, plural = (waiting if self.mode.current() == WAITING else rows), self.locale_.plural
        self.queue.set_empty(nothing_to_settle(self, any_contract=bool(rows)))
        self.queue.set_rows(shown)
        title = self._("To settle") if self.mode.current() == WAITING else self._("All contracts")
        self.section.set(title, plural("{n} contract", "{n} contracts", len(shown)))

    def _figures(self, waiting: list[QueueRow], rows: list[QueueRow]) -> None:
        _, locale = self._, self.locale_
        amount = sum(row.amount or 0 for row in waiting)
        received = sum(row.received or 0 for row in rows)
        oldest = min((row.accepted_on for row in waiting if row.accepted_on), default=None)
        settled = sum(bool(row.settled) for row in rows)
        money, word_ = _money(self, amount)
        came, came_word = _money(self, received)
        days = (self.ctx.today - oldest).days if oldest else 0
        self.set_figures(
            [
                Figure(
                    "settlements_waiting",
                    _("To settle"),
                    locale.integer(len(waiting)),
                    "",
                    _("accepted, not settled"),
                    clicked=partial(self.show_mode, WAITING),
                ),
                Figure("settlements_amount", _("Contract amount"), money, word_, _("of what waits")),
                Figure(
                    "settlements_days",
                    _("Waits longest"),
                    locale.integer(days),
                    _("days"),
                    _("since it was accepted") if oldest else "",
                    status="amber" if days > LONG else "",
                ),
                Figure(
                    "contracts_settled",
                    _("Paid off"),
                    locale.integer(settled),
                    "",
                    _("received {amount} {unit}").format(amount=came, unit=came_word),
                    clicked=partial(self.show_mode, EVERY),
                ),
            ]
        )

    def show_contract(self, row: QueueRow | None) -> None:
        """Open the inspector of a contract: what the console knows beside what finance says."""
        if row is None:
            return
        _, locale = self._, self.locale_
        panel = Inspector(locale, row.number or row.name or "—", row.customer or "")

        def money(minor: int | None) -> str:
            return "" if minor is None else locale.money(minor)

        accepted = locale.day(row.accepted_on) if row.accepted_on else _("not yet")
        panel.add_values(
            [
                (_("Contract name"), row.name or ""),
                (_("Owner"), row.owner or ""),
                (_("Contract amount"), money(row.amount)),
                (_("Invoice type"), row.invoice_type or ""),
                (_("Accepted on"), f"{accepted} {_(row.basis) if row.basis else ''}".strip()),
                (_("Invoiced so far"), money(row.invoiced)),
                (_("Paid so far"), money(row.paid)),
            ]
        )
        panel.add_section(_("What finance says"), _("version {n}").format(n=row.version))
        panel.add_values([(_(TITLES[key]), word(key, getattr(row, key), locale)) for key in FIELDS])
        go = partial(self.ctx.navigate, "quotes", contract_id=row.id)
        panel.set_actions(None, [(_("Open the contract"), go)])
        self.show_inspector(panel)

    def _show_applied(self, rows: list[AppliedFile]) -> None:
        self.returned.set_rows(rows)
        words = self.locale_.plural("{n} file", "{n} files", len(rows))
        self.section.set(self._("Returned sheets"), words)

    def show_applied(self, row: AppliedFile | None) -> None:
        """Open the inspector of a returned file that was taken over: what it wrote, and taking it back."""
        if row is None:
            return

        def show(changes: list[AppliedChange]) -> None:
            _, locale = self._, self.locale_
            panel = Inspector(locale, row.file_name, f"{row.made_by} · {locale.instant(row.made_at)}")
            column = panel.add_section(_("What it wrote"), locale.plural("{n} row", "{n} rows", row.rows))
            wrote: dict[str, list[str]] = {}
            for one in changes:
                before, after = word(one.field, one.before, locale), word(one.field, one.after, locale)
                wrote.setdefault(one.number, []).append(f"{_(TITLES[one.field])} {before} → {after}")
            for number, words in list(wrote.items())[:MOST_TOLD]:
                column.addWidget(label(number, "strong"))
                column.addWidget(
                    label("；".join(words) if locale.is_chinese else "; ".join(words), "caption", wrap=True)
                )
            if len(wrote) > MOST_TOLD:
                more = locale.plural("and {n} more row", "and {n} more rows", len(wrote) - MOST_TOLD)
                column.addWidget(label(more, "caption"))
            if row.state == "applied":
                panel.set_actions(None, [(_("Take back"), partial(self.settling.take_back, row.id))])
            self.show_inspector(panel)

        self.read(lambda work: applied_changes(work, row.id), show, key="applied")

    # files

    def hand_out(self, path: Path | None = None) -> None:
        """Write the queue as a sheet for finance."""
        hand_out(self, path)

    def choose_file(self) -> None:
        """Ask for a settlement sheet that came back."""
        if QGuiApplication.platformName() == "offscreen":
            return
        chosen, _kind = QFileDialog.getOpenFileName(
            self, self._("Read a returned sheet"), "", self._("Workbooks (*.xlsx *.xls *.ods)")
        )
        if chosen:
            self.dropped([chosen])

    def dropped(self, paths: list[str]) -> None:
        """Show what a returned sheet changes; among the templates another workbook is kept as one."""
        path, keeps = Path(paths[0]), self.mode.current() == TEMPLATES

        def load(control: Control) -> ReturnedFile | None:
            other = path.suffix.casefold() in WORKBOOKS and not is_returned_sheet(read_file(path), path.name)
            return None if keeps and other else read_returned(path, control)

        def show(found: ReturnedFile | None) -> None:
            if found is None:
                self.templates.keep(path)
                return
            self.close_inspector()
            self.settling.show()
            self._arrange()
            self.settling.show_returned(found)

        self.ctx.tasks.run(self, load, show, title=self._("Read a returned sheet"))

    # pictures

    def show_example(self) -> None:
        """Open what a picture shall show: the first contract of the queue."""
        self.queue.select_first()

    def picture_states(self) -> list[tuple[str, Callable[[], object]]]:
        """For pictures: what came back, the bonus, the templates."""
        return [
            ("returned", self._example_returned),
            ("bonus", lambda: self.show_mode(BONUS)),
            ("templates", self._example_template),
        ]

    def _example_returned(self) -> None:
        self.show_mode(RETURNED)
        self.returned.select_first()

    def _example_template(self) -> None:
        self.show_mode(TEMPLATES)
        self.templates.table.select_first()


def _money(page: Page, amount: int) -> tuple[str, str]:
    unit, name = page.locale_.money_unit(amount)
    return page.locale_.money_in(amount, unit, 2 if name == "亿" else 1), name
