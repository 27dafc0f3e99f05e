"""What row-level security costs: the same question under a policy and with a filter written by hand, in turn.

A firm of reps with 500 customers each, ten reps to a city and ten cities to a region. Each person asks over a
connection of their own login; the filter by hand is asked by sales operations, whom no policy narrows. The
ratio is that of the medians (limit 1.3), a list's 95th percentile is for the rep (limit 50 ms at a million).

usage: python -m benchmarks rls, or python -m benchmarks.rls [--customers 1000000] [--repeats 30]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.databases import postgres
from benchmarks.measure import say

PER_REP = 500
PER_CITY = 10
PER_REGION = 10

_FILL = """
INSERT INTO org_unit (id, name, name_key, level, parent_id, source_system, recorded_at, changed_at)
    SELECT 1, 'HQ', 'hq', 'hq', NULL::bigint, '', now(), now()
    UNION ALL SELECT 1 + r, 'R' || r, 'r' || r, 'region', 1, '', now(), now() FROM generate_series(1, {regions}) AS r
    UNION ALL SELECT 1000 + c, 'C' || c, 'c' || c, 'city', 2 + (c - 1) / {per_region}, '', now(), now()
        FROM generate_series(1, {cities}) AS c;
INSERT INTO org_closure (ancestor_id, descendant_id, depth)
    WITH RECURSIVE up AS (SELECT id AS descendant, id AS ancestor, 0 AS depth FROM org_unit
        UNION ALL SELECT up.descendant, u.parent_id, up.depth + 1 FROM up JOIN org_unit u ON u.id = up.ancestor
        WHERE u.parent_id IS NOT NULL)
    SELECT ancestor, descendant, depth FROM up;
INSERT INTO person (id, name, name_key, role, login, status, can_sign_in, unit_id, source_system, recorded_at, changed_at)
    SELECT 1000 + n, 'Rep ' || n, 'rep' || n, 'rep', 'rls_rep_' || n, 'active', true, 1000 + 1 + (n - 1) / {per_city},
        '', now(), now() FROM generate_series(1, {reps}) AS n
    UNION ALL SELECT 101, 'City', 'city', 'city_manager', 'rls_city_manager', 'active', true, 1001, '', now(), now()
    UNION ALL SELECT 102, 'Region', 'region', 'regional_manager', 'rls_regional_manager', 'active', true, 2, '', now(), now()
    UNION ALL SELECT 103, 'Director', 'director', 'director', 'rls_director', 'active', true, 1, '', now(), now()
    UNION ALL SELECT 104, 'Ops', 'ops', 'sales_ops', 'rls_sales_ops', 'active', true, 1, '', now(), now();
INSERT INTO account (id, name, name_key, owner_id, annual_revenue, city, grade, last_effective_at, source_system,
        recorded_at, changed_at)
    SELECT n, 'Customer ' || n, md5(n::text), 1000 + 1 + (n % {reps}), n, 'City ' || n % 300, 'A',
        now() - n % 900 * interval '1 day', '', now(), now() FROM generate_series(1, {customers}) AS n;
INSERT INTO opportunity (name, name_key, account_id, pipeline_id, stage_id, status, amount, currency, owner_id,
        opened_on, source_system, recorded_at, changed_at)
    SELECT 'Deal ' || n, 'deal' || n, n, s.pipeline_id, s.id, CASE n % 2 WHEN 0 THEN 'open' ELSE 'won' END, n, 'CNY',
        1000 + 1 + (n % {reps}), current_date - (n % 700)::int, '', now(), now()
    FROM generate_series(1, {customers}, 3) AS n, (SELECT id, pipeline_id FROM stage ORDER BY id LIMIT 1) AS s;
INSERT INTO activity (type, subject, account_id, owner_id, occurred_at, occurred_on, status, effective, source_system,
        recorded_at, changed_at)
    SELECT 'call', 'Call ' || n, n, 1000 + 1 + (n % {reps}), now() - n % 900 * interval '1 day',
        current_date - (n % 900)::int, 'done', true, '', now(), now() FROM generate_series(1, {customers}) AS n;
