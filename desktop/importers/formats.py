"""From a file of any kind to the grids in it: sniffed, unlocked, unpacked and given to its reader."""

from __future__ import annotations

import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.ahead import Ahead
from desktop.importers.decoding import Progress, no_progress
from desktop.importers.grid import Grid
from desktop.importers.options import AS_FOUND, ReadOptions
from desktop.importers.tables import file_fingerprint

_MAX_DEPTH = 2
"""Archives within archives: one level, so that no chain of them goes on for ever."""


@dataclass(frozen=True)
class Sheet:
    """One grid of a file; `file` is the name in reports, with the archives around it: a.zip/inner/b.xlsx.

    `sheet` is None where the format has no sheets. `has_header` says that the format itself names the
    columns, in the grid's first row. `fingerprint` is the SHA-256 of a file that lies in an archive.
    """

    file: str
    sheet: str | None
    grid: Grid
    hidden: bool = False
    encoding: str | None = None
    has_header: bool = False
    warnings: tuple[str, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True)
class Unread:
    """A file in an archive, or a table of a database, that cannot be read, and why."""

    file: str
    error: InvalidInput
    sheet: str | None = None


@dataclass
class Opening:
    """How files are to be read: decisions of a person, a private folder to unpack into, and who hears of progress.

    `begun` is the workbook whose large sheet is being parsed already.
    """

    folder: Path
    options: ReadOptions = AS_FOUND
    progress: Progress = no_progress
    begun: Ahead | None = None
    _made: int = field(default=0, init=False)

    def new_folder(self) -> Path:
        """Return a fresh folder within the private one."""
        self._made += 1
        made = self.folder / f"unpacked{self._made}"
        made.mkdir()
        return made


def read_grids(path: Path, name: str, opening: Opening, depth: int = 0) -> Iterator[Sheet | Unread]:
    """Yield the grids of a file whatever it is; raise InvalidInput if it as a whole cannot be read."""
    from desktop.importers.sniff import sniff

    kind: str = sniff(path)
    if kind in ("encrypted", "locked") or (kind == "xls" and _is_locked(path)):
        path, kind = _unlocked(path, name, kind, opening)
    if kind == "zip":
        yield from _archive(path, name, opening, depth)
        return
    reader = _READERS.get(kind)
    if reader is None:
        raise unreadable_kind(kind)
    yield from reader(path, name, kind, opening)


def empty() -> InvalidInput:
    """Return the error of a file without any cell."""
    return InvalidInput("empty", N_("The file is empty."), remedy=N_("Leave it out, or export it again."))


def unreadable_kind(kind: str) -> InvalidInput:
    """Return the error of a file of a kind that holds no table, naming the kind and what to do."""
    if kind == "empty":
        return empty()
    message, remedy = _KINDS.get(kind, _KINDS["other"])
    return InvalidInput("not_a_table", message, remedy=remedy)


_EXPORT = N_("Export its tables as .xlsx or .csv and give those.")
_UNPACK = N_("Unpack it, or pack it as .zip, and give that.")
_KINDS: dict[str, tuple[str, str]] = {
    "numbers": (N_("This is an Apple Numbers document."), N_("In Numbers, choose File › Export To › Excel.")),
    "pdf": (
        N_("This is a PDF document: a picture of a table, not the table."),
        N_(
            "Ask for the spreadsheet it was made from, or export the list from the old system as .xlsx or .csv."
        ),
    ),
    "image": (N_("This is a picture."), N_("Give the spreadsheet or list it shows, as .xlsx or .csv.")),
    "word": (N_("This is a text document."), N_("Copy its table into a spreadsheet and save that as .xlsx.")),
    "slides": (
        N_("This is a presentation."),
        N_("Copy its table into a spreadsheet and save that as .xlsx."),
    ),
    "mail": (N_("This is an e-mail message."), N_("Save its attachment and give that.")),
    "access": (
        N_("This is a Microsoft Access database."),
        N_("In Access, export each table as .xlsx and give those."),
    ),
    "archive": (N_("This is a packed file of a kind that cannot be opened here."), _UNPACK),
    "zip": (N_("This archive lies in another one that lies in a third."), _UNPACK),
    "program": (N_("This is a program, not a list."), N_("Leave it out.")),
    "data": (N_("This is a data file for programs."), _EXPORT),
    "xml": (
        N_("This is an XML document, but no workbook."),
        N_("Open it in Excel or WPS and save it as .xlsx."),
    ),
    "other": (
        N_("No table was found: a row of column headers with rows beneath it."),
        N_("Give a spreadsheet or a text file with one table, its headers in one row."),
    ),
}


def _is_locked(path: Path) -> bool:
    from desktop.importers.passwords import is_locked_book

    return is_locked_book(path)


