"""Lines of quotes and milestones of contracts: what a row leaves open is worked out, and what does not add up is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
from sqlalchemy import func, select

from desktop.i18n import N_
from desktop.models.contracts import Contract, Milestone, Quote
from desktop.models.quotes import QuoteLine
from desktop.money import money_text
from desktop.store.loading import bulk
from desktop.store.loading.batch import Problem, problems_of, with_columns_of
from desktop.store.loading.match import Register
from desktop.store.loading.specs import SPECS, Spec
from desktop.store.parts import in_parts
from desktop.store.workspace import Work
from desktop.terms import Severity

KEPT = ("_origin", "_row", "quote_id", "contract_id")
"""What `sums_told` needs of rows; what was written stands in the database."""
_WHOLE = 10_000
_PER_CENT = 10_000_000
"""Millionths times thousandths that make one minor unit, as in `analytics.pricing`."""
_MADE: dict[str, dict[str, pl.DataType]] = {
    "quote_line": {
        "name": pl.String(),
        "position": pl.Int64(),
        "quantity": pl.Int64(),
        "list_price": pl.Int64(),
        "unit_price": pl.Int64(),
        "amount": pl.Int64(),
    }
}
"""What is worked out where no column holds it."""

_LINE_INCOMPLETE = N_("A line needs two of quantity, unit price and amount; the row is left out.")
_LINE_DIFFERS = N_(
    "Quantity times unit price is {expected}, but the line says {amount}; both are kept as they are."
)
_QUOTE_DIFFERS = N_("The lines of quote {number} come to {lines}, but the quote says {amount}.")
_NAME_MISSING = N_("The milestone has no name; the row is left out.")
_REACHED_LATER = N_("Reached on {reached_on}, which is still to come.")
_CONTRACT_DIFFERS = N_("The milestones of contract {number} come to {lines}, but the contract says {amount}.")
_SHARES_DIFFER = N_("The milestones of contract {number} come to {lines} of it, not to 100%.")


def with_open_columns(rows: pl.DataFrame, spec: Spec) -> pl.DataFrame:
    """Return rows with the columns that `completed` may fill, and a quote's line called by its product."""
    if spec.entity not in _MADE:
        return rows
    rows = with_columns_of(
        rows, {"product": pl.String(), "product_code": pl.String(), "discount": pl.Int64()}
    )
    return with_columns_of(rows.with_columns(pl.col("product").alias("name")), _MADE[spec.entity])


