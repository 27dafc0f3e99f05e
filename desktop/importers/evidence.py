"""What the headers of a table say for and against each entity: evidence that `recognise` weighs."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from desktop.importers.candidates import Candidate, Column
from desktop.importers.fields import field
from desktop.importers.tables import ACCEPT
from desktop.importers.vocabulary import normal
from desktop.importers.wording import words_of

ANCHORS: dict[str, tuple[tuple[str, ...], ...]] = {
    "user": (("name", "login"), ("login", "manager", "org_unit", "hired_on", "left_on", "status")),
    "org_unit": (("name",),),
    "account": (("name",),),
    "contact": (("name", "last_name"),),
    "lead": (("name", "company", "last_name"),),
    "opportunity": (
        ("name", "external_id", "account_name"),
        ("name", "stage"),
        ("name", "account_name", "account_external_id"),
    ),
    "activity": (("content", "subject", "occurred_at"), ("type", "occurred_at", "content", "subject")),
    "product": (("name", "code"),),
    "quote": (("number",),),
    "quote_line": (("product", "product_code"), ("quote_number",), ("quantity", "unit_price", "amount")),
    "contract": (("number", "name"),),
    "milestone": (
        ("name",),
        ("contract_number", "contract_name"),
        ("due_on", "reached_on", "amount", "share"),
    ),
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

COMPANIONS: dict[str, tuple[str, ...]] = {
    "account": ("contact",),
    "contact": ("account",),
    "opportunity": ("account", "contact"),
    "contract": ("account", "payment", "invoice", "payment_plan"),
    "payment": ("contract",),
    "order": ("order_line", "account"),
    "order_line": ("order", "account"),
    "quote_line": ("quote", "account"),
    "milestone": ("contract", "account"),
}
"""Which other entities a table of one entity may carry along."""

HEADS = {"order_line": "order", "quote_line": "quote", "milestone": "contract"}
"""What repeats its head on every row: a table with such rows is of them, however much of the head it repeats."""

_LEAD_WORD = re.compile(r"线索|潜在客户|^lead(?!source|id$)|converted")
_ROLE_NOUNS = frozenset(
    {"联系人", "主要联系人", "首要联系人", "客户联系人", "对接人", "联络人", "经办人", "关键联系人", "primarycontact", "contact", "contactperson", "contactname"}
)  # fmt: skip
_DOCUMENTS = frozenset({"payment", "invoice", "quote", "order", "contract", "opportunity"})
_REFERRED = frozenset({"account", "contract", "opportunity", "product", "order"})
_PERSON_NAMES = frozenset({"contact.name", "contact.first_name", "contact.last_name"})
_ROLES = (
    "联系人",
    "主要联系人",
    "主联系人",
    "首要联系人",
    "客户",
    "对接人",
    "联络人",
    "经办人",
    "关键联系人",
    "contact",
    "primary",
    "main",
    "key",
)
_OWN_NAME = frozenset({"name", "名称", "displayname", "fullname", "姓名", "title", "标题"})
_AGAINST = 0.6


def anchored(entity: str, columns: list[Column]) -> bool:
    named = {
        item.field.split(".", 1)[1]
        for column in columns
        for item in column.candidates
        if item.entity == entity and item.confidence >= ACCEPT
    }
    return all(any(name in named for name in group) for group in ANCHORS[entity])


def without_parts(columns: list[Column], named: Collection[str]) -> list[Column]:
    """Return the columns without the meanings of parts that the table cannot be of, neither by its head nor as `named`.

    The words of a line are also those of products, orders and plans: they take nothing from these where no number
    of a quote, or no milestone of a contract, stands beside them.
    """
    absent = [part for part in _RARE if part not in named and not anchored(part, columns)]
    if not absent:
        return columns
    return [
        replace(one, candidates=tuple(item for item in one.candidates if item.entity not in absent))
        for one in columns
    ]


_RARE = ("quote_line", "milestone")


def evidence_for(entity: str, columns: list[Column]) -> float:
    """Sum the evidence of the headers: what only this entity has weighs most, its own name double."""
    total = against = 0.0
    taken: set[str] = set()
    named = stray = 0
    kin = COMPANIONS.get(entity, ())
    for column in columns:
        named += bool(column.header)
        item = _own(entity, column, taken)
        if item is not None:
            taken.add(item.field)
            total += _gain(item, column)
        elif not any(c.entity == entity and c.confidence >= ACCEPT for c in column.candidates):
            foreign = _foreign_evidence(column, kin)
            if entity == "account" and (person := column.best("contact")) and person.confidence >= ACCEPT:
                # A customer ledger says whom to call; a list of people says it of every row.
                total += 0.4 * foreign
            else:
                against += foreign
                stray += foreign > 0
    explained = len(taken) / max(1, len(taken) + stray)
    coverage = len(taken) / max(1, named)
    total = max(0.0, total - _AGAINST * against)
    return (
        total
        * (0.25 + 0.75 * explained)
        * (0.4 + 0.6 * min(1.0, coverage * 2))
        * min(1.0, 0.35 + len(taken) / 4)
    )


_MENTIONS: dict[str, re.Pattern[str]] = {
    "lead": re.compile(r"线索|潜客|\blead|enquir|inquir|\benq", re.I),
    "opportunity": re.compile(r"商机|销售机会|\bdeal|opportunit", re.I),
    "activity": re.compile(r"拜访|跟进|回访|\bvisit|\bactivity", re.I),
    "contract": re.compile(r"合同|协议|contract|agreement", re.I),
    "payment": re.compile(r"(?<!计划)(?<!预计)(?<!应)(?:回款|收款|到账|到款)|payment|receipt", re.I),
    "invoice": re.compile(r"开票|发票|invoice", re.I),
    "quote": re.compile(r"报价|quot(?:e|ation)", re.I),
    "quote_line": re.compile(r"报价|quot(?:e|ation)", re.I),
    "milestone": re.compile(r"里程碑|节点|milestone", re.I),
    "order": re.compile(r"订单|发货|出库|\border", re.I),
    "order_line": re.compile(r"订单|销售单|出库|发货|\border", re.I),
    "ticket": re.compile(r"工单|报修|投诉|故障|ticket", re.I),
    "call_record": re.compile(r"通话|呼叫|主叫|被叫|\bcall", re.I),
    "checkin": re.compile(r"打卡|签到|check.?in", re.I),
}
"""The word that an entity's own columns keep repeating."""


