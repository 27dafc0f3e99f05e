"""Dashboards: tiles of figures and saved views, arranged by hand, one's own or shared (RPT-04)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from desktop.errors import UserError
from desktop.i18n import N_
from desktop.operations.saved_views import change_view, remove_view, save_view, share_view
from desktop.queries.dashboards import (
    MOST_TILES,
    STARTER,
    Tile,
    figure_tile,
    stored_tiles,
    tile_figures,
    tiles_of,
    view_tile,
)
from desktop.queries.metrics.pivot import Pivot
from desktop.queries.report_centre import Offer, builder_offer, by_kind
from desktop.queries.saved_views import DASHBOARD, ViewRow, view_list
from desktop.views.buttons import button
from desktop.views.empty import EmptyState
from desktop.views.labels import ElidedLabel, label
from desktop.views.reports.behind import KINDS, behind_inspector, read_behind
from desktop.views.reports.drawing import name_of
from desktop.views.reports.naming import ask_name
from desktop.views.reports.tile_grid import TileGrid
from desktop.views.reports.tiles import TileCard

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.reports.page import ReportsPage

CHANGED = frozenset({"saved_view"})


class DashboardPane(QWidget):
    """One dashboard at a time; every change of one's own is kept at once."""

    def __init__(self, page: ReportsPage) -> None:
        super().__init__()
        self.page = page
        self.ctx = page.ctx
        self._ = page.ctx.locale._
        self._views: list[ViewRow] = []
        self._offer: Offer | None = None
        self._view: ViewRow | None = None
        self._saving = self._again = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.bar = QWidget()
        self._fill_bar()
        column.addWidget(self.bar)
        self.grid = TileGrid(page.ctx.locale)
        self.grid.changed.connect(self._keep)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self.grid)
        column.addWidget(self.area, 1)
        self.empty = EmptyState(
            "reports",
            self._("No dashboard yet"),
            self._(
                "A dashboard shows the figures and saved views that you look at every day, as tiles that you "
                "arrange yourself. Each tile says its definition and leads to its records."
            ),
            [
                (self._("Begin with the usual figures"), lambda: self.make(self._("My dashboard"), STARTER)),
                (self._("Begin empty"), lambda: self.make(self._("My dashboard"), ())),
            ],
        )
        self.bare = EmptyState(
            "add",
            self._("A dashboard without tiles"),
            self._(
                "Add figures of the metric dictionary, or views that you saved under Analyse. Drag a tile to "
                "move it; with the keyboard: Ctrl and arrows move, + and − change the width, Delete takes off."
            ),
        )
        for state in (self.empty, self.bare):
            state.hide()
            column.addWidget(state, 1)

    def _fill_bar(self) -> None:
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.choice = QComboBox()
        self.choice.setMinimumWidth(220)
        self.choice.activated.connect(lambda _index: self._chosen())
        row.addWidget(label(self._("Dashboard"), "caption"))
        row.addWidget(self.choice)
        self.add = button(self._("Add tile"), look="tinted", icon="add", small=True)
        self.add_menu = QMenu(self.add)
        self.add.setMenu(self.add_menu)
        self.share = button(self._("Share dashboard"), self.toggle_shared, small=True)
        self.copy = button(self._("Copy as my own"), self.copy_own, small=True)
        self.remove = button(self._("Remove dashboard"), self.remove_current, look="flat", small=True)
        for made in (self.add, self.share, self.copy, self.remove):
            row.addWidget(made)
        self.hint = ElidedLabel("", "explain")
        row.addWidget(self.hint, 1)
        row.addWidget(button(self._("New dashboard"), self.ask_new, small=True))

    # reading

    def reload(self) -> None:
        """Read which dashboards there are, then what the shown one's tiles show."""

        def read(work: Work) -> tuple[list[ViewRow], Offer]:
            return view_list(work, DASHBOARD), builder_offer(work)

        self.page.read(read, self._show_list, key="dashboards")

    def _show_list(self, found: tuple[list[ViewRow], Offer]) -> None:
        if self._saving:
            return  # What is being kept is newer than what was read.
        self._views, self._offer = found
        shown = self._view.id if self._view else None
        mine_first = sorted(self._views, key=lambda view: not view.mine)
        self._view = next((view for view in self._views if view.id == shown), None) or next(
            iter(mine_first), None
        )
        self.choice.clear()
        for view in mine_first:
            words = view.name if view.mine else f"{view.name} · {view.owner}"
            self.choice.addItem(
                f"{words} · {self._('shared')}" if view.mine and view.shared else words, view.id
            )
        if self._view is not None:
            self.choice.setCurrentIndex(self.choice.findData(self._view.id))
        self._fill_menu()
        self._show_tiles()

    def _chosen(self) -> None:
        chosen = self.choice.currentData()
        self._view = next((view for view in self._views if view.id == chosen), None)
        self.page.close_inspector()
        self._show_tiles()

    def _show_tiles(self) -> None:
        view = self._view
        tiles = tiles_of(view.content) if view else ()
        mine = view is not None and view.mine
        self.bar.setVisible(view is not None)
        self.empty.setVisible(view is None)
        self.bare.setVisible(view is not None and not tiles)
        self.area.setVisible(bool(tiles))
        for made in (self.add, self.share, self.remove):
            made.setVisible(mine)
        self.copy.setVisible(view is not None and not mine)
        self.add.setEnabled(len(tiles) < MOST_TILES)
        self.share.setText(self._("Share no longer") if view and view.shared else self._("Share dashboard"))
        self.hint.setText(self._("Drag a tile to move it; a click leads to its records.") if mine else "")
        if tiles != self.grid.tiles or not self.grid.cards:
            self.grid.set_tiles(tiles, mine=mine)
            for card in self.grid.cards:
                card.drilled.connect(partial(self._drill, card))
                card.asked.connect(partial(self._menu, card))
        if tiles:
            self.ask()

    def ask(self) -> None:
        """Compute the tiles for the scope in force."""
        tiles, scope = self.grid.tiles, self.ctx.scope.value

        def show(answers: tuple[Pivot | UserError, ...]) -> None:
            if tiles == self.grid.tiles:
                for card, answer in zip(self.grid.cards, answers, strict=True):
                    card.show_answer(answer)

        self.page.read(lambda work: tile_figures(work, tiles, scope.period, scope.unit_id), show, key="tiles")

    def _drill(self, card: TileCard, number: int | None) -> None:
        """Show the records behind a tile, or behind one of its rows."""
        found = card.answer
        if not isinstance(found, Pivot):
            return
        row = found.rows[number] if number is not None and number < len(found.rows) else None
        name = card.title if row is None else f"{card.title} · {name_of(row.name, self.ctx.locale)}"
        self.page.read(
            lambda work: read_behind(work, found, row),
            lambda behind: self.page.show_inspector(behind_inspector(self.page, name, found, row, behind)),
            key="behind",
        )

    # changing

    def _fill_menu(self) -> None:
        self.add_menu.clear()
        if self._offer is None:
            return
        views = self.add_menu.addMenu(self._("Saved views"))
        views.setEnabled(bool(self._offer.views))
        for view in self._offer.views:
            views.addAction(view.name, partial(self.add_tile, view_tile(view)))
        self.add_menu.addSeparator()
        for kind, metrics in by_kind(self._offer.metrics).items():
            part = self.add_menu.addMenu(self._(KINDS.get(kind, N_("Records"))))
            for item in metrics:
                part.addAction(item.label(self.ctx.locale), partial(self.add_tile, figure_tile(item.key)))

    def _menu(self, card: TileCard, place: QPoint) -> None:
        self.menu_of(card).popup(place)

    def menu_of(self, card: TileCard) -> QMenu:
        """Return what can be done with a tile."""
        menu = QMenu(card)
        menu.addAction(self._("Show the records"), lambda: self._drill(card, None))
        menu.addAction(self._("Open in Analyse"), lambda: self.page.analyse_question(card.tile.question))
        if self._view is not None and self._view.mine:
            menu.addSeparator()
            menu.addAction(self._("Wider"), lambda: self.grid.widen(card, 1))
            menu.addAction(self._("Narrower"), lambda: self.grid.widen(card, -1))
            menu.addAction(self._("Take off"), lambda: self.grid.remove(card))
        return menu

    def add_tile(self, tile: Tile) -> None:
        """Put a tile at the end."""
        self._store((*self.grid.tiles, tile))

    def _keep(self) -> None:
        self._store(self.grid.tiles)

    def _store(self, tiles: tuple[Tile, ...]) -> None:
        """Keep these tiles; what changes while they are being kept is kept afterwards."""
        view = self._view
        if view is None or not view.mine:
            return
        if self._saving:
            self._again = True
            return
        self._saving = True

        def ended() -> None:
            self._saving = False
            if self._again:
                self._again = False
                self._keep()

        self.page.write(
            lambda work: change_view(work, view.id, view.version, stored_tiles(tiles)),
            self._kept,
            topics=CHANGED,
            ended=ended,
        )

    def _kept(self, view: ViewRow) -> None:
        self._view = view
        self._views = [view if each.id == view.id else each for each in self._views]
        if not self._again:
            self._show_tiles()

    def make(self, name: str, tiles: tuple[Tile, ...]) -> None:
        """Make a dashboard of one's own and show it."""

        def made(view: ViewRow) -> None:
            self._view = view
            self.reload()

        self.page.write(
            lambda work: save_view(work, name, stored_tiles(tiles), kind=DASHBOARD), made, topics=CHANGED
        )

    def ask_new(self) -> None:
        """Ask for a name and make an empty dashboard."""
        name = ask_name(self, self._("New dashboard"), self._("Name of the dashboard"))
        if name:
            self.make(name, ())

    def copy_own(self) -> None:
        """Keep somebody else's dashboard as one's own."""
        if self._view is not None:
            self.make(self._view.name, tiles_of(self._view.content))

    def toggle_shared(self) -> None:
        """Let everybody see the dashboard, each with the records that they may see, or oneself alone."""
        view = self._view
        if view is not None:
            self.page.write(
                lambda work: share_view(work, view.id, view.version, shared=not view.shared),
                lambda _view: self.reload(),
                topics=CHANGED,
            )

    def remove_current(self) -> None:
        """Remove the dashboard."""
        view = self._view
        if view is not None:
            self._view = None
            self.page.write(
                lambda work: remove_view(work, view.id), lambda _none: self.reload(), topics=CHANGED
            )
