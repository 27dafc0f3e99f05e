"""Reading the audit trail in chunks, and linking a chunk again as fast as can be (PER-05, security 53 and 63).

That the entries of a chunk fit is told by their hashes alone; what is wrong with those that do not is for
`audit_check` to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection

from desktop.store.engine import is_sqlite

_CHUNK = {"sqlite": 1_000, "postgresql": 4_000}
_SEPARATOR = "\x1e"

_WORDS = "coalesce(nullif(operation_id, ''), '-')", "action", "coalesce('=' || subject, '-')"
ENTRY = {
    # Joined, not formatted: format() would take a text for ended at its first NUL.
    "sqlite": "coalesce(details_hash, '') || '|' || at || '|' || coalesce(person_id, '') || '|' ||"
    f" coalesce(subject_id, '') || '|' || {_WORDS[0]} || '|' || {_WORDS[1]} || '|' || {_WORDS[2]}",
    "postgresql": "concat(details_hash, '|', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '|',"
    f" person_id, '|', subject_id, '|', {_WORDS[0]}, '|', {_WORDS[1]}, '|', {_WORDS[2]})",
}
"""The canonical text of an entry (`audit_chain.canonical`) as each database says it."""
DETAILS = (
    "coalesce(salt || '\n' || CAST(details AS text),"
    " CASE WHEN details IS NOT NULL OR salt IS NOT NULL THEN '?' ELSE '' END)"
)
"""What the details hash is of; “?” where details stand without a salt or the other way round."""
_TEXT = (
    "SELECT count(*), min(position), max(position), string_agg(({entry}) || '{between}' || hash || '{between}' || {details},"
    " '{between}' ORDER BY position) FROM audit_entry WHERE position BETWEEN {first} AND {last}"
)
_ROWS = (
    "SELECT position, {entry}, hash, {details} FROM audit_entry"
    " WHERE id BETWEEN (SELECT id FROM audit_entry WHERE position = {first})"
    " AND (SELECT id FROM audit_entry WHERE position = {last}) ORDER BY id"
)
_NEXT = "SELECT min(position) FROM audit_entry WHERE position >= {first}"


class Chunk(NamedTuple):
    """The entries between two positions: of each what its hash is of, the hash, and what its details hash is of.

    There are none of them where the rows are not one entry for each position.
    """

    first: int
    last: int
    entries: Sequence[str] = ()
    hashes: Sequence[str] = ()
    details: Sequence[str] = ()


def chunks(driver: Any, dialect: str, after: int, last: int) -> Iterator[Chunk]:
    """Yield the trail behind a position, up to another; `driver` is the driver's own connection."""
    read = _rows if dialect == "sqlite" else _texts
    while after < last:
        first, end = after + 1, min(after + _CHUNK[dialect], last)
        chunk = Chunk(first, end, *read(driver, first, end))
        yield chunk
        after = end
        if not chunk.entries:
            # There may be nothing for a long way: a position can be anything that somebody wrote there.
            following = _asked(driver, _NEXT.format(first=end + 1))[0][0]
            after = end if following is None else following - 1


def _texts(driver: Any, first: int, last: int) -> tuple[Sequence[str], ...]:
    """Ask a server for one text: a row for each entry would take the driver longer than all the rest.

    Each entry contributes three texts, so that one which holds the separator itself makes too many of them.
    """
    told = {"entry": ENTRY["postgresql"], "details": DETAILS, "between": _SEPARATOR}
    size, lowest, highest, text = _asked(driver, _TEXT.format(**told, first=first, last=last))[0]
    texts = text.split(_SEPARATOR) if (size, lowest, highest) == (last - first + 1, first, last) else ()
    return (texts[0::3], texts[1::3], texts[2::3]) if len(texts) == 3 * size else ()


def _rows(driver: Any, first: int, last: int) -> tuple[Sequence[str], ...]:
    """Read a file in the order of its rows, which is that of the positions: entries are added one after the other."""
    asked = _ROWS.format(entry=ENTRY["sqlite"], details=DETAILS, first=first, last=last)
    try:
        rows = _asked(driver, asked)
    except driver.OperationalError:
        return ()  # A text that is none: it is looked at by itself.
    positions, *texts = zip(*rows, strict=True) if rows else ((),)
    return tuple(texts) if positions == tuple(range(first, last + 1)) else ()


def _asked(driver: Any, statement: str) -> list[Any]:
    cursor = driver.cursor()
    try:
        return list(cursor.execute(statement).fetchall())
    finally:
        cursor.close()


def readable(connection: Connection, statement: str) -> list[Any]:
    """Return rows of a statement; what somebody made no text any more comes with marks in it, and fits nothing."""
    driver = connection.connection.driver_connection
    if not is_sqlite(connection) or driver is None:
        return list(connection.exec_driver_sql(statement))
    driver.text_factory = partial(str, encoding="utf-8", errors="replace")
    try:
        return list(connection.exec_driver_sql(statement))
    finally:
        driver.text_factory = str


def linked(chunk: Chunk, before: str) -> tuple[str, list[int]] | None:
    """Return the last hash of a chunk and the positions whose details are not what they were; None if a link is broken."""
    if not chunk.entries:
        return None
    positions = range(chunk.first, chunk.last + 1)
    links = [
        sha256(f"{previous}\n{position}|{entry}".encode()).hexdigest()
        for previous, position, entry in zip(
            (before, *chunk.hashes[:-1]), positions, chunk.entries, strict=True
        )
    ]
    if links != list(chunk.hashes):
        return None
    told = [sha256(text.encode()).hexdigest() if text else "" for text in chunk.details]
    unlike = [
        position
        for position, hidden, entry in zip(positions, told, chunk.entries, strict=True)
        if not entry.startswith(hidden) or entry[len(hidden)] != "|"
    ]
    return chunk.hashes[-1], unlike
