"""What every column of every table means, decided by itself wherever it is sure enough (IMP-01, IMP-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from desktop.importers.candidates import Candidate, Column, columns_of
from desktop.importers.evidence import ANCHORS, COMPANIONS, HEADS
from desktop.importers.fields import FIELDS, field, fields_of
from desktop.importers.memory import Memory
from desktop.importers.months import period_of
from desktop.importers.recognise import is_foreign, recognise
from desktop.importers.returned import is_returned, returned_mapping
from desktop.importers.shapes import fits
from desktop.importers.systems import known_table, source_system
from desktop.importers.tables import ACCEPT, ColumnMapping, Profile, SourceTable, TableMapping
from desktop.importers.vocabulary import fields_called, normal
from desktop.importers.ways import CUSTOM_PREFIX
from desktop.importers.wide import wide_target, year_of

NOTHING_REMEMBERED = Memory()

_TOLD = 0.99
"""How sure a column is whose header a person confirmed or a known system has."""

DERIVED: dict[str, Mapping[str, str]] = {
    "contact": {"account_name": "account.name", "account_external_id": "account.external_id"},
    "account": {
        "name": "{main}.account_name",
        "external_id": "{main}.account_external_id",
    },
    "order_line": {"order_number": "order.number"},
    "order": {"number": "order_line.order_number"},
    "quote_line": {"quote_number": "quote.number"},
    "quote": {"number": "quote_line.quote_number", "account_name": "{main}.account_name"},
    "milestone": {"contract_number": "contract.number"},
    "payment": {"contract_number": "contract.number", "account_name": "contract.account_name"},
    "invoice": {"contract_number": "contract.number", "account_name": "contract.account_name"},
    "payment_plan": {"contract_number": "contract.number", "account_name": "contract.account_name"},
    "contract": {
        "number": "{main}.contract_number",
        "name": "{main}.contract_name",
        "account_name": "{main}.account_name",
    },
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


def suggest_all(tables: Iterable[SourceTable], profiles: Iterable[Profile] = ()) -> list[TableMapping]:
    """Return the mapping of every table; what people confirmed comes first, then known systems, then guessing."""
    memory = Memory.of(profiles)
    return [suggest(table, memory) for table in tables]


def suggest(table: SourceTable, memory: Memory = NOTHING_REMEMBERED, *, shipped: bool = True) -> TableMapping:
    """Return what one table means; without the `shipped` systems, as if it came from one never seen."""
    if is_returned(table):
        return returned_mapping(table)
    system = source_system(table)
    same = memory.same(table)
    if same is not None:
        columns = _from_profile(table, same)
        return TableMapping(table, same.entity, 1.0, columns, system, same.name, **same.ways())
    wide = wide_target(table)
    if wide is not None:
        return TableMapping(table, "target", 0.95, wide, system)
    found = columns_of(table)
    alike = memory.alike(table)
    if alike is not None and alike.entity != "target":
        remembered = {normal(header): name for header, name in alike.columns.items()}
        columns = _assign(alike.entity, [_told(column, remembered) for column in found])
        return TableMapping(table, alike.entity, 1.0, columns, system, alike.name, **alike.ways())
    entity, confidence = recognise(table, found)
    sure = entity if confidence >= ACCEPT else None
    known = known_table(table, sure) if shipped and not is_foreign(table) else None
    if known is not None:
        owner, one = known
        told = {**one.columns, **memory.columns(owner.code, one.entity)}
        columns = _assign(one.entity, [_told(column, told) for column in found])
        return TableMapping(table, one.entity, 0.99, columns, owner.code, owner.name)
    if entity is None or sure is None:
        blank = tuple(_unmapped(column, ()) for column in found)
        return TableMapping(table, None, confidence, blank, system)
    confirmed = memory.columns(system, entity)
    columns = _assign(entity, [_told(column, confirmed) for column in found])
    return TableMapping(table, entity, confidence, columns, system)


def suggest_as(table: SourceTable, entity: str) -> TableMapping:
    """Return what the columns of a table mean when a person has said what its rows are."""
    columns = (wide_target(table) if entity == "target" else None) or _assign(entity, columns_of(table))
    return TableMapping(table, entity, 1.0, columns, source_system(table))


def _told(column: Column, known: Mapping[str, str | None]) -> Column:
    """Return a column with the one meaning that is known of its header, unless its values speak against it."""
    head = normal(column.header)
    if not head or head not in known:
        return column
    name = known[head]
    if name is None:
        return replace(column, candidates=())
    custom = name.split(".", 1)[-1].startswith(CUSTOM_PREFIX)
    factor = 1.0 if custom else fits(field(name).type, name, column.shape)
    told = Candidate(name, round(_TOLD * factor, 4), "profile", parent=True)
    rest = tuple(item for item in column.candidates if item.field != name) if factor < 1.0 else ()
    return replace(column, candidates=(told, *rest))


def _from_profile(table: SourceTable, profile: Profile) -> tuple[ColumnMapping, ...]:
    year = year_of(table)
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
    _one_way_to_the_account(entity, chosen, taken)
    _prefer_main(entity, columns, chosen, taken)
    for companion in COMPANIONS.get(entity, ()):
        if not _can_stand(companion, entity, taken):
            chosen = {index: item for index, item in chosen.items() if item.entity != companion}
    return tuple(_mapped(column, chosen.get(column.index), allowed[column.index]) for column in columns)


_PLAIN = 0.95
"""What another name of a field counts that is used of nothing else."""


def _one_way_to_the_account(entity: str, chosen: dict[int, Candidate], taken: set[str]) -> None:
    """Beside the account's record id only a plain name is the account's: an employer may be another firm."""
    name = f"{entity}.account_name"
    if f"{entity}.account_external_id" not in taken:
        return
    for index in [i for i, item in chosen.items() if item.field == name and item.confidence < _PLAIN]:
        taken.discard(name)
        del chosen[index]


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
    if HEADS.get(entity) == item.entity or HEADS.get(item.entity) == entity:
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
