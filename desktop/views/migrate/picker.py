"""Choosing the field that a column goes to, or what the rows of a table are."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from desktop.i18n import Locale
from desktop.operations.mapping_lines import ColumnLine, entity_name, field_choices
from desktop.views.migrate.columns import field_text

_MOST_SUGGESTIONS = 4
_COMPANIONS = ("account", "contact", "opportunity", "contract")


def field_menu(
    parent: QWidget,
    locale: Locale,
    line: ColumnLine,
    entity: str,
    choose: Callable[[str | None], None],
    search: Callable[[], object],
) -> QMenu:
    """Return a menu: suggestions first, then leaving it out, all fields, the entity's and its companions'."""
    menu = QMenu(parent)
    suggestions = [name for name, _confidence in line.alternatives][:_MOST_SUGGESTIONS]
    for name in suggestions:
        confidence = dict(line.alternatives)[name]
        text = f"{field_text(name, locale)}  {locale.percent(confidence, 0)}"
        _add(menu, text, choose, name)
    if suggestions:
        menu.addSeparator()
    _add(menu, locale._("Do not import this column"), choose, None)
    menu.addAction(locale._("Find or make a field…")).triggered.connect(lambda _checked=False: search())
    menu.addSeparator()
    for one in (entity, *(name for name in _COMPANIONS if name != entity)):
        inner = menu.addMenu(entity_name(one, locale))
        for item in field_choices(one):
            _add(inner, item.label(chinese=locale.is_chinese), choose, item.field)
    return menu


def _add(menu: QMenu, text: str, choose: Callable[[str | None], None], value: str | None) -> None:
    action = menu.addAction(text.replace("&", "&&"))
    action.triggered.connect(lambda _checked=False: choose(value))
