"""How the clock stands: what is due next, what was done when, what failed and what to do about it (PLT-09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, func, select

from desktop.errors import UserError
from desktop.jobs.rule import Due, all_rules
from desktop.jobs.runner import CLOCK
from desktop.models.clockwork import Outbox, RuleRun, Schedule, ScheduleRecipient
from desktop.models.people import OrgUnit, Person
from desktop.store.lease import holder_of
from desktop.store.workspace import Work
from desktop.terms import DueState, OutboxState, ScheduleKind

SCHEDULE_RULE = "schedule"
MOST = 300
"""How many of the newest runs and messages are shown."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule or a rule: when it is due next, and how its last time went. `schedule_id` None: a rule."""

    id: str
    name: str
    kind: str
    what: str
    schedule_id: int | None
    version: int
    active: bool
    at: str
    unit: str | None
    recipients: tuple[str, ...]
    folder: str
    next_at: datetime | None
    last_due: datetime | None
    last_acted: datetime | None
    state: str
    problem: dict[str, Any] | None

    @property
    def late_minutes(self) -> int | None:
        """How many minutes after it was due it was last acted on."""
        if self.last_due is None or self.last_acted is None:
            return None
        return int((self.last_acted - self.last_due).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Run:
    """One thing that fell due."""

    id: int
    rule: str
    subject: str
    due_at: datetime
    acted_at: datetime
    late_minutes: int
    state: str
    attempts: int
    retry_at: datetime | None
    by: str
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message or file on its way out."""

    id: int
    channel: str
    target: str
    subject: str
    state: str
    attempts: int
    queued_at: datetime
    sent_at: datetime | None
    retry_at: datetime | None
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ClockView:
    """Everything that the Clock section shows; `holder` is who runs it at this moment."""

    planned: tuple[Planned, ...]
    runs: tuple[Run, ...]
    messages: tuple[Message, ...]
    holder: str
    open_messages: int
    failed_runs: int
    problem: UserError | None = None


def clock_view(work: Work) -> ClockView:
    """Return how the clock stands; sales operations, administrators and auditors see it."""
    planned, problem = _planned(work)
    runs = tuple(_runs(work))
    held = holder_of(work, CLOCK)
    open_states = (OutboxState.UNSURE.value, OutboxState.FAILED.value)
    undecided = select(func.count(Outbox.id)).where(Outbox.state.in_(open_states))
    failed = select(func.count(RuleRun.id)).where(RuleRun.state == DueState.FAILED.value)
    return ClockView(
        planned,
        runs,
        tuple(_messages(work)),
        held[0] if held else "",
        int(work.session.execute(undecided).scalar_one()),
        int(work.session.execute(failed).scalar_one()),
        problem,
    )


def _planned(work: Work) -> tuple[tuple[Planned, ...], UserError | None]:
    found: list[Planned] = []
    coming: dict[str, Due] = {}
    problem = None
    for rule in all_rules():
        try:
            following = rule.next(work)
        except UserError as error:
            following, problem = (), error
        for due in following:
            coming.setdefault(due.about if rule.key == SCHEDULE_RULE else rule.key, due)
        if rule.key != SCHEDULE_RULE:
            last = work.session.scalars(_newest(RuleRun, RuleRun.rule == rule.key)).first()
            found.append(_line(rule.key, rule.label, last, coming.get(rule.key)))
    names = _recipients(work)
    its_keys = cast(Schedule.id, String).concat(":%")
    newest = _newest(RuleRun.id, RuleRun.rule == SCHEDULE_RULE, RuleRun.due_key.like(its_keys))
    rows = work.rows(
        select(Schedule, RuleRun, OrgUnit.name.label("unit"))
        .outerjoin(OrgUnit, OrgUnit.id == Schedule.unit_id)
        .outerjoin(RuleRun, RuleRun.id == newest.correlate(Schedule).scalar_subquery())
        .order_by(Schedule.id)
    )
    for schedule, last, unit in rows:
        line = _line(f"s{schedule.id}", schedule.name, last, coming.get(str(schedule.id)))
        found.append(_of_schedule(line, schedule, unit, names.get(schedule.id, ())))
    return tuple(found), problem


def _line(key: str, name: str, last: RuleRun | None, due: Due | None) -> Planned:
    return Planned(
        key,
        name,
        "rule",
        name,
        None,
        0,
        True,
        "",
        None,
        (),
        "",
        due.due_at if due else None,
        last.due_at if last else None,
        last.acted_at if last else None,
        last.state if last else "",
        last.problem if last else None,
    )


def _of_schedule(line: Planned, schedule: Schedule, unit: str | None, names: tuple[str, ...]) -> Planned:
    return Planned(
        line.id,
        line.name,
        schedule.kind,
        ScheduleKind(schedule.kind).label,
        schedule.id,
        schedule.version,
        schedule.active,
        schedule.at,
        unit,
        names,
        schedule.folder or "",
        line.next_at if schedule.active else None,
        line.last_due,
        line.last_acted,
        line.state if schedule.active else "resting",
        line.problem,
    )


def _newest(what: Any, *conditions: Any) -> Select[Any]:
    return select(what).where(*conditions).order_by(RuleRun.due_at.desc(), RuleRun.id.desc()).limit(1)


def _recipients(work: Work) -> dict[int, tuple[str, ...]]:
    """Return to whom each schedule goes; an auditor sees people, not bare addresses."""
    rows = work.rows(
        select(ScheduleRecipient.schedule_id, Person.name)
        .outerjoin(Person, Person.id == ScheduleRecipient.person_id)
        .order_by(ScheduleRecipient.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        found[row.schedule_id] = (*found.get(row.schedule_id, ()), row.name or "@")
    return found


def _runs(work: Work) -> list[Run]:
    labels = {rule.key: rule.label for rule in all_rules()}
    rows = work.rows(
        select(RuleRun, Person.name.label("by"))
        .join(Person, Person.id == RuleRun.by_id)
        .order_by(RuleRun.acted_at.desc(), RuleRun.id.desc())
        .limit(MOST)
    )
    return [
        Run(
            run.id,
            labels.get(run.rule, run.rule),
            run.subject or run.due_key,
            run.due_at,
            run.acted_at,
            max(0, int((run.acted_at - run.due_at).total_seconds() // 60)),
            run.state,
            run.attempts,
            run.retry_at,
            by,
            run.problem,
        )
        for run, by in rows
    ]


def _messages(work: Work) -> list[Message]:
    columns = [
        Outbox.id,
        Outbox.channel,
        Outbox.subject,
        Outbox.state,
        Outbox.attempts,
        Outbox.queued_at,
        Outbox.sent_at,
        Outbox.retry_at,
        Outbox.problem,
        Person.name.label("person"),
    ]
    rows = work.rows(
        select(*columns)
        .outerjoin(Person, Person.id == Outbox.person_id)
        .order_by(Outbox.id.desc())
        .limit(MOST)
    )
    addresses = _addresses(work, [row.id for row in rows])
    return [
        Message(
            row.id,
            row.channel,
            row.person or addresses.get(row.id, "@"),
            row.subject,
            row.state,
            row.attempts,
            row.queued_at,
            row.sent_at,
            row.retry_at,
            row.problem,
        )
        for row in rows
    ]


def _addresses(work: Work, numbers: list[int]) -> dict[int, str]:
    """Return where messages go; nothing for an auditor, who may not read addresses."""
    from desktop.jobs.runner import RUNNERS

    if work.actor.role not in RUNNERS:
        return {}
    rows = work.rows(select(Outbox.id, Outbox.target).where(Outbox.id.in_(numbers)))
    return {row.id: row.target for row in rows}


def told(problem: dict[str, Any]) -> UserError:
    """Return a problem that was kept, to be said in the reader's language."""
    return UserError(problem["code"], problem["template"], remedy=problem["remedy"], **problem["params"])
