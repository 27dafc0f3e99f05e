"""Which database this is, who works on it, and how to open another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.queries.settings import Login, database_facts, logins
from desktop.settings import default_database
from desktop.terms import Role
from desktop.views.buttons import button
from desktop.views.labels import SectionLine, label
from desktop.views.settings.section import Section, form_row
from desktop.views.strips import Advice

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

WIDTH = 760
ROLES = {role.value: role.label for role in Role}


class DatabaseSection(Section):
    """Connection and person."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        _, connection = self._, self.ctx.connection
        self.setMaximumWidth(WIDTH)
        place = " · ".join(part for part in (connection.kind, connection.database) if part)
        self.column.addWidget(SectionLine(_("Database"), place))
        if not connection.is_team:
            self.column.addWidget(
                Advice(
                    "amber",
                    _("One trusted PC: nobody's identity is proved here"),
                    _(
                        "An embedded SQLite file trusts whoever sits at this PC. Approvals still need a second "
                        "person. For a team, connect to PostgreSQL: there the login role is the person."
                    ),
                )
            )
        self.person = QComboBox()
        self.person.setMinimumWidth(260)
        self.person.setAccessibleName(_("Person"))
        self.person.activated.connect(self._switch_person)
        if connection.is_team:
            who = label(f"{connection.person} · {_(connection.role)}", "strong")
            self.column.addWidget(form_row(_("Person"), _("Your login role at the server."), who))
        else:
            words = _("Who acts on this PC from now on; every change is recorded under this name.")
            self.column.addWidget(form_row(_("Person"), words, self.person))
        self.column.addWidget(self._other())
        self.facts = label("", "caption", wrap=True)
        self.facts.setContentsMargins(0, 12, 0, 0)
        self.column.addWidget(self.facts)
        self.column.addStretch(1)
        self._logins: list[Login] = []

    def _other(self) -> QWidget:
        _ = self._
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(_("Open another database"), "strong"))
        column.addWidget(
            label(_("A file on this PC, or postgresql://server/database for the team."), "caption")
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        self.place = QComboBox()
        self.place.setEditable(True)
        self.place.addItems(self.ctx.settings.databases)
        self.place.setEditText(self.ctx.settings.last_database)
        self.place.setAccessibleName(_("Database"))
        row.addWidget(self.place, 1)
        row.addWidget(button(_("Choose a file…"), self._browse))
        row.addWidget(
            button(
                _("Open database"),
                lambda: self._switch(self.place.currentText().strip(), None),
                look="tinted",
            )
        )
        column.addLayout(row)
        return box

    def reload(self) -> None:
        def query(work: Work) -> tuple[list[Login], dict[str, str]]:
            return logins(work), database_facts(work)

        self.page.read(query, self._show, key="database")

    def _show(self, found: tuple[list[Login], dict[str, str]]) -> None:
        self._logins, facts = found
        self.person.clear()
        for login in self._logins:
            role = self._(ROLES.get(login.role, login.role))
            self.person.addItem(f"{login.name} · {role}", login.login)
        at = self.person.findData(self.ctx.connection.login)
        self.person.setCurrentIndex(at)
        words = self._("Business time zone {zone}.").format(zone=facts.get("zone", self.ctx.locale.zone))
        if self.ctx.connection.is_demo:
            words += " " + self._(
                "This is a demo database: its clock stands still, and all names are made up."
            )
        self.facts.setText(words)

    def _switch_person(self, number: int) -> None:
        login = self.person.itemData(number)
        if login and login != self.ctx.connection.login:
            self._switch(self.ctx.settings.last_database or str(default_database()), login)

    def _browse(self) -> None:
        title = self._("Choose a database")
        path, _kind = QFileDialog.getOpenFileName(self, title, "", "*.db *.sqlite *.sqlite3")
        if path:
            self.place.setEditText(path)

    def _switch(self, where: str, login: str | None) -> None:
        if not where:
            return
        self.person.setCurrentIndex(self.person.findData(self.ctx.connection.login))  # until it is open
        self.ctx.switch_database(where, login)
