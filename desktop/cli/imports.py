"""Commands that bring legacy data in: fields, mapping, migrate, runs, undo."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import DONE, PARTLY, REFUSED, Invocation, current, emit
from desktop.cli.source_passwords import PasswordStdin, Vault, options_with_password
from desktop.errors import Cancelled
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.importers.tables import Profile, TableMapping
    from desktop.importers.ways import NewField
    from desktop.operations.import_results import ImportResult
    from desktop.operations.migration import Source
    from desktop.store.loading.stock import Stock
    from desktop.store.workspace import Workspace

_SHOWN_ISSUES = 40

Paths = Annotated[
    list[str], typer.Argument(metavar="PATH...", help=N_("Files, folders and addresses of databases."))
]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("fields", help=N_("List the fields that can be imported."))(fields)
    app.command("mapping", help=N_("Show what would be mapped; nothing is read into a database."))(mapping)
    app.command("migrate", help=N_("Import files and folders, all in one run and one transaction."))(migrate)


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


def migrate(
    paths: Paths,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Do all of it, show the result, and keep nothing."))
    ] = False,
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help=N_("A saved mapping, which comes first."))
    ] = None,
    save_profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help=N_("Write the mapping that was used."))
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(metavar="FILE.xlsx", help=N_("Write the certificate of the run, to be signed.")),
    ] = None,
    errors: Annotated[
        Path | None,
        typer.Option(metavar="FILE.xlsx", help=N_("Write the rejected rows, with reasons, to be mended.")),
    ] = None,
    keep_duplicates: Annotated[
        bool, typer.Option("--keep-duplicates", help=N_("Never take two rows for one record by their name."))
    ] = False,
    duplicates: Annotated[
        bool,
        typer.Option("--duplicates", help=N_("Also tell which records may be the same; merges nothing.")),
    ] = False,
    password_stdin: PasswordStdin = False,
    vault: Vault = None,
) -> int:
    """Import files and folders: read, map, check and write them in one transaction."""
    from desktop.cli.runs import save_certificate
    from desktop.operations.import_results import save_error_rows
    from desktop.operations.imports import migrate_plan
    from desktop.operations.migration import make_plan, read_and_map, read_profiles, write_profiles
    from desktop.queries.custom_fields import mappable_fields
    from desktop.queries.imports import mapping_profiles

    cli, started = current(), time.monotonic()
    if certificate and dry_run:
        raise typer.BadParameter(cli.locale._("A dry run leaves nothing behind that could be certified."))
    given = read_profiles(profile) if profile else []
    options = options_with_password(password_stdin, vault)
    control = cli.control()
    with _opened_meanwhile(cli, control) as opening:

        def profiles() -> Iterator[Profile]:
            yield from opening.result()[0].read(mapping_profiles)
            yield from given

        def custom() -> Iterator[NewField]:
            yield from opening.result()[0].read(mappable_fields)

        source = read_and_map(paths, profiles(), control, options, custom())
        workspace, stock = opening.result()
        plan = make_plan(source, control)
        result = migrate_plan(
            workspace,
            plan,
            dry_run=dry_run,
            keep_duplicates=keep_duplicates,
            remember=bool(given or save_profile),
            propose=duplicates,
            control=control,
            stock=stock,
        )
    if save_profile:
        write_profiles(save_profile, source.mappings)
    if errors:
        save_error_rows(errors, plan.tables, result, cli.locale)
    agrees = True
    if certificate and result.run is not None:
        agrees = save_certificate(result.run, certificate).certificate.agrees
    document = result.to_json(cli.locale) | {"seconds": round(time.monotonic() - started, 2)}
    emit(document, "\n".join(_result_lines(result, cli, document)))
    if result.state == "refused":
        return REFUSED
    return DONE if result.complete and agrees else PARTLY


@contextmanager
def _opened_meanwhile(cli: Invocation, control: Control) -> Iterator[Future[tuple[Workspace, Stock]]]:
    """Open the database and stock up from it on another thread, while a child process reads the files.

    A database that cannot be opened ends the reading, and is what the command fails with.
    """
    from desktop.operations.imports import stock_of

    def opened() -> tuple[Workspace, Stock]:
        try:
            workspace = cli.workspace()
        except BaseException:
            control.cancel()
            raise
        return workspace, stock_of(workspace)

    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(opened)
        try:
            yield opening
        except Cancelled:
            opening.result()  # raises what really went wrong, if that was it
            raise
        finally:
            if opening.exception() is None:
                opening.result()[1].close()


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


def _result_lines(result: ImportResult, cli: Invocation, document: dict[str, Any]) -> list[str]:
    locale = cli.locale
    head = {
        "applied": N_("Import run {run}:"),
        "dry_run": N_("Dry run, nothing was kept:"),
        "refused": N_("Nothing could be imported."),
    }
    counts = N_(
        "{read} rows read: {created} created, {updated} updated, {unchanged} unchanged, {rejected} rejected"
    )
    lines = [locale._(head[result.state]).format(run=result.run)]
    lines.append(locale._(counts).format(**{k: locale.integer(v) for k, v in result.totals.items()}))
    for issue in document["issues"][:_SHOWN_ISSUES]:
        place = ":".join(str(issue[key]) for key in ("file", "sheet", "row") if issue[key] is not None)
        column = f" [{issue['column']}]" if issue["column"] else ""
        lines.append(f"  {place}{column} {issue['message']}")
    if len(result.issues) > _SHOWN_ISSUES:
        rest = len(result.issues) - _SHOWN_ISSUES
        lines.append(
            locale.plural("… and {n} more; --json lists all.", "… and {n} more; --json lists all.", rest)
        )
    lines += [f"{item['file']}: {item['message']}" for item in document["refused"]]
    if result.proposals:
        n = len(result.proposals)
        lines.append(
            locale.plural("{n} group of records may be one.", "{n} groups of records may be one each.", n)
        )
    return lines