def completed(
    rows: pl.DataFrame, spec: Spec, work: Work, register_of: Callable[[str], Register]
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return rows (with "_id" and "_new") that their table can hold, and what is wrong with the others."""
    if spec.entity == "milestone":
        return _milestones(rows, spec, work)
    if spec.entity == "quote_line":
        return _lines(rows, spec, work, register_of(spec.entity))
    return rows, []


def sums_told(rows: pl.DataFrame, spec: Spec, work: Work) -> list[Problem]:
    """Return, once the rows are written, the quotes and contracts that their lines do not add up to."""
    if spec.entity == "quote_line":
        return _quote_sums(rows, spec, work)
    if spec.entity == "milestone":
        return _contract_sums(rows, spec, work)
    return []


def _milestones(rows: pl.DataFrame, spec: Spec, work: Work) -> tuple[pl.DataFrame, list[Problem]]:
    rows = with_columns_of(rows, {"name": pl.String(), "reached_on": pl.Date()})
    nameless = pl.col("_new") & pl.col("name").is_null()
    problems = problems_of(
        rows.filter(nameless), spec, "name", "key_missing", Severity.ROW, _NAME_MISSING
    ) + problems_of(
        rows.filter(pl.col("reached_on") > work.today),
        spec,
        "reached_on",
        "reached_later",
        Severity.NOTE,
        _REACHED_LATER,
        parameters=("reached_on",),
    )
    return rows.filter(~nameless), problems


def _lines(
    rows: pl.DataFrame, spec: Spec, work: Work, register: Register
) -> tuple[pl.DataFrame, list[Problem]]:
    rows = _called(rows, work)
    known = rows.filter(~pl.col("_new"))["_id"].unique().to_list()
    stored = bulk.fetch(work.connection, spec.table, ["id", "quantity", "unit_price"], known)
    old = stored.rename({"id": "_id", "quantity": "_quantity", "unit_price": "_price"})
    rows = rows.join(old, on="_id", how="left", maintain_order="left")
    told = pl.any_horizontal(
        pl.col(name).is_not_null() for name in ("quantity", "unit_price", "amount", "discount")
    )
    rows = rows.with_columns(
        pl.when(told).then(pl.coalesce("quantity", "_quantity")).alias("quantity"),
        pl.when(told).then(pl.coalesce("unit_price", "_price")).alias("unit_price"),
    )
    rows = _priced(_after_discount(rows)).drop("_quantity", "_price")
    poor = pl.col("_new") & pl.any_horizontal(
        pl.col(name).is_null() for name in ("quantity", "unit_price", "amount", "name")
    )
    problems = problems_of(rows.filter(poor), spec, None, "line_incomplete", Severity.ROW, _LINE_INCOMPLETE)
    rows = rows.filter(~poor)
    expected = _over(pl.col("quantity"), pl.col("unit_price"), _PER_CENT)
    wrong = rows.with_columns(expected.alias("_expected")).filter(
        (pl.col("_expected") - pl.col("amount")).abs() > 1
    )
    wrong = wrong.with_columns(
        _as_money(wrong["_expected"], "expected"), _as_money(wrong["amount"], "amount")
    )
    problems += problems_of(
        wrong,
        spec,
        "amount",
        "line_differs",
        Severity.NOTE,
        _LINE_DIFFERS,
        parameters=("expected", "amount"),
    )
    return _placed(rows, register), problems


def _called(rows: pl.DataFrame, work: Work) -> pl.DataFrame:
    """Return lines of which a new one that gives a code alone is called as that product is."""
    nameless = rows.filter(pl.col("_new") & pl.col("name").is_null() & pl.col("product_id").is_not_null())
    if nameless.is_empty():
        return rows
    products = bulk.fetch(
        work.connection, SPECS["product"].table, ["id", "name"], nameless["product_id"].unique()
    ).rename({"id": "product_id", "name": "_called"})
    told = rows.join(products, on="product_id", how="left", maintain_order="left")
    return told.with_columns(
        pl.when(pl.col("_new")).then(pl.coalesce("name", "_called")).otherwise("name").alias("name")
    ).drop("_called")


def _after_discount(rows: pl.DataFrame) -> pl.DataFrame:
    """Return lines whose unit price is what is asked for after the discount, and the one before it their list price.

    Sources mean by a price the one before or after the discount, and by 95 % what is taken off or what is left:
    the line's own amount tells which. Where it does not, the discount is taken off.
    """
    price, off = pl.col("unit_price"), pl.col("discount")
    given = off.is_not_null() & price.is_not_null()
    choices = (price, _over(price, _WHOLE - off, _WHOLE), _over(price, off, _WHOLE))
    quantity, amount = pl.coalesce("quantity", pl.lit(1_000)), pl.col("amount")
    net: Any = pl.when(amount.is_null()).then(choices[1])
    for choice in choices:
        net = net.when((_over(quantity, choice, _PER_CENT) - amount).abs() <= 1).then(choice)
    rows = rows.with_columns(pl.when(given).then(net.otherwise(price)).otherwise(price).alias("_net"))
    before = pl.when(pl.col("_net") != price).then(price)
    return rows.with_columns(
        pl.coalesce("list_price", before).alias("list_price"), pl.col("_net").alias("unit_price")
    ).drop("_net")


def _priced(rows: pl.DataFrame) -> pl.DataFrame:
    """Return lines with the third of quantity, unit price and amount, where two are known."""
    quantity, price, amount = pl.col("quantity"), pl.col("unit_price"), pl.col("amount")
    alone = quantity.is_null() & price.is_null() & amount.is_not_null()
    rows = rows.with_columns(
        pl.when(alone)
        .then(1_000)
        .when(quantity.is_null() & (price != 0))
        .then(_over(amount, pl.lit(_PER_CENT), price))
        .otherwise(quantity)
        .alias("quantity")
    )
    return rows.with_columns(
        pl.when(price.is_null() & (quantity != 0))
        .then(_over(amount, pl.lit(_PER_CENT), quantity))
        .otherwise(price)
        .alias("unit_price")
    ).with_columns(pl.coalesce(amount, _over(quantity, price, _PER_CENT)).alias("amount"))


def _over(one: pl.Expr, other: pl.Expr, whole: int | pl.Expr) -> pl.Expr:
    """Return a product divided by a whole, halves away from zero; the product may need more than 64 bits."""
    divisor = pl.lit(whole) if isinstance(whole, int) else whole
    product = one.cast(pl.Int128) * other.cast(pl.Int128) * divisor.sign().cast(pl.Int128)
    size = divisor.abs().cast(pl.Int128)
    rounded = (2 * product.abs() + size) // (2 * size)
    return (rounded * product.sign()).cast(pl.Int64, strict=False)


def _placed(rows: pl.DataFrame, register: Register) -> pl.DataFrame:
    """Return lines with their place in the quote: the one the file says, else after those that are there."""
    ends = register.lines.group_by("quote_id").agg(pl.col("position").max().alias("_end"))
    rows = rows.join(ends, on="quote_id", how="left", maintain_order="left")
    open_places = pl.col("_new") & pl.col("position").is_null()
    order = pl.when(open_places).then(pl.col("_id")).rank("dense").over("quote_id").cast(pl.Int64)
    return rows.with_columns(
        pl.when(open_places).then(pl.col("_end").fill_null(0) + order).otherwise("position").alias("position")
    ).drop("_end")


def _as_money(values: pl.Series, name: str) -> pl.Series:
    texts = [None if value is None else money_text(value) for value in values]
    return pl.Series(name, texts, dtype=pl.String)


def _quote_sums(rows: pl.DataFrame, spec: Spec, work: Work) -> list[Problem]:
    """A quote says the sum of its lines, or that less its discount; of 95 % some take off what others leave."""
    statement = (
        select(
            Quote.id, Quote.number, Quote.amount, Quote.discount, func.sum(QuoteLine.amount).label("lines")
        )
        .join(QuoteLine, QuoteLine.quote_id == Quote.id)
        .group_by(Quote.id, Quote.number, Quote.amount, Quote.discount)
    )
    wrong = []
    for row in _of(work, statement, Quote.id, rows["quote_id"]):
        share = row.discount or 0
        may = [int(row.lines) * part for part in (_WHOLE, _WHOLE - share, share)]
        if row.amount is not None and all(abs(row.amount * _WHOLE - one) > _WHOLE for one in may):
            wrong.append((row.id, row.number, money_text(int(row.lines)), money_text(row.amount)))
    return _told(rows, spec, "quote_id", wrong, _QUOTE_DIFFERS)


def _contract_sums(rows: pl.DataFrame, spec: Spec, work: Work) -> list[Problem]:
    """Compared are contracts of whose milestones every one says what it is worth."""
    statement = (
        select(
            Contract.id,
            Contract.number,
            Contract.name,
            Contract.amount,
            func.count().label("every"),
            func.count(Milestone.amount).label("priced"),
            func.count(Milestone.share).label("shared"),
            func.sum(Milestone.amount).label("lines"),
            func.sum(Milestone.share).label("shares"),
        )
        .join(Milestone, Milestone.contract_id == Contract.id)
        .group_by(Contract.id, Contract.number, Contract.name, Contract.amount)
    )
    amounts, shares = [], []
    for row in _of(work, statement, Contract.id, rows["contract_id"]):
        called = row.number or row.name or str(row.id)
        if row.amount is not None and row.priced == row.every and int(row.lines) != row.amount:
            amounts.append((row.id, called, money_text(int(row.lines)), money_text(row.amount)))
        if row.shared == row.every and int(row.shares) != _WHOLE:
            shares.append((row.id, called, f"{int(row.shares) / 100:g}%", "100%"))
    return _told(rows, spec, "contract_id", amounts, _CONTRACT_DIFFERS) + _told(
        rows, spec, "contract_id", shares, _SHARES_DIFFER
    )


def _of(work: Work, statement: Any, column: Any, ids: pl.Series) -> list[Any]:
    parts = in_parts(ids.unique().sort().to_list())
    return [row for part in parts for row in work.rows(statement.where(column.in_(part)))]


def _told(
    rows: pl.DataFrame, spec: Spec, column: str, wrong: Sequence[tuple[Any, ...]], message: str
) -> list[Problem]:
    """Return one note per paper, at the first of its rows."""
    schema = {column: pl.Int64, "number": pl.String, "lines": pl.String, "amount": pl.String}
    found = pl.DataFrame(wrong, schema=schema, orient="row")
    first = rows.unique(column, keep="first", maintain_order=True).join(
        found, on=column, maintain_order="left"
    )
    return problems_of(
        first,
        spec,
        "amount",
        "sum_differs",
        Severity.NOTE,
        message,
        parameters=("number", "lines", "amount"),
    )
