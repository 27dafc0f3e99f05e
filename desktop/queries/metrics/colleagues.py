"""Who is not named in rankings before whom (RPT-09).

Whoever chose so is "Colleague N" for peers, by the same number in every table. Their own name is shown to themselves, to
who leads them, and to the jobs that decide on pay. What is made to be passed around names them before nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from desktop.models.people import Person
from desktop.queries.metrics.dimensions import Member, Name, members
from desktop.store.approving import led_by
from desktop.store.workspace import Work
from desktop.terms import Role

PAY_ROLES = (Role.DIRECTOR, Role.SALES_OPS, Role.FINANCE, Role.ADMIN)
"""Who decides on pay, and so sees whom a figure belongs to."""
LEADING_ROLES = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER)


def is_named(work: Work) -> bool:
    """Whether rankings name the acting person."""
    chosen = select(Person.unnamed).where(Person.id == work.actor.person_id)
    return not work.session.scalar(chosen)


def colleagues(work: Work, *, for_peers: bool = False) -> dict[int, Name]:
    """Return what people are called who chose not to be named; `for_peers`: before anybody at all."""
    rows = work.rows(select(Person.id).where(Person.unnamed.is_(True)).order_by(Person.id))
    actor = work.actor
    if not rows or (actor.role in PAY_ROLES and not for_peers):
        return {}
    known: set[int] = set()
    if not for_peers:
        known = {actor.person_id}
        if actor.role in LEADING_ROLES:
            known |= led_by(work, actor.person_id)
    return {row.id: (f"Colleague {n}", f"同事 {n}") for n, row in enumerate(rows, 1) if row.id not in known}


def ranked(work: Work, ids: Iterable[int | None], *, for_peers: bool = False) -> list[Member]:
    """Return people as a ranking calls them."""
    hidden = colleagues(work, for_peers=for_peers)
    return [
        Member(one.value, hidden.get(one.value, one.name), one.order) for one in members(work, "person", ids)
    ]
