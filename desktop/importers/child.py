"""The reading child: `_read IN OUTDIR` turns the files listed in IN into Arrow tables and verdicts.

IN is a JSON object: "files", a list of {"index", "path", "file", "url"}, and "options" (`ReadOptions.to_json`); the
passwords come as one JSON line on standard input. For each file OUTDIR gets INDEX.json (tables and refusals)
and one Arrow IPC file per table. Lines "start INDEX", "at INDEX PERMILLE" and "done INDEX" on standard output
tell the parent how far the child is, so that a crash costs one file only and a long one shows its progress.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.ahead import Ahead, begin
from desktop.importers.limits import limit_own_memory
from desktop.importers.options import AS_FOUND, ReadOptions
from desktop.importers.tables import file_fingerprint

if TYPE_CHECKING:
    from desktop.importers.cut import Layout
    from desktop.importers.decoding import Progress
    from desktop.importers.formats import Opening, Sheet, Unread
    from desktop.importers.grid import Grid

_TELL_SECONDS = 0.1
"""Progress is told no more often."""


def run(job: Path, out: Path) -> int:
    """Read every file of the job; return the process's exit code."""
    limit_own_memory()
    document = json.loads(job.read_text(encoding="utf-8"))
    options = ReadOptions.from_json(document["options"], json.loads(sys.stdin.readline() or "{}"))
    for item in document["files"]:
        index = int(item["index"])
        print(f"start {index}", flush=True)
        verdict = read_file(Path(item["path"]), str(item["file"]), out, index, options, item.get("url", ""))
        temporary = out / f"{index}.part"
        temporary.write_text(json.dumps(verdict, ensure_ascii=False), encoding="utf-8")
        temporary.replace(out / f"{index}.json")
        print(f"done {index}", flush=True)
        if any(begun.is_under_way for begun in _BEGUN):
            # What was refused is still being parsed; the next child reads the other files.
            os._exit(0)
        _BEGUN.clear()
    return 0


_BEGUN: list[Ahead] = []
"""Workbooks whose parsing was begun ahead."""


class _Teller:
    """Tells the parent on standard output how far one file is."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._told = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Tell it, unless it was told just now."""
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            print(f"at {self._index} {1000 * min(done, total) // max(1, total)}", flush=True)


def read_file(
    path: Path, name: str, out: Path, index: int, options: ReadOptions = AS_FOUND, url: str = ""
) -> dict[str, Any]:
    """Read one file, or the database at `url`, into OUTDIR and return its verdict as a JSON document."""
    verdict: dict[str, Any] = {"tables": [], "refused": []}
    try:
        before = "" if url else file_fingerprint(path)
        for number, document in enumerate(_tables(path, url, name, out, options, _Teller(index))):
            if "code" in document:
                verdict["refused"].append(document)
                continue
            frame = document.pop("frame")
            document["arrow"] = f"{index}-{number}.arrow"
            # In batches and packed: the parent then never holds a large table twice.
            frame.write_ipc(out / document["arrow"], record_batch_size=50_000, compression="lz4")
            if url:
                document["fingerprint"] = file_fingerprint(out / document["arrow"])
            verdict["tables"].append(document)
        if not url and file_fingerprint(path) != before:
            raise InvalidInput(
                "changed",
                N_("The file changed while it was being read."),
                remedy=N_("Wait until the other program has finished writing it, and try again."),
            )
        verdict["fingerprint"] = before
    except InvalidInput as error:
        verdict = {"tables": [], "refused": [_refusal(error, None, name)]}
    except OSError as error:
        if error.errno in (None, errno.EINVAL):
            # A library that was led to a place beyond the file's end, not a file that cannot be opened.
            from desktop.importers.preflight import damaged

            return {"tables": [], "refused": [_refusal(damaged(), None, name)]}
        unreadable = InvalidInput(
            "unreadable",
            N_("The file cannot be opened: {reason}."),
            remedy=N_(
                "Check that it still exists, is not open in another program, and that you may read it."
            ),
            reason=error.strerror or type(error).__name__,
        )
        verdict = {"tables": [], "refused": [_refusal(unreadable, None, name)]}
    except MemoryError:
        raise
    except Exception as error:
        from desktop.importers.preflight import damaged

        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        verdict = {"tables": [], "refused": [_refusal(damaged(), None, name)]}
    return verdict


