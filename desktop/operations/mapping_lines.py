"""The mapping of a migration as a person sees and changes it: tables, their columns, and what each means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop.i18n import Locale
from desktop.importers.fields import ENTITIES, entity_label, field_among, fields_of
from desktop.importers.tables import ACCEPT, ColumnMapping, ConvertedTable, Issue, TableMapping
from desktop.importers.ways import NewField
from desktop.operations.migration import Source

if TYPE_CHECKING:
    import polars as pl

PERSON = "person"
"""The reason of a mapping that a person chose."""

LEAST_SUGGESTION = 0.5
"""Below this confidence a column's best guess is not worth asking about."""

_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class TableLine:
    """One source table: `entity` is None while unknown, `pending` columns have an open suggestion."""

    id: int
    file: str
    sheet: str | None
    entity: str | None
    entity_label: str
    rows: int
    columns: int
    mapped: int
    pending: int
    rejected: int
    source_system: str
    confidence: float = 0.0
    part: int = 0
    left_out: int = 0
    hidden: bool = False
    hidden_rows: int = 0
    encoding: str | None = None
    changed: int = 0

    @property
    def name(self) -> str:
        """What a person calls the table; of several on a sheet the later ones have a number."""
        name = self.sheet or self.file.rsplit("/", 1)[-1]
        return f"{name} ({self.part + 1})" if self.part else name

    @property
    def status(self) -> str:
        """unknown, faulty, open or ready."""
        if self.entity is None:
            return "unknown"
        return "faulty" if self.rejected else "open" if self.pending else "ready"


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column of a table of `entity`; `confidence` is that of its field, or of the suggestion that waits."""

    id: int
    entity: str | None
    header: str
    samples: tuple[str, ...]
    field: str | None
    suggestion: str | None
    confidence: float | None
    reason: str
    empty_share: float
    period: str | None
    alternatives: tuple[tuple[str, float], ...]
    issues: tuple[ColumnIssue, ...]
    new_fields: tuple[NewField, ...] = ()

    @property
    def is_pending(self) -> bool:
        """Whether the column waits for a person: it has a suggestion but no field."""
        return self.field is None and self.suggestion is not None


@dataclass(frozen=True, slots=True)
class ColumnIssue:
    """One kind of fault of a column: how many cells, whether it rejects rows, and the first of them."""

    code: str
    rejects: bool
    count: int
    example: Issue
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field that a column can be mapped to, with both labels."""

    field: str
    entity: str
    label_en: str
    label_zh: str
    type: str

    def label(self, *, chinese: bool) -> str:
        """Return the label in the reader's language."""
        return self.label_zh if chinese else self.label_en


def table_lines(source: Source, converted: Sequence[ConvertedTable | None]) -> list[TableLine]:
    """Return a line per table, with what converting it (None: not recognised) has shown."""
    lines = []
    changed = Counter(fix.place for fix in source.applied)
    for index, (mapping, table) in enumerate(zip(source.mappings, converted, strict=True)):
        entity = mapping.entity if is_recognised(mapping) else None
        columns = [column for column in mapping.columns if _has_content(mapping, column)]
        lines.append(
            TableLine(
                index,
                mapping.table.file,
                mapping.table.sheet,
                entity,
                entity_label(entity) if entity else "",
                mapping.table.frame.height,
                len(columns),
                sum(1 for column in columns if column.field and column.confidence >= ACCEPT),
                sum(1 for column in columns if entity and _suggestion(column)),
                len(main_rejected(table)) if table else 0,
                mapping.source_system,
                mapping.confidence,
                mapping.table.part,
                mapping.table.left_out.total + mapping.table.left_out.note,
                mapping.table.hidden,
                len(mapping.table.hidden_rows),
                mapping.table.encoding,
                changed[mapping.table.place],
            )
        )
    return lines


def is_recognised(mapping: TableMapping) -> bool:
    """Whether it is clear what the rows of a table are."""
    return mapping.entity is not None and mapping.confidence >= ACCEPT


def main_rejected(table: ConvertedTable) -> frozenset[int]:
    """Return the rows that are left out for their values."""
    rows = table.of(table.main_entity)
    return rows.rejected_rows if rows else frozenset()


def column_lines(mapping: TableMapping, converted: ConvertedTable | None) -> list[ColumnLine]:
    """Return a line per column that holds anything or is mapped."""
    issues = _issues_by_column(converted.issues if converted else ())
    lines = []
    for column in mapping.columns:
        values = mapping.table.frame[f"c{column.index}"]
        filled = column.field if column.confidence >= ACCEPT else None
        suggestion = _suggestion(column)
        confidence: float | None = column.confidence if filled else None
        if suggestion and not filled:
            confidence = dict(column.alternatives).get(suggestion, column.confidence)
        height = max(1, values.len())
        lines.append(
            ColumnLine(
                column.index,
                mapping.entity,
                column.header,
                _samples(values),
                filled,
                suggestion,
                confidence,
                column.reason,
                values.null_count() / height,
                column.period,
                column.alternatives,
                issues.get(column.header, ()),
                mapping.new_fields,
            )
        )
    return lines


def field_choices(entity: str | None) -> list[FieldChoice]:
    """Return the fields of an entity, or of all of them."""
    entities = [entity] if entity else list(ENTITIES)
    return [
        FieldChoice(item.full_name, item.entity, item.label_en, item.label_zh, item.type)
        for name in entities
        for item in fields_of(name)
    ]


