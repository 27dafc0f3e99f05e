"""Colours keep their contrast, icons exist, and Qt does not eat references."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLabel

from desktop.views import icons, theme

VIEWS = Path(theme.__file__).parent
TEXT = (
    *((text, ground) for text in ("t1", "t2", "t3") for ground in ("sheet", "sub", "sel", "shell")),
    ("on_accent", "accent"),
    ("accent_t", "sheet"),
    ("accent_t", "accent_soft"),
    *((f"{state}_t", f"{state}_soft") for state in ("red", "amber", "green")),
    *((f"{state}_t", "sheet") for state in ("red", "amber", "green")),
)


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_is_readable(tokens: theme.Tokens, text: str, ground: str) -> None:
    """Every pair of text and ground has a contrast of at least 4.5 to 1."""
    values = sorted((luminance(getattr(tokens, text)), luminance(getattr(tokens, ground))))
    assert (values[1] + 0.05) / (values[0] + 0.05) >= 4.5


def test_nobody_else_names_a_colour() -> None:
    """Colours stand in theme.py alone."""
    named = re.compile(r"[\"'(]#[0-9A-Fa-f]{3,8}\b|QColor\(\d")
    guilty = [
        path.relative_to(VIEWS).as_posix()
        for path in VIEWS.rglob("*.py")
        if path.name != "theme.py" and named.search(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []


@pytest.mark.parametrize("name", sorted(icons.GLYPHS))
def test_icon_exists(qapp: QApplication, name: str) -> None:
    """QtAwesome knows every glyph and paints something."""
    theme.apply(qapp, "light")
    picture = icons.pixmap(name, "t1", 24).toImage()
    painted = {picture.pixel(x, y) for x in range(24) for y in range(24)}
    assert len(painted) > 1


def test_every_icon_asked_for_is_known() -> None:
    """Names of icons in the pages are keys of the list."""
    asked = re.compile(r"icon=\"([a-z]+)\"|icons\.(?:icon|pixmap)\(\"([a-z]+)\"|add_command\(\s*\"([a-z]+)\"")
    unknown = {
        (path.name, name)
        for path in VIEWS.rglob("*.py")
        for found in asked.findall(path.read_text(encoding="utf-8"))
        for name in found
        if name and name not in icons.GLYPHS
    }
    assert unknown == set()


def test_void_calls_keep_references_to_none(qapp: QApplication) -> None:
    """Two thousand calls that return nothing lose no reference to None (PySide6 6.12 on Python 3.11 does)."""
    pixmap = QPixmap(8, 8)
    painter = QPainter(pixmap)
    label = QLabel()
    before = sys.getrefcount(None)
    for number in range(1_000):
        painter.setOpacity(1.0)
        label.setText(str(number % 2))
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < 100
