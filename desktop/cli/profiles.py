"""The command for the mappings that a team keeps: profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop.cli.context import Invocation, current, emit
from desktop.cli.texttable import text_table
from desktop.errors import InvalidInput
from desktop.i18n import N_


def register(app: typer.Typer) -> None:
    """Add this area's command."""
    app.command("profiles", help=N_("List, rename, delete, export and import remembered mappings."))(profiles)


def profiles(
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help=N_("Write all of them to a file."))
    ] = None,
    bring: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help=N_("Take over those of a file."))
    ] = None,
    delete: Annotated[
        str | None, typer.Option("--delete", metavar="NAME", help=N_("Forget one, by name or number."))
    ] = None,
    rename: Annotated[
        str | None, typer.Option("--rename", metavar="NAME", help=N_("Rename one, by name or number."))
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="NAME", help=N_("Its new name."))] = None,
) -> None:
    """Say which mappings are remembered, or change, write out and take over some."""
    from desktop.operations.migration import read_profiles
    from desktop.operations.profiles import delete_profile, import_profiles, rename_profile, save_profiles
    from desktop.queries.imports import mapping_profiles

    if sum(given is not None for given in (export, bring, delete, rename)) > 1 or (rename is None) != (
        to is None
    ):
        raise InvalidInput(
            "profiles_options",
            N_("Only one thing can be done with profiles at a time."),
            remedy=N_("Give one of --export, --import, --delete, or --rename with --to."),
        )
    cli = current()
    if bring is not None:
        found = read_profiles(bring)
        cli.workspace().write(lambda work: import_profiles(work, found))
    elif delete is not None:
        cli.workspace(create=False).write(lambda work: delete_profile(work, delete))
    elif rename is not None and to is not None:
        cli.workspace(create=False).write(lambda work: rename_profile(work, rename, to))
    elif export is not None:
        save_profiles(export, cli.workspace(create=False).read(mapping_profiles))
    _show(cli)


def _show(cli: Invocation) -> None:
    from desktop.importers.fields import entity_label
    from desktop.importers.systems import system_name
    from desktop.queries.imports import profile_lines

    lines = cli.workspace().read(profile_lines)
    locale = cli.locale
    rows = [
        [
            str(line.id),
            line.name,
            locale._(entity_label(line.entity)),
            system_name(line.source_system, chinese=locale.is_chinese),
            locale.integer(line.columns),
            locale.instant(line.used_at) if line.used_at else "",
        ]
        for line in lines
    ]
    heads = [
        locale._(head)
        for head in (N_("No."), N_("Name"), N_("Rows are"), N_("System"), N_("Columns"), N_("Last used"))
    ]
    text = text_table(heads, rows, {0, 4}) if rows else locale._("No mapping is remembered yet.")
    emit([line.to_json() for line in lines], text)
