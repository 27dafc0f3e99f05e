"""Is the chain of audit entries as it was written? (PER-05, security 53 and 63)

Entries are linked again here, in this program: nothing the server computes is believed but the columns
themselves. They are read in chunks (`audit_reading`), long trails are cut into parts for several processes
(`audit_parts`); entry by entry is looked at only where something does not fit.
One broken link is told once, for the next entry is held to what is stored.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from desktop.control import Control
from desktop.i18n import N_
from desktop.models.reports import ReportFile
from desktop.store.audit_chain import GENESIS, Head, hash_at, link
from desktop.store.audit_parts import WORTH, Fitting, Part, newest, parts, verified
from desktop.store.audit_reading import DETAILS, ENTRY, chunks, linked, readable
from desktop.store.engine import is_sqlite
from desktop.store.parts import in_parts
from desktop.store.workspace import Work
from desktop.terms import Role

ERASURE = "erase_person"
"""The action of the entry that records why details of others are gone."""
MOST_FINDINGS = 100
_MOST_MOVED = 24
_ERASURES = (
    f"SELECT position, CAST(details AS text) FROM audit_entry WHERE action = '{ERASURE}' ORDER BY position"
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
    connection: Connection,
    control: Control | None = None,
    anchors: Sequence[Head] = (),
    worth: int = WORTH,
) -> Checked:
    """Link all entries again and compare them with `anchors`, heads that were printed elsewhere.

    The connection must be allowed to read every entry (administrators and auditors are). A trail of twice `worth`
    entries and more is verified by several processes.
    """
    return _Verification(connection, control or Control(), anchors, worth).run()


class _Verification:
    def __init__(self, connection: Connection, control: Control, anchors: Sequence[Head], worth: int) -> None:
        self.connection = connection
        self.control = control
        self.anchors = anchors
        self.worth = worth
        self.findings: list[Finding] = []
        self.count = 0
        self.entries = 0
        self.erased = 0
        self.broken: list[tuple[int, str, str, str]] = []
        self.erasures: dict[int, frozenset[int]] = {}

    def run(self) -> Checked:
        self.erasures = dict(self._erasures())
        before, expected = GENESIS, 1
        asked = parts(self.connection, os.cpu_count() or 1, self.worth)
        if len(asked) > 1:
            for part, found in zip(asked, verified(self.connection, asked, self.control), strict=True):
                before, expected = self._part(part, found, before, expected)
        # What stands behind the parts: all of it where there are none.
        before, expected = self._in_turn(expected - 1, newest(self.connection), before, expected)
        self._tell_broken()
        self._compare()
        self._look_at_the_end(expected)
        self.findings.sort(key=lambda finding: finding.position)
        return Checked(
            self.entries, self.erased, Head(expected - 1, before), tuple(self.findings), self.count
        )

    def _part(self, part: Part, found: Fitting | None, before: str, expected: int) -> tuple[str, int]:
        """Take over what a child found; look at a part that does not fit oneself."""
        if found is None or expected != part.after + 1:
            return self._in_turn(part.after, part.last, before, expected)
        self._look_at_details(found.unlike)
        self.entries += part.last - part.after
        self._say_how_far()
        return found.head, part.last + 1

    def _in_turn(self, after: int, last: int, before: str, expected: int) -> tuple[str, int]:
        """Verify what stands between two positions, chunk by chunk."""
        # The driver itself: SQLAlchemy's rows would copy the strings once more.
        driver = self.connection.connection.driver_connection
        for chunk in chunks(driver, self.connection.dialect.name, after, last):
            self.control.check()
            done = linked(chunk, before) if chunk.first == expected else None
            if done is None:
                before, expected = self._one_by_one(chunk.first, chunk.last, before, expected)
            else:
                self._look_at_details(done[1])
                before, expected = done[0], chunk.last + 1
                self.entries += len(chunk.entries)
            self._say_how_far()
        return before, expected

    def _say_how_far(self) -> None:
        self.control.report(self.entries, None, N_("Verifying the audit trail"))

    def _look_at_details(self, positions: Sequence[int]) -> None:
        """Judge details that are not what they were."""
        for part in in_parts(positions):
            some = ", ".join(map(str, part))
            asked = f"SELECT position, details_hash, {DETAILS} FROM audit_entry WHERE position IN ({some})"
            for position, stored, detail in readable(self.connection, asked):
                if _hidden(detail) != (stored or ""):
                    self._unlike(position, detail)

    def _one_by_one(self, first: int, last: int, before: str, expected: int) -> tuple[str, int]:
        """Say what is wrong between two positions."""
        entry = ENTRY[self.connection.dialect.name]
        rows = readable(
            self.connection,
            f"SELECT position, {entry}, hash, {DETAILS} FROM audit_entry"
            f" WHERE position BETWEEN {first} AND {last} ORDER BY position",
        )
        self.entries += len(rows)
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
            if _hidden(detail) != entry.partition("|")[0]:
                self._unlike(position, detail)
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
            stored = GENESIS if anchor.position == 0 else hash_at(self.connection, anchor.position) or ""
            if stored != anchor.hash:
                self._add(
                    "audit_head_differs",
                    N_(
                        "At position {position} the chain says {found}, but a manifest says {printed}:"
                        " the trail was written anew or cut off."
                    ),
                    anchor.position,
                    found=stored[:16] or "—",
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
        for position, details in readable(self.connection, _ERASURES):
            # Details that somebody wrote over say nothing, and are told as changed.
            with contextlib.suppress(ValueError, TypeError, AttributeError):
                yield int(position), frozenset(json.loads(details or "{}").get("entries", ()))


def _hidden(detail: str) -> str:
    """Return the hash of details with their salt, nothing for none."""
    return sha256(detail.encode()).hexdigest() if detail else ""
