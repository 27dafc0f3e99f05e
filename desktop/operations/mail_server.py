"""The firm's mail server: how it is reached stands in the database, the password in each machine's vault (INT-03)."""

from __future__ import annotations

import json
import ssl
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import select

from desktop import secrets
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models.rules import DatabaseSetting
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import Role

SETTING = "mail_server"


class Security(StrEnum):
    """How the way to the server is protected."""

    STARTTLS = "starttls"
    SSL = "ssl"
    NONE = "none"


PORTS = {Security.STARTTLS: 587, Security.SSL: 465, Security.NONE: 25}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server; `certificate` is the PEM text of a certificate to trust beside those of the system."""

    host: str
    port: int
    security: Security
    sender: str
    login: str = ""
    certificate: str = ""

    @property
    def vault_key(self) -> str:
        """The name under which a machine's vault keeps the password."""
        return f"smtp:{self.login}@{self.host}:{self.port}"

    @property
    def domain(self) -> str:
        """The sender's domain, which message ids end with."""
        return self.sender.rpartition("@")[2].lower()


def check_address(address: str) -> str:
    """Return a mail address without surrounding blanks; raise InvalidInput if nobody can be reached by it."""
    found = address.strip()
    name, at, domain = found.rpartition("@")
    plain = found.isascii() and found.isprintable() and not any(mark in found for mark in " <>,;\"'()\\")
    if not (at and name and "." in domain.strip(".") and "@" not in name and plain):
        raise InvalidInput(
            "mail_address_invalid",
            N_("“{address}” is no mail address."),
            remedy=N_("Write it like name@firm.example."),
            address=address,
        )
    return found


def check_server(
    host: str, port: str, security: Security, sender: str, login: str = "", certificate: str = ""
) -> MailServer:
    """Return a mail server from what a person typed; raise InvalidInput for what cannot be."""
    name = host.strip()
    if not name or any(mark in name for mark in " /@"):
        raise InvalidInput(
            "mail_host_invalid",
            N_("Where is the mail server?"),
            remedy=N_("Write its name, for example smtp.firm.example."),
        )
    text = port.strip() or str(PORTS[security])
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 0 < number < 65536:
        raise InvalidInput(
            "mail_port_invalid",
            N_("“{text}” is no port."),
            remedy=N_("Usually 587 (STARTTLS) or 465 (SSL)."),
            text=port,
        )
    if security is Security.NONE and login.strip() and name not in _LOOPBACK:
        raise InvalidInput(
            "mail_unprotected_login",
            N_("Without encryption the password could be read on the way."),
            remedy=N_("Choose STARTTLS or SSL, or leave the login empty."),
        )
    if certificate.strip():
        try:
            ssl.create_default_context().load_verify_locations(cadata=certificate)
        except (ssl.SSLError, ValueError) as error:
            raise InvalidInput(
                "mail_certificate_invalid",
                N_("The certificate cannot be read."),
                remedy=N_("Choose the PEM file that the server's administrator gave you."),
            ) from error
    return MailServer(name, number, security, check_address(sender), login.strip(), certificate.strip())


def mail_server(work: Work) -> MailServer | None:
    """Return the firm's mail server; None where none is set."""
    found = work.session.execute(
        select(DatabaseSetting.value).where(DatabaseSetting.key == SETTING)
    ).scalar_one_or_none()
    if not found:
        return None
    document = json.loads(found)
    return MailServer(**{**document, "security": Security(document["security"])})


def set_mail_server(work: Work, server: MailServer) -> None:
    """Let mail go out by this server from now on; raises NotAllowed."""
    require_role(work, Role.ADMIN)
    text = json.dumps(asdict(server), ensure_ascii=False, sort_keys=True)
    kept = work.session.get(DatabaseSetting, SETTING)
    if kept is None:
        work.session.add(DatabaseSetting(key=SETTING, value=text))
    else:
        kept.value = text
    work.session.flush()
    work.audit(
        "set_mail_server",
        "database_setting",
        None,
        host=server.host,
        port=server.port,
        security=server.security.value,
        sender=server.sender,
        login=server.login,
    )


def keep_password(server: MailServer, password: str) -> None:
    """Keep the server's password in this machine's vault; raises UserError where there is none."""
    secrets.keep(server.vault_key, password)


def password_of(server: MailServer) -> str | None:
    """Return the password that this machine keeps; None where the server asks for none.

    Raises InvalidInput where it asks for one and this machine has none.
    """
    if not server.login:
        return None
    found = secrets.recall(server.vault_key)
    if found is None:
        raise InvalidInput(
            "mail_password_missing",
            N_("This machine does not have the password of {login} at {host}."),
            remedy=N_(
                "Enter it in Settings, Mail, or with: plumbline mail password. It goes into this machine's vault."
            ),
            login=server.login,
            host=server.host,
        )
    return found