def _refusal(error: InvalidInput, sheet: str | None, file: str) -> dict[str, Any]:
    return {
        "file": file,
        "sheet": sheet,
        "code": error.code,
        "message": error.template,
        "params": error.params,
        "remedy": error.remedy,
    }


def _grids(path: Path, url: str, name: str, opening: Opening) -> Iterator[Sheet | Unread]:
    if url:
        from desktop.importers.databases import read_database

        password = next(iter(opening.options.passwords_for(name)), None)
        return read_database(url, name, password, opening.progress)
    from desktop.importers.formats import read_grids

    return read_grids(path, name, opening)


def _tables(
    path: Path, url: str, name: str, out: Path, options: ReadOptions, progress: Progress
) -> Iterator[dict[str, Any]]:
    """Yield a document for every table, with its frame, and one for everything that is no table."""
    begun = None if url else begin(path)
    if begun:
        _BEGUN.append(begun)
    from desktop.importers.formats import Opening, Unread, empty, unreadable_kind

    tables: Counter[str] = Counter()
    without: list[Sheet] = []
    folder = Path(tempfile.mkdtemp(dir=out))
    try:
        for one in _grids(path, url, name, Opening(folder, options, progress, begun)):
            if isinstance(one, Unread):
                tables[one.file] += 1
                yield _refusal(one.error, one.sheet, one.file)
                continue
            documents = sheet_tables(one, options)
            if not documents and (one.grid.trimmed().columns or one.sheet is None):
                without.append(one)
            tables[one.file] += len(documents)
            yield from documents
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for sheet in without:
        # A table beside which a page holds only bits of layout is the one that was meant.
        if sheet.encoding is None or not tables[sheet.file]:
            tables[sheet.file] += 1
            yield _refusal(unreadable_kind("other"), sheet.sheet, sheet.file)
    for file in [file for file, count in tables.items() if not count] or ([] if tables else [name]):
        yield _refusal(empty(), None, file)


def sheet_tables(sheet: Sheet, options: ReadOptions) -> list[dict[str, Any]]:
    """Return the documents of all tables of a sheet, each with its frame; empty if it holds none."""
    documents = grid_tables(
        sheet.grid,
        sheet.file,
        sheet.sheet,
        options,
        encoding=sheet.encoding,
        warnings=sheet.warnings,
        hidden=sheet.hidden,
        has_header=sheet.has_header,
    )
    for document in documents:
        document["file"] = sheet.file
        document["fingerprint"] = sheet.fingerprint
    return documents


def grid_tables(
    grid: Grid,
    file: str,
    sheet: str | None,
    options: ReadOptions,
    *,
    encoding: str | None = None,
    warnings: Sequence[str] = (),
    hidden: bool = False,
    has_header: bool = False,
) -> list[dict[str, Any]]:
    """Return the documents of all tables in a grid, each with its frame; empty if it holds none."""
    from desktop.importers.exact import exact_table
    from desktop.importers.parts import find_tables

    told = [*warnings, *grid.warnings, *(["hidden_sheet"] if hidden else [])]
    layouts = options.layouts_for(file, sheet)
    exact = exact_table(grid) if has_header and not layouts else None
    found = {0: exact} if exact else find_tables(grid, layouts, file)
    return [
        _document(layout, grid, told) | {"sheet": sheet, "part": part, "hidden": hidden, "encoding": encoding}
        for part, layout in found.items()
    ]


def _document(layout: Layout, grid: Grid, warnings: list[str]) -> dict[str, Any]:
    hidden = grid.hidden_rows and sorted(
        row for row in layout.frame["row"].to_list() if row - 1 in grid.hidden_rows
    )
    return {
        "header_rows": [row + 1 for row in layout.header_rows],
        "headers": list(layout.headers),
        "first_column": layout.first_column,
        "kinds": [list(kinds) for kinds in layout.kinds],
        "title": layout.title,
        "left_out": list(layout.left_out),
        "left_out_rows": [list(row) for row in layout.left_out_rows],
        "hidden_rows": list(hidden),
        "warnings": [*warnings, *(["hidden_rows"] if hidden else [])],
        "frame": layout.frame,
    }
