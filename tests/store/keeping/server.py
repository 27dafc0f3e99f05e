"""What only whoever holds the server can do to a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.databases import Place


@contextmanager
def as_superuser(place: Place, database: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection of the server's superuser to a database (default: that of `place`)."""
    url = place.url.set(drivername="postgresql", username="postgres", database=database or place.url.database)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def destroy(place: Place, name: str | None = None) -> None:
    """Lose a database, as a failing disk would."""
    place.close()
    with as_superuser(place, "postgres") as connection:
        connection.execute(f'DROP DATABASE "{name or place.url.database}" WITH (FORCE)')
