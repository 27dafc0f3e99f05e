"""What waits for a decision, who is asked, until when, and whether the acting person may take it (APR-01, 04, 06)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from desktop.i18n import N_
from desktop.models.approvals import ApprovalLevel, ApprovalRequest, ApprovalTask
from desktop.models.people import Person
from desktop.store.approval_flows import moment
from desktop.store.approving import Rights, current_level, has_turn
from desktop.store.workspace import Work
from desktop.terms import (
    APPROVER_ROLES,
    ApprovalKind,
    ApprovalMode,
    ApprovalState,
    Duty,
    Role,
    SignState,
)

if TYPE_CHECKING:
    from desktop.queries.reports import ReportRow

OWN = N_("You submitted it yourself; a second person has to decide.")
NOT_APPROVER = N_("Your role may not approve or reject reports.")
NOT_ASKED = N_("Your signature is not asked for now.")
LAST_DECISIONS = 50


@dataclass(frozen=True, slots=True)
class Slot:
    """Whom a signature is asked of; `word` is a gettext id unless it is a person's name."""

    text: str
    word: str
    is_person: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalItem:
    """One request. `why_not` is empty if the acting person may decide, else a gettext id that says why not.

    `level` of `levels` is where it waits, `asked` whose signatures are missing there, `due_at` when the first of
    them is due; `behalf_of` names for whom the acting person would sign. `amount` is in minor units.
    """

    id: int
    kind: str
    title: str
    subject_id: int | None
    report_id: int | None
    report: ReportRow | None
    version: int
    state: ApprovalState
    requested_by: str
    requested_at: datetime
    waiting_hours: float
    level: int
    levels: int
    level_name: str
    asked: tuple[Slot, ...]
    due_at: datetime | None
    is_late: bool
    amount: int | None
    behalf_of: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    is_mine: bool
    why_not: str

    @property
    def label(self) -> str:
        """The gettext id of what is asked for."""
        return ApprovalKind(self.kind).label if self.kind in set(ApprovalKind) else self.kind


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One signature in the trail of a request."""

    number: int
    level: str
    mode: ApprovalMode
    slot: Slot
    state: SignState
    opened_at: datetime
    due_at: datetime | None
    is_late: bool
    added_by: str | None
    escalated_to: Slot | None
    decided_by: str | None
    on_behalf_of: str | None
    decided_at: datetime | None
    reason: str | None


def approval_inbox(work: Work, *, with_reports: bool = True) -> list[ApprovalItem]:
    """Return the waiting requests, the longest waiting first; `with_their_reports` adds what was left out."""
    return _Reader(work).items(waiting=True, with_reports=with_reports)


def with_their_reports(work: Work, items: Iterable[ApprovalItem]) -> list[ApprovalItem]:
    """Return requests with their reports; those whose report is not seen are left out."""
    reports = _Reader(work).reports
    return [
        item if item.report_id is None else replace(item, report=reports[item.report_id])
        for item in items
        if item.report_id is None or item.report_id in reports
    ]


def approval_history(work: Work, limit: int = LAST_DECISIONS) -> list[ApprovalItem]:
    """Return the last decisions, the newest first."""
    return _Reader(work).items(waiting=False, limit=limit)


def waiting_of(work: Work, kinds: Iterable[str], subject_id: int) -> list[ApprovalItem]:
    """Return the requests that wait about one record, for the page on which it stands."""
    return _Reader(work).items(waiting=True, with_reports=False, subject=(tuple(kinds), subject_id))


def approval_lists(work: Work) -> tuple[list[ApprovalItem], list[ApprovalItem]]:
    """Return what waits and the last decisions, read together."""
    reader = _Reader(work)
    return reader.items(waiting=True), reader.items(waiting=False, limit=LAST_DECISIONS)


def approval_trail(work: Work, request_id: int) -> list[TrailLine]:
    """Return every signature that a request asked for, in the order of its levels."""
    reader = _Reader(work)
    found = work.session.get(ApprovalRequest, request_id)
    levels = {level.number: level for level in reader.levels_of(found)} if found else {}
    lines = []
    for task in reader.tasks([request_id]).get(request_id, ()):
        level = levels.get(task.number)
        lines.append(
            TrailLine(
                number=task.number,
                level=level.name if level else "",
                mode=ApprovalMode(level.mode) if level else ApprovalMode.ANY,
                slot=reader.slot(task.slot),
                state=SignState(task.state),
                opened_at=task.opened_at,
                due_at=task.due_at,
                is_late=_is_late(reader.now, task),
                added_by=reader.names.get(task.added_by_id or 0),
                escalated_to=reader.slot(task.escalated_to) if task.escalated_to else None,
                decided_by=reader.names.get(task.decided_by_id or 0),
                on_behalf_of=reader.names.get(task.on_behalf_of_id or 0),
                decided_at=task.decided_at,
                reason=task.reason,
            )
        )
    return lines


def slot_of(text: str, names: dict[int, str]) -> Slot:
    """Return what a level's word for somebody says: "role:finance", "duty:legal", "person:12"."""
    sort, _, which = text.partition(":")
    if sort == "role" and which in set(Role):
        return Slot(text, Role(which).label)
    if sort == "duty" and which in set(Duty):
        return Slot(text, Duty(which).label)
    if sort == "person" and which.isdigit():
        return Slot(text, names.get(int(which), which), is_person=True)
    return Slot(text, text, is_person=True)


def _is_late(now: datetime, task: ApprovalTask) -> bool:
    until = task.decided_at if task.state != SignState.WAITING else now
    return task.due_at is not None and until is not None and until > task.due_at


