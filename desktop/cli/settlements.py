"""Commands of finance's round trip: settlements (its queue and sheet), settle (a sheet that came back)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import PARTLY, current, emit, existing_path
from desktop.cli.reports import verdict_text, verification_json
from desktop.cli.texttable import text_table
from desktop.errors import InvalidInput
from desktop.i18n import N_, Locale
from desktop.money import money_text

if TYPE_CHECKING:
    from fractions import Fraction

    from desktop.operations.settlements import Applied
    from desktop.queries.bonus import BonusLine
    from desktop.queries.settlement_differences import Differences, FieldChange, ReturnedRow
    from desktop.queries.settlements import QueueRow


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("settlements", help=N_("Finance's queue: accepted contracts that wait for settlement."))(
        settlements
    )
    app.command("settle", help=N_("Show what a returned settlement sheet changes, and take it over."))(settle)
    app.command("bonus", help=N_("The quarterly bonus: process figures, their share, results."))(bonus)


def bonus(
    quarter: Annotated[str, typer.Option(metavar="QUARTER", help=N_("A quarter such as 2026-Q3."))],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.xlsx", help=N_("Write the sheet for finance and HR."))
    ] = None,
) -> None:
    """List or write the quarterly bonus."""
    from desktop.operations.bonus import write_bonus_sheet
    from desktop.periods import Period
    from desktop.queries.bonus import bonus_lines

    cli, span = current(), Period.parse(quarter)
    workspace = cli.workspace(create=False)
    if out is not None:
        sent = workspace.write(
            lambda work: write_bonus_sheet(work, path=out, quarter=span, locale=cli.locale)
        )
        text = cli.locale._("Written: {file}").format(file=out)
        emit({"file": out.as_posix(), "rows": sent.rows}, text)
        return
    lines = workspace.read(lambda work: bonus_lines(work, span))
    _ = cli.locale._
    heads = [_("Person"), _("Process score"), _("Earned by process"), _("Result against target")]
    emit(
        [_bonus_json(line) for line in lines],
        text_table(
            heads,
            [
                [line.name, *(_percent(share) for share in (line.score, line.process_part, line.attainment))]
                for line in lines
            ],
        ),
    )


def _bonus_json(line: BonusLine) -> dict[str, Any]:
    return {
        "person": line.name,
        "rates": {key: {"part": rate.part, "whole": rate.whole} for key, rate in line.rates.items()},
        "score": _fraction(line.score),
        "weight": float(line.weight),
        "process_part": _fraction(line.process_part),
        "target": money_text(line.target),
        "won": money_text(line.won),
        "attainment": _fraction(line.attainment),
    }


def _fraction(share: Fraction | None) -> float | None:
    return None if share is None else round(float(share), 6)


def _percent(share: Fraction | None) -> str:
    return "—" if share is None else f"{float(share):.1%}"


def settlements(
    everything: Annotated[bool, typer.Option("--all", help=N_("All contracts, settled or not."))] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.xlsx", help=N_("Write the sheet that finance fills in."))
    ] = None,
) -> None:
    """List or write finance's queue."""
    from desktop.operations.settlements import write_settlement_sheet
    from desktop.queries.settlements import finance_queue

    cli = current()
    if out is None:
        rows = cli.workspace(create=False).read(lambda work: finance_queue(work, everything=everything))
        emit([_queue_json(row) for row in rows], _queue_text(rows, cli.locale))
        return
    done = cli.workspace(create=False).write(
        lambda work: write_settlement_sheet(work, path=out, everything=everything, locale=cli.locale)
    )
    text = cli.locale._("Settlement sheet {n}: {rows} contracts, {file}")
    emit(
        {"sheet": done.sheet, "file": out.as_posix(), "rows": done.rows, "sha256": done.sha256},
        text.format(n=done.sheet, rows=cli.locale.integer(done.rows), file=out),
    )


def settle(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help=N_("The settlement sheet as finance sent it back."))
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help=N_("Take over what is no conflict."))] = False,
    undo: Annotated[
        int | None, typer.Option(metavar="N", help=N_("Take back what returned file N changed."))
    ] = None,
) -> None:
    """Show or apply a returned sheet: exit code 4 if rows were not taken over."""
    from desktop.operations.settlements import Applied, apply_returned
    from desktop.queries.settlement_differences import REFUSED, returned_differences
    from desktop.queries.settlement_files import read_returned
    from desktop.queries.verification import returned_verdict

    if undo is not None:
        _undo(undo)
        return
    if file is None:
        raise InvalidInput(
            "settlement_file", N_("No file is named."), remedy=N_("Name the returned file, or --undo N.")
        )
    cli = current()
    path, control = existing_path(file), cli.control()
    returned = read_returned(path, control)
    workspace = cli.workspace(create=False)
    if apply:
        done = workspace.write(lambda work: apply_returned(work, returned), control)
    else:
        seen = workspace.read(lambda work: returned_differences(work, returned), control)
        done = Applied(0, seen, 0)
    seal = workspace.read(lambda work: returned_verdict(work, returned.content, returned.name), control)
    text = _applied_text(done, cli.locale, applied=apply)
    emit(
        {**_applied_json(done), "seal": verification_json(seal) if seal else None},
        f"{verdict_text(seal, cli.locale)}\n{text}" if seal else text,
    )
    if done.differences.count(*REFUSED):
        raise typer.Exit(PARTLY)


