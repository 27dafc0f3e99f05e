"""One look at the clock: what is due is done, once, by whoever holds the lease (PLT-09).

The same code runs under `plumbline tick` and in open consoles. Nothing is remembered between two looks but what
stands in the database, so that a late look does what an early one would have done, and says when it was due.
"""

from __future__ import annotations

import logging
import os
import platform
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from desktop.clock import Clock, FixedClock
from desktop.control import Control
from desktop.errors import Cancelled, NotAllowed, UserError
from desktop.i18n import N_
from desktop.jobs.rule import Due, Rule, all_rules
from desktop.models.clockwork import RuleRun
from desktop.operations import outbox
from desktop.operations.outbox import Delivered, problem_of
from desktop.store.lease import LOST, Lease, database_time, holder_of, release, renew, take
from desktop.store.parts import in_parts
from desktop.store.workspace import Work, Workspace
from desktop.terms import DueState, Role

log = logging.getLogger(__name__)

CLOCK = "clock"
RUNNERS = (Role.ADMIN, Role.SALES_OPS)
"""Who may run the clock: reports are about everybody, so they see everything."""
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long a rule that failed is left alone, after the first, second, third and each later time."""
SKEW = timedelta(seconds=30)
"""How far this console's clock may be from the database's without being corrected."""


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of one thing that was due."""

    rule: str
    key: str
    subject: str
    due_at: datetime
    acted_at: datetime
    state: DueState
    problem: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one look at the clock did; `busy` names who else runs it, and then nothing was done here."""

    acted: tuple[Acted, ...] = ()
    delivered: tuple[Delivered, ...] = ()
    problem: UserError | None = None
    busy: str = ""

    @property
    def failed(self) -> int:
        """How many things failed."""
        bad = sum(1 for one in self.acted if one.state is DueState.FAILED)
        return bad + sum(1 for one in self.delivered if not one.sent) + (self.problem is not None)


@dataclass(frozen=True)
class OffsetClock:
    """This machine's clock, put right by how far the database's is from it."""

    clock: Clock
    offset: timedelta

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return self.clock.now() + self.offset


@dataclass
class Runner:
    """One process that may run the clock; `rules` are all of them unless a test says otherwise."""

    workspace: Workspace
    rules: Sequence[Rule] = field(default_factory=all_rules)
    holder: str = ""
    send: bool = True

    def __post_init__(self) -> None:
        if not self.holder:
            who = self.workspace.actor.login
            self.holder = f"{who} @ {platform.node() or '?'} ({os.getpid()}-{uuid.uuid4().hex[:6]})"

    def tick(self, control: Control | None = None) -> Ticked:
        """Do everything that is due; raises NotAllowed for who may not, Cancelled, or a database's problem."""
        control = control or Control()
        if self.workspace.actor.role not in RUNNERS:
            raise NotAllowed(
                "clock_not_allowed",
                N_("{name} cannot run the clock: reports go out that show everybody's figures."),
                remedy=N_("Let an administrator or sales operations run it."),
                name=self.workspace.actor.name,
            )
        workspace = self._on_time()
        if not workspace.read(self._anything, control):
            return Ticked()
        lease = workspace.write(partial(take, name=CLOCK, holder=self.holder), control)
        if lease is None:
            found = workspace.read(lambda work: holder_of(work, CLOCK))
            return Ticked(busy=found[0] if found else "?")
        try:
            return self._run(workspace, lease, control)
        finally:
            workspace.write(lambda work: release(work, lease))

    def _on_time(self) -> Workspace:
        """Return the workspace with the database's time: a console's clock may be wrong by hours."""
        workspace = self.workspace
        if isinstance(workspace.clock, FixedClock):
            return workspace
        before = workspace.clock.now()
        offset = workspace.read(database_time) - before
        if abs(offset) <= SKEW:
            return workspace
        return Workspace(
            workspace.engine, workspace.actor, OffsetClock(workspace.clock, offset), workspace.zone
        )

    def _anything(self, work: Work) -> bool:
        """Whether there is anything to do: an idle look writes nothing."""
        if self.send and outbox.is_waiting(work):
            return True
        for rule in self.rules:
            try:
                if open_dues(work, rule):
                    return True
            except UserError:
                return True  # said in full, on record, by the run itself
        return False

    def _run(self, workspace: Workspace, lease: Lease, control: Control) -> Ticked:
        acted: list[Acted] = []
        try:
            for rule in self.rules:
                acted += self._follow(workspace, lease, rule, control)
            if not self.send:
                return Ticked(tuple(acted))
            delivered, problem = outbox.deliver(workspace, lease, control)
            return Ticked(tuple(acted), tuple(delivered), problem)
        except UserError as error:
            if error.code != LOST:
                raise
            log.warning("the lease of the clock was lost")
            return Ticked(tuple(acted), busy="?")

    def _follow(self, workspace: Workspace, lease: Lease, rule: Rule, control: Control) -> list[Acted]:
        try:
            dues = workspace.read(lambda work: open_dues(work, rule), control)
        except UserError as error:
            now = workspace.clock.now()
            due = Due("due", now, subject="")
            log.warning("what is due by %s cannot be told: %s", rule.key, error)
            return [self._fail(workspace, lease, rule, due, problem_of(error))]
        missed, open_ = _latest(dues, rule.catch_up)
        acted = [_once(workspace, partial(_note_missed, lease, rule, due)) for due in missed]
        for due in open_:
            control.check()
            acted.append(self._do(workspace, lease, rule, due, control))
        return [one for one in acted if one is not None]

    def _do(self, workspace: Workspace, lease: Lease, rule: Rule, due: Due, control: Control) -> Acted | None:
        try:
            return _once(workspace, partial(_act, lease, rule, due), control)
        except Cancelled:
            raise
        except UserError as error:
            if error.code == LOST:
                raise
            log.warning("%s %s failed: %s", rule.key, due.key, error)
            return self._fail(workspace, lease, rule, due, problem_of(error))
        except Exception as bug:
            log.exception("%s %s failed", rule.key, due.key)
            said = UserError(
                "bug",
                N_("An unexpected error: {detail}"),
                remedy=N_("It is tried again; the log has the details."),
                detail=f"{type(bug).__name__}: {bug}",
            )
            return self._fail(workspace, lease, rule, due, problem_of(said))

    def _fail(
        self, workspace: Workspace, lease: Lease, rule: Rule, due: Due, problem: dict[str, Any]
    ) -> Acted:
        return workspace.write(partial(_note_failed, lease, rule, due, problem))