class _Reader:
    """Reads requests with their levels and signatures: a few statements, however many requests there are."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.now = moment(work)
        self._names: dict[int, str] | None = None
        self._levels: dict[int, list[ApprovalLevel]] = {}
        self._rights: Rights | None = None
        self._reports: dict[int, ReportRow] | None = None

    @property
    def names(self) -> dict[int, str]:
        """Everybody's names."""
        if self._names is None:
            self._names = {row.id: row.name for row in self.work.rows(select(Person.id, Person.name))}
        return self._names

    @property
    def rights(self) -> Rights:
        """In whose names the acting person may sign."""
        if self._rights is None:
            self._rights = Rights(self.work)
        return self._rights

    @property
    def reports(self) -> dict[int, ReportRow]:
        """The reports that are seen, by number."""
        if self._reports is None:
            from desktop.queries.reports import report_list  # its templates take long to import

            self._reports = {row.id: row for row in report_list(self.work)}
        return self._reports

    def slot(self, text: str) -> Slot:
        """Return whom a signature is asked of."""
        return slot_of(text, self.names)

    def items(
        self,
        *,
        waiting: bool,
        limit: int | None = None,
        with_reports: bool = True,
        subject: tuple[tuple[str, ...], int] | None = None,
    ) -> list[ApprovalItem]:
        """Return requests, all or those of one record; those of reports are left out where their report is not seen."""
        state, asked = ApprovalRequest.state, ApprovalRequest.requested_at
        statement = select(ApprovalRequest).where(
            state == ApprovalState.WAITING if waiting else state != ApprovalState.WAITING
        )
        if subject:
            kinds, number = subject
            statement = statement.where(ApprovalRequest.kind.in_(kinds), ApprovalRequest.subject_id == number)
        order = (
            (asked, ApprovalRequest.id)
            if waiting
            else (ApprovalRequest.decided_at.desc(), ApprovalRequest.id.desc())
        )
        requests = [row[0] for row in self.work.rows(statement.order_by(*order).limit(limit))]
        tasks = self.tasks([request.id for request in requests])
        self._read_levels(request.flow_id or 0 for request in requests)
        reports = self.reports if with_reports and any(request.report_id for request in requests) else {}
        return [
            self._item(request, tasks.get(request.id, []), reports.get(request.report_id or 0))
            for request in requests
            if request.report_id is None or request.report_id in reports or not with_reports
        ]

    def tasks(self, ids: Sequence[int]) -> dict[int, list[ApprovalTask]]:
        """Return the signatures of requests, in the order of their levels."""
        found: dict[int, list[ApprovalTask]] = {}
        if not ids:
            return found
        statement = select(ApprovalTask).where(ApprovalTask.request_id.in_(ids))
        for (task,) in self.work.rows(statement.order_by(ApprovalTask.number, ApprovalTask.id)):
            found.setdefault(task.request_id, []).append(task)
        return found

    def levels_of(self, request: ApprovalRequest) -> list[ApprovalLevel]:
        """Return the levels that apply to a request."""
        flow, applying = request.flow_id or 0, set(request.levels or ())
        self._read_levels([flow])
        return [level for level in self._levels[flow] if level.number in applying]

    def _read_levels(self, flows: Iterable[int]) -> None:
        missing = set(flows) - self._levels.keys()
        if not missing:
            return
        self._levels |= {flow: [] for flow in missing}
        statement = select(ApprovalLevel).where(ApprovalLevel.flow_id.in_(missing))
        for (level,) in self.work.rows(statement.order_by(ApprovalLevel.number)):
            self._levels[level.flow_id].append(level)

    def _item(
        self, request: ApprovalRequest, tasks: list[ApprovalTask], report: ReportRow | None
    ) -> ApprovalItem:
        levels = self.levels_of(request)
        waits = request.state == ApprovalState.WAITING
        level = current_level(levels, tasks) if waits else None
        ready = [task for task in tasks if level and has_turn(level, task, tasks)]
        behalf, why_not = self._may(request, ready) if waits else (None, "")
        amount = (request.facts or {}).get("amount")
        return ApprovalItem(
            id=request.id,
            kind=request.kind,
            title=request.title,
            subject_id=request.subject_id,
            report_id=request.report_id,
            report=report,
            version=request.version,
            state=ApprovalState(request.state),
            requested_by=self.names[request.requested_by_id],
            requested_at=request.requested_at,
            waiting_hours=_hours(request, self.now),
            level=levels.index(level) + 1 if level else len(levels),
            levels=len(levels),
            level_name=level.name if level else "",
            asked=tuple(self.slot(task.escalated_to or task.slot) for task in ready),
            due_at=min((task.due_at for task in ready if task.due_at), default=None),
            is_late=any(_is_late(self.now, task) for task in ready),
            amount=amount if isinstance(amount, int) and not isinstance(amount, bool) else None,
            behalf_of=behalf,
            decided_by=self.names.get(request.decided_by_id or 0),
            decided_at=request.decided_at,
            reason=request.reason,
            is_mine=request.requested_by_id == self.work.actor.person_id,
            why_not=why_not,
        )

    def _may(self, request: ApprovalRequest, ready: Iterable[ApprovalTask]) -> tuple[str | None, str]:
        """Return for whom the acting person would sign (None: oneself), and why they may not."""
        if request.requested_by_id == self.rights.person_id:
            return None, OWN
        if request.report_id is not None and self.work.actor.role not in APPROVER_ROLES:
            return None, NOT_APPROVER
        found = self.rights.first(ready, request.requested_by_id)
        if found is None:
            return None, NOT_ASKED
        holder = found[1]
        return (None if holder.person_id == self.rights.person_id else holder.name), ""


def _hours(request: ApprovalRequest, now: datetime) -> float:
    return ((request.decided_at or now) - request.requested_at).total_seconds() / 3600
