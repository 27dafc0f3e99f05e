"""Which pairs are looked at at all: parties that share a key, as long as the key is not everybody's."""

from __future__ import annotations

import zlib
from functools import reduce
from operator import xor

import polars as pl

ROOMY = 60
"""A key shared by more parties than this tells nothing; its block is left out (weaker keys: fewer)."""

_LONGEST = 24
"""Longer names are not looked through for typing errors."""

_BRANCH = pl.col("branch").str.extract("(.{1,2})#").fill_null("")
"""The end of a branch's place: 杭州西湖 and 西湖 may be one branch."""

_KEYS = {"k": pl.UInt32(), "key": pl.UInt64(), "most": pl.UInt32()}


def company_pairs(parties: pl.DataFrame, *, between: bool) -> pl.DataFrame:
    """Return candidate pairs "a" < "b" of row numbers for companies."""
    core, place = pl.col("core"), pl.col("place")
    several = pl.col("core").str.len_chars() >= 2
    keys = [
        _keys(parties.filter(several), "core", [core], ROOMY),
        _keys(parties, "core+place", [core, place, _BRANCH], ROOMY),
        _keys(parties.filter(several & pl.col("chinese")), "sound", ["sound", _BRANCH], 30),
        _keys(parties.filter(core.str.len_chars() >= 5), "letters", ["letters", _BRANCH], 30),
        _keys(parties, "whole", ["whole", _BRANCH], 30),
        _typos(parties),
    ]
    branded = parties.filter((pl.col("brand").str.len_chars() >= 2) & (pl.col("trade") != ""))
    family = _pairs(parties, _keys(branded, "brand", ["brand", place, _BRANCH], 12), between=between)
    named = [_pairs(parties, pl.concat(keys), between=between), _like_trades(parties, family)]
    others = _shared(parties)
    if not parties["chinese"].all():
        others += _latin(parties.filter(~pl.col("chinese")))
    pairs = [
        _same_regions(parties, pl.concat(named)),
        _pairs(parties, pl.concat(others), between=between),
        _short_names(parties, between=between),
    ]
    return _distinct(pl.concat(pairs))


