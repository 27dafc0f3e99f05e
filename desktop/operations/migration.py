"""From files to tables that can be imported: read, map, convert; profiles and error rows (IMP-01, IMP-10).

Nothing here touches a database except `remember_mappings`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desktop.control import Control
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.fields import ENTITIES
from desktop.importers.fixes import (
    Fix,
    StaleFix,
    fixed,
    skipped_rows,
    with_fix,
    with_skipped,
    without,
)
from desktop.importers.options import AS_FOUND, ReadOptions, TablePlace
from desktop.importers.tables import (
    ACCEPT,
    ConvertedTable,
    Profile,
    ReadResult,
    Refused,
    SourceTable,
    TableMapping,
    file_fingerprint,
)
from desktop.importers.ways import NewField
from desktop.models.imports import MappingProfile
from desktop.store.workspace import Work

if TYPE_CHECKING:
    from desktop.importers.reader import Reading

ENTITY_UNKNOWN = N_("It is not clear what the rows of this table are.")
ENTITY_UNKNOWN_REMEDY = N_(
    "Choose what they are on the Migrate page, or give a saved mapping with --profile."
)


@dataclass(frozen=True, slots=True)
class Source:
    """Files that were read: their tables with suggested mappings, and what was refused.

    `paths` leads from a file's name in reports to where it lies; `options` are those it was read with. The
    tables of `mappings` have the `fixes` in them; `stale` are those that found something else in their cell.
    `originals` are the tables that were corrected, as their files hold them. `custom` are the custom fields
    that the database has.
    """

    paths: Mapping[str, Path]
    mappings: tuple[TableMapping, ...]
    refused: tuple[Refused, ...]
    options: ReadOptions = AS_FOUND
    fixes: tuple[Fix, ...] = ()
    stale: tuple[StaleFix, ...] = ()
    originals: Mapping[TablePlace, SourceTable] = field(default_factory=dict)
    custom: tuple[NewField, ...] = ()

    @property
    def applied(self) -> tuple[Fix, ...]:
        """The fixes that are in the tables: all but the stale ones."""
        late = {one.fix for one in self.stale}
        return tuple(fix for fix in self.fixes if fix not in late)

    def with_mappings(self, mappings: Iterable[TableMapping]) -> Source:
        """Return the same files with other mappings."""
        return replace(self, mappings=tuple(mappings))

    def original(self, index: int) -> SourceTable:
        """Return a table as its file holds it, before anything was corrected."""
        table = self.mappings[index].table
        return self.originals.get(table.place, table)

    def fixed(self, *fixes: Fix) -> Source:
        """Return the source with more cells corrected and rows left out; `before` is what stands there."""
        return self.with_fixes(with_fix(self.fixes, fixes))

    def unfixed(self, *fixes: Fix) -> Source:
        """Return the source without the fixes of these cells and rows."""
        return self.with_fixes(without(self.fixes, fixes))

    def with_fixes(self, fixes: Iterable[Fix]) -> Source:
        """Return the source with exactly these fixes; tables whose fixes are the same stay the same."""
        chosen = tuple(fixes)
        wanted, had = _by_place(chosen), _by_place(self.fixes)
        originals: dict[TablePlace, SourceTable] = {}
        mappings = []
        stale: list[StaleFix] = [
            one for one in self.stale if wanted.get(one.fix.place) == had.get(one.fix.place)
        ]
        for mapping in self.mappings:
            place = mapping.table.place
            own = wanted.get(place, [])
            as_read = self.originals.get(place, mapping.table)
            if own:
                originals[place] = as_read
            if own != had.get(place, []):
                table, late = fixed(as_read, own) if own else (as_read, [])
                mappings.append(replace(mapping, table=table))
                stale += late
            else:
                mappings.append(mapping)
        known = {mapping.table.place for mapping in mappings}
        stale += [
            StaleFix(fix, "table")
            for place, own in wanted.items()
            if place not in known and own != had.get(place)
            for fix in own
        ]
        return replace(
            self,
            mappings=tuple(mappings),
            fixes=chosen,
            stale=tuple(stale),
            originals=originals,
        )


def _by_place(fixes: Iterable[Fix]) -> dict[TablePlace, list[Fix]]:
    found: dict[TablePlace, list[Fix]] = {}
    for fix in fixes:
        found.setdefault(fix.place, []).append(fix)
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """Tables ready to be applied, and what is left out of the run with its reasons.

    `fixes` are the corrections that the tables hold, `originals` the corrected tables as their files are.
    """

    paths: Mapping[str, Path]
    tables: tuple[ConvertedTable, ...]
    refused: tuple[Refused, ...]
    fixes: tuple[Fix, ...] = ()
    originals: Mapping[TablePlace, SourceTable] = field(default_factory=dict)


def read_and_map(
    paths: Iterable[Path | str],
    profiles: Iterable[Profile] = (),
    control: Control | None = None,
    options: ReadOptions = AS_FOUND,
    custom: Iterable[NewField] = (),
    begun: Reading | None = None,
) -> Source:
    """Read files, folders and databases and suggest what every column means; nothing is written anywhere.

    `custom` are the custom fields of the database (`queries.custom_fields.mappable_fields`). Files whose
    reading has `begun` (`reader.reading`) are waited for.
    A text with :// in it is a database's address; its password never leaves this call. Raises InvalidInput
    for a path where nothing is and for an address that means no database.
    """
    from desktop.importers.custom_columns import with_custom_fields
    from desktop.importers.mapping import suggest_all
    from desktop.importers.reader import find_files, read_files
    from desktop.importers.returned import own_tables

    files = begun.files if begun else find_files(paths)
    found: ReadResult = own_tables(begun.result() if begun else read_files(files, control, options))
    places = {file.name: file.path for file in files if not file.url}
    own = tuple(custom)
    mappings = tuple(with_custom_fields(one, own) for one in suggest_all(found.tables, list(profiles)))
    return Source(places, mappings, tuple(found.refused), options, custom=own)


def read_again(
    source: Source,
    options: ReadOptions,
    profiles: Iterable[Profile] = (),
    control: Control | None = None,
) -> Source:
    """Return the source as other options make it: only files about which they say something new are read.

    A table that comes out as it was keeps its mapping; for the others mappings are suggested anew.
    """
    from desktop.importers.custom_columns import with_custom_fields
    from desktop.importers.mapping import suggest_all
    from desktop.importers.reader import SourceFile, read_files

    changed = [name for name in source.paths if source.options.about(name) != options.about(name)]
    found = read_files([SourceFile(source.paths[name], name) for name in changed], control, options)
    suggested = suggest_all(found.tables, list(profiles))
    fresh = {id(one.table): with_custom_fields(one, source.custom) for one in suggested}
    before = {mapping.table.place: mapping for mapping in source.mappings}
    order = {name: index for index, name in enumerate(source.paths)}
    mappings = [
        mapping for mapping in source.mappings if _outermost(mapping.table.file, source) not in changed
    ]
    for table in found.tables:
        old = before.get(table.place)
        same = old is not None and old.table.headers == table.headers
        mappings.append(replace(old, table=table) if old and same else fresh[id(table)])
    mappings.sort(key=lambda mapping: order.get(_outermost(mapping.table.file, source), len(order)))
    refused = [item for item in source.refused if _outermost(item.file, source) not in changed]
    refused += found.refused
    again = replace(source, mappings=tuple(mappings), refused=tuple(refused), options=options)
    if not source.fixes:
        return again
    # What was read again is as its file holds it: cells that were corrected before are corrected again.
    originals = {
        place: table
        for place, table in source.originals.items()
        if _outermost(place.file, source) not in changed
    }
    return replace(again, fixes=(), stale=(), originals=originals).with_fixes(source.fixes)


def _outermost(file: str, source: Source) -> str:
    """Return the name of the file that was given: the archive's for what lies in one."""
    parts = file.split("/")
    names = ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((name for name in names if name in source.paths), file)


