"""Recording that a customer refused, and lifting that: until then nobody is given the customer (DUP-06, LED-14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.leads import Lead, Refusal
from desktop.periods import months_later
from desktop.store.refusals import blocked_until
from desktop.store.rules import threshold
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import KEEPER_ROLES, Role

RECORDERS = (
    Role.REP,
    Role.CITY_MANAGER,
    Role.REGIONAL_MANAGER,
    Role.DIRECTOR,
    *KEEPER_ROLES,
)


def record_refusal(
    work: Work, kind: str, record_id: int, reason: str, *, source: str = "", on: date | None = None
) -> int:
    """Record that an account or lead refused, today or on an earlier day; return the refusal's number.

    `source` says how it was told ("call"). Raises InvalidInput without a reason or for a day to come, NotFound,
    NotAllowed.
    """
    require_role(work, *RECORDERS)
    day = on or work.today
    if not reason.strip():
        raise InvalidInput(
            "reason_missing",
            N_("A refusal needs its reason."),
            remedy=N_("Say in a few words why the customer does not buy now, e.g. “budget frozen until Q3”."),
        )
    if day > work.today:
        raise InvalidInput(
            "refused_later", N_("{day} is still to come; nobody has refused on it."), day=day.isoformat()
        )
    record = {"account": Account, "lead": Lead}.get(kind)
    if record is None or work.session.get(record, record_id) is None:
        raise NotFound("record_gone", N_("This record does not exist any more."))
    made = Refusal(
        account_id=record_id if kind == "account" else None,
        lead_id=record_id if kind == "lead" else None,
        reason=reason.strip()[:400],
        source=source.strip()[:100] or None,
        refused_on=day,
        blocked_until=months_later(day, int(threshold(work, "lead.refusal_block_months", day))),
        by_id=work.actor.person_id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    until = made.blocked_until.isoformat()
    work.audit("record_refusal", kind, record_id, refusal=made.id, reason=made.reason, until=until)
    return made.id


def lift_refusal(work: Work, refusal_id: int, reason: str) -> None:
    """Let a customer be given to somebody again before its time; raise InvalidInput, NotFound, NotAllowed."""
    require_role(work, *KEEPER_ROLES)
    found = work.session.get(Refusal, refusal_id, with_for_update=True)
    if found is None:
        raise NotFound("refusal_unknown", N_("There is no refusal {id}."), id=refusal_id)
    if found.lifted_at is not None:
        raise InvalidInput("refusal_lifted", N_("Refusal {id} was lifted already."), id=refusal_id)
    if not reason.strip():
        raise InvalidInput(
            "reason_missing",
            N_("Lifting a refusal needs a reason."),
            remedy=N_("Say in a few words why the customer buys again."),
        )
    found.lifted_at, found.lifted_by_id = work.now, work.actor.person_id
    found.lift_reason = reason.strip()[:400]
    kind = "lead" if found.account_id is None else "account"
    work.audit(
        "lift_refusal", kind, found.account_id or found.lead_id, refusal=found.id, reason=found.lift_reason
    )
    work.session.flush()


def require_unrefused(work: Work, kind: str, ids: Sequence[int]) -> None:
    """Raise NotAllowed if one of these customers, by whatever record it is known, refused a short while ago."""
    refused = blocked_until(work, kind, ids)
    if not refused:
        return
    first = min(refused)
    raise NotAllowed(
        "customer_refused",
        N_(
            "{count} of these customers refused and are given to nobody yet, first {kind} {id}: not before {day}."
        ),
        remedy=N_("Leave them out until then, or let sales operations lift the refusal."),
        count=len(refused),
        kind=kind,
        id=first,
        day=refused[first].isoformat(),
    )
