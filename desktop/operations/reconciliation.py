"""Reconciling an import: what the source tables held against what now stands in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from desktop.importers.measures import MEASURES
from desktop.importers.tables import ConvertedTable
from desktop.models.imports import Lineage
from desktop.store.loading.specs import SPECS
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the reconciliation: records, or money in minor units where `is_money`.

    `source` is what the tables held, `rejected` how many of their rows were left out, `merged` how many
    spoke of a record that another row had brought, `written` what stands in the database for them all.
    """

    entity: str
    is_money: bool
    source: int
    written: int
    rejected: int
    merged: int = 0

    @property
    def is_explained(self) -> bool:
        """Whether nothing is missing but what was rejected with a reason or came twice."""
        if self.is_money:
            return not self.difference
        return self.difference == -(self.rejected + self.merged)

    @property
    def difference(self) -> int:
        """Written less source."""
        return self.written - self.source

    def to_json(self) -> dict[str, Any]:
        """Return the check as a JSON object; money as text with two decimals."""
        from desktop.money import money_text

        show = money_text if self.is_money else int
        return {
            "entity": self.entity,
            "what": "amount" if self.is_money else "records",
            "source": show(self.source),
            "written": show(self.written),
            "difference": show(self.difference),
            "rejected": self.rejected,
            "merged": self.merged,
        }


def reconcile(work: Work, run_id: int, tables: Sequence[ConvertedTable]) -> tuple[Check, ...]:
    """Compare each entity's source rows and sums with what this run left in the database.

    The written side is read back from the database through the run's lineage.
    """
    checks: list[Check] = []
    for entity in SPECS:
        if not any(table.main_entity == entity for table in tables):
            continue
        carried = [rows for table in tables if (rows := table.of(entity))]
        source = sum(rows.frame.height + len(rows.rejected_rows) for rows in carried)
        taken, different = _taken(work, run_id, entity)
        records, _none = _written(work, run_id, entity, None)
        rejected, merged = source - taken, taken - different
        checks.append(Check(entity, False, source, records, rejected, merged))
        measure = MEASURES.get(entity)
        frames = [rows.frame for rows in carried if measure in rows.frame.columns]
        if measure and frames:
            total = sum(int(frame[measure].sum() or 0) for frame in frames)
            _count, written = _written(work, run_id, entity, measure)
            checks.append(Check(entity, True, total, written, rejected, merged))
    return tuple(checks)


def _taken(work: Work, run_id: int, entity: str) -> tuple[int, int]:
    """Return how many source rows of an entity the run took in, and how many records they speak of."""
    statement = select(func.count(), func.count(Lineage.record_id.distinct())).where(
        Lineage.run_id == run_id, Lineage.table_name == SPECS[entity].table_name, Lineage.row.is_not(None)
    )
    row = work.session.execute(statement).one()
    return int(row[0]), int(row[1])


def _written(work: Work, run_id: int, entity: str, measure: str | None) -> tuple[int, int]:
    """Return how many of the run's records stand in the database, and the sum of a measure over them."""
    table = SPECS[entity].table
    ids = (
        select(Lineage.record_id)
        .where(Lineage.run_id == run_id, Lineage.table_name == table.name, Lineage.row.is_not(None))
        .distinct()
    )
    total = func.coalesce(func.sum(table.c[measure]), 0) if measure else func.count()
    statement = select(func.count(), total).select_from(table).where(table.c.id.in_(ids))
    row = work.session.execute(statement).one()
    return int(row[0]), int(row[1])
