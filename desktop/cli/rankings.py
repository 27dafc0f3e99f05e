"""The command `ranking-name`: whether rankings name the person who asks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from desktop.cli.context import current, emit
from desktop.i18n import N_


class Choice(StrEnum):
    """What peers read of a person."""

    SHOW = "show"
    HIDE = "hide"


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("ranking-name", help=N_("Say, or choose, whether rankings show your name to your peers."))(
        ranking_name
    )


def ranking_name(
    choice: Annotated[Choice | None, typer.Argument(help=N_("show or hide; nothing: as it is."))] = None,
) -> None:
    """Say or choose whether rankings show one's own name."""
    from desktop.operations.rankings import name_in_rankings
    from desktop.queries.metrics.colleagues import is_named

    cli = current()
    _ = cli.locale._
    workspace = cli.workspace()
    if choice is not None:
        workspace.write(lambda work: name_in_rankings(work, named=choice is Choice.SHOW), cli.control())
    named = workspace.read(is_named, cli.control())
    words = (
        _("Rankings show your name.") if named else _("Rankings call you “Colleague N” before your peers.")
    )
    emit({"named": named}, words)
