"""A firm in plain Python: its units, its people and the rows of every table, and nothing about a database.

`rules.py` says from this alone what each person may see and change; the database is held to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Row = dict[str, Any]
SEE_ALL = frozenset({"director", "sales_ops", "finance", "auditor", "admin"})


@dataclass(frozen=True)
class Someone:
    """A person of the firm; `job` is the group of their login role, None for who has no login."""

    id: int
    login: str | None
    job: str | None
    unit_id: int | None
    manager_id: int | None


@dataclass
class Firm:
    """Every row of every table, by table and id (a table without an id: by its place)."""

    rows: dict[str, dict[int, Row]] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)
    """Login role → the job whose group it is a member of. The column `person.role` only says so."""

    def table(self, name: str) -> dict[int, Row]:
        """Return the rows of a table by id."""
        return self.rows.setdefault(name, {})

    def get(self, table: str, record_id: int | None) -> Row | None:
        """Return a row, or None."""
        return None if record_id is None else self.table(table).get(record_id)

    @cached_property
    def people(self) -> dict[int, Someone]:
        """Everybody, by id."""
        return {
            row["id"]: Someone(
                row["id"], row["login"], self.jobs.get(row["login"]), row["unit_id"], row["manager_id"]
            )
            for row in self.table("person").values()
        }

    @cached_property
    def signing_in(self) -> list[Someone]:
        """Who has a login role, and may use it."""
        return [someone for someone in self.people.values() if someone.job and self.is_open(someone.id)]

    def is_open(self, person_id: int) -> bool:
        """Whether a person may sign in."""
        row = self.table("person")[person_id]
        return bool(row["can_sign_in"]) and row["status"] != "left"

    # The tree of units

    def parents(self, unit_id: int | None) -> list[int]:
        """Return a unit and what it stands in, nearest first."""
        found: list[int] = []
        while unit_id is not None and unit_id not in found:
            found.append(unit_id)
            unit_id = self.table("org_unit")[unit_id]["parent_id"]
        return found

    def subtree(self, unit_id: int | None) -> set[int]:
        """Return a unit and everything in it."""
        return set() if unit_id is None else {u for u in self.table("org_unit") if unit_id in self.parents(u)}

    def region_of(self, unit_id: int | None) -> int | None:
        """Return the nearest unit of level region that a unit is or stands in."""
        levels = self.table("org_unit")
        return next((u for u in self.parents(unit_id) if levels[u]["level"] == "region"), None)

    def members(self, units: Iterable[int]) -> set[int]:
        """Return who belongs to the units."""
        wanted = set(units)
        return {someone.id for someone in self.people.values() if someone.unit_id in wanted}

    def reports_of(self, person_id: int) -> set[int]:
        """Return who reports to a person, over any number of steps."""
        found: set[int] = set()
        ahead = {person_id}
        while ahead:
            ahead = {p.id for p in self.people.values() if p.manager_id in ahead} - found
            found |= ahead
        return found
