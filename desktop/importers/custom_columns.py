"""Columns that mean a custom field: by its label in either language, or as a profile remembers it (CUS-05)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from desktop.importers.tables import ACCEPT, ColumnMapping, TableMapping
from desktop.importers.vocabulary import normal
from desktop.importers.ways import CUSTOM_PREFIX, NewField

_BY_LABEL = 0.97


def with_custom_fields(mapping: TableMapping, known: Iterable[NewField]) -> TableMapping:
    """Return a mapping that knows the custom fields of a database.

    A column that means nothing else is mapped to the field of its main entity whose label it bears. A field
    that a profile remembers is taken as the database has it; one that neither knows is no field.
    """
    defined = {one.full_name: one for one in (*mapping.new_fields, *known)}
    if not defined and not any(_is_custom(column) for column in mapping.columns):
        return mapping
    by_label = {
        normal(label): one.full_name
        for one in defined.values()
        if one.entity == mapping.entity
        for label in (one.label, one.label_en)
        if label
    }
    taken = {column.field for column in mapping.columns if column.field and column.confidence >= ACCEPT}
    columns = []
    for given in mapping.columns:
        column = given
        if _is_custom(given) and given.field not in defined:
            column = replace(given, field=None, confidence=0.0, reason="")
        name = by_label.get(normal(column.header))
        if name and name not in taken and not (column.field and column.confidence >= ACCEPT):
            column = replace(column, field=name, confidence=_BY_LABEL, reason="label")
            taken.add(name)
        columns.append(column)
    used = tuple(defined[c.field] for c in columns if c.field in defined)
    return replace(mapping, columns=tuple(columns), new_fields=tuple(dict.fromkeys(used)))


def _is_custom(column: ColumnMapping) -> bool:
    return column.field is not None and column.field.partition(".")[2].startswith(CUSTOM_PREFIX)
