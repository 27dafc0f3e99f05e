"""The fields that a firm has added for itself, and what a record holds in them (CUS-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from desktop.importers.ways import NewField
from desktop.models.custom import COLUMN_OF_TYPE, CustomField, CustomValue
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class CustomFieldRow:
    """A custom field as the Settings page lists it; `values` counts the records that hold something in it."""

    id: int
    entity: str
    code: str
    label_en: str
    label_zh: str
    type: str
    options: tuple[str, ...]
    required: bool
    active: bool
    values: int
    version: int

    def label(self, *, chinese: bool) -> str:
        """Return the label in the reader's language."""
        return self.label_zh if chinese else self.label_en


@dataclass(frozen=True, slots=True)
class CustomFact:
    """What one record holds in a custom field: money in minor units, a list as its parts."""

    label_en: str
    label_zh: str
    type: str
    value: str | int | float | bool | date | datetime | tuple[str, ...]

    def label(self, *, chinese: bool) -> str:
        """Return the label in the reader's language."""
        return self.label_zh if chinese else self.label_en


def custom_fields(work: Work) -> list[CustomFieldRow]:
    """Return every custom field, by entity in the order of their making; retired ones last."""
    counts = dict(
        tuple(row)
        for row in work.rows(select(CustomValue.field_id, func.count()).group_by(CustomValue.field_id))
    )
    rows = work.session.scalars(
        select(CustomField).order_by(
            CustomField.active.desc(), CustomField.entity, CustomField.position, CustomField.id
        )
    )
    return [
        CustomFieldRow(
            one.id,
            one.entity,
            one.code,
            one.label_en,
            one.label_zh,
            one.type,
            tuple(str(option) for option in one.options),
            one.required,
            one.active,
            int(counts.get(one.id, 0)),
            one.version,
        )
        for one in rows
    ]


def mappable_fields(work: Work) -> list[NewField]:
    """Return the custom fields that columns can be mapped to: those that are not retired."""
    return [
        NewField(row.entity, row.code, row.label_zh, row.type, row.options, row.label_en)
        for row in custom_fields(work)
        if row.active
    ]


def custom_facts(work: Work, entity: str, record_id: int) -> list[CustomFact]:
    """Return what a record holds in its custom fields, in the order of the fields; retired ones are left out."""
    rows = work.rows(
        select(CustomField, CustomValue)
        .join(CustomValue, CustomValue.field_id == CustomField.id)
        .where(CustomField.entity == entity, CustomField.active, CustomValue.record_id == record_id)
        .order_by(CustomField.position, CustomField.id)
    )
    return [CustomFact(one.label_en, one.label_zh, one.type, _value(one.type, held)) for one, held in rows]


def _value(kind: str, held: CustomValue) -> Any:
    import json

    value = getattr(held, COLUMN_OF_TYPE[kind])
    return tuple(str(part) for part in json.loads(value)) if kind == "list" else value
