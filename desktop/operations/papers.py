"""Asking for approval of quotes, discounts and contracts; what is approved is frozen (APR-02 to 04, APR-09, PER-06)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from desktop.analytics.irregularity import Terms
from desktop.analytics.pricing import Priced, concession, totals
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.operations.approvals.asking import PlannedLevel, ask_approval, plan_of
from desktop.operations.contracts import ContractDraft, contract_of_quote, locked_contract
from desktop.operations.quotes import locked_quote, require_quoter
from desktop.queries.contracts import ContractRow, contract_detail, irregular
from desktop.store.access.papers import CHANGEABLE
from desktop.store.approval_flows import Fact
from desktop.store.papers import CONTRACT, QUOTE, content_of, encoded, hash_of, settle
from desktop.store.workspace import Work

MARK = 16
"""How much of a hash stands in the facts."""


def ask_quote_review(work: Work, quote_id: int, reason: str = "") -> int:
    """Ask for a quote to be approved, for the first time or again; its days count anew from the approval."""
    require_quoter(work)
    quote = locked_quote(work, quote_id)
    payload = {"content": content_of(work, QUOTE, quote_id), "reason": reason.strip()}
    return _ask(work, "quote", quote_id, quote.number, quote_facts(payload), payload)


def ask_discount(work: Work, quote_id: int, discount: int, reason: str) -> int:
    """Ask for another discount on the whole (ten-thousandths); raises InvalidInput for one that changes nothing."""
    require_quoter(work)
    quote = locked_quote(work, quote_id)
    if not 0 < discount <= 10_000 or discount == quote.discount:
        raise InvalidInput("discount_impossible", N_("A discount lies between 0 and 100 %."))
    content = content_of(work, QUOTE, quote_id)
    assert content is not None
    amount = totals(_priced(content), discount)[0]
    payload = {"content": content, "discount": discount, "amount": amount, "reason": reason.strip()}
    return _ask(work, "discount", quote_id, quote.number, quote_facts(payload), payload)


def plan_discount(work: Work, quote_id: int, discount: int) -> tuple[PlannedLevel, ...]:
    """Return who would sign another discount on the whole (ten-thousandths), and by when."""
    content = content_of(work, QUOTE, quote_id)
    return plan_of(work, "discount", quote_facts({"content": content, "discount": discount}))


def plan_contract_change(
    work: Work, contract_id: int, changes: Mapping[str, Any]
) -> tuple[PlannedLevel, ...]:
    """Return who would sign a contract with these changes, and by when."""
    wanted = {name: _plain(value) for name, value in changes.items()}
    payload = {"content": content_of(work, CONTRACT, contract_id), "changes": wanted}
    return plan_of(work, "contract_change", contract_facts(work, contract_id, payload))


def ask_contract_review(
    work: Work, contract_id: int, changes: Mapping[str, Any] | None = None, reason: str = ""
) -> int:
    """Ask for a contract to be reviewed as it stands, or with changes: legal, finance and delivery at once (APR-04).

    Raises InvalidInput for a change of what cannot be changed so.
    """
    require_quoter(work)
    contract = locked_contract(work, contract_id)
    wanted = {name: _plain(value) for name, value in (changes or {}).items()}
    if unknown := set(wanted) - set(CHANGEABLE):
        raise InvalidInput(
            "change_impossible", N_("“{name}” of a contract is not changed this way."), name=min(unknown)
        )
    payload = {
        "content": content_of(work, CONTRACT, contract_id),
        "changes": wanted,
        "reason": reason.strip(),
    }
    title = contract.number or contract.name or f"#{contract_id}"
    return _ask(
        work, "contract_change", contract_id, title, contract_facts(work, contract_id, payload), payload
    )


def start_contract(work: Work, draft: ContractDraft, reason: str = "") -> tuple[int, int]:
    """Make a contract of a quote and push it at once to whoever reviews contracts (APR-04).

    Returns the numbers of the contract and of the request. Raises as `contract_of_quote` does.
    """
    contract = contract_of_quote(work, draft)
    return contract, ask_contract_review(work, contract, reason=reason)


def quote_facts(payload: Mapping[str, Any]) -> dict[str, Fact]:
    """Return what conditions of a flow look at: amount, discount, concession against the list, margin."""
    content = payload["content"]
    discount = payload.get("discount", content["discount"] or 0)
    amount, at_list, margin = totals(_priced(content), discount)
    if not content["lines"]:
        amount = content["amount"] or 0
    facts: dict[str, Fact] = {"amount": amount, "discount": discount, "content": mark(content)}
    if content["lines"]:  # Of a quote that came without lines nobody knows what was conceded.
        facts["concession"] = max(discount, concession(at_list, amount) or 0)
    if margin.share is not None:
        facts["margin"] = margin.share
    return facts


def contract_facts(work: Work, contract_id: int, payload: Mapping[str, Any]) -> dict[str, Fact]:
    """Return what conditions of a flow look at: amount after the change, and what is irregular then."""
    row = contract_detail(work, contract_id).row
    after = {**payload["content"], **(payload.get("changes") or {})}
    found = irregular(work, terms_after(row, after))
    facts: dict[str, Fact] = {
        "amount": after["amount"] or 0,
        "irregular": bool(found.flags),
        "extra_clause": bool(after["extra_clause"]),
        "content": mark(payload["content"]),
    }
    if found.concession is not None:
        facts["concession"] = found.concession
    if found.delivery_days is not None:
        facts["delivery_days"] = found.delivery_days
    return facts


def terms_after(row: ContractRow, changes: Mapping[str, Any]) -> Terms:
    """Return what is looked at for irregularities once a contract holds these values."""
    delivery = row.delivery_on
    if "delivery_on" in changes:
        delivery = date.fromisoformat(changes["delivery_on"]) if changes["delivery_on"] else None
    return Terms(
        changes.get("amount", row.amount),
        row.offered,
        row.ordered_on or row.signed_on or row.starts_on,
        delivery,
        changes.get("extra_clause", row.extra_clause),
    )


def still(work: Work, request: ApprovalRequest) -> dict[str, Fact]:
    """Return the facts of a request as what is asked for makes them, with the mark of what the paper says now.

    Other marks, other paper. Whoever writes SQL could state smaller facts than the discount they ask for,
    and leave levels out by them.
    """
    kind = CONTRACT if request.kind == "contract_change" else QUOTE
    number, payload = request.subject_id or 0, request.payload or {}
    content = content_of(work, kind, number)
    facts = dict(request.facts or {})
    if kind == QUOTE:
        facts |= quote_facts(payload)
    elif content is not None:
        facts |= contract_facts(work, number, payload)
    return facts if content is None else facts | {"content": mark(content)}


def mark(content: Mapping[str, Any]) -> str:
    """Return a short mark of what a paper says."""
    return hash_of(encoded(dict(content)))[:MARK]


def carry_out(work: Work, request: ApprovalRequest) -> None:
    """Carry out an approved request, and freeze the paper."""
    settle(work, request)
    subject = CONTRACT if request.kind == "contract_change" else QUOTE
    work.audit(f"approve_{request.kind}", subject, request.subject_id, request=request.id)


def _ask(
    work: Work, kind: str, subject_id: int, title: str, facts: Mapping[str, Fact], payload: Mapping[str, Any]
) -> int:
    return ask_approval(work, kind=kind, subject_id=subject_id, title=title, facts=facts, payload=payload)


def _priced(content: Mapping[str, Any]) -> list[Priced]:
    return [
        Priced(line["quantity"], line["unit_price"], line["list_price"], line["cost"])
        for line in content["lines"]
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
