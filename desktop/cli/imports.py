"""Commands that look at what could be imported: fields, mapping."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import Invocation, current, emit
from desktop.cli.source_passwords import PasswordStdin, Vault, options_with_password
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.importers.tables import TableMapping
    from desktop.importers.ways import NewField
    from desktop.operations.migration import Source

_SHOWN_ISSUES = 40

Paths = Annotated[
    list[str], typer.Argument(metavar="PATH...", help=N_("Files, folders and addresses of databases."))
]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("fields", help=N_("List the fields that can be imported."))(fields)
    app.command("mapping", help=N_("Show what would be mapped; nothing is read into a database."))(mapping)


def fields() -> None:
    """List the fields that can be imported, with their labels in both languages.

    The custom fields of the database are among them, if there is one.
    """
    from desktop.importers.fields import FIELDS, custom_field

    listed = [*FIELDS, *(custom_field(one) for one in _own_fields(current()))]
    document = [
        {
            "field": field.full_name,
            "type": field.type,
            "label_en": field.label_en,
            "label_zh": field.label_zh,
            "key": field.key,
        }
        for field in listed
    ]
    lines = [
        f"{field.full_name:<34} {field.type:<9} {'*' if field.key else ' '} {field.label_zh}  {field.label_en}"
        for field in listed
    ]
    emit(document, "\n".join(lines))


def _own_fields(cli: Invocation) -> list[NewField]:
    """Return the custom fields of the database asked for, or of the one used last if it is there."""
    from desktop.errors import UserError
    from desktop.queries.custom_fields import mappable_fields

    try:
        return cli.workspace(create=False).read(mappable_fields)
    except UserError:
        if cli.database:
            raise
        return []  # nobody has named a database: the fields that every one has are answer enough


def mapping(
    paths: Paths,
    profile: Annotated[Path | None, typer.Option(metavar="FILE", help=N_("A saved mapping."))] = None,
    values: Annotated[
        bool, typer.Option("--values", help=N_("Also list the values of columns that pick from a list."))
    ] = False,
    password_stdin: PasswordStdin = False,
    vault: Vault = None,
) -> None:
    """Show what every table and column would be taken for."""
    from desktop.operations.migration import read_and_map, read_profiles

    cli = current()
    given = read_profiles(profile) if profile else ()
    source = read_and_map(paths, given, cli.control(), options_with_password(password_stdin, vault))
    document = {
        "tables": [_table_json(one) | (_values_json(one) if values else {}) for one in source.mappings],
        "refused": _refused_json(source, cli.locale),
    }
    emit(document, "\n".join(_mapping_lines(source, cli.locale)))


def _table_json(one: TableMapping) -> dict[str, Any]:
    table = one.table
    return {
        "file": table.file,
        "sheet": table.sheet,
        "header_rows": list(table.header_rows),
        "rows": table.frame.height,
        "encoding": table.encoding,
        "entity": one.entity,
        "confidence": round(one.confidence, 3),
        "source_system": one.source_system,
        "profile": one.profile,
        "columns": [
            {
                "index": column.index,
                "header": column.header,
                "field": column.field,
                "confidence": round(column.confidence, 3),
                "reason": column.reason,
            }
            | ({"period": column.period} if column.period else {})
            for column in one.columns
        ],
    }


def _values_json(one: TableMapping) -> dict[str, Any]:
    from desktop.importers.value_maps import values_to_map

    return {
        "values": [
            {
                "field": line.field,
                "header": line.header,
                "value": line.value,
                "count": line.count,
                "recognised": line.recognised,
                "suggestion": line.suggestion.to_json() if line.suggestion else None,
                "choice": line.choice.to_json() if line.choice else None,
            }
            for line in values_to_map(one)
        ]
    }


def _refused_json(source: Source, locale: Locale) -> list[dict[str, Any]]:
    from desktop.operations.import_results import refused_json

    return [refused_json(refused, locale) for refused in source.refused]


def _mapping_lines(source: Source, locale: Locale) -> list[str]:
    from desktop.operations.mapping_text import mapping_text

    lines = [line for one in source.mappings for line in mapping_text(one, locale)]
    lines += [f"{item['file']}: {item['message']}" for item in _refused_json(source, locale)]
    return lines
