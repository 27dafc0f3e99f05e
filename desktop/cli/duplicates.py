"""duplicates, merge, unmerge: who is in the database twice, one record out of several, and apart again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import DONE, PARTLY, current, emit
from desktop.errors import InvalidInput
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.queries.duplicates import DuplicateCluster

_SHOWN = 50

Entity = Annotated[str, typer.Option(metavar="ENTITY", help=N_("account, contact or lead."))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("duplicates", help=N_("Find records that may be the same, with scores and reasons."))(
        duplicates
    )
    app.command("merge", help=N_("Merge records into one, field by field."))(merge)
    app.command("unmerge", help=N_("Split merged records again."))(unmerge)


def duplicates(
    entity: Entity = "account",
    run: Annotated[
        int | None, typer.Option(metavar="RUN", help=N_("Only clusters that this import run touched."))
    ] = None,
    collisions: Annotated[
        bool,
        typer.Option(
            "--collisions", help=N_("Who is in whose way: pursued, quoted, contacted twice or by nobody.")
        ),
    ] = False,
    window: Annotated[
        int, typer.Option(metavar="DAYS", min=1, help=N_("How far back a collision counts."))
    ] = 90,
    merges: Annotated[bool, typer.Option("--merges", help=N_("List what was merged instead."))] = False,
) -> None:
    """Find records that may be the same."""
    from desktop.queries.duplicates import ENTITIES, find_duplicates
    from desktop.queries.merges import merge_list

    cli = current()
    workspace = cli.workspace(create=False)
    if merges:
        lines = workspace.read(merge_list, cli.control())
        emit([line.to_json() for line in lines], "\n".join(line.text(cli.locale) for line in lines))
        return
    if collisions:
        _tell_collisions(window)
        return
    if entity not in ENTITIES:
        raise InvalidInput(
            "entity_unknown",
            N_("“{entity}” cannot be searched for duplicates."),
            remedy=N_("Choose one of: {names}."),
            entity=entity,
            names=", ".join(ENTITIES),
        )
    found = workspace.read(lambda work: find_duplicates(work, entity, run), cli.control())
    emit([one.to_json(cli.locale) for one in found.clusters], "\n".join(_lines(found.clusters, cli.locale)))


def _tell_collisions(window: int) -> None:
    from desktop.queries.collisions import collisions

    cli = current()
    found = cli.workspace(create=False).read(lambda work: collisions(work, window), cli.control())
    locale = cli.locale
    lines = []
    for title, part in (
        (
            N_("Pursued by several owners"),
            [f"{p.name}: " + ", ".join(s.owner for s in p.by) for p in found.pursued],
        ),
        (N_("Quoted again"), [f"{q.name}: {q.product} ({len(q.quotes)})" for q in found.quoted_again]),
        (
            N_("Contacted by several people"),
            [f"{t.name}: " + ", ".join(t.people) for t in found.contacted_by_several],
        ),
        (N_("Followed by nobody"), [t.name for t in found.followed_by_nobody]),
        (
            N_("Contradicting labels"),
            [f"{c.name}: " + "; ".join(label[2] for label in c.labels) for c in found.labels],
        ),
    ):
        lines.append(f"{locale._(title)}: {locale.integer(len(part))}")
        lines += [f"    {text}" for text in part[:_SHOWN]]
    emit(found.to_json(), "\n".join(lines))


def _lines(clusters: tuple[DuplicateCluster, ...], locale: Locale) -> list[str]:
    if not clusters:
        return [locale._("No duplicates were found.")]
    lines = []
    for one in clusters[:_SHOWN]:
        verdict = locale._("sure") if one.sure else locale._("to be looked at")
        lines.append(
            f"{one.number}. {verdict} ({locale.percent(one.score, 0)}): "
            + "; ".join(locale._(w) for w in one.why)
        )
        lines += [
            f"    {member.id}  {member.name}" + (f"  ({member.owner})" if member.owner else "")
            for member in one.members
        ]
    if len(clusters) > _SHOWN:
        rest = len(clusters) - _SHOWN
        lines.append(
            locale.plural("… and {n} more; --json lists all.", "… and {n} more; --json lists all.", rest)
        )
    return lines


def merge(
    survivor: Annotated[
        int | None, typer.Argument(metavar="SURVIVOR", help=N_("The record that stays."))
    ] = None,
    others: Annotated[
        list[int] | None, typer.Argument(metavar="OTHERS", help=N_("The records that go into it."))
    ] = None,
    entity: Entity = "account",
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=ID", help=N_("Keep this field's value of that record; may be repeated.")),
    ] = None,
    sure: Annotated[bool, typer.Option("--sure", help=N_("Merge every cluster that is sure."))] = False,
) -> None:
    """Merge records into one."""
    from desktop.operations.duplicates import find_duplicates, merge_clusters, merge_records

    cli = current()
    workspace = cli.workspace(create=False)
    if sure:
        done = workspace.write(
            lambda work: merge_clusters(work, find_duplicates(work, entity).clusters), cli.control()
        )
        told = cli.locale.plural("{n} cluster was merged.", "{n} clusters were merged.", len(done))
        emit([one.to_json() for one in done], told)
        return
    if survivor is None or not others:
        raise typer.BadParameter(
            cli.locale._("Name the record that stays and those that go into it, or give --sure.")
        )
    choices = dict(_choice(text) for text in field or [])
    result = workspace.write(
        lambda work: merge_records(work, entity, survivor, others, choices), cli.control()
    )
    moved = ", ".join(f"{name} {count}" for name, count in result.moved.items())
    text = cli.locale._("Merge {merge}: {n} into {survivor}.").format(
        merge=result.merge, n=", ".join(map(str, result.merged)), survivor=result.survivor
    )
    emit(result.to_json(), f"{text} {moved}".strip())


def _choice(text: str) -> tuple[str, int]:
    name, _, record = text.partition("=")
    if not name or not record.isdigit():
        raise typer.BadParameter(current().locale._("“{text}” is not FIELD=ID.").format(text=text))
    return name, int(record)


def unmerge(
    merge: Annotated[int, typer.Argument(metavar="MERGE", help=N_("The number of the merge."))],
) -> int:
    """Split merged records again."""
    from desktop.operations.duplicates import unmerge as split

    cli = current()
    result = cli.workspace(create=False).write(lambda work: split(work, merge), cli.control())
    document: dict[str, Any] = result.to_json(cli.locale)
    n = len(result.restored)
    lines = [cli.locale.plural("{n} record stands again.", "{n} records stand again.", n)]
    lines += [f"  {line['entity']} {line['id']}: {line['why']}" for line in document["kept"][:_SHOWN]]
    emit(document, "\n".join(lines))
    return PARTLY if result.kept else DONE
