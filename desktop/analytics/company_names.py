"""Company names taken apart: place, brand, trade, legal form, branch (DUP-01).

Everything works on whole columns: two hundred thousand names take a second or two.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

import polars as pl

from desktop.analytics.dedup import hanzi, places, western, words

PARTS: Final = {
    "text": pl.String(),
    "whole": pl.String(),
    "core": pl.String(),
    "brand": pl.String(),
    "trade": pl.String(),
    "place": pl.String(),
    "branch": pl.String(),
    "branch_kind": pl.String(),
    "form": pl.String(),
    "sound": pl.String(),
    "letters": pl.String(),
    "group": pl.Boolean(),
    "national": pl.Boolean(),
    "chinese": pl.Boolean(),
}
"""What a name is taken apart into.

`text` is the normalised name, `whole` the same without legal form and branch, `core` what is left without place, legal form and branch; it is
`brand` and `trade` together. `place` is a chain from the province down ("/广东/深圳"), `branch` what
tells a branch from its parent (empty: no branch), `form` one of company (limited), firm (a company that does not say
of what kind), partnership or partners likewise, shop, body or
"" where the name is short and says none. `group` tells that it calls itself a group or a holding,
`national` that it begins with 中国. `sound` is the core as it is read aloud, `letters` its characters in order.
"""

_FORM = r"(?:(?:股份|有限|有有限|责任|私人|无限|限|任司责)+)?公司$"
_PROPER = "^(?:集团|控股|股份|总)*(?:有限责任|有限)公司$"
"""A legal form as it is registered; any other is damaged or says too little."""

_SOFT = r"(?:集团|控股|股份合作|股份|总|有限合伙企业|有限合伙|普通合伙|特殊普通合伙|合伙企业|个人独资企业|个体工商户|个体户|有限责任|有限|私人)$"
_CHUNK = 50_000
"""Names taken apart at a time: polars lets several threads work on texts, but not on one column."""

_NUMERAL = "一二三四五六七八九十百0-9"
_TAIL_NOISE = r"[(]?(?:以下)?(?:简称|原名|曾用名)[::]?.*$"


@cache
def _trade_pattern() -> str:
    trades = sorted(set(words.TRADES), key=lambda word: (-len(word), word))
    return f"((?:{'|'.join(trades)})+)$"


@cache
def _place_patterns() -> dict[str, str]:
    province = f"(?:{places.province_pattern()})(?:{places.PROVINCE_SUFFIX})?"
    city = places.city_pattern()
    county = r"(?:\p{Han}{1,3}(?:自治县|县|旗|新区)|\p{Han}{2}(?:市|区))"
    return {
        "head": f"^(中国)?({province})?({city})?({county})?(.*)$",
        "bracket": rf"\((?:中国)?({province})?({city})?(?:{county})?\)",
        "city": places.bare_city_pattern(),
        "tail": f"^(.{{2,}}?)({province}|{city})$",
        "branch": f"^(.{{2,}}?)((?:{province}|{city}|{county})+第?[{_NUMERAL}]*(?:{words.STRICT}))$",
    }


def normalised(names: pl.Series) -> pl.Series:
    """Return names in lower case, half width and simplified characters, their spaces and marks made one."""
    table = hanzi.simplified_table()
    text = (
        pl.col("name")
        .cast(pl.String)
        .fill_null("")
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"[\u{200b}-\u{200d}\u{2060}\u{feff}\u{ad}]", "")
        .str.replace_all(r"[【〔〖「『\[{《<〈]", "(")
        .str.replace_all(r"[】〕〗」』\]}》>〉]", ")")
        .str.replace_all(r"[·•・*'’`\"“”]", "")
        .str.replace_all(r"[—–‐‑−_~]", "-")
    )
    frame = names.rename("name").to_frame().select(text)
    return frame.select(
        pl.col("name").str.replace_many(list(table), list(table.values())).str.strip_chars()
    ).to_series()


def parse_names(names: pl.Series) -> pl.DataFrame:
    """Return a frame of `PARTS`, one line per name in the same order."""
    if len(names) > _CHUNK:
        starts = range(0, len(names), _CHUNK)
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            return pl.concat(pool.map(lambda start: _parsed(names.slice(start, _CHUNK)), starts))
    return _parsed(names)


def _parsed(names: pl.Series) -> pl.DataFrame:
    text = normalised(names)
    frame = pl.DataFrame({"text": text}).with_columns(
        pl.col("text").str.contains(r"\p{Han}").alias("chinese")
    )
    frame = frame.with_row_index("_k")
    chinese = _chinese(frame.filter("chinese"))
    other = western.parse(frame.filter(~pl.col("chinese")))
    made = [name for name in PARTS if name not in ("sound", "letters")]
    both = pl.concat([part.select("_k", *made) for part in (chinese, other)]).sort("_k")
    cores = both.select("core").unique()
    letters = ["".join(sorted(core)) for core in cores["core"]]
    cores = cores.with_columns(hanzi.readings_of(cores["core"]).alias("sound"), pl.Series("letters", letters))
    return both.join(cores, on="core", how="left", maintain_order="left").select(list(PARTS))


def _chinese(frame: pl.DataFrame) -> pl.DataFrame:
    patterns = _place_patterns()
    frame = frame.with_columns(
        pl.col("text")
        .str.replace_all(r"\s+", "")
        .str.replace(r"^(?:s?st|x[dr]|dr)(\p{Han})", "$1")
        .str.replace(r"(\p{Han})-(?:[a-z]{1,3}|new)$", "$1")
        .str.replace(r"(\p{Han})[ab]$", "$1")
        .str.replace(_TAIL_NOISE, "")
        .alias("written")
    )
    bracketed = pl.col("written").str.contains("(", literal=True)
    bare, mixed = frame.filter(~bracketed), frame.filter(bracketed)
    bracket = pl.col("written").str.extract_groups(patterns["bracket"])
    places = mixed.with_columns(
        bracket.struct.field("1").alias("b1"),
        bracket.struct.field("2").alias("b2"),
        pl.col("written")
        .str.replace(patterns["bracket"], "")
        .str.replace_all(r"\((?:有限合伙|普通合伙|特殊普通合伙|个体工商户|个体|个人独资)\)", "")
        .alias("plain"),
    )
    none = pl.lit(None, dtype=pl.String)
    frame = pl.concat(
        [bare.with_columns(none.alias("b1"), none.alias("b2"), pl.col("written").alias("plain")), places]
    )
    frame = frame.with_columns(
        pl.col("plain")
        .str.replace_all(r"[()\s.,,。、/&-]", "")
        .str.replace_many(list(words.BANKS), list(words.BANKS.values())),
        pl.col("written").str.contains("合伙").alias("partners"),
        pl.col("written").str.contains("个体|个人独资").alias("single"),
    )
    return _forms(_places(_legal(_branches(frame, patterns)), patterns))


def _branches(frame: pl.DataFrame, patterns: dict[str, str]) -> pl.DataFrame:
    """Split a branch from its parent: after a legal form or a bank's name, or before a telling last word."""
    telling = pl.col("plain").str.contains(f"(?:{words.LOOSE})$")
    plain = frame.filter(~telling).with_columns(pl.lit("").alias("branch"), pl.col("plain").alias("parent"))
    return pl.concat(
        [
            plain.with_columns(pl.lit("").alias("branch_kind")),
            _split_branches(frame.filter(telling), patterns),
        ]
    )


