"""Names in Latin letters taken apart: legal form, words, and the places in brackets."""

from __future__ import annotations

import polars as pl

FORMS = (
    "incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|lp|plc|gmbh|mbh|ag|kg|kgaa|ohg|ug|se|sa|sas|sarl|srl|spa|"
    "sl|bv|nv|oy|oyj|ab|as|asa|aps|a/s|pte|pty|pvt|private|sdn|bhd|kk|zrt|kft|doo|sro|zoo|ltda|eirl|cv|the"
)
GROUPS = "group|holdings|holding"
BRANCHES = "branch|representative office|rep office|liaison office"


def parse(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the parts of names without ideographs; `frame` carries "text" and "_k"."""
    marks = pl.col("text").str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    words = (
        marks.str.replace_all(r"(\p{L})\.", "$1")
        .str.replace_all("&", " and ")
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )
    padded = pl.concat_str([pl.lit(" "), words, pl.lit(" ")])
    bare = padded
    for _ in range(3):
        bare = bare.str.replace_all(rf" (?:{FORMS}) ", " ").str.replace(" and $", " ")
    branch = padded.str.extract(rf" (\p{{L}}+) (?:{BRANCHES}) $")
    core = (
        bare.str.replace(rf" (?:{BRANCHES}) $", " ")
        .str.replace_all(rf" (?:{GROUPS}) ", " ")
        .str.strip_chars()
    )
    return (
        frame.with_columns(words.alias("words"), core.alias("core"))
        .with_columns(
            pl.when(pl.col("core") == "").then("words").otherwise("core").alias("core"),
        )
        .with_columns(
            pl.col("core").alias("brand"),
            pl.col("core").str.replace_all(" ", "").alias("whole"),
            pl.lit("").alias("trade"),
            pl.lit("").alias("place"),
            branch.fill_null("").alias("branch"),
            pl.lit("").alias("branch_kind"),
            pl.when(padded.str.contains(rf" (?:{FORMS}) "))
            .then(pl.lit("company"))
            .otherwise(pl.lit(""))
            .alias("form"),
            padded.str.contains(rf" (?:{GROUPS}) ").alias("group"),
            pl.lit(False).alias("national"),
        )
    )
