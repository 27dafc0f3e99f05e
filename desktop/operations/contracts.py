"""Contracts: made of a quote that still holds, signed, annotated with risks (APR-03, APR-09, APR-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from desktop.analytics.names import name_key
from desktop.analytics.validity import last_day
from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.i18n import N_
from desktop.models.contracts import Contract, Quote
from desktop.models.quotes import ClauseNote
from desktop.operations.quotes import locked_quote, require_quoter
from desktop.queries.contracts import contract_detail
from desktop.queries.quotes import valid_days
from desktop.store.papers import CONTRACT, is_frozen
from desktop.store.rules import threshold
from desktop.store.stale import locked, require_same
from desktop.store.workspace import Work
from desktop.terms import Role, Term

DIRECTOR_AMOUNT = "approval.director_amount"


class Severity(Term):
    """How much a clause is to be feared."""

    LOW = "low", N_("Low risk")
    MEDIUM = "medium", N_("Medium risk")
    HIGH = "high", N_("High risk")


@dataclass(frozen=True, slots=True)
class ContractDraft:
    """What a contract made of a quote agrees; without `amount` it is the quote's."""

    quote_id: int
    name: str = ""
    number: str | None = None
    amount: int | None = None
    delivery_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    extra_clause: bool = False


def contract_of_quote(work: Work, draft: ContractDraft) -> int:
    """Make a contract, not signed yet, of a quote that still holds; return its number in the database.

    Raises InvalidInput for a quote that has expired, NotFound, NotAllowed for a role that does not sell.
    """
    require_quoter(work)
    quote = locked_quote(work, draft.quote_id)
    require_holding(work, quote, work.today)
    name = draft.name.strip() or quote.number
    contract = Contract(
        number=draft.number or None,
        name=name[:400],
        name_key=name_key(name)[:400],
        account_id=quote.account_id,
        opportunity_id=quote.opportunity_id,
        quote_id=quote.id,
        amount=quote.amount if draft.amount is None else draft.amount,
        ordered_on=work.today,
        delivery_on=draft.delivery_on,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        extra_clause=draft.extra_clause,
        owner_id=work.actor.person_id if quote.owner_id is None else quote.owner_id,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(contract)
    work.session.flush()
    contract.number = contract.number or f"HT{work.today:%Y%m%d}-{contract.id:05d}"
    work.audit("make_contract", "contract", contract.id, number=contract.number, quote=quote.number)
    work.session.flush()
    return contract.id


def sign_contract(
    work: Work,
    contract_id: int,
    *,
    signed_on: date | None = None,
    customer_signatory: str = "",
    company_signatory: str = "",
    version: int | None = None,
) -> None:
    """Enter that a contract was signed.

    Raises InvalidInput where its quote has expired on that day (APR-03) or it is signed already, NotAllowed
    where it is irregular or large and was not approved (APR-02, APR-09), StaleRecord for a lost race.
    """
    require_quoter(work)
    contract = locked_contract(work, contract_id)
    require_same(work, contract, version, subject="contract", fields=("signed_on", "amount"))
    if contract.signed_on is not None:
        raise InvalidInput(
            "contract_signed",
            N_("Contract {number} was signed on {day}."),
            number=contract.number or contract.name or contract_id,
            day=contract.signed_on,
        )
    day = signed_on or work.today
    if contract.quote_id is not None:
        require_holding(work, locked_quote(work, contract.quote_id), day)
    _require_approved(work, contract)
    contract.signed_on = day
    contract.customer_signatory = customer_signatory.strip() or contract.customer_signatory
    contract.company_signatory = company_signatory.strip() or contract.company_signatory
    contract.changed_at = work.now
    work.audit("sign_contract", "contract", contract_id, number=contract.number, signed_on=day.isoformat())
    work.session.flush()


def note_risk(work: Work, contract_id: int, clause: str, note: str, severity: Severity) -> int:
    """Mark a clause of a contract as a risk; return the note's number."""
    if work.actor.role == Role.AUDITOR:
        raise NotAllowed("auditor_reads", N_("An auditor reads, and changes nothing."))
    if work.session.get(Contract, contract_id) is None:
        raise _no_contract(contract_id)
    if not clause.strip() or not note.strip():
        raise InvalidInput(
            "note_incomplete",
            N_("A risk note needs the clause and what is feared of it."),
            remedy=N_("Name the clause, e.g. “§ 7 Liability”, and say in a sentence what is risky."),
        )
    made = ClauseNote(
        contract_id=contract_id,
        clause=clause.strip()[:400],
        severity=severity.value,
        note=note.strip(),
        by_id=work.actor.person_id,
        at=work.now,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    work.audit("note_risk", "contract", contract_id, clause=made.clause, severity=severity.value)
    return made.id


def settle_risk(work: Work, note_id: int, answer: str, version: int | None = None) -> None:
    """Say what became of a risk; its author or somebody who sees every contract does so."""
    note = locked(work, ClauseNote, note_id)
    if note is None:
        raise NotFound("note_unknown", N_("There is no risk note {id}."), id=note_id)
    require_same(work, note, version, subject="contract", fields=("answer", "settled_at"))
    if note.settled_at is not None:
        raise InvalidInput("note_settled", N_("This risk was settled before."))
    if not answer.strip():
        raise InvalidInput("answer_missing", N_("Say in a sentence what became of the risk."))
    watching = (Role.DIRECTOR, Role.SALES_OPS, Role.FINANCE, Role.ADMIN)
    if note.by_id != work.actor.person_id and work.actor.role not in watching:
        raise NotAllowed(
            "not_the_author",
            N_("Whoever noted a risk settles it, or somebody who sees every contract."),
        )
    note.answer = answer.strip()
    note.settled_at = work.now
    note.settled_by_id = work.actor.person_id
    note.changed_at = work.now
    work.audit("settle_risk", "contract", note.contract_id, note=note_id)
    work.session.flush()


def locked_contract(work: Work, contract_id: int) -> Contract:
    """Return a contract that nobody else changes until this transaction ends; raise NotFound."""
    contract = locked(work, Contract, contract_id)
    if contract is None:
        raise _no_contract(contract_id)
    return contract


def require_holding(work: Work, quote: Quote, day: date) -> None:
    """Raise InvalidInput unless a quote holds on a day (APR-03)."""
    last = last_day(quote.issued_on, quote.renewed_on, quote.valid_until, valid_days(work, quote.issued_on))
    if last is None or day > last:
        raise InvalidInput(
            "quote_expired",
            N_("Quote {number} held until {day}; nothing is signed by it."),
            remedy=N_("Have it reviewed again, or write a new one after it."),
            number=quote.number,
            day=last or "—",
        )


def _require_approved(work: Work, contract: Contract) -> None:
    if is_frozen(work, CONTRACT, contract.id) or contract.quote_id is None:
        return
    found = contract_detail(work, contract.id).row.irregular
    large = int(threshold(work, DIRECTOR_AMOUNT)) * 100
    if found.flags or (contract.amount or 0) > large:
        raise NotAllowed(
            "contract_unapproved",
            N_("Contract {number} is irregular or large, and was not approved."),
            remedy=N_("Ask for its review first."),
            number=contract.number or contract.name or contract.id,
        )


def _no_contract(contract_id: int) -> NotFound:
    return NotFound("contract_unknown", N_("There is no contract {id}."), id=contract_id)
