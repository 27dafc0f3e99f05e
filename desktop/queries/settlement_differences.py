"""What a returned settlement sheet would change, row by row: changes, conflicts, altered figures, stale copies (PER-07)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from desktop.exporters.cells import clean_text
from desktop.i18n import N_
from desktop.models.contracts import Contract
from desktop.models.settlements import Settlement, SettlementSheet
from desktop.queries.settlement_files import ReturnedFile, SentBack, Unreadable, finance_value
from desktop.queries.settlements import FIELDS, SHOWN_TITLES
from desktop.store.workspace import Work

Value = str | int | bool | None


class RowState(StrEnum):
    """What becomes of one row of a returned file."""

    CHANGE = "change"
    CONFLICT = "conflict"
    SAME = "same"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
    INSERTED = "inserted"
    MISSING = "missing"
    REPEATED = "repeated"
    FOREIGN = "foreign"
    GONE = "gone"

    @property
    def label(self) -> str:
        """What it is called (a gettext id)."""
        return STATE_LABELS[self]


STATE_LABELS = {
    RowState.CHANGE: N_("is taken over"),
    RowState.CONFLICT: N_("conflict: changed on both sides"),
    RowState.SAME: N_("nothing new"),
    RowState.ALTERED: N_("altered figures: not taken over"),
    RowState.UNREADABLE: N_("cannot be read"),
    RowState.INSERTED: N_("inserted row: not taken over"),
    RowState.MISSING: N_("row is missing: nothing changes"),
    RowState.REPEATED: N_("row occurs twice with different words"),
    RowState.FOREIGN: N_("copy of another database"),
    RowState.GONE: N_("the contract no longer exists"),
}
REFUSED = frozenset(RowState) - {RowState.CHANGE, RowState.SAME, RowState.MISSING}
"""Rows of which somebody has to take note."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One cell: what was handed out, what came back, and what stands in the database now."""

    field: str
    base: Value
    found: Value
    now: Value

    @property
    def is_conflict(self) -> bool:
        """Whether finance and somebody else both changed it, differently."""
        return self.now not in (self.base, self.found)

    @property
    def is_new(self) -> bool:
        """Whether it is to be written."""
        return self.found != self.now and self.now == self.base


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """One row: place in the file, contract, what becomes of it, its cells, and why (gettext id, parameters).

    `stale` tells that the row changed in the database since it was handed out; `version` is what it has now.
    `altered` are figures that are not as they were handed out: (title as gettext id, handed out, came back).
    """

    sheet: str
    row: int | None
    contract_id: int | None
    number: str
    state: RowState
    changes: tuple[FieldChange, ...] = ()
    stale: bool = False
    version: int = 0
    note: str = ""
    params: tuple[tuple[str, str], ...] = ()
    altered: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that a returned file says."""

    file: str
    sha256: str
    rows: tuple[ReturnedRow, ...]

    def count(self, *states: RowState) -> int:
        """Return how many rows are in one of the states."""
        return sum(row.state in states for row in self.rows)

    @property
    def stale(self) -> int:
        """How many rows somebody changed since the file went out."""
        return sum(row.stale for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Sheet:
    mark: str
    rows: dict[str, dict[str, Any]]


def sheet_mark(sheet_id: int, fingerprint: str) -> str:
    """Return what each row of a sheet that went out says of its origin."""
    return f"S{sheet_id:06d}-{fingerprint[:16].upper()}"


def returned_differences(work: Work, returned: ReturnedFile) -> Differences:
    """Return what a returned file would change now."""
    sheets = _sheets(work, returned.rows)
    ids = {int(row.contract) for row in returned.rows if row.contract and row.contract.isdigit()}
    ids |= {int(key) for sheet in sheets.values() for key in sheet.rows}
    statement = select(Settlement).where(Settlement.contract_id.in_(sorted(ids)))
    now = {found.contract_id: found for found in work.session.execute(statement).scalars()}
    existing = {row.id for row in work.rows(select(Contract.id).where(Contract.id.in_(sorted(ids))))}
    found: list[ReturnedRow] = []
    seen: dict[int, SentBack] = {}
    for row in returned.rows:
        work.control.check()
        one = _one(row, sheets, now, existing)
        if one.contract_id is not None and one.state not in (RowState.INSERTED, RowState.FOREIGN):
            before = seen.setdefault(one.contract_id, row)
            if before is not row:
                if before.cells == row.cells:
                    continue
                one = _told(row, RowState.REPEATED, one.contract_id)
        found.append(one)
    found = _without_repeated(found)
    found += _missing(sheets, {row.contract_id for row in found})
    return Differences(returned.name, returned.sha256, tuple(found))


def _sheets(work: Work, rows: Sequence[SentBack]) -> dict[str, _Sheet]:
    """Return the sheets that went out from here and that the rows name."""
    marks = {row.mark for row in rows if row.mark}
    ids = {int(mark[1:7]) for mark in marks if mark[:1] == "S" and mark[1:7].isdigit()}
    found = {}
    for sheet in work.rows(
        select(SettlementSheet.id, SettlementSheet.hash, SettlementSheet.document).where(
            SettlementSheet.id.in_(sorted(ids))
        )
    ):
        mark = sheet_mark(sheet.id, sheet.hash)
        if mark in marks:
            found[mark] = _Sheet(mark, json.loads(sheet.document)["rows"])
    return found


def _told(
    row: SentBack,
    state: RowState,
    contract_id: int | None,
    note: str = "",
    **params: str,
) -> ReturnedRow:
    number = row.shown.get("number") or ""
    return ReturnedRow(
        row.sheet, row.row, contract_id, number, state, note=note, params=tuple(params.items())
    )


def _one(
    row: SentBack, sheets: dict[str, _Sheet], now: dict[int, Settlement], existing: set[int]
) -> ReturnedRow:
    contract_id = int(row.contract) if row.contract and row.contract.isdigit() else None
    if contract_id is None:
        return _told(row, RowState.INSERTED, None, N_("Only rows that were handed out can be settled."))
    sheet = sheets.get(row.mark or "")
    base = sheet.rows.get(str(contract_id)) if sheet else None
    if base is None:
        return _told(row, RowState.FOREIGN, contract_id, N_("This database handed out no such row."))
    if contract_id not in existing:
        return _told(row, RowState.GONE, contract_id)
    altered = [key for key, text in row.shown.items() if not _same(text, base["shown"].get(key))]
    if altered:
        figures = tuple(
            (SHOWN_TITLES[key], base["shown"].get(key) or "∅", row.shown[key] or "∅") for key in altered
        )
        return replace(_told(row, RowState.ALTERED, contract_id), altered=figures)
    if row.lost:
        return _told(
            row,
            RowState.UNREADABLE,
            contract_id,
            N_("A formula has no result: open the file in Excel and save it."),
        )
    current = now.get(contract_id)
    changes = []
    for key in FIELDS:
        try:
            value = finance_value(key, row.cells[key])
        except Unreadable as problem:
            return _told(row, RowState.UNREADABLE, contract_id, str(problem), value=str(row.cells[key]))
        before, stands = base["words"].get(key), getattr(current, key) if current else None
        if value != before or stands != before:
            changes.append(FieldChange(key, before, value, stands))
    return _judged(row, contract_id, tuple(changes), base, current)


def _judged(
    row: SentBack,
    contract_id: int,
    changes: tuple[FieldChange, ...],
    base: dict[str, Any],
    current: Settlement | None,
) -> ReturnedRow:
    mine = tuple(change for change in changes if change.found != change.base)
    version = current.version if current else 0
    if any(change.is_conflict for change in mine):
        state = RowState.CONFLICT
    elif any(change.is_new for change in mine):
        state = RowState.CHANGE
    else:
        state = RowState.SAME
    return ReturnedRow(
        row.sheet,
        row.row,
        contract_id,
        row.shown.get("number") or base["shown"].get("number") or "",
        state,
        mine,
        stale=version != base["version"],
        version=version,
    )


def _without_repeated(rows: list[ReturnedRow]) -> list[ReturnedRow]:
    """Take nothing over of a contract that a file has twice with different words."""
    twice = Counter(row.contract_id for row in rows if row.state is RowState.REPEATED)
    return [row for row in rows if row.contract_id not in twice or row.state is RowState.REPEATED]


def _missing(sheets: dict[str, _Sheet], present: set[int | None]) -> list[ReturnedRow]:
    gone = {}
    for sheet in sheets.values():
        for key, base in sheet.rows.items():
            if int(key) not in present:
                gone[int(key)] = base["shown"].get("number") or ""
    return [ReturnedRow("", None, key, number, RowState.MISSING) for key, number in sorted(gone.items())]


def _same(found: str | None, sent: str | None) -> bool:
    """Whether a shown cell still says what was handed out: numbers by value, texts but for spaces."""
    one, other = (" ".join(clean_text(text or "")[0].split()) for text in (found, sent))
    if one == other:
        return True
    try:
        return abs(Decimal(one.replace(",", "")) - Decimal(other)) < Decimal("0.000001")
    except InvalidOperation:
        return False
