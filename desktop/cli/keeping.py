"""Commands that keep data from being lost: backup, restore."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import current, emit, existing_path, shown
from desktop.errors import InvalidInput, NotFound
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
    by = "" if "://" in cli.where else cli.workspace(create=False).actor.login
    manifest = back_up(cli.where, file, by=by, control=cli.control())
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
    newest: Annotated[
        bool, typer.Option("--newest", help=N_("The newest automatic backup that is whole."))
    ] = False,
    listing: Annotated[bool, typer.Option("--list", help=N_("Only show the automatic backups."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Do not ask before replacing a database."))] = False,
) -> None:
    """Restore FILE into the database."""
    from desktop.operations.keeping import restore as put_back

    cli = current()
    if listing:
        _say_list()
        return
    backup = _newest() if newest else file
    if backup is None:
        raise InvalidInput(
            "no_backup_named",
            N_("Which backup?"),
            remedy=N_("Name a file, or take the newest good one: plumbline restore --newest"),
        )
    existing_path(backup)
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        question = cli.locale._("Replace {database} by {file}? What is there now is kept beside it.")
        typer.confirm(question.format(database=shown(cli.where), file=backup), abort=True, err=True)
    done = put_back(backup, cli.where, control=cli.control())
    emit(_document(done), "\n".join(_words(done)))


def _newest() -> Path:
    from desktop.operations.keeping import newest_good_backup

    cli = current()
    found = newest_good_backup(cli.where, cli.control())
    if found is None:
        raise NotFound(
            "no_good_backup",
            N_("There is no good backup of {database} beside it."),
            remedy=N_("Name the file of one that lies elsewhere: plumbline restore FILE"),
            database=shown(cli.where),
        )
    return found.path


def _say_list() -> None:
    from desktop.operations.keeping import kept_backups

    cli = current()
    found = kept_backups(cli.where)
    lines = [
        f"{item.made_at.astimezone():%Y-%m-%d %H:%M}  {item.why:<15} {cli.locale.integer(item.rows):>12}  {item.path}"
        for item in found
    ]
    emit([asdict(item) for item in found], "\n".join(lines) or cli.locale._("No automatic backups yet."))


def _document(done: Restored) -> dict[str, Any]:
    return {
        "database": done.database,
        "file": done.backup,
        "schema": done.schema,
        "made_at": done.made_at,
        "kept": done.kept,
        "missing_logins": list(done.missing_logins),
    }


def _words(done: Restored) -> list[str]:
    locale = current().locale
    said = locale._("{database} holds what the backup of {made_at} holds.")
    lines = [said.format(database=done.database, made_at=done.made_at)]
    if done.kept:
        lines.append(locale._("What was there before is kept as {file}.").format(file=done.kept))
    if done.missing_logins:
        said = locale._("This server lacks the logins {logins}; give them anew with: plumbline user add")
        lines.append(said.format(logins=", ".join(done.missing_logins)))
    return lines
