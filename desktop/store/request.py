"""What was asked of the database, through however many attempts it takes: one id, one outcome, one deadline."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import OrderedDict
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from desktop.control import Control
from desktop.errors import AlreadyDone
from desktop.i18n import N_
from desktop.models.audit import OperationRecord
from desktop.store.problems import is_cut_off, is_transient, is_unreached, silent_seconds

ATTEMPTS = 4
"""How often a transaction is begun that the database undid for somebody else's sake (40001, 40P01, 55P03)."""

BACK_OFF_SECONDS = 0.05
PATIENCE_SECONDS = 8.0
"""How long a lost server is looked for again before the person is told; with a black hole noticed after 8."""

SETTLING_SECONDS = 25.0
"""The same after a COMMIT without reply: as long as a fail-over takes, for "unknown" is the worst of answers."""

REMEMBERED = 64

_KEYS = uuid.UUID("0d5bd6a6-6f3c-4c0c-9c9b-8d4f9c1e2a77")


class Request:
    """One thing a person asked for; its id is the same in every attempt, so that it is committed once at most."""

    def __init__(self, person_id: int, key: str | None) -> None:
        self.key = key
        self.operation_id = str(uuid.uuid5(_KEYS, f"{person_id}:{key}") if key else uuid.uuid4())
        self.unsettled = False
        """Whether a COMMIT of it was sent whose reply never came."""
        self.result: Any = None
        self.flushed: list[Any] = []
        """The records that were written last; see `stale.note_flushed`."""
        self._attempts = 0
        self._began = time.monotonic()
        self._lost_at: float | None = None

    def begin(self, patience: float) -> float:
        """Note that an attempt begins; return the moment by which it must have found its server."""
        self._began = time.monotonic()
        return self._began + self.left(patience)

    def claim(self, session: Session, row: dict[str, Any]) -> bool:
        """Write down that this operation happens; return False if it has happened already.

        The id is a primary key, so an earlier attempt that the server is still busy committing makes
        this one wait until it is known which of the two counts.
        """
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        statement = insert(OperationRecord).values(id=self.operation_id, **row).on_conflict_do_nothing()
        done = session.connection().execute(statement, execution_options={"preserve_rowcount": True})
        return bool(done.rowcount)

    def already_done(self, session: Session) -> AlreadyDone:
        """Return what is known of an operation that was carried out under this request's key before."""
        found = session.execute(
            select(OperationRecord.at, OperationRecord.action).where(OperationRecord.id == self.operation_id)
        ).first()
        return AlreadyDone(
            "already_done",
            N_(
                "This was already done and saved at {at:%Y-%m-%d %H:%M:%S} UTC; it was not done a second time."
            )
            if found
            else N_("This was already done and saved; it was not done a second time."),
            remedy=N_("Reload to see what is stored now."),
            at=found.at if found else None,
            operation=self.operation_id,
        )

    def may_try_again(self, error: DBAPIError, patience: float) -> bool:
        """Whether what happened is worth another attempt now: of bounded number, within a bounded time."""
        self._attempts += 1
        if is_cut_off(error):
            if self._lost_at is None:
                # Where connecting failed, nothing has been heard of the server since the attempt began.
                now = time.monotonic() - silent_seconds(error)
                self._lost_at = self._began if is_unreached(error) else now
            return self.left(patience) > 0
        if self.unsettled:
            return is_transient(error) and self.left(patience) > 0
        return is_transient(error) and self._attempts < ATTEMPTS

    def left(self, patience: float) -> float:
        """Return how many seconds remain to find a lost server again."""
        whole = max(patience, SETTLING_SECONDS) if self.unsettled else patience
        return whole if self._lost_at is None else self._lost_at + whole - time.monotonic()

    def pause(self, control: Control, patience: float) -> None:
        """Wait a little, longer each time and never as long as another console: then they meet no more."""
        seconds = min(BACK_OFF_SECONDS * 2 ** min(self._attempts, 5), 1.0) * (0.5 + random.random())
        # Who stops what may have been committed has to learn first whether it was.
        (Control() if self.unsettled else control).pause(max(0.0, min(seconds, self.left(patience))))


class Outcomes:
    """What the latest requests with a key led to: a form that is pressed twice gets the same answer twice."""

    def __init__(self) -> None:
        self.one_at_a_time = threading.Lock()
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def keep(self, request: Request, result: Any) -> None:
        """Remember the outcome of a request."""
        self._kept[request.operation_id] = result
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def known(self, request: Request) -> bool:
        """Whether the outcome of an equal request is remembered here."""
        return request.operation_id in self._kept

    def of(self, request: Request) -> Any:
        """Return the outcome of an equal request."""
        return self._kept[request.operation_id]
