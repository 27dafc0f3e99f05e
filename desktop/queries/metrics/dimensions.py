"""What figures are split by: time, organisation, people, customers, products, stages, sources.

A dimension is found on a fact itself, or on its owner, its customer or its deal, which are joined on for it.
Values are numbers of records, words, or days that are folded into months and weeks after the database grouped them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, func, or_, select

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.opportunities import Opportunity, Pipeline, Stage
from desktop.models.people import OrgUnit, Person
from desktop.periods import week_number
from desktop.queries.metrics.facts import Built, Column, Facts
from desktop.store.workspace import Work
from desktop.terms import ActivityType, ApprovalKind, DealStatus, OwnedKind, Term

Name = tuple[str, str | None]
"""A name in English (or as it stands) and in Chinese where there is one."""
NONE: Name = ("(none)", "（未填）")
BLANK = ""
"""Stands for “not filled in” among the values of a filter."""
WEEKDAYS: tuple[Name, ...] = (
    ("Mon", "周一"), ("Tue", "周二"), ("Wed", "周三"), ("Thu", "周四"), ("Fri", "周五"), ("Sat", "周六"), ("Sun", "周日"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to split figures; `moment` makes its value of a day or an instant, `terms` are its stored words.

    `order` lists values that have an order of their own.
    """

    key: str
    label: str
    record: Any = None
    moment: Callable[[Any], Any] | None = None
    by_hour: bool = False
    terms: type[Term] | None = None
    words: Mapping[str, Name] | None = None
    order: tuple[Any, ...] = ()


AGES = {
    "not due": ("Not due", "未到期"), "0-7": ("0–7 days", "0–7 天"), "0-29": ("0–29 days", "0–29 天"),
    "1-30": ("1–30 days", "1–30 天"), "8-14": ("8–14 days", "8–14 天"), "8-30": ("8–30 days", "8–30 天"),
    "15-30": ("15–30 days", "15–30 天"), "30-44": ("30–44 days", "30–44 天"), "31+": ("31 days and more", "31 天及以上"),
    "31-60": ("31–60 days", "31–60 天"), "45-89": ("45–89 days", "45–89 天"), "61-90": ("61–90 days", "61–90 天"),
    "90+": ("90 days and more", "90 天及以上"), "91+": ("91 days and more", "91 天及以上"),
}  # fmt: skip


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _quarter(day: date) -> str:
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"


def _week(day: date) -> str:
    return f"{day:%Y-%m} · {week_number(day)}"


DIMENSIONS: dict[str, Dimension] = {
    item.key: item
    for item in (
        Dimension("year", N_("Year"), moment=lambda day: f"{day.year:04d}"),
        Dimension("quarter", N_("Quarter"), moment=_quarter),
        Dimension("month", N_("Month"), moment=_month),
        Dimension("week", N_("Week of the month"), moment=_week),
        Dimension("day", N_("Day"), moment=lambda day: day.isoformat()),
        Dimension("weekday", N_("Weekday"), moment=lambda day: day.weekday(), order=tuple(range(7))),
        Dimension("hour", N_("Hour"), moment=lambda at: at.hour, by_hour=True, order=tuple(range(24))),
        Dimension("unit", N_("Organisation unit"), record=OrgUnit),
        Dimension("person", N_("Person"), record=Person),
        Dimension("customer", N_("Customer"), record=Account),
        Dimension("region", N_("Region")),
        Dimension("industry", N_("Industry")),
        Dimension("grade", N_("Grade")),
        Dimension("product", N_("Product line")),
        Dimension("stage", N_("Stage"), record=Stage),
        Dimension("pipeline", N_("Pipeline"), record=Pipeline),
        Dimension("source", N_("Source")),
        Dimension("campaign", N_("Campaign")),
        Dimension("competitor", N_("Competitor")),
        Dimension("loss_reason", N_("Loss reason")),
        Dimension("deal_type", N_("Deal type")),
        Dimension("status", N_("Status")),
        Dimension("activity_type", N_("Kind of contact"), terms=ActivityType),
        Dimension("age_band", N_("Age"), words=AGES, order=tuple(AGES)),
        Dimension("contract_type", N_("Contract type")),
        Dimension("method", N_("Payment method")),
        Dimension("pain", N_("Pain")),
        Dimension("direction", N_("Direction")),
        Dimension("ticket_type", N_("Kind of case")),
        Dimension("priority", N_("Priority")),
        Dimension("approval_kind", N_("What was decided on"), terms=ApprovalKind),
        Dimension("record_kind", N_("Kind of record"), terms=OwnedKind),
        Dimension("deal_status", N_("Outcome"), terms=DealStatus),
    )
}


