"""Province and city of Chinese addresses, whole columns at once.

The official names stand in resources/divisions.csv: the provinces and what stands directly below them, after
GB/T 2260 (codes for the administrative divisions of the People's Republic of China).
"""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import NamedTuple

import polars as pl

from desktop.importers.outcome import nothing
from desktop.resources import resource

_SUFFIX = re.compile(
    r"(?:省|市|特别行政区|(?:维吾尔|壮族|回族)?自治区|(?:[^\s]*?族)?(?:蒙古|哈萨克|柯尔克孜)?自治州|地区|盟|林区)$"
)
_SHORT = {
    "延边朝鲜族自治州": "延边", "恩施土家族苗族自治州": "恩施", "湘西土家族苗族自治州": "湘西", "阿坝藏族羌族自治州": "阿坝", "甘孜藏族自治州": "甘孜",
    "凉山彝族自治州": "凉山", "黔西南布依族苗族自治州": "黔西南", "黔东南苗族侗族自治州": "黔东南", "黔南布依族苗族自治州": "黔南", "楚雄彝族自治州": "楚雄",
    "红河哈尼族彝族自治州": "红河", "文山壮族苗族自治州": "文山", "西双版纳傣族自治州": "西双版纳", "大理白族自治州": "大理", "德宏傣族景颇族自治州": "德宏",
    "怒江傈僳族自治州": "怒江", "迪庆藏族自治州": "迪庆", "临夏回族自治州": "临夏", "甘南藏族自治州": "甘南", "海北藏族自治州": "海北", "黄南藏族自治州": "黄南",
    "海南藏族自治州": "海南藏族", "果洛藏族自治州": "果洛", "玉树藏族自治州": "玉树", "海西蒙古族藏族自治州": "海西", "昌吉回族自治州": "昌吉",
    "博尔塔拉蒙古自治州": "博尔塔拉", "巴音郭楞蒙古自治州": "巴音郭楞", "克孜勒苏柯尔克孜自治州": "克孜勒苏", "伊犁哈萨克自治州": "伊犁",
}  # fmt: skip
_LEAD = r"^(?:\s*(?:地址|住址|注册地址|办公地址)\s*[:：])?\s*(?:\d{6}\s*)?(?:中华人民共和国|中国)?[\s,，]*"
_NO_PLACE = r"^(?:[东西南北中]{0,2}(?:[一二三四五六七八九十\d]{0,2})(?:路|街|大道|大街|道|巷|弄|胡同|广场|大厦|大楼|宾馆|酒店|饭店|大学|银行)|[区县镇乡村]|藏族)"
"""What follows a place's name where it is a street's, a building's or a district's: 南京西路, 朝阳区."""


_HEAD = 9
"""So many characters hold the longest name of a province, and a city's with what tells it from a street's."""

_OWN_CITY = {
    "北京市": "北京市", "天津市": "天津市", "上海市": "上海市", "重庆市": "重庆市", "香港特别行政区": "香港", "澳门特别行政区": "澳门",
}  # fmt: skip


class _Tables(NamedTuple):
    province_of: dict[str, str]  # by short and official name of a province
    city_of: dict[str, str]  # by short and official name of a city
    province_of_city: dict[str, str]  # by official name
    provinces: str  # patterns of all names, the longest first
    cities: str


def short(name: str) -> str:
    """Return an official name without what kind of division it is: 苏州市 → 苏州."""
    return _SHORT.get(name) or _SUFFIX.sub("", name)


@cache
def _tables() -> _Tables:
    province_of: dict[str, str] = {}
    city_of: dict[str, str] = {}
    above: dict[str, str] = {}
    with resource("divisions.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            province = row["province"]
            for name in (province, short(province)):
                province_of[name] = province
            for city in row["cities"].split():
                above[city] = province
                for name in (city, short(city)):
                    city_of.setdefault(name, city)
    return _Tables(province_of, city_of, above, _pattern(province_of), _pattern(city_of))


def _pattern(names: dict[str, str]) -> str:
    longest = sorted(names, key=lambda name: (-len(name), name))
    return "|".join(re.escape(name) for name in longest)


def places(addresses: pl.Series) -> pl.DataFrame:
    """Return "province" and "city" of addresses, by their official names; null where an address tells none.

    A name without 省 or 市 counts only where it is not that of a street or a building.
    """
    tables = _tables()
    rest = addresses.str.replace(_LEAD, "")
    named = _named(rest, tables.provinces, tables.province_of)
    province = named["place"]
    told = province.is_not_null()
    after = pl.DataFrame({"t": rest, "n": named["length"]}).select(
        pl.col("t").str.slice(pl.col("n").fill_null(0)).str.strip_chars_start(" ,，·-/")
    )
    city = _named(after["t"], tables.cities, tables.city_of)["place"]
    below = city.replace_strict(tables.province_of_city, default=None, return_dtype=pl.String)
    # 江苏省南京西路: a city of another province is none.
    city = city.zip_with(~told | (below == province).fill_null(False), nothing(len(city), pl.String))
    own = province.replace_strict(_OWN_CITY, default=None, return_dtype=pl.String)
    return pl.DataFrame(
        {"province": province.zip_with(told, below), "city": city.zip_with(own.is_null(), own)}
    )


def _named(texts: pl.Series, pattern: str, official: dict[str, str]) -> pl.DataFrame:
    """Return the "place" that each text begins with, and how many characters name it.

    Only the heads of the texts are looked at, of which a firm's customers share many.
    """
    heads = pl.DataFrame({"head": texts.str.slice(0, _HEAD)})
    different = heads["head"].drop_nulls().unique()
    groups = different.str.extract_groups(f"^(?<name>{pattern})(?<tail>.*)$").struct.unnest()
    length = groups["name"].str.len_chars().alias("length")
    known = pl.DataFrame(
        {"head": different, "place": _sure(groups, official), "length": length}
    ).with_columns(pl.when(pl.col("place").is_not_null()).then("length").alias("length"))
    return heads.join(known, on="head", how="left", maintain_order="left")


def _sure(named: pl.DataFrame, official: dict[str, str]) -> pl.Series:
    """Return the official names of those that are surely places."""
    whole = pl.col("name").is_in(list(set(official.values())))
    street = pl.col("tail").str.contains(_NO_PLACE).fill_null(False)
    bare_city = pl.col("tail").str.contains("^市").fill_null(False)
    return named.select(
        pl.when(pl.col("name").is_not_null() & (whole | ~(street | bare_city)))
        .then(pl.col("name").replace_strict(official, default=None, return_dtype=pl.String))
        .alias("place")
    )["place"]


def provinces_of(cities: pl.Series) -> pl.Series:
    """Return the province of each city that is known, by its official name."""
    tables = _tables()
    official = cities.str.strip_chars().replace_strict(tables.city_of, default=None, return_dtype=pl.String)
    return official.replace_strict(tables.province_of_city, default=None, return_dtype=pl.String)
