"""Another target than the one that was set, asked for by whoever shall reach it, decided within 48 hours (APR-05, TGT-14)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.models.people import OrgUnit, Person
from desktop.models.targets import Target
from desktop.money import money_text
from desktop.operations.approval_subjects import Subject
from desktop.operations.approvals.asking import PlannedLevel, ask_approval, plan_of
from desktop.operations.targets import put_value
from desktop.periods import Period
from desktop.queries.approval_context import ContextFact, ContextSection, ContextTable, ContextView
from desktop.queries.approvals import ApprovalItem, waiting_of
from desktop.queries.scope import person_named
from desktop.store.approval_flows import Fact
from desktop.store.workspace import Work

KIND = "target_adjustment"


def ask_target_adjustment(work: Work, target_id: int, value: int, reason: str) -> int:
    """Ask for another value of a target (minor units) and return the number of the request.

    Raises NotFound, or InvalidInput for a negative or unchanged value and without a reason.
    """
    target = _target(work, target_id)
    if value < 0 or value == target.value or not reason.strip():
        raise InvalidInput(
            "target_adjustment",
            N_("A target adjustment needs another amount of zero or more, and a reason."),
            remedy=N_("Say what changed at the customers, and which amount is right now."),
        )
    return ask_approval(
        work,
        kind=KIND,
        subject_id=target_id,
        title=f"{_whose(work, target)} · {target.period}",
        facts=_facts_of(target, value),
        payload={"value": value, "reason": reason.strip()},
    )


def target_standing(
    work: Work, period: Period, metric: str, *, person_id: int | None = None, unit_id: int | None = None
) -> tuple[int | None, list[ApprovalItem]]:
    """Return the target of a person or a unit in a period, and the requests about it that wait."""
    statement = select(Target.id).where(
        Target.person_id == person_id if person_id else Target.unit_id == unit_id,
        Target.period == period.text,
        Target.metric == metric,
    )
    found = work.session.scalars(statement.order_by(Target.id.desc())).first()
    return found, [] if found is None else waiting_of(work, [KIND], found)


def plan_target_adjustment(work: Work, target_id: int, value: int) -> tuple[PlannedLevel, ...]:
    """Return who would sign another value of a target, and by when."""
    return plan_of(work, KIND, _facts_of(_target(work, target_id), value))


def ask_person_target(work: Work, name: str, period: Period, value: int, reason: str) -> int:
    """Ask for another target of a person (oneself without a name) in a period; see `ask_target_adjustment`."""
    whose = person_named(work, name) if name else work.actor.person_id
    found = work.session.scalars(
        select(Target.id)
        .where(Target.person_id == whose, Target.period == period.text)
        .order_by(Target.id.desc())
    ).first()
    if found is None:
        raise NotFound(
            "no_targets",
            N_("Nobody here has a target for {period}."),
            remedy=N_("Import the month's targets, or set one."),
            period=period.text,
        )
    return ask_target_adjustment(work, found, value, reason)


def _change(before: int, after: int) -> int:
    """Return by how much a target changes, in ten-thousandths of what it was."""
    return (after - before) * 10_000 // before if before else 10_000


def _target(work: Work, target_id: int | None) -> Target:
    target = work.session.get(Target, target_id, populate_existing=True) if target_id else None
    if target is None:
        raise NotFound("target_unknown", N_("This target does not exist any more."))
    return target


def _whose(work: Work, target: Target) -> str:
    owner = Person if target.person_id is not None else OrgUnit
    statement = select(owner.name).where(owner.id == (target.person_id or target.unit_id))
    return str(work.session.execute(statement).scalar_one_or_none() or "")


def _facts(work: Work, request: ApprovalRequest) -> Mapping[str, Fact]:
    return _facts_of(_target(work, request.subject_id), (request.payload or {})["value"])


def _facts_of(target: Target, value: int) -> dict[str, Fact]:
    return {"target": target.value, "amount": value, "change": _change(target.value, value)}


def _context(work: Work, request: ApprovalRequest) -> ContextView:
    target, payload = _target(work, request.subject_id), request.payload or {}
    asked = (request.facts or {})["target"]
    change = ContextSection(
        N_("What changes"),
        (
            ContextFact(N_("For"), _whose(work, target)),
            ContextFact(N_("Period"), target.period),
            ContextFact(N_("Target"), payload["value"], "money", before=asked),
            ContextFact(N_("Change"), (request.facts or {})["change"], "percent", tone="amber"),
            ContextFact(N_("Why"), payload["reason"]),
        ),
    )
    same = Target.person_id == target.person_id if target.person_id else Target.unit_id == target.unit_id
    others = work.rows(
        select(Target.period, Target.value)
        .where(same, Target.metric == target.metric, Target.id != target.id)
        .order_by(Target.starts_on.desc())
        .limit(6)
    )
    table = ContextTable(
        ((N_("Period"), "text"), (N_("Target"), "money")), tuple((row.period, row.value) for row in others)
    )
    history = ContextSection(N_("Targets of other periods"), table=table)
    return ContextView((change, history), page="targets", record_id=target.person_id)


def _approved(work: Work, request: ApprovalRequest) -> None:
    before, after = (request.facts or {})["target"], (request.payload or {})["value"]
    if work.is_sqlite:  # In the team database the signature has carried it out (`store.access.carrying`).
        put_value(work, _target(work, request.subject_id), after, before)
    told = {"before": money_text(before), "after": money_text(after)}
    work.audit("set_target", "target", request.subject_id, request=request.id, **told)


SUBJECT = Subject(
    kind=KIND, label=N_("Target adjustment"), context=_context, approved=_approved, facts=_facts
)
