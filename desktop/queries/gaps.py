"""What is missing in the customers of each person, and what the lists of a sheet offer (IMP-02)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_, Locale
from desktop.importers.fields import Field, field
from desktop.importers.value_maps import PICK_LISTS
from desktop.models.accounts import Account
from desktop.models.people import Person
from desktop.queries.known_values import known_values
from desktop.store.workspace import Work

CHOSEN = (
    "account.credit_code",
    "account.industry",
    "account.grade",
    "account.source",
    "account.province",
    "account.city",
    "account.phone",
)
"""The fields that are asked for unless others are chosen."""

KNOWN = ("account.name", "account.short_name", "account.status")
"""What tells a person which customer is meant; it is shown and locked."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """One customer: id, version, what is known, and what stands in the asked fields (None is a gap)."""

    id: int
    version: int
    known: tuple[str | None, ...]
    asked: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class GapList:
    """One person's customers with gaps."""

    owner: str
    fields: tuple[Field, ...]
    rows: tuple[GapRow, ...]

    @property
    def gaps(self) -> int:
        """How many cells are open."""
        return sum(value is None for row in self.rows for value in row.asked)


def gap_lists(
    work: Work, *, owners: Sequence[str] = (), fields: Sequence[str] = CHOSEN, everything: bool = False
) -> list[GapList]:
    """Return per person the customers in which any of the fields is empty; with `everything` all customers.

    Raises NotFound for a name nobody has, InvalidInput for a field that a customer does not have.
    """
    asked = tuple(_account_field(name) for name in dict.fromkeys(fields))
    names = {person.id: person.name for person in people_named(work, owners)}
    columns = [Account.__table__.c[_column(item)] for item in asked]
    known = [Account.__table__.c[_column(field(name))] for name in KNOWN]
    statement = select(Account.id, Account.version, Account.owner_id, *known, *columns).order_by(
        Account.name, Account.id
    )
    if owners:
        statement = statement.where(Account.owner_id.in_(list(names)))
    found: dict[int, list[GapRow]] = {}
    for row in work.rows(statement):
        told, values = tuple(row[3 : 3 + len(KNOWN)]), tuple(row[3 + len(KNOWN) :])
        if row.owner_id in names and (everything or any(value in (None, "", []) for value in values)):
            line = GapRow(row.id, row.version, told, tuple(value or None for value in values))
            found.setdefault(row.owner_id, []).append(line)
    lists = [GapList(names[owner], asked, tuple(rows)) for owner, rows in found.items()]
    return sorted(lists, key=lambda one: one.owner)


def people_named(work: Work, owners: Sequence[str]) -> list[Person]:
    """Return the people of these names or logins, or everybody; raise NotFound for one that nobody has."""
    people = list(work.session.scalars(select(Person).order_by(Person.id)))
    if not owners:
        return people
    found = [person for person in people if person.name in owners or person.login in owners]
    missing = set(owners) - {person.name for person in found} - {person.login for person in found}
    if missing:
        raise NotFound(
            "person_unknown",
            N_("Nobody here is called “{name}”."),
            remedy=N_("`plumbline user list` names everybody."),
            name=sorted(missing)[0],
        )
    return found


def choices_of(work: Work, fields: Iterable[Field], locale: Locale) -> Mapping[str, tuple[str, ...]]:
    """Return, by full name, what the list of a field offers: a closed list's words, or values that are in use."""
    items = list(fields)
    open_lists = [item.full_name for item in items if item.full_name in PICK_LISTS or item.type == "ref"]
    found = {name: tuple(values) for name, values in known_values(work, open_lists).items() if values}
    for item in items:
        if item.terms is not None:
            found[item.full_name] = tuple(locale._(term.label) for term in item.terms)
    return found


def _account_field(name: str) -> Field:
    full = name if "." in name else f"account.{name}"
    item = field(full)
    if item.entity != "account" or _column(item) not in Account.__table__.c:
        raise InvalidInput(
            "gap_field_invalid",
            N_("{field} is no field of a customer that a sheet can ask for."),
            remedy=N_("`plumbline fields` lists those that begin with account."),
            field=full,
        )
    return item


def _column(item: Field) -> str:
    return item.name
