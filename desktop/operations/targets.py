"""Setting targets and accepting calibrated weeks (TGT-01, TGT-11)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.i18n import N_
from desktop.models.people import OrgUnit, Person
from desktop.models.targets import Target, WeeklyTarget
from desktop.money import money_text
from desktop.periods import Period
from desktop.queries.calibration import PersonPlan, calibration, metrics_of
from desktop.queries.sales_history import History
from desktop.store.stale import stale
from desktop.store.workspace import Work
from desktop.terms import Role

SETTERS = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER, Role.DIRECTOR, Role.SALES_OPS, Role.ADMIN)
"""Who may set targets and accept calibrated weeks."""
DEFAULT_METRIC = "sales"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted: people whose weeks changed, people whose weeks were these already, the total."""

    period: str
    changed: int
    unchanged: int
    total: int


def accept_calibration(
    work: Work,
    *,
    period: Period,
    unit_id: int | None = None,
    history: History | None = None,
    metric: str | None = None,
    person_ids: Collection[int] | None = None,
) -> Accepted:
    """Write the calibrated weeks of a unit's people (or of those named) as their weekly targets.

    The run is made anew inside this transaction, so what is written is what the figures say now. Raises
    NotAllowed, NotFound where nobody has a target, InvalidInput for a period that is not a month.
    """
    _require_setter(work)
    run = calibration(work, period=period, unit_id=unit_id, history=history, metric=metric)
    people = [plan for plan in run.people if person_ids is None or plan.person_id in person_ids]
    if not people:
        raise NotFound(
            "no_targets",
            N_("Nobody here has a target for {period}."),
            remedy=N_("Import the month's targets, or set one."),
            period=period.text,
        )
    changed = [plan for plan in people if not plan.is_accepted]
    for plan in changed:
        _write_weeks(work, plan)
    total = sum(plan.plan.target for plan in people)
    work.audit(
        "accept_calibration",
        "target",
        period=period.text,
        unit=unit_id,
        history=run.history.value,
        metric=run.metric,
        people=[plan.person_id for plan in changed],
        total=money_text(total),
    )
    return Accepted(period.text, len(changed), len(people) - len(changed), total)


def _write_weeks(work: Work, plan: PersonPlan) -> None:
    present = {
        row.week: row
        for row in work.session.scalars(select(WeeklyTarget).where(WeeklyTarget.target_id == plan.target_id))
    }
    for week in plan.plan.weeks:
        row = present.get(week.week.number)
        if row is None:
            row = WeeklyTarget(target_id=plan.target_id, week=week.week.number, recorded_at=work.now)
            work.session.add(row)
        row.starts_on, row.ends_on = week.week.starts, week.week.ends
        row.value, row.original = week.target, week.equal
        row.accepted_by_id = work.actor.person_id
        row.changed_at = work.now


def set_target(
    work: Work,
    *,
    period: Period,
    value: int,
    person_id: int | None = None,
    unit_id: int | None = None,
    metric: str | None = None,
    seen: Mapping[str, Any] | None = None,
) -> int:
    """Set the target of a person or a unit for a period (minor units) and return its id.

    With `seen` ("value": what the person started from, None where there was no target) StaleRecord is raised
    if the target is another one by now. Weeks that were accepted for another value are taken back: they would not add up any more. Raises
    NotAllowed, NotFound, or InvalidInput for a negative value or not exactly one of person and unit.
    """
    _require_setter(work)
    if (person_id is None) == (unit_id is None):
        raise InvalidInput("target_owner", N_("A target belongs to either a person or a unit."))
    if value < 0:
        raise InvalidInput(
            "target_negative",
            N_("A target cannot be negative."),
            remedy=N_("Give an amount of zero or more."),
        )
    owner = (
        work.session.get(Person, person_id) if person_id is not None else work.session.get(OrgUnit, unit_id)
    )
    if owner is None:
        raise NotFound("target_owner_unknown", N_("Whom this target is for does not exist any more."))
    known = metrics_of(work, period)
    chosen = metric or (known[0] if known else DEFAULT_METRIC)
    target = work.session.scalars(
        select(Target)
        .where(
            Target.person_id == person_id if person_id is not None else Target.unit_id == unit_id,
            Target.period == period.text,
            Target.metric == chosen,
        )
        .order_by(Target.id.desc())
        .limit(1)
        .with_for_update()
    ).first()
    before = target.value if target else None
    if seen is not None and target is not None and before != seen["value"]:
        raise stale(work, target, {"value": before}, target.version, subject="target", seen=seen)
    if target is None:
        target = Target(
            person_id=person_id,
            unit_id=unit_id,
            period=period.text,
            starts_on=period.starts,
            ends_on=period.ends,
            metric=chosen,
            recorded_at=work.now,
        )
        work.session.add(target)
    put_value(work, target, value, before)
    after = money_text(value)
    was = None if before is None else money_text(before)
    work.audit("set_target", "target", target.id, period=period.text, metric=chosen, before=was, after=after)
    return target.id


def put_value(work: Work, target: Target, value: int, before: int | None) -> None:
    """Write a target's value, for who may set it or because it was approved; weeks for another value are taken back."""
    target.value = value
    target.changed_at = work.now
    work.session.flush()
    if before is not None and before != value:
        work.session.execute(delete(WeeklyTarget).where(WeeklyTarget.target_id == target.id))


def _require_setter(work: Work) -> None:
    if work.actor.role not in SETTERS:
        raise NotAllowed(
            "targets_not_allowed",
            N_("Targets are set by managers and sales operations; {name} is neither."),
            remedy=N_("Ask your manager, or file a target adjustment."),
            name=work.actor.name,
        )
