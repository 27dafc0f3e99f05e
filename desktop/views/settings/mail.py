"""Settings, Mail: the firm's mail server, this machine's password for it, and a letter to try it with (INT-03)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.errors import UserError
from desktop.i18n import N_
from desktop.operations.mail_server import (
    PORTS,
    MailServer,
    Security,
    check_server,
    keep_password,
    mail_server,
    set_mail_server,
)
from desktop.operations.mail_trial import send_test
from desktop.operations.robots import keep_robot, ring_test
from desktop.terms import Role
from desktop.views.buttons import button
from desktop.views.labels import SectionLine
from desktop.views.settings.section import Section, form_row

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.views.settings.page import SettingsPage

WIDTH = 760
INPUT = 300
WAYS = {
    Security.STARTTLS: N_("STARTTLS (usually port 587)"),
    Security.SSL: N_("SSL (usually port 465)"),
    Security.NONE: N_("None (a server within the firm)"),
}


class MailSection(Section):
    """One form; the password goes into the vault of this machine and nowhere else."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        _ = self._
        self.setMaximumWidth(WIDTH)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        form = QWidget()
        self.form = QVBoxLayout(form)
        self.form.setContentsMargins(0, 0, 12, 0)
        self.form.setSpacing(0)
        scroll.setWidget(form)
        self.may = self.ctx.connection.role == Role.ADMIN.label
        self.certificate = ""
        self.line = SectionLine(_("Mail"), _("not set yet"))
        self.column.addWidget(self.line)
        self.column.addWidget(scroll, 1)
        self.host, self.port, self.from_address, self.login = (QLineEdit() for _each in range(4))
        self.host.setPlaceholderText("smtp.firm.example")
        self.port.setPlaceholderText(str(PORTS[Security.STARTTLS]))
        self.from_address.setPlaceholderText("reports@firm.example")
        self.password, self.to = QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.to.setPlaceholderText("name@firm.example")
        self.security = QComboBox()
        for way, words in WAYS.items():
            self.security.addItem(_(words), way)
        self.security.currentIndexChanged.connect(self._port_hint)
        self.pem = button(_("Choose…"), self._browse)
        self._rows()
        self._robot_row()
        self.form.addStretch(1)
        self.save_button.setEnabled(self.may)

    def _rows(self) -> None:
        _ = self._
        vault = _("Kept in this machine's password vault; each machine that runs the clock needs it once.")
        rows: tuple[tuple[str, str, QWidget], ...] = (
            (_("Server"), _("The name as its certificate has it."), self.host),
            (_("Encryption"), _("Nothing is sent unprotected where encryption is asked for."), self.security),
            (_("Port"), "", self.port),
            (_("Sender"), _("The address that reports come from."), self.from_address),
            (_("Login"), _("Empty: the server asks for none."), self.login),
            (_("Password"), vault, self.password),
            (
                _("Certificate to trust"),
                _("Only for a server with a certificate of the firm's own."),
                self.pem,
            ),
        )
        for title, words, widget in rows:
            widget.setAccessibleName(title)
            widget.setMinimumWidth(INPUT)
            self.form.addWidget(form_row(title, words, widget))
        self.save_button = button(_("Save"), self.save, look="primary")
        self.test_button = button(_("Send a test mail"), self.test)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(8)
        row.addWidget(self.save_button)
        row.addStretch(1)
        self.to.setMinimumWidth(INPUT)
        self.to.setAccessibleName(_("Test mail to"))
        row.addWidget(self.to)
        row.addWidget(self.test_button)
        self.form.addWidget(foot)

    def _robot_row(self) -> None:
        """The webhook of a group's robot: a name for schedules, and its address for this machine's vault."""
        _ = self._
        self.robot, self.webhook = QLineEdit(), QLineEdit()
        self.webhook.setEchoMode(QLineEdit.EchoMode.Password)
        self.webhook.setPlaceholderText("https://")
        self.robot.setPlaceholderText(_("Name"))
        self.robot.setAccessibleName(_("Name of the robot"))
        self.webhook.setAccessibleName(_("Webhook"))
        fields = QWidget()
        row = QHBoxLayout(fields)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.robot.setFixedWidth(100)
        self.webhook.setMinimumWidth(200)
        self.robot_button = button(_("Try and keep"), self.keep_robot)
        for widget in (self.robot, self.webhook, self.robot_button):
            row.addWidget(widget)
        words = _("WeCom, DingTalk, Feishu; in schedules: robot:NAME.")
        self.form.addWidget(form_row(_("Group robot"), words, fields))

    def keep_robot(self) -> None:
        """Keep a robot's webhook in this machine's vault, and post a line to the group."""
        name, url, locale, now = self.robot.text(), self.webhook.text(), self.ctx.locale, self.ctx.now()

        def job(_control: Control) -> str:
            address = keep_robot(name, url)
            ring_test(name, locale, now)
            return address

        def done(address: str) -> None:
            self.webhook.clear()
            words = self._("The group got a test; name it in schedules as {address}.").format(address=address)
            self.page.show_message("green", words, place=name)

        self.ctx.tasks.run(self.page, job, done, title=self._("Group robot"))

    def reload(self) -> None:
        self.page.read(mail_server, self._show, key="mail")

    def _show(self, server: MailServer | None) -> None:
        if server is None:
            words = self._("not set yet") if self.may else self._("not set yet; an administrator sets it")
            self.line.set(explanation=words)
            return
        self.host.setText(server.host)
        self.port.setText(str(server.port))
        self.from_address.setText(server.sender)
        self.login.setText(server.login)
        self.security.setCurrentIndex(self.security.findData(server.security))
        self.certificate = server.certificate
        self.line.set(explanation=f"{server.sender} · {server.host}")

    def _port_hint(self) -> None:
        self.port.setPlaceholderText(str(PORTS[Security(self.security.currentData())]))

    def _browse(self) -> None:
        path, _kind = QFileDialog.getOpenFileName(self, self._("Choose a certificate"), "", "*.pem *.crt;;*")
        if path:
            try:
                self.certificate = Path(path).read_text(encoding="ascii", errors="replace")
            except OSError as error:
                self.page.show_message("red", str(error), place=path)
                return
            self.pem.setText(Path(path).name)

    def typed(self) -> MailServer:
        """Return the server of the form; raise UserError for what cannot be."""
        return check_server(
            self.host.text(),
            self.port.text(),
            Security(self.security.currentData()),
            self.from_address.text(),
            self.login.text(),
            self.certificate,
        )

    def save(self) -> None:
        """Let mail go out by this server, and keep the password in the vault."""
        try:
            server = self.typed()
            if self.password.text() and server.login:
                keep_password(server, self.password.text())
        except UserError as error:
            self.page.strips.show_error(error)
            return

        def done(_result: None) -> None:
            self.password.clear()
            self.page.show_message(
                "green", self._("Mail goes out by this server from now on."), place=server.host
            )
            self.reload()

        self.page.write(lambda work: set_mail_server(work, server), done, topics=frozenset({"clock"}))

    def test(self) -> None:
        """Send a letter with what the form says, without saving it."""
        try:
            server = self.typed()
        except UserError as error:
            self.page.strips.show_error(error)
            return
        to, password, locale, now = (
            self.to.text(),
            self.password.text() or None,
            self.ctx.locale,
            self.ctx.now(),
        )

        def job(_control: Control) -> str:
            return send_test(server, to or server.sender, password, locale, now)

        def done(said: str) -> None:
            words = self._("The server took the test mail: {said}").format(said=said)
            self.page.show_message("green", words, place=to or server.sender)

        self.test_button.setEnabled(False)
        self.ctx.tasks.run(
            self.page,
            job,
            done,
            title=self._("Sending a test mail"),
            ended=lambda: self.test_button.setEnabled(True),
        )
