"""What the rules say of flows of approval: which is being drawn up, and whether a request goes through a whole one."""

from __future__ import annotations

from tests.security.organisation import Firm, Row


def flow_of(firm: Firm, level: Row) -> Row:
    """Return the flow of a level."""
    return firm.table("approval_flow")[level["flow_id"]]


def is_draft(flow: Row) -> bool:
    """Whether a flow is not in force yet."""
    return flow["activated_at"] is None


def goes_through_all(firm: Firm, request: Row) -> bool:
    """Whether a request goes through the newest flow of its kind, and every level of it: no fact is known."""
    flows = firm.table("approval_flow").values()
    known = [flow for flow in flows if flow["kind"] == request["kind"] and not is_draft(flow)]
    newest = max(known, key=lambda flow: flow["id"], default=None)
    if newest is None or request["flow_id"] != newest["id"]:
        return False
    levels = firm.table("approval_level").values()
    numbers = sorted(level["number"] for level in levels if level["flow_id"] == newest["id"])
    return bool(numbers) and request["levels"] == numbers
