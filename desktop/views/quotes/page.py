"""Quotes: what was offered, how long it holds, at what margin; and the contracts that were made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QInputDialog

from desktop.operations.contracts import ContractDraft, Severity, note_risk, sign_contract
from desktop.operations.papers import ask_contract_review, ask_quote_review, start_contract
from desktop.operations.quotes import QuoteDone, QuoteDraft, edit_quote, make_quote
from desktop.queries.approvals import ApprovalItem, waiting_of
from desktop.queries.contracts import ContractDetail, contract_count, contract_detail, contract_rows
from desktop.queries.quote_detail import (
    ProductChoice,
    QuoteDetail,
    customers,
    draft_like,
    products,
    quote_detail,
)
from desktop.queries.quote_history import Radar, quote_radar
from desktop.queries.quote_words import STANDINGS, Standing
from desktop.queries.quotes import QuoteFigures, quote_count, quote_figures, quote_rows
from desktop.views.buttons import Segments
from desktop.views.context import AppContext
from desktop.views.figures import Figure
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.quotes.asking import change_form, discount_form
from desktop.views.quotes.columns import contract_columns, quote_columns
from desktop.views.quotes.editor import QuoteEditor, Start
from desktop.views.quotes.empty import no_contracts, no_quotes
from desktop.views.quotes.panel import ContractPanel, QuotePanel
from desktop.views.tables import DataTable, QuerySource

if TYPE_CHECKING:
    from desktop.store.workspace import Work

QUOTES, CONTRACTS, EVERY = "quotes", "contracts", "all"
PARTS = (Standing.VALID, Standing.ENDING, Standing.EXPIRED)
CHANGED = frozenset({"quote", "contract", "approval"})


class QuotesPage(Page):
    """Quotes and contracts (APR-03, APR-08 to APR-11)."""

    topics = frozenset({"quote", "contract", "approval", "import", "handover", "account"})

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        _ = self._
        self.set_title(_("Quotes"), _("what was offered, how long it holds, and what is left of it"))
        self.add_command("refresh", _("Refresh"), self.reload, tip="F5")
        self.add_command("excel", _("Send to Excel"), self.send_to_excel, tip="Ctrl+E")
        self.add_command("add", _("New quote"), self.new_quote, primary=True)
        self.section = SectionLine(_("All quotes"))
        self.kind = Segments([(QUOTES, _("Quotes")), (CONTRACTS, _("Contracts"))])
        self.kind.chosen.connect(lambda _key: self._show_kind())
        self.part = Segments([(EVERY, _("All")), *((part.value, _(STANDINGS[part])) for part in PARTS)])
        self.part.chosen.connect(lambda _key: self._set_source())
        self.table = DataTable(self, "quotes", quote_columns(self.locale_), filters=True, title=_("Quotes"))
        self.contracts = DataTable(
            self, "contracts", contract_columns(self.locale_), filters=True, title=_("Contracts")
        )
        for widget in (self.part, self.kind):
            self.section.add(widget)
        self.body.addWidget(self.section)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.contracts, 1)
        self.table.selected.connect(lambda row: self.show_quote(row.id))
        self.table.counted.connect(self._counted)
        self.contracts.counted.connect(self._counted)
        self.contracts.selected.connect(lambda row: self.show_contract(row.id))
        self.contracts.setVisible(False)
        self.contracts.set_empty(no_contracts(self))

    def reload(self) -> None:
        scope = self.ctx.scope.value
        self.read(lambda work: quote_figures(work, scope), self._show_figures, key="figures")
        self._set_source()
        if isinstance(self.inspector, QuotePanel):
            self.show_quote(self.inspector.detail.row.id)
        elif isinstance(self.inspector, ContractPanel):
            self.show_contract(self.inspector.detail.row.id)

    def open(self, **args: Any) -> None:
        """Show a quote (`quote_id`), a contract (`contract_id`), or a part (`part`: valid, ending, expired).

        With `ask` ("discount") the form that asks for it is opened at once.
        """
        if part := args.get("part"):
            self._only(part)
        if quote_id := args.get("quote_id") or args.get("record_id"):
            self.show_quote(int(quote_id), args.get("ask", ""))
        if contract_id := args.get("contract_id"):
            self.kind.set_current(CONTRACTS)
            self._show_kind()
            self.show_contract(int(contract_id))

    # reading

    def _show_kind(self) -> None:
        quotes = self.kind.current() == QUOTES
        self.table.setVisible(quotes)
        self.part.setVisible(quotes)
        self.contracts.setVisible(not quotes)
        self.close_inspector()
        self._set_source()

    def _set_source(self) -> None:
        scope, chosen = self.ctx.scope.value, self.part.current()
        part = None if chosen == EVERY else Standing(chosen)
        if self.kind.current() == QUOTES:
            self.table.set_empty(self._("No quote is in this state.") if part else no_quotes(self))
            self.table.set_source(
                QuerySource(
                    lambda work, filters: quote_count(work, scope=scope, filters=filters, part=part),
                    lambda work, request: quote_rows(work, scope=scope, request=request, part=part),
                )
            )
            return
        self.contracts.set_source(
            QuerySource(
                lambda work, filters: contract_count(work, scope=scope, filters=filters),
                lambda work, request: contract_rows(work, scope=scope, request=request),
            )
        )

    def _counted(self, count: int) -> None:
        plural = self.locale_.plural
        if self.kind.current() == QUOTES:
            title = self._("All quotes") if self.part.current() == EVERY else self._("Some quotes")
            self.section.set(title, plural("{n} quote", "{n} quotes", count))
        else:
            self.section.set(self._("All contracts"), plural("{n} contract", "{n} contracts", count))

    def _show_figures(self, figures: QuoteFigures) -> None:
        _, locale = self._, self.locale_
        unit, word = locale.money_unit(figures.open_amount)
        self.set_figures(
            [
                Figure(
                    "quotes_open",
                    _("Open quotes"),
                    locale.integer(figures.open_quotes),
                    "",
                    _("no contract yet"),
                    clicked=lambda: self._only(Standing.VALID.value),
                ),
                Figure(
                    "quotes_open_amount",
                    _("Offered and valid"),
                    locale.money_in(figures.open_amount, unit, 2 if word == "亿" else 1),
                    word,
                    _("a quote holds for {days} days").format(days=figures.valid_days),
                ),
                Figure(
                    "quotes_ending",
                    _("End soon"),
                    locale.integer(figures.ending),
                    "",
                    _("within two days"),
                    status="amber" if figures.ending else "",
                    clicked=lambda: self._only(Standing.ENDING.value),
                ),
                Figure(
                    "quotes_expired",
                    _("Expired unsigned"),
                    locale.integer(figures.expired),
                    "",
                    _("nothing is signed by them"),
                    status="red" if figures.expired else "",
                    clicked=lambda: self._only(Standing.EXPIRED.value),
                ),
            ]
        )

    def _only(self, part: str) -> None:
        self.kind.set_current(QUOTES)
        self.part.set_current(part)
        self._show_kind()

    def show_quote(self, quote_id: int, ask_for: str = "") -> None:
        """Open a quote with its price history and whoever else is at the customer."""

        def ask(work: Work) -> tuple[QuoteDetail, Radar | None, list[ApprovalItem]]:
            detail = quote_detail(work, quote_id)
            waiting = waiting_of(work, ["quote", "discount"], quote_id)
            if detail.row.account_id is None:
                return detail, None, waiting
            offered = {line.product_id for line in detail.lines if line.product_id is not None}
            return (
                detail,
                quote_radar(
                    work,
                    account_id=detail.row.account_id,
                    product_ids=offered,
                    owner_id=detail.row.owner_id,
                    quote_id=quote_id,
                ),
                waiting,
            )

        def show(found: tuple[QuoteDetail, Radar | None, list[ApprovalItem]]) -> None:
            self.show_inspector(QuotePanel(self, *found))
            if ask_for == "discount":
                self.ask_discount()

        self.read(ask, show, key="detail")

    def show_contract(self, contract_id: int) -> None:
        """Open a contract."""

        def ask(work: Work) -> tuple[ContractDetail, list[ApprovalItem]]:
            return contract_detail(work, contract_id), waiting_of(work, ["contract_change"], contract_id)

        self.read(ask, lambda found: self.show_inspector(ContractPanel(self, *found)), key="detail")

    # writing quotes

    def new_quote(self) -> None:
        """Open an empty editor."""
        self._edit(lambda work: Start())

    def quote_again(self) -> None:
        """Write a new quote after the one that is shown (APR-08)."""
        self._edit_shown()

    def edit_quote(self) -> None:
        """Edit the quote that is shown."""
        self._edit_shown(itself=True)

    def _edit_shown(self, *, itself: bool = False) -> None:
        """Open the editor with what the shown quote says: the quote itself, or a new one after it."""
        detail = self._quote()
        if detail is None:
            return
        row = detail.row

        def begin(work: Work) -> Start:
            lines = draft_like(work, row.id)
            discount = (row.discount or 0) if lines else 0
            start = Start(row.account_id, row.customer or "", lines, discount, row.opportunity_id)
            return (
                replace(start, quote_id=row.id, version=row.version, number=row.number) if itself else start
            )

        self._edit(begin)

    def _edit(self, begin: Callable[[Work], Start]) -> None:
        def ask(work: Work) -> tuple[Start, list[ProductChoice], list[tuple[int, str]]]:
            return begin(work), products(work), customers(work)

        def show(found: tuple[Start, list[ProductChoice], list[tuple[int, str]]]) -> None:
            start = found[0]
            self.show_inspector(QuoteEditor(self, *found, save=partial(self._save, start)))

        self.read(ask, show, key="detail")

    def _save(self, start: Start, draft: QuoteDraft) -> None:
        def operation(work: Work) -> QuoteDone:
            if start.quote_id is None:
                return make_quote(work, draft)
            return edit_quote(work, start.quote_id, draft, start.version)

        def done(made: QuoteDone) -> None:
            self.close_inspector()
            self.show_message(
                "green",
                self._("Saved: {amount}.").format(amount=self.locale_.money(made.amount)),
                place=made.number,
            )
            self.show_quote(made.id)

        self.write(operation, done, topics=CHANGED)

    # what follows from a quote

    def ask_review(self) -> None:
        """Ask for the quote that is shown to be approved, or approved again."""
        if detail := self._quote():
            number = detail.row.id
            self._asked(lambda work: ask_quote_review(work, number), detail.row.number)

    def ask_discount(self) -> None:
        """Ask for another discount on the quote that is shown (APR-02)."""
        if detail := self._quote():
            discount_form(self, detail.row)

    def ask_change(self) -> None:
        """Ask for a change of the contract that is shown (APR-04)."""
        if detail := self._contract():
            change_form(self, detail.row)

    def make_contract(self) -> None:
        """Make a contract of the quote that is shown, and push it at once to its reviewers (APR-04)."""
        detail = self._quote()
        if detail is None:
            return
        draft = ContractDraft(detail.row.id, detail.row.deal or detail.row.customer or "")

        def done(made: tuple[int, int]) -> None:
            self.open(contract_id=made[0])
            self.show_message("green", self._("The contract is with legal, finance and delivery."))

        self.write(lambda work: start_contract(work, draft), done, topics=CHANGED)

    def ask_contract(self) -> None:
        """Ask for the contract that is shown to be reviewed."""
        if detail := self._contract():
            number = detail.row.id
            self._asked(lambda work: ask_contract_review(work, number), detail.row.number or "")

    def sign(self) -> None:
        """Enter that the contract that is shown was signed today."""
        if detail := self._contract():
            row = detail.row
            self.write(
                lambda work: sign_contract(work, row.id, version=row.version),
                lambda _none: self.show_contract(row.id),
                topics=CHANGED,
            )

    def add_note(self) -> None:
        """Ask for a clause and what is feared of it."""
        detail = self._contract()
        if detail is None:
            return
        _, number = self._, detail.row.id
        clause, chosen = QInputDialog.getText(self, _("Risk note"), _("Which clause?"))
        if not chosen or not clause.strip():
            return
        note, chosen = QInputDialog.getText(self, _("Risk note"), _("What is risky about it?"))
        if chosen and note.strip():
            self.note_clause(number, clause, note)

    def note_clause(self, contract_id: int, clause: str, note: str) -> None:
        """Write a risk note."""
        self.write(
            lambda work: note_risk(work, contract_id, clause, note, Severity.MEDIUM),
            lambda _number: self.show_contract(contract_id),
            topics=CHANGED,
        )

    def _asked(self, operation: Callable[[Work], int], number: str) -> None:
        def done(request: int) -> None:
            self.show_message(
                "green",
                self._("Request {id} waits for approval.").format(id=request),
                place=number,
                actions=[(self._("Approvals"), lambda: self.ctx.navigate("approvals"))],
            )

        self.write(operation, done, topics=CHANGED)

    def _quote(self) -> QuoteDetail | None:
        return self.inspector.detail if isinstance(self.inspector, QuotePanel) else None

    def _contract(self) -> ContractDetail | None:
        return self.inspector.detail if isinstance(self.inspector, ContractPanel) else None

    # pictures

    def show_example(self) -> None:
        """Open what a picture shall show: the newest quote with lines."""
        rows = self.table.rows()
        best = next((row for row in rows if row.lines), rows[0] if rows else None)
        if best is not None:
            self.show_quote(best.id)

    def picture_states(self) -> list[tuple[str, Callable[[], None]]]:
        """Return what else is worth a picture."""
        return [("editor", self.quote_again), ("contracts", self._show_contracts)]

    def _show_contracts(self) -> None:
        self.kind.set_current(CONTRACTS)
        self._show_kind()
