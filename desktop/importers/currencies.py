"""Currencies by code, name and sign, in both languages; what an amount's own text says of its currency."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from desktop.importers.outcome import Outcome, by_unique, plain

HOME = "CNY"
"""The currency of amounts that name none."""

_NAMES = {
    "CNY": "人民币|人民幣|rmb|cny|cnh|[¥￥]|chinese yuan|renminbi|yuan|元|圆",
    "USD": r"us\$|usd|美元|美金|u\.s\. dollars?|us dollars?|dollars?|\$",
    "EUR": "eur|欧元|歐元|euros?|€",
    "GBP": "gbp|英镑|英鎊|pounds?(?: sterling)?|£",
    "HKD": r"hk\$|hkd|港币|港幣|港元|hong kong dollars?",
    "TWD": r"nt\$|twd|ntd|新台币|新臺幣|台币",
    "JPY": "jpy|日元|日圆|日圓|円|jp¥|japanese yen|yen",
    "KRW": "krw|韩元|韩币|韓元|₩|won",
    "SGD": r"s\$|sgd|新加坡元|新币|singapore dollars?",
    "AUD": r"a\$|au\$|aud|澳元|澳大利亚元|澳币|australian dollars?",
    "CAD": r"c\$|ca\$|cad|加元|加拿大元|加币|canadian dollars?",
    "CHF": "chf|瑞士法郎|swiss francs?",
    "INR": "inr|印度卢比|卢比|₹|rs\\.|rupees?",
    "RUB": "rub|卢布|₽|roubles?|rubles?",
    "THB": "thb|泰铢|泰銖|฿|baht",
    "VND": "vnd|越南盾|₫|dong",
    "MYR": "myr|马来西亚林吉特|林吉特|令吉|马币|rm",
    "MOP": r"mop\$?|澳门元|澳门币",
    "BRL": r"r\$|brl|巴西雷亚尔|雷亚尔",
    "NZD": r"nz\$|nzd|新西兰元|纽币",
    "AED": "aed|迪拉姆|dirhams?",
}
_SIGNS = "|".join(
    sorted(
        (
            form
            for forms in _NAMES.values()
            for form in forms.split("|")
            if form not in ("元", "圆", "rm", "won")
        ),
        key=len,
        reverse=True,
    )
)


def currency_words() -> str:
    """Return a pattern of everything by which an amount names its currency, the longest first."""
    return _SIGNS


@cache
def _by_form() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(forms, re.IGNORECASE), code) for code, forms in _NAMES.items()]


def currency_of(text: str) -> str | None:
    """Return the code of a currency's name, code or sign standing alone; None if it is none that is known."""
    cleaned = plain(text).casefold()
    for part in (cleaned, *re.split(r"[\s\-/()（）:：]+", cleaned)):
        for pattern, code in _by_form():
            if part and pattern.fullmatch(part):
                return code
    return None


def currency_in(text: str) -> str | None:
    """Return the currency that an amount's text or a header names, or None if it names none."""
    found = re.search(_SIGNS, plain(text), re.IGNORECASE)
    if found is None:
        return HOME if "元" in text else None
    return currency_of(found[0])


def currencies(cells: pl.Series) -> Outcome:
    """Return three-letter codes; another word is kept, with a note."""

    def parse(text: str) -> tuple[str | None, str | None]:
        code = currency_of(text)
        if code:
            return code, None
        cleaned = plain(text)
        return (
            (cleaned.upper(), None)
            if re.fullmatch(r"[A-Za-z]{3}", cleaned)
            else (cleaned, "currency_unknown")
        )

    return by_unique(cells, parse, pl.String)


def told_by_amounts(cells: pl.Series, header: str) -> pl.Series | None:
    """Return per row the currency that an amount or its column's header names; None if nowhere another's."""
    own = (
        currency_in(header)
        if re.search(r"[(（\[].*[)）\]]|usd|eur|美元|美金|欧元|港币", header, re.IGNORECASE)
        else None
    )
    signs = cells.str.contains(r"[^\d\s.,()+\-%￥¥元万亿千百整（），']").fill_null(False)
    if not signs.any() and own in (None, HOME):
        return None
    texts = cells.zip_with(signs, pl.Series([None], dtype=pl.String).new_from_index(0, len(cells)))
    named = by_unique(texts, lambda text: (currency_in(text), None), pl.String).values
    if own:
        named = named.fill_null(own).zip_with(
            cells.is_not_null(), pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
        )
    return named if (named != HOME).any() else None
