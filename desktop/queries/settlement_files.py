"""A settlement sheet that came back: its rows as finance left them, whatever program saved it (PER-07)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from desktop.control import Control
from desktop.errors import InvalidInput
from desktop.exporters.stored import StoredBook, read_book
from desktop.i18n import ENGLISH, N_, Locale
from desktop.importers.reader import read_sources
from desktop.importers.returned import SETTLEMENT
from desktop.importers.tables import SourceTable
from desktop.queries.settlements import FIELDS, SHOWN, SHOWN_TITLES, TITLES

CONTRACT, VERSION, MARK = SETTLEMENT, "plumbline.version", "plumbline.sheet"
"""Headers of hidden columns: the contract, the version of finance's words about it, and the sheet that went out."""

_NO_RESULT = "#NO_VALUE!"
"""What reading says of a formula that was saved without its result."""
_YES = {"是", "true", "yes", "y", "1", "√", "✓", "✔", "已结算", "对", "已结"}
_NO = {"否", "false", "no", "n", "0", "×", "x", "未结算", "未结", "不"}


class Unreadable(ValueError):
    """A cell of finance's that does not say what its column asks for; a gettext id."""


@dataclass(frozen=True, slots=True)
class SentBack:
    """One row of a returned file: texts as they stand, None for an empty cell.

    `lost` names the finance columns whose formula has no result in the file.
    """

    sheet: str
    row: int
    contract: str | None
    version: str | None
    mark: str | None
    cells: dict[str, str | None]
    shown: dict[str, str | None]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """A file that came back: name, SHA-256 of its bytes, rows, and its bytes themselves."""

    name: str
    sha256: str
    rows: tuple[SentBack, ...]
    content: bytes = field(default=b"", repr=False)


def read_returned(path: Path, control: Control | None = None) -> ReturnedFile:
    """Read a returned settlement sheet; raise InvalidInput if the file is none."""
    result = read_sources([path], control)
    tables = [table for table in result.tables if CONTRACT in table.headers]
    if not tables:
        raise InvalidInput(
            "settlement_none",
            N_("{file} is no settlement sheet of this program, or its hidden columns were deleted."),
            remedy=N_("Use the file that was handed out (plumbline settlements --out), filled in and saved."),
            file=path.name,
        )
    content = path.read_bytes()
    book = _book(content, path)
    rows = tuple(row for table in tables for row in _rows(table, book, path.name))
    return ReturnedFile(path.name, hashlib.sha256(content).hexdigest(), rows, content)


def is_returned_sheet(content: bytes, name: str) -> bool:
    """Whether a workbook carries the hidden columns of a settlement sheet."""
    try:
        book = read_book(content, name)
    except InvalidInput:
        return False
    return any(cell == ("s", CONTRACT) for sheet in book.sheets.values() for cell in sheet.cells.values())


def _book(content: bytes, path: Path) -> StoredBook | None:
    """Return the workbook's own cells, which tell formulas; None for formats that are read otherwise."""
    try:
        return read_book(content, path.name)
    except InvalidInput:
        return None


def _rows(table: SourceTable, book: StoredBook | None, file: str) -> Iterator[SentBack]:
    places = {name: table.headers.index(name) for name in (CONTRACT, VERSION, MARK) if name in table.headers}
    own = {key: _index(table, TITLES[key]) for key in FIELDS}
    missing = [TITLES[key] for key, index in own.items() if index is None]
    if missing or len(places) < len((CONTRACT, VERSION, MARK)):
        raise InvalidInput(
            "settlement_columns",
            N_("{file}, sheet “{sheet}”: columns are missing: {names}."),
            remedy=N_("Their headers were changed or deleted; put them back as they were handed out."),
            file=file,
            sheet=table.sheet or "",
            names="、".join(Locale("zh_CN")._(name) for name in missing) or "plumbline.*",
        )
    shown = {key: _index(table, SHOWN_TITLES[key]) for key in SHOWN}
    stored = book.sheets.get(table.sheet or "") if book else None
    for line in table.frame.iter_rows():
        number = int(line[0])

        def cell(index: int | None, line: tuple[Any, ...] = line) -> str | None:
            return None if index is None or line[index + 1] is None else str(line[index + 1])

        cells = {key: cell(index) for key, index in own.items()}
        lost = tuple(
            key
            for key, index in own.items()
            if stored is not None
            and index is not None
            and cells[key] in (None, _NO_RESULT)
            and stored.cells.get((number, index + 1), ("",))[0] == "f"
        )
        known = {key: cell(index) for key, index in shown.items() if index is not None}
        hidden = [cell(places[name]) for name in (CONTRACT, VERSION, MARK)]
        if any(hidden) or any(cells.values()) or any(known.values()):
            yield SentBack(table.sheet or "", number, hidden[0], hidden[1], hidden[2], cells, known, lost)


def _index(table: SourceTable, title: str) -> int | None:
    wanted = {_bare(Locale("zh_CN")._(title)), _bare(ENGLISH._(title))}
    return next((index for index, header in enumerate(table.headers) if _bare(header) in wanted), None)


def _bare(header: str) -> str:
    """Return a header without its unit and spaces: both are written in either language."""
    return re.sub(r"[\s]+|[（(](?:元|yuan|CNY)[）)]", "", header).casefold()


def finance_value(key: str, text: str | None) -> str | int | bool | None:
    """Return what a cell of finance's means; raise Unreadable."""
    said = (text or "").strip()
    if not said:
        return None
    if key == "received":
        return _amount(said)
    if key == "settled":
        if said.casefold() in _YES:
            return True
        if said.casefold() in _NO:
            return False
        raise Unreadable(N_("“{value}” is neither yes nor no."))
    if said.startswith("#") and said.rstrip("!?").isupper():
        raise Unreadable(N_("The formula has the error {value}."))
    return said[:200] if key == "invoice_number" else said


def _amount(text: str) -> int:
    bare = re.sub(r"[\s,，￥¥元]", "", text)
    try:
        amount = Decimal(bare) * 100
    except InvalidOperation:
        raise Unreadable(N_("“{value}” is no amount of money.")) from None
    if not amount.is_finite() or abs(amount) >= 10**17:
        raise Unreadable(N_("“{value}” is no amount of money."))
    whole = amount.to_integral_value()
    # A formula's result carries the dust of binary fractions; a real fraction of a cent is a mistake.
    if abs(whole - amount) > Decimal("0.000001"):
        raise Unreadable(N_("“{value}” has more than two decimals."))
    return int(whole)
