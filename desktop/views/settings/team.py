"""The team database: connect to one, or set one up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea

from desktop.views.labels import SectionLine
from desktop.views.settings.section import Section
from desktop.views.team.form import Chosen, TeamForm

if TYPE_CHECKING:
    from desktop.views.settings.page import SettingsPage

WIDTH = 760


class TeamSection(Section):
    """The form, filled with the team database that is in use or was last used."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        self.setMaximumWidth(WIDTH)
        self.column.addWidget(SectionLine(self._("Team database")))
        known = (self.ctx.settings.last_database, *self.ctx.settings.databases)
        where = next((place for place in known if "://" in place), "")
        self.form = TeamForm(self.ctx.locale, self.ctx.tasks, self._connect, where)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self.form)
        self.column.addWidget(scroll, 1)

    def _connect(self, chosen: Chosen) -> None:
        self.ctx.switch_database(chosen.where, None, keep=chosen.remember)