def _split_branches(frame: pl.DataFrame, patterns: dict[str, str]) -> pl.DataFrame:
    loose = pl.col("plain").str.extract_groups(f"^(.+?(?:{words.PARENTS}))(.*?(?:{words.LOOSE}))$")
    placed = pl.col("plain").str.extract_groups(patterns["branch"])
    strict = pl.col("plain").str.extract_groups(f"^(.{{2,}}?)(第?[{_NUMERAL}]*(?:{words.STRICT}))$")
    groups = [loose, placed, strict]
    found = pl.coalesce(*(group.struct.field("2") for group in groups))
    parent = pl.coalesce(*(group.struct.field("1") for group in groups), pl.col("plain"))
    legal = r"^(?:集团)?(?:股份?|有限|责任)*(?:公司)?"
    frame = frame.with_columns(
        found.fill_null("").str.replace(legal, "").alias("branch"), parent.alias("parent")
    )
    kind = pl.col("branch").str.extract(f"({words.LOOSE})$").fill_null("")
    frame = frame.with_columns(kind.alias("branch_kind"))
    return (
        frame.with_columns(
            pl.col("branch")
            .str.replace(f"(?:{words.LOOSE})$", "")
            .str.replace_all("维吾尔自治区|壮族自治区|回族自治区|自治区|省|市|县|地区|分行|分公司|证券", "")
            .str.replace_all("([^开发新园])区", "$1")
            .alias("branch_place"),
        )
        .with_columns(
            pl.when(pl.col("branch") == "")
            .then(pl.lit(""))
            .otherwise(pl.concat_str([pl.col("branch_place"), pl.lit("#"), pl.col("branch_kind")]))
            .alias("branch")
        )
        .drop("branch_place")
    )


