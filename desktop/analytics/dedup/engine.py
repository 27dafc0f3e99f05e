"""Find duplicates: prepare, block, weigh, decide, cluster."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import polars as pl

from desktop.analytics.dedup import blocking, evidence, name_pairs, person_evidence
from desktop.analytics.dedup.clusters import Cluster, Edge, cluster
from desktop.analytics.dedup.parties import Kind, prepare
from desktop.analytics.dedup.places import same_region

SURE_BITS: Final = 3.1
"""Odds of nearly nine to one, and nothing that speaks against: proposed for merging."""

UNSURE_BITS: Final = 0.0
"""Even odds: a person is asked."""

GUARDED_BITS: Final = 4.0
"""What must speak for it beside the name before a person is asked about two legal entities."""

_Joins = Callable[[set[int], set[int]], bool]

_CHUNK = 1_000_000

PAIR_COLUMNS: Final = {
    "a": pl.Int64(),
    "b": pl.Int64(),
    "score": pl.Float64(),
    "sure": pl.Boolean(),
    "why": pl.List(pl.String()),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs worth a look (ids "a", "b", "score", "sure", "why" as codes) and the clusters they make (ids)."""

    pairs: pl.DataFrame
    clusters: tuple[Cluster, ...]


def find(
    parties: pl.DataFrame,
    kind: Kind,
    *,
    apart: Collection[tuple[int, int]] = (),
    focus: Collection[int] | None = None,
    between: bool = False,
    clusters: bool = True,
) -> Found:
    """Find the duplicates among parties (columns of `parties.GIVEN`).

    `apart` are pairs of ids that a person has told apart. With `focus` only clusters with one of these
    ids count. With `between`, only pairs of different
    sides count. Without `clusters` the pairs alone are made.
    """
    known = prepare(parties, kind)
    candidates = blocking.company_pairs if kind == "company" else blocking.person_pairs
    pairs = candidates(known, between=between)
    if focus is not None:
        rows = known.select("k").filter(known["id"].is_in(list(focus)))["k"].implode()
        pairs = pairs.filter(pl.col("a").is_in(rows) | pl.col("b").is_in(rows))
    if pairs.is_empty():
        return Found(pl.DataFrame(schema=PAIR_COLUMNS), ())
    weigh = _weigh_companies if kind == "company" else _weigh_people
    parts = [weigh(known, pairs.slice(start, _CHUNK)) for start in range(0, pairs.height, _CHUNK)]
    weighed = pl.concat(parts)
    weighed = _doubt_ambiguous(known, weighed) if kind == "company" else _doubt_people(known, weighed)
    if between:
        weighed = _one_partner(weighed)
    ids = known["id"]
    told = weighed.select(
        ids.gather(weighed["a"]).alias("a"),
        ids.gather(weighed["b"]).alias("b"),
        "score",
        "sure",
        "why",
        pl.col("a").alias("ka"),
        pl.col("b").alias("kb"),
    )
    if apart:
        told = told.join(_both_ways(apart), on=["a", "b"], how="anti")
    edges = (
        [
            Edge(a, b, score, sure)
            for a, b, score, sure in told.select("ka", "kb", "score", "sure").iter_rows()
        ]
        if clusters
        else []
    )
    may_join = _may_join(known, apart) if kind == "company" else _never_told_apart(known, apart)
    groups = cluster(edges, may_join, sure_share=1.0 if kind == "company" else 0.5)
    renamed = tuple(
        Cluster(tuple(ids[k] for k in group.members), group.sure, group.score) for group in groups
    )
    return Found(told.select(list(PAIR_COLUMNS)), renamed)


def _one_partner(pairs: pl.DataFrame) -> pl.DataFrame:
    """Between two lists, what is surely somebody's twin is not proposed to somebody else as well."""
    sure = pairs.filter("sure")
    taken = pl.col("a").is_in(sure["a"].implode()) | pl.col("b").is_in(sure["b"].implode())
    return pairs.filter(pl.col("sure") | ~taken)


def _both_ways(apart: Collection[tuple[int, int]]) -> pl.DataFrame:
    pairs = [(a, b) for a, b in apart] + [(b, a) for a, b in apart]
    return pl.DataFrame(pairs, schema={"a": pl.Int64, "b": pl.Int64}, orient="row").unique()


