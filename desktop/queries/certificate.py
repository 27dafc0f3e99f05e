"""The certificate of an import: what its sources held against what the database holds, by owner and year.

One side was added up from the text of the files when they were imported, the other is read from the
database now, through the lineage of the run. Money of different currencies is never added (IMP-10).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import select

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.importers.fixes import CellFix
from desktop.models.imports import ImportEvidence
from desktop.models.people import Person
from desktop.queries.certificate_rows import compared_rows
from desktop.queries.evidence import Evidence, SourceFacts, evidence_of
from desktop.queries.imports import stored_run
from desktop.store.loading.specs import SPECS
from desktop.store.workspace import Work
from desktop.terms import RunState

Message = tuple[str, Mapping[str, Any]]
"""A gettext id and its parameters."""


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One owner and year of one source table and entity; amounts in minor units of one currency.

    `rows` and `amount` are the file's; `corrected` is what corrections by hand added. Rejected, repeated
    (another row speaks of the same record) and taken back (undone since) rows explain what of that does
    not stand in the database; `found_rows` and `found` are what does.
    """

    table: int
    entity: str
    currency: str
    owner: str
    year: int | None
    rows: int
    amount: int
    corrected: int
    rejected_rows: int
    rejected: int
    repeated_rows: int
    repeated: int
    undone_rows: int
    undone: int
    found_rows: int
    found: int

    @property
    def rows_difference(self) -> int:
        """Rows of the file that nothing explains; nothing should be left."""
        return self.rows - self.rejected_rows - self.repeated_rows - self.undone_rows - self.found_rows

    @property
    def difference(self) -> int:
        """Money of the file that nothing explains, in minor units; nothing should be left."""
        return self.amount + self.corrected - self.rejected - self.repeated - self.undone - self.found


@dataclass(frozen=True, slots=True)
class RowNote:
    """One row that needs a word: its amount in minor units (None without), and why (gettext ids)."""

    table: int
    entity: str
    row: int
    owner: str
    year: int | None
    currency: str
    amount: int | None
    reasons: tuple[Message, ...] = ()
    found: int | None = None


@dataclass(frozen=True, slots=True)
class CellNote:
    """One cell whose value was not taken over, and why."""

    table: int
    row: int
    column: str
    value: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Correction:
    """One cell that was corrected by hand before the import."""

    table: int
    row: int
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A run's certificate: who and when, its files with their SHA-256, its lines, and every exception."""

    run: int
    state: RunState
    at: datetime
    by: str
    made_at: datetime
    made_by: str
    source_system: str
    files: tuple[tuple[str, str], ...]
    tables: tuple[SourceFacts, ...]
    lines: tuple[CertificateLine, ...]
    rejected: tuple[RowNote, ...]
    repeated: tuple[RowNote, ...]
    differing: tuple[RowNote, ...]
    corrections: tuple[Correction, ...]
    cells: tuple[CellNote, ...]
    cell_count: int
    interpreted: int

    @property
    def agrees(self) -> bool:
        """Whether every row and every cent is accounted for."""
        return not self.differing and not any(line.difference or line.rows_difference for line in self.lines)

    def totals(self) -> list[CertificateLine]:
        """Return one line per entity and currency, over all tables, owners and years."""
        groups: dict[tuple[str, str], list[CertificateLine]] = {}
        for line in self.lines:
            groups.setdefault((line.entity, line.currency), []).append(line)
        return [
            CertificateLine(
                -1,
                entity,
                currency,
                "",
                None,
                *(sum(getattr(line, name) for line in lines) for name in _SUMS),
            )
            for (entity, currency), lines in groups.items()
        ]


_SUMS = (
    "rows",
    "amount",
    "corrected",
    "rejected_rows",
    "rejected",
    "repeated_rows",
    "repeated",
    "undone_rows",
    "undone",
    "found_rows",
    "found",
)
_NO_REASON: Message = (N_("It is not in the database, and no reason was recorded."), {})
_CHANGED = N_("The record was changed after the import.")
_DELETED = N_("The record was deleted after the import.")
_OTHER_VALUE = N_("Another value stands in the database: a rule for updating kept it.")
_REPEATS = N_("It speaks of the same record as {file}, row {row}, whose values count.")


def certificate(work: Work, run_id: int) -> Certificate:
    """Return the certificate of an import run as the database stands now.

    Raises NotFound for an unknown run, or one from before certificates were kept.
    """
    run = stored_run(work, run_id)
    stored = work.session.scalar(select(ImportEvidence).where(ImportEvidence.run_id == run_id))
    if stored is None:
        raise NotFound(
            "evidence_missing",
            N_("Nothing was kept of the sources of import run {run}: it is older than certificates."),
            remedy=N_("Import the same files once more: nothing is created twice, and that run has one."),
            run=run_id,
        )
    evidence = evidence_of(stored.document)
    rows = compared_rows(work, run_id, evidence)
    return Certificate(
        run_id,
        RunState(run.state),
        run.at,
        work.session.get_one(Person, run.by_id).name,
        work.now,
        work.actor.name,
        run.source_system,
        tuple((file["file"], file["sha256"]) for file in run.files),
        evidence.tables,
        _lines(rows),
        _rejected(rows, evidence),
        _repeated(rows, evidence),
        _differing(rows),
        _corrections(evidence),
        _cells(evidence),
        evidence.cell_count,
        rows.filter(pl.col("amount").is_not_null() & ~pl.col("plain")).height,
    )


