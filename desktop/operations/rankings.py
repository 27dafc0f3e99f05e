"""Whether a person is named in rankings: their own choice, and nobody else's (RPT-09)."""

from __future__ import annotations

from sqlalchemy import text, update

from desktop.models.people import Person
from desktop.store.workspace import Work


def name_in_rankings(work: Work, *, named: bool) -> None:
    """Let rankings name the acting person, or call them “Colleague N” before everybody who need not know.

    On the team database nobody may write this column; a function does it for whoever asks, and for them alone.
    """
    if work.is_sqlite:
        mine = update(Person).where(Person.id == work.actor.person_id)
        work.session.execute(
            mine.values(unnamed=not named, version=Person.version + 1, changed_at=work.now),
            execution_options={"synchronize_session": False},
        )
    else:
        work.session.execute(text("SELECT plumbline.name_in_rankings(:named)"), {"named": named})
    work.session.expire_all()
    work.audit("name_in_rankings", "person", work.actor.person_id, named=named)
