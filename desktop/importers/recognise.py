"""Which entity a table holds, and which system it came from."""

from __future__ import annotations

import math
import re
import unicodedata
from pathlib import PurePosixPath

from desktop.importers.candidates import Column
from desktop.importers.directories import DIRECTORY, is_directory_of_firms
from desktop.importers.evidence import (
    HEADS,
    anchored,
    demote_referred,
    evidence_for,
    mentioned,
    tells_of_people,
    weigh_kinship,
    without_parts,
)
from desktop.importers.fields import ENTITIES
from desktop.importers.tables import ACCEPT, SourceTable
from desktop.importers.vocabulary import entity_words, normal

_NAME_WEIGHT = 3.0
_NEUTRAL = {
    "export", "exported", "import", "data", "list", "table", "all", "new", "old", "full", "report", "sheet", "crm", "csv", "xlsx", "final", "copy",
    "sample", "test", "demo", "the", "my", "template", "master", "for", "insert", "salesforce", "hubspot", "zoho", "extract", "file", "backup", "of",
    "导出", "数据", "表", "汇总", "总表", "明细", "台账", "模板", "导入", "最新", "悟空crm", "悟空", "副本", "工作簿", "版",
}  # fmt: skip
_NO_NAME = re.compile(r"(?:sheet|工作表|table|tabelle|feuil|hoja|page)\s*\d*", re.IGNORECASE)
_FOREIGN = {
    "campaignmember", "accountcontactrelation", "accountcontactrole", "opportunitycontactrole",
    "opportunitylineitem", "accountteammember", "opportunityteammember", "casecomment", "attachment", "recordtype", "pricebookentry", "pricebook2",
    "caseteammember", "accounthistory", "contacthistory", "leadhistory", "casehistory", "contractcontactrole", "campaignmemberstatus", "userrole",
    "businessentitycontact", "contacttype", "productcategory", "productsubcategory", "personaddress",
}  # fmt: skip

_KIN = {"account": ("contact",), "contact": ("account",), **{part: (head,) for part, head in HEADS.items()}}
_SERIAL = frozenset({"序号", "编号", "no", "#", "行号", "index"})
_HOUSEKEEPING = frozenset({"external_id", "owner", "created_at", "created_by", "updated_at"})
"""What every table of every system has."""
_STRONG = 1.25
_PLAINLY, _NOT_CALLED = 2.0, 0.6
"""A hint as strong as a file or sheet that is called after the entity; what remains of the rivals then."""
_CLEAR, _SOME, _NEARLY_ALL, _SMALL_LIST = 0.2, 0.5, 0.75, 0.82


def named_entity(text: str) -> tuple[str | None, float]:
    """Return the entity that a file's or sheet's name speaks of, and how plainly (0 to 1)."""
    stem = unicodedata.normalize("NFKC", text)
    stem = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
    if _NO_NAME.fullmatch(stem.strip()):
        return None, 0.0
    latin = [w for w in re.split(r"[^A-Za-z]+", stem.casefold()) if len(w) > 1 and w not in _NEUTRAL]
    best: tuple[int, int, str] | None = None
    chinese = re.sub(r"[^\u3400-\u9fff]+", " ", stem)
    for entity, words in entity_words().items():
        for word in words:
            if word.isascii():
                continue
            at = chinese.replace(" ", "").rfind(word)
            if at >= 0:
                key = (at + len(word), len(word), entity)
                best = max(best, key) if best else key
    if best:
        return best[2], 1.0
    joined = "".join(latin)
    for entity, words in entity_words().items():
        if joined and (joined in words or joined.rstrip("s") in words):
            return entity, 1.0
    if len(latin) > 1 and joined not in _FOREIGN:
        for word, plainly in (
            ("".join(latin[-2:]), 0.7),
            (latin[-1], 0.7),
            ("".join(latin[:2]), 0.5),
            (latin[0], 0.5),
        ):
            for entity, words in entity_words().items():
                if word in words:
                    return entity, plainly
    return None, 0.0


