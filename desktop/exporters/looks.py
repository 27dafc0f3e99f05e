"""How cells look: colours and number formats, by kind and language."""

from __future__ import annotations

from desktop.exporters.layouts import Kind
from desktop.i18n import Language

INK, RULE = "#182126", "#C9D2D6"
QUIET, TINT, ACCENT = "#5D6B73", "#E1F0F3", "#0A677B"
FAULT, OPEN = "#FBE3E1", "#FFF8E1"

FORMATS = {
    Kind.TEXT: "@",
    Kind.INTEGER: "#,##0",
    Kind.DECIMAL: "#,##0.0##",
    Kind.MONEY: "#,##0.00",
    Kind.PRICE: "#,##0.00####",
    Kind.PERCENT: "0.0%",
    Kind.DATE: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm",
}
LONG_DATE: dict[Language, str] = {"zh_CN": 'yyyy"年"m"月"d"日"', "en": "d mmmm yyyy"}
