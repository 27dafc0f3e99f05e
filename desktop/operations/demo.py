"""What only a demo database needs: its clock stands still."""

from __future__ import annotations

from datetime import datetime

from desktop.models.rules import DatabaseSetting
from desktop.store.open import PINNED_NOW
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import Role


def pin_clock(work: Work, instant: datetime) -> None:
    """Let this database's clock stand still at an instant whenever it is opened (decisions, Running).

    It counts from the next opening. Raises NotAllowed for anybody but an administrator.
    """
    require_role(work, Role.ADMIN)
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    text = instant.isoformat()
    setting = work.session.get(DatabaseSetting, PINNED_NOW)
    if setting is None:
        work.session.add(DatabaseSetting(key=PINNED_NOW, value=text))
    else:
        setting.value = text
    work.audit("pin_clock", instant=text)
