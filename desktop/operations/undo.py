"""Taking an import back at any later time: a run, its files, or chosen rows (IMP-10; cli.md, `undo`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.fields import entity_label
from desktop.models import Base
from desktop.models.audit import AuditEntry
from desktop.models.imports import ImportRun, Lineage
from desktop.models.people import Ownership, Person
from desktop.operations.import_results import NotReversed, UndoResult
from desktop.operations.imports import IMPORTERS, one_import_at_a_time
from desktop.queries.imports import stored_run
from desktop.store.loading.specs import ENTITY_OF_TABLE, SPECS
from desktop.store.parts import in_parts
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import RunState

if TYPE_CHECKING:
    from desktop.store.loading.undo_state import Left, Place

_CHUNK = 500


def undo_import(work: Work, run_id: int, places: Collection[Place] | None = None) -> UndoResult:
    """Take a run (or what came from some of its files or rows) back, updates included.

    Cells that somebody edited since are kept. Raises NotFound, NotAllowed, or InvalidInput where there is
    nothing left to take back.
    """
    from desktop.store.loading.undo import take_back

    require_role(work, *IMPORTERS)
    one_import_at_a_time(work)
    run = stored_run(work, run_id)
    if run.state == RunState.UNDONE:
        raise InvalidInput("run_undone", N_("Import run {run} has been taken back already."), run=run_id)
    undone = take_back(work, run_id, run.result.get("operation"), places)
    if places is not None and not undone.chosen:
        raise InvalidInput(
            "nothing_to_undo",
            N_("Nothing of import run {run} that is still there came from these rows."),
            remedy=N_("Look at file, sheet and row: they are those of the file that was imported."),
            run=run_id,
        )
    run.state = str(RunState.PARTLY_UNDONE if undone.remaining else RunState.UNDONE)
    run.undone_at, run.undone_by_id = work.now, work.actor.person_id
    work.audit(
        "import.undo",
        "import_run",
        run_id,
        reversed=undone.reversed,
        kept=len(undone.kept),
        blocked=len(undone.blocked),
        places=None if places is None else [[one.file, one.sheet, one.row] for one in list(places)[:_CHUNK]],
    )
    edits = _edits(work, run, undone.kept)
    return UndoResult(
        run_id,
        undone.reversed,
        tuple(_kept(line, edits.get((line.table, line.record_id))) for line in undone.kept),
        tuple(_blocked(line) for line in undone.blocked),
        restored=sum(line.restored for line in undone.kept),
    )


def undo_part(
    work: Work, run_id: int, file: str, sheet: str | None, rows: Collection[int] | None = None
) -> UndoResult:
    """Take back what came from one source table of a run, or from some of its rows; see `undo_import`."""
    from desktop.store.loading.undo_state import Place

    if rows is None:
        return undo_import(work, run_id, [Place(file, sheet)])
    return undo_import(work, run_id, [Place(file, sheet, row) for row in rows])


@dataclass(frozen=True, slots=True)
class _Edit:
    """Who touched a record last and when; `run` is the import that did it, if one did."""

    at: datetime
    name: str | None = None
    run: int | None = None


_Edits = dict[tuple[str, int], _Edit]


def _edits(work: Work, run: ImportRun, kept: Sequence[Left]) -> _Edits:
    """Return who last changed each kept record after the run, and when, as far as that is known."""
    found: _Edits = {}
    tables: dict[str, list[int]] = {}
    for line in kept:
        if not line.gone:
            tables.setdefault(line.table, []).append(line.record_id)
    for table, ids in tables.items():
        for part in in_parts(ids):
            for record, edit in sorted(_touched(work, run, table, part), key=lambda pair: pair[1].at):
                if edit.name or (table, record) not in found:
                    found[table, record] = edit
    return found


def _touched(work: Work, run: ImportRun, table: str, ids: list[int]) -> Iterable[tuple[int, _Edit]]:
    """Yield the traces that later work left on records: stamps, audit entries, changes of owner, imports."""
    records = Base.metadata.tables[table]
    if "changed_at" in records.c:
        stamps = select(records.c.id, records.c.changed_at).where(
            records.c.id.in_(ids), records.c.changed_at > run.at
        )
        yield from ((row.id, _Edit(row.changed_at)) for row in work.rows(stamps))
    entity = ENTITY_OF_TABLE.get(table, table)
    # By place in the chain: the instants of a run are its console's, those of the chain the server's.
    own = select(func.max(AuditEntry.position)).where(AuditEntry.operation_id == run.result.get("operation"))
    later = AuditEntry.position > own.scalar_subquery(), AuditEntry.person_id == Person.id
    audited = select(AuditEntry.subject_id, AuditEntry.at, Person.name).where(
        AuditEntry.subject.in_([table, entity]), AuditEntry.subject_id.in_(ids), *later
    )
    yield from ((row.subject_id, _Edit(row.at, row.name)) for row in work.rows(audited))
    owned = next((spec.owned for spec in SPECS.values() if spec.table_name == table and spec.owned), None)
    if owned:
        moved = select(Ownership.record_id, AuditEntry.at, Person.name).where(
            Ownership.kind == str(owned),
            Ownership.record_id.in_(ids),
            Ownership.operation_id == AuditEntry.operation_id,
            Ownership.operation_id != run.result.get("operation"),
            *later,
        )
        yield from ((row.record_id, _Edit(row.at, row.name)) for row in work.rows(moved))
    imported = (
        select(Lineage.record_id, ImportRun.at, ImportRun.id, Person.name)
        .join(ImportRun, ImportRun.id == Lineage.run_id)
        .join(Person, Person.id == ImportRun.by_id)
        .where(
            Lineage.table_name == table,
            Lineage.record_id.in_(ids),
            Lineage.run_id > run.id,
            Lineage.action == "updated",
            Lineage.undone.is_(False),
        )
    )
    yield from ((row.record_id, _Edit(row.at, row.name, row.id)) for row in work.rows(imported))


_EDITED = N_("It was changed after the import; what stands there now is kept.")
_EDITED_AT = N_("It was changed after the import, at {at}; what stands there now is kept.")
_EDITED_BY = N_("{name} changed it after the import, at {at}; what stands there now is kept.")
_REIMPORTED = N_("Import run {run} by {name} changed it at {at}; take that one back first.")
_PARTLY = N_("{fields} was changed after the import, at {at}, and is kept; the other cells are taken back.")
_PARTLY_BY = N_("{name} changed {fields} after the import, at {at}: kept; the other cells are taken back.")
_DELETED = N_("It was deleted after the import.")
_REFERRED = N_("{entity} {id} now refers to it.")
_MERGED = N_("It was merged into another record; split merge {merge} first.")
_APPROVED = N_("It was approved after the import, and stays as it was approved.")
_OTHER_ROW = N_("It came with {file}, row {row}; take that row back.")


def _kept(line: Left, edit: _Edit | None) -> NotReversed:
    entity = ENTITY_OF_TABLE.get(line.table, line.table)
    if line.gone:
        return NotReversed(entity, line.record_id, _DELETED)
    if line.by == "paper_version":
        return NotReversed(entity, line.record_id, _APPROVED)
    if edit is None:
        return NotReversed(entity, line.record_id, _EDITED)
    params: dict[str, Any] = {"at": edit.at}
    if edit.name:
        params["name"] = edit.name
    if line.restored:
        params["fields"] = _fields(entity, line.columns)
        return NotReversed(entity, line.record_id, _PARTLY_BY if edit.name else _PARTLY, params)
    if edit.run:
        return NotReversed(entity, line.record_id, _REIMPORTED, params | {"run": edit.run})
    return NotReversed(entity, line.record_id, _EDITED_BY if edit.name else _EDITED_AT, params)


def _fields(entity: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the fields that a person knows the columns by."""
    from desktop.store.loading.preview import field_of

    spec = SPECS[entity]
    shown = [name for name in columns if name not in ("raw_values", "source_system")] or columns
    return tuple(dict.fromkeys(f"{entity}.{field_of(spec, name)}" for name in shown))


def _blocked(line: Left) -> NotReversed:
    entity = ENTITY_OF_TABLE.get(line.table, line.table)
    if line.place:
        place: Mapping[str, Any] = {
            "file": " / ".join(part for part in (line.place.file, line.place.sheet) if part),
            "row": line.place.row,
        }
        return NotReversed(entity, line.record_id, _OTHER_ROW, dict(place))
    if line.by == "record_merge":
        return NotReversed(entity, line.record_id, _MERGED, {"merge": line.by_id})
    if line.by == "paper_version":
        return NotReversed(entity, line.record_id, _APPROVED)
    by = ENTITY_OF_TABLE.get(line.by, line.by)
    params = {"entity": entity_label(by), "id": line.by_id or ""}
    return NotReversed(entity, line.record_id, _REFERRED, params)
