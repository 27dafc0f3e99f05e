"""Showing masked personal data of one record in full, on record (security 65)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select, text

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models import Base
from desktop.queries.audit import REVEALED
from desktop.queries.personal import REACH, withheld
from desktop.store.workspace import Work, Workspace


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking led to: the values, or the number of a question that is answered once it is committed."""

    values: Mapping[str, str] = field(default_factory=dict)
    question: int | None = None


def reveal(workspace: Workspace, kind: str, record_id: int) -> Mapping[str, str]:
    """Return the ways to reach one account, contact, lead or call in full; who asked is put on record first.

    Whom the database keeps these columns from is answered by its functions, which record and limit it.
    Raises NotFound, or NotAllowed where somebody asks too often.
    """
    asked = workspace.write(lambda work: ask_reveal(work, kind, record_id))
    if asked.question is None:
        return asked.values
    return workspace.write(lambda work: answer_reveal(work, asked))


def ask_reveal(work: Work, kind: str, record_id: int) -> Asked:
    """Put on record that somebody wants to see a record in full; `answer_reveal` follows in a transaction of its own."""
    if withheld(work):
        made = text("SELECT plumbline.ask_reveal(:kind, :id)")
        return Asked(question=int(work.session.execute(made, {"kind": kind, "id": record_id}).scalar_one()))
    table = Base.metadata.tables[kind]
    columns = [table.c[name] for name in REACH[kind]]
    found = work.rows(select(*columns).where(table.c.id == record_id))
    if not found:
        raise NotFound("record_gone", N_("This record does not exist any more."))
    values = {name: getattr(found[0], name) for name in REACH[kind] if getattr(found[0], name)}
    work.audit(REVEALED, kind, record_id, fields=sorted(values))
    return Asked(values)


def answer_reveal(work: Work, asked: Asked) -> Mapping[str, str]:
    """Return what was asked for and committed; the values that are known already need no second step."""
    if asked.question is None:
        return asked.values
    found = text("SELECT field, value FROM plumbline.answer_reveal(:question)")
    rows = work.session.execute(found, {"question": asked.question}).all()
    return {row.field: row.value for row in rows if row.value}
