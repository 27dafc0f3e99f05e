"""Approval flows as configured, who holds duties, and who stands in for whom (APR-01)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from desktop.i18n import N_
from desktop.models.approvals import ApprovalDuty, ApprovalFlow, ApprovalLevel, Deputy
from desktop.models.people import Person
from desktop.queries.approvals import Slot, slot_of
from desktop.store.approval_flows import flow_in_force
from desktop.store.workspace import Work
from desktop.terms import ApprovalKind, ApprovalMode, Duty, PersonStatus, Role


@dataclass(frozen=True, slots=True)
class Condition:
    """What a fact of a request is compared with: a number, or the value that a threshold has on the day."""

    fact: str
    comparison: str
    value: int | None = None
    threshold: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a flow, as a person edits it; see `ApprovalLevel` for what its fields mean."""

    name: str
    approvers: tuple[str, ...]
    mode: ApprovalMode = ApprovalMode.ANY
    conditions: tuple[Condition, ...] = ()
    """All of them have to be met; without any the level always applies."""
    hours: int | None = None
    hours_key: str | None = None
    around_the_clock: bool = False
    escalate_to: str | None = None


@dataclass(frozen=True, slots=True)
class FlowRow:
    """The flow that is in force for a kind; `number` counts the flows there have been of it."""

    id: int
    kind: ApprovalKind
    name: str
    number: int
    activated_at: datetime
    levels: tuple[Level, ...]
    asked: tuple[tuple[Slot, ...], ...]
    """Whom each level asks, in the words of a person."""


@dataclass(frozen=True, slots=True)
class DeputyRow:
    """Who stands in for whom, and when; `is_mine` if the acting person is the one who is absent."""

    id: int
    version: int
    person_id: int
    person: str
    deputy_id: int
    deputy: str
    starts_on: date
    ends_on: date
    reason: str | None
    is_active: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class DutyRow:
    """Who holds a duty; without anybody a director takes care of it."""

    duty: Duty
    holders: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class SignerRow:
    """Somebody who can sign in and so can be asked, named as a deputy or given a duty."""

    id: int
    name: str
    role: Role


def flow_list(work: Work) -> list[FlowRow]:
    """Return the flow in force of each kind, in the order of the kinds."""
    names = person_names(work)
    found = []
    for kind in ApprovalKind:
        flow = flow_in_force(work, kind.value)
        if flow is None or flow.activated_at is None:
            continue
        ids = select(ApprovalFlow.id).where(
            ApprovalFlow.kind == kind.value, ApprovalFlow.activated_at.is_not(None)
        )
        levels = levels_of(work, flow.id)
        asked = tuple(tuple(slot_of(slot, names) for slot in level.approvers) for level in levels)
        number = len(work.rows(ids))
        found.append(FlowRow(flow.id, kind, flow.name, number, flow.activated_at, tuple(levels), asked))
    return found


def levels_of(work: Work, flow_id: int) -> list[Level]:
    """Return the levels of a flow in their order."""
    statement = select(ApprovalLevel).where(ApprovalLevel.flow_id == flow_id).order_by(ApprovalLevel.number)
    return [
        Level(
            name=row.name,
            approvers=tuple(str(slot) for slot in row.approvers),
            mode=ApprovalMode(row.mode),
            conditions=conditions_of(row),
            hours=row.hours,
            hours_key=row.hours_key,
            around_the_clock=row.around_the_clock,
            escalate_to=row.escalate_to,
        )
        for (row,) in work.rows(statement)
    ]


def conditions_of(level: ApprovalLevel) -> tuple[Condition, ...]:
    """Return the conditions of a level as it is stored."""
    return tuple(Condition(**one) for one in level.conditions)


def deputy_list(work: Work) -> list[DeputyRow]:
    """Return who stands in for whom, the latest first."""
    names = person_names(work)
    statement = select(Deputy).order_by(Deputy.starts_on.desc(), Deputy.id.desc())
    return [
        DeputyRow(
            row.id,
            row.version,
            row.person_id,
            names[row.person_id],
            row.deputy_id,
            names[row.deputy_id],
            row.starts_on,
            row.ends_on,
            row.reason,
            row.starts_on <= work.today <= row.ends_on,
            row.person_id == work.actor.person_id,
        )
        for (row,) in work.rows(statement)
    ]


def duty_list(work: Work) -> list[DutyRow]:
    """Return who holds each duty."""
    held: dict[str, list[tuple[int, str]]] = {}
    statement = select(ApprovalDuty.duty, Person.id, Person.name).join(
        Person, Person.id == ApprovalDuty.person_id
    )
    for row in work.rows(statement.order_by(Person.name)):
        held.setdefault(row.duty, []).append((row.id, row.name))
    return [DutyRow(duty, tuple(held.get(duty.value, ()))) for duty in Duty]


def signers(work: Work, but: Iterable[int] = ()) -> list[SignerRow]:
    """Return who can be asked to sign, by name."""
    statement = (
        select(Person.id, Person.name, Person.role)
        .where(Person.can_sign_in, Person.status != PersonStatus.LEFT, Person.role != Role.AUDITOR)
        .order_by(Person.name)
    )
    left_out = set(but)
    rows = [row for row in work.rows(statement) if row.id not in left_out]
    return [SignerRow(row.id, row.name, Role(row.role)) for row in rows]


def person_names(work: Work) -> dict[int, str]:
    """Return everybody's name by number."""
    return {row.id: row.name for row in work.rows(select(Person.id, Person.name))}


SEEDED = (
    N_("One approver"),
    N_("Second person"),
    N_("Manager, then the director above the limit"),
    N_("Finance: margin"),
    N_("Parallel pre-review, then manager and director"),
    N_("Pre-review: legal, finance, delivery"),
    N_("Manager within 48 hours"),
    N_("Regional manager or director"),
    N_("Manager"),
    N_("Sales director"),
)
"""The words of the flows that every database has from its first day (`resources/seeds/approval_flows.json`)."""
