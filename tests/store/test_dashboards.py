"""Dashboards are questions and their order: their owner's to change, shared with everybody, computed for a scope (RPT-04)."""

from __future__ import annotations

from functools import partial

import pytest

from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord
from desktop.operations.saved_views import change_view, remove_view, save_view, share_view
from desktop.queries.dashboards import (
    MOST_TILES,
    STARTER,
    figure_tile,
    stored_tiles,
    tile_figures,
    tiles_of,
    view_tile,
)
from desktop.queries.metrics.engine import Question, one_figure
from desktop.queries.metrics.pivot import Pivot
from desktop.queries.saved_views import DASHBOARD, view_list, view_named
from desktop.store.workspace import Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker
from tests.store.metric_firm import MONTH


def test_tiles_show_what_the_metric_layer_says(standing_firm: Workspace) -> None:
    answers = standing_firm.read(lambda work: tile_figures(work, STARTER, MONTH))
    for tile, found in zip(STARTER, answers, strict=True):
        assert isinstance(found, Pivot)
        for key in tile.question.metrics:
            alone = standing_firm.read(partial(one_figure, key=key, question=Question((), MONTH)))
            assert found.value(key, None, None) == alone, key
        assert found.as_of == MONTH.ends


def test_dashboards_are_their_owners_and_shared_ones_everybodys(
    place: Place, workspace: Workspace, make: Maker
) -> None:
    make.person("甲", Role.DIRECTOR, login="jia")
    make.person("乙", login="yi")
    jia, yi = place.open("jia", workspace.clock), place.open("yi", workspace.clock)
    view = jia.write(lambda work: save_view(work, "行业", STARTER[6].question.stored()))
    tiles = stored_tiles([*STARTER[:2], view_tile(view)])
    board = jia.write(lambda work: save_view(work, "行业", tiles, kind=DASHBOARD))
    assert (board.kind, tiles_of(board.content)[2].name) == (DASHBOARD, "行业")
    assert [each.id for each in jia.read(view_list)] == [view.id]
    assert yi.read(lambda work: view_list(work, DASHBOARD)) == []
    shared = jia.write(lambda work: share_view(work, board.id, board.version, shared=True))
    jia.write(lambda work: remove_view(work, view.id))
    (seen,) = yi.read(lambda work: view_list(work, DASHBOARD))
    assert (seen.mine, seen.owner, len(tiles_of(seen.content))) == (False, "甲", 3)
    with pytest.raises(NotAllowed):
        yi.write(lambda work: change_view(work, board.id, shared.version, tiles))
    fewer = jia.write(
        lambda work: change_view(work, board.id, shared.version, stored_tiles([figure_tile("won_count")]))
    )
    assert (len(tiles_of(fewer.content)), fewer.shared) == (1, True)
    with pytest.raises(StaleRecord):
        jia.write(lambda work: change_view(work, board.id, shared.version, tiles))


def test_a_dashboard_that_is_none_is_called_one(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no dashboard 99"):
        workspace.read(lambda work: view_named(work, 99, DASHBOARD))


def test_what_is_no_dashboard_is_refused(workspace: Workspace) -> None:
    for content, error in (
        (stored_tiles([figure_tile("nothing")]), NotFound),
        (stored_tiles([figure_tile("target_original")]), InvalidInput),
        (stored_tiles([figure_tile("won_count")] * (MOST_TILES + 1)), InvalidInput),
        ({"tiles": "won_count"}, InvalidInput),
        ({"tiles": [{"question": {}}]}, InvalidInput),
    ):
        with pytest.raises(error):
            workspace.write(partial(save_view, name="板", content=content, kind=DASHBOARD))
    kept = workspace.write(lambda work: save_view(work, "板", stored_tiles(()), kind=DASHBOARD))
    assert workspace.read(lambda work: view_named(work, kept.id)).kind == DASHBOARD
