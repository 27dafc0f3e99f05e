"""Bringing legacy data in (IMP-01, IMP-10; cli.md, `migrate`); `undo` takes it back.

`apply_import` is the whole import in one transaction; rehearsed by `Workspace.rehearse` it is the dry
run, with the same result and nothing kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.fixes import CellFix, Fix
from desktop.importers.options import TablePlace
from desktop.importers.tables import ConvertedTable, Issue, Refused, SourceTable
from desktop.models.imports import ImportRun
from desktop.operations.import_differences import no_differences, readable
from desktop.operations.import_results import (
    ACTIONS,
    DRY_RUN,
    ISSUES_KEPT,
    REFUSED,
    ImportResult,
    TableResult,
)
from desktop.operations.keeping import safe_before_import
from desktop.operations.migration import Plan, remember_mappings, require_unchanged
from desktop.operations.outcomes import CREATED, UNCHANGED, UPDATED, row_outcomes
from desktop.operations.reconciliation import reconcile
from desktop.store.security import require_role
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role, RunState, Severity

if TYPE_CHECKING:
    import polars as pl

    from desktop.control import Control
    from desktop.queries.duplicates import DuplicateCluster
    from desktop.store.loading.batch import Batch, Loaded, Origin
    from desktop.store.loading.stock import Stock

IMPORTERS = (Role.ADMIN, Role.SALES_OPS)
"""Who may import and take imports back."""


def apply_import(
    work: Work,
    tables: Sequence[ConvertedTable],
    refused: Sequence[Refused] = (),
    *,
    fixes: Sequence[Fix] = (),
    originals: Mapping[TablePlace, SourceTable] | None = None,
    keep_duplicates: bool = False,
    rehearsal: bool = False,
    propose: bool = False,
    stock: Stock | None = None,
) -> ImportResult:
    """Write converted tables in this transaction, with lineage, before-images and one audit entry.

    `fixes` are the corrections that the tables hold, `originals` the corrected tables as their files are.
    `keep_duplicates` switches the name key off. With `rehearsal` the result says `dry_run` and names no
    run; whoever rehearses must roll back. With `propose` it carries the
    duplicates that the imported records take part in. A `stock` (`stock_of`) spares fetching what it holds. Raises
    NotAllowed.
    """
    from desktop.operations.evidence import keep_evidence, ledger_of
    from desktop.store.loading.apply import load

    require_role(work, *IMPORTERS)
    one_import_at_a_time(work)
    origins, batches = _given(tables)
    run = _begin_run(work, tables)
    ledger: list[pl.DataFrame] = []
    loaded = load(
        work,
        run.id,
        batches,
        origins,
        keep_duplicates=keep_duplicates,
        stock=stock,
        meanwhile=None if rehearsal else lambda: ledger.append(ledger_of(tables, originals or {})),
    )
    cells = sum(isinstance(fix, CellFix) for fix in fixes)
    result = replace(
        _result(run.id, tables, refused, loaded),
        checks=reconcile(work, run.id, tables),
        corrected=cells,
        left_out=len(fixes) - cells,
    )
    del loaded  # the result says it all
    if propose:
        result = replace(result, proposals=_proposals(work, run.id, result))
    if rehearsal:
        return replace(result, run=None, state=DRY_RUN)
    document = result.to_json(issues=ISSUES_KEPT, differences=False)
    document["operation"] = work.operation_id
    run.totals, run.result = result.totals, document
    keep_evidence(work, run.id, tables, ledger.pop(), result.issues, fixes)
    work.audit(
        "import.apply",
        "import_run",
        run.id,
        files=run.files,
        totals=result.totals,
        corrected=result.corrected,
        left_out=result.left_out,
    )
    return result


def _given(tables: Sequence[ConvertedTable]) -> tuple[list[Origin], list[Batch]]:
    """Return where the rows come from and the rows themselves, as loading wants them."""
    from desktop.store.loading.batch import Batch, Origin

    origins = [
        Origin(
            m.table.file,
            m.table.sheet,
            m.source_system,
            m.keys,
            m.update_rules,
            m.new_fields,
            converted.derived,
        )
        for converted in tables
        for m in (converted.mapping,)
    ]
    batches = [
        Batch(rows.entity, index, rows.frame)
        for index, converted in enumerate(tables)
        for rows in converted.entities
    ]
    return origins, batches


def migrate_plan(
    workspace: Workspace,
    plan: Plan,
    *,
    dry_run: bool = False,
    keep_duplicates: bool = False,
    remember: bool = False,
    propose: bool = False,
    control: Control | None = None,
    stock: Stock | None = None,
) -> ImportResult:
    """Apply a plan in one transaction, or rehearse exactly that; see `import_plan`.

    A plan without any table is refused as a whole.
    """
    if not plan.tables:
        nothing = dict.fromkeys(("read", *ACTIONS), 0)
        return ImportResult(None, REFUSED, nothing, {}, (), (), plan.refused)

    def migrate(work: Work) -> ImportResult:
        return import_plan(
            work,
            plan,
            keep_duplicates=keep_duplicates,
            rehearsal=dry_run,
            remember=remember,
            propose=propose,
            stock=stock,
        )

    return workspace.rehearse(migrate, control) if dry_run else workspace.write(migrate, control)


def _proposals(work: Work, run_id: int, result: ImportResult) -> tuple[DuplicateCluster, ...]:
    """Return the clusters that records of this run take part in: within its files and with what was there."""
    from desktop.queries.duplicates import ENTITIES, find_duplicates

    touched = [entity for entity in ENTITIES if entity in result.entities]
    return tuple(one for entity in touched for one in find_duplicates(work, entity, run_id).clusters)


def stock_of(workspace: Workspace) -> Stock:
    """Begin to fetch what an import will compare with, while its files are still being read; close it after."""
    from desktop.store.loading.stock import Stock

    return Stock(workspace.engine).start()


def import_plan(
    work: Work,
    plan: Plan,
    *,
    keep_duplicates: bool = False,
    rehearsal: bool = False,
    remember: bool = False,
    rehearsed: ImportResult | None = None,
    propose: bool = False,
    stock: Stock | None = None,
) -> ImportResult:
    """Write a plan in this transaction, and `remember` its mappings if a person has confirmed them.

    Given what was `rehearsed`, every cell must come out the same: raises InvalidInput if the database has
    moved on since in a way that matters, or if a file or its mapping has.
    """
    require_unchanged(plan)
    if not rehearsal:
        safe_before_import(work, sum(table.read for table in plan.tables))
    result = apply_import(
        work,
        plan.tables,
        plan.refused,
        fixes=plan.fixes,
        originals=plan.originals,
        keep_duplicates=keep_duplicates,
        rehearsal=rehearsal,
        propose=propose,
        stock=stock,
    )
    if rehearsed and result.fingerprint != rehearsed.fingerprint:
        raise InvalidInput(
            "database_moved",
            N_("The database has changed since the dry run; nothing was imported."),
            remedy=N_("Do the dry run again and look at what it says now."),
        )
    if remember:
        remember_mappings(work, (table.mapping for table in plan.tables))
    return result


def one_import_at_a_time(work: Work) -> None:
    """Wait until no other import or undo is under way, so that two never create the same customer.

    The lock is one that only importers can take: with an advisory lock anybody could stop every import.
    """
    if not work.is_sqlite:
        work.session.execute(text("LOCK TABLE import_run IN SHARE ROW EXCLUSIVE MODE"))


def _begin_run(work: Work, tables: Sequence[ConvertedTable]) -> ImportRun:
    files = {t.mapping.table.file: t.mapping.table.fingerprint for t in tables}
    sources = dict.fromkeys(t.mapping.source_system for t in tables)
    run = ImportRun(
        state=str(RunState.APPLIED),
        at=work.now,
        by_id=work.actor.person_id,
        source_system=", ".join(source for source in sources if source)[:100],
        files=[{"file": name, "sha256": fingerprint} for name, fingerprint in files.items()],
        totals={},
        result={},
    )
    work.session.add(run)
    work.session.flush()
    return run


def _result(
    run_id: int, tables: Sequence[ConvertedTable], refused: Sequence[Refused], loaded: Loaded
) -> ImportResult:
    outcomes = row_outcomes(tables, loaded.row_actions())
    results = tuple(_table_result(index, table, outcomes) for index, table in enumerate(tables))
    totals = {"read": sum(table.read for table in results)}
    totals |= {action: sum(getattr(table, action) for table in results) for action in ACTIONS}
    issues = [issue for table in tables for issue in table.issues]
    issues += [_issue(problem, tables[problem.origin]) for problem in loaded.problems]
    preview = loaded.preview
    return ImportResult(
        run_id,
        str(RunState.APPLIED),
        totals,
        _entities(tables, loaded),
        results,
        tuple(issues),
        tuple(refused),
        differences=readable(preview) if preview else no_differences(),
        changed_cells=preview.changed_cells if preview else 0,
        fingerprint=preview.fingerprint() if preview else "",
        outcomes=outcomes,
    )


def _table_result(index: int, table: ConvertedTable, outcomes: pl.DataFrame) -> TableResult:
    """Count each source row once, by its main entity: the strongest thing that became of it."""
    import polars as pl

    own = outcomes.filter(pl.col("origin") == index)["action"]
    counts = {action: int((own == action).sum()) for action in (CREATED, UPDATED, UNCHANGED)}
    source = table.mapping.table
    return TableResult(
        source.file,
        source.sheet,
        table.main_entity,
        table.read,
        **counts,
        rejected=table.read - sum(counts.values()),
    )


def _entities(tables: Sequence[ConvertedTable], loaded: Loaded) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {name: Counter(counts) for name, counts in loaded.records.items()}
    for table in tables:
        for rows in table.entities:
            found.setdefault(rows.entity, Counter())["rejected"] += len(rows.rejected_rows)
    for problem in loaded.problems:
        if problem.severity is Severity.ROW:
            found.setdefault(problem.entity, Counter())["rejected"] += 1
    return {name: {action: counts[action] for action in ACTIONS} for name, counts in sorted(found.items())}


def _issue(problem: Any, table: ConvertedTable) -> Issue:
    """Return a problem of loading as an issue of the file, under the header that a person sees."""
    source = table.mapping.table
    header = next(
        (c.header for c in table.mapping.columns if c.field == f"{problem.entity}.{problem.field}"), None
    )
    return Issue(
        source.file,
        source.sheet,
        problem.row,
        header,
        problem.code,
        problem.severity,
        problem.message,
        problem.params,
        problem.value,
    )
