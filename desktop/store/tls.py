"""Connections over a network are encrypted and proved by default (security 34).

An address whose host is not this machine gets `sslmode=verify-full` (the server proves with a certificate
that it is who it says) and `channel_binding=require` (nobody in between relays the login), unless the
address says otherwise itself: PgBouncer refuses channel binding, so an address through it says
`channel_binding=prefer`.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path

from sqlalchemy.engine import URL

VERIFIED = "verify-full"


def secured(url: URL) -> URL:
    """Return an address with the protection that a connection to its host needs."""
    if url.get_backend_name() == "sqlite" or is_local(url):
        return url
    wanted = {"sslmode": VERIFIED, "channel_binding": "require"}
    if str(url.query.get("sslmode", VERIFIED)) != VERIFIED:
        del wanted["channel_binding"]  # it needs TLS, which the address leaves open
    elif "sslrootcert" not in url.query and "PGSSLROOTCERT" not in os.environ and not root_file().is_file():
        wanted["sslrootcert"] = "system"
    return url.update_query_dict({name: value for name, value in wanted.items() if name not in url.query})


def is_local(url: URL) -> bool:
    """Whether every host of an address is this machine: a socket, localhost, 127.0.0.1 or ::1."""
    named = (url.host,) if url.host else url.query.get("host", ())
    hosts = named.split(",") if isinstance(named, str) else named
    addresses = url.query.get("hostaddr", ())
    hosts = [*hosts, *(addresses.split(",") if isinstance(addresses, str) else addresses)]
    return all(_is_loopback(host) for host in hosts)


def is_verified(url: URL) -> bool:
    """Whether the server of an address has to prove who it is, or is this machine."""
    return is_local(url) or secured(url).query.get("sslmode") == VERIFIED


def root_file() -> Path:
    """Return where libpq looks for the certificate of the authority that signs servers, if none is named."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", "")) / "postgresql" / "root.crt"
    return Path.home() / ".postgresql" / "root.crt"


def _is_loopback(host: str | None) -> bool:
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return False
