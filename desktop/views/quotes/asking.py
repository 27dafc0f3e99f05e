"""Asking for a discount on a quote, and for a change of a contract (APR-02, APR-04)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QLineEdit

from desktop.money import to_minor
from desktop.operations.papers import ask_contract_review, ask_discount, plan_contract_change, plan_discount
from desktop.queries.contracts import ContractRow
from desktop.queries.quote_words import percent_text
from desktop.queries.quotes import QuoteRow
from desktop.views.asking import Asking, Field, Values, show_asking
from desktop.views.quotes.editor import number_of
from desktop.views.targets.editor import parse_amount

if TYPE_CHECKING:
    from desktop.views.quotes.page import QuotesPage

UNREAD = object()


def discount_form(page: QuotesPage, row: QuoteRow) -> None:
    """Open the form for another discount on the whole of a quote."""
    locale, _ = page.locale_, page._
    field = QLineEdit()

    def read() -> Values | None:
        typed = number_of(field.text())
        found = None if typed is None else to_minor(typed)
        return {"discount": found} if found and found <= 10_000 and found != row.discount else None

    show_asking(
        page,
        Asking(
            _("Ask for a discount"),
            f"{row.number} · {row.customer or ''}",
            lambda work, values: plan_discount(work, row.id, values["discount"]),
            lambda work, values, reason: ask_discount(work, row.id, values["discount"], reason),
            [
                (_("Amount"), locale.money(row.amount)),
                (_("Discount on the whole"), percent_text(locale, row.discount) if row.discount else ""),
                (_("Margin"), percent_text(locale, row.margin)),
            ],
            [Field(_("Discount on the whole"), field, "%")],
            read,
            lambda: page.show_quote(row.id),
        ),
    )


def change_form(page: QuotesPage, row: ContractRow) -> None:
    """Open the form for another amount, other days or a clause of a contract."""
    locale, _ = page.locale_, page._
    amount = QLineEdit(f"{row.amount / 100:.2f}" if row.amount is not None else "")
    delivery = QLineEdit(row.delivery_on.isoformat() if row.delivery_on else "")
    ends = QLineEdit(row.ends_on.isoformat() if row.ends_on else "")
    for field in (delivery, ends):
        field.setPlaceholderText("2026-12-31")
    clause = QCheckBox(_("It holds a clause written by hand."))
    clause.setChecked(bool(row.extra_clause))

    def read() -> Values | None:
        typed: dict[str, Any] = {
            "amount": parse_amount(amount.text()),
            "delivery_on": _day(delivery.text()),
            "ends_on": _day(ends.text()),
            "extra_clause": clause.isChecked(),
        }
        if typed["amount"] is None or UNREAD in typed.values():
            return None
        now = {"amount": row.amount, "delivery_on": row.delivery_on, "ends_on": row.ends_on}
        now["extra_clause"] = bool(row.extra_clause)
        return {name: value for name, value in typed.items() if value != now[name]} or None

    show_asking(
        page,
        Asking(
            _("Ask for a change"),
            f"{row.number or row.name or f'#{row.id}'} · {row.customer or ''}",
            lambda work, values: plan_contract_change(work, row.id, values),
            lambda work, values, reason: ask_contract_review(work, row.id, values, reason),
            [(_("Offered"), locale.money(row.offered) if row.offered is not None else "")],
            [
                Field(_("Amount"), amount, _("yuan")),
                Field(_("Delivery date"), delivery),
                Field(_("Ends on"), ends),
                Field(_("Clauses"), clause),
            ],
            read,
            lambda: page.show_contract(row.id),
        ),
    )


def _day(text: str) -> date | object | None:
    """Return the day that was typed; None for none, `UNREAD` for what is no day."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return UNREAD
