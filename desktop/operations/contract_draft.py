"""The draft of a contract from a firm's own Word template (APR-08)."""

from __future__ import annotations

from desktop.exporters.word_template import fill_document
from desktop.i18n import Locale
from desktop.queries.contracts import contract_detail
from desktop.queries.quote_detail import lines_of
from desktop.queries.quote_words import percent_text, price_text, quantity_text
from desktop.store.workspace import Work


def draft_document(work: Work, contract_id: int, template: bytes, locale: Locale) -> bytes:
    """Return the contract as the template has it, with what is agreed filled in; the act is put on record.

    Raises NotFound, and InvalidInput for a template that asks for what nobody knows.
    """
    row = contract_detail(work, contract_id).row
    lines = lines_of(work, row.quote_id) if row.quote_id is not None else ()
    values = {
        "number": row.number or "",
        "name": row.name or "",
        "customer": row.customer or "",
        "owner": row.owner or "",
        "quote": row.quote or "",
        "amount": locale.money(row.amount),
        "concession": percent_text(locale, row.irregular.concession),
        "today": locale.day(work.today),
    }
    for name in ("ordered_on", "signed_on", "starts_on", "ends_on", "delivery_on"):
        day = getattr(row, name)
        values[name] = locale.day(day) if day else ""
    told = [
        {
            "line.number": str(number),
            "line.name": line.name,
            "line.quantity": quantity_text(line.quantity) or "",
            "line.unit_price": price_text(line.unit_price) or "",
            "line.amount": locale.money(line.amount),
        }
        for number, line in enumerate(lines, 1)
    ]
    if not told:  # The names are known, though there is no line to stand for.
        told = [
            dict.fromkeys(("line.number", "line.name", "line.quantity", "line.unit_price", "line.amount"), "")
        ]
    made = fill_document(template, values, told)
    work.audit("draft_contract", "contract", contract_id, number=row.number)
    return made
