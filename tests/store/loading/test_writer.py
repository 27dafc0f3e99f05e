"""Writes that go on beside what needs no database: in their order, seen by whoever asks, their failures told."""

from __future__ import annotations

import threading

import polars as pl
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from desktop.models import Base
from desktop.store.loading import bulk
from desktop.store.loading.writer import Writer
from desktop.store.workspace import Work, Workspace


def test_writes_are_done_in_their_order_on_another_thread() -> None:
    writer = Writer()
    done: list[tuple[int, bool]] = []
    here = threading.current_thread()
    for number in range(10):
        writer.add(lambda number=number: done.append((number, threading.current_thread() is here)))  # type: ignore[misc]
    writer.settle()
    writer.close()
    assert done == [(number, False) for number in range(10)]


def test_the_first_failure_is_raised_and_nothing_is_done_after_it() -> None:
    writer = Writer()
    done: list[str] = []

    def fail() -> None:
        raise ValueError("first")

    writer.add(lambda: done.append("before"))
    writer.add(fail)
    writer.add(lambda: done.append("after"))
    with pytest.raises(ValueError, match="first"):
        writer.settle()
    writer.settle()
    writer.close()
    assert done == ["before"]


def _campaigns(first: int, count: int, work: Work) -> pl.DataFrame:
    ids = pl.Series("id", range(first, first + count), dtype=pl.Int64)
    return pl.DataFrame({"id": ids}).with_columns(
        pl.lit(1, dtype=pl.Int64).alias("version"),
        pl.lit(work.now).alias("recorded_at"),
        pl.lit(work.now).alias("changed_at"),
        pl.lit("").alias("source_system"),
        pl.lit("活动").alias("name"),
        pl.lit("活动").alias("name_key"),
    )


def test_whoever_asks_sees_what_was_written(workspace: Workspace) -> None:
    table = Base.metadata.tables["campaign"]

    def write(work: Work) -> tuple[int, int]:
        with bulk.roomy(work.connection, work.control):
            for first in (1001, 2001, 3001, 4001, 5001):
                bulk.insert(work.connection, table, _campaigns(first, 10, work))
            asked = int(work.session.execute(select(func.count()).select_from(table)).scalar_one())
            bulk.update(
                work.connection,
                table,
                pl.DataFrame({"id": [1001], "name": ["别的"]}),
            )
            named = bulk.fetch(work.connection, table, ["name"], [1001])["name"].to_list()
            assert named == ["别的"]
            bulk.insert(work.connection, table, _campaigns(6001, 5, work))
        return asked, bulk.fetch(work.connection, table, ["id"]).height

    assert workspace.rehearse(write) == (50, 55)


def test_a_write_that_fails_beside_fails_the_transaction(workspace: Workspace) -> None:
    table = Base.metadata.tables["campaign"]

    def write(work: Work) -> None:
        with bulk.roomy(work.connection, work.control):
            bulk.insert(work.connection, table, _campaigns(1001, 2, work))
            bulk.insert(work.connection, table, _campaigns(1001, 1, work))

    with pytest.raises(IntegrityError):
        workspace.write(write)
    assert workspace.read(lambda work: bulk.fetch(work.connection, table, ["id"]).height) == 0
