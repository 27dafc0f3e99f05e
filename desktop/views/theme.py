"""Every colour, font and measure of the window: light and dark, one palette and one style sheet.

No other module names a colour. Widgets ask `color("red_t")`; text gets its looks from a dynamic
property, `QLabel[role="caption"]`, set by `role(label, "caption")`. Pages are rebuilt when the theme
changes, because icons and chart brushes bake colours in.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from desktop.resources import resource
from desktop.views.sheet import style_sheet

Mode = Literal["system", "light", "dark"]
FAMILIES = ("Segoe UI", "Microsoft YaHei UI", "Noto Sans CJK SC", "Noto Sans")

RAIL_WIDTH = 168
RAIL_COMPACT = 56
COMPACT_UNDER = 1100
"""A narrower window (a 1366-pixel screen at 150 %, say) shows the rail as icons and shorter words."""
TOP_BAR = 48
STATUS_BAR = 28
ROW = 32
TALL_ROW = 46
HEADER = 30
HEADER_FILTER = 64
INSPECTOR = 324
INSPECTOR_WIDE = 396


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme's colours, named after their use."""

    shell: str
    sheet: str
    sub: str
    hover: str
    sel: str
    line: str
    line2: str
    track: str
    t1: str
    t2: str
    t3: str
    dis: str
    accent: str
    accent_h: str
    accent_t: str
    on_accent: str
    accent_soft: str
    accent_line: str
    accent_mid: str
    fun: str
    c_base: str
    c_soft: str
    grey: str
    grey_soft: str
    kbd: str
    red: str
    red_t: str
    red_soft: str
    amber: str
    amber_t: str
    amber_soft: str
    green: str
    green_t: str
    green_soft: str

    def as_dict(self) -> dict[str, str]:
        """Return name → colour, for the style sheet."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


LIGHT = Tokens(
    shell="#F1F4F5",
    sheet="#FFFFFF",
    sub="#F8FAFA",
    hover="#F2F6F7",
    sel="#E3F0F3",
    line="#E3E8EA",
    line2="#C9D2D6",
    track="#E6EBED",
    t1="#182126",
    t2="#4F5D65",
    t3="#5D6B73",
    dis="#9AA6AC",
    accent="#0A677B",
    accent_h="#085466",
    accent_t="#09627A",
    on_accent="#FFFFFF",
    accent_soft="#E1F0F3",
    accent_line="#B9D8DE",
    accent_mid="#8DBFC9",
    fun="#A9D0D8",
    c_base="#7A8890",
    c_soft="#D5DCDF",
    grey="#9AA6AC",
    grey_soft="#EEF1F2",
    kbd="#E9EDEF",
    red="#B3261E",
    red_t="#A1221B",
    red_soft="#FCEBE9",
    amber="#DB9A00",
    amber_t="#7D5300",
    amber_soft="#FDF3DB",
    green="#2E8C5A",
    green_t="#1D6B42",
    green_soft="#E5F3EB",
)
DARK = Tokens(
    shell="#14181A",
    sheet="#1B2023",
    sub="#20262A",
    hover="#262D31",
    sel="#16363E",
    line="#2D353A",
    line2="#455056",
    track="#30393E",
    t1="#E9EEF0",
    t2="#AEB9BF",
    t3="#8F9BA2",
    dis="#66727A",
    accent="#4FB4C6",
    accent_h="#6BC4D3",
    accent_t="#67C3D3",
    on_accent="#05222A",
    accent_soft="#16363E",
    accent_line="#265761",
    accent_mid="#2F7482",
    fun="#245560",
    c_base="#98A4AB",
    c_soft="#3B454B",
    grey="#7C888F",
    grey_soft="#2A3136",
    kbd="#2B3337",
    red="#F2705F",
    red_t="#FF978A",
    red_soft="#3A2321",
    amber="#F0C04F",
    amber_t="#F2CB70",
    amber_soft="#352C18",
    green="#3C9C6B",
    green_t="#6FCB9A",
    green_soft="#1A3226",
)


class _State:
    tokens: Tokens = LIGHT
    family: str = "Noto Sans CJK SC"


def tokens() -> Tokens:
    """Return the tokens of the theme in force."""
    return _State.tokens


def is_dark() -> bool:
    """Whether the dark theme is in force."""
    return _State.tokens is DARK


def hex_of(name: str) -> str:
    """Return a token's colour as #RRGGBB, for rich text."""
    value: str = getattr(_State.tokens, name)
    return value


def color(name: str, alpha: int = 255) -> QColor:
    """Return a token's colour; `alpha` 0 to 255."""
    found = QColor(hex_of(name))
    found.setAlpha(alpha)
    return found


def font(px: int = 13, *, bold: bool = False) -> QFont:
    """Return the one family at a size in pixels, with tabular figures."""
    made = QFont(_State.family)
    made.setFamilies([_State.family, *[name for name in FAMILIES if name != _State.family]])
    made.setPixelSize(px)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    if QGuiApplication.platformName() == "offscreen":
        made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def role(widget: QWidget, name: str) -> None:
    """Give a widget the looks of a role of the style sheet, now."""
    if widget.property("role") == name:
        return
    widget.setProperty("role", name)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def system_is_dark() -> bool:
    """Whether the operating system asks for dark windows."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def apply(app: QApplication, mode: Mode = "system") -> Tokens:
    """Put a theme in force for the whole application and return its tokens."""
    dark = mode == "dark" or (mode == "system" and system_is_dark())
    _State.tokens = DARK if dark else LIGHT
    known = set(QFontDatabase.families())
    _State.family = next((name for name in FAMILIES if name in known), app.font().family())
    if app.style().objectName() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette(_State.tokens))
    app.setFont(font())
    caret = resource("icons", "caret_dark.svg" if dark else "caret_light.svg").as_posix()
    check = resource("icons", "check_dark.svg" if dark else "check_light.svg").as_posix()
    app.setStyleSheet(style_sheet({**_State.tokens.as_dict(), "caret": caret, "check": check}))
    return _State.tokens


def _palette(t: Tokens) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: t.sheet,
        QPalette.ColorRole.WindowText: t.t1,
        QPalette.ColorRole.Base: t.sheet,
        QPalette.ColorRole.AlternateBase: t.sub,
        QPalette.ColorRole.Text: t.t1,
        QPalette.ColorRole.Button: t.sheet,
        QPalette.ColorRole.ButtonText: t.t1,
        QPalette.ColorRole.BrightText: t.red_t,
        QPalette.ColorRole.Highlight: t.accent,
        QPalette.ColorRole.HighlightedText: t.on_accent,
        QPalette.ColorRole.ToolTipBase: t.sheet,
        QPalette.ColorRole.ToolTipText: t.t1,
        QPalette.ColorRole.PlaceholderText: t.t3,
        QPalette.ColorRole.Link: t.accent_t,
        QPalette.ColorRole.LinkVisited: t.accent_t,
        QPalette.ColorRole.Light: t.line,
        QPalette.ColorRole.Midlight: t.line,
        QPalette.ColorRole.Mid: t.line2,
        QPalette.ColorRole.Dark: t.line2,
        QPalette.ColorRole.Shadow: t.line2,
        QPalette.ColorRole.Accent: t.accent,
    }
    for name, value in roles.items():
        palette.setColor(name, QColor(value))
    for name in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(t.dis))
    return palette
