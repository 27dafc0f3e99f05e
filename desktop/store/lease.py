"""The lease of the clock: one console at a time, by the database's own time, with a fencing token (PLT-09).

Consoles' clocks differ and consoles die, so neither is trusted: whether a lease has run out is decided by the
database, and whoever acts under a lease renews it within the same transaction by its token. A console that
slept through its lease finds another token there and does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from desktop.errors import UserError
from desktop.i18n import N_
from desktop.models.clockwork import JobLease
from desktop.store.workspace import Work

LEASE_SECONDS = 300
"""Longer than any one step takes (a mail server may be silent for a minute), short enough to wait for."""
LOST = "lease_lost"


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it was granted: only who knows its token acts under it."""

    name: str
    holder: str
    token: int


def database_time(work: Work) -> datetime:
    """Return what time it is at the database, in UTC, whatever this console's clock says."""
    if work.is_sqlite:
        said = work.session.execute(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")).scalar_one()
        return datetime.fromisoformat(str(said)).replace(tzinfo=UTC)
    found: datetime = work.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)


def take(work: Work, name: str, holder: str) -> Lease | None:
    """Take a lease that is free, has run out or is this holder's own; None if somebody else has it."""
    now = database_time(work)
    expires = now + timedelta(seconds=LEASE_SECONDS)
    row = work.session.scalars(select(JobLease).where(JobLease.name == name).with_for_update()).first()
    if row is None:
        try:
            with work.session.begin_nested():
                work.session.add(JobLease(name=name, holder=holder, token=1, expires_at=expires))
        except IntegrityError:
            return None  # somebody else was the very first
        return Lease(name, holder, 1)
    if row.expires_at > now and row.holder != holder:
        return None
    row.holder, row.token, row.expires_at = holder, row.token + 1, expires
    work.session.flush()
    return Lease(name, holder, row.token)


def renew(work: Work, lease: Lease) -> None:
    """Prolong a lease and keep others from it until this transaction ends; raise UserError if it is lost."""
    expires = database_time(work) + timedelta(seconds=LEASE_SECONDS)
    mine = (JobLease.name == lease.name, JobLease.token == lease.token)
    changed = work.session.execute(update(JobLease).where(*mine).values(expires_at=expires))
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise UserError(LOST, N_("Another console runs the clock by now."))


def release(work: Work, lease: Lease) -> None:
    """Let the next one have the lease at once; a lease that was lost stays with whoever has it."""
    mine = (JobLease.name == lease.name, JobLease.token == lease.token)
    work.session.execute(update(JobLease).where(*mine).values(expires_at=database_time(work)))


def holder_of(work: Work, name: str) -> tuple[str, datetime] | None:
    """Return who has a lease and until when; None if nobody has it now."""
    row = work.session.scalars(select(JobLease).where(JobLease.name == name)).first()
    return None if row is None or row.expires_at <= database_time(work) else (row.holder, row.expires_at)
