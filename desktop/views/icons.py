"""Icons by the name of what they mean; the glyphs are Phosphor's, from the font that QtAwesome brings.

The font is used directly: importing QtAwesome would load all of its fonts and every name of Qt, which
takes as long as the rest of the window.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPixmap

from desktop.views import theme

GLYPHS: dict[str, str] = {
    "today": "ph.sun-horizon",
    "customers": "ph.buildings",
    "pipeline": "ph.funnel",
    "targets": "ph.target",
    "health": "ph.heartbeat",
    "handover": "ph.handshake",
    "collections": "ph.wallet",
    "reports": "ph.chart-bar",
    "quotes": "ph.receipt",
    "approvals": "ph.check-square",
    "migrate": "ph.database",
    "duplicates": "ph.copy",
    "settings": "ph.gear",
    "search": "ph.magnifying-glass",
    "clock": "ph.clock",
    "bell": "ph.bell",
    "down": "ph.caret-down",
    "up": "ph.caret-up",
    "right": "ph.caret-right",
    "left": "ph.caret-left",
    "close": "ph.x",
    "add": "ph.plus",
    "refresh": "ph.arrows-clockwise",
    "excel": "ph.table",
    "more": "ph.dots-three",
    "play": "ph.play",
    "send": "ph.paper-plane-tilt",
    "phone": "ph.phone",
    "call": "ph.phone-call",
    "people": "ph.users",
    "person": "ph.user",
    "mail": "ph.envelope",
    "note": "ph.note-pencil",
    "demo": "ph.presentation-chart",
    "chat": "ph.chat-circle-text",
    "meeting": "ph.chats-circle",
    "visit": "ph.map-pin",
    "todo": "ph.list-bullets",
    "tray": "ph.tray",
    "sign": "ph.pen-nib",
    "download": "ph.download-simple",
    "upload": "ph.upload-simple",
    "pdf": "ph.file-pdf",
    "file": "ph.file-text",
    "folder": "ph.folder-open",
    "columns": "ph.columns",
    "copy": "ph.copy",
    "picture": "ph.image",
    "undo": "ph.arrow-counter-clockwise",
    "replay": "ph.clock-counter-clockwise",
    "warning": "ph.warning",
    "check": "ph.check",
    "circle": "ph.circle",
    "checks": "ph.checks",
    "trend": "ph.chart-line-up",
    "dark": "ph.moon",
    "light": "ph.sun",
    "language": "ph.translate",
    "sliders": "ph.sliders-horizontal",
    "calendar": "ph.calendar-blank",
    "tree": "ph.tree-structure",
    "book": "ph.book-open",
    "link": "ph.link-simple",
    "money": "ph.currency-cny",
    "receipt": "ph.receipt",
    "question": "ph.question",
    "home": "ph.house",
    "save": "ph.floppy-disk",
    "delete": "ph.trash",
    "stages": "ph.flow-arrow",
    "info": "ph.info",
    "back": "ph.arrow-left",
    "forward": "ph.arrow-right",
    "flag": "ph.flag",
    "verify": "ph.shield-check",
    "merge": "ph.git-merge",
}
"""Name by meaning → glyph; a test asks QtAwesome for every one."""


SIZES = (14, 15, 16, 18, 20, 24, 36, 44, 48)


def _fonts() -> Path:
    found = find_spec("qtawesome")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("qtawesome")
    return Path(found.origin).parent / "fonts"


@cache
def codes() -> dict[str, str]:
    """Return glyph name → code point in hexadecimal, of Phosphor."""
    (path,) = _fonts().glob("phosphor-charmap*.json")
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return known


@cache
def _family() -> str:
    (path,) = _fonts().glob("phosphor*.ttf")
    number = QFontDatabase.addApplicationFont(str(path))
    return QFontDatabase.applicationFontFamilies(number)[0]


def _draw(glyph: str, colour: str, pixels: int) -> QPixmap:
    made = QPixmap(pixels, pixels)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    font = QFont(_family())
    font.setPixelSize(pixels)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    character = chr(int(codes()[glyph.removeprefix("ph.")], 16))
    painter.drawText(QRectF(0, 0, pixels, pixels), Qt.AlignmentFlag.AlignCenter, character)
    painter.end()
    return made


@lru_cache(maxsize=512)
def _icon(name: str, colour: str) -> QIcon:
    made = QIcon()
    for size in SIZES:
        made.addPixmap(_draw(GLYPHS[name], colour, size))
    return made


@lru_cache(maxsize=512)
def _pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    made = _draw(GLYPHS[name], colour, round(size * ratio))
    made.setDevicePixelRatio(ratio)
    return made


def icon(name: str, token: str = "t2") -> QIcon:
    """Return an icon in a token's colour; KeyError names an unknown one where it is asked for."""
    return _icon(name, theme.hex_of(token))


def pixmap(name: str, token: str = "t2", size: int = 18) -> QPixmap:
    """Return an icon as a pixmap of `size` logical pixels, sharp on the application's screen."""
    screen = QGuiApplication.primaryScreen()
    return _pixmap(name, theme.hex_of(token), size, screen.devicePixelRatio() if screen else 1.0)
