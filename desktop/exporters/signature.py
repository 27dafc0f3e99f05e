"""The seal of a workbook: what its cells hold, signed with Ed25519, so that it can be proven without a database.

Programs that open and save a workbook rewrite its bytes but not its cells; so the cells are signed, as `stored` reads
them: numbers by their very bits, moments to the second, formulas as they
stand; what a formula shows is worked out again. A hidden sheet holds
a digest of each row and each column, which names the cells that were changed. In sheets of more than a thousand rows it is
one of each block of rows, and beside it the beginnings of the rows' own. Columns that are there to be filled in are
left out of both: a line of their own says which they are, and what they held.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from desktop.exporters.layouts import Column, Layout, Sheet
from desktop.exporters.stored import Cell, Place, StoredBook, StoredSheet, place_of
from desktop.exporters.verify import disguises, is_date, shown_digits
from desktop.letters import column_letters

SEAL_SHEET = "_seal"
NUMBER, SNAPSHOT, APPROVED = "Plumbline report", "Plumbline snapshot", "Plumbline approved"
CELLS, KEY, SIGNATURE = "Plumbline cells", "Plumbline key", "Plumbline signature"
_MOST_LINES = 1_000
_MOST_NAMED = 20
"""Changed rows of a block that are named one by one."""
_OPEN = "open"
"""The way of a line that says which cells are left out."""
_LEFT_OUT = re.compile(r"[0-9]{1,5}(,[0-9]{1,5})*\|[0-9a-f]{64}")
_SHORT = 8
"""Signs of a row's digest that say which row of a block was changed; the block's own digest says that one was."""
_NOTHING = hashlib.sha256().digest()


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key in use: what it is called, and how it signs."""

    key_id: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Line:
    """The digest of some rows or one column of a sheet; rows and columns count from 1."""

    sheet: str
    way: str
    first: int
    last: int
    digest: str


