"""Why a connection to the team database did not come about, and what to do about it (security 34).

The driver gives no codes for this, only libpq's sentences; where a server speaks another language than
English the general message of `problems` remains.
"""

from __future__ import annotations

from desktop.errors import DatabaseProblem
from desktop.i18n import N_

LOGIN_CLOSED = "login_closed_at_server"
PASSWORD_NEEDED = "password_needed"

_ASK = N_("Ask the administrator of the team database.")

_PROBLEMS: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (
        ("not permitted to log in",),
        LOGIN_CLOSED,
        N_("This login has been closed."),
        N_("Ask an administrator; the password remembered on this machine has been forgotten."),
    ),
    (
        ("no password supplied",),
        PASSWORD_NEEDED,
        N_("The team database asks for a password, and none is remembered on this machine."),
        N_("Enter it; it is kept in the operating system's vault, never in a file."),
    ),
    (
        ("server does not support ssl", "no encryption"),
        "server_without_tls",
        N_("The server offers no encrypted connection (TLS), so it was not trusted with the login."),
        N_(
            "Let its administrator set up TLS: docs/admin-guide/set-up.md. If it should have it, somebody may "
            "be pretending to be the server."
        ),
    ),
    (
        ("does not match host name", "does not match hostname"),
        "certificate_of_another",
        N_("The server's certificate was made out for another name than the one in the address."),
        N_(
            "Write the server's name as its certificate has it, or let the administrator issue the right "
            "certificate. No password was sent."
        ),
    ),
    (
        ("root certificate file", "could not read certificate file"),
        "certificate_missing",
        N_("The certificate file that proves the server cannot be read."),
        N_("Put the firm's root certificate there, or name its file (in an address: ?sslrootcert=FILE)."),
    ),
    (
        ("certificate verify failed", "unable to get local issuer", "self-signed", "self signed"),
        "certificate_not_trusted",
        N_("The server's certificate is not signed by an authority that this machine trusts."),
        N_(
            "Name the file of the firm's root certificate (in an address: ?sslrootcert=FILE). If that is the right "
            "one, somebody may be pretending to be the server. No password was sent."
        ),
    ),
    (
        ("channel binding",),
        "channel_binding_refused",
        N_("The server, or a pooler before it, does not bind the login to the encrypted connection."),
        N_(
            "Through PgBouncer add ?channel_binding=prefer to the address; else ask the server's administrator."
        ),
    ),
    (
        ("no pg_hba.conf entry", "pg_hba.conf rejects"),
        "not_admitted",
        N_("The server does not admit this login from this machine."),
        N_("Let its administrator add the line to pg_hba.conf: docs/admin-guide/set-up.md."),
    ),
    (
        ("too many connections", "remaining connection slots", "too many clients"),
        "too_many_sessions",
        N_("There are too many sessions at the server already."),
        N_("Close other windows of Plumbline and try again; else ask the administrator."),
    ),
)


def connection_problem(text: str) -> DatabaseProblem | None:
    """Return what libpq's sentence about a failed connection means for a person, or None for other things."""
    said = text.lower()
    if 'database "' in said and "does not exist" in said:
        return DatabaseProblem(
            "team_database_missing", N_("The server has no database of that name."), remedy=_ASK
        )
    for signs, code, template, remedy in _PROBLEMS:
        if any(sign in said for sign in signs):
            return DatabaseProblem(code, template, remedy=remedy)
    return None
