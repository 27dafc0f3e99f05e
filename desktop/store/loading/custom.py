"""Values of custom fields in a load: columns "x_<code>" that live in a table beside the records (CUS-05).

They go through matching and comparing like any other column: a changed value is a cell difference with
its before-image, and moves the version of the record on.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import Connection, Table

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models import Base
from desktop.models.custom import COLUMN_OF_TYPE, VALUE_COLUMNS
from desktop.store.loading import bulk
from desktop.store.loading.batch import Batch, Origin
from desktop.store.loading.keys import mapped
from desktop.store.loading.specs import ENTITY_OF_TABLE, Spec

if TYPE_CHECKING:
    from desktop.store.loading.difference import Difference

PREFIX = "x_"
"""What the column of a custom field begins with; no column of a record does."""

MOST_OPTIONS = 200


def _field_table() -> Table:
    return Base.metadata.tables["custom_field"]


def _value_table() -> Table:
    return Base.metadata.tables["custom_value"]


def is_custom(name: str) -> bool:
    """Whether a column is that of a custom field."""
    return name.startswith(PREFIX)


class CustomFields:
    """The custom fields of a database, by entity and column name, and their values."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.reload()

    def reload(self) -> None:
        """Read the fields again."""
        found = bulk.fetch(self._connection, _field_table(), ["id", "entity", "code", "type"])
        self._known: dict[tuple[str, str], tuple[int, str]] = {
            (entity, PREFIX + code): (field_id, kind) for field_id, entity, code, kind in found.iter_rows()
        }

    def type_of(self, entity: str, name: str) -> str | None:
        """Return the type of a custom field, or None if there is no such field."""
        found = self._known.get((entity, name))
        return found[1] if found else None

    def names(self, spec: Spec, columns: Iterable[str]) -> list[str]:
        """Return the columns that are known custom fields of the entity."""
        return [name for name in columns if (spec.entity, name) in self._known]

    def stored(self, spec: Spec, names: Sequence[str], ids: Collection[int]) -> pl.DataFrame:
        """Return "id" and one column per field, a line for every record that has any of them."""
        lines = pl.DataFrame({"id": sorted(ids)}, schema={"id": pl.Int64})
        if not ids or not names:
            return lines.with_columns(
                pl.lit(None, dtype=self._frame_type(spec, name)).alias(name) for name in names
            )
        for name in names:
            field_id, kind = self._known[spec.entity, name]
            column = COLUMN_OF_TYPE[kind]
            own = _fetch_values(self._connection, field_id, column)
            lines = lines.join(
                own.rename({"record_id": "id", column: name}), on="id", how="left", maintain_order="left"
            )
        return lines

    def write_all(self, spec: Spec, made: Difference, new: pl.DataFrame) -> pl.DataFrame:
        """Write what a load found different; return the new records with the custom values that they have."""
        for name in self.names(spec, made.columns):
            fresh = made.new.select(pl.col("_id").alias("id"), name)
            changed = made.changed.filter(pl.col(f"{name}_changed")).select(pl.col("_id").alias("id"), name)
            self.write(spec.entity, name, fresh.drop_nulls(name), replacing=False)
            self.write(spec.entity, name, changed)
            new = new.join(fresh, on="id", how="left", maintain_order="left")
        return new

    def write(self, entity: str, name: str, values: pl.DataFrame, *, replacing: bool = True) -> None:
        """Set a field of records: `values` has "id" and the column `name`; null takes the value away.

        New records have nothing to be replaced.
        """
        if values.is_empty():
            return
        field_id, kind = self._known[entity, name]
        column, table = COLUMN_OF_TYPE[kind], _value_table()
        if replacing:
            bulk.delete_of(
                self._connection, table, ("field_id", field_id), values["id"].to_list(), "record_id"
            )
        filled = values.drop_nulls(name)
        if filled.is_empty():
            return
        empty = [
            pl.lit(None, dtype=bulk.frame_type(table.c[other])).alias(other)
            for other in VALUE_COLUMNS
            if other != column
        ]
        bulk.insert(
            self._connection,
            table,
            filled.select(
                pl.Series("id", bulk.reserve_ids(self._connection, table, filled.height), dtype=pl.Int64),
                pl.lit(field_id, dtype=pl.Int64).alias("field_id"),
                pl.col("id").alias("record_id"),
                pl.col(name).alias(column),
                *empty,
            ),
        )

    def forget(self, table_name: str, ids: Collection[int]) -> None:
        """Remove all values of records that are removed."""
        entity = ENTITY_OF_TABLE.get(table_name)
        for (of, _name), (field_id, _kind) in self._known.items():
            if of == entity and ids:
                bulk.delete_of(self._connection, _value_table(), ("field_id", field_id), ids, "record_id")

    def restore(self, table_name: str, name: str, before: Mapping[int, Any]) -> None:
        """Write back what a before-image says of records; a field that is gone has nothing to restore."""
        entity = ENTITY_OF_TABLE.get(table_name, "")
        kind = self.type_of(entity, name)
        if kind is None:
            return
        column = _value_table().c[COLUMN_OF_TYPE[kind]]
        values = [_restored(kind, value) for value in before.values()]
        self.write(
            entity,
            name,
            pl.DataFrame(
                {"id": list(before), name: pl.Series(name, values, dtype=bulk.frame_type(column))},
                schema_overrides={"id": pl.Int64},
            ),
        )

    def _frame_type(self, spec: Spec, name: str) -> pl.DataType:
        kind = self._known[spec.entity, name][1]
        return bulk.frame_type(_value_table().c[COLUMN_OF_TYPE[kind]])