def make_plan(source: Source, control: Control | None = None) -> Plan:
    """Convert every recognised table's values; tables of no known entity are refused."""
    return plan_of(source, convert_all(source, control=control))


def convert_all(
    source: Source, known: Sequence[ConvertedTable | None] = (), control: Control | None = None
) -> list[ConvertedTable | None]:
    """Return every table with its values decided, or None where its entity is unknown.

    Tables that were converted before under the very same mapping (`known`) are not converted again.
    """
    from desktop.importers.outcome import stoppable

    before = {id(table.mapping): table for table in known if table is not None}
    found: list[ConvertedTable | None] = []
    for done, mapping in enumerate(source.mappings):
        if control:
            control.report(done, len(source.mappings), mapping.table.file)
        if mapping.entity is None or mapping.confidence < ACCEPT:
            found.append(None)
        else:
            skipped = skipped_rows(source.applied, mapping.table.place)
            with stoppable(control):
                found.append(before.get(id(mapping)) or with_skipped(_typed(mapping), skipped))
    return found


def _typed(mapping: TableMapping) -> ConvertedTable:
    from desktop.importers.returned import with_records
    from desktop.importers.values import convert

    return with_records(convert(mapping))


def plan_of(source: Source, converted: Sequence[ConvertedTable | None]) -> Plan:
    """Return the plan that converted tables make."""
    refused = list(source.refused)
    for mapping, table in zip(source.mappings, converted, strict=True):
        if table is None:
            file, sheet = mapping.table.file, mapping.table.sheet
            refused.append(Refused(file, sheet, "entity_unknown", ENTITY_UNKNOWN, {}, ENTITY_UNKNOWN_REMEDY))
    tables = tuple(table for table in converted if table)
    return Plan(source.paths, tables, tuple(refused), source.applied, source.originals)


