"""Backups that nobody has to think of: made by themselves, kept by a simple rule, never filling the disk.

They lie in a folder beside the database. Of each of the last seven days that have one, and of each of
the last four weeks, the newest stays; the newest of all is never removed.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from desktop.control import Control
from desktop.errors import UserError
from desktop.store.keeping import embedded
from desktop.store.keeping.files import has_room, unused
from desktop.store.keeping.manifest import Manifest, Why, read_manifest

log = logging.getLogger(__name__)

SUFFIX = ".plumbline"
BEFORE_UPGRADE = ".before-upgrade"
DAYS, WEEKS = 7, 4
DUE_AFTER = timedelta(hours=20)
"""Less than a day: whoever starts at nine every morning gets one every morning."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file beside the database that says it is a backup; whether it is a good one is only known when it is checked.

    `why` says what made it.
    """

    path: Path
    made_at: datetime
    made_by: str
    schema: str
    why: str
    rows: int
    size: int


def folder_of(database: Path) -> Path:
    """Return the folder of a database's automatic backups."""
    return database.with_name(database.name + ".backups")


def listed(database: Path) -> list[Kept]:
    """Return the automatic backups there are, newest first; what is not readable is left out."""
    found = []
    for path in folder_of(database).glob(f"*{SUFFIX}"):
        with contextlib.suppress(UserError, OSError, ValueError):
            if manifest := read_manifest(path):
                found.append(_found(path, manifest))
    return sorted(found, key=lambda item: item.made_at, reverse=True)


def _found(path: Path, manifest: Manifest) -> Kept:
    return Kept(
        path,
        datetime.fromisoformat(manifest.made_at),
        manifest.made_by,
        manifest.schema,
        manifest.why,
        sum(manifest.counts.values()),
        path.stat().st_size,
    )


def newest_good(database: Path, control: Control | None = None) -> tuple[Kept | None, list[Path]]:
    """Return the newest backup every byte of which is as it was written, and the newer ones that are not."""
    bad = []
    for path in _candidates(database):
        try:
            manifest = embedded.verified(path, control)
        except (UserError, OSError) as problem:
            log.info("%s is no good backup: %s", path, problem)
            bad.append(path)
            continue
        return _found(path, manifest), bad
    return None, bad


def _candidates(database: Path) -> Iterator[Path]:
    """Every file that may be a backup, newest first by its own account, else by the file's time."""
    dated = {found.path: found.made_at.timestamp() for found in listed(database)}
    paths = [*folder_of(database).glob(f"*{SUFFIX}")]
    paths += [path for path in [database.with_name(database.name + BEFORE_UPGRADE)] if path.exists()]
    yield from sorted(paths, key=lambda path: dated.get(path) or path.stat().st_mtime, reverse=True)


def is_due(database: Path, now: datetime, after: timedelta = DUE_AFTER) -> bool:
    """Whether the newest automatic backup is older than most of a day (or than `after`)."""
    newest = next(iter(listed(database)), None)
    return newest is None or now - newest.made_at > after


def keep_safe(
    database: Path, *, by: str, now: datetime, why: Why = "daily", control: Control | None = None
) -> Manifest | None:
    """Make an automatic backup and remove those the rule does not keep; None where the disk has no room.

    Raises what `embedded.back_up` raises: a damaged database makes no backup and removes none.
    """
    folder = folder_of(database)
    if not has_room(folder, database.stat().st_size):
        log.warning("no automatic backup: too little room in %s", folder)
        return None
    target = unused(folder / f"{database.stem}-{now:%Y%m%dT%H%M%S}{SUFFIX}")
    made = embedded.back_up(database, target, by=by, now=now, why=why, with_digest=False, control=control)
    for path in superfluous(listed(database)):
        with contextlib.suppress(OSError):
            path.unlink()
    return made


def superfluous(backups: Iterable[Kept]) -> list[Path]:
    """Return the backups that the rule lets go: all but the newest of 7 days and of 4 weeks."""
    newest_first = sorted(backups, key=lambda item: item.made_at, reverse=True)
    days: dict[object, Path] = {}
    weeks: dict[object, Path] = {}
    for item in newest_first:
        local = item.made_at.astimezone()
        days.setdefault(local.date(), item.path)
        weeks.setdefault(local.isocalendar()[:2], item.path)
    kept = {*list(days.values())[:DAYS], *list(weeks.values())[:WEEKS]}
    return [item.path for item in newest_first if item.path not in kept]
