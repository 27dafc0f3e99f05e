"""Dashboards: tiles in an order, each a question to the metric layer; what they show for a scope (RPT-04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from desktop.errors import InvalidInput, UserError
from desktop.i18n import N_
from desktop.periods import Period
from desktop.queries.metrics.pivot import BAR, HEAT, TABLE, Pivot, Shape
from desktop.queries.report_metrics import OwnQuestion, own_pivot, own_question
from desktop.queries.saved_views import ViewRow
from desktop.store.workspace import Work

COLUMNS = 4
"""A dashboard is this wide; a tile takes one to all of them."""
MOST_TILES = 24


@dataclass(frozen=True, slots=True)
class Tile:
    """A question with its name and width; without a name its figure's name counts, without rows it is one figure."""

    question: OwnQuestion
    name: str = ""
    wide: int = 1

    @property
    def is_figure(self) -> bool:
        """Whether the tile is one number rather than a table of them."""
        return self.question.shape.rows is None

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"name": self.name, "wide": self.wide, "question": self.question.stored()}


def figure_tile(metric: str) -> Tile:
    """Return a tile that shows one figure."""
    return Tile(OwnQuestion((metric,), Shape(chart=TABLE)))


def view_tile(view: ViewRow) -> Tile:
    """Return a tile that shows what a saved view asks now; it stays as it is when the view is changed or removed."""
    question = own_question(view.content)
    return Tile(question, view.name, 1 if question.shape.rows is None else 2)


STARTER = (
    *map(figure_tile, ("won_amount", "win_rate", "funnel_open_amount", "overdue_receivable")),
    Tile(OwnQuestion(("funnel_open_amount",), Shape("stage", chart=BAR)), wide=2),
    Tile(OwnQuestion(("effective_contacts",), Shape("weekday", "hour", chart=HEAT)), wide=2),
    Tile(OwnQuestion(("won_amount",), Shape("industry", None, "won_amount", 8, BAR)), wide=2),
    Tile(OwnQuestion(("attainment", "won_amount"), Shape("person", None, "won_amount", 6, TABLE)), wide=2),
)
"""What a first dashboard may begin with."""


def stored_tiles(tiles: Iterable[Tile]) -> dict[str, Any]:
    """Return tiles as the content of a dashboard."""
    return {"tiles": [tile.stored() for tile in tiles]}


def tiles_of(content: Mapping[str, Any]) -> tuple[Tile, ...]:
    """Return the tiles of a dashboard in their order; raise InvalidInput for what is none."""
    stored = content.get("tiles")
    if not isinstance(stored, list) or len(stored) > MOST_TILES:
        raise InvalidInput(
            "dashboard_invalid", N_("A dashboard is a list of at most {most} tiles."), most=MOST_TILES
        )
    return tuple(
        Tile(
            own_question(item.get("question") or {}),
            str(item.get("name") or ""),
            min(max(int(item.get("wide") or 1), 1), COLUMNS),
        )
        for item in stored
    )


def tile_figures(
    work: Work, tiles: Iterable[Tile], period: Period, unit_id: int | None = None
) -> tuple[Pivot | UserError, ...]:
    """Return what each tile shows for a scope; a tile that cannot be computed says why instead."""
    found: list[Pivot | UserError] = []
    for tile in tiles:
        try:
            found.append(own_pivot(work, tile.question, period, unit_id))
        except UserError as problem:
            found.append(problem)
    return tuple(found)
