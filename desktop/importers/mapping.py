"""What every column of every table means, decided by itself wherever it is sure enough (IMP-01, IMP-10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from desktop.importers.candidates import Candidate, Column, columns_of
from desktop.importers.evidence import ANCHORS, COMPANIONS
from desktop.importers.fields import FIELDS, fields_of
from desktop.importers.months import period_of, year_in
from desktop.importers.recognise import recognise, source_system
from desktop.importers.tables import ACCEPT, ColumnMapping, Profile, SourceTable, TableMapping
from desktop.importers.vocabulary import fields_called, normal

DERIVED: dict[str, Mapping[str, str]] = {
    "contact": {"account_name": "account.name", "account_external_id": "account.external_id"},
    "account": {
        "name": "{main}.account_name",
        "external_id": "{main}.account_external_id",
    },
    "order_line": {"order_number": "order.number"},
    "order": {"number": "order_line.order_number"},
    "payment": {"contract_number": "contract.number", "account_name": "contract.account_name"},
    "invoice": {"contract_number": "contract.number", "account_name": "contract.account_name"},
    "payment_plan": {"contract_number": "contract.number", "account_name": "contract.account_name"},
    "contract": {"number": "{main}.contract_number", "account_name": "{main}.account_name"},
}
"""A companion's field that no column holds of its own comes from another field of the same row."""

_FIRM_ONLY = frozenset(
    {"industry", "credit_code", "employees", "annual_revenue", "annual_purchase", "short_name", "cooperation_stage", "purchase_cycle", "website", "type"}
)  # fmt: skip
"""What only a firm has: such a column in a table of its deals or people belongs to the account."""

_GENERIC_NAMES = frozenset({"name", "title", "名称", "标题"})
_PERSON_PART = {"mobile", "phone", "email", "title", "wechat", "gender", "birthday", "department", "fax"}
_SHARED_PARTS = {"mobile", "phone", "email", "department", "fax"}
"""What an account has of its own, or may mean of itself: the contact's only where the header says so."""

_TARGET_WORDS = re.compile(r"目标|指标|任务|考核|计划|target|quota|goal|plan|achievement", re.IGNORECASE)
_OWNER_WORDS = re.compile(
    r"对象|姓名|销售|业务员|人员|部门|负责人|区域|大区|团队|单位|分公司|办事处|省区|城市|owner|name|rep|person|team|unit|region",
    re.IGNORECASE,
)


def suggest_all(tables: Iterable[SourceTable], profiles: Iterable[Profile] = ()) -> list[TableMapping]:
    """Return the mapping of every table; saved profiles come first, by the fingerprint of the headers."""
    known = {profile.fingerprint: profile for profile in profiles}
    return [suggest(table, known.get(table.header_fingerprint)) for table in tables]


def suggest(table: SourceTable, profile: Profile | None = None) -> TableMapping:
    """Return what one table means."""
    system = source_system(table)
    if profile is not None:
        columns = _from_profile(table, profile)
        return TableMapping(table, profile.entity, 1.0, columns, system, **profile.ways())
    wide = _wide_target(table)
    if wide is not None:
        return TableMapping(table, "target", 0.95, wide, system)
    found = columns_of(table)
    entity, confidence = recognise(table, found)
    if entity is None or confidence < ACCEPT:
        blank = tuple(_unmapped(column, ()) for column in found)
        return TableMapping(table, None, confidence, blank, system)
    return TableMapping(table, entity, confidence, _assign(entity, found), system)


def suggest_as(table: SourceTable, entity: str) -> TableMapping:
    """Return what the columns of a table mean when a person has said what its rows are."""
    columns = (_wide_target(table) if entity == "target" else None) or _assign(entity, columns_of(table))
    return TableMapping(table, entity, 1.0, columns, source_system(table))


def _from_profile(table: SourceTable, profile: Profile) -> tuple[ColumnMapping, ...]:
    year = _year(table)
    names = {item.full_name for item in FIELDS} | {one.full_name for one in profile.new_fields}
    mapped = []
    for index, header in enumerate(table.headers):
        name = profile.columns.get(header)
        if name is not None and name not in names:
            name = None
        period = period_of(header, year) if name == "target.value" else None
        mapped.append(
            ColumnMapping(index, header, name, 1.0 if name else 0.0, "profile" if name else "", period)
        )
    return tuple(mapped)


