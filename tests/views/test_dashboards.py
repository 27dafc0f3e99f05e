"""Dashboards: tiles are added, moved, widened and taken off, drilled into, shared; errors stand in their tile (RPT-04)."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.errors import UserError
from desktop.operations.saved_views import save_view
from desktop.periods import Period
from desktop.queries.dashboards import STARTER, Tile, figure_tile, stored_tiles, tiles_of
from desktop.queries.metrics.pivot import BAR, Shape
from desktop.queries.report_metrics import OwnQuestion
from desktop.queries.saved_views import DASHBOARD, ViewRow, view_list
from desktop.store.workspace import Workspace
from desktop.views.main_window import MainWindow
from desktop.views.reports.dashboard import DashboardPane
from desktop.views.reports.page import ANALYSE, BOARD, ReportsPage
from desktop.views.reports.tile_grid import packed
from tests.maker import Maker
from tests.views.conftest import MakeWindow


@pytest.fixture
def page(make_window: MakeWindow, sqlite_make: Maker) -> ReportsPage:
    person = sqlite_make.person("林一")
    for number, (industry, amount) in enumerate((("化工", "100"), ("电力", "250.50"))):
        customer = sqlite_make.account(f"客户{number}", person, industry=industry)
        won = [("Signed", date(2026, 10, 3))]
        sqlite_make.deal(f"单{number}", customer, owner=person, amount=amount, path=won)
    return _page(make_window("zh_CN"))


def _page(window: MainWindow) -> ReportsPage:
    window.ctx.scope.set(period=Period.parse("2026-10"))
    window.navigate("reports", mode=BOARD)
    page = window.page
    assert isinstance(page, ReportsPage)
    return page


def _pane(page: ReportsPage) -> DashboardPane:
    assert page.board is not None
    return page.board


def _only(workspace: Workspace) -> ViewRow:
    (view,) = workspace.read(lambda work: view_list(work, DASHBOARD))
    return view


def _order(workspace: Workspace) -> list[tuple[str, int]]:
    return [(tile.question.metrics[0], tile.wide) for tile in tiles_of(_only(workspace).content)]


def test_tiles_take_the_first_place_where_they_have_room() -> None:
    assert packed([(1, 1)] * 5, 4) == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)]
    assert packed([(1, 1), (2, 2), (2, 2), (1, 1)], 4) == [(0, 0), (0, 1), (2, 0), (0, 3)]


def test_a_first_dashboard_begins_with_the_usual_figures(
    page: ReportsPage, sqlite_workspace: Workspace
) -> None:
    pane = _pane(page)
    assert pane.empty.isVisible()
    assert not pane.bar.isVisible()
    pane.make("我的", STARTER)
    assert not pane.empty.isVisible()
    assert [card.title for card in pane.grid.cards][:2] == ["赢单金额", "赢单率"]
    assert "截至 2026-10-31" in pane.grid.cards[0].accessibleName()
    assert pane.grid.cards[4].title == "在手金额 · 阶段"
    assert "期间内赢单商机" in pane.grid.cards[0].toolTip()
    assert _order(sqlite_workspace)[4] == ("funnel_open_amount", 2)


def test_tiles_are_added_moved_widened_and_taken_off_by_keys(
    page: ReportsPage, sqlite_workspace: Workspace
) -> None:
    pane = _pane(page)
    pane.make("我的", ())
    assert pane.bare.isVisible()
    for key in ("won_amount", "won_count", "win_rate"):
        pane.add_tile(figure_tile(key))
    assert not pane.bare.isVisible()
    first = pane.grid.cards[0]
    QTest.keyClick(first, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert _order(sqlite_workspace) == [("won_count", 1), ("won_amount", 1), ("win_rate", 1)]
    QTest.keyClick(first, Qt.Key.Key_Plus)
    QTest.keyClick(first, Qt.Key.Key_Plus)
    QTest.keyClick(first, Qt.Key.Key_Minus)
    assert _order(sqlite_workspace)[1] == ("won_amount", 2)
    QTest.keyClick(pane.grid.cards[0], Qt.Key.Key_Delete)
    assert _order(sqlite_workspace) == [("won_amount", 2), ("win_rate", 1)]
    assert [card.tile.question.metrics[0] for card in pane.grid.cards] == ["won_amount", "win_rate"]


def test_a_tile_is_dragged_to_another_place(page: ReportsPage, sqlite_workspace: Workspace) -> None:
    pane = _pane(page)
    pane.make("我的", tuple(map(figure_tile, ("won_amount", "won_count", "win_rate"))))
    first, last = pane.grid.cards[0], pane.grid.cards[2]
    start = QPoint(40, 60)
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(first, start + QPoint(20, 0))
    QTest.mouseMove(first, first.mapFromParent(last.geometry().center()))
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=start)
    assert [key for key, _wide in _order(sqlite_workspace)] == ["won_count", "win_rate", "won_amount"]
    assert page.inspector is None


def test_a_tile_leads_to_its_records_and_into_the_builder(page: ReportsPage) -> None:
    pane = _pane(page)
    chart = OwnQuestion(("won_amount",), Shape("industry", None, "won_amount", 8, BAR))
    pane.make("我的", STARTER[:1])
    pane.add_tile(Tile(chart, "行业", 2))
    figure, bars = pane.grid.cards
    QTest.keyClick(figure, Qt.Key.Key_Return)
    assert page.inspector is not None
    assert page.inspector.accessibleName() == "赢单金额"
    bars.drilled.emit(1)
    assert page.inspector.accessibleName() == "行业 · 化工"
    menu = pane.menu_of(bars)
    next(action for action in menu.actions() if action.text() == "在分析中打开").trigger()
    assert page.mode.current() == ANALYSE
    assert page.analyse is not None
    assert page.analyse.question().shape.rows == "industry"


def test_a_tile_that_cannot_be_computed_says_so_in_its_place(
    make_window: MakeWindow, sqlite_workspace: Workspace
) -> None:
    lost = Tile(OwnQuestion(("customers",), Shape("weather", chart=BAR)), "错", 2)
    tiles = stored_tiles([STARTER[0], lost])
    sqlite_workspace.write(lambda work: save_view(work, "板", tiles, kind=DASHBOARD))
    good, bad = _pane(_page(make_window("zh_CN"))).grid.cards
    assert "截至" in good.toolTip()
    assert isinstance(bad.answer, UserError)
    assert bad.answer.code == "dimension_unknown"


def test_a_dashboard_is_shared_and_taken_back_and_removed(
    make_window: MakeWindow, sqlite_workspace: Workspace
) -> None:
    pane = _pane(_page(make_window("zh_CN")))
    pane.make("共用", STARTER[:2])
    pane.toggle_shared()
    assert (_only(sqlite_workspace).shared, pane.share.text()) == (True, "取消共享")
    pane.toggle_shared()
    assert not _only(sqlite_workspace).shared
    pane.remove_current()
    assert pane.empty.isVisible()
