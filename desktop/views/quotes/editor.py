"""The sheet in which a quote is written: customer, lines, discount, and what is to be known before the price leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.money import UNIT_PRICE_SCALE, to_minor
from desktop.operations.quotes import QuoteDraft
from desktop.queries.quote_detail import LineDraft, ProductChoice, preview
from desktop.queries.quote_history import Radar, quote_radar
from desktop.queries.quote_words import price_text, quantity_text
from desktop.views.buttons import icon_button
from desktop.views.handover.picker import PersonPicker
from desktop.views.inspector import Inspector
from desktop.views.labels import label
from desktop.views.page import clear_layout
from desktop.views.quotes.panel import add_prices, add_radar

if TYPE_CHECKING:
    from desktop.views.quotes.page import QuotesPage


@dataclass(frozen=True, slots=True)
class Start:
    """What the editor begins with; `quote_id` where a quote is edited."""

    account_id: int | None = None
    customer: str = ""
    lines: tuple[LineDraft, ...] = ()
    discount: int = 0
    opportunity_id: int | None = None
    quote_id: int | None = None
    version: int | None = None
    number: str = ""


class LineRow(QWidget):
    """One line: what is offered, how much of it, at which price."""

    def __init__(self, editor: QuoteEditor, line: LineDraft | None) -> None:
        super().__init__()
        _ = editor.page.locale_._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(4)
        self.product = PersonPicker(_("Product"))
        self.product.setMinimumWidth(120)
        self.product.addItem("", None)
        for one in editor.products:
            self.product.addItem(one.name, one.id)
        self.quantity, self.price = QLineEdit(), QLineEdit()
        for field, name in ((self.quantity, _("Quantity")), (self.price, _("Unit price"))):
            field.setPlaceholderText(name)
            field.setAccessibleName(name)
            field.textEdited.connect(editor.changed)
        self.quantity.setFixedWidth(84)
        if line is not None:
            self.product.choose(line.product_id)
            if line.product_id is None:
                self.product.setEditText(line.name)
            self.quantity.setText(quantity_text(line.quantity) or "")
            self.price.setText(price_text(line.unit_price) or "")
        self.product.activated.connect(lambda _index: self._chose(editor))
        self.product.editTextChanged.connect(editor.changed)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.product, 1)
        row.addWidget(icon_button("close", _("Remove the line"), lambda: editor.remove(self)))
        column.addLayout(row)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.quantity)
        row.addWidget(label("×", "caption"))
        row.addWidget(self.price, 1)
        column.addLayout(row)

    def _chose(self, editor: QuoteEditor) -> None:
        """Fill in the list price of a product that was chosen."""
        listed = next(
            (one.list_price for one in editor.products if one.id == self.product.currentData()), None
        )
        if listed is not None:
            self.price.setText(price_text(listed) or "")
        if not self.quantity.text():
            self.quantity.setText("1")
        editor.changed()
        editor.look_around()

    def draft(self) -> LineDraft | None:
        """Return the line as typed; None where it cannot be read."""
        quantity, price = number_of(self.quantity.text()), number_of(self.price.text())
        name = self.product.currentText().strip()
        known = self.product.findText(name)
        product = self.product.itemData(known) if known >= 0 else None
        if quantity is None or price is None or not name:
            return None
        return LineDraft(name, to_minor(quantity, 3), to_minor(price, UNIT_PRICE_SCALE), product)


class QuoteEditor(Inspector):
    """See the module; `save` is called with the draft."""

    def __init__(
        self,
        page: QuotesPage,
        start: Start,
        products: list[ProductChoice],
        customers: list[tuple[int, str]],
        save: Callable[[QuoteDraft], None],
    ) -> None:
        _ = page.locale_._
        title = _("Edit {number}").format(number=start.number) if start.quote_id else _("New quote")
        super().__init__(page.locale_, title, start.customer)
        self.page, self.start, self.products, self._save = page, start, products, save
        self.rows: list[LineRow] = []
        column = self.add_section(_("Customer"))
        self.customer = PersonPicker(_("Customer"))
        self.customer.setMinimumWidth(120)
        self.customer.addItem("", None)
        for number, name in customers:
            self.customer.addItem(name, number)
        self.customer.choose(start.account_id)
        self.customer.setEnabled(start.quote_id is None)
        self.customer.activated.connect(lambda _index: self.look_around())
        column.addWidget(self.customer)
        self.lines = self.add_section(_("Quote lines"), action=(_("Add a line"), self.add_line))
        discounts = self.add_section(_("Discount on the whole"), "%")
        self.discount = QLineEdit(_percent(start.discount))
        self.discount.setAccessibleName(_("Discount on the whole"))
        self.discount.textEdited.connect(self.changed)
        discounts.addWidget(self.discount)
        self.total = label("", "strong", wrap=True)
        self.body.addWidget(self.total)
        self.around = QVBoxLayout()
        self.around.setSpacing(8)
        self.body.addLayout(self.around)
        for line in start.lines or (None,):
            self.add_line(line)
        self.set_actions((_("Save"), self.save), [(_("Cancel"), page.close_inspector)])
        self.look_around()

    def add_line(self, line: LineDraft | None = None) -> None:
        """Add a line, empty or filled."""
        row = LineRow(self, line)
        self.rows.append(row)
        self.lines.addWidget(row)
        self.changed()

    def remove(self, row: LineRow) -> None:
        """Take a line away."""
        self.rows.remove(row)
        row.setParent(None)
        row.deleteLater()
        self.changed()
        self.look_around()

    def changed(self, *_ignored: object) -> None:
        """Say what it comes to now, and what is left of it."""
        if not hasattr(self, "total"):
            return
        locale, _ = self.page.locale_, self.page.locale_._
        draft = self.draft()
        if draft is None:
            self.total.setText(_("Complete the lines to see what they come to."))
            return
        told = preview(draft.lines, self.products, draft.discount)
        margin = "—" if told.margin is None else locale.percent(Decimal(told.margin) / 10_000)
        self.total.setText(
            _("Comes to {amount} · margin {margin}").format(amount=locale.money(told.amount), margin=margin)
        )

    def draft(self) -> QuoteDraft | None:
        """Return what was typed; None where something is missing or cannot be read."""
        account, discount = self.customer.chosen(), number_of(self.discount.text() or "0")
        lines = [row.draft() for row in self.rows]
        read = tuple(line for line in lines if line is not None)
        if account is None or discount is None or discount > 100 or len(read) < len(lines) or not read:
            return None
        return QuoteDraft(account, read, self.start.opportunity_id, to_minor(discount))

    def save(self) -> None:
        """Save what was typed."""
        draft = self.draft()
        if draft is None:
            self.page.show_message(
                "red",
                self.page.locale_._("Choose the customer, and complete each line with quantity and price."),
            )
            return
        self._save(draft)

    def look_around(self) -> None:
        """Ask who else is at the customer, and what these products were quoted for there."""
        account = self.customer.chosen()
        if account is None:
            clear_layout(self.around)
            return
        found = (row.product.currentData() for row in self.rows)
        products = {int(number) for number in found if number is not None}
        self.page.read(
            lambda work: quote_radar(
                work, account_id=account, product_ids=products, quote_id=self.start.quote_id
            ),
            self._show_radar,
            key="radar",
        )

    def _show_radar(self, radar: Radar) -> None:
        clear_layout(self.around)
        body, self.body = self.body, self.around
        add_radar(self, self.page.locale_, radar)
        if radar.prices:
            add_prices(self, self.page.locale_, radar)
        self.body = body


def number_of(typed: str) -> Decimal | None:
    """Return a number of zero or more as it was typed; None where it cannot be read."""
    try:
        number = Decimal(typed.strip().replace(",", "").replace("，", "").rstrip("%"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10**12 else None


def _percent(discount: int) -> str:
    return "" if not discount else f"{Decimal(discount) / 100:f}".rstrip("0").rstrip(".")
