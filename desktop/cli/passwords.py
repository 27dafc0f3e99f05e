"""How a command comes to a password: from standard input or a terminal, never from its arguments."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable

from desktop.cli.context import current
from desktop.errors import InvalidInput
from desktop.i18n import N_

NO_PASSWORD = N_("The login has no password yet; give it one with: plumbline user password {login}")


def read_password(login: str, *, from_stdin: bool, ask: Callable[[str], str] = getpass.getpass) -> str | None:
    """Return a password from standard input, or asked for twice at a terminal; None where neither is there.

    It is never an argument: the list of processes shows those to everybody on the machine.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        return None
    locale = current().locale
    first = ask(locale._("Password for {login}: ").format(login=login))
    if first != ask(locale._("Once more: ")):
        raise InvalidInput(
            "passwords_differ",
            N_("The two passwords are not the same."),
            remedy=N_("Type it again."),
        )
    return first
