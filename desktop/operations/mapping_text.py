"""A table's mapping in words: what it is taken for, and why every column is."""

from __future__ import annotations

from desktop.i18n import N_, Locale
from desktop.importers.fields import entity_label, field_among
from desktop.importers.tables import TableMapping
from desktop.operations.mapping_lines import PERSON

REASONS: dict[str, str] = {
    "profile": N_("Saved mapping"),
    "label": N_("Name of the field"),
    "synonym": N_("Other name"),
    "spelling": N_("Similar spelling"),
    "values": N_("Shape of the values"),
    "period": N_("Month in the header"),
    PERSON: N_("Chosen by hand"),
}
"""Why a column is taken for its field, as people read it (gettext ids)."""


def mapping_text(mapping: TableMapping, locale: Locale) -> list[str]:
    """Return a table's mapping in lines of text: what it is, and every column with its field and the reason."""
    name = " / ".join(part for part in (mapping.table.file, mapping.table.sheet) if part)
    entity = locale._(entity_label(mapping.entity)) if mapping.entity else locale._("unknown")
    head = f"{name} → {entity} ({locale.percent(mapping.confidence, 0)})"
    if mapping.profile:
        head += locale._(", as in “{profile}”").format(profile=mapping.profile)
    lines = [head]
    for column in mapping.columns:
        if column.field is None:
            lines.append(f"    {column.header} → —")
            continue
        label = field_among(column.field, mapping.new_fields).label(locale.is_chinese)
        reason = locale._(REASONS[column.reason]) if column.reason in REASONS else column.reason
        told = f"{locale.percent(column.confidence, 0)} {reason}".rstrip()
        lines.append(f"    {column.header} → {column.field} {label}  {told}")
    return lines
