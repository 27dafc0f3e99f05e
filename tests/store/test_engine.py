"""Addresses of databases, and what connections to them are made with."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from desktop.errors import InvalidInput
from desktop.store.engine import (
    CONNECT_BY,
    CONNECT_SECONDS,
    CONNECT_SECONDS_EACH,
    _seconds_to_connect,
    database_url,
    hosts,
    make_engine,
    make_reader,
)
from desktop.store.problems import is_unreached
from desktop.store.tls import secured


def asked_with(address: str) -> dict[str, Any]:
    """What libpq is asked for, short of connecting."""
    engine = make_engine(database_url(address))
    parameters = engine.dialect.create_connect_args(engine.url)[1]
    engine.dispose()
    return dict(parameters)


@pytest.mark.parametrize(
    ("address", "servers"),
    [
        ("postgresql://li@db/team", ("db",)),
        ("postgresql://li@db:5433/team", ("db:5433",)),
        ("postgresql://li@a,b/team", ("a:5432", "b:5432")),
        ("postgresql://li:p%40ss@a:5433,b/team?sslmode=verify-full", ("a:5433", "b:5432")),
        ("postgresql://li@/team?host=a,b", ("a", "b")),
        ("postgresql://li@/team?host=a:1&host=b:2", ("a:1", "b:2")),
        ("postgresql:///team", ("localhost",)),
        ("team.db", ()),
    ],
)
def test_the_servers_of_an_address(address: str, servers: tuple[str, ...]) -> None:
    assert hosts(database_url(address)) == servers


def test_what_is_said_once_holds_for_all_servers() -> None:
    asked = asked_with("postgresql://li:p%40ss@a:5433,b/team?sslmode=verify-full&sslrootcert=firm.crt")
    assert (asked["host"], asked["port"], asked["dbname"]) == ("a,b", "5433,5432", "team")
    assert (asked["user"], asked["password"]) == ("li", "p@ss")
    assert (asked["sslmode"], asked["sslrootcert"]) == ("verify-full", "firm.crt")


def test_several_servers_over_a_network_are_proved_like_one() -> None:
    url = secured(database_url("postgresql://li@db1.example,db2.example/team"))
    assert (url.query["sslmode"], url.query["channel_binding"]) == ("verify-full", "require")
    near = secured(database_url("postgresql://li@127.0.0.1:5433,127.0.0.1:5434/team"))
    assert "sslmode" not in near.query


def test_a_reader_is_made_where_the_address_asks_for_one() -> None:
    assert make_reader(database_url("postgresql://a,b/team")) is None
    assert make_reader(database_url("team.db")) is None
    reader = make_reader(database_url("postgresql://a,b/team?reads=standby"))
    assert reader is not None
    reader.dispose()


@pytest.mark.parametrize("address", ["postgresql://li@db:port/team", "mysql://db/team"])
def test_what_is_no_address_is_refused_by_name(address: str) -> None:
    with pytest.raises(InvalidInput) as told:
        database_url(address)
    assert told.value.code == "database_unsupported"


def test_who_is_running_out_of_time_connects_faster() -> None:
    assert _seconds_to_connect(1) == CONNECT_SECONDS
    assert _seconds_to_connect(2) == CONNECT_SECONDS_EACH
    token = CONNECT_BY.set(time.monotonic() - 1)
    try:
        assert _seconds_to_connect(1) == 2
    finally:
        CONNECT_BY.reset(token)


@pytest.mark.parametrize(
    ("said", "worth_another_try"),
    [
        ('connection to server at "a" failed: Connection refused', True),
        ('connection to server at "a" failed: FATAL:  the database system is starting up', True),
        ('connection to server at "a" failed: 致命错误:  数据库系统启动中', True),
        ('connection to server at "a" failed: session is read-only', True),
        ('connection to server at "a" failed: FATAL:  sorry, too many clients already', True),
        ('connection to server at "a" failed: FATAL:  password authentication failed for user "li"', False),
        ('connection to server at "a" failed: FATAL:  role "li" is not permitted to log in', False),
        ('connection to server at "a" failed: FATAL:  database "team" does not exist', False),
        ("connection failed: SSL error: certificate verify failed", False),
    ],
)
def test_who_is_refused_does_not_knock_again(said: str, worth_another_try: bool) -> None:
    import psycopg

    error = OperationalError(None, None, psycopg.OperationalError(said))
    assert is_unreached(error) is worth_another_try