def _undo(number: int) -> None:
    from desktop.operations.settlements import undo_returned

    cli = current()
    done = cli.workspace(create=False).write(lambda work: undo_returned(work, number))
    text = cli.locale._("Taken back: {n} rows; {kept} were changed since and stay.")
    emit(
        {"number": done.number, "restored": done.restored, "kept": list(done.kept)},
        text.format(n=done.restored, kept=len(done.kept)),
    )


def _queue_json(row: QueueRow) -> dict[str, Any]:
    return {
        "contract": row.id,
        "number": row.number,
        "name": row.name,
        "customer": row.customer,
        "owner": row.owner,
        "amount": _money(row.amount),
        "invoice_type": row.invoice_type,
        "accepted_on": row.accepted_on,
        "invoiced": _money(row.invoiced),
        "paid": _money(row.paid),
        "invoice_number": row.invoice_number,
        "received": _money(row.received),
        "settled": row.settled,
        "remark": row.remark,
    }


def _money(minor: int | None) -> str | None:
    return None if minor is None else money_text(minor)


def _queue_text(rows: list[QueueRow], locale: Locale) -> str:
    _ = locale._
    heads = [
        _("Contract number"),
        _("Customer"),
        _("Contract amount"),
        _("Invoice type"),
        _("Accepted on"),
        _("Paid so far"),
    ]
    lines = [
        [
            row.number or "—",
            row.customer or "—",
            locale.money(row.amount) if row.amount is not None else "—",
            row.invoice_type or "—",
            locale.day(row.accepted_on) if row.accepted_on else "—",
            locale.money(row.paid) if row.paid is not None else "—",
        ]
        for row in rows
    ]
    return text_table(heads, lines) if lines else _("No accepted contract waits for settlement.")


def difference_json(found: Differences) -> dict[str, Any]:
    """Return what a returned file would change, as scripts read it."""
    return {
        "file": found.file,
        "stale": found.stale,
        "counts": {
            state.value: found.count(state) for state in dict.fromkeys(row.state for row in found.rows)
        },
        "rows": [_row_json(row) for row in found.rows],
    }


def _row_json(row: ReturnedRow) -> dict[str, Any]:
    return {
        "sheet": row.sheet,
        "row": row.row,
        "contract": row.contract_id,
        "number": row.number,
        "state": row.state.value,
        "stale": row.stale,
        "altered": {title: [before, found] for title, before, found in row.altered},
        "changes": {
            change.field: {
                name: _plain(change.field, getattr(change, name)) for name in ("base", "found", "now")
            }
            for change in row.changes
        },
    }


def _plain(field: str, value: Any) -> Any:
    return money_text(value) if field == "received" and value is not None else value


def _applied_json(done: Applied) -> dict[str, Any]:
    return {"number": done.number, "changed": done.changed, **difference_json(done.differences)}


def _applied_text(done: Applied, locale: Locale, *, applied: bool) -> str:
    from desktop.queries.settlement_differences import RowState
    from desktop.queries.settlements import TITLES

    _ = locale._
    shown = [row for row in done.differences.rows if row.state is not RowState.SAME]
    lines = []
    for row in shown:
        said = "; ".join(f"{_(TITLES[change.field])} {_change(change, locale)}" for change in row.changes)
        note = (
            _(row.note).format(**{key: _(text) if text else "" for key, text in row.params})
            if row.note
            else ""
        )
        said = said or "; ".join(f"{_(title)} {before} → {found}" for title, before, found in row.altered)
        lines.append([str(row.row or "—"), row.number or "—", _(row.state.label), said or note])
    text = text_table([_("Row"), _("Contract number"), _("What becomes of it"), _("Differences")], lines)
    parts = [text] if lines else [_("The file changes nothing.")]
    if done.differences.stale:
        parts.append(
            _("{n} rows were changed in the database since the file went out.").format(
                n=done.differences.stale
            )
        )
    if applied:
        parts.append(_("Taken over: {n} rows.").format(n=done.changed))
        if done.number:
            parts.append(_("To take it back: plumbline settle --undo {n}").format(n=done.number))
    elif done.differences.count(RowState.CHANGE):
        parts.append(_("Nothing is written yet; --apply takes it over."))
    return "\n".join(parts)


def _change(change: FieldChange, locale: Locale) -> str:
    from desktop.queries.settlement_words import word

    before, found = word(change.field, change.base, locale), word(change.field, change.found, locale)
    if change.is_conflict:
        return locale._("{before} → {found}, but now {now}").format(
            before=before, found=found, now=word(change.field, change.now, locale)
        )
    return f"{before} → {found}"
