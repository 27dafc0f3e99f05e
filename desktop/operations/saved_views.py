"""Saving, changing, sharing and removing views and dashboards: their owner's alone (RPT-02, RPT-04)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed
from desktop.i18n import N_
from desktop.models.saved import SavedView
from desktop.periods import Period
from desktop.queries.dashboards import stored_tiles, tiles_of
from desktop.queries.metrics.dictionary import metrics_named
from desktop.queries.report_metrics import own_pivot, own_question
from desktop.queries.saved_views import DASHBOARD, PIVOT, ViewRow, view_named, view_unknown
from desktop.store.stale import require_same
from desktop.store.workspace import Work
from desktop.terms import Role

SUBJECT = "saved_view"
LONGEST_NAME = 200


def save_view(
    work: Work, name: str, content: Mapping[str, Any], *, shared: bool = False, kind: str = PIVOT
) -> ViewRow:
    """Keep a question or a dashboard under a name of one's own; one of that name that is there is replaced.

    Raises InvalidInput for a missing name or a question that cannot be computed, NotAllowed for an auditor.
    """
    if work.actor.role is Role.AUDITOR:
        raise NotAllowed("view_not_kept", N_("An auditor keeps nothing in the database."))
    title = name.strip()
    if not title or len(title) > LONGEST_NAME:
        raise InvalidInput(
            "view_name", N_("A view needs a name of at most {most} characters."), most=LONGEST_NAME
        )
    kept = _checked(work, kind, content)
    mine = SavedView.owner_id == work.actor.person_id
    view = work.session.scalars(
        select(SavedView).where(mine, SavedView.kind == kind, SavedView.name == title).with_for_update()
    ).first()
    if view is None:
        view = SavedView(
            owner_id=work.actor.person_id, kind=kind, name=title, shared=shared, content=kept,
            recorded_at=work.now, changed_at=work.now,
        )  # fmt: skip
        work.session.add(view)
    else:
        view.content, view.shared, view.changed_at = kept, shared, work.now
    work.session.flush()
    work.audit("save_view", SUBJECT, view.id, name=title, shared=shared)
    return view_named(work, view.id)


def change_view(work: Work, view_id: int, version: int, content: Mapping[str, Any]) -> ViewRow:
    """Change what a view asks, or a dashboard's tiles; raises NotFound, NotAllowed, InvalidInput or StaleRecord."""
    view = _own(work, view_id)
    require_same(work, view, version, subject=SUBJECT, fields=("name", "shared"), code="view_changed")
    view.content, view.changed_at = _checked(work, view.kind, content), work.now
    work.session.flush()
    work.audit("save_view", SUBJECT, view_id, name=view.name, shared=view.shared)
    return view_named(work, view_id)


def share_view(work: Work, view_id: int, version: int, *, shared: bool) -> ViewRow:
    """Let everybody see a view, or its owner alone; raises NotFound, NotAllowed or StaleRecord."""
    view = _own(work, view_id)
    require_same(work, view, version, subject=SUBJECT, fields=("name", "shared"), code="view_changed")
    view.shared, view.changed_at = shared, work.now
    work.session.flush()
    work.audit("share_view", SUBJECT, view_id, name=view.name, shared=shared)
    return view_named(work, view_id)


def remove_view(work: Work, view_id: int) -> None:
    """Remove a view; raises NotFound, or NotAllowed for somebody else's."""
    view = _own(work, view_id)
    name = view.name
    work.session.delete(view)
    work.session.flush()
    work.audit("remove_view", SUBJECT, view_id, name=name)


def _checked(work: Work, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored: a question that can be computed, or tiles of figures that there are."""
    if kind == DASHBOARD:
        tiles = tiles_of(content)
        for metric in metrics_named(work, {key: None for tile in tiles for key in tile.question.metrics}):
            _ = metric.tree
        return stored_tiles(tiles)
    own = own_question(content)
    own_pivot(work, own, Period.month_of(work.today))
    return own.stored()


def _own(work: Work, view_id: int) -> SavedView:
    view = work.session.scalars(select(SavedView).where(SavedView.id == view_id)).first()
    if view is None:
        raise view_unknown(view_id)
    if view.owner_id != work.actor.person_id:
        raise NotAllowed(
            "view_of_another",
            N_("This view is somebody else's."),
            remedy=N_("Save it under a name of your own, then change that one."),
        )
    return view