@dataclass(slots=True)
class Sums:
    """What a sheet's rows and columns come to: the digest of each row, and of each column as it grows."""

    rows: dict[int, bytes] = field(default_factory=dict)
    columns: dict[int, Any] = field(default_factory=dict)

    def lines(self, name: str) -> Iterator[Line]:
        """Yield a sheet's lines: its rows (of long sheets blocks of them, and which row is which), then its columns."""
        height = max(self.rows, default=0)
        block = -(-height // _MOST_LINES) or 1
        for first in range(1, max(height, 1) + 1, block):
            last = max(min(first + block - 1, height), 1)
            told = [self.rows.get(row, _NOTHING) for row in range(first, last + 1)]
            if block == 1:
                yield Line(name, "row", first, last, told[0].hex())
                continue
            yield Line(name, "row", first, last, hashlib.sha256(b"".join(told)).hexdigest())
            yield Line(name, "rows", first, last, "".join(one.hex()[:_SHORT] for one in told))
        for column in sorted(self.columns):
            yield Line(name, "column", column, column, self.columns[column].hexdigest())


@dataclass(frozen=True, slots=True)
class Area:
    """The cells of a sheet that are there to be filled in: some columns of the rows from `first` to `last`."""

    sheet: str
    first: int
    last: int
    columns: tuple[int, ...]

    def holds(self, place: Place) -> bool:
        """Whether a cell is one of them."""
        return self.first <= place[0] <= self.last and place[1] in self.columns

    @property
    def text(self) -> str:
        """Its columns, and what it is called in a list of cells: K6:N33."""
        ends = (min(self.columns), self.first), (max(self.columns), self.last)
        return ":".join(f"{column_letters(column)}{row}" for column, row in ends)

    def line(self, sheet: StoredSheet) -> Line:
        """Return the line of the seal that leaves these cells out, with a digest of what they hold."""
        told = hashlib.sha256()
        for place in sorted(place for place in sheet.cells if self.holds(place)):
            told.update(said_of(sheet, place))
        columns = ",".join(map(str, self.columns))
        return Line(self.sheet, _OPEN, self.first, self.last, f"{columns}|{told.hexdigest()}")


def areas_of(book: StoredBook) -> tuple[Area, ...]:
    """Return the cells that the seal of a workbook leaves out."""
    return tuple(
        Area(line.sheet, line.first, line.last, tuple(map(int, line.digest.partition("|")[0].split(","))))
        for line in _read(book)[0]
        if line.way == _OPEN and _LEFT_OUT.fullmatch(line.digest)
    )


@dataclass(frozen=True, slots=True)
class TallSheet:
    """A large sheet that is not in memory: its lines, and what the numbers of an area (top, left, bottom, right) add up to."""

    lines: tuple[Line, ...]
    total: Callable[[int, int, int, int], float]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a workbook proves by itself.

    `signed`: it bears a seal that its key made for exactly what the hidden sheet says; `known`: that key is
    among the trusted ones; `same`: its cells are those that were sealed. `changed` are (sheet, cells) that are not;
    `filled` are the areas that were left out of the seal and hold something else than they did.
    """

    number: str
    approved: str
    key_id: str
    known: bool
    signed: bool
    same: bool
    changed: tuple[tuple[str, str], ...]
    filled: tuple[tuple[str, str], ...] = ()


def key_id_of(public_key: bytes) -> str:
    """Return what a key is called: the beginning of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


Tall = Mapping[str, TallSheet]


def sealed(
    layout: Layout,
    book: StoredBook,
    approved: str,
    signer: Signer,
    tall: Tall = MappingProxyType({}),
    areas: tuple[Area, ...] = (),
) -> Layout:
    """Return the layout with the seal of `book`, which was written from it, in a hidden sheet and in properties.

    `areas` may be filled in without harm.
    """
    lines = tuple(lines_of(book, tall, areas))
    named = {**layout.properties, APPROVED: approved[:250], KEY: signer.key_id, CELLS: digest_of(lines)}
    signature = base64.b64encode(signer.sign(_message(named))).decode()
    return replace(
        layout,
        sheets=(*layout.sheets, _hidden(lines, {**named, SIGNATURE: signature})),
        properties={**named, SIGNATURE: signature},
    )


def proof_of(book: StoredBook, keys: Mapping[str, bytes], tall: Tall = MappingProxyType({})) -> Proof | None:
    """Return what a workbook proves with the public keys that one trusts; None if it bears no seal.

    `tall` are its sheets that are not in memory.
    """
    lines, named = _read(book)
    named = {name: book.properties.get(name) or text for name, text in named.items()}
    if not all(named.get(name) for name in (NUMBER, SNAPSHOT, CELLS, KEY, SIGNATURE)):
        return None
    key = keys.get(named[KEY])
    signed = key is not None and digest_of(lines) == named[CELLS] and _fits(key, named)
    areas = areas_of(book)
    found = tuple(lines_of(book, tall, areas))
    changed = tuple(_changed(lines, found, book)) if lines else ()
    # Where a cell was changed its sums follow; only beside unchanged cells does a result say that it was touched.
    changed = changed or tuple(_wrong_results(book, tall, areas))
    before = {line for line in lines if line.way == _OPEN}
    others = {line.sheet for line in found if line.way == _OPEN and line not in before}
    return Proof(
        named[NUMBER],
        named.get(APPROVED, ""),
        named[KEY],
        key is not None,
        signed,
        not changed and bool(lines),
        changed,
        tuple((area.sheet, area.text) for area in areas if area.sheet in others),
    )


def _message(named: Mapping[str, str]) -> bytes:
    said = [f"{name}: {named.get(name, '')}" for name in (NUMBER, SNAPSHOT, APPROVED, KEY, CELLS)]
    return "\n".join(["plumbline seal 1", *said, ""]).encode()


def _fits(public_key: bytes, named: Mapping[str, str]) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        signature = base64.b64decode(named[SIGNATURE], validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _message(named))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _hidden(lines: Iterable[Line], named: Mapping[str, str]) -> Sheet:
    """Return the hidden sheet: the properties once more (some programs drop them), then the digests."""
    rows = [[name, text, "", "", ""] for name, text in named.items()]
    rows += [[line.sheet, line.way, str(line.first), str(line.last), line.digest] for line in lines]
    columns = tuple(Column(name) for name in ("sheet", "way", "first", "last", "digest"))
    return Sheet(SEAL_SHEET, columns, rows, table="PlumblineSeal", hidden=True)


def _read(book: StoredBook) -> tuple[tuple[Line, ...], dict[str, str]]:
    sheet = book.sheets.get(SEAL_SHEET, StoredSheet(SEAL_SHEET))
    rows: dict[int, dict[int, str]] = {}
    for (row, column), (_kind, value) in sheet.cells.items():
        rows.setdefault(row, {})[column] = str(value)
    named = dict.fromkeys((NUMBER, SNAPSHOT, APPROVED, KEY, CELLS, SIGNATURE), "")
    lines = []
    for row in sorted(rows)[1:]:
        cells = [rows[row].get(column, "") for column in range(1, 6)]
        if cells[1] in ("row", "rows", "column", _OPEN) and cells[2].isdigit() and cells[3].isdigit():
            lines.append(Line(cells[0], cells[1], int(cells[2]), int(cells[3]), cells[4]))
        elif cells[0] in named:
            named[cells[0]] = cells[1]
    return tuple(lines), named


def digest_of(lines: Iterable[Line]) -> str:
    """Return the one digest of all lines."""
    total = hashlib.sha256()
    for line in lines:
        total.update(
            f"{len(line.sheet)}|{line.sheet}|{line.way}|{line.first}|{line.last}|{line.digest}\n".encode()
        )
    return total.hexdigest()


def lines_of(book: StoredBook, tall: Tall, areas: tuple[Area, ...] = ()) -> Iterator[Line]:
    """Yield the digests of every sheet but the seal's own: what is left out, rows or blocks of them, then columns."""
    for name, sheet in book.sheets.items():
        if name in tall:
            yield from tall[name].lines
        elif name != SEAL_SHEET:
            own = [area for area in areas if area.sheet == name]
            yield from (area.line(sheet) for area in own)
            yield from sums_of(_without(sheet, own)).lines(name)


def _without(sheet: StoredSheet, areas: list[Area]) -> StoredSheet:
    """Return a sheet without the cells of some areas."""
    kept = {
        place: cell for place, cell in sheet.cells.items() if not any(area.holds(place) for area in areas)
    }
    return replace(sheet, cells=kept) if areas else sheet


def sums_of(sheet: StoredSheet) -> Sums:
    """Return the digests of a sheet that is in memory."""
    sums = Sums(columns={column: hashlib.sha256() for _, column in sheet.cells})
    for row, places in groupby(sorted(sheet.cells), key=itemgetter(0)):
        told = hashlib.sha256()
        for place in places:
            said = said_of(sheet, place)
            told.update(said)
            sums.columns[place[1]].update(said)
        sums.rows[row] = told.digest()
    return sums


def said_of(sheet: StoredSheet, place: Place) -> bytes:
    """Return what a cell says, unambiguously: its place, its kind and its value with its length."""
    code = sheet.formats.get(place, "")
    kind, text = _canonical(sheet.cells[place], code)
    value = text.encode("utf-8", "surrogatepass")
    return b"%d|%d|%s%d|%s;" % (*place, kind.encode(), len(value), value)


def _canonical(cell: Cell, code: str) -> tuple[str, str]:
    kind, value = cell
    if kind != "n":
        return kind, str(value)
    number = float(value)
    if is_date(code):
        return "d", str(round(number * 86_400))
    if disguises(code):
        return "x", f"{number!r} {code}"
    number = shown_digits(number)
    return "n", str(struct.unpack("<Q", struct.pack("<d", number + 0.0))[0])


_SUM = re.compile(r"=SUM\(([A-Z]+[0-9]+):([A-Z]+[0-9]+)\)")
_LESS = re.compile(r"=([A-Z]+[0-9]+)-([A-Z]+[0-9]+)")


def _wrong_results(book: StoredBook, tall: Tall, areas: tuple[Area, ...]) -> Iterator[tuple[str, str]]:
    """Yield the formulas that show something else than they come to; one that shows nothing is worked out on opening."""
    for name, sheet in book.sheets.items():
        own = [area for area in areas if area.sheet == name]
        for place, result in sheet.results.items():
            if any(area.holds(place) for area in own):
                continue
            worth = _worth(sheet, str(sheet.cells[place][1]), tall.get(name))
            if worth is not None and (
                result[0] != "n" or abs(float(result[1]) - worth) > 5e-7 + abs(worth) * 1e-14
            ):
                yield name, f"{column_letters(place[1])}{place[0]}"


def _worth(sheet: StoredSheet, formula: str, tall: TallSheet | None) -> float | None:
    """Return what one of our sums or differences comes to; None for any other formula."""

    def number(place: Place) -> float:
        cell = sheet.cells.get(place, ("n", 0.0))
        cell = sheet.results.get(place, ("n", 0.0)) if cell[0] == "f" else cell
        return float(cell[1]) if cell[0] == "n" else 0.0

    if match := _SUM.fullmatch(formula):
        (top, left), (bottom, right) = place_of(match[1]), place_of(match[2])
        outside = tall.total(top, left, bottom, right) if tall else 0.0
        inside = (number((row, col)) for row in range(top, bottom + 1) for col in range(left, right + 1))
        return math.fsum([outside, *inside])
    if match := _LESS.fullmatch(formula):
        return number(place_of(match[1])) - number(place_of(match[2]))
    return None


def _changed(
    approved: tuple[Line, ...], found: tuple[Line, ...], book: StoredBook
) -> Iterator[tuple[str, str]]:
    """Yield the cells where changed rows and changed columns cross, as Excel writes them."""
    before = {(line.sheet, line.way, line.first, line.last): line.digest for line in approved}
    after = {(line.sheet, line.way, line.first, line.last): line.digest for line in found}
    other = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    sheets = dict.fromkeys(key[0] for key in other)
    for sheet in sheets:
        blocks = [key[2:] for key in other if key[:2] == (sheet, "row")]
        columns = [key[2] for key in other if key[:2] == (sheet, "column")]
        if sheet not in book.sheets or not any(line.sheet == sheet for line in approved):
            yield sheet, ""
            continue
        for block in blocks:
            key = (sheet, "rows", *block)
            for first, last in _rows_of(block, before.get(key, ""), after.get(key, "")):
                for column in columns:
                    letters = column_letters(column)
                    yield sheet, f"{letters}{first}" + (f":{letters}{last}" if last > first else "")


def _rows_of(block: tuple[int, int], before: str, after: str) -> list[tuple[int, int]]:
    """Return the rows of a changed block that were changed, or the block where these are many or cannot be told."""
    pairs = zip(*(re.findall("." * _SHORT, text) for text in (before, after)), strict=False)
    rows = [block[0] + at for at, (ours, theirs) in enumerate(pairs) if ours != theirs]
    return [(row, row) for row in rows] if 0 < len(rows) <= _MOST_NAMED else [block]
