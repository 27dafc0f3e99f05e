"""An embedded database as a file: copied while in use, checked, put in the place of another."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from desktop import __version__
from desktop.clock import DEFAULT_ZONE, FixedClock
from desktop.control import Control
from desktop.errors import Cancelled, DatabaseProblem, UserError
from desktop.i18n import N_
from desktop.store import schema
from desktop.store.digest import Digest, digest
from desktop.store.engine import database_url, make_engine
from desktop.store.keeping.files import keep_beside, make_durable, side_files, unused, written_beside
from desktop.store.keeping.manifest import (
    ARCHIVE_HEAD,
    SQLITE_HEAD,
    Manifest,
    Why,
    append_manifest,
    damaged,
    foreign,
    read_manifest,
    require_sound,
    sha256_of,
)
from desktop.store.workspace import Actor, Work
from desktop.terms import Role

_PAGES = 1024
_STEPS = 20_000
"""Virtual machine steps of SQLite after which it asks whether to go on."""


def back_up(
    source: Path,
    target: Path,
    *,
    by: str,
    now: datetime,
    why: Why = "asked",
    with_digest: bool = True,
    control: Control | None = None,
) -> Manifest:
    """Write a consistent copy of a database that may be in use, checked and with its manifest.

    The copy is of one moment, whoever writes meanwhile. Raises UserError, DatabaseProblem, Cancelled;
    whatever was at `target` stays until the new backup is whole.
    """
    control = control or Control()
    if target.resolve() == source.resolve():
        raise UserError(
            "backup_onto_itself",
            N_("{file} is the database itself; a backup of it needs a name of its own."),
            remedy=N_("Choose another folder or name."),
            file=str(target),
        )
    with written_beside(target) as draft, told_of(target):
        copy(source, draft, control)
        check_whole(draft, source, control)
        manifest = Manifest(
            kind="sqlite",
            schema=schema_of(draft) or "",
            database=source.name,
            made_at=now.isoformat(),
            made_by=by,
            machine=platform.node(),
            why=why,
            program=__version__,
            counts=counts_of(draft),
            digest=digest_of(draft, control).all if with_digest and schema_of(draft) == schema.HEAD else None,
        )
        return append_manifest(draft, manifest, control)


def copy(source: Path, target: Path, control: Control) -> None:
    """Copy a database, as of one moment, into a file without a log of its own."""
    with closing(open_plain(source)) as old, closing(sqlite3.connect(target)) as new:
        # The open transaction holds the moment: a writer would otherwise make the copy start again.
        old.execute("BEGIN")
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()

        def progress(_status: int, left: int, total: int) -> None:
            control.report(total - left, total, N_("Copying the database"))

        old.backup(new, pages=_PAGES, progress=progress)
        new.execute("PRAGMA journal_mode=DELETE")


def open_plain(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """Open an existing SQLite file without making one where there is none."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=10.0)
    connection.isolation_level = None
    return connection


def check_whole(path: Path, named: Path, control: Control) -> None:
    """Raise DatabaseProblem `database_damaged`, naming `named`, unless SQLite finds the file whole."""
    with closing(open_plain(path)) as connection:
        connection.set_progress_handler(lambda: control.cancelled, _STEPS)
        try:
            answer = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            answer = "ok" if answer == "ok" else str(answer)
        except sqlite3.DatabaseError as error:
            control.check()
            answer = str(error)
    if answer != "ok":
        raise DatabaseProblem(
            "database_damaged",
            N_("The database file is damaged: {detail}"),
            remedy=N_("Keep the file, and restore the newest good backup."),
            detail=f"{named}: {answer}",
        )


