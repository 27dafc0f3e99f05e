"""How alike two company names are, and why: pairs of parsed names, compared column by column."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq, Levenshtein
from rapidfuzz.process import cpdist

from desktop.analytics.company_names import PARTS
from desktop.analytics.dedup.places import PROVINCES
from desktop.i18n import N_

_NUMERALS = "一二三四五六七八九十百千0123456789甲乙丙丁"
_FIRMS = ["company", "firm"]
_ALIKE = ["分公司", "分行", "支公司"]
DOUBTFUL: Final = 0.895
"""A score just under that of a sure name."""

_MUNICIPAL = "^/(?:" + "|".join(PROVINCES) + ")"
_DIRECTIONS = "东西南北中上下前后"

WHY: Final = {
    "same_name": N_("same name"),
    "same_core": N_("same name without legal form"),
    "same_core_no_place": N_("same name without legal form and place"),
    "short": N_("short name of the same company"),
    "reordered": N_("same words in another order"),
    "trade": N_("same brand, trade written differently"),
    "homophone": N_("sounds the same"),
    "typo": N_("differs by one character"),
    "similar": N_("similar name"),
    "same_branch": N_("same branch"),
    "group": N_("one of them is a group or holding"),
    "form": N_("different kinds of business"),
    "one_place": N_("only one of them names a place"),
    "other_place": N_("different places"),
    "branch_parent": N_("branch and parent company"),
    "other_branch": N_("different branches"),
    "numbers": N_("different numbers in the name"),
}
"""What an explanation says, by its code (gettext ids)."""

APART: Final = ("other_place", "branch_parent", "other_branch", "numbers")
"""Reasons by which two names are of different legal entities, whatever else agrees."""

NAMES_SURE: Final = 0.9
NAMES_UNSURE: Final = 0.5


def compare_names(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Compare parsed names line by line: "level" (a key of `WHY` or ""), "score" 0 to 1, and "guard".

    `guard` is one of `APART`, or "" where nothing speaks for two legal entities.
    """
    names = list(PARTS)
    pairs = pl.concat(
        [
            one.select(pl.col(name).alias(f"{name}_a") for name in names),
            other.select(pl.col(name).alias(f"{name}_b") for name in names),
        ],
        how="horizontal",
    )
    pairs = _measures(pairs)
    pairs = _relations(pairs)
    pairs = pairs.with_columns(_level().alias("level"))
    pairs = _with_latin(pairs)
    return (
        pairs.with_columns(_score().alias("score"), _guard().alias("guard"))
        .with_columns(
            pl.when(pl.col("guard") != "")
            .then(pl.col("score").clip(upper_bound=0.45) * 0.8)
            .otherwise("score")
            .alias("score")
        )
        .select(
            "level",
            "score",
            "guard",
            "place_relation",
            "group_differs",
            (pl.col("form_differs") & ~pl.col("both_firms")).alias("form_differs"),
            "short",
            "long_core",
            "short_core",
            "branch_relation",
        )
    )


def _with_latin(pairs: pl.DataFrame) -> pl.DataFrame:
    """Judge names in Latin letters by their words; "latin" is null where an ideograph is in one of them."""
    latin = pairs.select(~pl.col("chinese_a") & ~pl.col("chinese_b")).to_series()
    if not latin.any():
        return pairs.with_columns(pl.lit(None, dtype=pl.Float64).alias("latin"))
    x, y = pairs["core_a"].filter(latin).to_list(), pairs["core_b"].filter(latin).to_list()
    ordered = cpdist(x, y, scorer=fuzz.token_sort_ratio, workers=2)
    within = cpdist(x, y, scorer=fuzz.token_set_ratio, workers=2)
    equal = (pairs["core_a"] == pairs["core_b"]).filter(latin).to_numpy()
    squeezed = (pairs["whole_a"] == pairs["whole_b"]).filter(latin).to_numpy()
    words = np.array([min(len(p.split()), len(q.split())) for p, q in zip(x, y, strict=True)])
    begins = (
        pairs.select(
            pl.col("short").fill_null(False)
            & pl.col("long_whole").str.starts_with(pl.col("short_whole").str.slice(0, 12))
            & (pl.col("short_whole").str.len_chars() >= 5)
        )
        .to_series()
        .filter(latin)
        .to_numpy()
    )
    cases = [
        equal,
        squeezed | (ordered >= 99.9),
        ordered >= 93,
        begins,
        (within >= 99.9) & (words >= 2),
        ordered >= 85,
        within >= 99.9,
    ]
    cases += [ordered >= 75, ordered >= 60, ordered >= 45]
    score = np.select(cases, [0.975, 0.965, 0.85, 0.74, 0.72, 0.7, 0.5, 0.42, 0.25, 0.12], 0.04)
    levels = ["same_core", "reordered", "typo", "short_words", "short_words", "similar", "short_words"]
    level = np.select(cases[:7], levels, "similar")
    at = np.flatnonzero(latin.to_numpy())
    full = np.full(pairs.height, np.nan)
    full[at] = score
    named = pairs["level"].to_numpy().copy()
    named[at] = level
    return pairs.with_columns(pl.Series("latin", full).fill_nan(None), pl.Series("level", named.astype(str)))


