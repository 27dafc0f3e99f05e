"""Passwords of database logins: taken from the vault when connecting, put there instead of a file (PLT-03)."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy.engine import URL

from desktop import secrets
from desktop.errors import UserError
from desktop.store.engine import database_url, hosts

log = logging.getLogger(__name__)


def with_password(url: URL) -> URL:
    """Return an address with the password that the vault has for it, if it has none of its own.

    A locked or missing vault is no obstacle: the server then asks for what it needs, or refuses.
    """
    if url.get_backend_name() == "sqlite" or url.password or not url.username:
        return url
    try:
        secret = secrets.recall(_name(url))
    except UserError as problem:
        log.info("connecting without the vault: %s", problem.code)
        return url
    return url.set(password=secret) if secret else url


def remembered(where: str | Path, *, keep: bool = True) -> str:
    """Return what may be written down of an address, after its password has gone into the vault.

    Where there is no vault, or with `keep` false, the password is forgotten; it is never written to a file.
    """
    url = database_url(where)
    if url.get_backend_name() == "sqlite" or not url.password:
        return str(where)
    try:
        if keep:
            secrets.keep(_name(url), str(url.password))
        else:
            secrets.forget(_name(url))
    except UserError as problem:
        log.info("the password is not kept: %s", problem.code)
    return URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    ).render_as_string()


def forget(url: URL) -> None:
    """Forget the password of an address: its login was closed, or it is not the right one."""
    if url.get_backend_name() == "sqlite" or not url.username:
        return
    try:
        secrets.forget(_name(url))
    except UserError as problem:
        log.info("nothing to forget: %s", problem.code)


def _name(url: URL) -> str:
    """Return the vault's name of a login: who, where, in which database."""
    places = ",".join(place if ":" in place else f"{place}:5432" for place in hosts(url))
    return f"{url.username}@{places}/{url.database}"
