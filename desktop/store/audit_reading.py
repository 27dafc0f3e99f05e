"""Reading the audit trail in chunks, and linking a chunk again as fast as can be (PER-05, security 53 and 63).

A chunk is one text that the database puts together. That its entries fit is told by their hashes alone; what is
wrong with those that do not is for `audit_check` to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

_CHUNK = 4_000
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
_JOIN = {"sqlite": "group_concat({0}, '{1}')", "postgresql": "string_agg({0}, '{1}' ORDER BY position)"}


class Chunk(NamedTuple):
    """Some entries in their order; `text` is of each what its hash is of, the hash, and what its details hash is of."""

    size: int
    first: int
    last: int
    text: str


def chunks(driver: Any, dialect: str, after: int = 0, last: int | None = None) -> Iterator[Chunk]:
    """Yield the trail behind a position, up to another; `driver` is the driver's own connection."""
    whole = f"({ENTRY[dialect]}) || '{_SEPARATOR}' || hash || '{_SEPARATOR}' || {DETAILS}"
    until = "" if last is None else f" AND position <= {last}"
    statement = (
        f"SELECT count(*), min(position), max(position), {_JOIN[dialect].format(whole, _SEPARATOR)} FROM ("
        f" SELECT * FROM audit_entry WHERE position > {{after}}{until} ORDER BY position LIMIT {_CHUNK}) chunk"
    )
    while True:
        cursor = driver.cursor()
        try:
            row = cursor.execute(statement.format(after=after)).fetchone()
        finally:
            cursor.close()
        if not row[0]:
            return
        yield Chunk(*row)
        after = row[2]


def linked(chunk: Chunk, before: str) -> tuple[str, list[int]] | None:
    """Return the last hash of a chunk and the positions whose details are not what they were; None if a link is broken.

    Each entry contributes three texts, so that one which holds the separator itself makes too many of them.
    """
    texts = chunk.text.split(_SEPARATOR)
    if len(texts) != 3 * chunk.size or chunk.last - chunk.first + 1 != chunk.size:
        return None
    entries, hashes = texts[0::3], texts[1::3]
    before_each = [before, *hashes[:-1]]
    links = [
        sha256(f"{previous}\n{position}|{entry}".encode()).hexdigest()
        for previous, position, entry in zip(
            before_each, range(chunk.first, chunk.last + 1), entries, strict=True
        )
    ]
    if links != hashes:
        return None
    told = [sha256(text.encode()).hexdigest() if text else "" for text in texts[2::3]]
    unlike = [
        position
        for position, (hidden, entry) in enumerate(zip(told, entries, strict=True), chunk.first)
        if not entry.startswith(hidden) or entry[len(hidden)] != "|"
    ]
    return hashes[-1], unlike
