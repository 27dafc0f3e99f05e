"""Passwords of files and databases to be imported: from standard input or the vault, never from the command line."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from desktop import secrets
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.options import AS_FOUND, ReadOptions

PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help=N_("Read the password of locked files or of the database.")),
]
Vault = Annotated[
    str | None,
    typer.Option(
        "--vault",
        metavar="NAME",
        help=N_("Take the password from the system's vault; with --password-stdin, keep it there."),
    ),
]


def options_with_password(password_stdin: bool, vault: str | None) -> ReadOptions:
    """Return the read options with the password that was asked for, meant for any file and database."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if vault and password:
            secrets.keep(_entry(vault), password)
    elif vault:
        password = secrets.recall(_entry(vault)) or ""
        if not password:
            raise InvalidInput(
                "vault_entry_missing",
                N_("The vault holds no password under the name “{name}”."),
                remedy=N_("Put it there with: --password-stdin --vault NAME"),
                name=vault,
            )
    else:
        return AS_FOUND
    return ReadOptions(passwords={"": password}) if password else AS_FOUND


def _entry(name: str) -> str:
    return f"source {name}"
