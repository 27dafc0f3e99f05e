"""What an address gets by itself: the proof of the server, and the login bound to it (security 34)."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.store import tls
from desktop.store.connecting import connection_problem
from desktop.store.engine import database_url


@pytest.fixture(autouse=True)
def _no_root_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tls, "root_file", lambda: tmp_path / "root.crt")
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)


@pytest.mark.parametrize(
    ("address", "added"),
    [
        ("postgresql://li@db.firm.example/team", {"sslmode", "channel_binding", "sslrootcert"}),
        ("postgresql://li@10.0.0.5/team", {"sslmode", "channel_binding", "sslrootcert"}),
        ("postgresql://li@db.firm.example/team?sslrootcert=/firm.crt", {"sslmode", "channel_binding"}),
        ("postgresql://li@db.firm.example/team?channel_binding=prefer", {"sslmode", "sslrootcert"}),
        ("postgresql://li@db.firm.example/team?sslmode=disable", set()),
        ("postgresql:///team?host=a.example&host=localhost", {"sslmode", "channel_binding", "sslrootcert"}),
        ("postgresql://li@localhost/team", set()),
        ("postgresql://li@127.0.0.1:5433/team", set()),
        ("postgresql://li@[::1]/team", set()),
        ("postgresql:///team?host=/var/run/postgresql", set()),
        ("postgresql:///team", set()),
        ("team.db", set()),
    ],
)
def test_what_is_added(address: str, added: set[str]) -> None:
    url = database_url(address)
    secured = tls.secured(url)
    assert set(secured.query) - set(url.query) == added
    if "sslmode" in added:
        assert secured.query["sslmode"] == "verify-full"
    if "channel_binding" in added:
        assert secured.query["channel_binding"] == "require"


def test_the_firms_root_certificate_is_found_where_libpq_looks(tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_text("certificate", encoding="ascii")
    secured = tls.secured(database_url("postgresql://li@db.firm.example/team"))
    assert "sslrootcert" not in secured.query


def test_an_address_that_proves_nothing_is_known() -> None:
    proved = {
        address: tls.is_verified(database_url(f"postgresql://li@{address}"))
        for address in ("db.example/team", "db.example/team?sslmode=require", "localhost/team")
    }
    assert list(proved.values()) == [True, False, True]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('FATAL:  role "li" is not permitted to log in', "login_closed_at_server"),
        ("fe_sendauth: no password supplied", "password_needed"),
        ("channel binding required, but server authenticated client without channel binding",
         "channel_binding_refused"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.7", user "li", database "team"', "not_admitted"),
        ('FATAL:  too many connections for role "li"', "too_many_sessions"),
        ('FATAL:  database "team" does not exist', "team_database_missing"),
        ("connection refused", None),
    ],
)  # fmt: skip
def test_what_the_server_says_is_told_in_words(said: str, code: str | None) -> None:
    told = connection_problem(said)
    assert (told.code if told else None) == code
    assert told is None or told.remedy