def open_dues(work: Work, rule: Rule) -> list[Due]:
    """Return what is due by a rule and neither done, missed nor left alone for a while, the earliest first."""
    dues = sorted(rule.due(work), key=lambda due: (due.due_at, due.key))
    closed = set()
    keys = [due.key for due in dues]
    for part in in_parts(keys):
        rows = work.rows(
            select(RuleRun.due_key, RuleRun.state, RuleRun.retry_at).where(
                RuleRun.rule == rule.key, RuleRun.due_key.in_(part)
            )
        )
        closed |= {row.due_key for row in rows if not _is_open(row.state, row.retry_at, work.now)}
    return [due for due in dues if due.key not in closed and due.due_at <= work.now]


def _is_open(state: str, retry_at: datetime | None, now: datetime) -> bool:
    return state == DueState.FAILED and (retry_at is None or retry_at <= now)


def _latest(dues: list[Due], keep: int | None) -> tuple[list[Due], list[Due]]:
    """Split what is due into what is too late and what is still done: the latest `keep` of each `about`."""
    if keep is None:
        return [], dues
    by_about: dict[str, list[Due]] = {}
    for due in dues:
        by_about.setdefault(due.about, []).append(due)
    late = {id(due) for each in by_about.values() for due in each[:-keep]}
    return [due for due in dues if id(due) in late], [due for due in dues if id(due) not in late]


def _once(
    workspace: Workspace, operation: Callable[[Work], Acted | None], control: Control | None = None
) -> Acted | None:
    try:
        return workspace.write(operation, control)
    except _Taken:
        return None


class _Taken(Exception):
    """Somebody else has done it: the transaction is taken back."""


def _act(lease: Lease, rule: Rule, due: Due, work: Work) -> Acted:
    renew(work, lease)
    run = _claim(work, rule, due)
    result = rule.act(work, replace(due, run_id=run.id))
    # Last, and at once: what is done stays as it is.
    run.state, run.problem, run.retry_at, run.acted_at = DueState.DONE.value, None, None, work.now
    run.result = dict(result) if result is not None else None
    work.session.flush()
    work.audit("clock_acted", "rule_run", run.id, rule=rule.key, key=due.key, due=due.due_at.isoformat())
    return _acted(run)


def _note_missed(lease: Lease, rule: Rule, due: Due, work: Work) -> Acted:
    renew(work, lease)
    run = _claim(work, rule, due)
    run.state, run.problem, run.retry_at, run.acted_at = DueState.MISSED.value, None, None, work.now
    work.session.flush()
    return _acted(run)


def _note_failed(lease: Lease, rule: Rule, due: Due, problem: dict[str, Any], work: Work) -> Acted:
    renew(work, lease)
    run = _claim(work, rule, due)
    wait = BACKOFF[min(run.attempts, len(BACKOFF)) - 1]
    run.state, run.problem, run.retry_at, run.acted_at = (
        DueState.FAILED.value,
        problem,
        work.now + wait,
        work.now,
    )
    work.session.flush()
    return _acted(run)


def _claim(work: Work, rule: Rule, due: Due) -> RuleRun:
    """Return the row of something due, made now or failed before; raise _Taken if it is done.

    The row is unique: whoever comes second waits here for the first to end, and then finds it.
    """
    found = work.session.scalars(
        select(RuleRun).where(RuleRun.rule == rule.key, RuleRun.due_key == due.key).with_for_update()
    ).first()
    if found is not None:
        if found.state != DueState.FAILED:
            raise _Taken
        found.attempts += 1
        found.by_id = work.actor.person_id
        return found
    run = RuleRun(
        rule=rule.key,
        due_key=due.key,
        subject=due.subject[:400] or None,
        due_at=due.due_at,
        acted_at=work.now,
        state=DueState.FAILED.value,
        attempts=1,
        by_id=work.actor.person_id,
    )
    try:
        with work.session.begin_nested():
            work.session.add(run)
    except IntegrityError:
        raise _Taken from None
    return run


def _acted(run: RuleRun) -> Acted:
    return Acted(
        run.rule,
        run.due_key,
        run.subject or "",
        run.due_at,
        run.acted_at,
        DueState(run.state),
        run.problem,
    )
