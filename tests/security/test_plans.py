"""Case 51: what a plan counts and estimates says nothing of the words of hidden rows.

PostgreSQL compares texts in an index before it asks row-level security, and estimates with samples of all
rows: a search between two words would tell, by EXPLAIN ANALYZE, how many hidden rows lie between them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from desktop.models import Base
from tests.postgres import PostgresHost
from tests.security.firms import Maker, put
from tests.security.lab import Connection, Lab, lab
from tests.security.stage import staged

pytestmark = pytest.mark.postgres

WORDS = {
    "account": ("name_key", "name", "credit_code", "phone", "mobile", "email", "address"),
    "contact": ("name_key", "mobile", "email", "wechat"),
    "opportunity": ("name_key", "name"),
    "lead": ("name_key", "phone", "company"),
    "contract": ("number", "name_key"),
    "quote": ("number",),
    "invoice": ("number",),
    "payment": ("number",),
    "sales_order": ("number",),
    "call_record": ("caller", "callee"),
    "touchpoint": ("customer_id",),
}
KEYS_OF_SOURCES = {"external_id", "row_key", "dedup_key", "source_system"}
"""Unique keys need their index; what a source calls a record can be tried, and says nothing else of it."""


@pytest.fixture(scope="module")
def stage(postgres_host: PostgresHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The staged firm with its rows many times over, and statistics of them."""
    place = postgres_host.fresh(tmp_path_factory.mktemp("plans"))
    firm, words = staged()
    maker = Maker(12)
    maker.firm, maker.ids = firm, itertools.count(1_000_000)
    with lab(place, firm) as made:
        with made.root.transaction():
            made.root.execute("SET LOCAL session_replication_role = replica")
            for table, columns in WORDS.items():
                rows = []
                for number in range(300):
                    row = maker.row(Base.metadata.tables[table])
                    row |= {name: None for name in ("account_id", "contract_id") if name in row}
                    row |= {"owner_id": int(words["other_rep"])} if "owner_id" in row else {}
                    rows.append(row | dict.fromkeys(columns, f"{table} {number}"))
                put(made.root, table, rows)
        made.root.execute("ANALYZE")
        yield made
    postgres_host.drop(place)


def plan(session: Connection, table: str, column: str, low: str, high: str) -> str:
    """Return what EXPLAIN ANALYZE counts and estimates, without the words that were asked for."""
    asked = f"SELECT 1 FROM {table} WHERE {column} >= '{low}' AND {column} < '{high}'"
    session.execute("SET enable_seqscan = off")
    rows = session.execute(
        f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS OFF) {asked}".encode()
    ).fetchall()
    return re.sub(
        r"'[^']*'|Index Searches: \d+|actual rows=\S+ loops=\d+|\(never executed\)",
        "",
        "\n".join(row[0] for row in rows),
    )


@pytest.mark.parametrize("table", WORDS)
def test_case_51_a_plan_counts_the_same_for_words_that_are_there(stage: Lab, table: str) -> None:
    session = stage.as_login("rep_1")
    for column in WORDS[table]:
        there = plan(session, table, column, f"{table} 2", f"{table} 3")
        nowhere = plan(session, table, column, "zz 2", "zz 3")
        assert there == nowhere, column


def test_who_is_asking_is_looked_up_in_an_index(stage: Lab) -> None:
    """session_user has a collation of its own, with which every statement would read through all people."""
    functions = "SELECT prosrc FROM pg_proc WHERE pronamespace = 'plumbline'::regnamespace ORDER BY oid"
    told = "\n".join(row[0] for row in stage.root.execute(functions).fetchall())
    conditions = set(re.findall(r'\blogin = session_user(?:::\w+)?(?: COLLATE "\w+")?', told))
    assert conditions
    session = stage.as_login("postgres")
    session.execute("SET enable_seqscan = off")
    for condition in conditions:
        rows = session.execute(f"EXPLAIN SELECT 1 FROM person WHERE {condition}".encode()).fetchall()
        assert "uq_person_login" in str(rows), condition


def test_case_51_no_index_sorts_words_of_hidden_rows(stage: Lab) -> None:
    indexed = stage.root.execute(
        """SELECT DISTINCT c.relname || '.' || a.attname FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        JOIN pg_policies p ON p.tablename = c.relname AND 'plumbline_rep' = ANY (p.roles)
            AND p.cmd = 'SELECT' AND p.qual <> 'true'
        WHERE a.atttypid IN ('text'::regtype, 'varchar'::regtype) ORDER BY 1"""
    ).fetchall()
    found = {str(row[0]) for row in indexed}
    assert {name for name in found if name.partition(".")[2] not in KEYS_OF_SOURCES} <= HARMLESS


HARMLESS = {
    "approval_request.kind",
    "approval_task.slot",
    "audit_entry.operation_id",
    "handover_item.kind",
    "operation.id",
    "opportunity.status",
    "ownership.kind",
    "report_file.sha256",
    "target.period",
}
"""Random words, hashes, and words of a closed list."""


def test_case_51_no_sample_of_hidden_words_is_kept(stage: Lab) -> None:
    for table, columns in WORDS.items():
        sampled = stage.root.execute(
            "SELECT attname FROM pg_stats WHERE schemaname = 'public' AND tablename = %s AND attname = ANY (%s)",
            [table, list(columns)],
        ).fetchall()
        assert sampled == [], table
