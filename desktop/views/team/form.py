"""The form of a team database: connect to one, or set one up (PLT-02, PLT-03).

It is shown in Settings, and in a dialog of its own while no database is open yet. Whoever shows it hands in
what runs its work off the window's thread, and what happens with the address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.errors import InvalidInput, UserError
from desktop.i18n import N_, Locale
from desktop.operations.connections import Found, TeamAddress, address_of, look_at, set_up
from desktop.operations.password_policy import LEAST_LENGTH, REQUIREMENT
from desktop.views.buttons import Segments, button
from desktop.views.labels import label
from desktop.views.page import clear_layout
from desktop.views.strips import Advice
from desktop.views.tasks import Tasks

FIELD_WIDTH = 380

STATES = {
    "ready": ("green", N_("Connected")),
    "empty": ("amber", N_("The server answers; this database has not been set up yet")),
    "older": ("amber", N_("The server answers; the database is older than this console")),
    "newer": ("red", N_("The server answers; the database is newer than this console")),
}
NEXT = {
    "empty": N_("Its administrator sets it up on the other tab, once for the whole firm."),
    "older": N_("Its administrator upgrades it: on the other tab, or with plumbline init."),
    "newer": N_("Please upgrade this console. The database was not touched."),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """An address to open, its password included, and whether that may go into the system's vault."""

    where: str
    remember: bool


