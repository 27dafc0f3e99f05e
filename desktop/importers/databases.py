"""A live database as a source: its tables and views, read in one read-only transaction (PLT-15, IMP-08).

Addresses are SQLAlchemy URLs. Their password is taken out at once and never shown, written or logged.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    create_engine,
    event,
    inspect,
    literal_column,
    select,
    table,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.decoding import Progress, no_progress
from desktop.importers.fetched import Gathered
from desktop.importers.formats import Sheet, Unread

if TYPE_CHECKING:
    from collections.abc import Callable

_BATCH = 10_000
_CONNECT_SECONDS = 10
_MAX_TABLES = 2_000


@dataclass(frozen=True)
class _Kind:
    """One kind of database: the driver used unless another is named, what to install, and how to connect."""

    driver: str
    package: str
    connect: dict[str, Any]


_KINDS = {
    "sqlite": _Kind("sqlite", "", {}),
    "postgresql": _Kind(
        "postgresql+psycopg",
        "psycopg[binary]",
        {"connect_timeout": _CONNECT_SECONDS, "options": "-c default_transaction_read_only=on"},
    ),
    "mysql": _Kind("mysql+pymysql", "PyMySQL", {"connect_timeout": _CONNECT_SECONDS, "charset": "utf8mb4"}),
    "mariadb": _Kind(
        "mariadb+pymysql", "PyMySQL", {"connect_timeout": _CONNECT_SECONDS, "charset": "utf8mb4"}
    ),
    "mssql": _Kind("mssql+pymssql", "pymssql", {"login_timeout": _CONNECT_SECONDS, "read_only": True}),
    "oracle": _Kind("oracle+oracledb", "oracledb", {"tcp_connect_timeout": _CONNECT_SECONDS}),
}
_SYSTEM_SCHEMAS = {
    "information_schema",
    "pg_catalog",
    "pg_toast",
    "sys",
    "guest",
    "mysql",
    "performance_schema",
}
_SECRET_KEY = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"(?:^|;)\s*(?:pwd|password)\s*=", re.IGNORECASE)


def parted(address: str) -> tuple[str, str, str | None]:
    """Return (name in reports, address without password, password or None) of a database's address.

    Raises InvalidInput, without any password in it, for what is no such address or no known database.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise _unsupported(address.split("://", 1)[0] + "://…") from error
    backend = _backend(url)
    if backend is None:
        raise _unsupported(_shown(url))
    if any(_SECRET_KEY.search(key) or _SECRET_VALUE.search(str(value)) for key, value in url.query.items()):
        raise InvalidInput(
            "address_secret",
            N_("The database's address holds a password among its options."),
            remedy=N_("Take it out and give it with --password-stdin."),
        )
    plain = URL.create(
        url.drivername if "+" in url.drivername else _KINDS[backend].driver,
        url.username,
        None,
        url.host,
        url.port,
        url.database,
        url.query,
    )
    return _shown(url), plain.render_as_string(), str(url.password) if url.password else None


def _backend(url: URL) -> str | None:
    name = url.drivername.split("+")[0].lower()
    name = "postgresql" if name == "postgres" else name
    return name if name in _KINDS else None


def _shown(url: URL) -> str:
    """Return an address as people are told of it: no password, no options, no driver."""
    shown = URL.create(url.drivername.split("+")[0], url.username, None, url.host, url.port, url.database)
    return shown.render_as_string()


def _unsupported(address: str) -> InvalidInput:
    return InvalidInput(
        "source_unsupported",
        N_("“{address}” is no database that can be read, and no file or folder."),
        remedy=N_(
            "Give a file, a folder, or an address that begins with sqlite, postgresql, mysql, mariadb, mssql or oracle."
        ),
        address=address,
    )


def read_database(
    address: str, name: str, password: str | None = None, progress: Progress = no_progress
) -> Iterator[Sheet | Unread]:
    """Yield every table and view of a database; raise InvalidInput if it cannot be reached or read."""
    url = make_url(address)
    backend = _backend(url) or ""
    if backend == "sqlite":
        yield from read_sqlite(Path(str(url.database)), name, progress)
        return
    if password:
        url = url.set(password=password)
    yield from _read(_engine(url, backend), backend, name, password, progress)


def read_sqlite(path: Path, name: str, progress: Progress = no_progress) -> Iterator[Sheet | Unread]:
    """Yield every table and view of an SQLite file, which is opened for reading only."""
    if not path.is_file():
        raise InvalidInput(
            "file_missing",
            N_("There is no file or folder “{path}”."),
            remedy=N_("Check the path."),
            path=str(path),
        )
    address = f"{path.resolve().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, timeout=_CONNECT_SECONDS)
        # A file from elsewhere may hold views: they get no functions that reach out of the database.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1 << 26)
        connection.text_factory = lambda content: content.decode("utf-8", "replace")
        return connection

    engine = create_engine("sqlite://", creator=connect)
    yield from _read(engine, "sqlite", name, None, progress)


