"""Is the chain of audit entries as it was written? (PER-05, security 53 and 63)

Entries are linked again here, in this process: nothing the server computes is believed but the columns
themselves. A chunk of them is one string of texts, one of hashes and one of details, put together by the
database while the chunk before it is being hashed; entry by entry is looked at only where a chunk does not fit.
One broken link is told once, for the next entry is held to what is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from desktop.control import Control
from desktop.i18n import N_
from desktop.models.reports import ReportFile
from desktop.store.audit_chain import GENESIS, Head, link
from desktop.store.engine import is_sqlite
from desktop.store.workspace import Work
from desktop.terms import Role

ERASURE = "erase_person"
"""The action of the entry that records why details of others are gone."""
MOST_FINDINGS = 100
_MOST_MOVED = 24
_CHUNK = 4_000
_SEPARATOR = "\x1e"

_WORDS = "coalesce(nullif(operation_id, ''), '-')", "action", "coalesce('=' || subject, '-')"
_ENTRY = {
    # One call that puts everything together is twice as quick on SQLite as joining piece by piece.
    "sqlite": "format('%s|%s|%s|%s|%s|%s|%s', details_hash, at, person_id, subject_id, "
    + f"{', '.join(_WORDS)})",
    "postgresql": "concat(details_hash, '|', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '|',"
    f" person_id, '|', subject_id, '|', {_WORDS[0]}, '|', {_WORDS[1]}, '|', {_WORDS[2]})",
}
_DETAILS = (
    "coalesce(salt || '\n' || CAST(details AS text),"
    " CASE WHEN details IS NOT NULL OR salt IS NOT NULL THEN '?' ELSE '' END)"
)
"""What the details hash is of; “?” where details stand without a salt or the other way round."""
_JOIN = {"sqlite": "group_concat({0}, '{1}')", "postgresql": "string_agg({0}, '{1}' ORDER BY position)"}
_ERASURES = (
    f"SELECT position, CAST(details AS text) FROM audit_entry WHERE action = '{ERASURE}' ORDER BY position"
)


def _statement(dialect: str) -> str:
    join = _JOIN[dialect]
    columns = (
        join.format(f"({_ENTRY[dialect]})", _SEPARATOR),
        join.format("hash", ""),
        join.format(f"({_DETAILS})", _SEPARATOR),
    )
    return (
        f"SELECT count(*), min(position), max(position), {', '.join(columns)} FROM ("
        " SELECT * FROM audit_entry WHERE position > {after} ORDER BY position"
        f" LIMIT {_CHUNK}) chunk"
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the chain is not as it was written; `message` is a gettext id filled with `params`."""

    code: str
    message: str
    position: int
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What verification found: entries read, how many of them have erased details, the head, what is wrong."""

    entries: int
    erased: int
    head: Head
    findings: tuple[Finding, ...]
    count: int
    """How many things are wrong; the first `MOST_FINDINGS` of them are listed."""


def may_read_all(work: Work) -> bool:
    """Whether the acting person can read every entry, without which a chain cannot be verified."""
    return work.is_sqlite or work.actor.role in (Role.ADMIN, Role.AUDITOR)


def registered_heads(work: Work) -> list[Head]:
    """Return the heads that were printed on the workbooks registered here."""
    printed = select(ReportFile.chain_position, ReportFile.chain_hash).where(
        ReportFile.chain_position.is_not(None)
    )
    return [Head(row.chain_position, row.chain_hash) for row in work.rows(printed.distinct())]


def verify_chain(
    connection: Connection, control: Control | None = None, anchors: Sequence[Head] = ()
) -> Checked:
    """Link all entries again and compare them with `anchors`, heads that were printed elsewhere.

    The connection must be allowed to read every entry (administrators and auditors are).
    """
    return _Verification(connection, control or Control(), anchors).run()


class _Chunk(NamedTuple):
    size: int
    first: int
    last: int
    entries: str
    hashes: str
    details: str


class _Verification:
    def __init__(self, connection: Connection, control: Control, anchors: Sequence[Head]) -> None:
        self.connection = connection
        self.control = control
        self.anchors = anchors
        self.wanted = {anchor.position: GENESIS if anchor.position == 0 else "" for anchor in anchors}
        self.findings: list[Finding] = []
        self.count = 0
        self.entries = 0
        self.erased = 0
        self.broken: list[tuple[int, str, str, str]] = []
        self.erasures: dict[int, frozenset[int]] = {}

    def run(self) -> Checked:
        self.erasures = dict(self._erasures())
        before, expected = GENESIS, 1
        for chunk in self._chunks():
            self.control.check()
            before, expected = self._link(chunk, before, expected)
            self.entries += chunk.size
            self.control.report(self.entries, None, N_("Verifying the audit trail"))
        self._tell_broken()
        self._compare()
        self._look_at_the_end(expected)
        self.findings.sort(key=lambda finding: finding.position)
        return Checked(
            self.entries, self.erased, Head(expected - 1, before), tuple(self.findings), self.count
        )

    def _link(self, chunk: _Chunk, before: str, expected: int) -> tuple[str, int]:
        """Link a chunk again; the hot loop is one hash per entry and one per entry with details."""
        entries, details = chunk.entries.split(_SEPARATOR), chunk.details.split(_SEPARATOR)
        fits = (
            len(entries) == len(details) == chunk.size
            and chunk.first == expected
            and chunk.last - chunk.first + 1 == chunk.size
        )
        if fits:
            links: list[str] = []
            add = links.append
            head = before
            for position, entry in enumerate(entries, chunk.first):
                head = sha256(f"{head}\n{position}|{entry}".encode()).hexdigest()
                add(head)
            fits = "".join(links) == chunk.hashes
        if fits:
            for position, entry, detail in zip(
                range(chunk.first, chunk.last + 1), entries, details, strict=True
            ):
                if (sha256(detail.encode()).hexdigest() if detail else "") != entry.partition("|")[0]:
                    self._unlike(position, detail)
            self._keep_wanted(chunk.first, links)
            return head, chunk.last + 1
        return self._one_by_one(chunk, before, expected)

    def _keep_wanted(self, first: int, links: list[str]) -> None:
        for position in self.wanted.keys() & range(first, first + len(links)):
            self.wanted[position] = links[position - first]

    def _one_by_one(self, chunk: _Chunk, before: str, expected: int) -> tuple[str, int]:
        """Say what is wrong in a chunk that does not fit."""
        dialect = self.connection.dialect.name
        rows = self.connection.exec_driver_sql(
            f"SELECT position, {_ENTRY[dialect]}, hash, {_DETAILS} FROM audit_entry"
            f" WHERE position BETWEEN {chunk.first} AND {chunk.last} ORDER BY position"
        )
        for position, entry, stored, detail in rows:
            if position != expected:
                self._add(
                    "audit_removed",
                    N_("Audit entries {first} to {last} were removed."),
                    expected,
                    first=expected,
                    last=position - 1,
                )
            if link(before, position, entry) != stored:
                self._break(position, entry, before, stored)
            if (sha256(detail.encode()).hexdigest() if detail else "") != entry.partition("|")[0]:
                self._unlike(position, detail)
            self._keep_wanted(position, [stored])
            before, expected = stored, position + 1
        return before, expected

    def _break(self, position: int, entry: str, before: str, stored: str) -> None:
        self.count += 1
        if len(self.broken) < MOST_FINDINGS:
            self.broken.append((position, entry, before, stored))

    def _unlike(self, position: int, detail: str) -> None:
        """Details may be gone where a later entry of the chain says that it erased them."""
        if detail:
            self._add(
                "audit_details_changed", N_("The details of audit entry {position} were changed."), position
            )
        elif any(position in gone for by, gone in self.erasures.items() if by > position):
            self.erased += 1
        else:
            self._add(
                "audit_details_removed",
                N_("The details of audit entry {position} were removed, and no erasure says so."),
                position,
            )

    def _tell_broken(self) -> None:
        moved = self._moved() if len(self.broken) <= _MOST_MOVED else {}
        for position, *_rest in self.broken:
            self.count -= 1
            if position in moved:
                self._add(
                    "audit_moved",
                    N_("Audit entry {position} stood at position {other} when it was written."),
                    position,
                    other=moved[position],
                )
            else:
                self._add(
                    "audit_changed",
                    N_("Audit entry {position} was changed or put in, or the entry before it was."),
                    position,
                )

    def _moved(self) -> dict[int, int]:
        """Find broken entries whose hash fits another place: the chain was put into another order."""
        places = [position for position, *_rest in self.broken]
        befores = {before for _position, _entry, before, _stored in self.broken}
        befores |= {stored for *_rest, stored in self.broken}
        found: dict[int, int] = {}
        for position, entry, _before, stored in self.broken:
            for other in places:
                if other != position and any(link(before, other, entry) == stored for before in befores):
                    found[position] = other
                    break
        return found

    def _compare(self) -> None:
        for anchor in self.anchors:
            if self.wanted[anchor.position] != anchor.hash:
                self._add(
                    "audit_head_differs",
                    N_(
                        "At position {position} the chain says {found}, but a manifest says {printed}:"
                        " the trail was written anew or cut off."
                    ),
                    anchor.position,
                    found=self.wanted[anchor.position][:16] or "—",
                    printed=anchor.hash[:16],
                )

    def _look_at_the_end(self, expected: int) -> None:
        """On SQLite the counter of ids still knows of entries that were cut off the end."""
        if not is_sqlite(self.connection):
            return
        counter = self.connection.exec_driver_sql(
            "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'audit_entry'),"
            " (SELECT max(id) FROM audit_entry)"
        ).one()
        missing = int(counter[0] or 0) - int(counter[1] or 0)
        if missing > 0:
            self._add(
                "audit_cut_off",
                N_("The newest {n} audit entries were removed."),
                expected,
                n=missing,
            )

    def _add(self, code: str, message: str, position: int, **params: Any) -> None:
        self.count += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, message, position, {"position": position, **params}))

    def _erasures(self) -> Iterator[tuple[int, frozenset[int]]]:
        for position, details in self.connection.exec_driver_sql(_ERASURES):
            yield int(position), frozenset(json.loads(details or "{}").get("entries", ()))

    def _chunks(self) -> Iterator[_Chunk]:
        """Yield the chain in chunks; the next one is put together while this one is hashed."""
        statement = _statement(self.connection.dialect.name)

        def fetch(after: int) -> _Chunk | None:
            # The driver itself: SQLAlchemy's rows would copy the strings once more.
            driver: Any = self.connection.connection.driver_connection
            cursor = driver.cursor()
            try:
                row = cursor.execute(statement.format(after=after)).fetchone()
            finally:
                cursor.close()
            return _Chunk(*row) if row[0] else None

        with ThreadPoolExecutor(1) as ahead:
            chunk = fetch(0)
            while chunk is not None:
                following = ahead.submit(fetch, chunk.last)
                yield chunk
                chunk = following.result()
