"""Icons by the name of what they mean; the glyphs are Phosphor's, drawn by QtAwesome."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap

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
    "approvals": "ph.check-square",
    "migrate": "ph.database",
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


@lru_cache(maxsize=512)
def _icon(name: str, colour: str) -> QIcon:
    import qtawesome

    made: QIcon = qtawesome.icon(GLYPHS[name], color=colour)
    return made


def icon(name: str, token: str = "t2") -> QIcon:
    """Return an icon in a token's colour; KeyError names an unknown one where it is asked for."""
    return _icon(name, theme.hex_of(token))


def pixmap(name: str, token: str = "t2", size: int = 18) -> QPixmap:
    """Return an icon as a pixmap of `size` logical pixels."""
    return icon(name, token).pixmap(QSize(size, size))
