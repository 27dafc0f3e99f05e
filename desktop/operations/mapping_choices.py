"""What can be chosen for a column's values: our own values with their labels, names the database knows.

The values that pages hand to `mapping_ways` are passed on from here, since pages know no importer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.i18n import Locale
from desktop.importers.fields import field_among
from desktop.importers.options import AS_FOUND
from desktop.importers.tables import ACCEPT
from desktop.importers.value_maps import SourceValue, takes_choices, values_to_map
from desktop.importers.ways import READINGS, NewField, UpdateRule, ValueAction, ValueChoice
from desktop.operations.migration import Source

if TYPE_CHECKING:
    from desktop.importers.tables import TableMapping

__all__ = [
    "ACCEPT",
    "AS_FOUND",
    "READINGS",
    "NewField",
    "SourceValue",
    "UpdateRule",
    "ValueAction",
    "ValueChoice",
    "choice_fields",
    "column_values",
    "type_of",
    "value_targets",
]


def type_of(mapping: TableMapping, full_name: str) -> str:
    """Return the type of a field that a table's column is mapped to."""
    return field_among(full_name, mapping.new_fields).type


def choice_fields(source: Source, table: int) -> tuple[str, ...]:
    """Return the mapped fields of a table whose values come from a list."""
    mapping = source.mappings[table]
    names = dict.fromkeys(column.field for column in mapping.columns if column.field)
    return tuple(name for name in names if takes_choices(field_among(name, mapping.new_fields)))


def column_values(
    mapping: TableMapping, column: int, known: Mapping[str, Iterable[str]]
) -> tuple[SourceValue, ...]:
    """Return the values of one column whose values come from a list, none for any other."""
    only = tuple(one for one in mapping.columns if one.index == column)
    return tuple(values_to_map(replace(mapping, columns=only), known))


def value_targets(
    mapping: TableMapping, full_name: str, known: Mapping[str, Iterable[str]], locale: Locale
) -> tuple[tuple[str, str], ...]:
    """Return (stored value or name, what it is called) of all that a field's values can be mapped to."""
    item = field_among(full_name, mapping.new_fields)
    if item.type == "boolean":
        return (("true", locale._("yes")), ("false", locale._("no")))
    if item.terms is not None:
        return tuple((str(term.value), locale._(term.label)) for term in item.terms)
    names = dict.fromkeys(known.get(full_name, ()))
    own = next((one for one in mapping.new_fields if one.full_name == full_name), None)
    if own is not None:
        names |= dict.fromkeys(own.options)
    return tuple((name, name) for name in names)
