"""The command `screenshots`: every page as PNG, checked while it is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop.cli.context import DONE, PARTLY, current, emit
from desktop.i18n import N_


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "screenshots",
        help=N_("Every page as PNG: both languages, both themes, two sizes; exit code 4 if one is flawed."),
    )(screenshots)


def screenshots(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=N_("Where the pictures go."))],
) -> int:
    """Take the pictures and say what is blank, cut off or untranslated."""
    cli = current()
    folder.mkdir(parents=True, exist_ok=True)
    taken = cli.gui.take_screenshots(folder, cli.database, cli.login, cli.language)
    document = {"files": [path.as_posix() for path in taken.files], "problems": taken.problems}
    lines = [
        cli.locale.plural("{n} picture written.", "{n} pictures written.", len(taken.files)),
        *taken.problems,
    ]
    emit(document, "\n".join(lines))
    return PARTLY if taken.problems else DONE
