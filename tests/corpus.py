"""What becomes of every file of the shared data folder: `python -m tests.corpus` writes docs/real-files.md anew.

The verdicts are also kept in tests/corpus_expected.csv, against which a test holds them: one line per table or
refusal. Nothing of the files stands there but their names and headers.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.i18n import Locale
from desktop.importers.mapping import suggest_all
from desktop.importers.reader import SourceFile, find_files, read_files
from desktop.importers.tables import ACCEPT, Refused, TableMapping

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
EXPECTED = ROOT / "tests" / "corpus_expected.csv"
PAGE = ROOT / "docs" / "real-files.md"
_HEADERS_SHOWN = 6
_LEFT_OUT = "LICENCES/"
"""Licence texts and the folder's own index are no data."""


@dataclass(frozen=True, order=True)
class Verdict:
    """One table of a file, or why it (or a sheet of it) is refused."""

    file: str
    sheet: str
    part: str
    outcome: str
    """`table`, or the code of the refusal."""
    header_rows: str = ""
    columns: str = ""
    rows: str = ""
    left_out: str = ""
    """Blank rows, totals, and other lines that are no data."""
    encoding: str = ""


def verdicts(tables: Iterable[TableMapping], refused: Iterable[Refused]) -> list[Verdict]:
    """Return what was found, file by file."""
    found = [
        Verdict(
            one.table.file,
            one.table.sheet or "",
            str(one.table.part),
            "table",
            " ".join(map(str, one.table.header_rows)) or "none",
            str(len(one.table.headers)),
            str(one.table.frame.height),
            "+".join(map(str, one.table.left_out)) if any(one.table.left_out) else "",
            one.table.encoding or "",
        )
        for one in tables
    ]
    found += [Verdict(item.file, item.sheet or "", "", item.code) for item in refused]
    return sorted(found)


def corpus_files() -> list[SourceFile]:
    """Return every file of the folder that is data."""
    return [file for file in find_files([DATA]) if not file.name.startswith(_LEFT_OUT)]


def read_corpus(files: Sequence[SourceFile]) -> tuple[list[TableMapping], list[Refused]]:
    """Read files of the folder and suggest what their tables mean."""
    result = read_files(files)
    return suggest_all(result.tables), result.refused


def to_csv(found: Iterable[Verdict]) -> str:
    """Return verdicts as the text of the expectation."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(Verdict.__dataclass_fields__)
    writer.writerows([getattr(one, name) for name in Verdict.__dataclass_fields__] for one in found)
    return stream.getvalue()


def expected() -> list[Verdict]:
    """Return the verdicts that are kept."""
    with EXPECTED.open(encoding="utf-8", newline="") as stream:
        return [Verdict(**row) for row in csv.DictReader(stream)]


def page(tables: list[TableMapping], refused: list[Refused]) -> str:
    """Return the page that tells what becomes of each file, group by group."""
    locale = Locale("en")
    lines = [
        "# Real files, and what becomes of them",
        "",
        "Written by `python -m tests.corpus` from the files of the shared data folder (public repositories; their licences",
        "lie beside them). Nothing is copied here but names and headers. *Rows* are data rows; *left out* counts blank rows,",
        "totals, and titles, notes or units among them, each of which the Migrate page lists and takes back in on a click. A",
        "table of no known *entity* waits there for a person to say what its rows are; nothing of it is imported before.",
        "",
    ]
    files = sorted({one.table.file for one in tables} | {item.file for item in refused})
    read = {one.table.file for one in tables}
    codes = Counter(item.code for item in refused)
    told = ", ".join(f"{code} {count}" for code, count in codes.most_common())
    lines += [
        f"{len(files)} files: {len(read)} with {len(tables)} tables; refused files and sheets: {told}.",
        "",
    ]
    for group in dict.fromkeys("/".join(file.split("/")[:2]) if "/" in file else "." for file in files):
        inside = [file for file in files if ("/".join(file.split("/")[:2]) if "/" in file else ".") == group]
        lines += [f"## {group}", "", "| file | table | header | rows | left out | encoding | entity |"]
        lines.append("|---|---|---|---:|---|---|---|")
        for file in inside:
            name = file.removeprefix(f"{group}/")
            lines += [_table_line(name, one) for one in tables if one.table.file == file]
            for item in refused:
                if item.file == file:
                    why = locale._(item.message).format(**item.params)
                    lines.append(
                        f"| {_plain(name)} | {_plain(item.sheet or '')} | *{item.code}*: {_plain(why)} | | | | |"
                    )
        lines.append("")
    return "\n".join(lines)


def _table_line(name: str, one: TableMapping) -> str:
    table = one.table
    place = " #".join(filter(None, [table.sheet or "", str(table.part + 1) if table.part else ""]))
    shown = ", ".join(_plain(header) or "·" for header in table.headers[:_HEADERS_SHOWN])
    if not table.header_rows:
        shown = f"none: {len(table.headers)} columns"
    elif len(table.headers) > _HEADERS_SHOWN:
        shown += f" … ({len(table.headers)})"
    row = "–".join(
        str(row) for row in dict.fromkeys((table.header_rows or (0,))[:: max(1, len(table.header_rows) - 1)])
    )
    head = f"row {row}: {shown}" if table.header_rows else shown
    left = "+".join(map(str, table.left_out)) if any(table.left_out) else ""
    entity = one.entity if one.entity and one.confidence >= ACCEPT else ""
    hidden = " (hidden)" if table.hidden else ""
    return (
        f"| {_plain(name)} | {_plain(place)}{hidden} | {head} | {table.frame.height} | {left} | "
        f"{table.encoding or ''} | {entity} |"
    )


def _plain(text: str) -> str:
    short = " ".join(text.split())
    short = short if len(short) <= 60 else short[:59] + "…"
    return short.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def main() -> None:
    """Read the folder and write the page and the expectation."""
    if not DATA.is_dir():
        sys.exit("The shared data folder is not there: ../shared/data")
    tables, refused = read_corpus(corpus_files())
    EXPECTED.write_text(to_csv(verdicts(tables, refused)), encoding="utf-8", newline="\n")
    PAGE.write_text(page(tables, refused) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(tables)} tables, {len(refused)} refusals")


if __name__ == "__main__":
    main()
