"""What is allowed on coaching notes: between a person and who leads them, never before peers (PER-02)."""

from __future__ import annotations

from desktop.store.access.groups import KEEPERS, SCOPED
from desktop.store.access.rules import EDITED, MYSELF, Grant, Policy, TableAccess, all_of, exists
from desktop.store.access.shapes import columns, kept, readable
from desktop.terms import COACHING_ROLES, Role

_WRITTEN = frozenset({"person_id", "by_id", "at"})
"""Whose note it is stays, whoever merges customers, takes imports back or erases a person."""


def coaching() -> TableAccess:
    """Added as oneself about somebody one leads; seen by that person, by who leads them, and by who keeps the data."""
    see_all = (Role.DIRECTOR, *KEEPERS)
    everything, rights = kept("coaching_note", "UPDATE", "DELETE", untouched=_WRITTEN)
    references = {"account_id": "account", "opportunity_id": "opportunity"}
    made = all_of(
        f"by_id = {MYSELF}",
        f"person_id = {EDITED}",
        *(
            f"{column} IS NULL OR {exists('coaching_note', column, table)}"
            for column, table in references.items()
        ),
    )
    return TableAccess(
        "coaching_note",
        (
            Policy("see_all", "SELECT", see_all, "true"),
            Policy("see_led", "SELECT", SCOPED, f"person_id = {EDITED}"),
            Policy("add_own", "INSERT", COACHING_ROLES, None, made),
            *everything,
        ),
        (
            *readable("coaching_note", {}),
            Grant("INSERT", COACHING_ROLES, columns("coaching_note", frozenset({"id"}))),
            *rights,
        ),
    )
