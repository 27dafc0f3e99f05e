"""What a header alone can mean: from its exact words down to one slip of the pen, surest first."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from desktop.importers.fields import field
from desktop.importers.vocabulary import (
    all_words,
    entity_named,
    entity_words,
    fields_called,
    normal,
    without_parentheses,
    words_by_field,
)
from desktop.importers.wording import wording

LABEL, SYNONYM = 1.0, 0.95
_LEAF, _PREFIXED, _QUALIFIED, _REWORDED, _REWORDED_OWN, _CODED = 0.93, 0.92, 0.94, 0.9, 0.86, 0.83
_SPELLING_SURE, _SPELLING_MAYBE = 0.82, 0.6
_GUARDED = re.compile(r"\(do not modify\)\s*(\S.*)", re.IGNORECASE)
"""Dynamics exports its record id under the entity's own name, guarded."""

_RELATED = re.compile(r"(?:相关|关联|所属|对应|所在|related |associated )(?=\S)", re.IGNORECASE)
_FIRST_OF_SEVERAL = re.compile(
    r"(?<=\D)\s*1\s*(?:[-–]\s*value)?\s*$|\s+1\s*[-–]\s*(?=[A-Za-z])|\s+1:\s*", re.I
)
_PARTS = re.compile(
    r"\s+[-–—>|]+\s+|\s*[:：/／→>]\s*|(?<=[\u3400-\u9fff])[-–—_.．](?=[\u3400-\u9fff])|(?<=[A-Za-z])\.(?=[A-Za-z])"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_BEFORE = re.compile(r"\s*[A-Za-z]+[\u3400-\u9fff]")
_LATIN_RUN = re.compile(r"[A-Za-z][A-Za-z0-9 _.'/#&%()-]*")

_IDENTIFYING = (
    ".name",
    "_name",
    "external_id",
    ".number",
    "_number",
    ".code",
    "_code",
    "_id",
    ".login",
    ".company",
)
"""What a code or a name may be itself, so that "order id" is not the order's anything else."""

_OWN: dict[str, tuple[str, ...]] = {
    "account": ("account", "billing", "registered", "business", "客户", "公司"),
    "contact": ("contact", "mailing", "work", "business", "联系人"),
    "lead": ("lead", "account", "contact", "work", "business", "线索", "客户", "公司", "联系人"),
    "opportunity": ("opportunity", "sales", "商机", "机会", "项目", "销售"),
    "activity": ("activity", "活动", "跟进", "记录", "任务", "日程"),
    "contract": ("contract", "合同", "协议"),
    "payment": ("payment", "回款"),
    "payment_plan": ("payment", "回款", "应收"),
    "invoice": ("invoice", "发票", "开票"),
    "order": ("order", "sales", "订单"),
    "order_line": ("product", "line", "产品", "商品", "行", "明细"),
    "product": ("product", "产品", "商品"),
    "quote": ("quote", "报价"),
    "quote_line": ("product", "line", "产品", "商品", "行", "明细"),
    "milestone": ("milestone", "里程碑", "节点"),
    "campaign": ("campaign", "活动"),
    "ticket": ("ticket", "case", "工单", "服务", "售后", "问题"),
    "user": ("user", "employee", "员工", "用户"),
    "org_unit": ("department", "team", "部门", "组织"),
    "target": ("target", "目标", "指标"),
    "call_record": ("call", "通话", "呼叫"),
    "checkin": ("checkin", "签到", "打卡"),
}
"""The words that a system puts before or after the names of an entity's own fields."""


@dataclass(frozen=True)
class Candidate:
    """One field that a column may mean; `parent` if the group above the column names its entity."""

    field: str
    confidence: float
    reason: str
    parent: bool = False

    @property
    def entity(self) -> str:
        """The field's entity."""
        return self.field.split(".", 1)[0]


def called(header: str, grouped: bool) -> list[Candidate]:
    """Return what a header names; of every entity only what the surest way of reading it gives."""
    if guarded := _GUARDED.match(header):
        entity = entity_named(guarded[1])
        if entity:
            return [Candidate(f"{entity}.external_id", SYNONYM, "synonym")]
        header = guarded[1]
    header = _FIRST_OF_SEVERAL.sub(" ", header).strip() or header
    found = _exactly(header, 1.0)
    if grouped:
        found += _grouped(header)
    known = {item.entity for item in found}
    for reading in (_related, _bilingual, _parted, _prefixed, _reworded, _reworded_own, _coded, _misspelled):
        more = [item for item in reading(header) if item.entity not in known]
        known |= {item.entity for item in more}
        found += more
    return found


def _grouped(header: str) -> list[Candidate]:
    """Return what a column of a two-row head means: 联系人/手机."""
    parts = header.split("/")
    if len(parts) < 2:
        return []
    leaf, parent = parts[-1], "/".join(parts[:-1])
    owner = entity_named(parent)
    found = _exactly("".join(parts), 1.0)
    for candidate in _exactly(leaf, _LEAF) or _reworded(leaf):
        known = owner is not None and candidate.entity == owner
        weight = 1.0 if known or owner is None else 0.8
        found.append(Candidate(candidate.field, candidate.confidence * weight, candidate.reason, known))
    if owner:
        found += _of_entity(normal(leaf), owner, LABEL * 0.97, parent=True)
    return found


def _exactly(header: str, weight: float) -> list[Candidate]:
    found = []
    for word, factor in ((normal(header), 1.0), (without_parentheses(header), 0.96)):
        for name, reason in fields_called(word).items():
            found.append(Candidate(name, (LABEL if reason == "label" else SYNONYM) * factor * weight, reason))
        if found:
            break
    return found


def _of_entity(word: str, entity: str, confidence: float, *, parent: bool = False) -> list[Candidate]:
    return [
        Candidate(name, confidence if reason == "label" else confidence * 0.97, reason, parent)
        for name, reason in fields_called(word).items()
        if name.startswith(f"{entity}.")
    ]


def _related(header: str) -> list[Candidate]:
    return _exactly(_RELATED.sub("", header), 0.98) if _RELATED.match(header) else []


def _bilingual(header: str) -> list[Candidate]:
    """Return what both halves, or the one half that speaks, of 客户名称 Customer Name mean."""
    if not _HAN.search(header):
        return []
    latin = " ".join(part.strip(" /-_()") for part in _LATIN_RUN.findall(header))
    han = "".join(_HAN.findall(header))
    if len(latin) < 3:
        return []
    first, second = _exactly(han, 0.98) or _reworded(han), _exactly(latin, 0.95)
    agreed = {item.field for item in first} & {item.field for item in second}
    if not second and len(han) < 3 and _LATIN_BEFORE.match(header):
        # SIC代码 is no 代码 of ours.
        return []
    return [item for item in first if item.field in agreed] or first or second


def _parted(header: str) -> list[Candidate]:
    """Return what "Deal - Title", 客户-名称 or Account.Name mean: an entity and its field."""
    parts = [part for part in _PARTS.split(header) if part.strip()]
    found: list[Candidate] = []
    for at in range(1, len(parts)):
        owner = entity_named(parts[0]) or entity_named(" ".join(parts[:at]))
        leaf = " ".join(parts[at:])
        if owner is None:
            continue
        found = _of_entity(normal(leaf), owner, _QUALIFIED)
        found = found or [item for item in (*_reworded(leaf), *_reworded_own(leaf)) if item.entity == owner]
        if found:
            return found
    return found


@cache
def _prefixes() -> tuple[tuple[str, str], ...]:
    pairs = [
        (word, entity)
        for entity, words in entity_words().items()
        for word in words
        if len(word) > 1
        and not any(
            name.startswith(f"{entity}.") and not name.endswith("name") for name in fields_called(word)
        )
    ]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _prefixed(header: str) -> list[Candidate]:
    """Return fields named with their entity before them: 联系人生日, Contact Birthday."""
    word = normal(header)
    found: list[Candidate] = []
    for prefix, entity in _prefixes():
        if word.startswith(prefix) and len(word) > len(prefix):
            found += _of_entity(word[len(prefix) :].removeprefix("的"), entity, _PREFIXED)
            if found:
                break
    return found


@cache
def _by_wording() -> dict[str, dict[str, str]]:
    """Return wording → {field: reason}; where an entity has several, the one that most words speak for."""
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for text, name in all_words():
        votes[wording(text), name.split(".", 1)[0]][name] += 1
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for (key, _), names in votes.items():
        (best, most), *rest = names.most_common(2)
        if key and (not rest or most >= 1.5 * rest[0][1]):
            found[key][best] = "synonym"
    return dict(found)


def _reworded(header: str) -> list[Candidate]:
    return [
        Candidate(name, _REWORDED, reason) for name, reason in _by_wording().get(wording(header), {}).items()
    ]


def _reworded_own(header: str) -> list[Candidate]:
    """Return fields whose wording is the header's without the words of their own entity."""
    return _reworded_own_of(wording(header))


def _reworded_own_of(said: str) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for entity, words in _OWN.items():
        for rest in _without(said, words):
            for name in _by_wording().get(rest, {}):
                if name.startswith(f"{entity}."):
                    found.setdefault(name, Candidate(name, _REWORDED_OWN, "synonym"))
    return list(found.values())


def _coded(header: str) -> list[Candidate]:
    """Return what the name or code of something stands for: pipeline_id, Type Name, 行业编码."""
    said = wording(header)
    if said.isascii():
        rest = " ".join(word for word in said.split() if word not in ("id", "name", "code"))
    else:
        rest = said.removesuffix("编号")
    if not rest or rest == said:
        return []
    found = [*_by_wording().get(rest, {}), *(item.field for item in _reworded_own_of(rest))]
    return [
        Candidate(name, _CODED, "synonym")
        for name in dict.fromkeys(found)
        if field(name).type in ("ref", "text", "enum") and not name.endswith(_IDENTIFYING)
    ]


def _without(said: str, words: Iterable[str]) -> list[str]:
    """Return a wording with each own word taken from its beginning or end."""
    if said.isascii():
        rest = " ".join(word for word in said.split() if word not in words)
        return [rest] if rest and rest != said else []
    return [
        rest
        for word in words
        for rest in (said.removeprefix(word), said.removesuffix(word))
        if len(rest) > 1 and rest != said
    ]


def _misspelled(header: str) -> list[Candidate]:
    return list(_spelled(normal(header)))


@cache
def _spelled(word: str) -> tuple[Candidate, ...]:
    """Return the fields whose words are spelled almost so; sure only for one slip in a long word."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA

    if len(word) < 4 or word.isdigit():
        return ()
    latin = word.isascii()
    found: dict[str, Candidate] = {}
    for name, words in words_by_field().items():
        for known in words:
            if (
                abs(len(known) - len(word)) > 2
                or known.isascii() != latin
                or known[-1].isdigit() != word[-1].isdigit()
            ):
                continue
            slips = OSA.distance(word, known, score_cutoff=2)
            longest = max(len(word), len(known))
            if (latin and slips == 1 and longest >= 9 and word[0] == known[0]) or (
                not latin and slips == 1 and longest >= 6
            ):
                confidence = _SPELLING_SURE
            elif fuzz.ratio(word, known) >= 80:
                confidence = _SPELLING_MAYBE
            else:
                continue
            if name not in found or found[name].confidence < confidence:
                found[name] = Candidate(name, confidence, "spelling")
    return tuple(found.values())