def _same_regions(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Leave out pairs that only their names brought together, and whose places contradict each other."""
    one, other = parties["place"].gather(pairs["a"]), parties["place"].gather(pairs["b"])
    places = pl.DataFrame({"x": one, "y": other})
    agree = pl.col("x").str.starts_with(pl.col("y")) | pl.col("y").str.starts_with(pl.col("x"))
    return pairs.filter(places.select(agree).to_series())


def _like_trades(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Of pairs of one brand and place keep those whose trades hold each other or begin or end alike."""
    trades = pl.DataFrame(
        {"x": parties["trade"].gather(pairs["a"]), "y": parties["trade"].gather(pairs["b"])}
    )
    x, y = pl.col("x"), pl.col("y")
    within = x.str.contains(y, literal=True) | y.str.contains(x, literal=True)
    alike = (x.str.slice(0, 2) == y.str.slice(0, 2)) | (x.str.slice(-2) == y.str.slice(-2))
    return pairs.filter(trades.select(within | alike).to_series())


def person_pairs(parties: pl.DataFrame, *, between: bool) -> pl.DataFrame:
    """Return candidate pairs "a" < "b" of row numbers for people."""
    born, last, first = pl.col("birthday"), pl.col("surname"), pl.col("given")
    swapped = pl.DataFrame(
        {"k": parties["k"], "given": parties["surname"], "surname": parties["given"]}
    ).with_columns(parties["birthday"], parties["city"], parties["postcode"])
    both = pl.concat([parties.select(swapped.columns), swapped]).unique()
    start = pl.col("surname").str.slice(0, 3)
    keys = [
        _keys(both, "names", [last, first], ROOMY),
        _keys(both, "last+born", [last, born.str.slice(0, 7)], ROOMY),
        _keys(both, "first+born", [first, born.str.slice(0, 7)], ROOMY),
        _keys(both, "last+day", [start, born.str.slice(-5)], ROOMY),
        _keys(both, "last+place", [last, "city"], ROOMY),
        _keys(both, "first+place", [first, "city"], 40),
        _keys(both, "last+post", [start, "postcode"], ROOMY),
        _keys(both, "first+post", [first.str.slice(0, 3), "postcode"], ROOMY),
        _keys(both, "start", [start, first.str.slice(0, 3)], ROOMY),
        _keys(parties, "born", [born], ROOMY),
        _keys(parties, "alone", [pl.when(first.is_null()).then(last)], 40),
        _keys(parties, "mailbox", [pl.col("mail").str.extract("^([^@]{4,})@")], 20),
        _keys(parties, "work", ["work", last.str.slice(0, 1)], 40),
        *_shared(parties),
    ]
    return _distinct(_pairs(parties, pl.concat(keys), between=between))


def _shared(parties: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the keys of everything by which a party is reached."""
    phones = parties.select("k", "phones").explode("phones", empty_as_null=True).drop_nulls()
    address = pl.col("address")
    street = pl.concat_str(
        [address.str.extract(r"(\d+)"), address.str.extract(r"(\p{L}{4,})")], separator=" "
    )
    return [
        _keys(phones, "phone", ["phones"], 15),
        _keys(parties, "mail", ["mail"], 15),
        _keys(parties, "domain", ["domain"], 15),
        _keys(parties, "code", ["code"], ROOMY),
        _keys(parties, "address", [address], 20),
        _keys(parties, "street", [street], 40),
    ]


def _latin(parties: pl.DataFrame) -> list[pl.DataFrame]:
    words = parties.select("k", pl.col("core").str.split(" ").alias("word")).explode(
        "word", empty_as_null=True
    )
    words = words.filter(pl.col("word").str.len_chars() >= 3).unique()
    two = parties.select(
        "k",
        pl.col("core").str.split(" ").list.unique().list.sort().list.head(6).alias("words"),
    )
    pairs = (
        two.explode("words", empty_as_null=True)
        .join(two.explode("words", empty_as_null=True), on="k")
        .filter(pl.col("words") < pl.col("words_right"))
    )
    return [
        _keys(words, "word", ["word"], 25),
        _keys(pairs, "two words", ["words", "words_right"], ROOMY),
        _keys(parties, "beginning", [pl.col("whole").str.slice(0, 6)], 40),
    ]


def _typos(parties: pl.DataFrame) -> pl.DataFrame:
    """Return keys by which names meet that differ by one character: the core without each of its characters."""
    long = parties.filter(
        (pl.col("core").str.len_chars() >= 8)
        & (pl.col("core").str.len_chars() <= _LONGEST)
        & pl.col("chinese")
    )
    if long.is_empty():
        return pl.DataFrame(schema=_KEYS)
    cores = long.select("core").unique()
    core = pl.col("core")
    parts = [cores.select("core", core.alias("rest"))]
    for at in range(_LONGEST):
        without = pl.concat_str([core.str.slice(0, at), core.str.slice(at + 1)])
        parts.append(cores.filter(core.str.len_chars() > at).select("core", without.alias("rest")))
    rests = pl.concat(parts).with_columns(pl.col("rest").hash(7).alias("rest")).unique()
    shared = rests.group_by("rest").len().filter(pl.col("len") > 1).select("rest")
    rests = rests.join(shared, on="rest", how="semi")
    place = pl.col("place").str.split("/").list.get(1, null_on_oob=True).fill_null("")
    keyed = long.select("k", "core", _BRANCH.alias("branch"), place.alias("land")).join(rests, on="core")
    return _keys(keyed, "typo", ["rest", "land", "branch"], 20)


def _short_names(parties: pl.DataFrame, *, between: bool) -> pl.DataFrame:
    """Pair names without a legal form with the companies whose names begin like them or hold their characters."""
    firm = pl.col("form").is_in(["company", "firm", "partnership", "partners"])
    short = parties.filter(~firm & pl.col("chinese") & (pl.col("core").str.len_chars().is_between(2, 8)))
    full = parties.filter(pl.col("chinese") & (pl.col("core").str.len_chars() > 2))
    if short.is_empty() or full.is_empty():
        return pl.DataFrame(schema={"a": pl.UInt32, "b": pl.UInt32})
    found = []
    for name, lengths in (("core", range(2, 9)), ("whole", range(3, 9))):
        wanted = short.select(pl.col("k").alias("a"), pl.col(name).alias("key"), _BRANCH.alias("branch"))
        keys = wanted.select("key").unique()
        parts = [
            full.filter(pl.col(name).str.len_chars() > n)
            .select(
                pl.col("k").alias("b"), pl.col(name).str.slice(0, n).alias("key"), _BRANCH.alias("branch")
            )
            .join(keys, on="key", how="semi")
            for n in lengths
        ]
        begins = pl.concat(parts)
        few = begins.group_by("key").len().filter(pl.col("len") <= ROOMY).select("key")
        found.append(
            wanted.join(begins.join(few, on="key", how="semi"), on=["key", "branch"]).select("a", "b")
        )
    ends = pl.concat_str([pl.col("core").str.slice(0, 1), pl.col("core").str.slice(-2)])
    heads = pl.col("core").str.slice(0, 2)
    for key in (ends, heads):
        wanted = short.filter(pl.col("core").str.len_chars() >= 3).select(
            pl.col("k").alias("a"), key.alias("key"), _BRANCH.alias("branch")
        )
        offered = full.select(pl.col("k").alias("b"), key.alias("key"), _BRANCH.alias("branch"))
        few = offered.group_by("key", "branch").len().filter(pl.col("len") <= 40).select("key", "branch")
        found.append(
            wanted.join(offered.join(few, on=["key", "branch"], how="semi"), on=["key", "branch"]).select(
                "a", "b"
            )
        )
    pairs = pl.concat(found).filter(pl.col("a") != pl.col("b"))
    pairs = pairs.select(pl.min_horizontal("a", "b").alias("a"), pl.max_horizontal("a", "b").alias("b"))
    return _between(parties, pairs) if between else pairs


def _keys(frame: pl.DataFrame, name: str, parts: list[pl.Expr | str], most: int) -> pl.DataFrame:
    columns = [pl.col(part) if isinstance(part, str) else part for part in parts]
    known = frame.select("k", *(column.alias(f"p{at}") for at, column in enumerate(columns))).drop_nulls()
    key = reduce(xor, (pl.col(f"p{at}").hash(zlib.crc32(name.encode()) + at) for at in range(len(columns))))
    return known.select(
        pl.col("k").cast(pl.UInt32), key.alias("key"), pl.lit(most, dtype=pl.UInt32).alias("most")
    )


def _pairs(parties: pl.DataFrame, keys: pl.DataFrame, *, between: bool) -> pl.DataFrame:
    """Return the pairs within blocks; blocks that are too large are left out."""
    blocks = keys.group_by("key").agg(pl.len().alias("n"), pl.col("most").first())
    useful = blocks.filter((pl.col("n") > 1) & (pl.col("n") <= pl.col("most"))).select("key")
    left = keys.join(useful, on="key", how="semi").select("key", "k")
    pairs = (
        left.join(left, on="key")
        .filter(pl.col("k") < pl.col("k_right"))
        .select(pl.col("k").alias("a"), pl.col("k_right").alias("b"))
        .unique()
    )
    return _between(parties, pairs) if between else pairs


def _between(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    side = parties["side"]
    return pairs.filter(side.gather(pairs["a"]) != side.gather(pairs["b"]))


def _distinct(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.filter(pl.col("a") != pl.col("b")).unique().sort("a", "b")