def schema_of(path: Path) -> str | None:
    """Return the schema revision of a file, None where it is no database of ours."""
    with closing(open_plain(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return str(row[0]) if row else None


def counts_of(path: Path) -> dict[str, int]:
    """Return the number of rows of each table."""
    with closing(open_plain(path)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        return {
            name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
            for (name,) in tables
        }


def digest_of(path: Path, control: Control | None = None) -> Digest:
    """Return the business digest of a file of the current schema, without opening it as anybody."""
    engine = make_engine(database_url(path))
    nobody = Actor(0, "", "", Role.ADMIN)
    clock = FixedClock(datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
    try:
        with engine.connect() as connection, connection.begin(), Session(bind=connection) as session:
            return digest(Work(session, nobody, clock, DEFAULT_ZONE, control or Control(), ""))
    finally:
        engine.dispose()
        with closing(open_plain(path)) as plain:
            plain.execute("PRAGMA journal_mode=DELETE")


def verified(path: Path, control: Control | None = None) -> Manifest:
    """Return the manifest of a backup of an embedded database after checking every byte of it.

    A plain database file of ours is taken, too, as far as SQLite finds it whole. Raises NotFound,
    DatabaseProblem (`backup_damaged`, `database_newer`) or UserError `backup_foreign`.
    """
    control = control or Control()
    manifest = read_manifest(path)
    head = _head(path)
    if manifest is None:
        return _without_manifest(path, head, control)
    if manifest.kind != "sqlite":
        raise UserError(
            "backup_of_other_kind",
            N_("The backup {file} is one of the team database; it cannot become an embedded file."),
            remedy=N_("Name the team database: plumbline restore FILE --database postgresql://host/db"),
            file=str(path),
        )
    require_sound(path, manifest, control)
    return manifest


def _without_manifest(path: Path, head: bytes, control: Control) -> Manifest:
    if head.startswith(ARCHIVE_HEAD):
        raise damaged(path, "manifest")
    if not head.startswith(SQLITE_HEAD):
        raise foreign(path)
    if path.stat().st_size % (int.from_bytes(head[16:18], "big") or 1):
        raise damaged(path, "size")  # what is after the last page was a manifest
    try:
        check_whole(path, path, control)
        found = schema_of(path)
    except (DatabaseProblem, sqlite3.Error) as error:
        raise damaged(path, str(error)) from error
    if found is None:
        raise foreign(path)
    if found > schema.HEAD:
        schema.require_current(found)
    changed = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Manifest(
        "sqlite", found, path.name, changed.isoformat(), "", "", "asked", "", counts_of(path), None,
        path.stat().st_size,
    )  # fmt: skip


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(100)


def restore(backup: Path, target: Path, *, now: datetime, control: Control | None = None) -> Path | None:
    """Put a backup in the place of a database; return where the replaced file is kept (None: there was none).

    The target changes in one step at the very end, after the copy was checked against the manifest.
    Raises what `verified` raises, and DatabaseProblem `database_in_use` while anybody has it open.
    """
    control = control or Control()
    manifest = verified(backup, control)
    with written_beside(target) as draft, told_of(target):
        copy_checked(backup, manifest, draft, control)
        control.check()
        return _put_aside(target, now)


def put_ready(ready: Path, target: Path, *, now: datetime) -> Path | None:
    """Put a copy that `copy_checked` made beside `target` in its place, in one step; return what `restore` does."""
    with written_beside(target) as draft, told_of(target):
        ready.replace(draft)
        try:
            return _put_aside(target, now)
        except UserError:
            draft.replace(ready)
            raise


def copy_checked(backup: Path, manifest: Manifest, draft: Path, control: Control) -> None:
    """Write what a backup holds to `draft` and hold it to the manifest; raises DatabaseProblem `backup_damaged`."""
    if manifest.sha256:
        _copy_bytes(backup, draft, manifest.size, control)
    else:
        copy(backup, draft, control)
    if manifest.sha256 and sha256_of(draft, manifest.size, control) != manifest.sha256:
        raise damaged(backup, "SHA-256")
    check_whole(draft, backup, control)
    if counts_of(draft) != manifest.counts:
        raise damaged(backup, "rows")
    comparable = manifest.digest and manifest.schema == schema.HEAD
    if comparable and digest_of(draft, control).all != manifest.digest:
        raise damaged(backup, "digest")
    make_durable(draft)


def _copy_bytes(source: Path, target: Path, size: int, control: Control) -> None:
    done = 0
    with source.open("rb") as old, target.open("wb") as new:
        while done < size and (block := old.read(min(1 << 20, size - done))):
            new.write(block)
            done += len(block)
            control.report(done, size, N_("Copying the database"))


def _put_aside(target: Path, now: datetime) -> Path | None:
    """Keep what is at `target` under another name, with its log if it is too damaged to take that in."""
    if not target.exists():
        for left in side_files(target):
            left.unlink(missing_ok=True)
        return None
    stamp = f"{now:%Y%m%dT%H%M%S}"
    kept = unused(target.with_name(f"{target.stem}.replaced-{stamp}{target.suffix}"))
    from desktop.store.keeping.condition import is_damaged

    if not is_damaged(target):  # SQLite would take a damaged log in, or throw it away
        alone(target)
    keep_beside(target, kept)
    for left, other in zip(side_files(target), side_files(kept), strict=True):
        if left.exists():
            left.replace(other)
    return kept


def alone(path: Path, patience: int = 2_000) -> None:
    """Take in the log of a database and make sure that nobody else has it open.

    Raises DatabaseProblem `database_in_use` otherwise, after `patience` milliseconds. A file that is
    no database any more passes.
    """
    try:
        with closing(open_plain(path)) as connection:
            connection.execute(f"PRAGMA busy_timeout={patience}")
            answer = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            return
        answer = "locked"
    except sqlite3.DatabaseError:
        return
    if answer != "delete":
        raise in_use(path)


def in_use(path: Path) -> DatabaseProblem:
    """Return the refusal while somebody else has the file open."""
    return DatabaseProblem(
        "database_in_use",
        N_("Somebody else has the database {path} open; nothing was changed."),
        remedy=N_("Close every other window and command on it, then try again."),
        path=path,
    )


@contextmanager
def told_of(target: Path) -> Iterator[None]:
    """Turn what SQLite says about a full disk or a refused file into what a person can act on."""
    from desktop.store.keeping.files import not_written

    try:
        yield
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise Cancelled from error
        raise not_written(target, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise DatabaseProblem(
            "database_damaged",
            N_("The database file is damaged: {detail}"),
            remedy=N_("Keep the file, and restore the newest good backup."),
            detail=str(error),
        ) from error