def _unlocked(path: Path, name: str, kind: str, opening: Opening) -> tuple[Path, str]:
    from desktop.importers.passwords import encrypted, unlock_book, unlock_ods
    from desktop.importers.preflight import damaged
    from desktop.importers.sniff import sniff

    passwords = opening.options.passwords_for(name)
    plain = opening.new_folder() / "plain.bin"
    if kind == "locked":
        try:
            unlock_ods(path, plain, passwords)
        except (ValueError, KeyError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise damaged() from error
    else:
        unlock_book(path, plain, passwords)
    inner = sniff(plain)
    if inner in ("encrypted", "locked", "zip"):
        raise encrypted()
    return plain, inner


def _archive(path: Path, name: str, opening: Opening, depth: int) -> Iterator[Sheet | Unread]:
    from desktop.importers.archive import unpack
    from desktop.importers.preflight import damaged

    if depth >= _MAX_DEPTH:
        raise unreadable_kind("zip")
    passwords = opening.options.passwords_for(name)
    found = 0
    for member in unpack(path, opening.new_folder(), passwords, opening.progress):
        found += 1
        if isinstance(member, tuple):
            yield Unread(f"{name}/{member[0]}", member[1])
            continue
        inner = f"{name}/{member.name}"
        try:
            yield from _with_fingerprint(member.path, read_grids(member.path, inner, opening, depth + 1))
        except InvalidInput as error:
            yield Unread(inner, error)
        except MemoryError:
            raise
        except Exception as error:
            # As for a file by itself: a fault of a reader costs this file and not the whole archive.
            print(f"{inner}: {type(error).__name__}: {error}", file=sys.stderr)
            yield Unread(inner, damaged())
        finally:
            member.path.unlink(missing_ok=True)
    if not found:
        raise empty()


def _with_fingerprint(path: Path, grids: Iterator[Sheet | Unread]) -> Iterator[Sheet | Unread]:
    mark = ""
    for grid in grids:
        if isinstance(grid, Unread) or grid.fingerprint:
            yield grid
            continue
        if not mark:
            mark = file_fingerprint(path)
        yield replace(grid, fingerprint=mark)


def _text(path: Path, name: str, _kind: str, opening: Opening) -> Iterator[Sheet]:
    from desktop.importers.text import read_text

    options = opening.options
    grid, encoding = read_text(
        path, options.encodings.get(name), options.separators.get(name), opening.progress
    )
    yield Sheet(name, None, grid, encoding=encoding)


def _workbook(path: Path, name: str, kind: str, opening: Opening) -> Iterator[Sheet]:
    from desktop.importers.preflight import damaged, preflight, preflight_old
    from desktop.importers.sheets import read_workbook

    found = preflight_old(path) if kind == "xls" else preflight(path, opening.progress)
    sheets = 0
    try:
        for one in read_workbook(path, kind, found, opening.begun):
            sheets += 1
            yield Sheet(name, one.name, one.grid, one.hidden, warnings=tuple(found.warnings))
    except InvalidInput as error:
        if kind != "xls" or sheets or error.code != damaged().code:
            raise
        # What the fast library gives up on is often a file that Excel opens all the same.
        yield from _oldest(path, name, kind, opening)


def _oldest(path: Path, name: str, kind: str, opening: Opening) -> Iterator[Sheet]:
    from desktop.importers.oldest import read_oldest
    from desktop.importers.preflight import damaged, old_stream

    stream = path.read_bytes() if kind == "oldest" else old_stream(path) or b""
    try:
        for title, hidden, grid in read_oldest(stream, opening.progress):
            yield Sheet(name, title, grid, hidden)
    except ValueError as error:
        raise damaged() from error


def _page(path: Path, name: str, _kind: str, opening: Opening) -> Iterator[Sheet]:
    from desktop.importers.webpage import read_page

    tables, encoding = read_page(path, opening.progress)
    for table in tables:
        yield Sheet(name, table.name, table.grid, encoding=encoding)
    if not tables:
        raise InvalidInput(
            "not_a_table",
            N_("This is a web page without a table."),
            remedy=N_("Open it in Excel or WPS and save it as .xlsx."),
        )


def _xml_workbook(path: Path, name: str, _kind: str, opening: Opening) -> Iterator[Sheet]:
    from desktop.importers.preflight import damaged
    from desktop.importers.spreadsheetml import read_xml_workbook

    try:
        sheets, encoding = read_xml_workbook(path, opening.progress)
    except ValueError as error:
        raise damaged() from error
    for title, hidden, grid in sheets:
        yield Sheet(name, title, grid, hidden, encoding)


def _dbase(path: Path, name: str, _kind: str, opening: Opening) -> Iterator[Sheet]:
    from desktop.importers.dbase import read_dbase

    yield from _plain(path, name, opening, read_dbase)


def _cards(path: Path, name: str, _kind: str, opening: Opening) -> Iterator[Sheet]:
    from desktop.importers.vcard import read_cards

    yield from _plain(path, name, opening, read_cards)


def _sqlite(path: Path, name: str, _kind: str, opening: Opening) -> Iterator[Sheet | Unread]:
    from desktop.importers.databases import read_sqlite

    yield from read_sqlite(path, name, opening.progress)


def _plain(
    path: Path, name: str, opening: Opening, read: Callable[[Path, Progress], tuple[Grid, str]]
) -> Iterator[Sheet]:
    from desktop.importers.preflight import damaged

    try:
        grid, encoding = read(path, opening.progress)
    except ValueError as error:
        raise damaged() from error
    yield Sheet(name, None, grid, encoding=encoding, has_header=True)


_READERS: dict[str, Callable[[Path, str, str, Opening], Iterator[Sheet | Unread]]] = {
    "text": _text,
    "xlsx": _workbook,
    "xlsb": _workbook,
    "ods": _workbook,
    "xls": _workbook,
    "oldest": _oldest,
    "html": _page,
    "xml_workbook": _xml_workbook,
    "dbf": _dbase,
    "vcf": _cards,
    "sqlite": _sqlite,
}
