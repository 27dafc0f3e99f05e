"""The grid of a dashboard: tiles in an order flow into four columns, or two where there is little room (RPT-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.i18n import Locale
from desktop.queries.dashboards import COLUMNS, Tile
from desktop.views.reports.tiles import TileCard, placeholder

GAP, TALL = 12, 124
NARROW = 820
"""Below this width there are two columns."""


def packed(sizes: Sequence[tuple[int, int]], columns: int) -> list[tuple[int, int]]:
    """Return (row, column) for tiles of (width, height): each stands in the first place where it has room."""
    taken: set[tuple[int, int]] = set()
    places = []
    for wide, tall in sizes:
        row, column = 0, 0
        while True:
            cells = {(row + down, column + right) for down in range(tall) for right in range(wide)}
            if column + wide <= columns and not cells & taken:
                break
            row, column = (row, column + 1) if column + wide < columns else (row + 1, 0)
        taken |= cells
        places.append((row, column))
    return places


class TileGrid(QWidget):
    """Cards by their order; dragging one, or its keys, changes the order and tells."""

    changed = Signal()

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self._locale = locale
        self.cards: list[TileCard] = []
        self._held: TileCard | None = None
        self._place = placeholder(self)

    def set_tiles(self, tiles: Sequence[Tile], *, mine: bool) -> None:
        """Show cards for these tiles, empty at first."""
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = []
        for tile in tiles:
            card = TileCard(tile, self._locale, mine=mine)
            card.setParent(self)
            card.moved.connect(partial(self._step, card))
            card.widened.connect(partial(self.widen, card))
            card.removed.connect(partial(self.remove, card))
            card.dragged.connect(partial(self._drag, card))
            card.dropped.connect(self._drop)
            card.show()
            self.cards.append(card)
        self._chain()
        self.arrange()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """The tiles in their order."""
        return tuple(card.tile for card in self.cards)

    def widen(self, card: TileCard, by: int) -> None:
        """Make a tile wider or narrower."""
        wide = min(max(card.tile.wide + by, 1), COLUMNS)
        if wide != card.tile.wide:
            card.tile = replace(card.tile, wide=wide)
            self.arrange()
            self.changed.emit()

    def remove(self, card: TileCard) -> None:
        """Take a tile off."""
        at = self.cards.index(card)
        self.cards.remove(card)
        card.hide()
        card.deleteLater()
        if self.cards:
            self.cards[min(at, len(self.cards) - 1)].setFocus()
        self.arrange()
        self.changed.emit()

    def _step(self, card: TileCard, by: int) -> None:
        at = self.cards.index(card)
        to = min(max(at + by, 0), len(self.cards) - 1)
        if to != at:
            self._put(card, to)
            self.changed.emit()

    def _put(self, card: TileCard, to: int) -> None:
        self.cards.remove(card)
        self.cards.insert(to, card)
        self._chain()
        self.arrange()

    def _chain(self) -> None:
        """Let Tab walk the tiles in their order."""
        for before, after in zip(self.cards, self.cards[1:], strict=False):
            QWidget.setTabOrder(before, after)

    # dragging

    def _drag(self, card: TileCard, centre: QPoint) -> None:
        """Make room where a tile is held; the others flow round it."""
        self._held = card
        under = next((at for at, box in enumerate(self._boxes()) if box.contains(centre)), None)
        if under is not None and self.cards[under] is not card:
            self._put(card, under)
        else:
            self.arrange()

    def _drop(self) -> None:
        self._held = None
        self._place.hide()
        self.arrange()
        self.changed.emit()

    # places

    def arrange(self) -> None:
        """Put every card where it belongs; the held one stays with the mouse."""
        boxes = self._boxes()
        for card, box in zip(self.cards, boxes, strict=True):
            if card is self._held:
                self._place.setGeometry(box)
                self._place.show()
                self._place.lower()
            else:
                card.setGeometry(box)
        self.setMinimumHeight(max((box.bottom() + GAP for box in boxes), default=0))

    def _boxes(self) -> list[QRect]:
        columns = COLUMNS if self.width() >= NARROW else COLUMNS // 2
        wide = (self.width() - GAP * (columns - 1)) / columns
        sizes = [(min(card.tile.wide, columns), card.rows) for card in self.cards]
        return [
            QRect(
                round(column * (wide + GAP)),
                row * (TALL + GAP),
                round(across * wide + (across - 1) * GAP),
                tall * TALL + (tall - 1) * GAP,
            )
            for (across, tall), (row, column) in zip(sizes, packed(sizes, columns), strict=True)
        ]

    def sizeHint(self) -> QSize:
        return QSize(NARROW, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()
