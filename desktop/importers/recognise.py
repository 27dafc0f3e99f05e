"""Which entity a table holds, and which system it came from."""

from __future__ import annotations

import math
import re
import unicodedata
from pathlib import PurePosixPath

from desktop.importers.candidates import Column
from desktop.importers.fields import ENTITIES, field, fields_of
from desktop.importers.tables import ACCEPT, SourceTable
from desktop.importers.vocabulary import entity_words, fields_called, normal

ANCHORS: dict[str, tuple[tuple[str, ...], ...]] = {
    "user": (("name", "login"), ("login", "manager", "org_unit", "hired_on", "left_on", "status")),
    "org_unit": (("name",),),
    "account": (("name",),),
    "contact": (("name", "last_name"),),
    "lead": (("name", "company", "last_name"),),
    "opportunity": (
        ("name", "external_id"),
        ("name", "stage"),
        ("name", "account_name", "account_external_id"),
    ),
    "activity": (("content", "subject", "occurred_at"), ("type", "occurred_at", "content", "subject")),
    "product": (("name", "code"),),
    "quote": (("number",),),
    "contract": (("number", "name"),),
    "invoice": (("number", "issued_on"), ("amount",)),
    "payment": (("amount",), ("received_on", "number", "contract_number")),
    "payment_plan": (("amount",), ("due_on",)),
    "target": (("owner",), ("value",)),
    "ticket": (("subject", "content", "type"), ("external_id", "opened_at")),
    "touchpoint": (("occurred_at",), ("channel", "event")),
    "call_record": (("started_at",), ("caller", "callee")),
    "checkin": (("checked_in_at",), ("owner", "account_name")),
    "calendar_event": (("name",), ("starts_on",)),
    "order": (("number",),),
    "order_line": (("product", "product_code"), ("order_number",)),
    "campaign": (("name",),),
    "stage_change": (("stage",), ("changed_at",), ("opportunity_external_id", "opportunity_name")),
}
"""Of each group at least one field must be there, or the table is not of this entity."""

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
_SOURCES: tuple[tuple[str, int, frozenset[str]], ...] = (
    ("salesforce", 3, frozenset({"id", "ownerid", "createdbyid", "systemmodstamp", "lastmodifiedbyid", "isdeleted", "createddate", "lastmodifieddate", "stagename", "accountid", "billingstreet", "mailingstreet", "annualrevenue", "numberofemployees", "closedate"})),
    ("hubspot", 2, frozenset({"companyowner", "contactowner", "dealowner", "lifecyclestage", "hubspotteam", "createdate", "associatedcompany", "companydomainname", "associatedcompanyids", "dealstage", "closedatehubspot"})),
    ("zoho", 2, frozenset({"accountownerid", "contactownerid", "dealownerid", "leadownerid", "modifiedtime", "createdtime", "accountowner", "closingdate", "tag", "layout"})),
    ("dynamics", 1, frozenset({"donotmodifyaccount", "donotmodifyrowchecksum", "donotmodifycontact", "donotmodifymodifiedon", "donotmodifyopportunity", "donotmodifylead"})),
    ("pipedrive", 2, frozenset({"dealtitle", "dealvalue", "dealorganization", "dealstage", "personname", "organizationname", "dealexpectedclosedate", "dealowner", "personemail", "personphone", "organizationaddress"})),
    ("suitecrm", 2, frozenset({"assignedusername", "assigneduserid", "dateentered", "datemodified", "phoneoffice", "salesstage", "dateclosed", "primaryaddressstreet", "phonework", "billingaddressstreet"})),
    ("krayin", 2, frozenset({"leadpipelineid", "leadpipelinestageid", "leadsourceid", "contactnumbers", "personid"})),
    ("odoo", 2, frozenset({"partnerid", "stageid", "userid", "expectedrevenue", "teamid", "externalid", "datedeadline"})),
)  # fmt: skip
_LEAD_WORD = re.compile(r"线索|潜在客户|^lead(?!source|id$)|converted")
_ROLE_NOUNS = frozenset(
    {"联系人", "主要联系人", "首要联系人", "客户联系人", "对接人", "联络人", "经办人", "关键联系人", "primarycontact", "contact", "contactperson", "contactname"}
)  # fmt: skip
_WUKONG_TITLE = re.compile(r"导入模板\(\*\)为必填项|悟空|wukong", re.IGNORECASE)


_KIN = {"account": ("contact",), "contact": ("account",), "order_line": ("order",)}
_SERIAL = frozenset({"序号", "编号", "no", "#", "行号", "index"})
_HOUSEKEEPING = frozenset({"external_id", "owner", "created_at", "created_by", "updated_at"})
"""What every table of every system has."""
_CLEAR, _SOME, _NEARLY_ALL, _SMALL_LIST = 0.2, 0.45, 0.75, 0.82


