"""What speaks for and against two entries being one person, in bits."""

from __future__ import annotations

import math
import re
from functools import cache

import numpy as np
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, JaroWinkler, Levenshtein
from rapidfuzz.process import cpdist

from desktop.analytics.dedup.evidence import Numbers, equal, reached

_OFFICES = frozenset(
    (
        "info",
        "office",
        "sales",
        "admin",
        "contact",
        "mail",
        "service",
        "support",
        "hr",
        "kefu",
        "market",
        "hello",
    )
)
"""Mailboxes that belong to nobody in particular."""

_PET_NAMES = (
    "robert bob rob bobby robbie;william bill will billy;richard dick rick rich;james jim jimmy;john jack johnny;"
    "edward ed eddie ted;michael mike mick;joseph joe joey;thomas tom tommy;charles charlie chuck;david dave;"
    "daniel dan danny;matthew matt;anthony tony;andrew andy drew;steven stephen steve;kenneth ken;patrick pat;"
    "patricia pat patty trish;elizabeth liz beth betty eliza lisa;margaret maggie meg peggy;katherine kate kathy katie;"
    "jennifer jen jenny;susan sue suzy susanne;barbara barb;deborah debbie deb;alexander alex sasha;alexandra alex sasha;"
    "samuel sam;samantha sam;benjamin ben;nicholas nick;gregory greg;jeffrey geoffrey jeff;lawrence larry;ronald ron;"
    "donald don;timothy tim;christopher chris;christine chris tina;peter pete;philip phil;victoria vicky"
)
_NICKNAMES = [frozenset(line.split()) for line in _PET_NAMES.split(";")]
_GENERATIONS = re.compile(r"\b(jr|sr|junior|senior|i{1,3}|iv)\b")


@cache
def _nicknames(name: str) -> frozenset[int]:
    """Return which families of pet names a given name belongs to."""
    first = name.partition(" ")[0]
    return frozenset(at for at, names in enumerate(_NICKNAMES) if first in names)


