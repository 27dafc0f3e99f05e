"""A person's word on how values are taken: choices, readings, updating rules, keys and new fields (IMP-10).

Every function returns the source with one table's mapping changed; nothing is written anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.fields import field_among
from desktop.importers.ways import READINGS, NewField, UpdateRule, ValueChoice
from desktop.operations.mapping_lines import with_field
from desktop.operations.migration import Source


def with_choice(source: Source, table: int, full_name: str, value: str, choice: ValueChoice | None) -> Source:
    """Return the source with a choice for one value of a field, or without one (None)."""
    return with_choices(source, table, full_name, {value: choice})


def with_choices(
    source: Source, table: int, full_name: str, given: Mapping[str, ValueChoice | None]
) -> Source:
    """Return the source with choices for several values of a field; None takes a choice back."""
    mapping = source.mappings[table]
    own = {**mapping.value_maps.get(full_name, {}), **given}
    kept = {value: choice for value, choice in own.items() if choice is not None}
    return _changed(source, table, value_maps={**mapping.value_maps, full_name: kept})


def with_reading(source: Source, table: int, full_name: str, reading: str | None) -> Source:
    """Return the source with the answer to what a column cannot tell itself ("dmy", ","), or without.

    Raises InvalidInput for an answer that the field's type does not know.
    """
    mapping = source.mappings[table]
    item = field_among(full_name, mapping.new_fields)
    if reading is not None and reading not in READINGS.get(item.type, ()):
        raise InvalidInput(
            "reading_unknown",
            N_("“{reading}” is no way of reading {field}."),
            remedy=N_("Choose one of: {choices}."),
            reading=reading,
            field=full_name,
            choices=", ".join(READINGS.get(item.type, ())),
        )
    return _changed(source, table, readings=_with(mapping.readings, full_name, reading))


def with_update_rule(source: Source, table: int, full_name: str, rule: UpdateRule | None) -> Source:
    """Return the source with the rule by which a field of existing records is updated, or the standard one."""
    rules = _with(source.mappings[table].update_rules, full_name, rule)
    return _changed(source, table, update_rules=rules)


def with_keys(source: Source, table: int, keys: Sequence[str]) -> Source:
    """Return the source with the fields by which a table's rows meet their records; none is the standard order.

    Raises InvalidInput for a field that no column of the table is mapped to.
    """
    mapped = {column.field for column in source.mappings[table].columns}
    if missing := [name for name in keys if name not in mapped]:
        raise InvalidInput(
            "key_not_mapped",
            N_("No column is mapped to {field}, so rows cannot be recognised by it."),
            remedy=N_("Map a column to it first, or choose another field."),
            field=missing[0],
        )
    return _changed(source, table, keys=tuple(dict.fromkeys(keys)))


def with_new_field(source: Source, table: int, column: int, new: NewField) -> Source:
    """Return the source with a column mapped to a custom field, which the import makes if it is new (CUS-05)."""
    kept = [one for one in source.mappings[table].new_fields if one.full_name != new.full_name]
    source = _changed(source, table, new_fields=(*kept, new))
    return with_field(source, table, column, new.full_name)


def code_for(label: str, taken: Iterable[str] = ()) -> str:
    """Return a code for a custom field of that label which is not yet taken: ASCII where the label allows."""
    words = re.sub(r"[^\w]+", "_", label.casefold()).strip("_")[:40] or "field"
    used = set(taken)
    number, code = 1, words
    while code in used:
        number += 1
        code = f"{words}_{number}"
    return code


def _with(old: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    new = {**old, name: value}
    return {key: one for key, one in new.items() if one is not None}


def _changed(source: Source, table: int, **ways: Any) -> Source:
    return source.with_mappings(
        replace(mapping, **ways) if index == table else mapping
        for index, mapping in enumerate(source.mappings)
    )
