"""The reading child: `_read IN OUTDIR` turns the files listed in IN into Arrow tables and verdicts.

IN is a JSON object: "files", a list of {"index", "path", "file"}, and "options" (`ReadOptions.to_json`); the
passwords come as one JSON line on standard input. For each file OUTDIR gets INDEX.json (tables and refusals)
and one Arrow IPC file per table. A line "start INDEX" and "done INDEX" on standard output tells the
parent how far the child is, so that a crash costs one file only.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.limits import limit_own_memory
from desktop.importers.options import AS_FOUND, ReadOptions

if TYPE_CHECKING:
    from desktop.importers.grid import Grid


def run(job: Path, out: Path) -> int:
    """Read every file of the job; return the process's exit code."""
    limit_own_memory()
    document = json.loads(job.read_text(encoding="utf-8"))
    options = ReadOptions.from_json(document["options"], json.loads(sys.stdin.readline() or "{}"))
    for item in document["files"]:
        index = int(item["index"])
        print(f"start {index}", flush=True)
        verdict = read_file(Path(item["path"]), str(item["file"]), out, index, options)
        temporary = out / f"{index}.part"
        temporary.write_text(json.dumps(verdict, ensure_ascii=False), encoding="utf-8")
        temporary.replace(out / f"{index}.json")
        print(f"done {index}", flush=True)
    return 0


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_file(
    path: Path, name: str, out: Path, index: int, options: ReadOptions = AS_FOUND
) -> dict[str, Any]:
    """Read one file into OUTDIR and return its verdict as a JSON document."""
    verdict: dict[str, Any] = {"tables": [], "refused": []}
    try:
        before = fingerprint(path)
        for number, (sheet, table) in enumerate(_tables(path, name, out, options)):
            if isinstance(table, InvalidInput):
                verdict["refused"].append(_refusal(table, sheet))
                continue
            frame = table.pop("frame")
            table["arrow"] = f"{index}-{number}.arrow"
            frame.write_ipc(out / table["arrow"])
            verdict["tables"].append(table)
        if fingerprint(path) != before:
            raise InvalidInput(
                "changed",
                N_("The file changed while it was being read."),
                remedy=N_("Wait until the other program has finished writing it, and try again."),
            )
        verdict["fingerprint"] = before
    except InvalidInput as error:
        verdict = {"tables": [], "refused": [_refusal(error, None)]}
    except OSError as error:
        unreadable = InvalidInput(
            "unreadable",
            N_("The file cannot be opened: {reason}."),
            remedy=N_(
                "Check that it still exists, is not open in another program, and that you may read it."
            ),
            reason=error.strerror or type(error).__name__,
        )
        verdict = {"tables": [], "refused": [_refusal(unreadable, None)]}
    except MemoryError:
        raise
    except Exception as error:
        from desktop.importers.preflight import damaged

        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        verdict = {"tables": [], "refused": [_refusal(damaged(), None)]}
    return verdict


def _refusal(error: InvalidInput, sheet: str | None) -> dict[str, Any]:
    return {
        "sheet": sheet,
        "code": error.code,
        "message": error.template,
        "params": error.params,
        "remedy": error.remedy,
    }


def _tables(
    path: Path, name: str, out: Path, options: ReadOptions
) -> Iterator[tuple[str | None, dict[str, Any] | InvalidInput]]:
    from desktop.importers.preflight import Preflight, preflight
    from desktop.importers.sheets import decrypt, encrypted, is_encrypted
    from desktop.importers.sniff import sniff

    kind = sniff(path)
    if kind == "encrypted":
        plain = out / "plain.bin"
        plain.write_bytes(decrypt(path))
        path, kind = plain, sniff(plain)
    if kind in ("locked", "encrypted"):
        raise encrypted()
    if kind == "empty":
        raise empty()
    if kind == "text":
        yield from _text_tables(path, name, options)
    elif kind in ("xlsx", "xlsb", "ods"):
        yield from _sheet_tables(path, name, kind, preflight(path), options)
    elif kind == "xls":
        if is_encrypted(path):
            plain = out / "plain.bin"
            plain.write_bytes(decrypt(path))
            path = plain
        yield from _sheet_tables(path, name, kind, Preflight(), options)
    elif kind in ("html", "xml"):
        raise web_page()
    else:
        raise not_a_table()


def web_page() -> InvalidInput:
    """Return the error of a page or XML document that only calls itself a spreadsheet, as web systems export it."""
    return InvalidInput(
        "not_a_table",
        N_("This is a web page or XML document under the name of a spreadsheet."),
        remedy=N_("Open it in Excel or WPS and save it as .xlsx."),
    )


def empty() -> InvalidInput:
    """Return the error of a file without any cell."""
    return InvalidInput("empty", N_("The file is empty."), remedy=N_("Leave it out, or export it again."))


def not_a_table() -> InvalidInput:
    """Return the error of a file or sheet that holds something else than a table."""
    return InvalidInput(
        "not_a_table",
        N_("No table was found: a row of column headers with rows beneath it."),
        remedy=N_("Give a spreadsheet or a text file with one table, its headers in one row."),
    )


def _text_tables(
    path: Path, name: str, options: ReadOptions
) -> Iterator[tuple[str | None, dict[str, Any] | InvalidInput]]:
    from desktop.importers.text import read_text

    grid, encoding = read_text(path, options.encodings.get(name), options.separators.get(name))
    documents = grid_tables(grid, name, None, options, encoding=encoding)
    if not documents:
        raise not_a_table()
    for document in documents:
        yield None, document


def _sheet_tables(
    path: Path, name: str, kind: str, found: Any, options: ReadOptions
) -> Iterator[tuple[str | None, dict[str, Any] | InvalidInput]]:
    from desktop.importers.sheets import read_workbook

    refused: list[str] = []
    tables = 0
    for sheet in read_workbook(path, kind, found):
        documents = grid_tables(
            sheet.grid, name, sheet.name, options, warnings=found.warnings, hidden=sheet.hidden
        )
        if not documents and sheet.grid.trimmed().columns:
            refused.append(sheet.name)
        for document in documents:
            yield sheet.name, document
        tables += len(documents)
    for title in refused:
        yield title, not_a_table()
    if not tables and not refused:
        raise empty()


def grid_tables(
    grid: Grid,
    file: str,
    sheet: str | None,
    options: ReadOptions,
    *,
    encoding: str | None = None,
    warnings: Sequence[str] = (),
    hidden: bool = False,
) -> list[dict[str, Any]]:
    """Return the documents of all tables in a grid, each with its frame; empty if it holds none."""
    from desktop.importers.parts import find_tables

    told = [*warnings, *grid.warnings, *(["hidden_sheet"] if hidden else [])]
    return [
        {
            "sheet": sheet,
            "part": part,
            "hidden": hidden,
            "header_rows": [row + 1 for row in layout.header_rows],
            "headers": list(layout.headers),
            "first_column": layout.first_column,
            "encoding": encoding,
            "kinds": [list(kinds) for kinds in layout.kinds],
            "title": layout.title,
            "left_out": list(layout.left_out),
            "left_out_rows": [list(row) for row in layout.left_out_rows],
            "warnings": told,
            "frame": layout.frame,
        }
        for part, layout in find_tables(grid, options.layouts_for(file, sheet)).items()
    ]
