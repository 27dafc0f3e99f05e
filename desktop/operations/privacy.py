"""Showing masked personal data of one record in full, on record (security 65)."""

from __future__ import annotations

from sqlalchemy import select, text

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models import Base
from desktop.queries.audit import REVEALED
from desktop.queries.personal import REACH, withheld
from desktop.store.workspace import Work


def reveal(work: Work, kind: str, record_id: int) -> dict[str, str]:
    """Return the ways to reach one account, contact or lead in full; who asked is put on record.

    Whom the database keeps these columns from is answered by its function, which records and limits it.
    Raises NotFound, or NotAllowed where somebody asks too often.
    """
    if withheld(work):
        asked = text("SELECT field, value FROM plumbline.reveal(:kind, :id)")
        rows = work.session.execute(asked, {"kind": kind, "id": record_id}).all()
        return {row.field: row.value for row in rows if row.value}
    table = Base.metadata.tables[kind]
    columns = [table.c[name] for name in REACH[kind]]
    found = work.rows(select(*columns).where(table.c.id == record_id))
    if not found:
        raise NotFound("record_gone", N_("This record does not exist any more."))
    values = {name: getattr(found[0], name) for name in REACH[kind] if getattr(found[0], name)}
    work.audit(REVEALED, kind, record_id, fields=sorted(values))
    return values
