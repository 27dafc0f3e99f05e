"""A block pasted from a spreadsheet becomes a file of its own, read and reconciled like any other."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.settings import data_folder

Block = list[list[str]]
MOST_CELLS = 5_000_000
_MOST_ACROSS = 1_000
_NUMBER = re.compile(r"^-?\d+(\.\d+)?([eE][-+]?\d+)?$")


def block_of(text: str) -> Block:
    """Return the rows of cells in tab-separated text as spreadsheets copy it (quoted cells may hold lines)."""
    if "\t" not in text and "\n" not in text.strip("\r\n") and "\r" not in text.strip("\r\n"):
        return [[text.strip("\r\n")]]
    lines = io.StringIO(text.replace("\x00", ""), newline="")
    try:
        rows = [list(row) for row in csv.reader(lines, delimiter="\t", strict=True)]
    except csv.Error:
        # A cell that begins with a quotation mark of its own: no cell is quoted then.
        rows = [line.split("\t") for line in text.replace("\x00", "").splitlines()]
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return _even(rows)


def block_of_html(markup: str) -> Block:
    """Return the cells of the first table in HTML as spreadsheets copy it; [] if there is none.

    A cell that carries its exact value (x:num) gives that, not the rounded text. Merged cells hold their
    text once, at the top left.
    """
    parser = _TableParser()
    parser.feed(markup)
    parser.finish()
    rows = parser.rows
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return _even(rows)


def best_block(text: str, markup: str) -> Block:
    """Return what a clipboard holds: its HTML table if it has one of at least two cells, else its text."""
    if "<table" in markup.casefold():
        found = block_of_html(markup)
        if sum(map(len, found)) > 1:
            return found
    return block_of(text) if text else []


def first_row_is_header(block: Block) -> bool:
    """Whether the first row looks like names of columns: all filled, all different, none a number or date."""
    if len(block) < 2:
        return False
    first = [cell.strip() for cell in block[0]]
    names = [cell for cell in first if cell]
    if len(names) < max(1, round(len(first) * 0.6)) or len(set(names)) < len(names):
        return False
    return not any(_looks_like_value(cell) for cell in names)


@dataclass(frozen=True, slots=True)
class Staged:
    """A pasted block as it was written: its file, and whether its first row holds the headers."""

    path: Path
    has_header: bool


def staging_folder() -> Path:
    """Return where pasted blocks lie, so that a migration can be repeated with them."""
    return data_folder() / "pasted"


def save_block(name: str, block: Block, *, has_header: bool, folder: Path | None = None) -> Staged:
    """Write a pasted block as a text file under a name that a person gave; raise InvalidInput if it is empty.

    A file of that name is replaced: the block was edited.
    """
    from desktop.exporters.saving import save_bytes

    if not any(cell.strip() for row in block for cell in row):
        raise InvalidInput(
            "paste_empty",
            N_("There is nothing in the table yet."),
            remedy=N_("Copy cells in Excel or WPS and paste them here."),
        )
    place = folder or staging_folder()
    place.mkdir(parents=True, exist_ok=True)
    clean = re.sub(r'[\\/:*?"<>|\x00-\x1f\s]+', " ", name).strip(" .") or "paste"
    path = place / f"{clean[:80]}.csv"
    text = io.StringIO(newline="")
    csv.writer(text).writerows(block)
    save_bytes(path, b"\xef\xbb\xbf" + text.getvalue().encode())
    return Staged(path, has_header)


def load_block(path: Path) -> Block:
    """Return the cells of a block that was saved, to be edited again."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return _even([list(row) for row in csv.reader(stream)])


def _even(rows: Block) -> Block:
    width = max((len(row) for row in rows), default=0)
    if width * len(rows) > MOST_CELLS:
        rows = rows[: MOST_CELLS // max(1, width)]
    return [row + [""] * (width - len(row)) for row in rows]


def _looks_like_value(text: str) -> bool:
    return bool(re.match(r"^[-+¥$€(]?\s*\d[\d,.\s%/:年月日-]*[)%]?$", text))


class _TableParser(HTMLParser):
    """Collects the cells of the first table; rows spanned from above keep their place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: Block = []
        self._held: dict[int, int] = {}
        self._cell: list[str] | None = None
        self._exact: str | None = None
        self._span = (1, 1)
        self._depth = 0
        self._over = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if self._over:
            return
        if tag == "table":
            self._depth += 1
        elif tag == "tr" and self._depth:
            self._end_cell()
            self.rows.append([])
        elif tag in ("td", "th") and self._depth:
            self._end_cell()
            if not self.rows:
                self.rows.append([])
            self._begin_cell(dict(attrs))
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._end_cell()
            if tag == "tr" and self.rows and not self._over:
                self._leave_held()
        elif tag == "table" and self._depth:
            self._end_cell()
            self._depth -= 1
            self._over = self._depth == 0

    def finish(self) -> None:
        """Take what was begun but never ended."""
        self.close()
        self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._over:
            self._cell.append(re.sub(r"[\r\n\t ]+", " ", data))

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        self._cell = []
        exact = attributes.get("x:num")
        self._exact = exact if exact and _NUMBER.match(exact) else None
        self._span = _whole(attributes.get("colspan")), _whole(attributes.get("rowspan"))

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        text = "".join(self._cell).replace("\xa0", " ")
        text = "\n".join(part.strip() for part in text.split("\n")).strip()
        self._cell = None
        across, down = self._span
        self._leave_held()
        row, last = self.rows[-1], len(self.rows) - 1 + down - 1
        for offset in range(across):
            self._held[len(row)] = last
            row.append("" if offset else _shown(text, self._exact))

    def _leave_held(self) -> None:
        """Leave room for cells that reach down from rows above."""
        row = self.rows[-1]
        while self._held.get(len(row), -1) >= len(self.rows) - 1:
            row.append("")


def _shown(text: str, exact: str | None) -> str:
    """Return the exact number unless the text says more than the number does (a date, a percentage)."""
    if exact is None:
        return text
    plain = text.replace(",", "").replace(" ", "").lstrip("¥$€￥")
    return exact if not plain or _NUMBER.match(plain) or "#" in plain else text


def _whole(text: str | None) -> int:
    return min(_MOST_ACROSS, max(1, int(text[:6]))) if text and text.isdigit() else 1
