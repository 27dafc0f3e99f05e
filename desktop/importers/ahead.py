"""A large worksheet parsed column by column, begun on a thread while its container is still being checked.

The library lets Python run meanwhile, so that a second core does what would come first otherwise. Only a
workbook that is harmless by what its directory says is begun ahead. Nothing here needs polars, whose import
is waited for beside it.
"""

from __future__ import annotations

import threading
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.importers.containers import HEAD_BYTES, MAX_PARTS, MAX_TOTAL_BYTES, is_forged, is_too_large

if TYPE_CHECKING:
    import fastexcel

LARGE_BYTES = 20_000_000
"""Size of a sheet's XML from which it is read column by column; about 20,000 rows of 20 columns."""

SUFFIXES = (".xlsx", ".xlsm")
_SHEETS = "xl/worksheets/"
_STRINGS = "xl/sharedstrings.xml"


def load(path: Path, sheet: str | int) -> fastexcel.ExcelSheet | None:
    """Return a sheet with every cell as text, or None if the library cannot read it."""
    import fastexcel

    try:
        return fastexcel.read_excel(str(path)).load_sheet(sheet, header_row=None, dtypes="string")
    except fastexcel.FastExcelError:
        return None


class Ahead:
    """The only worksheet of a workbook, on its way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[fastexcel.ExcelSheet] = []
        self._thread = threading.Thread(target=self._load, name="plumbline-ahead", daemon=True)
        self._thread.start()

    @property
    def is_under_way(self) -> bool:
        """Whether the library is still at work; nothing can stop it but the end of the process."""
        return self._thread.is_alive()

    def take(self, path: Path, name: str) -> fastexcel.ExcelSheet | None:
        """Wait for the sheet and hand it over; None if it is not this one or could not be read."""
        if path != self._path:
            return None
        self._thread.join()
        return next((one for one in [self._found.pop()] if one.name == name), None) if self._found else None

    def _load(self) -> None:
        try:
            sheet = load(self._path, 0)
        except BaseException:  # a panic of the library is no Exception; the ordinary way says what is wrong
            return
        if sheet is not None:
            self._found.append(sheet)


def begin(path: Path) -> Ahead | None:
    """Begin to parse a workbook with one large worksheet; None where that must wait for the check."""
    if path.suffix.lower() not in SUFFIXES:
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            return Ahead(path) if _is_harmless(archive) else None
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, ValueError, EOFError):
        return None


def _is_harmless(archive: zipfile.ZipFile) -> bool:
    parts = {part.filename.replace("\\", "/").lower(): part for part in archive.infolist()}
    sheets = [part for name, part in parts.items() if name.startswith(_SHEETS) and name.endswith(".xml")]
    if len(parts) > MAX_PARTS or len(sheets) != 1 or sheets[0].file_size < LARGE_BYTES:
        return False
    if any(is_too_large(part.file_size, part.compress_size) for part in parts.values()):
        return False
    if sum(part.file_size for part in parts.values()) > MAX_TOTAL_BYTES:
        return False
    strings = parts.get(_STRINGS)
    if strings is None:
        return True
    with archive.open(strings) as stream:
        return not is_forged(stream.read(HEAD_BYTES), strings)
