"""A password goes into the vault and nowhere else (PLT-03, security 57)."""

from __future__ import annotations

from pathlib import Path

import keyring
from keyring.backends import fail

from desktop import secrets
from desktop.store.engine import database_url
from desktop.store.passwords import remembered, with_password

SERVER = "postgresql://li:s3cr%2Ft@db.example/team"


def test_what_is_remembered_of_an_address_has_no_password() -> None:
    assert remembered(SERVER) == "postgresql://li@db.example/team"


def test_the_next_connection_finds_it_in_the_vault() -> None:
    kept = remembered(SERVER)
    assert with_password(database_url(kept)).password == "s3cr/t"


def test_another_login_or_database_does_not() -> None:
    remembered(SERVER)
    for other in ("postgresql://han@db.example/team", "postgresql://li@db.example/other"):
        assert with_password(database_url(other)).password is None


def test_a_password_that_is_given_counts() -> None:
    remembered(SERVER)
    assert with_password(database_url("postgresql://li:new@db.example/team")).password == "new"


def test_a_forgotten_secret_is_gone() -> None:
    secrets.keep("a", "b")
    assert secrets.recall("a") == "b"
    secrets.forget("a")
    secrets.forget("a")
    assert secrets.recall("a") is None


def test_without_a_vault_the_password_is_forgotten_and_nothing_breaks() -> None:
    keyring.set_keyring(fail.Keyring())
    assert remembered(SERVER) == "postgresql://li@db.example/team"
    url = database_url("postgresql://li@db.example/team")
    assert with_password(url) == url


def test_a_file_has_no_password(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert remembered(path) == str(path)
    assert with_password(database_url(path)) == database_url(path)
