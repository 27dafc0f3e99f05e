"""What the search finds, and what the scope control offers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from desktop.models.accounts import Account
from desktop.models.opportunities import Opportunity, Pipeline
from desktop.models.people import OrgUnit, Person
from desktop.store.workspace import Work

LIMIT = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: kind `account`, `person` or `opportunity`, its name and a note beside it."""

    kind: str
    id: int
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit of the organisation in the order of its tree, `depth` below the top."""

    id: int
    name: str
    depth: int


@dataclass(frozen=True, slots=True)
class PipelineChoice:
    """A pipeline with its name in both languages."""

    id: int
    name: str
    name_zh: str

    def label(self, chinese: bool) -> str:
        """Return the name for a reader."""
        return self.name_zh if chinese and self.name_zh else self.name


@dataclass(frozen=True, slots=True)
class ScopeChoices:
    """What the scope control offers."""

    units: tuple[UnitChoice, ...]
    pipelines: tuple[PipelineChoice, ...]


def search_hits(work: Work, text: str) -> list[Hit]:
    """Return accounts, people and deals whose name contains `text`, those that begin with it first."""
    wanted = text.strip()
    if not wanted:
        return []
    hits: list[Hit] = []
    person = select(Person.id, Person.name).subquery()
    rows = work.rows(
        select(Account.id, Account.name, person.c.name.label("owner"))
        .outerjoin(person, person.c.id == Account.owner_id)
        .where(
            or_(
                Account.name.icontains(wanted, autoescape=True),
                Account.short_name.icontains(wanted, autoescape=True),
            )
        )
        .order_by(~Account.name.istartswith(wanted, autoescape=True), func.length(Account.name), Account.id)
        .limit(LIMIT)
    )
    hits += [Hit("account", row.id, row.name, row.owner or "") for row in rows]
    rows = work.rows(
        select(Person.id, Person.name, OrgUnit.name.label("unit"))
        .outerjoin(OrgUnit, OrgUnit.id == Person.unit_id)
        .where(
            or_(
                Person.name.icontains(wanted, autoescape=True),
                Person.login.icontains(wanted, autoescape=True),
            )
        )
        .order_by(Person.name, Person.id)
        .limit(LIMIT // 2)
    )
    hits += [Hit("person", row.id, row.name, row.unit or "") for row in rows]
    rows = work.rows(
        select(Opportunity.id, Opportunity.name, Account.name.label("account"))
        .outerjoin(Account, Account.id == Opportunity.account_id)
        .where(Opportunity.name.icontains(wanted, autoescape=True))
        .order_by(Opportunity.status != "open", Opportunity.id.desc())
        .limit(LIMIT // 2)
    )
    return hits + [Hit("opportunity", row.id, row.name, row.account or "") for row in rows]


def scope_choices(work: Work) -> ScopeChoices:
    """Return the organisation tree and the active pipelines."""
    rows = work.rows(select(OrgUnit.id, OrgUnit.name, OrgUnit.parent_id).order_by(OrgUnit.name, OrgUnit.id))
    known = {row.id for row in rows}
    children: dict[int | None, list[tuple[int, str]]] = {}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in known else None, []).append((row.id, row.name))
    units: list[UnitChoice] = []
    waiting = [(unit, 0) for unit in reversed(children.get(None, []))]
    while waiting:
        (number, name), depth = waiting.pop()
        units.append(UnitChoice(number, name, depth))
        waiting += [(unit, depth + 1) for unit in reversed(children.get(number, []))]
    pipelines = work.rows(
        select(Pipeline.id, Pipeline.name, Pipeline.name_zh).where(Pipeline.active).order_by(Pipeline.id)
    )
    return ScopeChoices(
        tuple(units), tuple(PipelineChoice(row.id, row.name, row.name_zh or "") for row in pipelines)
    )
