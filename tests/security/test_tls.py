"""Security 34: a fake server, a wrong certificate or none at all get no login and no password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.errors import DatabaseProblem, UserError
from desktop.store import tls
from desktop.store.engine import database_url, make_engine
from desktop.store.problems import translated
from tests.debian_server import (
    SUPERUSER,
    SUPERUSER_PASSWORD,
    DebianServer,
    make_authority,
    make_certificate,
    make_server,
)

HOST = "127.0.0.1"
NAME = "localhost"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The firm's authority and a server certificate of it; an impostor's authority and certificate."""
    folder = tmp_path_factory.mktemp("certificates")
    for authority in ("firm", "impostor"):
        make_authority(folder, authority)
    make_certificate(folder, "right", "firm", NAME)
    make_certificate(folder, "other_name", "firm", "db.elsewhere.example")
    make_certificate(folder, "faked", "impostor", NAME)
    return folder


@pytest.fixture(scope="module")
def server(certificates: Path) -> Iterator[DebianServer]:
    """A server with TLS."""
    made = make_server()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server counts as one across the network."""
    monkeypatch.setattr(tls, "_is_loopback", lambda host: False)


def asked(server: DebianServer, certificates: Path, extra: str = "") -> str:
    """Connect as the console does; return whether TLS is on and the login is bound to it, or raise."""
    where = server.url(SUPERUSER, NAME, password=SUPERUSER_PASSWORD)
    url = tls.secured(database_url(f"{where}?sslrootcert={certificates / 'firm.crt'}{extra}"))
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            row = connection.exec_driver_sql(
                "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            )
            return str(tuple(row.one()))
    except Exception as error:
        told = translated(error)  # type: ignore[arg-type]
        if isinstance(told, UserError):
            raise told from None
        raise
    finally:
        engine.dispose()


def test_the_right_certificate_is_accepted(server: DebianServer, certificates: Path) -> None:
    server.use(certificates / "right.crt")
    assert asked(server, certificates) == "(True, 'TLSv1.3')"


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ("faked", "certificate_not_trusted"),
        ("impostor", "certificate_not_trusted"),
        ("other_name", "certificate_of_another"),
        (None, "server_without_tls"),
    ],
)
def test_a_wrong_certificate_is_refused_and_the_password_stays_here(
    server: DebianServer, certificates: Path, shown: str | None, code: str
) -> None:
    server.use(certificates / f"{shown}.crt" if shown else None)
    before = server.log.read_text(encoding="utf-8")
    with pytest.raises(DatabaseProblem) as refused:
        asked(server, certificates)
    assert refused.value.code == code
    assert "connection authenticated" not in server.log.read_text(encoding="utf-8").removeprefix(before)


def test_a_root_certificate_that_is_missing_is_named_as_such(
    server: DebianServer, certificates: Path, tmp_path: Path
) -> None:
    server.use(certificates / "right.crt")
    with pytest.raises(DatabaseProblem) as refused:
        asked(server, tmp_path)
    assert refused.value.code == "certificate_missing"