def recognise(table: SourceTable, columns: list[Column]) -> tuple[str | None, float]:
    """Return the main entity and how sure that is; below `ACCEPT` the caller treats it as unknown."""
    if is_foreign(table):
        return None, 0.0
    heads = {normal(header) for header in table.headers if header}
    stem = PurePosixPath(table.file).stem
    hints = _hints(table, stem)
    if tells_of_people(columns):
        hints.pop("account", None)
    telling = {entity: _telling(entity, columns) for entity in ENTITIES}
    enough = max(3.0, 0.6 * max(telling.values()))
    called = {entity for entity, hint in hints.items() if hint >= _PLAINLY and telling[entity] >= enough}
    columns = without_parts(columns, called)
    scores = {
        entity: evidence_for(entity, columns) + mentioned(entity, columns) + hints.get(entity, 0.0)
        for entity in ENTITIES
        if entity in called or anchored(entity, columns)
    }
    weigh_kinship(scores, hints, columns, heads)
    if len(called) == 1:
        scores = {
            entity: score * (1.0 if entity in called else _NOT_CALLED) for entity, score in scores.items()
        }
    scores = {entity: score for entity, score in scores.items() if score > 0}
    if not scores:
        return None, 0.0
    for part, head in HEADS.items():
        if part in scores and head in scores:
            scores[part] += scores.pop(head)
    if "product" in scores and scores.keys() & {"order_line", "quote_line"}:
        scores["product"] *= 0.4
    demote_referred(scores, columns)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    entity, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    strength = 1 - math.exp(-score / _STRONG)
    margin = (score - second) / score
    confidence = strength * (0.7 + 0.3 * min(1.0, margin * 4))
    if _is_small_list(entity, columns, strength, margin) or (entity in called and margin >= _CLEAR):
        confidence = max(confidence, _SMALL_LIST)
    if confidence < ACCEPT and not hints.keys() - {"account"} and is_directory_of_firms(columns):
        return "account", max(DIRECTORY, round(confidence, 3) if entity == "account" else 0.0)
    return entity, round(min(0.99, confidence), 3)


def _telling(entity: str, columns: list[Column]) -> int:
    """Count the fields of the entity that the headers name, beside what every table has."""
    found = {
        item.field.split(".", 1)[1]
        for column in columns
        if (item := column.best(entity)) and item.confidence >= ACCEPT
    }
    return len(found - _HOUSEKEEPING)


def _is_small_list(entity: str, columns: list[Column], strength: float, margin: float) -> bool:
    """Whether a list says little, but (nearly) all of it of one entity: 客户名称, 联系人, 电话, 地址."""
    kin = (entity, *_KIN.get(entity, ()))
    named = [column for column in columns if column.header and normal(column.header) not in _SERIAL]
    known = []
    for column in named:
        item = next((i for i in column.candidates if i.entity in kin and i.confidence >= ACCEPT), None)
        if item:
            known.append(item.field.split(".", 1)[1])
    telling = [name for name in known if name not in _HOUSEKEEPING]
    share = len(known) / max(1, len(named))
    if len(telling) >= 2 and margin >= _CLEAR and strength >= _SOME and share >= _NEARLY_ALL:
        return True
    if len(telling) >= 5 and margin >= 3 * _CLEAR and strength >= 1.2 * _SOME:
        return True
    return len(telling) >= 5 and margin >= 2 * _CLEAR and strength >= 0.8 * _SOME and share >= 0.6


def is_foreign(table: SourceTable) -> bool:
    """Whether the table holds what none of our entities is, such as Salesforce's CampaignMember."""
    stem = PurePosixPath(table.file).stem
    heads = {normal(header) for header in table.headers if header}
    if normal(re.sub(r"[\d\-. ]+$", "", stem)) in _FOREIGN:
        return True
    return {"leadid", "contactid"} <= heads and bool({"campaignid", "campaign"} & heads)


def _hints(table: SourceTable, stem: str) -> dict[str, float]:
    hints: dict[str, float] = {}
    for text, weight in ((stem, 0.8), (table.sheet or "", 1.0), (table.title[:60], 0.5)):
        entity, plainly = named_entity(text)
        if entity:
            hints[entity] = max(hints.get(entity, 0.0), weight * plainly * _NAME_WEIGHT)
    return hints


__all__ = ["is_foreign", "named_entity", "recognise"]
