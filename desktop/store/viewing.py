"""The team database as another person would see it, computed by the database itself (PER-04).

An administrator's connection takes on the group of that person's job and names the person in a setting
that the database heeds for administrators alone, and in a transaction that only reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, event, select

from desktop.control import Control
from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.i18n import N_
from desktop.models.people import Person
from desktop.store.access import VIEW_AS, group_of
from desktop.store.engine import make_engine
from desktop.store.workspace import Actor, Work, Workspace
from desktop.terms import Role

T = TypeVar("T")


class ViewedWorkspace(Workspace):
    """The database as one person would see it; nothing can be written through it."""

    def write(
        self, operation: Callable[[Work], T], control: Control | None = None, *, key: str | None = None
    ) -> T:
        """Raise NotAllowed: looking is not acting."""
        raise _only_looking(self.actor.name)

    def rehearse(self, operation: Callable[[Work], T], control: Control | None = None) -> T:
        """Raise NotAllowed: looking is not acting."""
        raise _only_looking(self.actor.name)


def viewing_as(workspace: Workspace, person_id: int) -> ViewedWorkspace:
    """Return the team database as a person would see it, on connections of its own; close it when done.

    Raises NotAllowed unless an administrator asks, InvalidInput on the embedded database, NotFound.
    """
    if workspace.is_sqlite:
        raise InvalidInput(
            "view_as_embedded",
            N_("Whoever holds this database file sees everything; there is nothing to compare."),
            remedy=N_("Viewing as another person needs the team database."),
        )
    if workspace.actor.role is not Role.ADMIN:
        raise NotAllowed(
            "view_as_not_allowed",
            N_("Only an administrator can look at the database as somebody else."),
            remedy=N_("Ask an administrator."),
        )
    person = workspace.read(lambda work: _person(work, person_id))
    engine = make_engine(workspace.engine.url)

    def look(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL ROLE {group_of(person.role)}")
        connection.exec_driver_sql(f"SET LOCAL {VIEW_AS} = '{person.person_id}'")

    event.listen(engine, "begin", look)
    return ViewedWorkspace(engine, person, workspace.clock, workspace.zone)


def _person(work: Work, person_id: int) -> Actor:
    columns = (Person.id, Person.login, Person.name, Person.role, Person.unit_id)
    row = work.session.execute(select(*columns).where(Person.id == person_id)).first()
    if row is None:
        raise NotFound("person_gone", N_("This person does not exist any more."))
    return Actor(row.id, row.login or "", row.name, Role(row.role), row.unit_id)


def _only_looking(name: str) -> NotAllowed:
    return NotAllowed(
        "view_as_reads",
        N_("You are looking at the database as {name}; nothing can be changed that way."),
        remedy=N_("Stop looking as {name} first."),
        name=name,
    )
