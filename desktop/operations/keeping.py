"""Backups as a person asks for them: taken, listed, restored, on either database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from desktop.clock import Clock, FixedClock, SystemClock
from desktop.control import Control
from desktop.errors import DatabaseProblem, InvalidInput, UserError
from desktop.i18n import N_
from desktop.store.engine import database_url
from desktop.store.keeping import automatic, condition, embedded, holder
from desktop.store.keeping.holder import Holding
from desktop.store.keeping.manifest import Manifest, Why
from desktop.store.open import os_user
from desktop.store.passwords import with_password
from desktop.store.places import require_local
from desktop.store.problems import translated
from desktop.store.tls import secured
from desktop.store.workspace import Work, Workspace

T = TypeVar("T")
log = logging.getLogger(__name__)

BIG_IMPORT = 1_000
"""Rows of source files; fewer are taken back by hand if need be."""
BETWEEN_IMPORTS = timedelta(hours=1)

Kept = automatic.Kept


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: `kept` is where the replaced database is, None if there was none."""

    database: str
    backup: str
    schema: str
    made_at: str
    kept: str | None
    counts: dict[str, int]
    missing_logins: tuple[str, ...] = ()


def leave(workspace: Workspace) -> None:
    """Close a database; whoever is the last to leave an embedded one puts the seal on it (case 24)."""
    workspace.close()
    if workspace.is_sqlite:
        condition.seal(Path(workspace.place))


def put_seal(where: str | Path) -> None:
    """Put the seal on an embedded database that nobody has open."""
    if (database := _file_of(where)) is not None:
        condition.seal(database)


def kept_backups(where: str | Path) -> list[Kept]:
    """Return the automatic backups of an embedded database, newest first; none for a team database."""
    database = _file_of(where)
    return automatic.listed(database) if database else []


def newest_good_backup(where: str | Path, control: Control | None = None) -> Kept | None:
    """Return the newest automatic backup every byte of which was checked just now; None if there is none."""
    database = _file_of(where)
    return automatic.newest_good(database, control)[0] if database else None


def keep_safe(workspace: Workspace, *, why: Why, control: Control | None = None) -> Manifest | None:
    """Make an automatic backup of an embedded database; a daily one only if it is due.

    Returns None where nothing was to be done: a team database, a demo whose clock stands still, no room
    on the disk. Raises DatabaseProblem `database_damaged` when the database turns out not to be whole.
    """
    if not workspace.is_sqlite or isinstance(workspace.clock, FixedClock):
        return None
    database, now = Path(workspace.place), workspace.clock.now()
    if why == "daily" and not automatic.is_due(database, now):
        return None
    return automatic.keep_safe(database, by=workspace.actor.login, now=now, why=why, control=control)


def safe_before_import(work: Work, rows: int) -> None:
    """Make a backup of an embedded database before a big import writes into it, once an hour at most.

    What keeps the backup from being written keeps nobody from importing; raises DatabaseProblem
    `database_damaged` when the database turns out not to be whole.
    """
    if not work.is_sqlite or rows < BIG_IMPORT or isinstance(work.clock, FixedClock):
        return
    database = Path(str(work.connection.engine.url.database))
    if not automatic.is_due(database, work.now, after=BETWEEN_IMPORTS):
        return
    control = Control()
    forget = work.control.on_cancel(control.cancel)
    try:
        automatic.keep_safe(database, by=work.actor.login, now=work.now, why="before_import", control=control)
    except DatabaseProblem:
        raise
    except UserError as problem:
        log.warning("no backup before the import: %s", problem)
    finally:
        forget()


def _file_of(where: str | Path) -> Path | None:
    url = database_url(where)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def back_up(
    where: str | Path,
    target: Path,
    *,
    by: str = "",
    control: Control | None = None,
    clock: Clock | None = None,
) -> Manifest:
    """Write a backup of a database, consistent while it is in use; `by` names the person on a file.

    Raises UserError (`file_not_written`, `tool_missing`), DatabaseProblem or Cancelled; an older file
    at `target` stays until the new one is whole.
    """
    now, target = (clock or SystemClock()).now(), target.expanduser().absolute()
    database = _file_of(where)
    if database is not None:
        return embedded.back_up(database, target, by=by or os_user(), now=now, control=control)
    from desktop.store.keeping import server

    return _told(lambda: server.back_up(_server_of(where), target, now=now, control=control))


