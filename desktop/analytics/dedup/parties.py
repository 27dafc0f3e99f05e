"""Parties to be compared: customers or people, their columns made comparable once."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

from desktop.analytics.company_names import normalised, parse_names
from desktop.analytics.dedup import contacts

Kind = Literal["company", "person"]

GIVEN: Final = {
    "id": pl.Int64(),
    "side": pl.Int8(),
    "name": pl.String(),
    "given": pl.String(),
    "surname": pl.String(),
    "code": pl.String(),
    "phones": pl.List(pl.String()),
    "mail": pl.String(),
    "website": pl.String(),
    "address": pl.String(),
    "city": pl.String(),
    "postcode": pl.String(),
    "birthday": pl.String(),
    "employer": pl.String(),
}
"""What a party may come with; a column that is missing counts as unknown.

`code` is a number that belongs to one party alone (a valid unified social credit code, an identity
number), `side` tells two lists apart when only pairs between them are wanted, `birthday` is ISO text,
`employer` names a person's company.
"""


def prepare(frame: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """Return the parties with a row number "k" and their columns in the form in which they are compared."""
    full = frame.select(
        (
            pl.col(name).cast(dtype, strict=False) if name in frame.columns else pl.lit(None, dtype=dtype)
        ).alias(name)
        for name, dtype in GIVEN.items()
    ).with_row_index("k")
    full = full.with_columns(
        pl.col("side").fill_null(0),
        pl.col("phones")
        .list.eval(contacts.phone_key(pl.element()).drop_nulls())
        .list.unique(maintain_order=True),
        contacts.mail_key(pl.col("mail")).alias("mail"),
        contacts.domain_key(pl.col("mail"), pl.col("website")).alias("domain"),
        contacts.address_key(full["address"]).alias("address"),
        _plain(full["city"]).alias("city"),
        pl.col("postcode").str.extract(r"(\d{3,})"),
        pl.col("code").str.to_uppercase().str.replace_all(r"[^0-9A-Z]", ""),
    ).with_columns(pl.when(pl.col("code") != "").then("code").alias("code"))
    if kind == "company":
        return pl.concat([full, parse_names(full["name"])], how="horizontal")
    return _people(full)


def _plain(texts: pl.Series) -> pl.Series:
    """Return words alone, lower case; null where nothing is left."""
    if texts.null_count() == len(texts):
        return texts.cast(pl.String)
    words = normalised(texts.fill_null("")).to_frame("text")
    plain = pl.col("text").str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    return words.select(pl.when(plain != "").then(plain)).to_series()


def _people(full: pl.DataFrame) -> pl.DataFrame:
    """Split whole names into given name and surname; a Chinese name stays whole as surname."""
    whole = _plain(full["name"])
    given, surname = _plain(full["given"]), _plain(full["surname"])
    frame = full.with_columns(whole.alias("text"), given.alias("given"), surname.alias("surname"))
    unsplit = pl.col("given").is_null() & pl.col("surname").is_null()
    chinese = pl.col("text").str.contains(r"\p{Han}")
    last = pl.col("text").str.extract(r"(\S+)$")
    first = pl.col("text").str.extract(r"^(.*\S)\s+\S+$")
    frame = frame.with_columns(
        pl.when(unsplit & ~chinese).then(first).when(unsplit).then(None).otherwise("given").alias("given"),
        pl.when(unsplit & ~chinese)
        .then(last)
        .when(unsplit)
        .then(pl.col("text").str.replace_all(" ", ""))
        .otherwise("surname")
        .alias("surname"),
    )
    employers = frame["employer"].unique()
    cores = pl.DataFrame({"employer": employers, "work": parse_names(employers.fill_null(""))["core"]})
    frame = frame.join(cores, on="employer", how="left", maintain_order="left", nulls_equal=True)
    return frame.with_columns(
        pl.when(pl.col("employer").is_not_null() & (pl.col("work") != "")).then("work").alias("work"),
        pl.concat_str(["given", "surname"], separator=" ", ignore_nulls=True).alias("text"),
    )
