"""What only a demo database needs: its clock stands still."""

from __future__ import annotations

from datetime import datetime

from desktop.errors import NotAllowed
from desktop.i18n import N_
from desktop.models.rules import DatabaseSetting
from desktop.store.open import PINNED_NOW
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import Role


def pin_clock(work: Work, instant: datetime) -> None:
    """Let this database's clock stand still at an instant whenever it is opened (decisions, Running).

    It counts from the next opening. Raises NotAllowed for anybody but an administrator, and on a team database,
    whose time is its server's.
    """
    require_role(work, Role.ADMIN)
    if not work.is_sqlite:
        raise NotAllowed(
            "clock_of_server",
            N_("The time of a team database is its server's; it cannot be made to stand still."),
            remedy=N_("Use an embedded database for a demonstration."),
        )
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    text = instant.isoformat()
    setting = work.session.get(DatabaseSetting, PINNED_NOW)
    if setting is None:
        work.session.add(DatabaseSetting(key=PINNED_NOW, value=text))
    else:
        setting.value = text
    work.audit("pin_clock", instant=text)