def _assign(entity: str, columns: Sequence[Column]) -> tuple[ColumnMapping, ...]:
    """Give every column its best free field, the surest pairs first."""
    allowed = _allowed(entity, columns)
    pairs = [
        (_weight(item, column, entity), item, column) for column in columns for item in allowed[column.index]
    ]
    if any(
        column.candidates and column.candidates[0].field == "opportunity.won_amount" for column in columns
    ):
        # Beside what a deal brought in, its close date is the day it was decided.
        pairs = [(w + 0.03 if i.field == "opportunity.closed_on" else w, i, c) for w, i, c in pairs]
    pairs.sort(key=lambda pair: (-pair[0], pair[2].index))
    chosen: dict[int, Candidate] = {}
    taken: set[str] = set()
    for _, item, column in pairs:
        if column.index not in chosen and item.field not in taken and item.confidence >= ACCEPT:
            chosen[column.index] = item
            taken.add(item.field)
    _prefer_main(entity, columns, chosen, taken)
    for companion in COMPANIONS.get(entity, ()):
        if not _can_stand(companion, entity, taken):
            chosen = {index: item for index, item in chosen.items() if item.entity != companion}
    return tuple(_mapped(column, chosen.get(column.index), allowed[column.index]) for column in columns)


def _prefer_main(
    entity: str, columns: Sequence[Column], chosen: dict[int, Candidate], taken: set[str]
) -> None:
    """A companion of which a table holds only what its main entity can refer to is that reference."""
    for companion in COMPANIONS.get(entity, ()):
        indexes = [index for index, item in chosen.items() if item.entity == companion]
        own = {index: columns[index].best(entity) for index in indexes}
        fields = [
            item.field for item in own.values() if item and item.confidence >= 0.7 and item.field not in taken
        ]
        if indexes and len(set(fields)) == len(indexes):
            for index, item in own.items():
                if item:
                    taken.discard(chosen[index].field)
                    taken.add(item.field)
                    # The group's head names the companion, which is the reference's own kind: no less sure.
                    chosen[index] = replace(item, confidence=max(item.confidence, chosen[index].confidence))


def _weight(item: Candidate, column: Column, entity: str) -> float:
    """Prefer the main entity's field, an explicit group head, and an exact label over a synonym."""
    order = (entity, *COMPANIONS.get(entity, ()))
    nearness = 0.02 - 0.005 * order.index(item.entity) if item.entity in order else 0.0
    name = item.field.split(".", 1)[1]
    generic = 0.06 if name == "name" and normal(column.header) in _GENERIC_NAMES else 0.0
    coded = -0.015 if name == "owner" and normal(column.header).endswith("id") else 0.0
    coded += 0.02 if name == "external_id" and normal(column.header).endswith("id") else 0.0
    return item.confidence + nearness + generic + coded + (0.05 if item.parent else 0.0)


def _allowed(entity: str, columns: Sequence[Column]) -> dict[int, tuple[Candidate, ...]]:
    """Return per column the candidates that a table of this entity may use."""
    companions = COMPANIONS.get(entity, ())
    allowed: dict[int, tuple[Candidate, ...]] = {}
    in_contact = False
    for column in columns:
        own = [item for item in column.candidates if item.entity == entity]
        others = [
            item
            for item in column.candidates
            if item.entity in companions and _is_plain(item, column, entity)
        ]
        sure = bool(own) and own[0].confidence >= ACCEPT
        if entity == "account":
            person = column.best("contact")
            starts = (
                person is not None
                and person.field == "contact.name"
                and not sure
                and person.confidence >= ACCEPT
            )
            if starts:
                in_contact = True
            elif (
                person is None or person.field.split(".")[1] not in _PERSON_PART or person.confidence < ACCEPT
            ):
                in_contact = False
            elif in_contact:
                # What follows 联系人 in a ledger is that person's: 电话, 手机, 职务.
                allowed[column.index] = (replace(person, parent=True), *own)
                continue
        grouped = [item for item in others if item.parent]
        if grouped and not (own and own[0].parent):
            allowed[column.index] = (*grouped, *own)
        else:
            allowed[column.index] = tuple(own) if sure else (*own, *others)
    return allowed


def _is_plain(item: Candidate, column: Column, entity: str) -> bool:
    """Whether a companion's field is meant unmistakably: by its group, or by a word no other entity shares."""
    if item.parent:
        return True
    if item.entity == "account" and entity != "account":
        name = item.field.removeprefix("account.")
        word = normal(column.header)
        told = word.startswith(("客户", "公司", "企业", "account", "company", "customer"))
        return item.confidence >= ACCEPT and (
            (name in _FIRM_ONLY and name != "type") or (told and name not in ("owner", "source"))
        )
    if entity in ("payment", "contract") and item.entity in (
        "contract",
        "payment",
        "invoice",
        "payment_plan",
    ):
        return False
    entities = {name.split(".")[0] for name in fields_called(normal(column.header))}
    if {item.entity, entity} <= {"order", "order_line"}:
        return True
    if item.entity == "contact" and entity == "account":
        name = item.field.removeprefix("contact.")
        return name not in _SHARED_PARTS or normal(column.header).startswith(("联系人", "contact"))
    return len(entities) <= 2 or (item.reason == "label" and entity in ("contact",))


