"""The money of each entity that an import must account for, and the day that decides its year."""

from __future__ import annotations

from collections.abc import Mapping

MEASURES: Mapping[str, str] = {
    "opportunity": "amount",
    "contract": "amount",
    "payment": "amount",
    "payment_plan": "amount",
    "invoice": "amount",
    "order": "amount",
    "quote": "amount",
    "milestone": "amount",
}
"""The money that is added up for an entity, where it has any."""

DATES: Mapping[str, tuple[str, ...]] = {
    "opportunity": ("closed_on", "expected_close_on", "opened_on"),
    "contract": ("signed_on", "ordered_on", "starts_on"),
    "payment": ("received_on",),
    "payment_plan": ("due_on",),
    "invoice": ("issued_on",),
    "order": ("ordered_on",),
    "quote": ("issued_on",),
    "milestone": ("due_on", "reached_on"),
}
"""The day whose year a row belongs to: the first of these that the row has."""