def wanted_fields(known: CustomFields, batches: Sequence[Batch], origins: Sequence[Origin]) -> pl.DataFrame:
    """Return the custom fields that rows bring and the database lacks, as records without an id.

    Raises InvalidInput for a column whose field is of another type here: its values were read as something
    else.
    """
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for batch in batches:
        for name in filter(is_custom, batch.frame.columns):
            defined = next(
                (f for f in origins[batch.origin].new_fields if f.full_name == f"{batch.entity}.{name}"), None
            )
            if defined is None:
                continue
            here = known.type_of(batch.entity, name) or wanted.get((batch.entity, name), {}).get("type")
            if here is not None and here != defined.type:
                raise InvalidInput(
                    "custom_field_type",
                    N_(
                        "The field “{label}” holds values of another kind here ({here}) than in {file} ({there})."
                    ),
                    remedy=N_("Map the column again, to this field as it is or to a new one."),
                    label=defined.label,
                    here=here,
                    there=defined.type,
                    file=origins[batch.origin].file,
                )
            if known.type_of(batch.entity, name) is None:
                options = list(defined.options)
                if defined.type == "choice" and not options:
                    options = batch.frame[name].drop_nulls().unique(maintain_order=True).to_list()
                record = wanted.setdefault(
                    (batch.entity, name),
                    {"entity": batch.entity, "code": defined.code, "label": defined.label,
                     "label_en": defined.label_en or defined.label, "type": defined.type,
                     "options": []},
                )  # fmt: skip
                record["options"] += [one for one in options if one not in record["options"]]
    schema = {"entity": pl.String, "code": pl.String, "label_en": pl.String, "label_zh": pl.String,
              "type": pl.String, "options": pl.String, "position": pl.Int64}  # fmt: skip
    rows = [
        (one["entity"], one["code"], one["label_en"], one["label"], one["type"],
         json.dumps(one["options"][:MOST_OPTIONS], ensure_ascii=False), position)
        for position, one in enumerate(wanted.values())
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(False).alias("required"), pl.lit(True).alias("active")
    )


def as_stored(rows: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Return the rows with lists as the JSON text in which they are stored."""
    lists = [name for name in names if isinstance(rows.schema[name], pl.List)]
    return rows.with_columns(
        mapped(
            rows[name].list.join("\x1e"), lambda text: json.dumps(text.split("\x1e"), ensure_ascii=False)
        ).alias(name)
        for name in lists
    )


def _fetch_values(connection: Connection, field_id: int, column: str) -> pl.DataFrame:
    return bulk.fetch_of(connection, _value_table(), ["record_id", column], "field_id", field_id)


def _restored(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if kind == "datetime" else value
