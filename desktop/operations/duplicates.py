"""Deciding about duplicates: merging by field, telling apart, splitting again (DUP-01, beyond 4 and 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound, StaleRecord
from desktop.i18n import ENGLISH, N_, Locale
from desktop.models import Base
from desktop.models.merges import ApartDecision, RecordMerge
from desktop.queries.duplicates import (
    ENTITIES,
    DuplicateCluster,
    Duplicates,
    facts_hash,
    facts_of,
    field_label,
    find_duplicates,
)
from desktop.store.merging.images import entity_name, rows_by_id, table_of
from desktop.store.merging.merge import MERGED, NOT_CHOSEN, merge
from desktop.store.merging.split import NotSplit, split
from desktop.store.security import require_role
from desktop.store.stale import last_editor
from desktop.store.workspace import Work
from desktop.terms import Role

MERGERS = (Role.ADMIN, Role.SALES_OPS)
"""Who may merge records and split them again."""

__all__ = [
    "Duplicates",
    "MergeResult",
    "SplitResult",
    "decide_apart",
    "find_duplicates",
    "merge_clusters",
    "merge_records",
    "unmerge",
]


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge did: its number, the record that stayed, those that went, and rows moved per entity."""

    merge: int
    entity: str
    survivor: int
    merged: tuple[int, ...]
    moved: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the document of `merge`."""
        return {
            "merge": self.merge,
            "entity": self.entity,
            "survivor": self.survivor,
            "merged": list(self.merged),
            "moved": self.moved,
        }


@dataclass(frozen=True, slots=True)
class SplitResult:
    """What a split did: records that stand again, rows moved back per entity, and what was kept with the reason."""

    merge: int
    entity: str
    restored: tuple[int, ...]
    moved: dict[str, int]
    kept: tuple[NotSplit, ...]

    def to_json(self, locale: Locale = ENGLISH) -> dict[str, Any]:
        """Return the document of `unmerge`."""
        return {
            "merge": self.merge,
            "entity": self.entity,
            "restored": list(self.restored),
            "moved": self.moved,
            "kept": [
                {"entity": entity_name(one.table), "id": one.record_id, "why": why_kept(one, locale)}
                for one in self.kept
            ],
            "blocked": [],
        }


_EDITED = N_("{field} was changed after the merge; what stands there now is kept.")
_GONE = N_("It does not exist any more.")
_MOVED = N_("It was given to another record after the merge and stays there.")


def why_kept(one: NotSplit, locale: Locale) -> str:
    """Return why something stayed as it is."""
    if one.gone:
        return locale._(_GONE)
    if one.table in ENTITIES.values() and not one.column.endswith("account_id"):
        return locale._(_EDITED).format(field=field_label(entity_name(one.table), one.column, locale))
    return locale._(_MOVED)


def merge_records(
    work: Work,
    entity: str,
    survivor: int,
    others: Sequence[int],
    choices: Mapping[str, int] | None = None,
    versions: Mapping[int, int] | None = None,
) -> MergeResult:
    """Merge `others` into `survivor`; `choices` names, by field, the record whose value is kept.

    With `versions` the records must still be as the person saw them. Raises NotFound, InvalidInput,
    StaleRecord, NotAllowed.
    """
    require_role(work, *MERGERS)
    merged = tuple(dict.fromkeys(one for one in others if one != survivor))
    if entity not in ENTITIES or not merged:
        raise InvalidInput(
            "merge_invalid",
            N_("A merge needs two different records of one kind: {kinds}."),
            kinds=", ".join(ENTITIES),
        )
    table = table_of(entity)
    rows = rows_by_id(work, table, [survivor, *merged])
    missing = [one for one in (survivor, *merged) if one not in rows]
    if missing:
        raise NotFound(
            "record_missing",
            N_("{entity} {id} does not exist."),
            remedy=N_("It may have been merged or deleted meanwhile; search for duplicates again."),
            entity=entity,
            id=missing[0],
        )
    for one, version in (versions or {}).items():
        if one in rows and rows[one]["version"] != version:
            changed = datetime.fromisoformat(rows[one]["changed_at"])
            who, when = last_editor(work, entity, one, changed)
            raise StaleRecord(
                "record_stale",
                N_("{entity} {id} was changed meanwhile; nothing was merged."),
                remedy=N_("Look at the records again and decide anew."),
                differences={"version": (version, rows[one]["version"])},
                version=rows[one]["version"],
                changed_by=who,
                changed_at=when,
                entity=entity,
                id=one,
            )
    chosen = _checked(entity, {survivor, *merged}, choices or {})
    made = merge(work, entity, table, survivor, merged, chosen)
    moved = {entity_name(name): count for name, count in sorted(made.moved.items())}
    work.audit("merge", entity, survivor, merge=made.id, merged=list(merged), moved=moved)
    return MergeResult(made.id, entity, survivor, merged, moved)


def _checked(entity: str, members: set[int], choices: Mapping[str, int]) -> dict[str, int]:
    """Return the choices by column; a field may be named as files name it (owner) or as it is stored (owner_id)."""
    table = table_of(entity)
    found = {}
    for name, record in choices.items():
        plain = name.removeprefix(f"{entity}.")
        column = next(
            (one for one in (plain, f"{plain}_id", f"{plain.removesuffix('_name')}_id") if one in table.c),
            None,
        )
        if column is None or column in NOT_CHOSEN:
            raise InvalidInput(
                "field_unknown", N_("{entity} has no field “{field}” to choose."), entity=entity, field=name
            )
        if record not in members:
            raise InvalidInput(
                "choice_invalid",
                N_("Record {id}, chosen for “{field}”, is not among those to be merged."),
                id=record,
                field=name,
            )
        found[column] = record
    return found


def merge_clusters(work: Work, clusters: Sequence[DuplicateCluster]) -> list[MergeResult]:
    """Merge sure clusters whole, each into the record that has most about it; unsure ones are left alone."""
    results = []
    for one in clusters:
        if one.sure:
            survivor = fullest(work, one.entity, [member.id for member in one.members])
            results.append(merge_records(work, one.entity, survivor, [member.id for member in one.members]))
    return results


def fullest(work: Work, entity: str, ids: Sequence[int]) -> int:
    """Return the record with the most filled fields; of equals the oldest."""
    rows = rows_by_id(work, table_of(entity), ids)
    return max(rows, key=lambda one: (sum(value is not None for value in rows[one].values()), -one))


def decide_apart(work: Work, entity: str, ids: Sequence[int]) -> None:
    """Keep that records are not the same, until what is known of them changes. Raises NotAllowed."""
    require_role(work, *MERGERS)
    table = table_of(entity)
    facts = facts_of(work, entity, ids)
    ordered = sorted(set(ids))
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            stored = work.session.scalar(
                select(ApartDecision).where(
                    ApartDecision.table_name == table.name,
                    ApartDecision.one_id == one,
                    ApartDecision.other_id == other,
                )
            )
            if stored is None:
                stored = ApartDecision(table_name=table.name, one_id=one, other_id=other)
                work.session.add(stored)
            stored.facts = facts_hash(facts, one, other)
            stored.at, stored.by_id = work.now, work.actor.person_id
    work.session.flush()
    work.audit("apart", entity, ordered[0], records=ordered)


def unmerge(work: Work, merge_id: int) -> SplitResult:
    """Split a merge again: exactly, as far as nobody changed what it touched.

    Raises NotFound, NotAllowed, or InvalidInput if it was split already or its survivor is gone.
    """
    require_role(work, *MERGERS)
    record = work.session.get(RecordMerge, merge_id)
    if record is None:
        raise NotFound(
            "merge_unknown",
            N_("There is no merge {merge}."),
            remedy=N_("`plumbline duplicates --merges` lists them."),
            merge=merge_id,
        )
    if record.state != MERGED:
        raise InvalidInput("merge_split", N_("Merge {merge} has been split already."), merge=merge_id)
    table = Base.metadata.tables[record.table_name]
    if record.survivor_id not in rows_by_id(work, table, [record.survivor_id]):
        raise _survivor_gone(work, record)
    done = split(work, record)
    entity = entity_name(record.table_name)
    moved = {entity_name(name): count for name, count in sorted(done.moved.items())}
    work.audit(
        "unmerge", entity, record.survivor_id, merge=merge_id, restored=done.restored, kept=len(done.kept)
    )
    return SplitResult(merge_id, entity, tuple(done.restored), moved, tuple(done.kept))


def _survivor_gone(work: Work, record: RecordMerge) -> InvalidInput:
    later = work.rows(
        select(RecordMerge.id, RecordMerge.merged_ids).where(
            RecordMerge.table_name == record.table_name,
            RecordMerge.state == MERGED,
            RecordMerge.id > record.id,
        )
    )
    above = next((row.id for row in later if record.survivor_id in row.merged_ids), None)
    if above is not None:
        return InvalidInput(
            "merged_again",
            N_("What merge {merge} made was merged again since."),
            remedy=N_("Split merge {above} first."),
            merge=record.id,
            above=above,
        )
    return InvalidInput(
        "survivor_gone", N_("The record that merge {merge} made was deleted since."), merge=record.id
    )
