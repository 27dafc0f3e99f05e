"""The templates that a report can be made of, by what they are about (RPT-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from desktop.queries.reports import TEMPLATES

if TYPE_CHECKING:
    from desktop.views.reports.page import ReportsPage


def templates_menu(page: ReportsPage, parent: QWidget) -> QMenu:
    """Return the menu of templates; an analysis of one's own comes last."""
    _ = page.ctx.locale._
    menu = QMenu(parent)
    parts: dict[str, QMenu] = {}
    for template in TEMPLATES.values():
        if template.needs_question:
            continue
        if template.group not in parts:
            parts[template.group] = menu.addMenu(_(template.group))
            parts[template.group].setToolTipsVisible(True)
        action = parts[template.group].addAction(_(template.title))
        action.setToolTip(_(template.about))
        action.triggered.connect(lambda _checked=False, template=template: page.make(template))
    menu.addSeparator()
    menu.addAction(_("Own analysis"), lambda: page.show_mode("analyse"))
    return menu