def _legal(frame: pl.DataFrame) -> pl.DataFrame:
    """Take the legal form off the end, and note what it was."""
    bare = (
        pl.col("parent")
        .str.replace("([^控])股(有限公司)$", "$1$2")
        .str.replace(r"(?:股份|有限)?(?:株式会社|有限会社)", "")
        .str.replace(_FORM, "")
    )
    for _ in range(4):
        bare = bare.str.replace(_SOFT, "")
    frame = frame.with_columns(bare.alias("bare"))
    frame = frame.with_columns(
        pl.when(pl.col("bare").str.len_chars() < 1).then("parent").otherwise("bare").alias("bare")
    )
    tail = pl.col("parent").str.slice(pl.col("bare").str.len_chars())
    return frame.with_columns(
        tail.str.contains("集团|控股").alias("group"),
        tail.str.contains(_PROPER).alias("limited"),
        pl.col("parent").str.contains("公司$|会社").alias("is_company"),
    )


def _places(frame: pl.DataFrame, patterns: dict[str, str]) -> pl.DataFrame:
    """Take the place off the head or the end, unless the name would lose what tells it from others."""
    head = pl.col("bare").str.extract_groups(patterns["head"])
    frame = frame.with_columns(
        *(head.struct.field(str(index)).alias(f"h{index}") for index in range(1, 6)),
    )
    rest_brand = pl.col("h5").str.replace(_trade_pattern(), "")
    keeps = rest_brand.str.len_chars() >= 2
    after_nation = pl.col("bare").str.replace("^中国", "")
    suffixed = (
        pl.col("bare")
        .str.replace(f"^({places.province_pattern()})(?:{places.PROVINCE_SUFFIX})(.+)$", "$1$2")
        .str.replace(f"^({patterns['city']})市(.+)$", "$1$2")
    )
    kept = (
        pl.when(after_nation.str.len_chars() >= 3)
        .then(after_nation)
        .otherwise("bare")
        .str.replace(f"^({places.province_pattern()})(?:{places.PROVINCE_SUFFIX})(.+)$", "$1$2")
        .str.replace(f"^({patterns['city']})市(.+)$", "$1$2")
    )
    frame = frame.with_columns(
        pl.when(keeps).then("h5").otherwise(kept).alias("core"),
        suffixed.alias("whole"),
        pl.col("bare").str.starts_with("中国").alias("national"),
        *(pl.when(keeps).then(f"h{index}").alias(f"h{index}") for index in range(1, 5)),
    )
    tail = pl.col("core").str.extract_groups(patterns["tail"])
    frame = frame.with_columns(tail.struct.field("1").alias("t1"), tail.struct.field("2").alias("t2"))
    has_tail = pl.col("t1").str.replace(_trade_pattern(), "").str.len_chars() >= 2
    frame = frame.with_columns(
        pl.when(has_tail).then("t1").otherwise("core").alias("core"), pl.when(has_tail).then("t2").alias("t2")
    )
    chains = places.chains()
    names, found = list(chains), list(chains.values())

    def chain(column: str) -> pl.Expr:
        plain = pl.col(column).str.replace(
            f"(?:{places.PROVINCE_SUFFIX}|{places.ETHNIC}|地区|市|县|州|盟)$", ""
        )
        known = plain.replace_strict(names, found, default=None, return_dtype=pl.String)
        exact = pl.col(column).replace_strict(names, found, default=None, return_dtype=pl.String)
        return pl.coalesce(known, exact)

    county = pl.col("h4").str.replace("(?:自治县|新区|县|旗|市|区)$", "")
    frame = frame.with_columns(
        pl.coalesce(chain("h3"), chain("b2"), chain("t2"), chain("h2"), chain("b1")).alias("chain"),
        county.alias("county"),
    )
    return frame.with_columns(
        pl.concat_str(
            [
                pl.col("chain").fill_null(""),
                pl.when(pl.col("county").is_not_null())
                .then(pl.concat_str([pl.lit("/"), "county"]))
                .otherwise(pl.lit("")),
            ]
        ).alias("place")
    )


def _forms(frame: pl.DataFrame) -> pl.DataFrame:
    form = (
        pl.when("partners")
        .then(
            pl.when(pl.col("written").str.contains("有限合伙|普通合伙"))
            .then(pl.lit("partnership"))
            .otherwise(pl.lit("partners"))
        )
        .when(pl.col("is_company") & pl.col("limited"))
        .then(pl.lit("company"))
        .when("is_company")
        .then(pl.lit("firm"))
        .when(pl.col("single") | pl.col("bare").str.contains(f"(?:{words.SHOPS})$"))
        .then(pl.lit("shop"))
        .when(pl.col("bare").str.contains(f"(?:{words.BODIES})$"))
        .then(pl.lit("body"))
        .otherwise(pl.lit(""))
    )
    brand = pl.col("core").str.replace(_trade_pattern(), "")
    return (
        frame.with_columns(form.alias("form"), brand.alias("brand"))
        .with_columns(
            pl.when(pl.col("brand") == "").then("core").otherwise("brand").alias("brand"),
        )
        .with_columns(
            pl.col("core").str.slice(pl.col("brand").str.len_chars()).alias("trade"),
        )
    )
