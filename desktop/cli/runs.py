"""Commands about import runs: list them, certify one, take one back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import DONE, PARTLY, current, emit
from desktop.errors import InvalidInput
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.operations.certificate import WrittenCertificate
    from desktop.operations.import_results import UndoResult
    from desktop.queries.certificate import Certificate
    from desktop.store.loading.undo import Place

_SHOWN = 40
_LONGEST_RANGE = 100_000


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("runs", help=N_("List the import runs."))(runs)
    app.command("certificate", help=N_("Write the certificate of an import run, to be signed."))(certify)
    app.command("undo", help=N_("Take an import run back."))(undo)


def runs() -> None:
    """List the import runs, newest first."""
    from desktop.queries.imports import import_runs

    cli = current()
    lines = cli.workspace().read(import_runs)
    told = [
        cli.locale._("{run}  {at}  {by}  {state}: {created} created, {updated} updated, {files}").format(
            run=line.run,
            at=cli.locale.instant(line.at),
            by=line.by,
            state=cli.locale._(line.state.label),
            created=cli.locale.integer(line.totals.get("created", 0)),
            updated=cli.locale.integer(line.totals.get("updated", 0)),
            files=", ".join(line.files),
        )
        for line in lines
    ]
    emit([line.to_json() for line in lines], "\n".join(told) or cli.locale._("Nothing was imported yet."))


def certify(
    run: Annotated[int, typer.Argument(metavar="RUN", help=N_("The number of the run."))],
    out: Annotated[Path, typer.Option(metavar="FILE.xlsx", help=N_("Where to write it."))],
) -> int:
    """Write what the files of a run held against what the database holds now, as a workbook."""
    cli = current()
    written = save_certificate(run, out)
    made = written.certificate
    emit(certificate_json(written), "\n".join(_certificate_lines(made, written.path, cli.locale)))
    return DONE if made.agrees else PARTLY


def save_certificate(run: int, path: Path) -> WrittenCertificate:
    """Write the certificate of a run in the language of this command."""
    from desktop.operations.certificate import write_certificate

    cli = current()
    return cli.workspace(create=False).write(
        lambda work: write_certificate(work, run_id=run, path=path, locale=cli.locale), cli.control()
    )


def certificate_json(written: WrittenCertificate) -> dict[str, Any]:
    """Return what a script needs to know of a certificate; money as text with two decimals."""
    from desktop.money import money_text

    made = written.certificate
    money = ("amount", "corrected", "rejected", "repeated", "undone", "found", "difference")
    rows = ("rows", "rejected_rows", "repeated_rows", "undone_rows", "found_rows", "rows_difference")
    return {
        "run": made.run,
        "agrees": made.agrees,
        "file": str(written.path),
        "files": [{"file": name, "sha256": fingerprint} for name, fingerprint in made.files],
        "totals": [
            {"entity": line.entity, "currency": line.currency}
            | {name: getattr(line, name) for name in rows}
            | {name: money_text(getattr(line, name)) for name in money}
            for line in made.totals()
        ],
        "corrected_cells": len(made.corrections),
        "cells_not_taken_over": made.cell_count,
        "differences": len(made.differing),
    }


def _certificate_lines(made: Certificate, path: Path, locale: Locale) -> list[str]:
    _ = locale._
    verdict = _("Agrees: every row and every cent is accounted for.")
    if not made.agrees:
        verdict = locale.plural(
            "Does not agree: {n} row differs.", "Does not agree: {n} rows differ.", len(made.differing)
        )
    return [str(path), verdict]


def undo(
    run: Annotated[int, typer.Argument(metavar="RUN", help=N_("The number of the run."))],
    rows: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE:SHEET:ROW,...",
            help=N_("Only what came from these rows (ROW or FROM-TO); may be repeated."),
        ),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help=N_("Only what came from this file; may be repeated.")),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Show what would be taken back, and keep everything."))
    ] = False,
) -> int:
    """Take an import run back, created and changed records alike, or what came from files and rows of it."""
    from desktop.operations.undo import undo_import
    from desktop.store.loading.undo import Place

    cli = current()
    places: list[Place] | None = None
    if rows is not None or file is not None:
        places = [place for text in rows or () for place in _places(text)]
        places += [Place(name) for name in file or ()]
    workspace = cli.workspace(create=False)
    carry_out = workspace.rehearse if dry_run else workspace.write
    result = carry_out(lambda work: undo_import(work, run, places), cli.control())
    emit(result.to_json(cli.locale), "\n".join(_undo_lines(result, cli.locale)))
    return PARTLY if result.kept or result.blocked else DONE


def _places(text: str) -> list[Place]:
    """Return the rows that FILE:SHEET:ROW,FILE:ROW-ROW,... names."""
    from desktop.store.loading.undo import Place

    found: list[Place] = []
    parts = re.findall(r"[^,].*?:\d+(?:-\d+)?(?=,|$)", text)
    for part in parts if ",".join(parts) == text else [""]:
        # A database's address holds colons itself, a sheet's name never does.
        match = re.fullmatch(r"(.+):([^:]*):(\d+)(?:-(\d+))?", part)
        match = match or re.fullmatch(r"(.+?)():(\d+)(?:-(\d+))?", part)
        first, last = (int(match[3]), int(match[4] or match[3])) if match else (1, 0)
        if match is None or not first <= last < first + _LONGEST_RANGE:
            raise InvalidInput(
                "place_invalid",
                N_("“{text}” does not name a row."),
                remedy=N_("Write FILE:SHEET:ROW, or FILE:ROW for text files."),
                text=text,
            )
        found += [Place(match[1], match[2] or None, row) for row in range(first, last + 1)]
    return found


def _undo_lines(result: UndoResult, locale: Locale) -> list[str]:
    from desktop.importers.fields import entity_label

    lines = [locale.plural("{n} record was taken back.", "{n} records were taken back.", result.reversed)]
    if result.restored:
        lines.append(
            locale.plural(
                "Of {n} more record the cells were taken back that nobody changed since.",
                "Of {n} more records the cells were taken back that nobody changed since.",
                result.restored,
            )
        )
    for title, left in ((N_("Kept:"), result.kept), (N_("Blocked:"), result.blocked)):
        lines += [locale._(title)] if left else []
        for line in left[:_SHOWN]:
            what = locale._(entity_label(line.entity))
            lines.append(f"  {what} {line.id}: {line.to_json(locale)['why']}")
    return lines
