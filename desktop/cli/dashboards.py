"""The command about dashboards: list, show, make, remove (RPT-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import current, emit
from desktop.cli.metrics import pivot_json, pivot_text
from desktop.cli.texttable import text_table
from desktop.errors import InvalidInput, UserError
from desktop.i18n import N_
from desktop.periods import Period

if TYPE_CHECKING:
    from desktop.queries.dashboards import Tile
    from desktop.queries.metrics.pivot import Pivot
    from desktop.queries.saved_views import ViewRow
    from desktop.store.workspace import Work

VIEW = "view:"


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("dashboards", help=N_("List dashboards, show the figures of one, make or remove one."))(
        dashboards
    )


def dashboards(
    number: Annotated[
        int | None, typer.Argument(metavar="ID", help=N_("Show the figures of this dashboard."))
    ] = None,
    period: Annotated[
        str | None, typer.Option(help=N_("A month such as 2026-03; default: this month."))
    ] = None,
    scope: Annotated[str | None, typer.Option(metavar="UNIT", help=N_("A unit of the organisation."))] = None,
    new: Annotated[
        str | None, typer.Option(metavar="NAME", help=N_("Make a dashboard of the given tiles."))
    ] = None,
    tile: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC|view:ID", help=N_("A figure or a saved view; may be given several times.")
        ),
    ] = None,
    share: Annotated[bool, typer.Option("--share", help=N_("Let everybody see the dashboard."))] = False,
    remove: Annotated[
        int | None, typer.Option(metavar="ID", help=N_("Remove this dashboard; only its owner may."))
    ] = None,
) -> None:
    """List, show, make or remove."""
    from desktop.operations.saved_views import remove_view
    from desktop.queries.saved_views import DASHBOARD, view_list, view_named

    cli = current()
    if sum(given is not None for given in (number, new, remove)) > 1:
        raise InvalidInput("dashboard_one_thing", N_("Show, make or remove a dashboard: one at a time."))
    if new is None and (tile or share):
        raise InvalidInput(
            "dashboard_unnamed", N_("Tiles belong to a new dashboard: give it a name with --new.")
        )
    if number is not None:
        _show(number, Period.parse(period) if period else None, scope)
        return
    if new is not None:
        _make(new, tile or [], shared=share)
    if remove is not None:

        def take(work: Work) -> None:
            remove_view(work, view_named(work, remove, DASHBOARD).id)

        cli.workspace().write(take)
    found = cli.workspace(create=False).read(lambda work: view_list(work, DASHBOARD))
    _list(found)


def _list(found: list[ViewRow]) -> None:
    from desktop.queries.dashboards import tiles_of

    _ = current().locale._
    lines, rows = [], []
    for item in found:
        tiles = tiles_of(item.content)
        shared = _("shared") if item.shared else "—"
        lines.append([str(item.id), item.name, item.owner, shared, str(len(tiles))])
        rows.append(
            {
                "dashboard": item.id,
                "name": item.name,
                "owner": item.owner,
                "shared": item.shared,
                "tiles": [each.stored() for each in tiles],
            }
        )
    heads = [_("Number"), _("Name"), _("Owner"), _("Shared"), _("Tiles")]
    emit(rows, text_table(heads, lines, {4}))


def _make(name: str, given: list[str], *, shared: bool) -> None:
    from desktop.operations.saved_views import save_view
    from desktop.queries.dashboards import figure_tile, stored_tiles
    from desktop.queries.saved_views import DASHBOARD

    def make(work: Work) -> None:
        tiles = [
            _of_view(work, text) if text.startswith(VIEW) else figure_tile(text.strip()) for text in given
        ]
        save_view(work, name, stored_tiles(tiles), shared=shared, kind=DASHBOARD)

    current().workspace().write(make)


def _of_view(work: Work, text: str) -> Tile:
    from desktop.queries.dashboards import view_tile
    from desktop.queries.saved_views import PIVOT, view_named

    number = text.removeprefix(VIEW)
    if not number.isdigit():
        raise InvalidInput(
            "view_number",
            N_("“{text}” names no view."),
            remedy=N_("Write the number of a view, such as view:3; see: plumbline views"),
            text=text,
        )
    return view_tile(view_named(work, int(number), PIVOT))


def _show(number: int, period: Period | None, scope: str | None) -> None:
    from desktop.queries.dashboards import tile_figures, tiles_of
    from desktop.queries.saved_views import DASHBOARD, view_named
    from desktop.queries.scope import unit_named

    cli = current()

    def ask(work: Work) -> list[tuple[Tile, Pivot | UserError]]:
        tiles = tiles_of(view_named(work, number, DASHBOARD).content)
        unit = unit_named(work, scope) if scope else None
        figures = tile_figures(work, tiles, period or Period.month_of(work.today), unit)
        return list(zip(tiles, figures, strict=True))

    locale = cli.locale
    rows: list[dict[str, Any]] = []
    texts: list[str] = []
    for each, found in cli.workspace(create=False).read(ask, cli.control()):
        if isinstance(found, UserError):
            rows.append({"name": each.name, "error": found.code})
            texts.append(f"{each.name or each.question.metrics[0]}\n{found.text(locale)}")
        else:
            name = each.name or found.figures.definitions[0].label(locale)
            rows.append({"name": each.name, **pivot_json(found)})
            texts.append(f"{name}\n{pivot_text(found, locale)}")
    emit(rows, "\n\n".join(texts))