def source_system(table: SourceTable) -> str:
    """Return the system whose export this is ("salesforce", "wukong" ...), or an empty string."""
    if _WUKONG_TITLE.search(f"{table.title} {table.file}"):
        return "wukong"
    heads = {normal(header) for header in table.headers if header}
    best, share = "", 0.0
    unspaced = {normal(header) for header in table.headers if header and " " not in header.strip()}
    for name, least, words in _SOURCES:
        # Salesforce's own names are written in one word; its labels are everybody's.
        hits = len((unspaced if name == "salesforce" else heads) & words)
        if hits >= least and hits / least > share:
            best, share = name, hits / least
    return best


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
        for entity, words in entity_words().items():
            if latin[0] in words or latin[-1] in words or "".join(latin[:2]) in words:
                return entity, 0.4
    return None, 0.0


def recognise(table: SourceTable, columns: list[Column]) -> tuple[str | None, float]:
    """Return the main entity and how sure that is; below `ACCEPT` the caller treats it as unknown."""
    heads = {normal(header) for header in table.headers if header}
    stem = PurePosixPath(table.file).stem
    if _is_foreign(stem, heads):
        return None, 0.0
    hints = _hints(table, stem)
    scores = {
        entity: _score(entity, columns) + hints.get(entity, 0.0)
        for entity in ENTITIES
        if _anchored(entity, columns)
    }
    _weigh_kinship(scores, hints, columns, heads)
    scores = {entity: score for entity, score in scores.items() if score > 0}
    if not scores:
        return None, 0.0
    if "order" in scores and "order_line" in scores:
        # Rows with a product are lines, however much of their order they repeat.
        scores["order_line"] += scores.pop("order")
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    entity, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    strength = 1 - math.exp(-score / 1.6)
    margin = (score - second) / score
    confidence = strength * (0.7 + 0.3 * min(1.0, margin * 4))
    if margin >= _CLEAR and strength >= _SOME and _explained(entity, columns) >= _NEARLY_ALL:
        # A small list says little, but all of it: 客户名称, 联系人, 电话, 地址.
        confidence = max(confidence, _SMALL_LIST)
    return entity, round(min(0.99, confidence), 3)


def _explained(entity: str, columns: list[Column]) -> float:
    """Return the share of the named columns that the entity or its nearest kin has a field for."""
    kin = (entity, *_KIN.get(entity, ()))
    named = [column for column in columns if column.header and normal(column.header) not in _SERIAL]
    known = []
    for column in named:
        item = next((i for i in column.candidates if i.entity in kin and i.confidence >= ACCEPT), None)
        if item:
            known.append(item.field.split(".", 1)[1])
    telling = [name for name in known if name not in _HOUSEKEEPING]
    return len(known) / len(named) if len(telling) >= 2 else 0.0


def _weigh_kinship(
    scores: dict[str, float], hints: dict[str, float], columns: list[Column], heads: set[str]
) -> None:
    """Tell leads, contacts and accounts apart, which share most of their fields."""
    told = any(_LEAD_WORD.search(head) for head in heads) or {"company", "leadsource", "status"} <= heads
    if "lead" in scores and not hints.get("lead") and not told:
        scores["lead"] *= 0.3
    if "account" in scores and "contact" in scores and not hints.get("contact"):
        called = next(
            (
                c.header
                for c in columns
                if any(i.field == "contact.name" and i.confidence >= ACCEPT for i in c.candidates)
            ),
            "",
        )
        own = {
            normal(c.header) for c in columns if (best := c.best("account")) and best.field == "account.name"
        }
        if normal(called) in _ROLE_NOUNS and normal(called) not in own:
            # 联系人 beside 客户名称 is a column of the customer's ledger; a list of people says 姓名.
            scores["contact"] *= 0.35


def _is_foreign(stem: str, heads: set[str]) -> bool:
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


def _anchored(entity: str, columns: list[Column]) -> bool:
    named = {
        item.field.split(".", 1)[1]
        for column in columns
        for item in column.candidates
        if item.entity == entity and item.confidence >= ACCEPT
    }
    return all(any(name in named for name in group) for group in ANCHORS[entity])


def _score(entity: str, columns: list[Column]) -> float:
    """Sum the evidence of the headers: what only this entity has weighs most, its own name double."""
    total = 0.0
    taken: set[str] = set()
    named = 0
    for column in columns:
        item = next(
            (
                c
                for c in column.candidates
                if c.entity == entity and c.confidence >= ACCEPT and c.field not in taken
            ),
            None,
        )
        if column.header:
            named += 1
        if item is None:
            continue
        taken.add(item.field)
        meaning = field(item.field)
        own_key = meaning.key and meaning.type != "ref" and meaning.name != "external_id"
        rivals = [c for c in column.candidates if c.confidence >= item.confidence - 0.06]
        if own_key:
            # 客户名称 stands in every table that refers to a customer; it is the key of few.
            rivals = [c for c in rivals if field(c.field).key and field(c.field).type != "ref"]
        entities = {c.entity for c in rivals}
        role = 0.6 if meaning.type == "ref" else 1.6 if own_key else 1.0
        label = 1.25 if item.reason == "label" else 1.0
        total += role * label * item.confidence / len(entities) ** 1.2 + 0.12
    coverage = len(taken) / max(1, named)
    return total * (0.4 + 0.6 * min(1.0, coverage * 2)) * min(1.0, 0.35 + len(taken) / 4)


__all__ = ["fields_called", "fields_of", "named_entity", "recognise", "source_system"]