def require_unchanged(plan: Plan) -> None:
    """Raise InvalidInput if a file is not, byte for byte, what was read."""
    tables = [table.mapping.table for table in plan.tables]
    fingerprints = {table.file: table.fingerprint for table in tables if not table.archive}
    for table in tables:
        if table.archive:
            inside = [name for name in plan.paths if table.file.startswith(f"{name}/")]
            fingerprints |= dict.fromkeys(inside, table.archive)
    for name, fingerprint in fingerprints.items():
        path = plan.paths.get(name)
        if path is None:
            continue
        try:
            now = file_fingerprint(path)
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
    from desktop.exporters.saving import save_bytes

    profiles = [profile.to_json() for profile in profiles_of(mappings)]
    text = json.dumps({"profiles": profiles}, ensure_ascii=False, indent=2) + "\n"
    save_bytes(path, text.encode())


def profiles_of(mappings: Iterable[TableMapping]) -> list[Profile]:
    """Return one profile for every different set of headers among recognised tables.

    Headers under which tables of different kinds came are left out: they say nothing by themselves.
    """
    found: dict[str, Profile] = {}
    doubtful: set[str] = set()
    for mapping in mappings:
        if mapping.entity is None:
            continue
        title = " / ".join(part for part in (mapping.table.file, mapping.table.sheet) if part)
        key = mapping.table.header_fingerprint
        if found.setdefault(key, Profile.of(mapping, title[:400])).entity != mapping.entity:
            doubtful.add(key)
    return [profile for key, profile in found.items() if key not in doubtful]


def remember_mappings(work: Work, mappings: Iterable[TableMapping]) -> None:
    """Store mappings that a person has confirmed, to be suggested when the same headers come again."""
    for profile in profiles_of(mappings):
        stored = work.session.scalar(
            select(MappingProfile).where(MappingProfile.fingerprint == profile.fingerprint)
        )
        document: dict[str, Any] = profile.to_json()
        if stored is None:
            stored = MappingProfile(fingerprint=profile.fingerprint, name=profile.name, recorded_at=work.now)
            work.session.add(stored)
        # The name under which people know it stays, whatever this month's file is called.
        stored.entity, stored.mapping = profile.entity, document | {"name": stored.name}
        stored.used_at = stored.changed_at = work.now
