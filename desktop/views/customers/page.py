"""Customers: one table over all of them, and everything about the one that is selected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QInputDialog

from desktop.operations.privacy import Asked, answer_reveal, ask_reveal
from desktop.operations.refusals import lift_refusal, record_refusal
from desktop.queries.account_detail import AccountView, account_view
from desktop.queries.customers import account_count, account_rows, customer_figures
from desktop.queries.metrics.engine import Figures
from desktop.queries.rows import Condition, Sort
from desktop.views.coaching import add_coaching
from desktop.views.context import AppContext
from desktop.views.customers.columns import columns
from desktop.views.customers.panel import CustomerPanel
from desktop.views.empty import EmptyState
from desktop.views.figures import Figure
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.strips import Action
from desktop.views.tables import DataTable, QuerySource

REMIND_DAYS = 30
CHANGED = frozenset({"account"})


class CustomersPage(Page):
    """The customer archive (CUS-01): sorted and filtered by the database."""

    topics = frozenset({"account", "contact", "opportunity", "activity", "import", "handover"})

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        _ = self._
        self.set_title(_("Customers"), _("who they are, whose they are, when we last spoke"))
        self.add_command("refresh", _("Refresh"), self.reload, tip="F5")
        self.add_command("excel", _("Send to Excel"), self.send_to_excel, tip="Ctrl+E")
        self._tab = "timeline"
        self.section = SectionLine(_("All customers"))
        self.table = DataTable(
            self,
            "customers",
            columns(REMIND_DAYS),
            filters=True,
            sort=Sort("open_amount", descending=True),
            title=_("Customers"),
        )
        self.table.set_empty(
            EmptyState(
                "customers",
                _("No customers here yet"),
                _(
                    "Here every customer will stand with contacts, time line, deals and papers. Bring in those of "
                    "the old system, or choose another organisation at the top."
                ),
                [(_("Migrate old data"), lambda: ctx.navigate("migrate"))],
            )
        )
        self.section.add(self.table.columns_button())
        self.body.addWidget(self.section)
        self.body.addWidget(self.table, 1)
        self.table.selected.connect(lambda row: self.show_account(row.id))
        self.table.counted.connect(self._counted)

    def reload(self) -> None:
        scope = self.ctx.scope.value
        self.read(lambda work: customer_figures(work, scope=scope), self._show_figures, key="figures")
        self.table.set_source(
            QuerySource(
                lambda work, filters: account_count(work, scope=scope, filters=filters),
                lambda work, request: account_rows(work, scope=scope, request=request),
            )
        )
        if isinstance(self.inspector, CustomerPanel):
            self.show_account(self.inspector._view.id)

    def open(self, **args: Any) -> None:
        """Show a customer (`account_id`), or the customers of a person (`owner`)."""
        if owner := args.get("owner"):
            self.table.clear_filters()
            self.table.set_filter("owner", owner)
        if account_id := args.get("account_id"):
            self.table.select(account_id, tell=False)
            self.show_account(account_id)

    def _counted(self, count: int) -> None:
        _ = self._
        words = self.ctx.locale.plural("{n} customer", "{n} customers", count)
        filtered = bool(self.table.filters)
        self.section.set(_("Filtered customers") if filtered else _("All customers"), words)

    def _show_figures(self, told: Figures) -> None:
        _, locale = self._, self.ctx.locale
        said = {key: int(told.value(key) or 0) for key in told.question.metrics}
        if not said["accounts"]:
            self.set_figures([])
            return
        overdue, nobodys = said["overdue_receivable"], said["unowned_customers"]
        self.set_figures(
            [
                Figure(
                    "accounts",
                    _("Customers"),
                    locale.integer(said["accounts"]),
                    "",
                    _("{n} of grade A").format(n=locale.integer(said["grade_a_customers"])),
                    clicked=self.table.clear_filters,
                    told=told,
                ),
                Figure(
                    "active_share",
                    _("Spoken to in {days} days").format(days=REMIND_DAYS),
                    locale.percent(told.value("active_share")).rstrip("%"),
                    "%",
                    _("{n} with an effective interaction").format(n=locale.integer(said["active_customers"])),
                    clicked=lambda: self._only("silent_days", f"< {REMIND_DAYS}"),
                    told=told,
                ),
                Figure(
                    "funnel_open_amount",
                    _("In hand"),
                    *self._amount(said["funnel_open_amount"]),
                    locale.plural("{n} open deal", "{n} open deals", said["funnel_open_count"]),
                    clicked=lambda: self._only("open_deals", "> 0"),
                    told=told,
                ),
                Figure(
                    "open_receivable",
                    _("Receivable"),
                    *self._amount(said["open_receivable"]),
                    _("{amount} overdue").format(amount=locale.money_short(overdue)),
                    status="amber" if overdue else "",
                    delta_status="amber" if overdue else "",
                    told=told,
                ),
                Figure(
                    "unowned_customers",
                    _("Without owner"),
                    locale.integer(nobodys),
                    "",
                    _("nobody looks after them") if nobodys else _("everyone has an owner"),
                    status="red" if nobodys else "",
                    delta_status="red" if nobodys else "",
                    clicked=lambda: self._only("owner", "="),
                    told=told,
                ),
            ]
        )

    def _amount(self, minor: int) -> tuple[str, str]:
        unit, word = self.ctx.locale.money_unit(minor)
        return self.ctx.locale.money_in(minor, unit, 2 if word == "亿" else 1 if word == "M" else 0), word

    def _only(self, key: str, text: str) -> None:
        self.table.clear_filters()
        self.table.set_filter(key, text)

    @property
    def filters(self) -> dict[str, Condition]:
        """The conditions in force, for tests and other pages."""
        return self.table.filters

    # customer 360

    def show_account(self, account_id: int) -> None:
        """Open the inspector on a customer."""
        self.read(lambda work: account_view(work, account_id), self._show_panel, key="account")

    def _show_panel(self, view: AccountView) -> None:
        panel = CustomerPanel(
            self.ctx.locale,
            view,
            self._tab,
            self.ctx.navigate,
            self._remember_tab,
            self._reveal,
            self.ask_lift,
        )
        deals: Action = (
            self._("Deals in the pipeline"),
            lambda: self.ctx.navigate("pipeline", account_id=view.id),
        )
        refused: Action = (self._("Refused…"), lambda: self.ask_refusal(view.id))
        add_coaching(
            self,
            panel,
            view.coaching,
            about=view.name,
            back=lambda: self.show_account(view.id),
            account_id=view.id,
        )
        panel.set_actions(deals, [refused])
        self.show_inspector(panel)

    def _reveal(self, kind: str, record: int, done: Callable[[Mapping[str, str]], None]) -> None:
        def answer(asked: Asked) -> None:
            self.write(lambda work: answer_reveal(work, asked), done, topics=frozenset())

        self.write(lambda work: ask_reveal(work, kind, record), answer, topics=frozenset())

    def ask_refusal(self, account_id: int) -> None:
        """Ask why the customer does not buy now, and record that (DUP-06)."""
        _ = self._
        reason, chosen = QInputDialog.getText(
            self, _("Refused"), _("Why does the customer not buy now? Nobody is given it for some months.")
        )
        if chosen and reason.strip():
            self.write(
                lambda work: record_refusal(work, "account", account_id, reason),
                lambda _number: self.show_account(account_id),
                topics=CHANGED,
            )

    def ask_lift(self, refusal_id: int) -> None:
        """Ask why a refusal is lifted before its time, and lift it."""
        _ = self._
        reason, chosen = QInputDialog.getText(
            self, _("Lift the refusal"), _("Why does the customer buy again?")
        )
        if chosen and reason.strip():
            self.write(lambda work: lift_refusal(work, refusal_id, reason), topics=CHANGED)

    def _remember_tab(self, tab: str) -> None:
        self._tab = tab

    def show_example(self) -> None:
        """Open what a picture shall show: the first customer."""
        self.table.select_first()