def mentioned(entity: str, columns: list[Column]) -> float:
    """Return what it says that several headers name the entity, whether they are understood or not."""
    pattern = _MENTIONS.get(entity)
    if pattern is None:
        return 0.0
    times = sum(
        1
        for column in columns
        if pattern.search(" ".join(words_of(column.header)) or column.header) or pattern.search(column.header)
    )
    return 0.25 * min(4, times - 1) if times > 1 else 0.0


def _own(entity: str, column: Column, taken: set[str]) -> Candidate | None:
    return next(
        (
            item
            for item in column.candidates
            if item.entity == entity and item.confidence >= ACCEPT and item.field not in taken
        ),
        None,
    )


def _gain(item: Candidate, column: Column) -> float:
    meaning = field(item.field)
    own_key = meaning.key and meaning.type != "ref" and meaning.name != "external_id"
    rivals = [c for c in column.candidates if c.confidence >= max(ACCEPT, item.confidence - 0.06)]
    if own_key:
        # 客户名称 stands in every table that refers to a customer; it is the key of few.
        rivals = [c for c in rivals if field(c.field).key and field(c.field).type != "ref"]
    entities = {c.entity for c in rivals} or {item.entity}
    role = 0.6 if meaning.type == "ref" else 1.6 if own_key else 1.0
    label = 1.25 if item.reason == "label" else 1.0
    return role * label * item.confidence / _shared(entities) + 0.12


def _shared(entities: set[str]) -> float:
    return float(len(entities) ** 1.2)


def _foreign_evidence(column: Column, kin: tuple[str, ...]) -> float:
    """Return how much a column that the entity has no field for speaks for another one."""
    sure = [item for item in column.candidates if item.confidence >= ACCEPT]
    entities = {item.entity for item in sure}
    if not entities:
        return 0.0
    return (0.4 if entities & set(kin) else 1.0) * sure[0].confidence / _shared(entities)


def weigh_kinship(
    scores: dict[str, float], hints: dict[str, float], columns: list[Column], heads: set[str]
) -> None:
    """Tell leads, contacts and accounts apart, which share most of their fields."""
    if "lead" in scores and not hints.get("lead"):
        scores["lead"] *= 1.15 if _told_of_leads(columns, heads) else 0.35
    if "account" in scores and not hints.get("account") and _refers_to_account(columns):
        scores["account"] *= 0.4
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


def demote_referred(scores: dict[str, float], columns: list[Column]) -> None:
    """A receipt that names its contract is no contract: what a document with its own number refers to counts less."""
    keys: dict[str, set[int]] = {}
    refs: dict[str, dict[int, str]] = {}
    for column in columns:
        for item in column.candidates:
            meaning = field(item.field)
            if item.confidence < ACCEPT or meaning.name == "external_id":
                continue
            if meaning.type == "ref":
                refs.setdefault(item.entity, {})[column.index] = item.field
            elif meaning.key:
                keys.setdefault(item.entity, set()).add(column.index)
    for entity in _DOCUMENTS & scores.keys():
        for other in _REFERRED & scores.keys() - {entity}:
            own, theirs = keys.get(entity, set()), keys.get(other, set())
            referred = set(refs.get(entity, {}))
            if scores[entity] < 0.3 * scores[other]:
                continue
            if theirs and theirs <= referred and own - theirs and not own & set(refs.get(other, {})):
                scores[other] *= 0.5


def _refers_to_account(columns: list[Column]) -> bool:
    """Whether a table with a name of its own also names an account, and so is about something else."""
    found = [
        normal(column.header)
        for column in columns
        if (item := column.best("account")) and item.field == "account.name" and item.confidence >= ACCEPT
    ]
    refers = [head for head in found if head not in _OWN_NAME]
    people = [
        head
        for column in columns
        if (item := column.best("contact")) and item.field in _PERSON_NAMES and item.confidence >= ACCEPT
        if not (head := normal(column.header)).startswith(_ROLES) and head not in refers
    ]
    return bool(refers) and bool(people or len(refers) < len(found))


def tells_of_people(columns: list[Column]) -> bool:
    """Whether every row is a person, with a firm or without, even if the file speaks of customers."""
    found = {item.field for column in columns for item in column.candidates if item.confidence >= ACCEPT}
    if not {"contact.first_name", "contact.last_name"} <= found:
        return False
    return "account.name" not in found or "contact.birthday" in found or _refers_to_account(columns)


def _told_of_leads(columns: list[Column], heads: set[str]) -> bool:
    """Whether the headers speak of leads, or of a person, a firm and a state of affairs in one row."""
    if any(_LEAD_WORD.search(head) for head in heads):
        return True
    if any("客户" in head for head in heads):
        return False
    found = {
        item.field.split(".", 1)[1]
        for column in columns
        if (item := column.best("lead")) and item.confidence >= ACCEPT
    }
    person = found & {"first_name", "last_name", "title"}
    state = found & {"status", "grade", "industry", "website", "employees", "annual_revenue", "campaign"}
    return bool(person) and "company" in found and (len(state) > 1 or {"status", "source"} <= found)
