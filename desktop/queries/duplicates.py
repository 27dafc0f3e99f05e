"""Which records may be the same: clusters with members, score and reasons, read from the database (DUP-01)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Table, select

from desktop.errors import NotFound
from desktop.i18n import ENGLISH, N_, Locale
from desktop.models import Base
from desktop.models.accounts import Account
from desktop.models.base import Instant
from desktop.models.imports import Lineage
from desktop.models.merges import ApartDecision
from desktop.models.people import Person
from desktop.money import money_text
from desktop.store.parts import in_parts
from desktop.store.workspace import Work

if TYPE_CHECKING:
    import polars as pl

    from desktop.analytics.dedup.engine import Found

ENTITIES = {"account": "account", "contact": "contact", "lead": "lead"}
"""The entities that can be searched for duplicates, and their tables."""

_FACTS = {
    "account": ("name", "credit_code", "phone", "mobile", "email", "website", "address", "city"),
    "contact": ("name", "account_id", "mobile", "phone", "email", "birthday"),
    "lead": ("name", "company", "mobile", "phone", "email", "website", "address", "city"),
}
"""What a decision about two records is about: when it changes, the decision no longer holds."""

EXAMINING = N_("Looking for duplicates")


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a cluster."""

    id: int
    name: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class DuplicateCluster:
    """Records that may be the same; `why` are gettext ids, `sure` proposes the merge."""

    number: int
    entity: str
    sure: bool
    score: float
    members: tuple[Member, ...]
    why: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """`sure` or `unsure`, as documents say it."""
        return "sure" if self.sure else "unsure"

    def to_json(self, locale: Locale = ENGLISH) -> dict[str, Any]:
        """Return the line of cli.md, `duplicates`."""
        return {
            "cluster": self.number,
            "entity": self.entity,
            "verdict": self.verdict,
            "score": round(self.score, 3),
            "members": [{"id": one.id, "name": one.name, "owner": one.owner} for one in self.members],
            "why": [locale._(reason) for reason in self.why],
        }


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What a search found: the clusters, the sure ones first, and how many records were looked at."""

    entity: str
    clusters: tuple[DuplicateCluster, ...]
    examined: int


def find_duplicates(work: Work, entity: str = "account", among_run: int | None = None) -> Duplicates:
    """Search an entity for records that may be the same, those that a person told apart excepted.

    With `among_run` only clusters that touch a record which that import run created or updated.
    """
    import polars as pl

    from desktop.analytics.dedup.engine import find

    table = Base.metadata.tables[ENTITIES[entity]]
    work.control.report(0, None, EXAMINING)
    frame = parties(work, entity, table)
    focus = None if among_run is None else _touched(work, table, among_run)
    apart = told_apart(work, entity, table)
    found = find(frame, "person" if entity == "contact" else "company", apart=apart, focus=focus)
    work.control.check()
    owners = {row.id: row.name for row in work.rows(select(Person.id, Person.name))}
    told = frame.select("id", "shown", "owner_id").filter(
        pl.col("id").is_in([m for c in found.clusters for m in c.members])
    )
    known = {row[0]: Member(row[0], row[1] or "", owners.get(row[2])) for row in told.iter_rows()}
    return Duplicates(entity, _told(entity, found, known), frame.height)


def _told(entity: str, found: Found, known: dict[int, Member]) -> tuple[DuplicateCluster, ...]:
    reasons: dict[int, list[tuple[int, list[str]]]] = {}
    for a, b, why in found.pairs.select("a", "b", "why").iter_rows():
        reasons.setdefault(a, []).append((b, why))
    clusters = []
    for number, one in enumerate(found.clusters, 1):
        members = set(one.members)
        codes = [
            code for m in one.members for other, why in reasons.get(m, ()) if other in members for code in why
        ]
        told = sorted(dict.fromkeys(codes), key=lambda code: -codes.count(code))
        why = tuple(reason_text(code) for code in told)
        clusters.append(
            DuplicateCluster(number, entity, one.sure, one.score, tuple(known[m] for m in one.members), why)
        )
    return tuple(clusters)


def reason_text(code: str) -> str:
    """Return the gettext id of a reason."""
    from desktop.analytics.dedup import evidence, name_pairs

    return {**name_pairs.WHY, **evidence.WHY}[code]


def parties(work: Work, entity: str, table: Table) -> pl.DataFrame:
    """Read what the search compares, with "shown" (the name) and "owner_id"."""
    import polars as pl

    from desktop.store.loading import bulk

    def text(name: str) -> pl.Expr:
        return pl.col(name) if name in names else pl.lit(None, dtype=pl.String).alias(name)

    wanted: tuple[str, ...] = (
        "id",
        "name",
        "short_name",
        "company",
        "credit_code",
        "phone",
        "mobile",
        "email",
        "website",
        "address",
        "city",
    )
    wanted += ("postal_code", "birthday", "first_name", "last_name", "owner_id", "account_id")
    names = [name for name in wanted if name in table.c]
    frame = bulk.fetch(work.connection, table, names).sort("id")
    named = text("company").fill_null(text("name")) if entity == "lead" else pl.col("name")
    frame = frame.with_columns(
        text("name").alias("shown"),
        named.alias("name"),
        pl.concat_list(text("phone"), text("mobile")).alias("phones"),
        text("email").alias("mail"),
        text("postal_code").alias("postcode"),
        text("website"),
        text("address"),
        pl.col("birthday").cast(pl.String)
        if "birthday" in names
        else pl.lit(None, dtype=pl.String).alias("birthday"),
    )
    if "credit_code" in names:
        code = pl.col("credit_code").str.to_uppercase().str.replace_all(r"\s", "")
        frame = frame.with_columns(pl.when(code.str.contains(r"^[0-9A-Z]{15,18}$")).then(code).alias("code"))
    if entity == "contact":
        accounts = bulk.fetch(work.connection, Base.metadata.tables["account"], ["id", "name"])
        accounts = accounts.rename({"id": "account_id", "name": "employer"})
        frame = frame.join(accounts, on="account_id", how="left", maintain_order="left")
    return frame


def _touched(work: Work, table: Table, run: int) -> set[int]:
    lines = select(Lineage.record_id).where(
        Lineage.run_id == run,
        Lineage.table_name == table.name,
        Lineage.action != "unchanged",
        Lineage.undone.is_(False),
    )
    return {row.record_id for row in work.rows(lines)}


def told_apart(work: Work, entity: str, table: Table) -> list[tuple[int, int]]:
    """Return the pairs that a person told apart, as far as the facts are still the same."""
    rows = work.rows(
        select(ApartDecision.one_id, ApartDecision.other_id, ApartDecision.facts).where(
            ApartDecision.table_name == table.name
        )
    )
    facts = facts_of(work, entity, {record for row in rows for record in (row.one_id, row.other_id)})
    return [
        (row.one_id, row.other_id) for row in rows if row.facts == facts_hash(facts, row.one_id, row.other_id)
    ]


def facts_of(work: Work, entity: str, ids: Collection[int]) -> dict[int, Sequence[Any]]:
    """Return what decisions about records are about."""
    table = Base.metadata.tables[ENTITIES[entity]]
    names = [table.c[name] for name in _FACTS[entity]]
    wanted = sorted(ids)
    found: dict[int, Sequence[Any]] = {}
    for part in in_parts(wanted):
        for row in work.rows(select(table.c.id, *names).where(table.c.id.in_(part))):
            found[row[0]] = tuple(row[1:])
    return found


def facts_hash(facts: dict[int, Sequence[Any]], one: int, other: int) -> str:
    """Return the hash of what two records say."""
    text = "\x1e".join(
        "\x1f".join(str(value) for value in facts.get(record, ())) for record in sorted((one, other))
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field of the records of a cluster: its name, the text of each record's value, and whether they differ."""

    name: str
    values: tuple[str | None, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The records of a cluster side by side; `counts` are how many deals, contacts and activities each has."""

    entity: str
    members: tuple[Member, ...]
    versions: tuple[int, ...]
    fields: tuple[ComparedField, ...]
    counts: tuple[dict[str, int], ...]


def compare_records(work: Work, entity: str, ids: Sequence[int]) -> Comparison:
    """Read records side by side, field by field; blank fields of all are left out."""
    from desktop.store.merging.images import references, rows_by_id
    from desktop.store.merging.merge import NOT_CHOSEN

    table = Base.metadata.tables[ENTITIES[entity]]
    rows = rows_by_id(work, table, ids)
    people = {row.id: row.name for row in work.rows(select(Person.id, Person.name))}
    standing = [record for record in ids if record in rows]
    parents = {rows[record].get(key) for record in standing for key in ("parent_id", "account_id")} - {None}
    accounts = {
        row.id: row.name for row in work.rows(select(Account.id, Account.name).where(Account.id.in_(parents)))
    }
    names = dict.fromkeys(("owner_id", "created_by_id"), people) | dict.fromkeys(
        ("parent_id", "account_id"), accounts
    )
    fields = []
    for name in rows[standing[0]] if standing else ():
        if name in NOT_CHOSEN or name in _BY_ITSELF:
            continue
        values = tuple(_shown(work, table, name, rows[record][name], names) for record in standing)
        if any(value is not None for value in values):
            fields.append(ComparedField(name, values, len(set(values)) > 1))
    counts = [_counts(work, record, references(table)) for record in standing]
    members = tuple(Member(r, rows[r]["name"], people.get(rows[r]["owner_id"])) for r in standing)
    return Comparison(
        entity, members, tuple(rows[r]["version"] for r in standing), tuple(fields), tuple(counts)
    )


def _shown(work: Work, table: Table, name: str, value: Any, names: dict[str, dict[int, str]]) -> str | None:
    """Return a stored value as a person reads it."""
    if value is None or value == "":
        return None
    kind = table.c[name].type
    if name in names:
        return names[name].get(value)
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value).astimezone(ZoneInfo(work.zone)).strftime("%Y-%m-%d %H:%M")
    if isinstance(kind, BigInteger) and not table.c[name].foreign_keys:
        return money_text(value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _counts(work: Work, record: int, keys: list[tuple[Table, str]]) -> dict[str, int]:
    from sqlalchemy import func

    found: dict[str, int] = {}
    for child, column in keys:
        n = work.session.execute(
            select(func.count()).select_from(child).where(child.c[column] == record)
        ).scalar_one()
        if n:
            found[child.name] = found.get(child.name, 0) + n
    return found


def field_label(entity: str, column: str, locale: Locale) -> str:
    """Return what a person calls a column, in the reader's language."""
    from desktop.importers.fields import field
    from desktop.store.loading.preview import field_of
    from desktop.store.loading.specs import SPECS

    name = f"{entity}.{field_of(SPECS[entity], column)}"
    try:
        return field(name).label(locale.is_chinese)
    except NotFound:
        return column


_BY_ITSELF = frozenset(
    {"source_system", "external_id", "created_at", "updated_at", "last_contact_at", "last_effective_at"}
)
"""Columns that a merge decides without asking: keys, the earliest creation, the latest contact."""

_HELD = ("opportunity", "contact", "contract", "payment", "activity", "quote", "sales_order", "ticket")


def held_words(counts: dict[str, int], locale: Locale, most: int = 3) -> str:
    """Return what a record holds, the weightiest kinds first: 商机 2 · 联系人 1."""
    from desktop.importers.fields import entity_label
    from desktop.store.merging.images import entity_name

    kinds = [name for name in _HELD if counts.get(name)][:most]
    return " · ".join(
        f"{locale._(entity_label(entity_name(name)))} {locale.integer(counts[name])}" for name in kinds
    )
