"""What finance says of contracts, and its files."""

from __future__ import annotations

from desktop.store.access.groups import ALL_SEERS, KEEPERS
from desktop.store.access.rules import MYSELF, Grant, Policy, TableAccess
from desktop.store.access.shapes import by_references, columns, readable, seen
from desktop.terms import Role

SETTLERS = (Role.FINANCE, *KEEPERS)
"""Who writes what finance says of contracts, and keeps its workbooks."""

ID = frozenset({"id"})


def settling() -> list[TableAccess]:
    """Return finance's own: what it says of contracts is seen with them; its files are added, never changed."""
    sees = by_references("settlement", {"contract_id": "contract"}, owned=False)
    fixed = frozenset({"id", "contract_id", "recorded_at"})
    sight = [Policy("see_all", "SELECT", ALL_SEERS, "true")]
    return [
        TableAccess(
            "settlement",
            (
                *seen("settlement", *sees),
                Policy("add_own", "INSERT", SETTLERS, None, f"changed_by_id = {MYSELF}"),
                Policy("change_all", "UPDATE", SETTLERS, "true", "true"),
                Policy("remove_all", "DELETE", KEEPERS, "true"),
            ),
            (
                *readable("settlement", {}),
                Grant("INSERT", SETTLERS, columns("settlement", ID)),
                Grant("UPDATE", SETTLERS, columns("settlement", fixed)),
                Grant("DELETE", KEEPERS),
            ),
        ),
        *(
            TableAccess(
                name,
                (*sight, Policy("add_own", "INSERT", SETTLERS, None, f"made_by_id = {MYSELF}")),
                (*readable(name, {}), Grant("INSERT", SETTLERS, columns(name, ID))),
            )
            for name in ("settlement_sheet", "settlement_return", "fill_template")
        ),
    ]
