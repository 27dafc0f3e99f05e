"""What a console was told is saved, held to the database again whenever a connection is a new one.

Where COMMIT waits for the standby, nothing that was acknowledged can be missing after a fail-over. Where it does
not, the last changes can be, and the server says nothing of it: then the console that made them does.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from sqlalchemy import Connection, select

from desktop.errors import DatabaseProblem
from desktop.i18n import N_
from desktop.models.audit import OperationRecord

NEWEST = 50
"""How many operations are looked for: more than a person saves within the lag of a standby."""

_HELD = "plumbline_held_to_acknowledged"


class Acknowledged:
    """The newest operations of one workspace whose COMMIT was answered."""

    def __init__(self) -> None:
        self._newest: deque[tuple[str, datetime]] = deque(maxlen=NEWEST)

    def note(self, connection: Connection, operation_id: str, at: datetime) -> None:
        """Remember an operation that was acknowledged over a connection."""
        connection.info[_HELD] = True
        self._newest.append((operation_id, at))

    def hold_to(self, connection: Connection) -> None:
        """Raise DatabaseProblem, once, if the database behind a new connection lacks what was acknowledged."""
        if connection.info.get(_HELD):
            return
        noted = list(self._newest)
        if noted:
            ids = [operation_id for operation_id, _ in noted]
            query = select(OperationRecord.id).where(OperationRecord.id.in_(ids))
            found = set(connection.execute(query).scalars())
            missing = [at for operation_id, at in noted if operation_id not in found]
            if missing:
                self._newest.clear()
                raise DatabaseProblem(
                    "acknowledged_lost",
                    N_(
                        "After a fail-over the database lacks changes that this console had saved: {count}, the first of {at:%Y-%m-%d %H:%M:%S} UTC."
                    ),
                    remedy=N_(
                        "Look at what you saved since then, and save it again where it is missing. Tell the administrator: the standby did not have everything."
                    ),
                    count=len(missing),
                    at=min(missing),
                )
        connection.info[_HELD] = True
