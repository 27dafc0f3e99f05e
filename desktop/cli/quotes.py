"""The commands `quote ...`: quotes, their lines and who else is quoting."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from desktop.analytics.validity import Standing
from desktop.cli.context import current, emit
from desktop.cli.texttable import text_table
from desktop.cli.typed import parse_day, parse_percent
from desktop.errors import NotFound
from desktop.i18n import N_

if TYPE_CHECKING:
    from desktop.queries.quote_detail import QuoteDetail
    from desktop.queries.quote_history import Radar
    from desktop.queries.quotes import QuoteRow
    from desktop.store.workspace import Work

MOST = 200
QUOTE = typer.Argument(metavar="QUOTE", help=N_("The quote's number."))
LINES = typer.Option(
    "--line", metavar="PRODUCT=QUANTITY@PRICE", help=N_("A line, several times; without @PRICE the list's.")
)
DISCOUNT = typer.Option(metavar="PERCENT", help=N_("A discount on the whole, in percent."))
UNTIL = typer.Option("--until", metavar="DATE", help=N_("Its last day, where it ends earlier than usual."))


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    quotes = typer.Typer(
        help=N_("Quotes: what was offered, for how long, and who else offers."), no_args_is_help=True
    )
    quotes.command("list", help=N_("List quotes, the newest first."))(quote_list)
    quotes.command("show", help=N_("Show a quote with lines, margin, price history and collisions."))(
        quote_show
    )
    quotes.command("make", help=N_("Write a quote, issued today."))(quote_make)
    quotes.command("like", help=N_("Write a quote after an older one."))(quote_like)
    quotes.command("edit", help=N_("Write the lines of a quote anew."))(quote_edit)
    quotes.command("review", help=N_("Ask for a quote to be approved, or approved again."))(quote_review)
    quotes.command("discount", help=N_("Ask for another discount on the whole."))(quote_discount)
    app.add_typer(quotes, name="quote")


def quote_list(
    part: Annotated[
        Standing | None, typer.Option(help=N_("Only those that stand so."), case_sensitive=False)
    ] = None,
) -> None:
    """List quotes."""
    from desktop.periods import Period
    from desktop.queries.quote_words import STANDINGS, percent_text, quote_json
    from desktop.queries.quotes import quote_count, quote_rows
    from desktop.queries.rows import RowRequest
    from desktop.queries.scope import Scope

    cli = current()
    _ = cli.locale._

    def ask(work: Work):  # type: ignore[no-untyped-def]
        scope = Scope(Period.month_of(work.today))
        rows = quote_rows(work, scope=scope, request=RowRequest(limit=MOST), part=part)
        return rows, quote_count(work, scope=scope, filters={}, part=part)

    rows, total = cli.workspace().read(ask, cli.control())
    table = text_table(
        [_("Quote"), _("Customer"), _("Owner"), _("Last day"), _("Standing"), _("Amount"), _("Margin")],
        [
            [
                row.number,
                row.customer or "",
                row.owner or "",
                cli.locale.day(row.last_day),
                _(STANDINGS[row.standing]),
                cli.locale.money(row.amount),
                percent_text(cli.locale, row.margin),
            ]
            for row in rows
        ],
        {5, 6},
    )
    emit({"total": total, "quotes": [quote_json(row) for row in rows]}, table)


def quote_show(
    quote: Annotated[str, QUOTE],
    elsewhere: Annotated[
        bool,
        typer.Option("--elsewhere", help=N_("Ask about colleagues out of sight, too; recorded.")),
    ] = False,
) -> None:
    """Show a quote in full."""
    from desktop.operations.quoted import quoted_elsewhere
    from desktop.queries.quote_words import detail_json, quote_named

    cli = current()
    workspace = cli.workspace()
    detail, radar = workspace.read(lambda work: _with_radar(work, quote_named(work, quote)), cli.control())
    document, told = detail_json(detail, radar), _detail_text(detail, radar)
    if elsewhere and detail.row.account_id is not None:
        found = quoted_elsewhere(workspace, detail.row.account_id)
        document["elsewhere"] = {
            "quotes": found.quotes,
            "sellers": found.sellers,
            "last_on": found.last_on,
            "units": list(found.units),
        }
        told += "\n" + cli.locale._("Out of sight: {n} quotes of {people} colleagues.").format(
            n=found.quotes, people=found.sellers
        )
    emit(document, told)


def quote_make(
    customer: Annotated[str, typer.Option(metavar="NAME", help=N_("The customer."))],
    line: Annotated[list[str], LINES],
    discount: Annotated[str, DISCOUNT] = "0",
    until: Annotated[str | None, UNTIL] = None,
) -> None:
    """Write a quote."""
    from desktop.operations.quotes import QuoteDraft, make_quote
    from desktop.queries.quote_words import account_named, lines_named

    cli = current()
    share, day = _terms(discount, until)

    def operation(work: Work) -> tuple[QuoteDetail, Radar | None]:
        account = account_named(work, customer)
        done = make_quote(work, QuoteDraft(account, lines_named(work, line), None, share, day))
        return _with_radar(work, done.id)

    _say(*cli.workspace().write(operation, cli.control()))


def quote_like(
    quote: Annotated[str, QUOTE],
    customer: Annotated[
        str | None, typer.Option(metavar="NAME", help=N_("For another customer than that quote's."))
    ] = None,
) -> None:
    """Write a quote after an older one."""
    from desktop.operations.quotes import QuoteDraft, make_quote
    from desktop.queries.quote_detail import draft_like, quote_detail
    from desktop.queries.quote_words import account_named, quote_named

    cli = current()

    def operation(work: Work) -> tuple[QuoteDetail, Radar | None]:
        old = quote_detail(work, quote_named(work, quote)).row
        account = account_named(work, customer) if customer else _customer_of(old)
        draft = QuoteDraft(account, draft_like(work, old.id), None, old.discount or 0)
        return _with_radar(work, make_quote(work, draft).id)

    _say(*cli.workspace().write(operation, cli.control()))


def quote_edit(
    quote: Annotated[str, QUOTE],
    line: Annotated[list[str], LINES],
    discount: Annotated[str, DISCOUNT] = "0",
    until: Annotated[str | None, UNTIL] = None,
) -> None:
    """Write the lines of a quote anew."""
    from desktop.operations.quotes import QuoteDraft, edit_quote
    from desktop.queries.quote_detail import quote_detail
    from desktop.queries.quote_words import lines_named, quote_named

    cli = current()
    share, day = _terms(discount, until)

    def operation(work: Work) -> tuple[QuoteDetail, Radar | None]:
        row = quote_detail(work, quote_named(work, quote)).row
        draft = QuoteDraft(_customer_of(row), lines_named(work, line), row.opportunity_id, share, day)
        edit_quote(work, row.id, draft, row.version)
        return _with_radar(work, row.id)

    _say(*cli.workspace().write(operation, cli.control()))


def quote_review(
    quote: Annotated[str, QUOTE], reason: Annotated[str, typer.Option(help=N_("Why."))] = ""
) -> None:
    """Ask for a review."""
    from desktop.operations.papers import ask_quote_review
    from desktop.queries.quote_words import quote_named

    say_asked(
        current().workspace().write(lambda work: ask_quote_review(work, quote_named(work, quote), reason))
    )


def quote_discount(
    quote: Annotated[str, QUOTE],
    discount: Annotated[str, typer.Argument(metavar="PERCENT", help=N_("The discount, in percent."))],
    reason: Annotated[str, typer.Option(help=N_("Why."))] = "",
) -> None:
    """Ask for a discount."""
    from desktop.operations.papers import ask_discount
    from desktop.queries.quote_words import quote_named

    share = parse_percent(discount)

    def operation(work: Work) -> int:
        return ask_discount(work, quote_named(work, quote), share, reason)

    say_asked(current().workspace().write(operation))


def _customer_of(row: QuoteRow) -> int:
    if row.account_id is None:
        raise NotFound("account_unknown", N_("This customer does not exist any more."))
    return row.account_id


def say_asked(request: int) -> None:
    """Say which request waits now."""
    emit({"request": request}, current().locale._("Request {id} waits for approval.").format(id=request))


def _with_radar(work: Work, quote_id: int) -> tuple[QuoteDetail, Radar | None]:
    from desktop.queries.quote_detail import quote_detail
    from desktop.queries.quote_history import quote_radar

    detail = quote_detail(work, quote_id)
    if detail.row.account_id is None:
        return detail, None
    products = {line.product_id for line in detail.lines if line.product_id is not None}
    return detail, quote_radar(
        work,
        account_id=detail.row.account_id,
        product_ids=products,
        owner_id=detail.row.owner_id,
        quote_id=quote_id,
    )


def _say(detail: QuoteDetail, radar: Radar | None) -> None:
    from desktop.queries.quote_words import detail_json

    emit(detail_json(detail, radar), _detail_text(detail, radar))


def _detail_text(detail: QuoteDetail, radar: Radar | None) -> str:
    from desktop.queries.quote_words import STANDINGS, percent_text, price_shown, quantity_text

    locale = current().locale
    _, row = locale._, detail.row
    lines = [
        _("Quote {number} · {customer} · {amount}").format(
            number=row.number, customer=row.customer or "", amount=locale.money(row.amount)
        ),
        _("{standing} until {day} · margin {margin}").format(
            standing=_(STANDINGS[row.standing]),
            day=locale.day(row.last_day),
            margin=percent_text(locale, row.margin),
        ),
        text_table(
            [_("Line"), _("Quantity"), _("Unit price"), _("Discount"), _("Amount")],
            [
                [
                    one.name,
                    quantity_text(one.quantity) or "",
                    price_shown(one.unit_price) or "",
                    percent_text(locale, one.discount),
                    locale.money(one.amount),
                ]
                for one in detail.lines
            ],
            {1, 2, 3, 4},
        ),
    ]
    for rival in radar.rivals if radar else ():
        lines.append(
            _("{owner} is at this customer, too: {quotes} quotes, {deals} open deals.").format(
                owner=rival.owner, quotes=rival.quotes, deals=rival.deals
            )
        )
    for price in radar.prices[:10] if radar else ():
        lines.append(
            f"  {locale.day(price.on)}  {price.number}  {price.product}  {price_shown(price.unit_price)}"
            f"  {price.owner or ''}"
        )
    return "\n".join(lines)


def _terms(discount: str, until: str | None) -> tuple[int, date | None]:
    return parse_percent(discount), parse_day(until) if until else None
