"""A firm in which approvals go up: rep, manager, finance, director, and who reviews for law and delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from desktop.clock import FixedClock
from desktop.models.approvals import ApprovalRequest
from desktop.models.audit import AuditEntry
from desktop.models.targets import Target
from desktop.operations.approval_subjects.target_adjustment import ask_target_adjustment
from desktop.operations.approvals.flows import set_flow
from desktop.queries.approval_flows import Level
from desktop.queries.approvals import ApprovalItem, approval_inbox
from desktop.store.workspace import Work, Workspace
from desktop.terms import ApprovalMode, Role
from tests.databases import Place, pinned
from tests.maker import Maker

KIND = "target_adjustment"


@dataclass
class Office:
    """The people at one database, each over a connection of their own, and a target to argue about."""

    place: Place
    admin: Workspace
    make: Maker
    clock: FixedClock
    ids: dict[str, int] = field(default_factory=dict)
    target: int = 0
    opened: dict[str, Workspace] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.opened["admin"] = self.admin

    def as_(self, name: str) -> Workspace:
        """The database opened by somebody."""
        if name not in self.opened:
            self.opened[name] = self.place.open(f"appr_{name}", self.clock)
        self.opened[name].clock = self.clock
        return self.opened[name]

    def at(self, instant: datetime) -> None:
        """Go on to another moment."""
        self.clock = FixedClock(instant)
        self.admin.clock = self.clock
        if not self.place.is_sqlite:
            pinned(self.place, instant)

    def flow(self, *levels: Level, kind: str = KIND) -> int:
        """Put another flow in force."""
        return self.admin.write(lambda work: set_flow(work, kind, "test", levels))

    def ask(self, value: int = 20_000_000, by: str = "rep") -> int:
        """Ask for another target."""
        return self.as_(by).write(lambda work: ask_target_adjustment(work, self.target, value, "客户推迟"))

    def value(self) -> int:
        """What the target is now."""
        statement = select(Target.value).where(Target.id == self.target)
        return self.admin.read(lambda work: work.session.execute(statement).scalar_one())

    def request(self, number: int) -> ApprovalRequest:
        """A request as it is stored."""
        return self.admin.read(lambda work: work.session.get_one(ApprovalRequest, number))

    def inbox(self, name: str) -> list[ApprovalItem]:
        """What somebody may decide now."""
        return [item for item in self.as_(name).read(approval_inbox) if not item.why_not]

    def entries(self, action: str) -> int:
        """How often something is on record."""
        statement = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)

        def count(work: Work) -> Any:
            return work.session.execute(statement).scalar_one()

        return int(self.admin.read(count))


def level(*approvers: str, mode: ApprovalMode = ApprovalMode.ANY, name: str = "level", **more: Any) -> Level:
    """Return a level of a flow."""
    return Level(name=name, approvers=approvers, mode=mode, **more)


@pytest.fixture
def office(place: Place, workspace: Workspace, make: Maker, clock: FixedClock) -> Office:
    """The firm on each kind of database in turn."""
    return settled(Office(place, workspace, make, clock))


def settled(made: Office) -> Office:
    """Return the firm with its people: a rep under a city manager, and everybody else beside them."""
    make = made.make
    city = make.unit("杭州", "city")
    roles = {
        "manager": (Role.CITY_MANAGER, city),
        "rep": (Role.REP, city),
        "director": (Role.DIRECTOR, None),
        "finance": (Role.FINANCE, None),
        "legal": (Role.SALES_OPS, None),
        "other": (Role.REP, None),
    }
    for name, (role, unit) in roles.items():
        made.ids[name] = make.person(f"{name}某", role, login=f"appr_{name}", unit=unit)
    if not made.place.is_sqlite:
        pinned(made.place, made.clock.now())
    made.ids["admin"] = made.admin.actor.person_id
    made.target = make.target("2026-11", "100000", person=made.ids["rep"])
    return made


@pytest.fixture
def sqlite_office(sqlite_host: Any, tmp_path: Any, clock: FixedClock) -> Any:
    """The same firm in an embedded database alone."""
    fresh = sqlite_host.fresh(tmp_path)
    workspace = fresh.open(clock=clock)
    yield settled(Office(fresh, workspace, Maker(workspace), clock))
    sqlite_host.drop(fresh)
