"""Where a table lies in its sheet, as a person sees and changes it: headers, rows, what was left out, encoding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from desktop.i18n import N_
from desktop.importers.options import FOUND_OUT, ReadOptions, TableLayout, TablePlace
from desktop.importers.tables import Refused, SourceTable

FIRST, LAST = 60, 20
"""How many of a table's first and last rows are shown; what was left out is shown in full."""

_MOST_CELLS = 12
_LONGEST = 300

HEADER, DATA = "header", "data"

ROLES = {
    HEADER: N_("Header"),
    DATA: N_("Record"),
    "title": N_("Title"),
    "units": N_("Line of units"),
    "total": N_("Total"),
    "note": N_("Note"),
    "blank": N_("Blank"),
    "beside": N_("Beside the table"),
    "hidden": N_("Hidden record"),
    "repeated": N_("Header again"),
    "skipped": N_("Left out by hand"),
    "kept": N_("Taken in by hand"),
}

ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252", "cp932", "euc_kr", "cp1251")
"""What can be chosen where a text file's encoding was found wrong (Python codec names)."""

ENCRYPTED = frozenset({"encrypted", "file_encrypted", "password_wrong", "password_needed"})
"""Why a file is refused that a password would open."""


@dataclass(frozen=True, slots=True)
class LayoutLine:
    """One row of a sheet: its number, what it is taken for, and what stands in it."""

    id: int
    role: str
    text: str

    @property
    def is_data(self) -> bool:
        """Whether the row is imported."""
        return self.role in (DATA, "kept", "hidden")


def layout_lines(table: SourceTable, options: ReadOptions) -> list[LayoutLine]:
    """Return the rows that say how a table was understood: headers, what was left out, first and last records."""
    layout = layout_of(table.place, options)
    lines = {
        row.row: LayoutLine(row.row, "repeated" if row.reason == HEADER else row.reason, row.text[:_LONGEST])
        for row in table.left_out_rows
    }
    frame, hidden = table.frame, frozenset(table.hidden_rows)
    shown = frame if frame.height <= FIRST + LAST else frame.head(FIRST).vstack(frame.tail(LAST))
    for values in shown.iter_rows():
        row = int(values[0])
        role = "kept" if row in layout.kept_rows else "hidden" if row in hidden else DATA
        lines[row] = LayoutLine(row, role, _joined(values[1:]))
    for at, row in enumerate(table.header_rows):
        last = at == len(table.header_rows) - 1
        lines[row] = LayoutLine(row, HEADER, _joined(table.headers) if last else table.title or "…")
    return [lines[row] for row in sorted(lines)]


def layout_of(place: TablePlace, options: ReadOptions) -> TableLayout:
    """Return what a person decided about a table."""
    return options.layouts.get(place, FOUND_OUT)


def with_header(options: ReadOptions, table: SourceTable, rows: Iterable[int]) -> ReadOptions:
    """Return the options in which these rows are a table's header lines (none: it has no header)."""
    chosen = tuple(sorted(set(rows)))
    layout = replace(layout_of(table.place, options), header_rows=chosen, first_row=None)
    return options.with_layout(table.place, layout)


def with_rows_taken(options: ReadOptions, table: SourceTable, rows: Iterable[int]) -> ReadOptions:
    """Return the options in which rows are records although they look like totals, notes or titles."""
    layout, chosen = layout_of(table.place, options), frozenset(rows)
    layout = replace(layout, kept_rows=layout.kept_rows | chosen, skipped_rows=layout.skipped_rows - chosen)
    return options.with_layout(table.place, layout)


def with_rows_left(options: ReadOptions, table: SourceTable, rows: Iterable[int]) -> ReadOptions:
    """Return the options in which rows are no records."""
    layout, chosen = layout_of(table.place, options), frozenset(rows)
    layout = replace(layout, kept_rows=layout.kept_rows - chosen, skipped_rows=layout.skipped_rows | chosen)
    return options.with_layout(table.place, layout)


def as_found(options: ReadOptions, table: SourceTable) -> ReadOptions:
    """Return the options in which nothing is decided about where a table lies."""
    return options.with_layout(table.place, FOUND_OUT)


def with_pasted_header(options: ReadOptions, file: str, *, has_header: bool) -> ReadOptions:
    """Return the options in which a pasted block's first row is its header, or its first record."""
    return options.with_layout(TablePlace(file), TableLayout(header_rows=(1,) if has_header else ()))


def with_encoding(options: ReadOptions, file: str, encoding: str | None) -> ReadOptions:
    """Return the options in which a text file is read in that encoding (None: as found)."""
    encodings = {name: value for name, value in options.encodings.items() if name != file}
    if encoding:
        encodings[file] = encoding
    return replace(options, encodings=encodings)


def with_password(options: ReadOptions, file: str, password: str) -> ReadOptions:
    """Return the options with a file's password; it is kept in memory only."""
    return replace(options, passwords={**options.passwords, file: password})


def database_name(address: str) -> str:
    """Return what reports call a database; raise InvalidInput for an address that means none."""
    from desktop.importers.databases import parted

    return parted(address)[0]


def needs_password(refused: Refused) -> bool:
    """Whether a password would open a file that was refused."""
    return refused.code in ENCRYPTED or "password" in refused.code


def _joined(values: Iterable[object]) -> str:
    texts = [" ".join(str(value).split()) for value in values if value is not None]
    more = " …" if len(texts) > _MOST_CELLS else ""
    return (" │ ".join(texts[:_MOST_CELLS]) + more)[:_LONGEST]
