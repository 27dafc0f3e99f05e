"""Commands that keep data from being lost: backup, restore."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import current, emit, existing_path, shown
from desktop.errors import InvalidInput
from desktop.i18n import N_

if TYPE_CHECKING:
    from desktop.operations.keeping import Restored


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("backup", help=N_("Write a consistent backup of the database, also while it is in use."))(
        backup
    )
    app.command("restore", help=N_("Put a backup in the place of the database; the old one is kept."))(
        restore
    )


def backup(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Write a backup to FILE."""
    from desktop.operations.keeping import back_up

    cli = current()
    manifest = back_up(cli.workspace(create=False), file, cli.control())
    document = {"file": str(file.absolute()), **asdict(manifest)}
    rows = sum(manifest.counts.values())
    emit(
        document,
        cli.locale._("{file}: {rows} rows of schema {schema}, {megabytes} MB.").format(
            file=file,
            rows=cli.locale.integer(rows),
            schema=manifest.schema,
            megabytes=cli.locale.integer(max(1, manifest.size // 1_000_000)),
        ),
    )


def restore(
    file: Annotated[Path | None, typer.Argument(metavar="FILE")] = None,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Do not ask before replacing a database."))] = False,
) -> None:
    """Restore FILE into the database."""
    from desktop.operations.keeping import restore as put_back

    cli = current()
    if file is None:
        raise InvalidInput(
            "no_backup_named",
            N_("Which backup?"),
            remedy=N_("Name a file: plumbline restore FILE"),
        )
    existing_path(file)
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        question = cli.locale._("Replace {database} by {file}? What is there now is kept beside it.")
        typer.confirm(question.format(database=shown(cli.where), file=file), abort=True, err=True)
    done = put_back(file, cli.where, control=cli.control())
    emit(_document(done), "\n".join(_words(done)))


def _document(done: Restored) -> dict[str, Any]:
    return {
        "database": done.database,
        "file": done.backup,
        "schema": done.schema,
        "made_at": done.made_at,
        "kept": done.kept,
    }


def _words(done: Restored) -> list[str]:
    locale = current().locale
    said = locale._("{database} holds what the backup of {made_at} holds.")
    lines = [said.format(database=done.database, made_at=done.made_at)]
    if done.kept:
        lines.append(locale._("What was there before is kept as {file}.").format(file=done.kept))
    return lines
