"""What is allowed on the tables of reports."""

from __future__ import annotations

from collections.abc import Callable

from desktop.store.access.groups import ALL_SEERS, EVERYONE, MAKERS, SCOPED
from desktop.store.access.rules import (
    EDITED,
    MYSELF,
    SEEN,
    Grant,
    Policy,
    TableAccess,
    all_of,
    any_of,
    exists,
)
from desktop.store.access.shapes import by_references, columns, readable, seen

RUNNERS = tuple(role for role in ALL_SEERS if role in MAKERS)
"""All-seers who make and decide reports."""

_ID = frozenset({"id"})


def reports(added: Callable[..., TableAccess]) -> list[TableAccess]:
    """Reports move as their guard allows; figures, files and keys are only ever `added`."""
    stamps = ("version", "changed_at")
    decided = ("state", "submitted_by_id", "submitted_at", "approved_by_id", "approved_at", "reject_reason")
    of_report = {"report_id": "report"}
    snapshot = seen("snapshot", *by_references("snapshot", of_report, owned=False))
    file = seen("report_file", *by_references("report_file", of_report, owned=False))
    approved = exists("report_file", "report_id", "report", "seen.state IN ('approved', 'exported')")
    frozen = (
        "EXISTS (SELECT 1 FROM public.snapshot AS shot WHERE shot.id = report_file.snapshot_id"
        " AND shot.report_id = report_file.report_id)"
    )
    own_sheet = exists("report_file", "sheet_id", "settlement_sheet", f"seen.made_by_id = {MYSELF}")
    return [
        _decided("report", "made_by_id", (*decided, *stamps)),
        added(
            "snapshot", exists("snapshot", "report_id", "report", "seen.state = 'draft'"), snapshot, MAKERS
        ),
        added(
            "report_file",
            all_of(f"exported_by_id = {MYSELF}", any_of(all_of(approved, frozen), own_sheet)),
            file,
            MAKERS,
        ),
        added("seal_key", f"made_by_id = {MYSELF}", [Policy("see_all", "SELECT", EVERYONE, "true")], MAKERS),
        _saved_views(),
    ]


def _decided(name: str, maker: str, changed: tuple[str, ...]) -> TableAccess:
    """Return the access to what is made as oneself and moved on as its guard allows."""
    mine = f"{maker} = {EDITED}"
    return TableAccess(
        name,
        (
            *seen(name, f"{maker} = {SEEN}", f"{maker} = {SEEN}"),
            Policy("add_own", "INSERT", MAKERS, None, f"{maker} = {MYSELF}"),
            Policy("change_all", "UPDATE", RUNNERS, "true", "true"),
            Policy("change_scoped", "UPDATE", SCOPED, mine, mine),
        ),
        (
            *readable(name, {}),
            Grant("INSERT", MAKERS, columns(name, frozenset({"id"}))),
            Grant("UPDATE", MAKERS, changed),
        ),
    )


def _saved_views() -> TableAccess:
    """Return what people keep: their own, and what others share; it holds questions, never figures."""
    mine = f"owner_id = {MYSELF}"
    changed = columns("saved_view", frozenset({"id", "owner_id", "recorded_at"}))
    return TableAccess(
        "saved_view",
        (
            Policy("see_shared", "SELECT", EVERYONE, any_of(mine, "shared")),
            Policy("add_own", "INSERT", MAKERS, None, mine),
            Policy("change_own", "UPDATE", MAKERS, mine, mine),
            Policy("remove_own", "DELETE", MAKERS, mine),
        ),
        (
            *readable("saved_view", {}),
            Grant("INSERT", MAKERS, columns("saved_view", _ID)),
            Grant("UPDATE", MAKERS, changed),
            Grant("DELETE", MAKERS),
        ),
    )
