"""Ways to reach people as everybody is shown them: masked, also for those who may not read them (security 65)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import bindparam, select, text

from desktop.masking import masked
from desktop.models import Base
from desktop.store.parts import in_parts
from desktop.store.workspace import Work
from desktop.terms import Role

REACH: dict[str, tuple[str, ...]] = {
    "account": ("phone", "mobile", "fax", "email"),
    "contact": ("mobile", "phone", "email", "wechat"),
    "lead": ("mobile", "phone", "email"),
    "call_record": ("caller", "callee"),
}
"""By which columns of a record somebody is reached."""
WITHHELD = frozenset({Role.FINANCE, Role.AUDITOR})
"""Jobs whose logins cannot read these columns on the team database."""


def withheld(work: Work) -> bool:
    """Whether the database keeps these columns from the acting person."""
    return not work.is_sqlite and work.actor.role in WITHHELD


def masked_reach(work: Work, kind: str, ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return by record the fields that hold something, masked."""
    found: dict[int, dict[str, str]] = {}
    for record, field, shown in _masked(work, kind, list(ids)):
        if shown:
            found.setdefault(record, {})[field] = shown
    return found


def _masked(work: Work, kind: str, ids: list[int]) -> Iterator[tuple[int, str, str | None]]:
    table = Base.metadata.tables[kind]
    columns = [table.c[name] for name in REACH[kind]]
    for part in in_parts(ids):
        if withheld(work):
            asked: Any = text("SELECT id, field, shown FROM plumbline.masked(:kind, :ids)")
            for row in work.rows(asked.bindparams(bindparam("kind", kind), bindparam("ids", part))):
                yield row.id, row.field, row.shown
        else:
            for row in work.rows(select(table.c.id, *columns).where(table.c.id.in_(part))):
                for name in REACH[kind]:
                    yield row.id, name, masked(name, getattr(row, name))