def _engine(url: URL, backend: str) -> Engine:
    kind = _KINDS[backend]
    own = url.drivername == kind.driver
    try:
        engine = create_engine(url, connect_args=kind.connect if own else {}, hide_parameters=True)
    except (NoSuchModuleError, ImportError) as error:
        raise InvalidInput(
            "driver_missing",
            N_("To read a database of this kind ({backend}), the package {package} is needed."),
            remedy=N_("Install it: pip install {package}"),
            backend=backend,
            package=kind.package if own else url.drivername.partition("+")[2],
        ) from error
    if backend in ("mysql", "mariadb"):
        event.listen(engine, "connect", _mysql_read_only)
    return engine


def _mysql_read_only(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _read(
    engine: Engine, backend: str, name: str, password: str | None, progress: Progress
) -> Iterator[Sheet | Unread]:
    try:
        connection = engine.connect()
        if backend == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection:
            if backend == "oracle":
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            places = _places(connection, backend)
            if {"alembic_version", "import_run", "database_setting"} <= {title for _, title in places}:
                raise InvalidInput(
                    "own_database",
                    N_("This is a database of Plumbline itself."),
                    remedy=N_("Open it with --database, or leave it out."),
                )
            if not places:
                raise InvalidInput(
                    "empty",
                    N_("The database holds no table that this login may see."),
                    remedy=N_("Check the database's name, and what its login may read."),
                )
            for number, (schema, title) in enumerate(places):
                shown = f"{schema}.{title}" if schema else title
                try:
                    yield _sheet(
                        connection, schema, title, name, shown, _within(progress, number, len(places))
                    )
                except InvalidInput as error:
                    yield Unread(name, error, shown)
                except DBAPIError as error:
                    if error.connection_invalidated:
                        raise
                    yield Unread(name, _failed(error, password), shown)
                progress(number + 1, len(places))
            connection.rollback()
    except SQLAlchemyError as error:
        raise _failed(error, password) from None
    except ImportError as error:
        raise InvalidInput(
            "driver_missing",
            N_("To read a database of this kind ({backend}), the package {package} is needed."),
            remedy=N_("Install it: pip install {package}"),
            backend=backend,
            package=_KINDS[backend].package,
        ) from error
    finally:
        engine.dispose()


def _within(progress: Progress, number: int, count: int) -> Callable[[int], None]:
    """Return what to tell of rows: how many there will be is not known, so a table's share only nears its end."""
    return lambda rows: progress(1000 * number + 1000 * rows // (rows + 100_000), 1000 * count)


def _failed(error: SQLAlchemyError, password: str | None) -> InvalidInput:
    told = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    reason = told.splitlines()[0][:300]
    if password:
        reason = reason.replace(password, "…")
    return InvalidInput(
        "database_unreadable",
        N_("The database cannot be read: {reason}"),
        remedy=N_("Check its address, login and password, and that this login may read the table."),
        reason=reason,
    )


def _places(connection: Connection, backend: str) -> list[tuple[str | None, str]]:
    """Return (schema, name) of the tables and views that are no part of the system; None is the usual schema."""
    found = inspect(connection)
    schemas: list[str | None] = [None]
    if backend in ("postgresql", "mssql"):
        usual = found.default_schema_name
        schemas += [
            schema
            for schema in found.get_schema_names()
            if schema != usual
            and schema.lower() not in _SYSTEM_SCHEMAS
            and not schema.lower().startswith(("pg_", "db_"))
        ]
    places: list[tuple[str | None, str]] = []
    for schema in schemas:
        names = [*found.get_table_names(schema=schema), *found.get_view_names(schema=schema)]
        if backend == "postgresql":
            names += found.get_materialized_view_names(schema=schema)
        places += [(schema, name) for name in names]
    return places[:_MAX_TABLES]


def _sheet(
    connection: Connection,
    schema: str | None,
    title: str,
    name: str,
    shown: str,
    progress: Callable[[int], None],
) -> Sheet:
    statement: Select[Any] = select(literal_column("*")).select_from(table(title, schema=schema))
    with connection.begin_nested() if connection.dialect.name == "postgresql" else _Plain():
        result = connection.execute(statement.execution_options(stream_results=True))
        headers = list(map(str, result.keys()))
        gathered = Gathered(headers)
        try:
            for rows in result.partitions(_BATCH):
                gathered.add(rows)
                progress(gathered.height)
        finally:
            result.close()
    if not gathered.height:
        raise InvalidInput("empty", N_("The table has no row."), remedy=N_("Leave it out."))
    return Sheet(name, shown, gathered.grid(), has_header=True, warnings=gathered.warnings)


class _Plain:
    """A block without a savepoint: only PostgreSQL needs one to go on after a table that may not be read."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
