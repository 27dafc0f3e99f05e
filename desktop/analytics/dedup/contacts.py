"""What reaches a party: telephone numbers, mail domains, addresses, made comparable."""

from __future__ import annotations

from typing import Final

import polars as pl

from desktop.analytics.company_names import normalised

_FREE_MAIL = (
    "qq.com foxmail.com 163.com 126.com yeah.net 188.com vip.163.com vip.126.com vip.qq.com sina.com sina.cn vip.sina.com "
    "sohu.com tom.com 21cn.com 139.com 189.cn wo.cn aliyun.com 263.net gmail.com googlemail.com hotmail.com outlook.com "
    "live.com live.cn msn.com yahoo.com yahoo.cn yahoo.com.cn ymail.com icloud.com me.com mac.com aol.com protonmail.com "
    "proton.me gmx.de gmx.net web.de t-online.de mail.com mail.ru yandex.ru qq.cn comcast.net verizon.net"
)
FREE_MAIL: Final = frozenset(_FREE_MAIL.split())
"""Mail providers that say nothing about where somebody works."""

_STREETS = {
    "street": "st",
    "str": "st",
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "road": "rd",
    "drive": "dr",
    "lane": "ln",
    "place": "pl",
    "court": "ct",
    "square": "sq",
    "highway": "hwy",
    "parkway": "pkwy",
    "crescent": "cres",
    "suite": "ste",
    "floor": "fl",
    "building": "bldg",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
    "ninth": "9th",
    "tenth": "10th",
}


def phone_key(texts: pl.Expr) -> pl.Expr:
    """Return the digits by which telephone numbers are compared: without country code and leading zero."""
    digits = texts.cast(pl.String).str.normalize("NFKC").str.replace_all(r"\D", "")
    bare = digits.str.replace(r"^(?:0086|86)?0?(1\d{10})$", "$1").str.replace(
        r"^(?:0086|86|0)(\d{9,11})$", "$1"
    )
    bare = bare.str.replace(r"^1(\d{10})$", "1$1")
    return pl.when(bare.str.len_chars() >= 6).then(bare)


def mail_key(texts: pl.Expr) -> pl.Expr:
    """Return a mail address as it is compared; null for what is none."""
    plain = texts.cast(pl.String).str.normalize("NFKC").str.strip_chars().str.to_lowercase()
    return pl.when(plain.str.contains("@") | plain.str.len_chars().gt(5)).then(plain)


def domain_key(mail: pl.Expr, website: pl.Expr) -> pl.Expr:
    """Return the domain of a website, else of a mail address, without www; null for mail providers."""
    site = (
        website.cast(pl.String)
        .str.strip_chars()
        .str.to_lowercase()
        .str.replace(r"^[a-z]+://", "")
        .str.replace(r"^www\d?\.", "")
        .str.extract(r"^([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
    )
    host = mail.cast(pl.String).str.to_lowercase().str.extract(r"@([a-z0-9-]+(?:\.[a-z0-9-]+)+)$")
    found = pl.coalesce(site, host)
    return pl.when(~found.is_in(list(FREE_MAIL))).then(found)


def address_key(addresses: pl.Series) -> pl.Series:
    """Return addresses as they are compared: usual abbreviations, no marks, Chinese ones without spaces."""
    if addresses.null_count() == len(addresses):
        return addresses.cast(pl.String)
    text = normalised(addresses.fill_null(""))
    frame = pl.DataFrame({"text": text})
    words = pl.col("text").str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    padded = pl.concat_str([pl.lit(" "), words.str.replace_all(" ", "  "), pl.lit(" ")])
    short = padded.str.replace_many(
        [f" {word} " for word in _STREETS], [f" {word} " for word in _STREETS.values()]
    )
    latin = short.str.replace_all(r"\s+", " ").str.strip_chars()
    chinese = words.str.replace_all(" ", "").str.replace_all("省|市|区|县", "")
    key = pl.when(pl.col("text").str.contains(r"\p{Han}")).then(chinese).otherwise(latin)
    return frame.select(pl.when(key.str.len_chars() >= 3).then(key).alias("address")).to_series()