def _can_stand(companion: str, main: str, taken: set[str]) -> bool:
    """Whether a companion has what makes a row of its own, from its columns or derived from the main's."""
    own = {name.split(".", 1)[1] for name in taken if name.startswith(f"{companion}.")}
    if not own:
        return True
    derived = {
        name for name, source in DERIVED.get(companion, {}).items() if source.format(main=main) in taken
    }
    keys = {item.name for item in fields_of(companion) if item.key}
    if companion == "order_line":
        return bool((own | derived) & {"order_number"}) and bool(
            own & {"product", "product_code", "quantity"}
        )
    return all(any(name in own | derived for name in group) for group in ANCHORS[companion]) and (
        bool(keys & (own | derived)) or not keys
    )


def _mapped(column: Column, item: Candidate | None, allowed: Sequence[Candidate]) -> ColumnMapping:
    if item is None:
        return _unmapped(column, allowed)
    return ColumnMapping(
        column.index,
        column.header,
        item.field,
        item.confidence,
        item.reason,
        None,
        _others(item.field, allowed),
    )


def _unmapped(column: Column, allowed: Sequence[Candidate]) -> ColumnMapping:
    others = _others(None, allowed or column.candidates)
    return ColumnMapping(column.index, column.header, None, 0.0, "", None, others)


def _others(chosen: str | None, allowed: Sequence[Candidate]) -> tuple[tuple[str, float], ...]:
    return tuple((item.field, item.confidence) for item in allowed if item.field != chosen)[:5]


def _year(table: SourceTable) -> int | None:
    return year_in(table.title, table.sheet or "", PurePosixPath(table.file).stem)


def _wide_target(table: SourceTable) -> tuple[ColumnMapping, ...] | None:
    """Return the mapping of a sheet with one column per month (姓名 | 1月 | 2月 ...), or None."""
    year_at, year = _year_column(table)
    year = year or (None if year_at is not None else _year(table))
    leaves = [header.split("/")[-1] if len(table.header_rows) > 1 else header for header in table.headers]
    periods = [
        period_of(header, year) or (period_of(leaf, year) if leaf != header else None)
        for header, leaf in zip(table.headers, leaves, strict=True)
    ]
    months = [period for period in periods if period]
    if len(months) < 3 or len(set(months)) < len(months):
        return None
    words = " ".join([PurePosixPath(table.file).stem, table.sheet or "", table.title[:200], *table.headers])
    if not _TARGET_WORDS.search(words):
        return None
    mapped: list[ColumnMapping] = []
    owner = _owner_column(table, periods)
    if owner is None:
        return None
    for index, header in enumerate(table.headers):
        period = periods[index]
        if period:
            sure = 0.95 if not period.startswith("--") or year_at is not None else 0.6
            mapped.append(ColumnMapping(index, header, "target.value", sure, "period", period))
        elif index == year_at and year is None:
            mapped.append(ColumnMapping(index, header, "target.period", 0.95, "synonym"))
        elif index == owner:
            mapped.append(ColumnMapping(index, header, "target.owner", 0.95, "synonym"))
        elif "target.metric" in fields_called(normal(header)):
            mapped.append(ColumnMapping(index, header, "target.metric", 0.95, "synonym"))
        else:
            mapped.append(ColumnMapping(index, header, None, 0.0, ""))
    return tuple(mapped)


def _year_column(table: SourceTable) -> tuple[int | None, int | None]:
    """Return the column of years, and its year if it is the same in every row."""
    for index, header in enumerate(table.headers):
        if normal(header) in ("年份", "年度", "年", "year", "fiscalyear", "财年"):
            years = (
                table.frame[f"c{index}"]
                .drop_nulls()
                .str.extract(r"^(20\d\d)年?(?:度)?$", 1)
                .unique()
                .to_list()
            )
            if years and None not in years:
                return index, int(years[0]) if len(years) == 1 else None
    return None, None


def _owner_column(table: SourceTable, periods: Sequence[str | None]) -> int | None:
    """Return the column of people or units: the one called so that names people, else the first."""
    found = [
        index
        for index, header in enumerate(table.headers)
        if not periods[index] and _OWNER_WORDS.search(header) and table.kinds[index].text > 0
    ]
    people = [
        i
        for i in found
        if re.search(r"姓名|人员|业务员|负责人|销售代表|销售员|name|rep|person", table.headers[i], re.I)
    ]
    return people[0] if people else found[0] if found else None
