"""A real mail server on loopback: with and without encryption, logins, refusals, and one that hangs up too early."""

from __future__ import annotations

import contextlib
import email
import email.policy
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from desktop.operations.mail_server import MailServer, Security
from tests.conftest import NOW

LOGIN, PASSWORD = "reports@firm.example", "open sesame"


@dataclass
class PostOffice:
    """What arrived, and how the server behaves; recipients in `refused` get that answer."""

    server: MailServer
    received: list[EmailMessage] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    sessions: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return "250 queued as 4711"


def certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return a server's TLS context and its certificate, which nobody knows yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    # Certificates live in real time: the machine's, not the tests' clock.
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=3650))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "mail.pem").write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "mail.pem")
    return context, pem.decode().strip()


def check_login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    """Let the one login in."""
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        LOGIN.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


@contextlib.contextmanager
def post_office(folder: Path, security: Security, *, login: bool = True) -> Iterator[PostOffice]:
    """Run a mail server until the end of the block."""
    context, pem = certificate(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secured = security is not Security.NONE
    wanted = MailServer("127.0.0.1", port, security, LOGIN, LOGIN if login else "", pem if secured else "")
    office = PostOffice(wanted)
    options: dict[str, Any] = {"authenticator": check_login, "auth_required": login}
    if security is Security.STARTTLS:
        options |= {"tls_context": context, "require_starttls": True}
    elif security is Security.SSL:
        options |= {"ssl_context": context, "auth_require_tls": False}  # it is under TLS from the start
    else:
        options |= {"auth_require_tls": False}
    controller = Controller(office, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield office
    finally:
        controller.stop(no_assert=True)


@contextlib.contextmanager
def hanging_up(after: str) -> Iterator[tuple[MailServer, list[str]]]:
    """Run a server that hangs up without an answer after a command, or after the message (`.`)."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard: list[str] = []

    def talk(connection: socket.socket) -> None:
        lines = connection.makefile("rwb")

        def say(text: str) -> None:
            lines.write(f"{text}\r\n".encode())
            lines.flush()

        say("220 here")
        in_data = False
        for raw in lines:
            line = raw.decode("utf-8", "replace").strip()
            if in_data:
                if line != ".":
                    continue
                in_data = False
                line = "."
            word = line.split(" ")[0].upper()
            heard.append(word)
            if word == after:
                return
            if word == "DATA":
                in_data = True
                say("354 go on")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("250 OK")

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    talk(connection)
                    connection.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield (
            MailServer("127.0.0.1", listening.getsockname()[1], Security.NONE, LOGIN),
            heard,
        )
    finally:
        listening.close()
