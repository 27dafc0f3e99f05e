"""Metrics computed: each formula's aggregates in as few statements as there are kinds of facts.

The database adds and counts per group, exactly and on both databases alike; days are folded into weeks and months
afterwards, and formulas are worked out as exact fractions from whole numbers. A total is computed from the parts
of its rows, so it never depends on how figures were split.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, and_, case, func, literal, or_, select

from desktop.analytics.formula import Aggregate, Condition, Limit, Part, added, aggregates, evaluate
from desktop.errors import InvalidInput, one_of
from desktop.i18n import N_
from desktop.periods import Period
from desktop.queries.metrics import facts_customers, facts_deals, facts_money
from desktop.queries.metrics.dictionary import MetricDefinition, metrics_named
from desktop.queries.metrics.dimensions import DIMENSIONS, Joined, filtered, folded
from desktop.queries.metrics.facts import FACTS, Facts, Span
from desktop.queries.scope import people_of
from desktop.store.rules import threshold
from desktop.store.workspace import Work

SOURCES = (facts_deals, facts_money, facts_customers)
"""The modules that register facts."""
Filters = tuple[tuple[str, tuple[str, ...]], ...]
Group = tuple[Any, ...]
WHOLE = ("count", "sum")
"""What the database adds up; of medians and the like it returns the values."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the metric layer: figures by key (“win_rate”, “win_rate@2”), split by dimensions, of a scope.

    `filters` are dimensions with the values that count. Without `as_of` figures stand on the period's last day, or
    today while it runs. `known_by` leaves out what entered the database later; `currency` None is the one most have.
    """

    metrics: tuple[str, ...]
    period: Period
    by: tuple[str, ...] = ()
    unit_id: int | None = None
    filters: Filters = ()
    as_of: date | None = None
    known_by: datetime | None = None
    currency: str | None = None

    def span(self, today: date) -> Span:
        """Return the days that count."""
        return Span(self.period, self.as_of or min(today, self.period.ends), self.known_by)


Parts = dict[Aggregate, Part]


@dataclass(frozen=True, slots=True)
class Figures:
    """The answer: the parts of every group, from which each figure of each group and of all is worked out."""

    question: Question
    definitions: tuple[MetricDefinition, ...]
    groups: Mapping[Group, Parts]
    currency: str
    left_out: int

    def value(self, key: str, *groups: Group) -> int | Decimal | None:
        """Return a figure of some groups together; of everything without groups."""
        definition = self.definition(key)
        parts = together(self.groups[group] for group in (groups or self.groups) if group in self.groups)
        return definition.value(evaluate(definition.tree, parts))

    def definition(self, key: str) -> MetricDefinition:
        """Return the definition that a figure was computed by."""
        return self.definitions[self.question.metrics.index(key)]


def together(parts: Any) -> Parts:
    """Return the parts of several groups as one."""
    whole: Parts = {}
    for each in parts:
        for aggregate, part in each.items():
            whole[aggregate] = added(whole[aggregate], part) if aggregate in whole else part
    return whole


def compute(work: Work, question: Question) -> Figures:
    """Return the figures of a question; raise InvalidInput for what cannot be computed or split so."""
    return compute_all(work, (question,))[0]


Wanted = dict[str, dict[Aggregate, None]]
"""What is asked of each kind of facts, in the order of its formulas."""
_Shared = dict[tuple[str, Question], tuple[dict[str, None], dict[Aggregate, None]]]


def compute_all(work: Work, questions: Sequence[Question]) -> list[Figures]:
    """Return the figures of several questions; what they ask of the same facts in one scope is asked once.

    It is split by all that any of them is split by, and added up for each: that changes no figure.
    """
    wanted = [_wanted(work, question) for question in questions]
    shared: _Shared = {}
    for question, (_definitions, facts) in zip(questions, wanted, strict=True):
        for name, asked in facts.items():
            by, every = shared.setdefault(_scope(name, question), ({}, {}))
            by.update(dict.fromkeys(question.by))
            every.update(asked)
    done: dict[Any, tuple[FactQuery, dict[Group, Parts]]] = {}
    return [
        _figures(work, question, *of, shared, done) for question, of in zip(questions, wanted, strict=True)
    ]


def _scope(name: str, question: Question) -> tuple[str, Question]:
    return name, replace(question, metrics=(), by=())


def _wanted(work: Work, question: Question) -> tuple[tuple[MetricDefinition, ...], Wanted]:
    definitions = metrics_named(work, question.metrics)
    for key in (*question.by, *(name for name, _values in question.filters)):
        one_of(DIMENSIONS, key, "dimension_unknown", N_("There is no dimension “{name}”."))
    wanted: Wanted = defaultdict(dict)
    for definition in definitions:
        for aggregate in aggregates(definition.tree):
            wanted[aggregate.facts][aggregate] = None
    return definitions, wanted


def _figures(
    work: Work,
    question: Question,
    definitions: tuple[MetricDefinition, ...],
    wanted: Wanted,
    shared: _Shared,
    done: dict[Any, tuple[FactQuery, dict[Group, Parts]]],
) -> Figures:
    groups: dict[Group, Parts] = defaultdict(dict)
    currency, left_out = question.currency or "", 0
    for name, asked in wanted.items():
        key = _scope(name, question)
        by, every = shared[key]
        if (key, currency) not in done:
            one = FactQuery(work, replace(question, by=tuple(by)), facts_named(name), tuple(every), currency)
            done[key, currency] = one, one.groups()
        one, found = done[key, currency]
        at = [list(by).index(dimension) for dimension in question.by]
        for group, parts in found.items():
            mine = tuple(group[number] for number in at)
            for aggregate in asked.keys() & parts.keys():
                known = groups[mine]
                known[aggregate] = (
                    added(known[aggregate], parts[aggregate]) if aggregate in known else parts[aggregate]
                )
        if any(aggregate.field in one.facts.money for aggregate in asked):
            currency = currency or one.currency
            left_out = max(left_out, one.left_out)
    return Figures(question, definitions, dict(groups), currency or "CNY", left_out)


def facts_named(name: str) -> Facts:
    return one_of(FACTS, name, "facts_unknown", N_("There are no facts called “{name}”."))


@dataclass
class FactQuery:
    """One kind of facts and everything that is asked of it."""

    work: Work
    question: Question
    facts: Facts
    asked: tuple[Aggregate, ...]
    currency: str
    left_out: int = 0
    records: bool = False
    joined: Joined = field(init=False)
    inner: Any = field(init=False)

    def __post_init__(self) -> None:
        span = self.question.span(self.work.today)
        self.joined = Joined(self.facts, self.facts.build(self.work, span))
        self.inner = self._inner(span)
        if not self._in_currencies():
            self.currency = self.currency or ("CNY" if self._money() else "")
        elif self.records or any(self._is_money(a) and a.function not in WHOLE for a in self.asked):
            self._choose_currency(self._counted())

    def _is_money(self, aggregate: Aggregate) -> bool:
        return aggregate.field in self.facts.money

    def _money(self) -> str:
        """Return the first column of money that is asked for."""
        return next((a.field for a in self.asked if self._is_money(a)), "")

    def _in_currencies(self) -> bool:
        """Whether amounts are asked for that stand in several currencies."""
        return bool(self._money()) and self.joined.built.currency is not None

    def _inner(self, span: Span) -> Any:
        """Return the rows of the fact with every column that is needed, labelled; outside they are only grouped."""
        joined, question = self.joined, self.question
        columns = {f"by{at}": joined.dimension(key) for at, key in enumerate(question.by)}
        for aggregate in self.asked:
            for name in (aggregate.field, *(test.column for test in aggregate.tests)):
                if name:
                    columns[f"col_{name}"] = self._column(name)
        if joined.built.currency is not None:
            columns["currency"] = joined.built.currency
        where = [*joined.built.where, *scoped(joined, question, span)]
        labelled = [column.label(name) for name, column in columns.items()]
        labelled.append(joined.built.record.label("record"))
        if self.records:
            labelled += self._of_record()
        return select(*labelled).select_from(joined.source).where(*where).subquery("facts")

    def _of_record(self) -> list[Any]:
        """Return what a list of records shows of each."""
        built = self.joined.built
        moment = built.day if built.day is not None else built.at
        nothing = literal(None, BigInteger())
        shown = {
            "title": built.title,
            "owner": nothing if built.owner is None else built.owner,
            "account": nothing if built.account is None else built.account,
            "moment": literal(None, Date()) if moment is None else moment,
            "recorded": built.recorded,
            "changed": built.changed,
        }
        return [column.label(name) for name, column in shown.items()]

    def _column(self, name: str) -> Any:
        found = self.joined.column(name)
        if found is None:
            raise InvalidInput(
                "fact_column_unknown",
                N_("“{facts}” have no column “{column}”."),
                remedy=N_("Choose one of: {names}."),
                facts=self.facts.name,
                column=name,
                names=", ".join(sorted(self.joined.built.columns)),
            )
        return found

    def _counted(self) -> list[tuple[str, int]]:
        number = func.count(self.inner.c[f"col_{self._money()}"])
        statement = select(self.inner.c.currency, number).group_by(self.inner.c.currency)
        return [(row[0], row[1]) for row in self.work.rows(statement)]

    def _choose_currency(self, counted: Iterable[tuple[str, int]]) -> None:
        """Choose the currency that most amounts have, unless one was asked for; count those in others."""
        counts: dict[str, int] = defaultdict(int)
        for key, number in counted:
            counts[key] += number
        self.currency = self.currency or max(counts, key=lambda key: (counts[key], key), default="CNY")
        self.left_out = sum(n for key, n in counts.items() if key != self.currency)

    def groups(self) -> dict[Group, Parts]:
        """Return the parts of every group."""
        whole = [a for a in self.asked if a.function in WHOLE]
        found: dict[Group, Parts] = defaultdict(dict)
        if whole:
            self._read(whole, found)
        for aggregate in self.asked:
            if aggregate not in whole:
                self._read_values(aggregate, found)
        return found

    def _by(self) -> list[Any]:
        return [self.inner.c[f"by{at}"] for at in range(len(self.question.by))]

    def _group(self, values: Sequence[Any]) -> Group:
        zone = self.work.zone
        return tuple(folded(key, value, zone) for key, value in zip(self.question.by, values, strict=True))

    def _read(self, asked: list[Aggregate], found: dict[Group, Parts]) -> None:
        by, sums = self._by(), [self._sum(aggregate) for aggregate in asked]
        if not self._in_currencies():
            rows = self.work.rows(select(*by, *sums).group_by(*by))
            split = [(row[: len(by)], row[len(by) :], True) for row in rows]
        else:
            split = self._read_currencies(by, sums)
        for group, values, counts in split:
            parts = found[self._group(group)]
            for aggregate, part in zip(asked, values, strict=True):
                amount = int(part or 0) if counts or not self._is_money(aggregate) else 0
                parts[aggregate] = added(parts.get(aggregate, 0), amount)

    def _read_currencies(self, by: list[Any], sums: list[Any]) -> list[tuple[Any, Any, bool]]:
        """Return groups with their sums, each currency apart; amounts count in the one that is chosen by them."""
        currency, number = self.inner.c.currency, func.count(self.inner.c[f"col_{self._money()}"])
        rows = self.work.rows(select(*by, currency, number, *sums).group_by(*by, currency))
        at = len(by)
        self._choose_currency((row[at], row[at + 1]) for row in rows)
        return [(row[:at], row[at + 2 :], row[at] == self.currency) for row in rows]

    def _read_values(self, aggregate: Aggregate, found: dict[Group, Parts]) -> None:
        by = self._by()
        column = self.inner.c[f"col_{aggregate.field}"]
        where = [column.is_not(None), *self.tests(aggregate)]
        empty: Part = () if aggregate.function == "median" else frozenset()
        gathered: dict[Group, list[Any]] = defaultdict(list)
        for row in self.work.rows(select(*by, column).where(*where)):
            gathered[self._group(row[:-1])].append(row[-1])
        for group, values in gathered.items():
            part: Part = tuple(values) if aggregate.function == "median" else frozenset(map(str, values))
            found[group][aggregate] = added(found[group].get(aggregate, empty), part)

    def _sum(self, aggregate: Aggregate) -> Any:
        tests = [self._test(test) for test in aggregate.tests]
        column = self.inner.c[f"col_{aggregate.field}"] if aggregate.field else None
        if aggregate.function == "sum":
            return func.sum(case((and_(*tests), column), else_=0) if tests else column)
        counted = [*tests, *([] if column is None else [column.is_not(None)])]
        return func.sum(case((and_(*counted), 1), else_=0)) if counted else func.count(self.inner.c.record)

    def tests(self, aggregate: Aggregate) -> list[Any]:
        """Return the conditions of an aggregate, with the currency that its money is in."""
        tests = [self._test(test) for test in aggregate.tests]
        if self._is_money(aggregate) and "currency" in self.inner.c:
            tests.append(self.inner.c.currency == self.currency)
        return tests

    def _test(self, test: Condition) -> Any:
        column = self.inner.c[f"col_{test.column}"]
        values = [self._literal(value, test.column) for value in test.values]
        match test.operator:
            case "in":
                return column.in_(values)
            case "!=":
                return or_(column != values[0], column.is_(None))
            case "=":
                return column == values[0]
            case "<":
                return column < values[0]
            case "<=":
                return column <= values[0]
            case ">":
                return column > values[0]
            case _:
                return column >= values[0]

    def _literal(self, value: Any, column: str) -> Any:
        if isinstance(value, Limit):
            known = threshold(self.work, value.key, self.question.span(self.work.today).as_of)
            value = Decimal(str(known)) * value.factor
        if not isinstance(value, Decimal):
            return value
        # Formulas say money in whole units, as people do.
        value = value * 100 if column in self.facts.money else value
        if value != int(value):
            raise InvalidInput(
                "formula_number",
                N_("A condition compares “{column}” with {value}, which is no whole number."),
                column=column,
                value=value,
            )
        return int(value)


def scoped(joined: Joined, question: Question, span: Span) -> list[Any]:
    """Return the conditions of a question's unit, filters and moment on a fact."""
    built = joined.built
    where: list[Any] = []
    if question.unit_id is not None:
        if built.owner is None:
            raise InvalidInput(
                "figure_without_owner", N_("“{facts}” belong to nobody."), facts=(joined.facts,)
            )
        where.append(built.owner.in_(people_of(question.unit_id)))
    if span.known_by is not None:
        where.append(built.recorded <= span.known_by)
    for key, values in question.filters:
        where.append(filtered(joined, key, values))
    return where


def one_figure(work: Work, key: str, question: Question) -> int | Decimal | None:
    """Return one figure of a scope: what a tile, an alert or a schedule asks for (RPT-01)."""
    return compute(work, replace(question, metrics=(key,), by=())).value(key)
