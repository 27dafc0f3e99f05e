"""From files to tables that can be imported: read, map, convert; profiles and error rows (IMP-01, IMP-10).

Nothing here touches a database except `remember_mappings`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from desktop.control import Control
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.fields import ENTITIES
from desktop.importers.tables import (
    ACCEPT,
    ConvertedTable,
    Profile,
    ReadResult,
    Refused,
    TableMapping,
)
from desktop.models.imports import MappingProfile
from desktop.store.workspace import Work

ENTITY_UNKNOWN = N_("It is not clear what the rows of this table are.")
ENTITY_UNKNOWN_REMEDY = N_(
    "Choose what they are on the Migrate page, or give a saved mapping with --profile."
)


@dataclass(frozen=True, slots=True)
class Source:
    """Files that were read: their tables with suggested mappings, and what was refused.

    `paths` leads from a file's name in reports to where it lies.
    """

    paths: Mapping[str, Path]
    mappings: tuple[TableMapping, ...]
    refused: tuple[Refused, ...]

    def with_mappings(self, mappings: Iterable[TableMapping]) -> Source:
        """Return the same files with other mappings."""
        return replace(self, mappings=tuple(mappings))


@dataclass(frozen=True, slots=True)
class Plan:
    """Tables ready to be applied, and what is left out of the run with its reasons."""

    paths: Mapping[str, Path]
    tables: tuple[ConvertedTable, ...]
    refused: tuple[Refused, ...]


def read_and_map(
    paths: Iterable[Path | str], profiles: Iterable[Profile] = (), control: Control | None = None
) -> Source:
    """Read files and folders and suggest what every column means; nothing is written anywhere.

    Raises InvalidInput for a path where nothing is.
    """
    from desktop.importers.mapping import suggest_all
    from desktop.importers.reader import find_files, read_sources

    given = [Path(path) for path in paths]
    for path in given:
        if "://" in str(path) or ":/" in str(path).lstrip("/")[2:]:
            raise InvalidInput(
                "source_unsupported",
                N_("“{path}” is not a file or folder."),
                remedy=N_("Export the tables of that system to files first."),
                path=str(path),
            )
    found: ReadResult = read_sources(given, control)
    places = {file.name: file.path for file in find_files(given)}
    return Source(places, tuple(suggest_all(found.tables, list(profiles))), tuple(found.refused))


def make_plan(source: Source, control: Control | None = None) -> Plan:
    """Convert every recognised table's values; tables of no known entity are refused."""
    from desktop.importers.values import convert

    tables, refused = [], list(source.refused)
    for done, mapping in enumerate(source.mappings):
        if control:
            control.report(done, len(source.mappings), mapping.table.file)
        if mapping.entity is None or mapping.confidence < ACCEPT:
            table = mapping.table
            refused.append(
                Refused(
                    table.file,
                    table.sheet,
                    "entity_unknown",
                    ENTITY_UNKNOWN,
                    {},
                    ENTITY_UNKNOWN_REMEDY,
                )
            )
        else:
            tables.append(convert(mapping))
    return Plan(source.paths, tuple(tables), tuple(refused))


def require_unchanged(plan: Plan) -> None:
    """Raise InvalidInput if a file is not, byte for byte, what was read."""
    fingerprints = {t.mapping.table.file: t.mapping.table.fingerprint for t in plan.tables}
    for name, fingerprint in fingerprints.items():
        path = plan.paths.get(name)
        if path is None:
            continue
        try:
            with path.open("rb") as stream:
                now = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            now = ""
        if now != fingerprint:
            raise InvalidInput(
                "file_changed",
                N_("{file} was changed while it was being read; nothing was imported."),
                remedy=N_("Save and close it, then start again."),
                file=name,
            )


def read_profiles(path: Path) -> list[Profile]:
    """Return the mappings of a profile file; raise InvalidInput if it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        documents = document.get("profiles", [document])
        profiles = [Profile.from_json(one) for one in documents]
        unknown = [profile.entity for profile in profiles if profile.entity not in ENTITIES]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _bad_profile(path, str(problem)) from problem
    if unknown:
        raise _bad_profile(path, unknown[0])
    return profiles


def _bad_profile(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        "profile_invalid",
        N_("{file} is not a mapping profile ({why})."),
        remedy=N_("Make one with: plumbline migrate … --save-profile FILE"),
        file=path.name,
        why=why[:200],
    )


def write_profiles(path: Path, mappings: Sequence[TableMapping]) -> None:
    """Write the mappings of all recognised tables as a profile file."""
    from desktop.exporters.workbook import save_bytes

    profiles = [profile.to_json() for profile in profiles_of(mappings)]
    text = json.dumps({"profiles": profiles}, ensure_ascii=False, indent=2) + "\n"
    save_bytes(path, text.encode())


def profiles_of(mappings: Iterable[TableMapping]) -> list[Profile]:
    """Return one profile for every different set of headers among recognised tables."""
    found: dict[str, Profile] = {}
    for mapping in mappings:
        if mapping.entity is not None:
            title = " / ".join(part for part in (mapping.table.file, mapping.table.sheet) if part)
            found.setdefault(mapping.table.header_fingerprint, Profile.of(mapping, title[:400]))
    return list(found.values())


def remember_mappings(work: Work, mappings: Iterable[TableMapping]) -> None:
    """Store the mappings that were just imported with, to be suggested when the same headers come again."""
    for profile in profiles_of(mappings):
        stored = work.session.scalar(
            select(MappingProfile).where(MappingProfile.fingerprint == profile.fingerprint)
        )
        document: dict[str, Any] = profile.to_json()
        if stored is None:
            stored = MappingProfile(fingerprint=profile.fingerprint, recorded_at=work.now)
            work.session.add(stored)
        stored.name, stored.entity, stored.mapping = profile.name, profile.entity, document
        stored.used_at = stored.changed_at = work.now
