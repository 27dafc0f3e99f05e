"""The commands `contract ...`: made of a quote, signed, annotated with risks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop.cli.context import current, emit, existing_path
from desktop.cli.quotes import say_asked
from desktop.cli.texttable import text_table
from desktop.cli.typed import parse_amount, parse_day
from desktop.i18n import N_
from desktop.operations.contracts import Severity
from desktop.periods import Period

if TYPE_CHECKING:
    from desktop.queries.contracts import ContractRow
    from desktop.store.workspace import Work

MOST = 200
CONTRACT = typer.Argument(metavar="CONTRACT", help=N_("The contract's number."))


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    contracts = typer.Typer(help=N_("Contracts: irregularities, risks, signing."), no_args_is_help=True)
    contracts.command("list", help=N_("List contracts with what is irregular in them."))(contract_list)
    contracts.command("make", help=N_("Make a contract of a quote that still holds."))(contract_make)
    contracts.command("draft", help=N_("Write a contract into a Word or Excel template of your own."))(
        contract_draft
    )
    contracts.command("sign", help=N_("Enter that a contract was signed."))(contract_sign)
    contracts.command("change", help=N_("Ask for a contract to be changed, or reviewed as it stands."))(
        contract_change
    )
    contracts.command("note", help=N_("Mark a clause as a risk."))(contract_note)
    contracts.command("settle", help=N_("Say what became of a risk."))(contract_settle)
    app.add_typer(contracts, name="contract")


def contract_list() -> None:
    """List contracts."""
    from desktop.queries.contracts import contract_count, contract_rows
    from desktop.queries.quote_words import IRREGULAR, contract_json, percent_text
    from desktop.queries.rows import RowRequest
    from desktop.queries.scope import Scope

    cli = current()
    _ = cli.locale._

    def ask(work: Work) -> tuple[list[ContractRow], int]:
        scope = Scope(Period.month_of(work.today))
        rows = contract_rows(work, scope=scope, request=RowRequest(limit=MOST))
        return rows, contract_count(work, scope=scope, filters={})

    rows, total = cli.workspace().read(ask, cli.control())
    table = text_table(
        [_("Contract"), _("Customer"), _("Signed on"), _("Amount"), _("Concession"), _("Irregular")],
        [
            [
                row.number or row.name or "",
                row.customer or "",
                cli.locale.day(row.signed_on),
                cli.locale.money(row.amount),
                percent_text(cli.locale, row.irregular.concession),
                ", ".join(_(IRREGULAR[flag]) for flag in row.irregular.flags),
            ]
            for row in rows
        ],
        {3, 4},
    )
    emit({"total": total, "contracts": [contract_json(row) for row in rows]}, table)


def contract_make(
    quote: Annotated[str, typer.Option(metavar="QUOTE", help=N_("The quote's number."))],
    name: Annotated[str, typer.Option(help=N_("What the contract is called."))] = "",
    delivery: Annotated[str | None, typer.Option(metavar="DATE", help=N_("The day of delivery."))] = None,
    extra_clause: Annotated[
        bool, typer.Option("--extra-clause", help=N_("It holds a clause written by hand."))
    ] = False,
    review: Annotated[
        bool, typer.Option("--review", help=N_("Push it at once to legal, finance and delivery."))
    ] = False,
) -> None:
    """Make a contract of a quote."""
    from desktop.operations.contracts import ContractDraft, contract_of_quote
    from desktop.operations.papers import start_contract
    from desktop.queries.quote_words import quote_named

    day = parse_day(delivery) if delivery else None

    def operation(work: Work) -> int:
        draft = ContractDraft(quote_named(work, quote), name, delivery_on=day, extra_clause=extra_clause)
        return start_contract(work, draft)[0] if review else contract_of_quote(work, draft)

    _say(current().workspace().write(operation))


def contract_draft(
    contract: Annotated[str, CONTRACT],
    template: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help=N_("A .docx with names like {{customer}}, or a workbook with named cells.")
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help=N_("Write the draft here."))],
) -> None:
    """Write a draft."""
    from desktop.exporters.saving import save_bytes
    from desktop.operations.contract_draft import draft_document
    from desktop.queries.quote_words import contract_named

    cli = current()
    content = existing_path(template).read_bytes()

    def operation(work: Work) -> bytes:
        return draft_document(work, contract_named(work, contract), content, cli.locale, template.name)

    save_bytes(out, cli.workspace().write(operation))
    emit({"file": out.as_posix()}, cli.locale._("Written: {file}").format(file=out))


def contract_sign(
    contract: Annotated[str, CONTRACT],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help=N_("The day; default: today."))
    ] = None,
    customer: Annotated[str, typer.Option(metavar="NAME", help=N_("Who signed for the customer."))] = "",
    company: Annotated[str, typer.Option(metavar="NAME", help=N_("Who signed for us."))] = "",
) -> None:
    """Enter a signature."""
    from desktop.operations.contracts import sign_contract
    from desktop.queries.quote_words import contract_named

    day = parse_day(on) if on else None

    def operation(work: Work) -> int:
        number = contract_named(work, contract)
        sign_contract(work, number, signed_on=day, customer_signatory=customer, company_signatory=company)
        return number

    _say(current().workspace().write(operation))


def contract_change(
    contract: Annotated[str, CONTRACT],
    amount: Annotated[
        str | None, typer.Option(metavar="CNY", help=N_("The amount that is right now."))
    ] = None,
    delivery: Annotated[str | None, typer.Option(metavar="DATE", help=N_("The day of delivery."))] = None,
    starts: Annotated[str | None, typer.Option(metavar="DATE", help=N_("The day it begins."))] = None,
    ends: Annotated[str | None, typer.Option(metavar="DATE", help=N_("The day it ends."))] = None,
    extra_clause: Annotated[
        bool | None,
        typer.Option(
            "--extra-clause/--no-extra-clause", help=N_("Whether it holds a clause written by hand.")
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help=N_("Why."))] = "",
) -> None:
    """Ask for a change: legal, finance and delivery at once, then whom the flow names (APR-04)."""
    from desktop.operations.papers import ask_contract_review
    from desktop.queries.quote_words import contract_named

    changes: dict[str, object] = {
        name: parse_day(typed)
        for name, typed in (("delivery_on", delivery), ("starts_on", starts), ("ends_on", ends))
        if typed
    }
    if amount is not None:
        changes["amount"] = parse_amount(amount)
    if extra_clause is not None:
        changes["extra_clause"] = extra_clause

    def operation(work: Work) -> int:
        return ask_contract_review(work, contract_named(work, contract), changes, reason)

    say_asked(current().workspace().write(operation))


def contract_note(
    contract: Annotated[str, CONTRACT],
    clause: Annotated[str, typer.Option(help=N_("Which clause, e.g. “§ 7”."))],
    note: Annotated[str, typer.Option(help=N_("What is feared of it."))],
    severity: Annotated[Severity, typer.Option(help=N_("How much."))] = Severity.MEDIUM,
) -> None:
    """Mark a clause."""
    from desktop.operations.contracts import note_risk
    from desktop.queries.quote_words import contract_named

    def operation(work: Work) -> int:
        number = contract_named(work, contract)
        note_risk(work, number, clause, note, severity)
        return number

    _say(current().workspace().write(operation))


def contract_settle(
    note: Annotated[int, typer.Argument(metavar="NOTE", help=N_("The number of the risk note."))],
    answer: Annotated[str, typer.Option(help=N_("What became of it."))],
) -> None:
    """Settle a risk."""
    from desktop.operations.contracts import settle_risk

    current().workspace().write(lambda work: settle_risk(work, note, answer))
    emit({"settled": note}, current().locale._("Settled."))


def _say(contract_id: int) -> None:
    from desktop.queries.contracts import contract_detail
    from desktop.queries.quote_words import contract_json

    locale = current().locale
    detail = current().workspace().read(lambda work: contract_detail(work, contract_id))
    row = detail.row
    document = contract_json(row) | {
        "notes": [
            {
                "id": one.id,
                "clause": one.clause,
                "severity": one.severity,
                "note": one.note,
                "by": one.by,
                "answer": one.answer,
            }
            for one in detail.notes
        ]
    }
    told = locale._("Contract {number} · {customer} · {amount}").format(
        number=row.number or row.name or row.id, customer=row.customer or "", amount=locale.money(row.amount)
    )
    emit(document, told)
