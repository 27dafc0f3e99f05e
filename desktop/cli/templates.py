"""Commands about finance's own workbooks: what they may ask for, whether they can be filled, filling them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import current, emit, existing_path
from desktop.cli.texttable import text_table
from desktop.i18n import N_

if TYPE_CHECKING:
    from desktop.queries.filling import FilledReport

Number = Annotated[int, typer.Argument(metavar="ID", help=N_("The report's number."))]
File = Annotated[str, typer.Argument(metavar="FILE", help=N_("An .xlsx or .xlsm of finance's."))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    area = typer.Typer(help=N_("Workbooks of finance's that are filled with reports."), no_args_is_help=True)
    area.command("names", help=N_("List the names that a template may use for a report."))(names)
    area.command("check", help=N_("Tell whether a template can be filled, and what is wrong with it."))(check)
    area.command("keep", help=N_("Keep a workbook as the next version under its name."))(keep)
    area.command("list", help=N_("List the kept workbooks and their versions."))(kept)
    app.add_typer(area, name="template")


def names(number: Number) -> None:
    """List what a report offers."""
    from desktop.queries.filling import offered_names

    cli = current()
    found = cli.workspace(create=False).read(lambda work: offered_names(work, number))
    _ = cli.locale._
    kinds = {"value": _("value"), "table": _("table")}
    lines = [[kinds[one.kind], one.key, one.title_zh, one.title_en, "、".join(one.columns)] for one in found]
    heads = [_("Kind"), _("Key"), _("Chinese name"), _("English name"), _("Columns")]
    emit([asdict(one) for one in found], text_table(heads, lines))


def check(
    file: File,
    report: Annotated[int, typer.Option(metavar="ID", help=N_("The report that it is to be filled with."))],
) -> None:
    """Check a template against a report."""
    from desktop.queries.filling import template_fits

    cli = current()
    content, name = template_file(file)
    placed = cli.workspace(create=False).read(
        lambda work: template_fits(work, report, content, name, cli.locale)
    )
    _ = cli.locale._
    heads = [_("Name"), _("Sheet"), _("Area"), _("Rows")]
    lines = [[one.name, one.sheet, one.area, cli.locale.integer(one.rows)] for one in placed]
    emit([asdict(one) for one in placed], text_table(heads, lines))


def export_with(number: int, out: Path, template: str) -> None:
    """Export an approved report in a template."""
    from desktop.operations.filling import export_filled

    cli = current()
    content, name = template_file(template)
    filled = export_filled(cli.workspace(), number, content, name, out, cli.locale)
    emit(filled_json(filled, out), _filled_text(filled, out))


def template_file(template: str) -> tuple[bytes, str]:
    """Return a template's bytes and name: a file's, else those of a kept workbook (NAME or NAME@VERSION)."""
    from desktop.operations.templates import kept_content

    if Path(template).suffix or Path(template).exists():
        path = existing_path(Path(template))
        return path.read_bytes(), path.name
    name, _at, number = template.partition("@")
    version = int(number) if number.isdigit() else None
    return current().workspace(create=False).read(lambda work: kept_content(work, name, version))


def keep(
    file: File,
    name: Annotated[str | None, typer.Option(help=N_("Its name; default: the file's."))] = None,
) -> None:
    """Keep a workbook in the database."""
    from desktop.operations.templates import keep_template

    cli, path = current(), existing_path(Path(file))
    content = path.read_bytes()
    done = cli.workspace(create=False).write(
        lambda work: keep_template(work, name=name or path.stem, file_name=path.name, content=content)
    )
    text = cli.locale._("{name} (version {n})").format(name=done.name, n=done.number)
    emit({"name": done.name, "version": done.number, "sha256": done.sha256}, text)


def kept() -> None:
    """List the kept workbooks."""
    from desktop.operations.templates import kept_templates

    cli = current()
    found = cli.workspace(create=False).read(lambda work: kept_templates(work, every_version=True))
    _ = cli.locale._
    heads = [_("Name"), _("Version"), _("File"), _("Kept by"), _("Kept at")]
    lines = [
        [one.name, str(one.number), one.file_name, one.made_by, cli.locale.instant(one.made_at)]
        for one in found
    ]
    emit(
        [
            {"name": one.name, "version": one.number, "file": one.file_name, "sha256": one.sha256}
            for one in found
        ],
        text_table(heads, lines),
    )


def filled_json(filled: FilledReport, out: Path) -> dict[str, Any]:
    """Return a filled template as scripts read it."""
    return {
        "report": filled.rendered.report_id,
        "template": filled.template,
        "file": out.as_posix(),
        "sha256": filled.rendered.sha256,
        "placed": [asdict(one) for one in filled.placed],
        "unused": list(filled.unused),
        "changed_parts": list(filled.changed),
    }


def _filled_text(filled: FilledReport, out: Path) -> str:
    cli = current()
    _ = cli.locale._
    lines = [
        _("{name}: {sheet}!{area}, {rows} rows").format(
            name=one.name, sheet=one.sheet, area=one.area, rows=cli.locale.integer(one.rows)
        )
        for one in filled.placed
    ]
    if filled.unused:
        lines.append(_("Left as they are: {names}").format(names="、".join(filled.unused)))
    lines += [_("Written: {file}").format(file=out), f"SHA-256 {filled.rendered.sha256}"]
    return "\n".join(lines)
