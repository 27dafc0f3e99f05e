"""The words by which fields and entities are called, in both languages and in other systems' exports.

Labels come from fields.csv and synonyms from resources/synonyms.csv; both are compared in a
normal form that forgives width, case, spaces, underscores, required-marks and units.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from functools import cache

from desktop.importers.fields import FIELDS, entity_label
from desktop.resources import resource

_TRADITIONAL = str.maketrans(
    "戶稱聯絡電話機郵號編職務單類別業級狀態來貨產價額數總備註創時間預計實際銷售員負責訂購訊傳網區縣國發開標題內階關鍵處結場動項條據覽樓鄉歲應該",
    "户称联络电话机邮号编职务单类别业级状态来货产价额数总备注创时间预计实际销售员负责订购讯传网区县国发开标题内阶关键处结场动项条据览楼乡岁应该",
)
_UNIT = (
    r"万元|亿元|千元|百万元|百万|元|人民币|rmb|cny|usd|美元|eur|万|亿|分钟|min|mins|minutes|小时|hours|秒|s|sec|seconds|人|个|台|件|"
    r"%|％|百分比|天|日|月|年|必填|必填项|选填|非必填|required|optional|单选|多选|文本|yyyy-mm-dd|yyyy/mm/dd|yyyymmdd|含税|不含税|¥|￥|\$|数字|日期|"
    r"元/月|元/年|万元/年|k|w|rmb万元|人民币元|人民币万元|单位:?(?:元|万元|亿元)"
)
_PARENTHESES = re.compile(r"[(\[{【〔（<《]([^()\[\]{}【】〔〕（）<>《》]*)[)\]}】〕）>》]")
_UNIT_ONLY = re.compile(rf"(?:{_UNIT})(?:[,，/、;；:：\s]+(?:{_UNIT}))*", re.IGNORECASE)
_UNIT_TAIL = re.compile(r"[/／_\-:：](?:万元|亿元|千元|元|%|分钟|秒)$")
_CUSTOM = re.compile(r"__(?:c|r|pc)$", re.IGNORECASE)
_DROP = re.compile(r"[^\w\u3400-\u9fff%]+|_", re.UNICODE)


def normal(text: str) -> str:
    """Return a header or word in its normal form; empty if nothing speaks in it."""
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    text = _CUSTOM.sub("", text).translate(_TRADITIONAL)
    text = _PARENTHESES.sub(_keep_meaning, text)
    text = _UNIT_TAIL.sub("", text)
    return _DROP.sub("", text)


def _keep_meaning(match: re.Match[str]) -> str:
    inner = match[1].strip()
    if not inner or _UNIT_ONLY.fullmatch(inner):
        return ""
    return f" {inner} "


def without_parentheses(text: str) -> str:
    """Return the normal form of what stands outside any parentheses."""
    return normal(_PARENTHESES.sub("", unicodedata.normalize("NFKC", text)))


@cache
def _table() -> tuple[dict[str, dict[str, str]], dict[str, tuple[str, ...]]]:
    """Return word → {field: "label" or "synonym"}, and entity → words that name it."""
    words: dict[str, dict[str, str]] = defaultdict(dict)
    entities: dict[str, list[str]] = defaultdict(list)
    for item in FIELDS:
        for label in (item.label_en, item.label_zh):
            for variant in {normal(label), without_parentheses(label), *_slashed(label)}:
                if variant:
                    words[variant][item.full_name] = "label"
    with resource("synonyms.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            name = row["field"]
            for word in row["words"].split("|"):
                key = normal(word)
                if not key:
                    continue
                if name.startswith("entity."):
                    entities[name.removeprefix("entity.")].append(key)
                else:
                    words[key].setdefault(name, "synonym")
    for entity in list(entities):
        entities[entity].append(normal(entity_label(entity)))
    return dict(words), {entity: tuple(dict.fromkeys(names)) for entity, names in entities.items()}


def _slashed(label: str) -> set[str]:
    """Return the sides of a label such as "Address / street"."""
    parts = [without_parentheses(part) for part in label.split(" / ")]
    return set(parts) if len(parts) > 1 else set()


def fields_called(word: str) -> dict[str, str]:
    """Return the fields that a normal form names, each with "label" or "synonym"."""
    return _table()[0].get(word, {})


def words_by_field() -> dict[str, tuple[str, ...]]:
    """Return every field's words, for comparing spellings."""
    return _words_by_field()


@cache
def _words_by_field() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word, names in _table()[0].items():
        for name in names:
            found[name].append(word)
    return {name: tuple(words) for name, words in found.items()}


@cache
def all_words() -> tuple[tuple[str, str], ...]:
    """Return every (text as written, field): labels in both languages, and synonyms."""
    found = [(label, item.full_name) for item in FIELDS for label in (item.label_en, item.label_zh)]
    with resource("synonyms.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if not row["field"].startswith("entity."):
                found += [(word, row["field"]) for word in row["words"].split("|")]
    return tuple(found)


def entity_words() -> dict[str, tuple[str, ...]]:
    """Return the words that name each entity: in a file name, a sheet name or over a group of columns."""
    return _table()[1]


@cache
def header_words() -> frozenset[str]:
    """Return every known header word, in normal form."""
    return frozenset(_table()[0])


def entity_named(text: str) -> str | None:
    """Return the entity that a group head or a prefix names: 联系人信息 is contact."""
    word = re.sub(r"(?:基本)?(?:信息|资料|情况|明细|info|information|details)$", "", normal(text))
    for entity, words in entity_words().items():
        if word in words or word.rstrip("s") in words:
            return entity
    return None
