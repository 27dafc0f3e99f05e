"""Is an embedded database whole? Looked at before anything of it is used, in a bounded time (case 24).

SQLite has no checksums: a flipped byte in a text is as good to it as any other. So whoever closes a
database last leaves a **seal**: the SHA-256 of the file and the change counter that SQLite keeps in
it. A file with another hash and the same counter was changed by no database program.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

from desktop.errors import DatabaseProblem, UserError
from desktop.i18n import N_
from desktop.store.keeping import automatic
from desktop.store.keeping.embedded import alone, open_plain
from desktop.store.keeping.files import side_files
from desktop.store.keeping.log_file import check_log
from desktop.store.keeping.manifest import SQLITE_HEAD, sha256_of

log = logging.getLogger(__name__)

SECONDS = 2.0
"""How long SQLite may look through the file at each opening; the daily backup looks through all of it."""
LARGEST_SEALED = 256_000_000
"""Bytes; above, reading the file at each opening would be felt."""


def examine(path: Path) -> None:
    """Raise DatabaseProblem `database_damaged` or `database_foreign` if the file is not a whole database.

    Nothing is written. A file without content is a new database, unless there was one before.
    """
    size = path.stat().st_size
    wal = side_files(path)[0]
    if size == 0 and not (wal.exists() and wal.stat().st_size):
        if seal_of(path).exists() or automatic.listed(path):
            raise damaged(path, "empty")
        return
    with path.open("rb") as stream:
        head = stream.read(100)
    _check_head(path, head, size, has_log=wal.exists())
    if wal.exists():
        check_log(path, wal, page_size=_page_size(head))
    elif _sealed(path, head, size):
        return
    _check_structure(path)


def _check_head(path: Path, head: bytes, size: int, *, has_log: bool) -> None:
    if len(head) < 100 or not head.startswith(SQLITE_HEAD):
        raise damaged(path, "header")
    page, pages = _page_size(head), int.from_bytes(head[28:32], "big")
    valid = head[24:28] == head[92:96]
    if page < 512 or page & (page - 1) or (valid and not has_log and size < pages * page):
        raise damaged(path, "header" if page < 512 or page & (page - 1) else "truncated")


def _page_size(head: bytes) -> int:
    found = int.from_bytes(head[16:18], "big")
    return 65536 if found == 1 else found


def _check_structure(path: Path) -> None:
    try:
        with closing(open_plain(path, mode="ro")) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            answer = _quick_check(connection)
    except sqlite3.OperationalError as error:
        if "malformed" in str(error):
            raise damaged(path, str(error)) from error
        return  # locked or not readable: the opening itself says what is wrong
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from error
    if answer != "ok":
        raise damaged(path, answer)
    if tables and "alembic_version" not in tables:
        raise DatabaseProblem(
            "database_foreign",
            N_("{path} is a database of another program; nothing was changed in it."),
            remedy=N_("Choose another file. To bring its data in, migrate it: plumbline migrate {path}"),
            path=path,
        )


def _quick_check(connection: sqlite3.Connection) -> str:
    timer = threading.Timer(SECONDS, connection.interrupt)
    timer.start()
    try:
        return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        log.info("the file is large: the check at opening stopped after %s s", SECONDS)
        return "ok"
    finally:
        timer.cancel()
        timer.join()


def is_damaged(path: Path) -> bool:
    """Whether `examine` calls the file damaged."""
    try:
        examine(path)
    except DatabaseProblem as problem:
        return problem.code == "database_damaged"
    return False


def damaged(path: Path, detail: str) -> DatabaseProblem:
    """Return the refusal of a file that is not whole; a backup is the way on."""
    return DatabaseProblem(
        "database_damaged",
        N_("The database {path} is damaged ({detail}); it was not touched."),
        remedy=N_("Restore the newest good backup: plumbline restore --newest. The damaged file is kept."),
        path=path,
        detail=detail,
    )


def seal_of(path: Path) -> Path:
    """Return the name of a database's seal."""
    return path.with_name(path.name + ".seal")


def seal(path: Path) -> bool:
    """Leave a seal if nobody else has the database open; return whether there is one now."""
    try:
        if not path.exists() or path.stat().st_size > LARGEST_SEALED:
            return False
        alone(path, patience=0)
        size = path.stat().st_size
        with path.open("rb") as stream:
            counter = stream.read(100)[24:28].hex()
        document = {"size": size, "counter": counter, "sha256": sha256_of(path, size)}
        draft = seal_of(path).with_suffix(".seal.new")
        draft.write_text(json.dumps(document), encoding="ascii")
        draft.replace(seal_of(path))
    except (OSError, UserError) as problem:
        log.info("no seal on %s: %s", path, problem)
        return False
    return True


def _sealed(path: Path, head: bytes, size: int) -> bool:
    """Whether the file is byte for byte what its seal says; False where the seal is of an earlier state."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads(seal_of(path).read_text(encoding="ascii"))
        if said["counter"] != head[24:28].hex() or head[24:28] != head[92:96]:
            return False
        if said["size"] != size or said["sha256"] != sha256_of(path, size):
            raise damaged(path, "SHA-256")
        return True
    return False
