"""Finance's round trip: a sheet goes out, comes back filled in, is applied by row version, and can be taken back (PER-07)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord
from desktop.exporters.layouts import Column, Form, Kind, Layout, Line, Section, Sheet, Value
from desktop.exporters.report_book import HASH_PROPERTY, NUMBER_PROPERTY
from desktop.exporters.saving import save_bytes
from desktop.exporters.signature import sealed
from desktop.exporters.stored import read_book
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import N_, Locale
from desktop.models.reports import ReportFile
from desktop.models.settlements import Settlement, SettlementReturn, SettlementSheet
from desktop.money import money_text
from desktop.operations.sealing import ready_to_seal
from desktop.queries.seals import signer
from desktop.queries.settlement_differences import (
    Differences,
    RowState,
    returned_differences,
    sheet_mark,
)
from desktop.queries.settlement_files import CONTRACT, MARK, VERSION, ReturnedFile
from desktop.queries.settlement_seals import finances_own
from desktop.queries.settlements import FIELDS, SHOWN, SHOWN_TITLES, TITLES, QueueRow, finance_queue
from desktop.store.workspace import Work
from desktop.terms import Role

SUBJECT = "settlement_return"
SETTLERS = (Role.FINANCE, Role.SALES_OPS, Role.ADMIN)
"""Who writes what finance says of contracts; on the team database its server says so, too."""
_MONEY = ("amount", "invoiced", "paid")
_KINDS = dict.fromkeys(_MONEY, Kind.MONEY) | {"accepted_on": Kind.DATE}


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A sheet that went to finance: its number, file, and rows."""

    sheet: int
    path: Path
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What a returned file did: the number under which it can be taken back (0 if it changed nothing)."""

    number: int
    differences: Differences
    changed: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking a returned file back did: rows restored, and contracts that changed since and were kept."""

    number: int
    restored: int
    kept: tuple[int, ...]


def require_settler(work: Work) -> None:
    """Raise NotAllowed unless the acting person's job writes settlements."""
    if work.actor.role not in SETTLERS:
        raise NotAllowed(
            "settlement_not_yours",
            N_("Settlements are written by finance, sales operations and administrators."),
            remedy=N_("Ask one of them."),
        )