_GROUP = ["table", "entity", "currency", "owner", "year"]


def _lines(rows: pl.DataFrame) -> tuple[CertificateLine, ...]:
    """Add up both sides: each in the group that it names itself."""
    amount = pl.col("amount").fill_null(0)
    sums = {
        "rows": pl.len(),
        "amount": pl.col("original").fill_null(0).sum(),
        "corrected": (amount - pl.col("original").fill_null(0)).sum(),
    }
    for state in ("rejected", "repeated", "undone"):
        own = pl.col("state") == state
        sums |= {f"{state}_rows": own.sum(), state: amount.filter(own).sum()}
    source = rows.group_by(_GROUP).agg(**sums)
    # What the source does not say (a blank owner on an update) is not asked of the database either.
    here = rows.filter((pl.col("state") == "counts") & pl.col("stands").fill_null(False)).select(
        "table",
        "entity",
        pl.when(pl.col("here_currency").is_null())
        .then("currency")
        .otherwise("here_currency")
        .alias("currency"),
        pl.when(pl.col("owner").is_not_null()).then("here_owner").alias("owner"),
        pl.when(pl.col("year").is_not_null()).then("here_year").alias("year"),
        pl.when(pl.col("amount").is_not_null()).then("found").alias("found"),
    )
    found = here.group_by(_GROUP).agg(found_rows=pl.len(), found=pl.col("found").fill_null(0).sum())
    both = source.join(found, on=_GROUP, how="full", coalesce=True, nulls_equal=True)
    both = both.with_columns(pl.col(_SUMS).fill_null(0)).sort(_GROUP, nulls_last=True)
    return tuple(
        CertificateLine(
            row["table"],
            row["entity"],
            row["currency"],
            row["owner"] or "",
            row["year"],
            *(int(row[name]) for name in _SUMS),
        )
        for row in both.iter_rows(named=True)
    )


def _note(row: dict[str, Any], reasons: Sequence[Message]) -> RowNote:
    return RowNote(
        row["table"],
        row["entity"],
        row["row"],
        row["owner"] or "",
        row["year"],
        row["currency"],
        row["amount"],
        tuple(reasons),
        row["found"],
    )


def _rejected(rows: pl.DataFrame, evidence: Evidence) -> tuple[RowNote, ...]:
    reasons: dict[tuple[int, int], dict[str, None]] = {}
    for table, row, told in evidence.reasons.iter_rows():
        reasons.setdefault((table, row), {})[told] = None
    found = []
    for row in rows.filter(pl.col("state") == "rejected").iter_rows(named=True):
        told = [_message(text) for text in reasons.get((row["table"], row["row"]), {})]
        found.append(_note(row, told or [_NO_REASON]))
    return tuple(found)


def _repeated(rows: pl.DataFrame, evidence: Evidence) -> tuple[RowNote, ...]:
    found = []
    for row in rows.filter(pl.col("state") == "repeated").iter_rows(named=True):
        table, _sep, number = row["repeats"].partition(":")
        facts = evidence.tables[int(table)]
        place = " / ".join(part for part in (facts.file, facts.sheet) if part)
        found.append(_note(row, [(_REPEATS, {"file": place, "row": int(number)})]))
    return tuple(found)


def _differing(rows: pl.DataFrame) -> tuple[RowNote, ...]:
    """Return the rows whose record is gone or holds another amount than they said."""
    stands = pl.col("stands").fill_null(False)
    other = pl.col("amount").is_not_null() & pl.col("found").ne_missing(pl.col("amount"))
    known = pl.col("entity").is_in(list(SPECS))
    found = []
    counted = rows.filter((pl.col("state") == "counts") & known & (~stands | other))
    for row in counted.iter_rows(named=True):
        if not row["stands"]:
            why = _DELETED
        elif row["left_version"] and row["version"] and row["version"] > row["left_version"]:
            why = _CHANGED
        else:
            why = _OTHER_VALUE
        found.append(_note(row, [(why, {})]))
    return tuple(found)


def _corrections(evidence: Evidence) -> tuple[Correction, ...]:
    places = {(facts.file, facts.sheet, facts.part): n for n, facts in enumerate(evidence.tables)}
    return tuple(
        Correction(
            places[fix.place],
            fix.row,
            evidence.tables[places[fix.place]].headers[fix.column],
            fix.before or "",
            fix.after or "",
        )
        for fix in evidence.fixes
        if isinstance(fix, CellFix) and fix.place in places
    )


def _cells(evidence: Evidence) -> tuple[CellNote, ...]:
    return tuple(
        CellNote(table, row, column or "", value or "", _message(reason))
        for table, row, column, value, reason in evidence.cells.iter_rows()
    )


def _message(text: str) -> Message:
    message, params = json.loads(text)
    return str(message), dict(params)


__all__ = [
    "CellNote",
    "Certificate",
    "CertificateLine",
    "Correction",
    "RowNote",
    "certificate",
]