def _measures(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add distances; the shorter core is "short_core"."""
    a, b = pairs["core_a"], pairs["core_b"]
    swap = a.str.len_chars() > b.str.len_chars()
    pairs = pairs.with_columns(
        pl.when(swap).then(b).otherwise(a).alias("short_core"),
        pl.when(swap).then(a).otherwise(b).alias("long_core"),
        pl.when(swap).then("brand_b").otherwise("brand_a").alias("short_brand"),
        pl.when(swap).then("brand_a").otherwise("brand_b").alias("long_brand"),
        pl.when(swap).then("form_b").otherwise("form_a").alias("short_form"),
        pl.when(swap).then("form_a").otherwise("form_b").alias("long_form"),
        pl.when(swap).then("group_b").otherwise("group_a").alias("short_group"),
        pl.when(swap).then("place_b").otherwise("place_a").alias("short_place"),
    )
    short, long = pairs["short_core"].to_list(), pairs["long_core"].to_list()
    lcs = cpdist(short, long, scorer=LCSseq.similarity, dtype=np.uint16, workers=2)
    distance = cpdist(short, long, scorer=Levenshtein.distance, dtype=np.uint16, workers=2)
    wide = pairs.select(
        pl.when(swap).then("whole_b").otherwise("whole_a").alias("short_whole"),
        pl.when(swap).then("whole_a").otherwise("whole_b").alias("long_whole"),
    )
    whole_lcs = cpdist(
        wide["short_whole"].to_list(),
        wide["long_whole"].to_list(),
        scorer=LCSseq.similarity,
        dtype=np.uint16,
        workers=2,
    )
    return pairs.with_columns(
        *wide,
        pl.Series("whole_lcs", whole_lcs).cast(pl.Int32),
        pl.Series("lcs", lcs).cast(pl.Int32),
        pl.Series("distance", distance).cast(pl.Int32),
        pl.col("short_core").str.len_chars().cast(pl.Int32).alias("n_short"),
        pl.col("long_core").str.len_chars().cast(pl.Int32).alias("n_long"),
        (pl.col("sound_a") == pl.col("sound_b")).alias("sounds"),
        (pl.col("letters_a") == pl.col("letters_b")).alias("same_chars"),
        pl.Series("differing", _differing(short, long, distance)),
    )


def _differing(short: list[str], long: list[str], distance: np.ndarray) -> list[str]:
    """Return the characters by which near names differ; "" for equal names and for far ones."""
    found = []
    for one, other, far in zip(short, long, distance.tolist(), strict=True):
        if not 0 < far <= 3:
            found.append("")
            continue
        parts = []
        for op in Levenshtein.opcodes(one, other):
            if op.tag != "equal":
                parts.append(one[op.src_start : op.src_end] + other[op.dest_start : op.dest_end])
        found.append("".join(parts))
    return found


def _relations(pairs: pl.DataFrame) -> pl.DataFrame:
    a, b = pl.col("place_a"), pl.col("place_b")
    place = (
        pl.when((a == b) & (pl.col("national_a") == pl.col("national_b")))
        .then(pl.lit("same"))
        .when((a == "") | (b == "") | (a == b))
        .then(pl.lit("one"))
        .when(a.str.starts_with(b) | b.str.starts_with(a))
        .then(pl.lit("nested"))
        .otherwise(pl.lit("differ"))
    )
    x, y = pl.col("branch_a"), pl.col("branch_b")
    bx, by = x.str.replace("#.*$", ""), y.str.replace("#.*$", "")
    branch = (
        pl.when((x == "") & (y == ""))
        .then(pl.lit("none"))
        .when((x == "") | (y == ""))
        .then(pl.lit("one"))
        .when(x == y)
        .then(pl.lit("same"))
        .when((bx == by) & pl.col("branch_kind_a").is_in(_ALIKE) & pl.col("branch_kind_b").is_in(_ALIKE))
        .then(pl.lit("alike"))
        .when(
            (bx != "")
            & (by != "")
            & (bx.str.ends_with(by) | by.str.ends_with(bx))
            & (pl.col("branch_kind_a") == pl.col("branch_kind_b"))
        )
        .then(pl.lit("nested"))
        .otherwise(pl.lit("differ"))
    )
    numeral = f"^[{_NUMERALS}第号期]+$"
    return pairs.with_columns(
        place.alias("place_relation"),
        branch.alias("branch_relation"),
        (pl.col("differing").str.contains(numeral)).alias("numbers_differ"),
        pl.col("differing").str.contains(f"[{_DIRECTIONS}]").alias("directions_differ"),
        (pl.col("group_a") != pl.col("group_b")).alias("group_differs"),
        ((pl.col("form_a") != pl.col("form_b")) & (pl.col("form_a") != "") & (pl.col("form_b") != "")).alias(
            "form_differs"
        ),
        (
            (pl.col("form_a").is_in(_FIRMS) & pl.col("form_b").is_in(_FIRMS))
            | (pl.col("form_a").str.starts_with("partner") & pl.col("form_b").str.starts_with("partner"))
        ).alias("both_firms"),
        (
            ~pl.col("short_form").is_in([*_FIRMS, "partnership", "partners"])
            & (pl.col("short_core") != pl.col("long_core"))
        ).alias("short"),
    )


def _level() -> pl.Expr:
    short, long = pl.col("short_core"), pl.col("long_core")
    whole, wider = pl.col("short_whole"), pl.col("long_whole")
    same = (short == long) | ((whole == wider) & (pl.col("branch_a") == "") & (pl.col("branch_b") == ""))
    whole_first = whole.str.slice(0, 1) == wider.str.slice(0, 1)
    whole_letters = (pl.col("whole_lcs") == whole.str.len_chars()) & whole_first
    prefix = long.str.starts_with(short)
    first = long.str.slice(0, 1) == short.str.slice(0, 1)
    subsequence = pl.col("lcs") == pl.col("n_short")
    same_brand = pl.col("brand_a") == pl.col("brand_b")
    inside = long.str.contains(short, literal=True)
    is_short = pl.col("short")
    near = pl.col("distance") <= 1
    return (
        pl.when(same)
        .then(pl.lit("same_core"))
        .when(is_short & prefix & (pl.col("n_short") >= 2))
        .then(pl.lit("short_prefix"))
        .when(is_short & subsequence & first & (pl.col("n_short") >= 3))
        .then(pl.lit("short_letters"))
        .when(is_short & wider.str.starts_with(whole) & (whole.str.len_chars() >= 3))
        .then(pl.lit("short_prefix"))
        .when(is_short & whole_letters & (whole.str.len_chars() >= 3))
        .then(pl.lit("short_letters"))
        .when(is_short & (whole_letters | (subsequence & first)))
        .then(pl.lit("short_two"))
        .when(is_short & inside & (pl.col("n_short") >= 3))
        .then(pl.lit("short_inside"))
        .when(is_short & subsequence & (pl.col("n_short") >= 3))
        .then(pl.lit("short_scattered"))
        .when(pl.col("same_chars"))
        .then(pl.lit("reordered"))
        .when(same_brand & (prefix | subsequence))
        .then(pl.lit("trade"))
        .when(pl.col("sounds"))
        .then(pl.lit("homophone"))
        .when(near & (pl.col("n_short") >= 4))
        .then(pl.lit("typo"))
        .when(same_brand)
        .then(pl.lit("brand"))
        .otherwise(pl.lit("similar"))
    )


def _telling() -> pl.Expr:
    """A short name is telling if it is the whole brand of the other, or brand and trade, and names no place of its own.

    One that calls itself a group or a holding means that company, not another of the family.
    """
    short = pl.col("short_core")
    whole_brand = (pl.col("long_brand") == short) | (
        (pl.col("short_brand") == pl.col("long_brand")) & (pl.col("n_short") >= 4)
    )
    at_home = (pl.col("place_relation") == "same") | (pl.col("short_place") == "")
    return whole_brand & at_home & ~pl.col("short_group")


def _vague() -> pl.Expr:
    """Two names without legal form, or of two characters, of which only one is a group; or a firm abroad."""
    informal = (pl.col("short_form") == "") & (pl.col("long_form") == "")
    family = pl.col("group_differs") & (informal | (pl.col("n_short") <= 2))
    abroad = (
        (pl.col("place_relation") == "one")
        & (
            pl.col("place_a").str.count_matches("/", literal=True)
            + pl.col("place_b").str.count_matches("/", literal=True)
            == 1
        )
        & ~pl.concat_str(["place_a", "place_b"]).str.contains(_MUNICIPAL)
    )
    partners = pl.concat_str([pl.col("form_a"), pl.col("form_b")]).is_in(["partnership", "partners"])
    return family | abroad | partners


def _score() -> pl.Expr:
    level = pl.col("level")
    n = pl.col("n_short")
    base = (
        pl.when((level == "same_core") & _vague())
        .then(DOUBTFUL)
        .when(level == "same_core")
        .then(0.99)
        .when(level == "short_prefix")
        .then(pl.when(_telling()).then(0.95).otherwise(DOUBTFUL))
        .when(level == "short_letters")
        .then(pl.when(n >= 4).then(0.88).otherwise(0.8))
        .when(level == "short_inside")
        .then(0.86)
        .when(level == "short_two")
        .then(0.82)
        .when(level == "short_scattered")
        .then(0.76)
        .when(level == "reordered")
        .then(0.85)
        .when(level == "trade")
        .then(0.62)
        .when(level == "homophone")
        .then(0.6)
        .when(level == "typo")
        .then(pl.when(n >= 8).then(0.55).otherwise(0.42))
        .when(level == "brand")
        .then(0.4)
        .otherwise(0.6 * pl.col("lcs") / pl.max_horizontal("n_long", 1))
    )
    place = pl.col("place_relation")
    return (
        pl.coalesce("latin", base)
        * pl.when((place == "one") & (pl.col("long_form") != "") & (pl.col("short_form") != ""))
        .then(0.85)
        .when(place == "nested")
        .then(0.8)
        .otherwise(1.0)
        * pl.when(pl.col("group_differs") & (pl.col("short_form") != "") & (pl.col("long_form") != ""))
        .then(0.85)
        .otherwise(1.0)
        * pl.when(pl.col("form_differs") & ~pl.col("both_firms"))
        .then(0.7)
        .when("form_differs")
        .then(0.9)
        .otherwise(1.0)
        * pl.when(pl.col("branch_relation") == "nested")
        .then(0.8)
        .when(pl.col("branch_relation") == "alike")
        .then(0.88)
        .otherwise(1.0)
        * pl.when(pl.col("directions_differ") & (level == "typo")).then(0.7).otherwise(1.0)
    )


def _guard() -> pl.Expr:
    return (
        pl.when(pl.col("branch_relation") == "one")
        .then(pl.lit("branch_parent"))
        .when(pl.col("branch_relation") == "differ")
        .then(pl.lit("other_branch"))
        .when(pl.col("place_relation") == "differ")
        .then(pl.lit("other_place"))
        .when(pl.col("numbers_differ"))
        .then(pl.lit("numbers"))
        .otherwise(pl.lit(""))
    )
