"""Saved views of figures and dashboards: one's own and those that others share (RPT-02, RPT-04)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.people import Person
from desktop.models.saved import SavedView
from desktop.store.workspace import Work

PIVOT, DASHBOARD = "pivot", "dashboard"


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A saved view or dashboard; `content` is its question or tiles, `mine` whether the acting person may change it."""

    id: int
    kind: str
    name: str
    owner: str
    owner_id: int
    shared: bool
    mine: bool
    version: int
    content: dict[str, Any]

    @property
    def metrics(self) -> tuple[str, ...]:
        """The figures that it asks for."""
        return tuple(map(str, self.content.get("metrics") or ()))


def view_list(work: Work, kind: str = PIVOT) -> list[ViewRow]:
    """Return the acting person's views (or dashboards) and the shared ones, by name."""
    return _seen(work, SavedView.kind == kind)


def _seen(work: Work, condition: Any) -> list[ViewRow]:
    me = work.actor.person_id
    rows = work.rows(
        select(SavedView, Person.name.label("owner"))
        .join(Person, Person.id == SavedView.owner_id)
        .where(or_(SavedView.owner_id == me, SavedView.shared.is_(True)), condition)
        .order_by(SavedView.name, SavedView.id)
    )
    return [
        ViewRow(
            row.SavedView.id,
            row.SavedView.kind,
            row.SavedView.name,
            row.owner,
            row.SavedView.owner_id,
            row.SavedView.shared,
            row.SavedView.owner_id == me,
            row.SavedView.version,
            row.SavedView.content,
        )
        for row in rows
    ]


def view_named(work: Work, view_id: int, kind: str | None = None) -> ViewRow:
    """Return a view (or dashboard) that the acting person sees; raise NotFound."""
    found = _seen(work, SavedView.id == view_id)
    if not found or kind not in (None, found[0].kind):
        raise view_unknown(view_id, kind)
    return found[0]


def view_unknown(view_id: int, kind: str | None = None) -> NotFound:
    """Return the error for a view (or dashboard) that does not exist for this person."""
    if kind == DASHBOARD:
        return NotFound(
            "dashboard_unknown",
            N_("There is no dashboard {id}."),
            remedy=N_("See the dashboards there are with: plumbline dashboards"),
            id=view_id,
        )
    return NotFound(
        "view_unknown",
        N_("There is no view {id}."),
        remedy=N_("See the views there are with: plumbline views"),
        id=view_id,
    )
