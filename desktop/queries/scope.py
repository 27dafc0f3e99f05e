"""What the top bar narrows every page to: a unit of the organisation, a period, a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.people import OrgClosure, OrgUnit, Person
from desktop.periods import Period
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class Scope:
    """`unit_id` None is the whole firm, `pipeline_id` None every pipeline."""

    period: Period
    unit_id: int | None = None
    pipeline_id: int | None = None


def people_of(unit_id: int) -> Select[int]:
    """Return a subquery of the ids of the people in a unit and everything below it."""
    return (
        select(Person.id)
        .join(OrgClosure, OrgClosure.descendant_id == Person.unit_id)
        .where(OrgClosure.ancestor_id == unit_id)
    )


def owned_within(column: SQLColumnExpression[Any], unit_id: int | None) -> list[ColumnElement[bool]]:
    """Return the conditions (none for the whole firm) that an owner column lies within a unit."""
    return [] if unit_id is None else [column.in_(people_of(unit_id))]


def person_ids(work: Work, unit_id: int | None) -> frozenset[int] | None:
    """Return the people of a unit's subtree; None stands for everybody."""
    if unit_id is None:
        return None
    return frozenset(row.id for row in work.rows(people_of(unit_id)))


def unit_named(work: Work, text: str) -> int:
    """Return the unit that a name or an id means; raise NotFound or InvalidInput."""
    rows = work.rows(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.name == text))
    if not rows and text.isdigit():
        rows = work.rows(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id == int(text)))
    if not rows:
        raise NotFound("unit_unknown", N_("There is no organisation unit “{name}”."), name=text)
    if len(rows) > 1:
        raise InvalidInput(
            "unit_ambiguous",
            N_("{count} organisation units are called “{name}”."),
            remedy=N_("Give the unit's number instead: {ids}."),
            count=len(rows),
            name=text,
            ids=", ".join(str(row.id) for row in rows),
        )
    return int(rows[0].id)


def person_named(work: Work, text: str) -> int:
    """Return the person that a login, a name or an id means; raise NotFound or InvalidInput."""
    for condition in (Person.login == text, Person.name == text, Person.external_id == text):
        rows = work.rows(select(Person.id, Person.name, Person.login).where(condition))
        if len(rows) == 1:
            return int(rows[0].id)
        if rows:
            raise InvalidInput(
                "person_ambiguous",
                N_("{count} people are called “{name}”."),
                remedy=N_("Give the login instead: {logins}."),
                count=len(rows),
                name=text,
                logins=", ".join(row.login or f"#{row.id}" for row in rows),
            )
    if text.lstrip("#").isdigit():
        rows = work.rows(select(Person.id).where(Person.id == int(text.lstrip("#"))))
        if rows:
            return int(rows[0].id)
    raise NotFound(
        "person_not_found",
        N_("There is nobody called “{name}”."),
        remedy=N_("See who there is with: plumbline user list"),
        name=text,
    )
