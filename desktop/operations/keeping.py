"""Backups as a person asks for them: taken, listed, restored, on either database (issue: nothing is lost)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop.clock import Clock, SystemClock
from desktop.control import Control
from desktop.store.engine import database_url
from desktop.store.keeping import embedded
from desktop.store.keeping.manifest import Manifest
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
