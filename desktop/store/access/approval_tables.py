"""What is allowed on the tables of approvals."""

from __future__ import annotations

from collections.abc import Callable

from desktop.store.access.groups import EVERYONE, KEEPERS, MAKERS
from desktop.store.access.rules import MYSELF, SEEN, Grant, Policy, TableAccess, all_of, any_of, exists
from desktop.store.access.shapes import by_references, columns, readable, seen, shared

_ID = frozenset({"id"})


def approvals(added: Callable[..., TableAccess]) -> list[TableAccess]:
    """Requests are made as oneself (`added`) and moved on by functions alone; configuration everybody reads."""
    sees = any_of(f"requested_by_id = {SEEN}", "id = ANY ((SELECT plumbline.my_requests())::bigint[])")
    task = by_references("approval_task", {"request_id": "approval_request"}, owned=False)
    oneself = f"person_id = {MYSELF}"
    mine = all_of(oneself, f"made_by_id = {MYSELF}")
    return [
        *_flows(),
        shared("approval_duty"),
        added(
            "approval_request", f"requested_by_id = {MYSELF}", seen("approval_request", sees, sees), MAKERS
        ),
        TableAccess(
            "approval_task", tuple(seen("approval_task", *task)), tuple(readable("approval_task", {}))
        ),
        TableAccess(
            "deputy",
            (
                Policy("see_all", "SELECT", EVERYONE, "true"),
                Policy("add_all", "INSERT", KEEPERS, None, f"made_by_id = {MYSELF}"),
                Policy("change_all", "UPDATE", KEEPERS, "true", "true"),
                Policy("add_own", "INSERT", _NAMING, None, mine),
                Policy("change_own", "UPDATE", _NAMING, oneself, oneself),
            ),
            (
                *readable("deputy", {}),
                Grant("INSERT", MAKERS, columns("deputy", _ID)),
                Grant("UPDATE", MAKERS, ("ends_on", "version", "changed_at")),
            ),
        ),
    ]


def _flows() -> list[TableAccess]:
    """A flow that was in force stays as it is: requests keep the one that they were made under."""
    draft = "activated_at IS NULL"
    of_draft = exists("approval_level", "flow_id", "approval_flow", f"seen.{draft}")
    return [
        TableAccess(
            "approval_flow",
            (
                Policy("see_all", "SELECT", EVERYONE, "true"),
                Policy("add_all", "INSERT", KEEPERS, None, "true"),
                Policy("change_draft", "UPDATE", KEEPERS, draft, "true"),
                Policy("remove_draft", "DELETE", KEEPERS, draft),
            ),
            (
                *readable("approval_flow", {}),
                Grant("INSERT", KEEPERS),
                Grant("UPDATE", KEEPERS, columns("approval_flow", _ID)),
                Grant("DELETE", KEEPERS),
            ),
        ),
        TableAccess(
            "approval_level",
            (
                Policy("see_all", "SELECT", EVERYONE, "true"),
                Policy("add_draft", "INSERT", KEEPERS, None, of_draft),
                Policy("remove_draft", "DELETE", KEEPERS, of_draft),
            ),
            (
                *readable("approval_level", {}),
                Grant("INSERT", KEEPERS),
                Grant("DELETE", KEEPERS),
            ),
        ),
    ]


_NAMING = tuple(role for role in MAKERS if role not in KEEPERS)
"""Who names deputies for themselves alone."""
