"""The command that needs a window but shows none: every page as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop.cli.context import current, emit
from desktop.i18n import N_


def register(app: typer.Typer) -> None:
    """Add this area's command."""
    app.command("screenshots", help=N_("Write every page as PNG; without --lang in both languages."))(
        screenshots
    )


def screenshots(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=N_("Where the pictures go."))],
) -> None:
    """Write every page as PNG, light and dark."""
    cli = current()
    folder.mkdir(parents=True, exist_ok=True)
    files = cli.gui.take_screenshots(folder, cli.where, cli.login, cli.language)
    emit({"files": files}, f"{folder}: {cli.locale.plural('{n} picture', '{n} pictures', len(files))}")