def write_settlement_sheet(work: Work, *, path: Path, everything: bool = False, locale: Locale) -> HandedOut:
    """Write finance's queue with its own columns open, and keep what went out.

    Raises InvalidInput if there is nothing to settle, UserError if the file cannot be written.
    """
    require_settler(work)
    rows = finance_queue(work, everything=everything)
    if not rows:
        raise InvalidInput(
            "settlement_nothing",
            N_("No accepted contract waits for settlement."),
            remedy=N_("Ask for all contracts (--all), or enter acceptance milestones or delivery dates."),
        )
    document = json.dumps(
        {"rows": {str(row.id): _frozen(row, locale) for row in rows}}, sort_keys=True, separators=(",", ":")
    )
    fingerprint = hashlib.sha256(document.encode()).hexdigest()
    kept = SettlementSheet(
        made_by_id=work.actor.person_id,
        made_at=work.now,
        as_of=work.today,
        row_count=len(rows),
        document=document,
        hash=fingerprint,
    )
    work.session.add(kept)
    work.session.flush()
    layout = _layout(work, rows, sheet_mark(kept.id, fingerprint), fingerprint, locale)
    content = _sealed(work, layout, locale)
    sha256 = hashlib.sha256(content).hexdigest()
    work.session.add(
        ReportFile(
            sheet_id=kept.id,
            language=locale.language,
            sha256=sha256,
            content=content,
            exported_by_id=work.actor.person_id,
            exported_at=work.now,
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    save_bytes(path, content)
    work.audit(
        "export_settlements", "settlement_sheet", kept.id, rows=len(rows), file=path.name, sha256=sha256
    )
    return HandedOut(kept.id, path, len(rows), sha256)


def _sealed(work: Work, layout: Layout, locale: Locale) -> bytes:
    """Return the workbook of a sheet; where there is a vault all is sealed but what finance fills in."""
    content = workbook_bytes(layout, locale)
    ready_to_seal(work)
    key = signer(work)
    if key is None:
        return content
    book = read_book(content, layout.title)
    own = finances_own(book)
    return workbook_bytes(sealed(layout, book, "", key, areas=(own,) if own else ()), locale)


def _shown(row: QueueRow, key: str, locale: Locale) -> Value:
    value: Value = getattr(row, key)
    return locale._(value) if key == "basis" and isinstance(value, str) and value else value


def _frozen(row: QueueRow, locale: Locale) -> dict[str, Any]:
    """Return a row as it is handed out, in texts that a file can be held to."""
    return {
        "version": row.version,
        "shown": {key: _text(_shown(row, key, locale), key in _MONEY) for key in SHOWN},
        "words": {key: getattr(row, key) for key in FIELDS},
    }


def _text(value: Value, money: bool) -> str | None:
    if value is None or value == "":
        return None
    if money and isinstance(value, int):
        return money_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _layout(work: Work, rows: Sequence[QueueRow], mark: str, fingerprint: str, locale: Locale) -> Layout:
    _ = locale._
    yes, no = _("yes"), _("no")
    columns = [Column(_(SHOWN_TITLES[key]), _KINDS.get(key, Kind.TEXT)) for key in SHOWN]
    columns += [
        Column(_(TITLES["invoice_number"]), open=True, width=20),
        Column(_(TITLES["received"]), Kind.MONEY, open=True, width=16),
        Column(_(TITLES["settled"]), open=True, choices=(yes, no), width=12),
        Column(_(TITLES["remark"]), open=True, width=30),
        # At the end: titles and notes stand in the first column.
        *(Column(header, hidden=True) for header in (CONTRACT, VERSION, MARK)),
    ]
    cells: list[list[Value]] = [
        [
            *(_shown(row, key, locale) for key in SHOWN),
            row.invoice_number,
            row.received,
            None if row.settled is None else yes if row.settled else no,
            row.remark,
            str(row.id),
            str(row.version),
            mark,
        ]
        for row in rows
    ]
    title = _("Settlement sheet")
    note = _("As of {instant} · {rows} rows").format(
        instant=locale.instant(work.now), rows=locale.integer(len(rows))
    )
    sheet = Sheet(
        title, tuple(columns), cells, title=title, notes=(note, mark), table="Settlement", protect=True
    )
    steps = tuple(Line(str(number), _(step)) for number, step in enumerate(_STEPS, 1))
    form = Form(_("How to fill it in"), title, (Section(_("How to fill it in"), steps),))
    named = {NUMBER_PROPERTY: mark, HASH_PROPERTY: fingerprint}
    return Layout(f"{title} {mark}", (sheet, form), named, created=work.now, author=work.actor.name)


_STEPS = (
    N_(
        "Fill in the coloured columns: invoice number, money received, settled, remark. The others are locked."
    ),
    N_(
        "Rows may be sorted, filtered and deleted; formulas count with their results. Rows put in are not read."
    ),
    N_("Save the file and drop it on the Settlements page, or run: plumbline settle FILE."),
    N_(
        "To check the file, run: plumbline verify FILE. It names the cells that were filled in, and any other."
    ),
    N_(
        "You see every difference before anything is written; what others changed meanwhile is never overwritten."
    ),
)


def apply_returned(work: Work, returned: ReturnedFile) -> Applied:
    """Take over what finance wrote: by cell, only where nobody else wrote meanwhile; everything or nothing."""
    require_settler(work)
    # What stands is held before it is compared: what somebody adds in between has no row here, and is refused.
    current = _locked(
        work, {int(row.contract) for row in returned.rows if row.contract and row.contract.isdigit()}
    )
    found = returned_differences(work, returned)
    wanted = {
        row.contract_id: {change.field: change.found for change in row.changes if change.is_new}
        for row in found.rows
        if row.state is RowState.CHANGE and row.contract_id is not None
    }
    if not wanted:
        return Applied(0, found, 0)
    changes = _write(work, wanted, current)
    kept = _keep(work, returned.name, returned.sha256, changes)
    work.audit(
        "apply_settlements",
        SUBJECT,
        kept.id,
        file=returned.name,
        sha256=returned.sha256,
        rows=len(changes),
        conflicts=found.count(RowState.CONFLICT),
        altered=found.count(RowState.ALTERED),
    )
    return Applied(kept.id, found, len(changes))


def undo_returned(work: Work, number: int) -> TakenBack:
    """Give the rows that a returned file changed their former words, where nobody has written since."""
    require_settler(work)
    kept = work.session.get(SettlementReturn, number)
    if kept is None:
        raise NotFound("settlement_unknown", N_("No returned file {id} was applied."), id=number)
    if work.rows(select(SettlementReturn.id).where(SettlementReturn.undoes_id == number)):
        raise InvalidInput(
            "settlement_undone", N_("The returned file {id} was taken back already."), id=number
        )
    if kept.undoes_id is not None:
        raise InvalidInput("settlement_is_undo", N_("{id} is itself a taking back."), id=number)
    current = _locked(work, [change["contract"] for change in kept.changes])
    wanted: dict[int, dict[str, Any]] = {}
    left: list[int] = []
    for change in kept.changes:
        record = current.get(change["contract"])
        if record is None or record.version != change["version"]:
            left.append(int(change["contract"]))
        else:
            wanted[record.contract_id] = change["before"]
    changes = _write(work, wanted, current)
    undo = _keep(work, kept.file_name, kept.sha256, changes, undoes=number)
    work.audit("undo_settlements", SUBJECT, undo.id, undoes=number, rows=len(changes), kept=left)
    return TakenBack(undo.id, len(changes), tuple(left))


def _locked(work: Work, contract_ids: Collection[int]) -> dict[int, Settlement]:
    """Return finance's words about contracts, locked in the order of their numbers."""
    statement = (
        select(Settlement)
        .where(Settlement.contract_id.in_(list(contract_ids)))
        .order_by(Settlement.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {record.contract_id: record for record in work.session.scalars(statement)}


def _write(
    work: Work, wanted: Mapping[int, dict[str, Any]], records: Mapping[int, Settlement]
) -> list[dict[str, Any]]:
    """Write some of finance's words about contracts; return the changes for the record."""
    written = []
    for contract_id, new in wanted.items():
        record = records.get(contract_id) or Settlement(contract_id=contract_id, recorded_at=work.now)
        before = {key: getattr(record, key) for key in new}
        for key, value in new.items():
            setattr(record, key, value)
        record.changed_by_id, record.changed_at = work.actor.person_id, work.now
        work.session.add(record)
        written.append((record, before, new))
    try:
        work.session.flush()
    except IntegrityError as problem:
        # Two desks write of one contract for the first time: the second one's row finds its place taken.
        raise StaleRecord(
            "settlement_race",
            N_("Somebody else settled the same contracts in this very moment; nothing was changed."),
            remedy=N_("Look at the file's differences again."),
            differences={},
        ) from problem
    return [
        {"contract": record.contract_id, "before": before, "after": new, "version": record.version}
        for record, before, new in written
    ]


def _keep(
    work: Work, name: str, sha256: str, changes: list[dict[str, Any]], undoes: int | None = None
) -> SettlementReturn:
    kept = SettlementReturn(
        file_name=name,
        sha256=sha256,
        made_by_id=work.actor.person_id,
        made_at=work.now,
        changes=changes,
        undoes_id=undoes,
    )
    work.session.add(kept)
    work.session.flush()
    return kept
