"""Distances in time that both databases compute alike: whole days between dates, whole seconds between instants."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class days_between(FunctionElement[int]):  # noqa: N801  (reads as a function where it is used)
    """Days from the first date to the second; NULL where one is missing."""

    type = BigInteger()
    inherit_cache = True


class seconds_between(FunctionElement[int]):  # noqa: N801
    """Whole seconds from the first instant to the second, each cut to its second."""

    type = BigInteger()
    inherit_cache = True


def _both(element: Any, compiler: Any, **options: Any) -> tuple[str, str]:
    early, late = list(element.clauses)
    return compiler.process(early, **options), compiler.process(late, **options)


@compiles(days_between, "sqlite")
def _days_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    early, late = _both(element, compiler, **options)
    return f"CAST(julianday({late}) - julianday({early}) AS INTEGER)"


@compiles(days_between)
def _days(element: Any, compiler: Any, **options: Any) -> str:
    early, late = _both(element, compiler, **options)
    return f"CAST(CAST({late} AS DATE) - CAST({early} AS DATE) AS BIGINT)"


@compiles(seconds_between, "sqlite")
def _seconds_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    early, late = _both(element, compiler, **options)
    return f"(CAST(strftime('%s', {late}) AS INTEGER) - CAST(strftime('%s', {early}) AS INTEGER))"


@compiles(seconds_between)
def _seconds(element: Any, compiler: Any, **options: Any) -> str:
    early, late = _both(element, compiler, **options)
    stamp = "CAST({} AS TIMESTAMP WITH TIME ZONE)"
    return (
        f"CAST(floor(extract(epoch FROM {stamp.format(late)}))"
        f" - floor(extract(epoch FROM {stamp.format(early)})) AS BIGINT)"
    )
