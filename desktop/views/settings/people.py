"""People and roles: who may sign in, from where they see, and what sessions they have open (PER-01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QLineEdit

from desktop.errors import UserError
from desktop.i18n import N_
from desktop.operations.password_policy import LEAST_LENGTH, REQUIREMENT, suggested_password
from desktop.operations.people import add_person, close_person, end_sessions, move_person, set_password
from desktop.queries.people import PersonRow, people, unit_names
from desktop.terms import Role
from desktop.views.buttons import button
from desktop.views.cells import LabelCell, NumberCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.columns import Column
from desktop.views.inspector import Inspector
from desktop.views.labels import ElidedLabel, SectionLine, label
from desktop.views.settings.section import Section
from desktop.views.strips import Advice
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

TOPICS = frozenset({"person"})
SIGNS_IN = {True: ("green", N_("Can sign in")), False: ("grey", N_("No login"))}
COLUMNS = (
    Column("name", N_("Full name"), TextCell(), width=140, stretch=1.2),
    Column("login", N_("Login"), TextCell("t2"), width=110, stretch=0.6),
    Column("role", N_("Role"), LabelCell({role.value: role.label for role in Role}), width=130, stretch=0.8),
    Column("unit", N_("Organisation"), TextCell("t2"), width=140, stretch=1.0),
    Column("manager", N_("Manager"), TextCell("t2"), width=110, stretch=0.6),
    Column("active", N_("Sign-in"), ChipCell(SIGNS_IN), width=120),  # type: ignore[arg-type]
)
SESSIONS = Column(
    "sessions",
    N_("Sessions"),
    NumberCell(),
    width=84,
    tip=N_("How many sessions this login has open at the server now."),
)


class PeopleSection(Section):
    """The list, and an inspector in which an administrator adds, moves and closes."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        self.is_team = self.ctx.connection.is_team
        self.is_admin = self.ctx.connection.role == Role.ADMIN.label and not self.ctx.connection.viewing
        title = self._("People and roles")
        columns = (*COLUMNS, SESSIONS) if self.is_team else COLUMNS
        self.line = SectionLine(title)
        self.table = DataTable(page, "settings.people", columns, filters=True, title=title)
        self.table.selected.connect(self.show_person)
        if self.is_admin:
            self.line.add(
                button(self._("Add person"), self.new_person, look="tinted", icon="add", small=True)
            )
        self.line.add(self.table.columns_button())
        self.column.addWidget(self.line)
        self.column.addWidget(self.table, 1)
        self.rows: list[PersonRow] = []
        self.units: list[str] = []

    def reload(self) -> None:
        def query(work: Work) -> tuple[list[PersonRow], list[str]]:
            return people(work), unit_names(work)

        self.page.read(query, self._show, key="people")

    def _show(self, found: tuple[list[PersonRow], list[str]]) -> None:
        self.rows, self.units = found
        locale = self.ctx.locale
        active = sum(1 for row in self.rows if row.active)
        words = self._("{n} people, {active} can sign in").format(
            n=locale.integer(len(self.rows)), active=locale.integer(active)
        )
        self.line.set(explanation=words)
        self.table.set_rows(self.rows)

    # the inspector

    def show_person(self, row: PersonRow) -> None:
        """Open the inspector on a person."""
        _ = self._
        panel = Inspector(self.ctx.locale, row.name, _(row.role.label))
        panel.add_values(
            [
                (_("Login"), row.login or ""),
                (_("Sessions"), self.ctx.locale.integer(row.sessions) if row.sessions else ""),
            ]
        )
        own = row.login == self.ctx.connection.login and not self.ctx.connection.viewing
        if not self.is_admin:
            panel.add_values([(_("Organisation"), row.unit or ""), (_("Manager"), row.manager or "")])
            if own and self.is_team:
                self._password_field(panel, _("New password"))
                panel.set_actions((_("Set password"), lambda: self.set_password(row)))
            self.page.show_inspector(panel)
            return
        if not row.active:
            self._form_of_new(panel, row)
            panel.set_actions((_("Give a login"), self.add))
            self.page.show_inspector(panel)
            return
        self._place_fields(panel, row)
        if self.is_team:
            self._password_field(panel, _("New password"))
        actions = [(_("Set password"), lambda: self.set_password(row))] if self.is_team else []
        if self.is_team and not own:
            actions.append((_("View as…"), lambda: self.view_as(row)))
        if not own:
            section = panel.add_section(_("Leaving"))
            words = _(
                "Closing ends open sessions at once. What they own stays theirs until it is handed over."
            )
            section.addWidget(label(words, "caption", wrap=True))
            section.addWidget(button(_("Close the login"), lambda: self.close_login(row), look="danger"))
        panel.set_actions((_("Move"), lambda: self.move_to(row)), actions)
        self.page.show_inspector(panel)

    def new_person(self) -> None:
        """Open the inspector with an empty form."""
        panel = Inspector(self.ctx.locale, self._("New person"))
        self._form_of_new(panel, None)
        panel.set_actions((self._("Add person"), self.add))
        self.page.show_inspector(panel)
        self.name.setFocus()

    def _form_of_new(self, panel: Inspector, row: PersonRow | None) -> None:
        self.name = QLineEdit(row.name if row else "")
        self.login = QLineEdit(row.login or "" if row else "")
        self.login.setPlaceholderText("wang.wei")
        if row is None:
            self._field(panel, self._("Full name"), self.name)
        self._field(panel, self._("Login"), self.login)
        self._place_fields(panel, row)
        if self.is_team:
            self._password_field(panel, self._("First password"))
            self.password.setText(suggested_password())

    def _place_fields(self, panel: Inspector, row: PersonRow | None) -> None:
        _ = self._
        self.role, self.unit, self.manager = QComboBox(), QComboBox(), QComboBox()
        for role in Role:
            self.role.addItem(_(role.label), role.value)
        self.unit.addItem("—", "")
        for unit in self.units:
            self.unit.addItem(unit, unit)
        self.manager.addItem("—", "")
        for other in self.rows:
            if other.active and other.login and (row is None or other.id != row.id):
                self.manager.addItem(f"{other.name} · {_(other.role.label)}", other.login)
        if row:
            self.role.setCurrentIndex(self.role.findData(row.role.value))
            self.unit.setCurrentIndex(max(0, self.unit.findData(row.unit or "")))
            held = next((other.login for other in self.rows if other.name == row.manager and other.login), "")
            self.manager.setCurrentIndex(max(0, self.manager.findData(held)))
        for caption, widget in (
            (_("Role"), self.role),
            (_("Organisation"), self.unit),
            (_("Manager"), self.manager),
        ):
            self._field(panel, caption, widget)

    def _password_field(self, panel: Inspector, caption: str) -> None:
        self.password = QLineEdit()
        self._field(panel, caption, self.password)
        short = ElidedLabel(
            self._("At least {length} characters, not common").format(length=LEAST_LENGTH), "caption"
        )
        short.setToolTip(self._(REQUIREMENT).format(length=LEAST_LENGTH))
        panel.body.addWidget(short)

    def _field(self, panel: Inspector, caption: str, widget: QWidget) -> None:
        widget.setAccessibleName(caption)
        panel.body.addWidget(label(caption, "caption"))
        panel.body.addWidget(widget)

    # what is done

    def add(self) -> None:
        """Give the person of the form a login."""
        login, name = self.login.text().strip(), self.name.text().strip()
        role = Role(self.role.currentData())
        unit, manager = self.unit.currentData() or None, self.manager.currentData() or None
        password = self.password.text() if self.is_team else None

        def done(_person: int) -> None:
            self.page.close_inspector()
            words = self._("{name} signs in as {login}.").format(name=name, login=login)
            self.page.show_message("green", words)
            if password:
                self._tell_password(name, login, password)

        self.page.write(
            lambda work: add_person(
                work, login, name=name, role=role, unit=unit, manager=manager, password=password
            ),
            done,
            topics=TOPICS,
            key=("add_person", login, name, role, unit, manager),
        )

    def _tell_password(self, name: str, login: str, password: str) -> None:
        """Show a password once, to be handed over; it is kept nowhere."""
        panel = Inspector(self.ctx.locale, name, login)
        fact = self._("Hand this password over now: it is shown once and kept nowhere.")
        panel.add(Advice("amber", fact))
        panel.add_values([(self._("Login"), login), (self._("Password"), password)])
        words = self._("They change it themselves under Settings, People.")
        panel.body.addWidget(label(words, "caption", wrap=True))
        self.page.show_inspector(panel)

    def move_to(self, row: PersonRow) -> None:
        """Give the person the role, unit and manager of the form."""
        login = row.login or ""
        role = Role(self.role.currentData())
        unit, manager = str(self.unit.currentData()), str(self.manager.currentData())

        def done(_person: int) -> None:
            self.page.close_inspector()
            self.page.show_message("green", self._("The new place counts at once."), place=row.name)
            if role is not row.role:
                self._end_sessions(login)

        self.page.write(
            lambda work: move_person(work, login, role=role, unit=unit, manager=manager),
            done,
            topics=TOPICS,
            key=("move_person", login, role, unit, manager),
        )

    def close_login(self, row: PersonRow) -> None:
        """Take the login away."""
        login = row.login or ""

        def done(_person: int) -> None:
            self.page.close_inspector()
            words = self._("The login is closed and its sessions are ended.")
            hand_over = (self._("Hand over…"), lambda: self.ctx.window.navigate("handover"))
            self.page.show_message("green", words, place=row.name, actions=[hand_over])
            self._end_sessions(login)

        self.page.write(lambda work: close_person(work, login), done, topics=TOPICS)

    def _end_sessions(self, login: str) -> None:
        """Reach a console that reconnected while the change was being written."""
        if self.is_team:
            self.page.write(lambda work: end_sessions(work, login), topics=TOPICS)

    def set_password(self, row: PersonRow) -> None:
        """Give the login the password of the form, or a random one where the form is empty."""
        login = row.login or ""
        password = self.password.text() or suggested_password()

        def done(_result: None) -> None:
            self._tell_password(row.name, login, password)

        self.page.write(lambda work: set_password(work, login, password), done, topics=TOPICS)

    def view_as(self, row: PersonRow) -> None:
        """See the console as this person sees it."""
        try:
            self.ctx.view_as(row.id)
        except UserError as error:
            self.page.show_error(error)