"""

_QUESTIONS = {
    "customers: count and sum": "SELECT count(*), sum(annual_revenue) FROM account {where}",
    "customers: list": "SELECT id, name, grade, city, last_effective_at FROM account {where}"
    " ORDER BY last_effective_at DESC, id LIMIT 200",
    "customers: search": "SELECT id, name FROM account {where} {and} name LIKE '%77%' ORDER BY name, id LIMIT 50",
    "deals: open ones": "SELECT id, name, amount FROM opportunity {where} {and} status = 'open'"
    " ORDER BY amount DESC, id LIMIT 200",
    "activities: count": "SELECT count(*) FROM activity {where}",
    "activities: newest": "SELECT id, subject FROM activity {where} ORDER BY occurred_at DESC, id LIMIT 200",
}

_PEOPLE = {
    "rep": "(SELECT 1001)",
    "city_manager": "(SELECT p.id FROM person p JOIN org_closure c ON c.descendant_id = p.unit_id"
    " WHERE c.ancestor_id = 1001)",
    "regional_manager": "(SELECT p.id FROM person p JOIN org_closure c ON c.descendant_id = p.unit_id"
    " WHERE c.ancestor_id = 2)",
    "director": "",
}
_LOGINS = {
    "rep": "rls_rep_1",
    "city_manager": "rls_city_manager",
    "regional_manager": "rls_regional_manager",
    "director": "rls_director",
}


@dataclass(frozen=True)
class Asked:
    """One question of one person: milliseconds under the policy and by hand, and whether both found the same."""

    who: str
    question: str
    policy_ms: float
    by_hand_ms: float
    p95_ms: float
    rows: int

    @property
    def ratio(self) -> float:
        """How many times as long the policy takes."""
        return self.policy_ms / self.by_hand_ms


def by_hand(question: str, who: str) -> str:
    """Return the question with the filter that a careful programmer would write."""
    people = _PEOPLE[who]
    template = _QUESTIONS[question]
    if not people:
        return template.replace("{where}", "").replace("{and}", "WHERE")
    mine = f"owner_id = ANY (ARRAY{people})"
    if "FROM account" not in template:
        theirs = f"SELECT id FROM account WHERE {mine}"
        # Few ids are looked up in the index, many hashed once.
        found = f"account_id = ANY (ARRAY({theirs}))" if who == "rep" else f"account_id IN ({theirs})"
        mine = f"({mine} OR {found})"
    return template.replace("{where}", f"WHERE {mine}").replace("{and}", "AND")


def prepare(server: Any, customers: int) -> str:
    """Make a team database with that many customers and return its address as the superuser has it."""
    from desktop.store.founding import FirstAdministrator
    from desktop.store.open import initialise

    place = server.empty()
    initialise(place.ours, first=FirstAdministrator("rls_admin", "Admin"))
    reps = max(PER_CITY, customers // PER_REP)
    cities = -(-reps // PER_CITY)
    sizes = {
        "customers": customers,
        "reps": reps,
        "cities": cities,
        "regions": -(-cities // PER_REGION),
        "per_city": PER_CITY,
        "per_region": PER_REGION,
    }
    with psycopg.connect(place.ours, autocommit=True) as connection:
        connection.execute(_FILL.format(**sizes))
        connection.execute("VACUUM ANALYZE")
        for role, login in (*_LOGINS.items(), ("sales_ops", "rls_sales_ops")):
            connection.execute(f"CREATE ROLE {login} LOGIN IN ROLE plumbline_{role}")
    return str(place.ours)


def as_login(address: str, login: str) -> psycopg.Connection[Any]:
    """Connect to the same database as one of its people."""
    return psycopg.connect(address, user=login, autocommit=True)


def measure(address: str, repeats: int) -> list[Asked]:
    """Ask every question for every person, policy and filter by hand in turn."""
    found = []
    with as_login(address, "rls_sales_ops") as ops:
        for who, login in _LOGINS.items():
            with as_login(address, login) as person:
                for question, template in _QUESTIONS.items():
                    plain = template.replace("{where}", "").replace("{and}", "WHERE")
                    found.append(_ask(person, ops, plain, by_hand(question, who), repeats, who, question))
    return found


def _ask(
    person: psycopg.Connection[Any],
    ops: psycopg.Connection[Any],
    plain: str,
    filtered: str,
    repeats: int,
    who: str,
    question: str,
) -> Asked:
    policy, hand = [], []
    for _ in range(repeats + 1):
        policy.append(_timed(person, plain))
        hand.append(_timed(ops, filtered))
    if sorted(policy[0][1]) != sorted(hand[0][1]):
        raise AssertionError(f"{who}: “{question}” finds something else by hand")
    times = [seconds * 1000 for seconds, _ in policy[1:]]  # the first one warms up
    ninety_fifth = sorted(times)[max(0, round(0.95 * len(times)) - 1)]
    return Asked(
        who,
        question,
        statistics.median(times),
        statistics.median(seconds * 1000 for seconds, _ in hand[1:]),
        ninety_fifth,
        len(policy[0][1]),
    )


def _timed(connection: psycopg.Connection[Any], query: str) -> tuple[float, list[Any]]:
    began = time.perf_counter()
    rows = connection.execute(query).fetchall()
    return time.perf_counter() - began, rows


def plans(address: str) -> dict[str, str]:
    """Return the plan of each question of the rep, for whoever wants to know which index is used."""
    with as_login(address, _LOGINS["rep"]) as rep:
        return {
            question: "\n".join(
                str(row[0])
                for row in rep.execute(
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "
                    + template.replace("{where}", "").replace("{and}", "WHERE")
                )
            )
            for question, template in _QUESTIONS.items()
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the result as JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks rls", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="20,000 customers, three repeats")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--plans", action="store_true", help="print the rep's plans, too")
    options = parser.parse_args(arguments)
    customers, repeats = (20_000, 3) if options.smoke else (options.customers, options.repeats)
    with tempfile.TemporaryDirectory(prefix="plumbline-rls-") as folder, postgres(Path(folder)) as server:
        address = prepare(server, customers)
        found = measure(address, repeats)
        shown = plans(address) if options.plans else {}
    say(
        "rls",
        {
            "customers": customers,
            "repeats": repeats,
            "questions": [
                {
                    "who": one.who,
                    "question": one.question,
                    "rows": one.rows,
                    "policy_ms": round(one.policy_ms, 2),
                    "by_hand_ms": round(one.by_hand_ms, 2),
                    "ratio": round(one.ratio, 2),
                    "p95_ms": round(one.p95_ms, 2),
                }
                for one in found
            ],
            "plans": shown,
        },
    )


if __name__ == "__main__":
    main()