class Joined:
    """A fact with what belongs to its owner, customer and deal joined on, each when it is first asked for."""

    def __init__(self, facts: Facts, built: Built) -> None:
        self.facts, self.built = facts, built
        self.source: FromClause = built.source
        self._person = Person.__table__.alias("its_person")
        self._account = Account.__table__.alias("its_account")
        self._deal = Opportunity.__table__.alias("its_deal")
        self._done: set[str] = set()

    def _reach(self, name: str, table: Any, key: Column | None) -> Any:
        if key is None:
            return None
        if name not in self._done:
            self.source = self.source.outerjoin(table, table.c.id == key)
            self._done.add(name)
        return table.c

    def column(self, name: str) -> Any:
        """Return a column or dimension of the fact; None if it has none of that name."""
        built = self.built
        if name in built.columns:
            return built.columns[name]
        if name == "person":
            return built.owner
        if name == "customer":
            return built.account
        if name == "stage" and built.stage is not None:
            return built.stage
        if name == "unit":
            person = self._reach("person", self._person, built.owner)
            return None if person is None else person.unit_id
        if name in ("stage", "pipeline", "product", "campaign", "deal_type"):
            deal = self._reach("deal", self._deal, built.deal)
            names = {"stage": "stage_id", "pipeline": "pipeline_id", "deal_type": "type"}
            return None if deal is None else deal[names.get(name, name)]
        if name in ("industry", "grade", "source", "region"):
            return self._of_account(name)
        return None

    def _of_account(self, name: str) -> Any:
        account = self._reach("account", self._account, self.built.account)
        if name != "region":
            return None if account is None else account[name]
        person = self._reach("person", self._person, self.built.owner)
        known = [_filled(table.region) for table in (account, person) if table is not None]
        return func.coalesce(*known) if len(known) > 1 else next(iter(known), None)

    def dimension(self, key: str) -> Any:
        """Return what the database groups by for a dimension; raise InvalidInput if the fact has none such."""
        found = self.moment(key) if DIMENSIONS[key].moment else self.column(key)
        if found is None:
            raise InvalidInput(
                "figure_not_split",
                N_("“{facts}” cannot be split by “{dimension}”."),
                remedy=N_("Choose another dimension, or a figure that has it."),
                facts=(self.facts,),
                dimension=(DIMENSIONS[key],),
            )
        return found if DIMENSIONS[key].record or DIMENSIONS[key].moment else _filled(found)

    def fits(self, key: str) -> bool:
        """Whether the facts can be split by a dimension."""
        return (self.moment(key) if DIMENSIONS[key].moment else self.column(key)) is not None

    def moment(self, key: str) -> Any:
        """Return the day or instant that a dimension of time is made of."""
        if DIMENSIONS[key].by_hour:
            return self.built.at
        return self.built.day if self.built.day is not None else self.built.at


def _filled(column: Any) -> ColumnElement[Any]:
    """Return a column of words in which blank is NULL."""
    return func.nullif(func.trim(column), "")


def filtered(joined: Joined, key: str, values: tuple[str, ...]) -> Any:
    """Return that a dimension has one of some values; raise InvalidInput for what filters nothing."""
    dimension = DIMENSIONS[key]
    if dimension.moment:
        raise InvalidInput(
            "filter_is_time",
            N_("Figures are not filtered by “{dimension}”."),
            remedy=N_("Choose the period instead."),
            dimension=(dimension,),
        )
    column = joined.dimension(key)
    filled: list[Any] = [value for value in values if value != BLANK]
    if dimension.record:
        if not all(value.lstrip("-").isdigit() for value in filled):
            raise InvalidInput(
                "filter_invalid",
                N_("“{value}” is no number of a “{dimension}”."),
                value=", ".join(filled),
                dimension=(dimension,),
            )
        filled = [int(value) for value in filled]
    kept = column.in_(filled)
    return or_(kept, column.is_(None)) if BLANK in values else kept


def folded(key: str, value: Any, zone: str) -> Any:
    """Return a group's value of a dimension: a day or instant becomes the month, week or hour it lies in."""
    dimension = DIMENSIONS[key]
    if dimension.moment is None or value is None:
        return value
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone))
        if not dimension.by_hour:
            value = value.date()
    elif isinstance(value, str):  # A computed date comes as text from SQLite.
        value = date.fromisoformat(value)
    return dimension.moment(value)


@dataclass(frozen=True, slots=True)
class Member:
    """A value of a dimension: what it is stored as, its name, and where it stands among the others."""

    value: Any
    name: Name
    order: tuple[Any, ...]


def members(work: Work, key: str, values: Iterable[Any]) -> list[Member]:
    """Return the values of a dimension with their names, in their own order; what is not filled in comes last."""
    wanted = set(values)
    dimension = DIMENSIONS[key]
    known = _records(work, dimension, wanted - {None}) if dimension.record else {}
    found = []
    for value in wanted:
        name, position = known.get(value, (_name(dimension, value), 0))
        if value in dimension.order:
            position = dimension.order.index(value)
        found.append(Member(value, name, (value is None, position, name[0], str(value))))
    return sorted(found, key=lambda member: member.order)


def _name(dimension: Dimension, value: Any) -> Name:
    if value is None:
        return NONE
    if dimension.key == "weekday":
        return WEEKDAYS[value]
    if dimension.key == "hour":
        return f"{value:02d}", None
    if dimension.words and value in dimension.words:
        return dimension.words[value]
    if dimension.terms and value in {term.value for term in dimension.terms}:
        from desktop.i18n import Locale

        label = dimension.terms(value).label
        return label, Locale("zh_CN")._(label)
    return str(value), None


def _records(work: Work, dimension: Dimension, ids: set[Any]) -> dict[Any, tuple[Name, int]]:
    record = dimension.record
    chinese = getattr(record, "name_zh", None)
    position = record.position if record is Stage else None
    columns = [record.id, record.name, *(one for one in (chinese, position) if one is not None)]
    rows = work.rows(select(*columns).where(record.id.in_(ids)) if len(ids) < 500 else select(*columns))
    return {
        row[0]: ((row[1], row[2] if chinese is not None else None), row[3] if position is not None else 0)
        for row in rows
        if row[0] in ids
    }
