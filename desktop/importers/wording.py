"""One form for the many ways of saying one thing in a header: 录入日期 and 创建时间, "Date Added" and "created_at".

Where `vocabulary.normal` only forgives spelling (width, case, spaces), this forgives wording, by the
groups of resources/wordings.csv. What it makes equal is likely, not certain, so a match here is worth
less than one of the vocabulary itself.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache

from desktop.resources import resource

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=\d)")
_WORD = re.compile(r"[a-z]+|\d+|%")
_CUSTOM = re.compile(r"__(?:c|r|pc)$", re.IGNORECASE)
_NAME_AT_END = re.compile(
    r"(?<=.)(?:名称|名)$|(?<=联系人)姓名$|(?<=负责人)(?:姓名|账号|帐号|工号|登录名|用户)$"
)
_PLACE = frozenset({"city", "state", "zip", "country", "region", "street", "district"})
_CHINESE_NOISE = re.compile(r"[^\u3400-\u9fffa-z0-9]+")
_CHINESE_PERSON = "\ue000"
"""Stands for 联系人, so that no group about contacting (联系) can touch it."""


@cache
def _groups() -> tuple[re.Pattern[str], dict[str, str], tuple[tuple[str, str], ...], dict[str, str], frozenset[str], re.Pattern[str]]:  # fmt: skip
    chinese: dict[str, str] = {}
    phrases: list[tuple[str, str]] = []
    tokens: dict[str, str] = {}
    drop: set[str] = set()
    chinese_drop: list[str] = []
    with resource("wordings.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            words = [word for word in row["words"].split("|") if word]
            match row["kind"]:
                case "zh":
                    chinese.update({word.casefold(): row["key"] for word in words})
                case "en_phrase":
                    phrases += [(word, row["key"]) for word in words]
                case "en_token":
                    tokens.update(dict.fromkeys(words, row["key"]))
                case "en_drop":
                    drop.update(words)
                case _:
                    chinese_drop += words
    longest = sorted(chinese, key=len, reverse=True)
    return (
        re.compile("|".join(map(re.escape, longest))),
        chinese,
        tuple(sorted(phrases, key=lambda pair: -len(pair[0]))),
        tokens,
        frozenset(drop),
        re.compile(rf"^(?:{'|'.join(map(re.escape, sorted(chinese_drop, key=len, reverse=True)))})(?=.)"),
    )


@cache
def _phrase_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    pairs = dict(reversed(_groups()[2]))
    longest = sorted(pairs, key=len, reverse=True)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest))})(?![a-z0-9])"), pairs


def words_of(text: str) -> list[str]:
    """Return the Latin words of a header in lower case, split at spaces, marks, camelCase and digits."""
    text = _CUSTOM.sub("", unicodedata.normalize("NFKC", text).strip())
    return _WORD.findall(_CAMEL.sub(" ", text).casefold())


@cache
def wording(text: str) -> str:
    """Return the one form of all wordings of a header; empty if it says nothing."""
    text = unicodedata.normalize("NFKC", text).strip()
    return _chinese(text) if _CHINESE.search(text) else _latin(text)


def _chinese(text: str) -> str:
    pattern, groups, _, _, _, drop = _groups()
    text = _CHINESE_NOISE.sub("", _CUSTOM.sub("", text).casefold())
    text = text.replace("联系人", _CHINESE_PERSON).replace("联络人", _CHINESE_PERSON)
    text = drop.sub("", text)
    text = pattern.sub(lambda match: groups[match[0]], text)
    text = re.sub(r"(?<=[^金])额$", "金额", text)
    text = re.sub(r"(?:跟进|联系|沟通|拜访|回访|联络|洽谈|接触|走访)(?!人)", "跟进", text)
    text = re.sub(r"(?<!联系)(?<=.)人员$", "人", text)
    text = re.sub(r"(.)日$", r"\1时间", text)
    return _NAME_AT_END.sub("", text.replace(_CHINESE_PERSON, "联系人"))


def _latin(text: str) -> str:
    _, _, _, tokens, drop, _ = _groups()
    pattern, phrases = _phrase_pattern()
    joined = pattern.sub(lambda match: f" {phrases[match[0]]} ", " ".join(words_of(text)))
    found = [tokens.get(word, word) for word in joined.split()]
    kept = [word for word in found if word not in drop] or found
    if _PLACE.intersection(kept):
        kept = [word for word in kept if word != "address"]
    return " ".join(sorted(set(kept)))
