"""The command that brings legacy data in: migrate."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import DONE, PARTLY, REFUSED, Invocation, current, emit
from desktop.cli.imports import Paths
from desktop.cli.source_passwords import PasswordStdin, Vault, options_with_password
from desktop.errors import Cancelled
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.importers.options import ReadOptions
    from desktop.importers.reader import Reading
    from desktop.importers.recipe import Recipe
    from desktop.importers.tables import Profile
    from desktop.importers.ways import NewField
    from desktop.operations.import_results import ImportResult
    from desktop.operations.migration import Plan, Source
    from desktop.operations.recipes import Question
    from desktop.store.loading.stock import Stock
    from desktop.store.workspace import Workspace

_SHOWN_ISSUES = 40


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("migrate", help=N_("Import files and folders, all in one run and one transaction."))(migrate)


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
    recipe: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=N_("Replay a rehearsed migration; only differences are asked about.")
        ),
    ] = None,
    save_recipe: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=N_("Write everything that was decided, to be replayed later.")),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help=N_("Import nothing while a question of the recipe is open."))
    ] = False,
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
    cli, started = current(), time.monotonic()
    if certificate and dry_run:
        raise typer.BadParameter(cli.locale._("A dry run leaves nothing behind that could be certified."))
    if recipe and profile:
        raise typer.BadParameter(
            cli.locale._("A recipe has its own mappings: give it or --profile, not both.")
        )
    given = _profiles(profile)
    done = _carried_out(
        cli,
        _Order(
            options_with_password(password_stdin, vault),
            tuple(paths),
            recipe,
            tuple(given),
            dry_run,
            keep_duplicates,
            strict,
            remember=bool(given or save_profile),
            propose=duplicates,
        ),
    )
    agrees = _written(cli, done, save_profile, save_recipe, errors, certificate)
    document = done.result.to_json(cli.locale)
    if recipe:
        document["open_questions"] = [question.to_json(cli.locale) for question in done.questions]
    document |= _fill_rates(done.source)
    document["seconds"] = round(time.monotonic() - started, 2)
    emit(document, "\n".join(_result_lines(done.result, cli, document)))
    if done.result.state == "refused":
        return REFUSED
    return DONE if done.result.complete and agrees and not done.questions else PARTLY


def _profiles(path: Path | None) -> Sequence[Profile]:
    if path is None:
        return ()
    from desktop.operations.migration import read_profiles

    return read_profiles(path)


@dataclass(frozen=True, slots=True)
class _Order:
    """What `migrate` was asked to do."""

    options: ReadOptions
    paths: tuple[str, ...]
    recipe: Path | None
    profiles: tuple[Profile, ...]
    dry_run: bool
    keep_duplicates: bool
    strict: bool
    remember: bool
    propose: bool


@dataclass(frozen=True, slots=True)
class _Done:
    """What `migrate` did: what was read, planned and written, and what a recipe left open."""

    source: Source
    plan: Plan
    result: ImportResult
    recipe: Recipe | None
    questions: tuple[Question, ...]


def _carried_out(cli: Invocation, order: _Order) -> _Done:
    control = cli.control()
    if order.recipe:
        return _planned(cli, order, control, None)
    # The child process begins before anything large is imported here.
    from desktop.importers.reader import reading

    with reading(order.paths, control, order.options) as begun:
        return _planned(cli, order, control, begun)


def _planned(cli: Invocation, order: _Order, control: Control, begun: Reading | None) -> _Done:
    from desktop.operations.imports import migrate_plan
    from desktop.operations.migration import make_plan, read_and_map
    from desktop.operations.readiness import get_ready
    from desktop.operations.recipes import read_recipe, replay, replay_merges
    from desktop.queries.custom_fields import mappable_fields
    from desktop.queries.imports import mapping_profiles

    recipe = read_recipe(order.recipe) if order.recipe else None
    questions: tuple[Question, ...] = ()
    keep = order.keep_duplicates or bool(recipe and recipe.keep_duplicates)
    with _opened_meanwhile(cli, control) as opening:

        def profiles() -> Iterator[Profile]:
            yield from opening.result()[0].read(mapping_profiles)
            yield from order.profiles

        def custom() -> Iterator[NewField]:
            yield from opening.result()[0].read(mappable_fields)

        if recipe:
            found = replay(recipe, order.paths, control, order.options.passwords)
            source, questions = found.source, found.questions
        else:
            get_ready()
            source = read_and_map(order.paths, profiles(), control, order.options, custom(), begun)
        workspace, stock = opening.result()
        plan = make_plan(source, control)
        result = migrate_plan(
            workspace,
            replace(plan, tables=()) if questions and order.strict else plan,
            dry_run=order.dry_run,
            keep_duplicates=keep,
            remember=order.remember,
            propose=order.propose,
            control=control,
            stock=stock,
        )
    if recipe and recipe.merges and result.run is not None:
        questions += tuple(workspace.write(lambda work: replay_merges(work, recipe.merges), control))
    return _Done(source, plan, result, recipe, questions)


def _written(
    cli: Invocation,
    done: _Done,
    save_profile: Path | None,
    save_recipe: Path | None,
    errors: Path | None,
    certificate: Path | None,
) -> bool:
    """Write the files that were asked for; return whether the certificate, if any, agrees."""
    from desktop.cli.runs import save_certificate
    from desktop.operations.import_results import save_error_rows
    from desktop.operations.migration import write_profiles

    if save_profile:
        write_profiles(save_profile, done.source.mappings)
    if save_recipe:
        _save_recipe(save_recipe, done, cli.workspace())
    if errors:
        save_error_rows(errors, done.plan.tables, done.result, cli.locale)
    if certificate and done.result.run is not None:
        return save_certificate(done.result.run, certificate).certificate.agrees
    return True


def _save_recipe(path: Path, done: _Done, workspace: Workspace) -> None:
    """Write the recipe, with the decisions about duplicates that the database knows."""
    from desktop.operations.recipes import save_recipe

    save_recipe(workspace, path, done.source)


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
    lines += _question_lines(document, locale)
    lines += [
        locale._("{file}: {filled} of {open} open cells filled in ({rate})").format(
            file=one["file"],
            filled=locale.integer(one["filled"]),
            open=locale.integer(one["open"]),
            rate=locale.percent(one["rate"]),
        )
        for one in document.get("fill_rates", ())
    ]
    if result.proposals:
        n = len(result.proposals)
        lines.append(
            locale.plural("{n} group of records may be one.", "{n} groups of records may be one each.", n)
        )
    return lines


def _fill_rates(source: Source) -> dict[str, Any]:
    """Return how far the gap sheets among the files were filled in, if there are any."""
    from desktop.importers.returned import fill_rates

    rates = [
        {"file": one.file, "open": one.open, "filled": one.filled, "rate": round(one.rate, 4)}
        for one in fill_rates([mapping.table for mapping in source.mappings])
    ]
    return {"fill_rates": rates} if rates else {}


def _question_lines(document: dict[str, Any], locale: Locale) -> list[str]:
    lines = [locale._("The recipe does not answer:")] if document.get("open_questions") else []
    for one in document.get("open_questions", ()):
        place = ":".join(str(one[key]) for key in ("file", "sheet", "row") if one[key] is not None)
        lines.append(f"  {place} {one['message']}")
    return lines
