"""Giving records another owner: the one place that does, because it crosses who may see what (HND-03).

On the team database nobody but an import may write an owner column: `plumbline.assign` does it, in the
caller's transaction, for whoever may give these records away. The embedded database has no such boundary.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, bindparam, insert, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from desktop.errors import StaleRecord
from desktop.i18n import N_
from desktop.models import Base
from desktop.models.people import Ownership
from desktop.store.parts import in_parts
from desktop.store.workspace import Work
from desktop.terms import OwnedKind


def hold_person(work: Work, person_id: int) -> None:
    """Make new records of a person wait until this transaction has ended, so that none is left behind."""
    if not work.is_sqlite:  # there the write lock is held already
        work.session.execute(
            text("SELECT plumbline.hold_person(:person)").bindparams(
                bindparam("person", person_id, BigInteger)
            )
        )


def move_owner(
    work: Work, kind: OwnedKind, ids: Sequence[int], giver: int | None, receiver: int, reason: str
) -> int:
    """Give records of one kind, all owned by `giver`, to `receiver`, and return how many there were.

    Each moves on by a version and gets a line of ownership. Raises StaleRecord if one of them is no
    longer the giver's, NotAllowed (from the database) if the actor may not give them away.
    """
    if not ids:
        return 0
    work.session.flush()
    move = _move_here if work.is_sqlite else _move_there
    moved = move(work, kind, ids, giver, receiver, reason)
    if moved != len(ids):
        raise StaleRecord(
            "owner_changed",
            N_("{count} of the records were given to somebody else in the meantime; nothing was moved."),
            remedy=N_("Reload, look at what changed, and try again."),
            count=len(ids) - moved,
            differences={},
        )
    work.session.expire_all()
    return moved


def _move_here(
    work: Work, kind: OwnedKind, ids: Sequence[int], giver: int | None, receiver: int, reason: str
) -> int:
    table = Base.metadata.tables[kind.value]
    moved = 0
    for part in in_parts(ids):
        work.control.check()
        found = work.connection.execute(
            update(table)
            .where(table.c.id.in_(part), table.c.owner_id.is_not_distinct_from(giver))
            .values(owner_id=receiver, version=table.c.version + 1, changed_at=work.now)
        )
        moved += found.rowcount
    lines = [
        {
            "kind": kind.value,
            "record_id": one,
            "from_person_id": giver,
            "to_person_id": receiver,
            "since": work.today,
            "reason": reason,
            "operation_id": work.operation_id,
        }
        for one in ids
    ]
    work.connection.execute(insert(Ownership), lines)
    return moved


def _move_there(
    work: Work, kind: OwnedKind, ids: Sequence[int], giver: int | None, receiver: int, reason: str
) -> int:
    statement = text(
        "SELECT plumbline.assign(:kind, :ids, :giver, :receiver, :since, :reason, :operation)"
    ).bindparams(
        bindparam("kind", kind.value),
        bindparam("ids", list(ids), ARRAY(BigInteger)),
        bindparam("giver", giver, BigInteger),
        bindparam("receiver", receiver, BigInteger),
        bindparam("since", work.today),
        bindparam("reason", reason),
        bindparam("operation", work.operation_id),
    )
    return int(work.session.execute(statement).scalar_one())