def _weigh_companies(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    weighed = evidence.company_evidence(parties, pairs)
    guard, bits = pl.col("guard"), pl.col("bits")
    by_name = pl.col("name_score") >= name_pairs.NAMES_SURE
    backed = (pl.col("other") >= 3) & (pl.col("name_score") >= 0.55)
    sure = ((bits >= SURE_BITS) & (guard == "") & (by_name | backed) & ~pl.col("other_address")) | (
        pl.col("same_code") & (pl.col("name_score") >= 0.3) & ~guard.is_in(["branch_parent", "other_branch"])
    )
    asked = (
        pl.when((guard != "") & ~pl.col("same_code"))
        .then((pl.col("other") >= GUARDED_BITS) & (pl.col("name_score") >= 0.3))
        .otherwise(bits > UNSURE_BITS)
    )
    weighed = weighed.filter(~pl.col("other_code") & asked).with_columns(sure.alias("sure"))
    return _told(weighed, _company_reasons())


def _weigh_people(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    weighed = person_evidence.person_evidence(parties, pairs)
    fits = pl.col("name_bits") > -1
    sure = (pl.col("bits") >= 5) & (pl.col("kinds") >= 2) & (pl.col("name_bits") > 2)
    sure = sure & (~pl.col("other_birthday") | pl.col("same_number")) & ~pl.col("other_generation")
    sure = sure & (pl.col("given_fits") | pl.col("same_number"))
    weighed = weighed.filter(
        (pl.col("bits") > UNSURE_BITS) & (fits | pl.col("same_number")) & ~pl.col("other_generation")
    ).with_columns(sure.alias("sure"))
    flags = [name for name in evidence.WHY if name in weighed.columns]
    return _told(weighed, [pl.when(name).then(pl.lit(name)) for name in flags])


def _company_reasons() -> list[pl.Expr]:
    level, score = pl.col("level"), pl.col("name_score")
    told = (
        pl.when(level.is_in(list(name_pairs.WHY)))
        .then(level)
        .when(level.str.starts_with("short"))
        .then(pl.lit("short"))
        .when((level == "brand") | (score >= 0.3))
        .then(pl.lit("similar"))
    )
    flags = [
        "same_code",
        "same_phone",
        "same_mail",
        "same_domain",
        "same_address",
        "like_address",
        "other_address",
        "other_phone",
    ]
    return [
        told,
        pl.when((pl.col("branch_relation") == "same") | (pl.col("branch_relation") == "alike")).then(
            pl.lit("same_branch")
        ),
        *(pl.when(name).then(pl.lit(name)) for name in flags),
        pl.when((pl.col("guard") == "") & (pl.col("place_relation") == "one")).then(pl.lit("one_place")),
        pl.when(pl.col("group_differs")).then(pl.lit("group")),
        pl.when(pl.col("form_differs")).then(pl.lit("form")),
        pl.when(pl.col("guard") != "").then("guard"),
    ]


def _told(weighed: pl.DataFrame, reasons: list[pl.Expr]) -> pl.DataFrame:
    named = [reason.alias(f"why{at}") for at, reason in enumerate(reasons)]
    chance = 1 / (1 + (-pl.col("bits") * 0.6931471805599453).exp())
    keep = [name for name in ("level", "place_relation", "core_a", "core_b") if name in weighed.columns]
    return weighed.with_columns(named).select(
        "a",
        "b",
        chance.clip(0, 0.999).round(3).alias("score"),
        "sure",
        pl.concat_list([f"why{at}" for at in range(len(named))]).list.drop_nulls().alias("why"),
        *keep,
        *(name for name in ("other",) if name in weighed.columns),
    )


def _doubt_ambiguous(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """A short name, or one without place, that fits several different companies is sure of none of them."""
    place, core, form = parties["place"], parties["core"], parties["form"]
    alike = pl.col("level").str.starts_with("short") | (pl.col("level") == "same_core")
    fitting = pairs.filter(alike)
    if fitting.is_empty():
        return pairs
    both = pl.concat(
        [
            fitting.select(pl.col(x).alias("one"), pl.col(y).alias("other"))
            for x, y in (("a", "b"), ("b", "a"))
        ]
    )
    both = both.with_columns(
        place.gather(both["other"]).alias("place"),
        core.gather(both["other"]).alias("core"),
        (form.gather(both["other"]) != "").alias("formed"),
    ).filter("formed")
    fits = both.group_by("one").agg(pl.struct("place", "core").n_unique().alias("fits"))
    many = fits.filter(pl.col("fits") > 1)["one"]
    is_loose = pl.col("level").str.starts_with("short") | (pl.col("place_relation") != "same")
    doubtful = (
        is_loose
        & (pl.col("a").is_in(many.implode()) | pl.col("b").is_in(many.implode()))
        & (pl.col("other") < 3)
    )
    return pairs.with_columns((pl.col("sure") & ~doubtful).alias("sure"))


def _doubt_people(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Somebody without date of birth who fits two people born on different days is surely neither."""
    sure, born = pairs.filter("sure"), parties["birthday"]
    sides = [
        sure.select(pl.col(x).alias("one"), pl.col(y).alias("other")) for x, y in (("a", "b"), ("b", "a"))
    ]
    both = pl.concat(sides)
    both = both.with_columns(
        born.gather(both["one"]).alias("mine"), born.gather(both["other"]).alias("theirs")
    )
    days = (
        both.filter(pl.col("mine").is_null())
        .drop_nulls("theirs")
        .group_by("one")
        .agg(pl.col("theirs").n_unique().alias("n"))
    )
    many = days.filter(pl.col("n") > 1)["one"].implode()
    doubtful = pl.col("a").is_in(many) | pl.col("b").is_in(many)
    return pairs.with_columns((pl.col("sure") & ~doubtful).alias("sure"))


def _may_join(parties: pl.DataFrame, apart: Collection[tuple[int, int]]) -> _Joins:
    """Return whether two groups may be one company: no two codes, places, branches that contradict each other."""
    codes, places, branches = (
        parties["code"].to_list(),
        parties["place"].to_list(),
        parties["branch"].to_list(),
    )
    never = _never_told_apart(parties, apart)

    def may(one: set[int], two: set[int]) -> bool:
        if len({codes[k] for k in one | two if codes[k]}) > 1:
            return False
        if len(one) + len(two) > 2:
            for a in one:
                for b in two:
                    if places[a] and places[b] and not same_region(places[a], places[b]):
                        return False
                    if bool(branches[a]) != bool(branches[b]):
                        return False
        return never(one, two)

    return may


def _never_told_apart(parties: pl.DataFrame, apart: Collection[tuple[int, int]]) -> _Joins:
    ids = parties["id"].to_list()
    told = {frozenset(pair) for pair in apart}

    def may(one: set[int], two: set[int]) -> bool:
        return not told or not any(frozenset((ids[a], ids[b])) in told for a in one for b in two)

    return may
