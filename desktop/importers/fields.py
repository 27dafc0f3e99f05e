"""The fields that can be imported, from resources/fields.csv, with labels in both languages (IMP-01)."""

from __future__ import annotations

import builtins
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.importers.ways import NewField
from desktop.money import SCALE, UNIT_PRICE_SCALE
from desktop.resources import resource
from desktop.terms import ActivityType, CalendarKind, Direction, Gender, Grade, PersonStatus, Term, UnitLevel

ENTITY_LABELS: dict[str, str] = {
    "user": N_("Person"),
    "org_unit": N_("Organisation unit"),
    "account": N_("Account"),
    "contact": N_("Contact"),
    "lead": N_("Lead"),
    "opportunity": N_("Opportunity"),
    "stage_change": N_("Stage change"),
    "activity": N_("Activity"),
    "product": N_("Product"),
    "quote": N_("Quote"),
    "quote_line": N_("Quote line"),
    "contract": N_("Contract"),
    "milestone": N_("Milestone"),
    "invoice": N_("Invoice"),
    "payment": N_("Payment"),
    "payment_plan": N_("Payment plan"),
    "target": N_("Target"),
    "ticket": N_("Service ticket"),
    "touchpoint": N_("Touchpoint"),
    "call_record": N_("Call record"),
    "checkin": N_("Check-in"),
    "calendar_event": N_("Calendar event"),
    "order": N_("Sales order"),
    "order_line": N_("Order line"),
    "campaign": N_("Campaign"),
}

ENUMS: dict[str, type[Term]] = {
    "user.status": PersonStatus,
    "org_unit.level": UnitLevel,
    "account.grade": Grade,
    "contact.gender": Gender,
    "lead.grade": Grade,
    "activity.type": ActivityType,
    "activity.direction": Direction,
    "call_record.direction": Direction,
    "calendar_event.kind": CalendarKind,
}
"""The closed list behind each enum field."""

HASHED = frozenset(
    {
        "activity",
        "touchpoint",
        "call_record",
        "checkin",
        "payment",
        "payment_plan",
        "order_line",
        "quote_line",
    }
)
"""Entities whose rows are known by their content where they have no number (decisions, keys)."""

_UNIT_PRICES = frozenset(
    {
        "product.list_price",
        "product.cost",
        "order_line.unit_price",
        "quote_line.list_price",
        "quote_line.unit_price",
        "quote_line.cost",
    }
)
_QUANTITIES = frozenset({"order_line.quantity", "quote_line.quantity"})


@dataclass(frozen=True, slots=True)
class Field:
    """One importable field; `type` as in fields.csv, `key` if it may identify a row."""

    entity: str
    name: str
    type: str
    key: bool
    label_en: str
    label_zh: str

    @property
    def full_name(self) -> str:
        """The name with its entity: account.name."""
        return f"{self.entity}.{self.name}"

    @property
    def scale(self) -> int:
        """The decimals of this field's minor units, for money and for whole-number quantities."""
        if self.full_name in _QUANTITIES:
            return 3
        return UNIT_PRICE_SCALE if self.full_name in _UNIT_PRICES else SCALE

    @property
    def scaled(self) -> bool:
        """Whether the value is kept as a whole number of minor units (money, quantity, target value)."""
        return self.type == "money" or self.full_name in _QUANTITIES or self.full_name == "target.value"

    @property
    def terms(self) -> builtins.type[Term] | None:
        """The closed list of this field's values, if it has one."""
        return ENUMS.get(self.full_name)

    def label(self, chinese: bool) -> str:
        """Return the label in one of the two languages."""
        return self.label_zh if chinese else self.label_en


@cache
def _by_name() -> dict[str, Field]:
    with resource("fields.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = [
            Field(
                row["entity"],
                row["field"],
                row["type"],
                row["key"] == "yes",
                row["label_en"],
                row["label_zh"],
            )
            for row in csv.DictReader(stream)
        ]
    return {item.full_name: item for item in rows}


FIELDS: tuple[Field, ...] = tuple(_by_name().values())
"""Every importable field, in the order of fields.csv."""

ENTITIES: tuple[str, ...] = tuple(dict.fromkeys(item.entity for item in FIELDS))
"""Every importable entity."""


def field(full_name: str) -> Field:
    """Return the field named like "account.name"; raise NotFound if there is none."""
    found = _by_name().get(full_name)
    if found is None:
        raise NotFound(
            "field_unknown",
            N_("There is no field “{field}”."),
            remedy=N_("`plumbline fields` lists the fields that can be imported."),
            field=full_name,
        )
    return found


def custom_field(new: NewField) -> Field:
    """Return a custom field as a field that columns can be mapped to."""
    return Field(
        new.entity,
        new.full_name.removeprefix(f"{new.entity}."),
        new.type,
        key=False,
        label_en=new.label_en or new.label,
        label_zh=new.label,
    )


def field_among(full_name: str, new_fields: Iterable[NewField]) -> Field:
    """Return the field of that name, one of the given custom fields included; raise NotFound."""
    new = next((one for one in new_fields if one.full_name == full_name), None)
    return field(full_name) if new is None else custom_field(new)


def fields_of(entity: str) -> tuple[Field, ...]:
    """Return the fields of one entity, in the order of fields.csv."""
    return tuple(item for item in FIELDS if item.entity == entity)


def entity_label(entity: str) -> str:
    """Return the English label (a gettext id) of an entity, or its name if it is none of ours."""
    return ENTITY_LABELS.get(entity, entity)