class TeamForm(QWidget):
    """See the module; `connect` is called with what was chosen."""

    def __init__(
        self, locale: Locale, tasks: Tasks, connect: Callable[[Chosen], None], where: str = ""
    ) -> None:
        super().__init__()
        self._locale, self._tasks, self._connect = locale, tasks, connect
        _ = locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        choices = [("connect", _("Connect to a team database")), ("set_up", _("Set one up"))]
        self.kind = Segments(choices, "connect")
        self.kind.chosen.connect(self.show_kind)
        row = QHBoxLayout()
        row.addWidget(self.kind)
        row.addStretch(1)
        column.addLayout(row)
        self.explanation = label("", "caption", wrap=True)
        column.addWidget(self.explanation)
        self.found = QVBoxLayout()
        column.addLayout(self.found)
        self.form = QFormLayout()
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(8)
        column.addLayout(self.form)
        self._fields(address_of(where))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.test = button(_("Test the connection"), self.test_connection)
        self.go = button(_("Connect"), self.act, look="primary")
        row.addWidget(self.go)
        row.addWidget(self.test)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self.show_kind("connect")

    def _fields(self, known: TeamAddress | None) -> None:
        _ = self._locale._
        known = known or TeamAddress("", "", "")
        self.server = self._line(_("Server"), known.server, "db.firm.example")
        self.database = self._line(_("Database"), known.database, "plumbline")
        self.login = self._line(_("Login"), known.login, "wang.wei")
        self.password = self._line(_("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.certificate = QLineEdit(known.certificate)
        self.certificate.setPlaceholderText(_("the firm's root.crt; empty: what this machine trusts"))
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.certificate, 1)
        row.addWidget(button(_("Choose a file…"), self.browse, small=True))
        self._add(_("TLS certificate"), box, self.certificate)
        self.pooled = QCheckBox(_("The address is one of PgBouncer"))
        self.pooled.setChecked(known.pooled)
        self.remember = QCheckBox(_("Keep the password in this system's vault"))
        self.remember.setChecked(True)
        for check in (self.pooled, self.remember):
            self._add("", check, check)
        self.admin = self._line(_("First administrator: login"), "", "li.na")
        self.admin_name = self._line(_("First administrator: name"))
        self.admin_password = self._line(_("First administrator: password"))
        self.again = self._line(_("Once more"))
        for secret in (self.admin_password, self.again):
            secret.setEchoMode(QLineEdit.EchoMode.Password)

    def _line(self, caption: str, text: str = "", example: str = "") -> QLineEdit:
        made = QLineEdit(text)
        made.setPlaceholderText(example)
        self._add(caption, made, made)
        return made

    def _add(self, caption: str, widget: QWidget, named: QWidget) -> None:
        if caption:
            named.setAccessibleName(caption)
        widget.setFixedWidth(FIELD_WIDTH)
        self.form.addRow(label(caption, "caption"), widget)

    def show_kind(self, kind: str) -> None:
        """Show the fields for connecting, or those for setting a database up."""
        _ = self._locale._
        setting_up = kind == "set_up"
        self.kind.set_current(kind)
        for widget in (self.admin, self.admin_name, self.admin_password, self.again):
            self.form.setRowVisible(widget, setting_up)
        self.form.setRowVisible(self.remember, not setting_up)
        self.form.setRowVisible(self.pooled, not setting_up)
        words = (
            _(
                "Once for the whole firm, on an empty database of PostgreSQL 15 to 18. Sign in as the server's "
                "administrator; the first administrator of Plumbline is another login. Running it again upgrades."
            )
            + " "
            + _(REQUIREMENT).format(length=LEAST_LENGTH)
            if setting_up
            else _(
                "The connection is encrypted and the server proves who it is before the password is sent. "
                "The login is yours alone: what you see is decided by the database."
            )
        )
        self.explanation.setText(words)
        self.login.setPlaceholderText("postgres" if setting_up else "wang.wei")
        self.go.setText(_("Set up and connect") if setting_up else _("Connect"))
        self.say()

    @property
    def address(self) -> TeamAddress:
        """What was filled in."""
        return TeamAddress(
            self.server.text(),
            self.database.text(),
            self.login.text(),
            self.password.text(),
            self.certificate.text(),
            self.pooled.isChecked(),
        )

    def browse(self) -> None:
        """Choose the certificate file."""
        title = self._locale._("The firm's root certificate")
        path, _kind = QFileDialog.getOpenFileName(self, title, "", "*.crt *.pem *.cer")
        if path:
            self.certificate.setText(path)

    def say(self, *told: Advice) -> None:
        """Show what was found, in place of what was shown before."""
        clear_layout(self.found)
        for advice in told:
            self.found.addWidget(advice)

    def refuse(self, error: UserError) -> None:
        """Say what is wrong and what to do about it."""
        self._busy(False)
        self.say(Advice("red", error.text(self._locale), error.remedy_text(self._locale)))

    def test_connection(self) -> None:
        """Connect, change nothing, and say what is there."""
        self._look(self._told)

    def act(self) -> None:
        """Connect for good, or set up first."""
        if self.kind.current() == "set_up":
            self._set_up()
        else:
            self._look(self._open)

    def _look(self, then: Callable[[str, Found], None]) -> None:
        try:
            where = self.address.url()
        except InvalidInput as error:
            self.refuse(error)
            return
        self._busy(True)
        self._tasks.run(
            self,
            lambda _control: look_at(where),
            lambda found: then(where, found),
            title=self._locale._("Testing the connection"),
            failed=self.refuse,
        )

    def _told(self, _where: str, found: Found) -> None:
        self._busy(False)
        _ = self._locale._
        status, fact = STATES[found.state]
        facts = [f"PostgreSQL {found.version}"]
        if found.tls:
            facts.append(_("encrypted with {protocol}").format(protocol=found.tls))
            facts.append(_("the server proved who it is") if found.proved else _("the server proved nothing"))
        elif found.is_local:
            facts.append(_("on this machine"))
        else:
            facts.append(_("not encrypted"))
            status = "red" if status != "red" else status
        if found.role is not None:
            facts.append(f"{found.person} · {_(found.role.label)}")
        more = [_(NEXT[found.state])] if found.state in NEXT else []
        if found.problem is not None:
            status = "red"
            fact, more = found.problem.text(self._locale), [found.problem.remedy_text(self._locale)]
        self.say(Advice(status, _(fact), " · ".join(facts) + ("\n" + " ".join(more) if more else "")))

    def _open(self, where: str, found: Found) -> None:
        if found.state != "ready" or found.problem is not None:
            self._told(where, found)
            return
        self._busy(False)
        try:
            self._connect(Chosen(where, self.remember.isChecked()))
        except UserError as error:
            self.refuse(error)

    def _set_up(self) -> None:
        try:
            if self.admin_password.text() != self.again.text():
                raise InvalidInput(
                    "passwords_differ",
                    N_("The two passwords are not the same."),
                    remedy=N_("Type it again."),
                )
            migrator = self.address
            where = migrator.url()
        except InvalidInput as error:
            self.refuse(error)
            return
        login, name, password = (
            self.admin.text().strip(),
            self.admin_name.text().strip(),
            self.admin_password.text(),
        )
        self._busy(True)

        def done(_changed: bool) -> None:
            self._busy(False)
            self.login.setText(login or self.login.text())
            self.password.setText(password)
            self.show_kind("connect")
            self.act()

        self._tasks.run(
            self,
            lambda _control: set_up(where, login=login, name=name, password=password),
            done,
            title=self._locale._("Setting the team database up"),
            failed=self.refuse,
        )

    def _busy(self, busy: bool) -> None:
        self.test.setEnabled(not busy)
        self.go.setEnabled(not busy)