def person_evidence(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return "bits" and the flags of `WHY` for every pair of people."""
    a, b = parties[pairs["a"]], parties[pairs["b"]]
    straight = _name_bits(parties, a["given"], a["surname"], b["given"], b["surname"])
    crossed = _name_bits(parties, a["given"], a["surname"], b["surname"], b["given"]) - 1.0
    names = np.maximum(straight, crossed)
    flags = reached(parties, a, b)
    birthday = _birthday_bits(a["birthday"], b["birthday"])
    mail = _mail_bits(a["mail"], b["mail"])
    code = _code_bits(a["code"], b["code"])
    city = _text_bits(parties, a, b, "city", cap=6.0)
    post = np.select([equal(a, b, "postcode") == 1, equal(a, b, "postcode") == -1], [4.0, -1.0], 0.0)
    work = np.select([equal(a, b, "work") == 1, equal(a, b, "work") == -1], [8.0, -2.0], 0.0)
    phone = np.where(
        flags["same_phone"],
        np.where(flags["rare_phone"], 9.0, 4.0),
        np.where(flags["other_phone"], -1.5, 0.0),
    )
    place = np.minimum(flags["address_bits"] * 1.8 + city + post, 14.0)
    one, two = ([frozenset(_GENERATIONS.findall(t or "")) for t in side["text"].to_list()] for side in (a, b))
    generation = np.array([bool(p) and bool(q) and p != q for p, q in zip(one, two, strict=True)])
    prior = -np.clip(math.log2(max(parties.height, 2)), 7, 17)
    evidence = np.stack([names, birthday, mail, code, place, phone, work])
    bits = prior + evidence.sum(axis=0)
    return pl.concat(
        [
            pairs,
            pl.DataFrame(
                {
                    "bits": bits,
                    "name_bits": names,
                    "other_generation": generation,
                    "given_fits": _given_fits(a, b)
                    | ((crossed > straight) & _given_fits(a, b, swapped=True)),
                    "kinds": (evidence > 2).sum(axis=0),
                    "same_person_name": (straight > 9) | ((names > 5) & (equal(a, b, "text") == 1)),
                    "swapped_name": (crossed > straight) & (crossed > 6),
                    "like_person_name": (names > 3) & (straight <= 9),
                    "same_birthday": birthday > 9,
                    "like_birthday": (birthday > 2) & (birthday <= 9),
                    "other_birthday": birthday < 0,
                    "same_mail": mail > 9,
                    "like_mail": (mail > 3) & (mail <= 9),
                    "same_number": code > 9,
                    "same_phone": flags["same_phone"],
                    "other_phone": flags["other_phone"],
                    "same_address": flags["address_bits"] >= 3,
                    "like_address": (flags["address_bits"] > 1) & (flags["address_bits"] < 3),
                    "same_employer": work > 0,
                    "same_city": city > 1,
                }
            ),
        ],
        how="horizontal",
    )


def _given_fits(a: pl.DataFrame, b: pl.DataFrame, *, swapped: bool = False) -> Numbers:
    """Whether given names are one name: equal, a pet name, exchanged letters, or one letter of a longer name."""
    x = a["given"].fill_null("").to_list()
    y = b["surname" if swapped else "given"].fill_null("").to_list()
    return np.array([_one_given(p, q) for p, q in zip(x, y, strict=True)], dtype=bool)


def _one_given(one: str, other: str) -> bool:
    if not one or not other or one == other or _nicknames(one) & _nicknames(other):
        return True
    short = min(len(one), len(other))
    if short >= 4 and sorted(one) == sorted(other):
        return True
    return short >= 5 and Levenshtein.distance(one, other) <= 1


def _name_bits(parties: pl.DataFrame, g1: pl.Series, s1: pl.Series, g2: pl.Series, s2: pl.Series) -> Numbers:
    return _one_name(parties, s1, s2, low=4.0) + _one_name(parties, g1, g2, low=2.5)


def _one_name(parties: pl.DataFrame, one: pl.Series, two: pl.Series, *, low: float) -> Numbers:
    """Rare names that agree say more than common ones; what one lacks says nothing."""
    x, y = one.fill_null("").to_list(), two.fill_null("").to_list()
    known = np.array([bool(p) and bool(q) for p, q in zip(x, y, strict=True)])
    alike = cpdist(x, y, scorer=JaroWinkler.similarity, workers=2)
    distance = cpdist(x, y, scorer=Levenshtein.distance, workers=2)
    pool = pl.concat([parties["given"], parties["surname"]]).drop_nulls()
    counts = dict(pool.value_counts().iter_rows())
    total = max(len(pool), 1)
    rarity = np.array([np.clip(math.log2(total / counts.get(p, 1)), low, 10.0) for p in x])
    initial = np.array([min(len(p), len(q)) == 1 and p[:1] == q[:1] for p, q in zip(x, y, strict=True)])
    nick = np.array([_nicknames(p) & _nicknames(q) != frozenset() for p, q in zip(x, y, strict=True)])
    bits = np.select(
        [
            (alike >= 0.999) | nick,
            initial,
            (alike >= 0.92) | ((distance <= 1) & (alike > 0.75)),
            alike >= 0.85,
            alike >= 0.7,
        ],
        [rarity, 0.5, rarity * 0.7, rarity * 0.4, -2.0],
        -6.0,
    )
    return np.where(known, bits, 0.0)


def _birthday_bits(one: pl.Series, two: pl.Series) -> Numbers:
    found = np.zeros(len(one))
    for at, (x, y) in enumerate(zip(one.to_list(), two.to_list(), strict=True)):
        if not x or not y:
            continue
        if x == y:
            found[at] = 11.0
        elif len(x) == len(y) and Levenshtein.distance(x, y) <= 1:
            found[at] = 6.0
        elif sorted(x) == sorted(y) or Indel.distance(x, y) <= 2:
            found[at] = 5.0
        elif x[:7] == y[:7] or x[4:] == y[4:]:
            found[at] = 3.0
        elif x[:4] == y[:4]:
            found[at] = 0.5
        else:
            found[at] = -3.0
    return found


def _mail_bits(one: pl.Series, two: pl.Series) -> Numbers:
    x, y = one.fill_null("").to_list(), two.fill_null("").to_list()
    known = np.array([bool(p) and bool(q) for p, q in zip(x, y, strict=True)])
    ratio = cpdist(x, y, scorer=fuzz.ratio, workers=2)
    box = np.array(
        [p.split("@")[0] == q.split("@")[0] and len(p.split("@")[0]) > 3 for p, q in zip(x, y, strict=True)]
    )
    bits = np.select([ratio >= 99.9, (ratio >= 85) | box, ratio >= 75], [12.0, 7.0, 3.0], -1.5)
    office = np.array([p.split("@")[0] in _OFFICES for p in x])
    return np.where(known, np.where(office, np.minimum(bits, 1.5), bits), 0.0)


def _code_bits(one: pl.Series, two: pl.Series) -> Numbers:
    x, y = one.fill_null("").to_list(), two.fill_null("").to_list()
    known = np.array([bool(p) and bool(q) for p, q in zip(x, y, strict=True)])
    distance = cpdist(x, y, scorer=Levenshtein.distance, workers=2)
    swapped = np.array([sorted(p) == sorted(q) for p, q in zip(x, y, strict=True)])
    bits = np.select([distance == 0, (distance == 1) | (swapped & (distance <= 2))], [14.0, 7.0], -4.0)
    return np.where(known, bits, 0.0)


def _text_bits(parties: pl.DataFrame, a: pl.DataFrame, b: pl.DataFrame, name: str, *, cap: float) -> Numbers:
    x, y = a[name].fill_null("").to_list(), b[name].fill_null("").to_list()
    known = np.array([bool(p) and bool(q) for p, q in zip(x, y, strict=True)])
    alike = cpdist(x, y, scorer=fuzz.ratio, workers=2)
    counts = dict(parties[name].drop_nulls().value_counts().iter_rows())
    total = max(sum(counts.values()), 1)
    rarity = np.array([np.clip(math.log2(total / counts.get(p, 1)), 1.0, cap) for p in x])
    bits = np.select([alike >= 99.9, alike >= 80], [rarity, rarity * 0.7], -1.0)
    return np.where(known, bits, 0.0)