def choice(full_name: str, new_fields: Iterable[NewField] = ()) -> FieldChoice:
    """Return one field with its labels, a custom field among them; raise NotFound if there is none."""
    item = field_among(full_name, new_fields)
    return FieldChoice(item.full_name, item.entity, item.label_en, item.label_zh, item.type)


def entity_choices() -> list[tuple[str, str]]:
    """Return every importable entity with its English label (a gettext id)."""
    return [(name, entity_label(name)) for name in ENTITIES]


def entity_name(entity: str, locale: Locale) -> str:
    """Return what an entity is called in the reader's language."""
    return locale._(entity_label(entity))


def with_field(source: Source, table: int, column: int, full_name: str | None) -> Source:
    """Return the source with a column mapped by a person to a field, or left out with None.

    A field that another column of the table had moves to this one.
    """
    mapping = source.mappings[table]
    known = {one.full_name for one in mapping.new_fields}
    mapping = replace(
        mapping,
        new_fields=(
            *mapping.new_fields,
            *(one for one in source.custom if one.full_name == full_name and full_name not in known),
        ),
    )

    def decided(one: ColumnMapping) -> ColumnMapping:
        if one.index == column:
            return replace(
                one,
                field=full_name,
                confidence=1.0 if full_name else 0.0,
                reason=PERSON if full_name else "",
                alternatives=one.alternatives if full_name else (),
            )
        taken = full_name is not None and one.field == full_name and one.period is None
        return replace(one, field=None, confidence=0.0, reason="") if taken else one

    return _replaced(source, table, replace(mapping, columns=tuple(map(decided, mapping.columns))))


def with_suggestions(source: Source, table: int) -> Source:
    """Return the source with all waiting suggestions of a table accepted, the surest first."""
    mapping = source.mappings[table]
    waiting = sorted(
        (
            (dict(c.alternatives).get(s, c.confidence), c.index, s)
            for c in mapping.columns
            if (s := _suggestion(c))
        ),
        reverse=True,
    )
    taken = {column.field for column in mapping.columns if column.field and column.confidence >= ACCEPT}
    for _confidence, index, name in waiting:
        if name not in taken:
            source = with_field(source, table, index, name)
            taken.add(name)
    return source


def with_entity(source: Source, table: int, entity: str | None) -> Source:
    """Return the source with a person's word on what the rows of a table are; None leaves it out."""
    from desktop.importers.custom_columns import with_custom_fields
    from desktop.importers.mapping import suggest_as

    mapping = source.mappings[table]
    if entity is None:
        return _replaced(source, table, replace(mapping, entity=None, confidence=0.0))
    return _replaced(source, table, with_custom_fields(suggest_as(mapping.table, entity), source.custom))


def keeping(source: Source, before: Source) -> Source:
    """Return the source with the mappings that tables had before they were read again unchanged.

    Cells that were corrected before stay corrected where they still say what they said.
    """
    known = {(*one.table.place, one.table.fingerprint, one.table.headers): one for one in before.mappings}

    def kept(mapping: TableMapping) -> TableMapping:
        table = mapping.table
        old = known.get((*table.place, table.fingerprint, table.headers))
        return replace(old, table=table) if old else mapping

    return source.with_mappings(map(kept, source.mappings)).with_fixes(before.fixes)


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """How many different values a column has, and the most frequent with their numbers."""

    different: int
    most: tuple[tuple[str, int], ...]


def value_counts(mapping: TableMapping, column: int, limit: int = 20) -> ValueCounts:
    """Return the values of a column by frequency."""
    counted = mapping.table.frame[f"c{column}"].drop_nulls().value_counts(sort=True)
    most = tuple(
        (" ".join(str(value).split()), int(count)) for value, count in counted.head(limit).iter_rows()
    )
    return ValueCounts(counted.height, most)


def _replaced(source: Source, table: int, mapping: TableMapping) -> Source:
    return source.with_mappings(
        mapping if index == table else one for index, one in enumerate(source.mappings)
    )


def _suggestion(column: ColumnMapping) -> str | None:
    if column.field:
        return None if column.confidence >= ACCEPT else column.field
    best = max(column.alternatives, key=lambda one: one[1], default=None)
    return best[0] if best and best[1] >= LEAST_SUGGESTION else None


def _has_content(mapping: TableMapping, column: ColumnMapping) -> bool:
    values = mapping.table.frame[f"c{column.index}"]
    return values.null_count() < values.len() or column.field is not None


def _samples(values: pl.Series) -> tuple[str, ...]:
    found: list[str] = []
    for value in values.head(2_000).drop_nulls().unique(maintain_order=True).head(_SAMPLES):
        text = " ".join(str(value).split())
        found.append(text if len(text) <= 24 else text[:23] + "…")
    return tuple(found)


def _issues_by_column(issues: Iterable[Issue]) -> dict[str, tuple[ColumnIssue, ...]]:
    groups: dict[tuple[str, str, str], list[Issue]] = {}
    for issue in issues:
        if issue.column is not None and issue.severity != "note":
            groups.setdefault((issue.column, issue.code, str(issue.severity)), []).append(issue)
    found: dict[str, list[ColumnIssue]] = {}
    for (column, code, severity), members in groups.items():
        rows = tuple(sorted({issue.row for issue in members if issue.row is not None}))
        found.setdefault(column, []).append(
            ColumnIssue(code, severity == "row", len(members), members[0], rows)
        )
    return {column: tuple(kinds) for column, kinds in found.items()}
