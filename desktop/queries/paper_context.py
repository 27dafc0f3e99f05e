"""What an approver of a quote, a discount or a contract sees: lines, price history, margin, collisions, risks (APR-07, DUP-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.analytics.pricing import Priced, totals
from desktop.i18n import N_
from desktop.queries.approval_context import (
    ContextFact,
    ContextSection,
    ContextTable,
    ContextView,
    Tone,
    Value,
    Warning,
)
from desktop.queries.contracts import ContractRow, notes_of
from desktop.queries.quote_history import Radar, quote_radar
from desktop.queries.quote_words import IRREGULAR, price_shown, quantity_text
from desktop.queries.quotes import quote_row
from desktop.store.workspace import Work

MOST_PRICES = 12
_CHANGED = {
    "amount": (N_("Amount"), "money"),
    "type": (N_("Contract type"), "text"),
    "starts_on": (N_("Starts on"), "text"),
    "ends_on": (N_("Ends on"), "text"),
    "delivery_on": (N_("Delivery date"), "text"),
    "customer_signatory": (N_("Signed by (customer)"), "text"),
    "company_signatory": (N_("Signed by (us)"), "text"),
    "extra_clause": (N_("Hand-written clause"), "flag"),
}


def quote_context(work: Work, quote_id: int, payload: Mapping[str, Any]) -> ContextView:
    """Return the context of a quote as it was asked to be approved; `payload` may hold another discount."""
    content: dict[str, Any] = payload["content"]
    discount = payload.get("discount", content["discount"] or 0)
    priced = [
        Priced(line["quantity"], line["unit_price"], line["list_price"], line["cost"])
        for line in content["lines"]
    ]
    amount, at_list, margin = totals(priced, discount)
    before = content["discount"] if "discount" in payload else None
    share: Tone = "red" if margin.share is not None and margin.share < 0 else ""
    facts = (
        ContextFact(
            N_("Amount"), payload.get("amount", content["amount"] or amount), "money", before=_was(payload)
        ),
        ContextFact(N_("By the list"), at_list, "money"),
        ContextFact(N_("Discount on the whole"), discount, "percent", before=before),
        ContextFact(N_("Margin"), margin.share, "percent", tone=share),
        ContextFact(N_("Lines with a known cost"), f"{margin.costed} / {margin.lines}"),
        *([ContextFact(N_("Reason"), payload["reason"])] if payload.get("reason") else []),
    )
    sections = [ContextSection(N_("What is offered"), facts, _lines(content["lines"], priced))]
    row = quote_row(work, quote_id)
    warnings: list[Warning] = []
    if row is not None and row.account_id is not None:
        radar = quote_radar(
            work,
            account_id=row.account_id,
            product_ids={line["product_id"] for line in content["lines"] if line["product_id"] is not None},
            owner_id=row.owner_id,
            quote_id=quote_id,
        )
        sections += _around(radar)
        warnings += _warnings(radar)
    if margin.share is not None and margin.share < 0:
        warnings.append(Warning(N_("It is offered below its cost."), tone="red"))
    return ContextView(tuple(sections), tuple(warnings), page="quotes", record_id=quote_id)


def contract_context(
    work: Work, contract_id: int, payload: Mapping[str, Any], row: ContractRow | None
) -> ContextView:
    """Return the context of a contract (`row`: as it would be irregular after the change)."""
    content: dict[str, Any] = payload["content"]
    changes: dict[str, Any] = payload.get("changes") or {}
    facts = [
        ContextFact(_CHANGED[name][0], value, _sort(name), before=content.get(name), tone="amber")
        for name, value in changes.items()
        if name in _CHANGED
    ]
    agreed = [
        ContextFact(label, content.get(name), _sort(name))
        for name, (label, _kind) in _CHANGED.items()
        if name not in changes and content.get(name) not in (None, "")
    ]
    reason = [ContextFact(N_("Reason"), payload["reason"])] if payload.get("reason") else []
    sections = []
    if facts:
        sections.append(ContextSection(N_("What changes"), (*facts, *reason)))
    sections.append(ContextSection(N_("What is agreed"), (*agreed, *([] if facts else reason))))
    warnings: list[Warning] = []
    if row is not None:
        flags = row.irregular
        sections.append(
            ContextSection(
                N_("Irregularities"),
                (
                    ContextFact(N_("Offered"), row.offered, "money"),
                    ContextFact(N_("Concession"), flags.concession, "percent"),
                    ContextFact(N_("Days to delivery"), flags.delivery_days, "days"),
                ),
            )
        )
        warnings += [Warning(IRREGULAR[flag], tone="red") for flag in flags.flags]
    sections += _risks(work, contract_id)
    return ContextView(tuple(sections), tuple(warnings), page="quotes", record_id=None)


def _sort(name: str) -> Any:
    return _CHANGED[name][1]


def _was(payload: Mapping[str, Any]) -> int | None:
    return payload["content"]["amount"] if "discount" in payload else None


def _lines(lines: list[dict[str, Any]], priced: list[Priced]) -> ContextTable:
    heads = (
        (N_("Line"), "text"),
        (N_("Quantity"), "text"),
        (N_("Unit price"), "text"),
        (N_("Discount"), "percent"),
        (N_("Amount"), "money"),
        (N_("Margin"), "percent"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            line["name"],
            quantity_text(line["quantity"]),
            price_shown(line["unit_price"]),
            one.discount,
            line["amount"],
            totals([one])[2].share,
        )
        for line, one in zip(lines, priced, strict=True)
    )
    return ContextTable(heads, rows)  # type: ignore[arg-type]


def _around(radar: Radar) -> list[ContextSection]:
    found = []
    if radar.prices:
        heads = ((N_("Date"), "date"), (N_("Number"), "text"), (N_("Product"), "text"))
        more = ((N_("Quantity"), "text"), (N_("Unit price"), "text"), (N_("Owner"), "text"))
        rows: tuple[tuple[Value, ...], ...] = tuple(
            (
                one.on,
                one.number,
                one.product,
                quantity_text(one.quantity),
                price_shown(one.unit_price),
                one.owner,
            )
            for one in radar.prices[:MOST_PRICES]
        )
        tones: tuple[Tone, ...] = tuple(
            "amber" if one in radar.again else "" for one in radar.prices[:MOST_PRICES]
        )
        found.append(ContextSection(N_("Price history"), table=ContextTable((*heads, *more), rows, tones)))  # type: ignore[arg-type]
    if radar.rivals:
        told = ((N_("Owner"), "text"), (N_("Customer"), "text"), (N_("Quotes"), "integer"))
        also = ((N_("Open deals"), "integer"), (N_("Amount"), "money"), (N_("Last quote"), "date"))
        lines: tuple[tuple[Value, ...], ...] = tuple(
            (one.owner, one.customer, one.quotes, one.deals, one.amount, one.last_on) for one in radar.rivals
        )
        found.append(ContextSection(N_("Collisions"), table=ContextTable((*told, *also), lines)))  # type: ignore[arg-type]
    return found


def _warnings(radar: Radar) -> list[Warning]:
    found = []
    if radar.rivals:
        found.append(
            Warning(
                N_("{names} are at this customer, too."),
                {"names": "、".join(one.owner for one in radar.rivals)},
            )
        )
    if radar.again:
        found.append(
            Warning(N_("The same products were quoted there within {days} days."), {"days": radar.window})
        )
    return found


def _risks(work: Work, contract_id: int) -> list[ContextSection]:
    notes = notes_of(work, contract_id)
    if not notes:
        return []
    heads = ((N_("Clause"), "text"), (N_("Risk"), "text"), (N_("By"), "text"), (N_("Settled"), "text"))
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (one.clause, one.note, one.by, one.answer or "") for one in notes
    )
    tones: tuple[Tone, ...] = tuple("" if one.settled_at else "red" for one in notes)
    return [ContextSection(N_("Risk notes"), table=ContextTable(heads, rows, tones))]  # type: ignore[arg-type]
