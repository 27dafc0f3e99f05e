"""Backups as a person asks for them: taken, listed, restored, on either database (issue: nothing is lost)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop.clock import Clock, FixedClock, SystemClock
from desktop.control import Control
from desktop.store.engine import database_url
from desktop.store.keeping import automatic, condition, embedded
from desktop.store.keeping.manifest import Manifest, Why
from desktop.store.places import require_local
from desktop.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: `kept` is where the replaced database is, None if there was none."""

    database: str
    backup: str
    schema: str
    made_at: str
    kept: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that lies beside the database; `why` says what made it."""

    path: str
    made_at: datetime
    made_by: str
    schema: str
    why: str
    rows: int
    size: int


def leave(workspace: Workspace) -> None:
    """Close a database; whoever is the last to leave an embedded one puts the seal on it (case 24)."""
    workspace.close()
    if workspace.is_sqlite:
        condition.seal(Path(workspace.place))


def kept_backups(where: str | Path) -> list[Kept]:
    """Return the automatic backups of an embedded database, newest first; none for a team database."""
    database = _file_of(where)
    return [_kept(item) for item in automatic.listed(database)] if database else []


def newest_good_backup(where: str | Path, control: Control | None = None) -> Kept | None:
    """Return the newest automatic backup every byte of which was checked just now; None if there is none."""
    database = _file_of(where)
    found = automatic.newest_good(database, control)[0] if database else None
    return _kept(found) if found else None


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


def _file_of(where: str | Path) -> Path | None:
    url = database_url(where)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def _kept(item: automatic.Found) -> Kept:
    return Kept(str(item.path), item.made_at, item.made_by, item.schema, item.why, item.rows, item.size)


def back_up(workspace: Workspace, target: Path, control: Control | None = None) -> Manifest:
    """Write a backup of the open database, consistent while it is in use.

    Raises UserError (`file_not_written`, `tool_missing`), DatabaseProblem or Cancelled; an older file
    at `target` stays until the new one is whole.
    """
    now = SystemClock().now()
    return embedded.back_up(
        Path(str(workspace.engine.url.database)),
        target.expanduser().absolute(),
        by=workspace.actor.login,
        now=now,
        control=control,
    )


def restore(
    backup: Path, where: str | Path, *, clock: Clock | None = None, control: Control | None = None
) -> Restored:
    """Put a backup in the place of a database, all or nothing; what was there is kept under another name.

    Raises UserError or DatabaseProblem for a damaged, foreign or newer backup, and while anybody has
    the database open.
    """
    now = (clock or SystemClock()).now()
    target = Path(str(database_url(where).database))
    require_local(target)
    manifest = embedded.verified(backup, control)
    kept = embedded.restore(backup, target, now=now, control=control)
    return Restored(
        str(target),
        str(backup),
        manifest.schema,
        manifest.made_at,
        str(kept) if kept else None,
        manifest.counts,
    )
