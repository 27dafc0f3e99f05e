"""Import runs, what they did, and the mappings that are remembered (IMP-01, IMP-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.importers.tables import Profile
from desktop.models.imports import ImportRun, MappingProfile
from desktop.models.people import Person
from desktop.store.workspace import Work
from desktop.terms import RunState


def stored_run(work: Work, run_id: int) -> ImportRun:
    """Return the record of an import run, for whoever acts on it; raises NotFound."""
    run = work.session.get(ImportRun, run_id)
    if run is None:
        raise NotFound(
            "run_unknown",
            N_("There is no import run {run}."),
            remedy=N_("`plumbline runs` lists them."),
            run=run_id,
        )
    return run


@dataclass(frozen=True, slots=True)
class RunLine:
    """One import run as the list of runs shows it; `files` are names, `totals` counts of source rows."""

    run: int
    state: RunState
    at: datetime
    by: str
    source_system: str
    files: tuple[str, ...]
    totals: dict[str, int]
    undone_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the line of cli.md, `runs`."""
        return {
            "run": self.run,
            "state": str(self.state),
            "at": self.at.isoformat(),
            "by": self.by,
            "files": list(self.files),
            "totals": self.totals,
        }


def import_runs(work: Work, *, limit: int | None = None) -> list[RunLine]:
    """Return the import runs, newest first."""
    statement = (
        select(ImportRun, Person.name)
        .join(Person, Person.id == ImportRun.by_id)
        .order_by(ImportRun.id.desc())
        .limit(limit)
    )
    return [
        RunLine(
            run.id,
            RunState(run.state),
            run.at,
            by,
            run.source_system,
            tuple(file["file"] for file in run.files),
            dict(run.totals),
            run.undone_at,
        )
        for run, by in work.rows(statement)
    ]


def mapping_profiles(work: Work) -> list[Profile]:
    """Return the mappings that were confirmed here before, the latest used last: later ones go before."""
    rows = work.session.scalars(select(MappingProfile).order_by(MappingProfile.used_at, MappingProfile.id))
    return [Profile.from_json(row.mapping) for row in rows]


def stored_profile(work: Work, number: int) -> Profile:
    """Return one remembered mapping; raise NotFound if it was deleted meanwhile."""
    row = work.session.get(MappingProfile, number)
    if row is None:
        raise NotFound("profile_unknown", N_("There is no mapping “{name}”."), name=number)
    return Profile.from_json(row.mapping)


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One remembered mapping as the list of profiles shows it; `columns` counts the mapped ones."""

    id: int
    name: str
    entity: str
    source_system: str
    columns: int
    used_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the line as `profiles` prints it."""
        return {
            "id": self.id,
            "name": self.name,
            "entity": self.entity,
            "source_system": self.source_system,
            "columns": self.columns,
            "used_at": self.used_at.isoformat() if self.used_at else None,
        }


def profile_lines(work: Work) -> list[ProfileLine]:
    """Return the remembered mappings, the latest used first."""
    rows = work.session.scalars(
        select(MappingProfile).order_by(MappingProfile.used_at.desc(), MappingProfile.id.desc())
    )
    return [
        ProfileLine(
            row.id,
            row.name,
            row.entity,
            str(row.mapping.get("source_system", "")),
            sum(1 for name in row.mapping["columns"].values() if name),
            row.used_at,
        )
        for row in rows
    ]