def back_up_before_upgrade(
    where: str | Path,
    target: Path | None,
    *,
    declined: bool = False,
    control: Control | None = None,
    clock: Clock | None = None,
) -> Manifest | None:
    """Write a backup of a team database whose schema `init` is about to upgrade; None where it is not.

    An embedded database keeps its file of before by itself. Raises InvalidInput `backup_first` where no file is
    named and the backup was not declined, and what `back_up` raises.
    """
    if _file_of(where) is not None:
        return None
    from desktop.store.keeping import server
    from desktop.store.schema import HEAD

    found = _told(lambda: server.older_schema(_server_of(where)))
    if found is None or declined:
        return None
    if target is None:
        raise InvalidInput(
            "backup_first",
            N_("This upgrades the team database from schema {found} to {known}; only a backup leads back."),
            remedy=N_("Name a file for it: plumbline init --backup FILE. Or go on without: --without-backup"),
            found=found,
            known=HEAD,
        )
    return back_up(where, target, control=control, clock=clock)


def restore(
    backup: Path, where: str | Path, *, clock: Clock | None = None, control: Control | None = None
) -> Restored:
    """Put a backup in the place of a database, all or nothing; what was there is kept under another name.

    Raises UserError or DatabaseProblem for a damaged, foreign or newer backup, and while anybody has
    the database open.
    """
    now = (clock or SystemClock()).now()
    database = _file_of(where)
    if database is not None:
        require_local(database)
        manifest = embedded.verified(backup, control)
        kept = embedded.restore(backup, database, now=now, control=control)
        return _restored(str(database), backup, manifest, str(kept) if kept else None, [])
    from desktop.store.keeping import server, swapping

    manifest = server.verified(backup, control)
    name, missing = _told(lambda: swapping.restore(backup, _server_of(where), now=now, control=control))
    return _restored(shown_address(where), backup, manifest, name, missing)


def make_ready(backup: Path, where: str | Path, *, control: Control | None = None) -> Path:
    """Copy and check a backup beside an embedded database that goes on being used; return that copy.

    `put_ready` then takes a moment only. Raises what `restore` raises, and Cancelled; nothing is left then.
    """
    database = _file_of(where)
    if database is None:
        raise UserError(
            "restore_by_command",
            N_("The team database is restored by whoever looks after the server."),
            remedy=N_(
                "See the administrator's guide: plumbline restore FILE --database postgresql://host/db"
            ),
        )
    require_local(database)
    control = control or Control()
    ready = database.with_name(f".{database.name}.ready.part")
    try:
        embedded.copy_checked(backup, embedded.verified(backup, control), ready, control)
    except BaseException:
        ready.unlink(missing_ok=True)
        raise
    return ready


def put_ready(ready: Path, backup: Path, where: str | Path, *, clock: Clock | None = None) -> Restored:
    """Put the copy that `make_ready` made in the place of the database, which nobody may have open now."""
    database = Path(str(database_url(where).database))
    manifest = embedded.verified(backup)
    kept = embedded.put_ready(ready, database, now=(clock or SystemClock()).now())
    return _restored(str(database), backup, manifest, str(kept) if kept else None, [])


def hold(workspace: Workspace) -> Holding | None:
    """Say that this window has an embedded database open; `other` of the answer is who had it before."""
    return holder.hold(Path(workspace.place), SystemClock().now()) if workspace.is_sqlite else None


def _restored(
    database: str, backup: Path, manifest: Manifest, kept: str | None, missing: list[str]
) -> Restored:
    return Restored(
        database, str(backup), manifest.schema, manifest.made_at, kept, manifest.counts, tuple(missing)
    )


def shown_address(where: str | Path) -> str:
    """Return an address without its password."""
    return database_url(where).set(drivername="postgresql").render_as_string(hide_password=True)


def _server_of(where: str | Path) -> URL:
    return secured(with_password(database_url(where)))


def _told(job: Callable[[], T]) -> T:
    """Run a job on the server; what its driver says becomes what a person can act on."""
    try:
        return job()
    except SQLAlchemyError as error:
        if told := translated(error):
            raise told from error
        raise
