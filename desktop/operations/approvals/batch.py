"""Approving many requests at once, with the exceptions named: what needs a look of its own is left out (APR-01)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select

from desktop.errors import UserError
from desktop.i18n import ENGLISH, N_, Locale
from desktop.models.approvals import ApprovalRequest
from desktop.operations.approvals.deciding import approve
from desktop.operations.approvals.viewing import context_of
from desktop.operations.database import Database
from desktop.queries.approvals import ApprovalItem, approval_inbox
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A request that is left out, and why."""

    id: int
    title: str
    why: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, locale: Locale = ENGLISH) -> str:
        """Return the reason for a person."""
        return locale._(self.why).format(**self.params)


@dataclass(frozen=True, slots=True)
class Batch:
    """What can be approved at once, and what cannot."""

    clear: tuple[ApprovalItem, ...]
    exceptions: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class BatchDone:
    """Which requests were signed, and which not."""

    signed: tuple[int, ...]
    exceptions: tuple[LeftOut, ...]


def batch_of(work: Work, ids: Iterable[int] | None = None) -> Batch:
    """Return the requests (all that wait, or these) that can be signed at once, and the exceptions.

    Left out is what is not asked of the acting person, and what carries a warning or was edited since: those are
    decided one by one, after a look.
    """
    wanted = None if ids is None else set(ids)
    items = [item for item in approval_inbox(work) if wanted is None or item.id in wanted]
    clear, exceptions = [], []
    for item in items:
        if item.why_not:
            if wanted is not None:
                exceptions.append(LeftOut(item.id, item.title, item.why_not))
            continue
        request = work.session.get_one(ApprovalRequest, item.id)
        warnings = context_of(work, request).warnings
        if warnings:
            exceptions.append(LeftOut(item.id, item.title, warnings[0].text, warnings[0].params))
        else:
            clear.append(item)
    if wanted is not None:
        known = {item.id for item in items}
        gone = sorted(wanted - known)
        titles = select(ApprovalRequest.id, ApprovalRequest.title).where(ApprovalRequest.id.in_(gone))
        names = {row.id: row.title for row in work.rows(titles)} if gone else {}
        why = N_("It does not wait any more.")
        exceptions += [LeftOut(one, names.get(one, ""), why) for one in gone]
    return Batch(tuple(clear), tuple(exceptions))


def approve_many(workspace: Database, items: Sequence[ApprovalItem], *, reason: str = "") -> BatchDone:
    """Sign requests, each in a transaction of its own as the version that was looked at, and name what failed."""
    signed, exceptions = [], []
    for item in items:
        try:
            workspace.write(partial(approve, request_id=item.id, version=item.version, reason=reason))
        except UserError as error:
            exceptions.append(LeftOut(item.id, item.title, error.template, dict(error.params)))
        else:
            signed.append(item.id)
    return BatchDone(tuple(signed), tuple(exceptions))
