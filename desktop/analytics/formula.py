"""The formulas of metrics: counts, sums and medians of facts, added, subtracted, multiplied and divided.

    sum(won.amount) / count(won)
    count(lead where response_seconds <= threshold('lead.first_touch_watch_h') * 3600) / count(lead)

A formula is read here into a tree; whoever has the facts computes its aggregates, and `evaluate` does the rest in
exact fractions. Aggregates add up over any split (a median keeps its values), so a total is worked out from the
parts of its rows, never from their results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from desktop.errors import InvalidInput
from desktop.i18n import N_

FUNCTIONS = ("count", "sum", "mean", "median", "distinct")
OPERATORS = ("<=", ">=", "!=", "=", "<", ">", "in")
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Limit:
    """A number in a condition that stands in the thresholds, times a factor (hours to seconds)."""

    key: str
    factor: Decimal = Decimal(1)


Literal = str | Decimal | Limit


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a column of a fact."""

    column: str
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What is asked of facts; `field` is empty for counting them."""

    function: str
    facts: str
    field: str = ""
    tests: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Binary:
    """Two parts of a formula and what is done with them."""

    operator: str
    left: Node
    right: Node


Node = Aggregate | Number | Binary
Part = int | tuple[int, ...] | frozenset[str]
"""What an aggregate comes to: a whole number, the values of a median, or the different values."""

_TOKENS = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|'(?P<text>[^']*)'"
    r"|(?P<sign><=|>=|!=|[-+*/().,=<>]))"
)


@cache
def parse(text: str) -> Node:
    """Return the tree of a formula; raise InvalidInput where it cannot be read."""
    return _Reader(text).whole()


def aggregates(node: Node) -> Iterator[Aggregate]:
    """Yield what a formula asks of the facts, from left to right."""
    if isinstance(node, Aggregate):
        yield node
    elif isinstance(node, Binary):
        yield from aggregates(node.left)
        yield from aggregates(node.right)


def evaluate(node: Node, parts: Mapping[Aggregate, Part]) -> Fraction | None:
    """Return a formula's value; None where it divides by nothing or a median has no values."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Aggregate):
        return _aggregate(node, parts.get(node))
    left, right = evaluate(node.left, parts), evaluate(node.right, parts)
    if left is None or right is None:
        return None
    if node.operator == "/":
        return left / right if right else None
    return {"+": left.__add__, "-": left.__sub__, "*": left.__mul__}[node.operator](right)


def _aggregate(node: Aggregate, part: Part | None) -> Fraction | None:
    if node.function == "median":
        values = sorted(part) if isinstance(part, tuple) else []
        middle, odd = divmod(len(values), 2)
        if not values:
            return None
        return Fraction(values[middle]) if odd else Fraction(values[middle - 1] + values[middle], 2)
    if node.function == "distinct":
        return Fraction(len(part) if isinstance(part, frozenset) else 0)
    return Fraction(part if isinstance(part, int) else 0)


def added(one: Part, two: Part) -> Part:
    """Return the part of two groups together."""
    if isinstance(one, frozenset) and isinstance(two, frozenset):
        return one | two
    return one + two  # type: ignore[operator]


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str, int]] = []
        at = 0
        if len(text) > LONGEST:
            raise self._error(LONGEST)
        while at < len(text.rstrip()):
            match = _TOKENS.match(text, at)
            if match is None:
                raise self._error(at)
            kind = str(match.lastgroup)
            self._tokens.append((kind, match[kind], match.start(kind)))
            at = match.end()
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._sum()
        if self._at < len(self._tokens):
            raise self._error()
        if not any(True for _each in aggregates(node)):
            raise self._error(0)
        return node

    def _error(self, at: int | None = None) -> InvalidInput:
        if at is None:
            at = self._tokens[self._at][2] if self._at < len(self._tokens) else len(self._text)
        return InvalidInput(
            "formula_unreadable",
            N_("The formula cannot be read from character {at} on: “{rest}”."),
            remedy=N_("Write it like: sum(won.amount) / count(won where grade = 'A')"),
            at=at + 1,
            rest=self._text[at : at + 30],
        )

    def _peek(self) -> str:
        if self._at >= len(self._tokens):
            return ""
        kind, text, _at = self._tokens[self._at]
        return "" if kind == "text" else text

    def _take(self, *wanted: str) -> str:
        found = self._peek()
        if not found or (wanted and found not in wanted):
            raise self._error()
        self._at += 1
        return found

    def _word(self) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != "word":
            raise self._error()
        return self._take()

    def _sum(self) -> Node:
        node = self._product()
        while self._peek() in ("+", "-"):
            node = Binary(self._take(), node, self._product())
        return node

    def _product(self) -> Node:
        node = self._factor()
        while self._peek() in ("*", "/"):
            node = Binary(self._take(), node, self._factor())
        return node

    def _factor(self) -> Node:
        if self._peek() == "(":
            self._depth += 1
            if self._depth > 50:
                raise self._error()
            self._take()
            node = self._sum()
            self._take(")")
            self._depth -= 1
            return node
        if self._at < len(self._tokens) and self._tokens[self._at][0] == "number":
            return Number(Fraction(self._take()))
        return self._call()

    def _call(self) -> Node:
        name = self._take(*FUNCTIONS)
        self._take("(")
        facts, field = self._word(), ""
        if self._peek() == ".":
            self._take()
            field = self._word()
        if not field and name != "count":
            raise self._error()
        tests: list[Condition] = []
        if self._peek() == "where":
            self._take()
            tests.append(self._test())
            while self._peek() == "and":
                self._take()
                tests.append(self._test())
        self._take(")")
        if name == "mean":
            both = (facts, field, tuple(tests))
            return Binary("/", Aggregate("sum", *both), Aggregate("count", *both))
        return Aggregate(name, facts, field, tuple(tests))

    def _test(self) -> Condition:
        column, operator = self._word(), self._take(*OPERATORS)
        if operator != "in":
            return Condition(column, operator, (self._literal(),))
        self._take("(")
        values = [self._literal()]
        while self._peek() == ",":
            self._take()
            values.append(self._literal())
        self._take(")")
        return Condition(column, operator, tuple(values))

    def _literal(self) -> Literal:
        if self._at >= len(self._tokens):
            raise self._error()
        kind, text, _at = self._tokens[self._at]
        if kind == "word" and text == "threshold":
            return self._limit()
        if kind not in ("number", "text"):
            raise self._error()
        self._at += 1
        return Decimal(text) if kind == "number" else text

    def _limit(self) -> Limit:
        self._take("threshold")
        self._take("(")
        kind, key, _at = self._tokens[self._at] if self._at < len(self._tokens) else ("", "", 0)
        if kind != "text":
            raise self._error()
        self._at += 1
        self._take(")")
        if self._peek() != "*":
            return Limit(key)
        self._take()
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != "number":
            raise self._error()
        return Limit(key, Decimal(self._take()))
