"""A firm of any size, written by the server itself: what a team database holds after years of use.

Sizes follow the number of activities N: a tenth as many accounts, a twentieth as many deals, four stage
events a deal, one person for every 2,500 activities (at least 40, at most 2,000). Names are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier

REGIONS, CITIES_EACH = 4, 5
ROLES = {"rep": 30, "city_manager": 3, "regional_manager": 2, "director": 1}
"""Logins by role, and the number of the person who has it."""


@dataclass(frozen=True)
class Size:
    """How many rows of each kind a firm of N activities has."""

    activities: int

    @property
    def people(self) -> int:
        """Everybody with records of their own."""
        return min(2_000, max(40, self.activities // 2_500))

    @property
    def accounts(self) -> int:
        """Customers."""
        return max(100, self.activities // 10)

    @property
    def deals(self) -> int:
        """Opportunities."""
        return max(100, self.activities // 20)


_STEPS = """
INSERT INTO org_unit (id, name, name_key, level, parent_id, source_system, recorded_at, changed_at)
  SELECT 1, 'U1', 'u1', 'hq', NULL, '', now(), now()
  UNION ALL SELECT 1 + r, 'R' || r, 'r' || r, 'region', 1, '', now(), now() FROM generate_series(1, {regions}) r
  UNION ALL SELECT 1 + {regions} + c, 'C' || c, 'c' || c, 'city', 2 + (c - 1) % {regions}, '', now(), now()
    FROM generate_series(1, {cities}) c;
INSERT INTO org_closure (ancestor_id, descendant_id, depth)
  SELECT id, id, 0 FROM org_unit
  UNION ALL SELECT parent_id, id, 1 FROM org_unit WHERE parent_id IS NOT NULL
  UNION ALL SELECT above.parent_id, below.id, 2 FROM org_unit below JOIN org_unit above ON above.id = below.parent_id
    WHERE above.parent_id IS NOT NULL;
INSERT INTO person (id, login, name, name_key, role, status, can_sign_in, unit_id, source_system, recorded_at, changed_at)
  SELECT 10 + p, 'p' || p, 'P' || p, 'p' || p,
    CASE p WHEN 1 THEN 'director' WHEN 2 THEN 'regional_manager' WHEN 3 THEN 'city_manager' ELSE 'rep' END,
    'active', true,
    CASE p WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 2 + {regions} ELSE 2 + {regions} + p % {cities} END,
    '', now(), now()
  FROM generate_series(1, {people}) p;
INSERT INTO account (id, name, name_key, owner_id, grade, city, phone, last_effective_at, source_system, created_at, recorded_at, changed_at)
  SELECT a, 'Account ' || a, 'account ' || a, 14 + a % ({people} - 3), chr(65 + a % 3), 'C' || a % 20, '+8613' || lpad(a::text, 9, '0'),
    now() - (a % 900) * interval '1 day', '', now() - interval '3 years', now(), now()
  FROM generate_series(1, {accounts}) a;
INSERT INTO contact (id, account_id, name, name_key, owner_id, mobile, source_system, recorded_at, changed_at)
  SELECT c, 1 + c % {accounts}, 'K' || c, 'k' || c, 14 + (1 + c % {accounts}) % ({people} - 3), '+8613' || lpad(c::text, 9, '1'), '', now(), now()
  FROM generate_series(1, {accounts} * 5 / 4) c;
INSERT INTO opportunity (id, name, name_key, account_id, pipeline_id, stage_id, status, amount, currency, opened_on,
    expected_close_on, closed_on, owner_id, stage_changed_at, source_system, recorded_at, changed_at)
  SELECT d, 'Deal ' || d, 'deal ' || d, 1 + d % {accounts}, s.pipeline_id, s.ids[1 + d % array_length(s.ids, 1)],
    CASE WHEN d % 4 = 0 THEN 'open' WHEN d % 4 = 1 THEN 'lost' ELSE 'won' END, (d % 1000) * 10000, 'CNY',
    current_date - (d % 1095)::int, current_date + (d % 90)::int,
    CASE WHEN d % 4 = 0 THEN NULL ELSE greatest(current_date - (d % 1095)::int, current_date - (d % 365)::int) END,
    14 + (1 + d % {accounts}) % ({people} - 3), now() - (d % 200) * interval '1 day', '', now(), now()
  FROM generate_series(1, {deals}) d,
    (SELECT pipeline_id, array_agg(id ORDER BY position) AS ids FROM stage GROUP BY pipeline_id ORDER BY pipeline_id LIMIT 1) s;
INSERT INTO stage_event (opportunity_id, stage_id, entered_on, entered_at, person_id, inferred)
  SELECT d, s.ids[1 + (d + e) % array_length(s.ids, 1)], current_date - (d % 1095 - e * 9)::int,
    now() - (d % 1095 - e * 9) * interval '1 day', NULL, false
  FROM generate_series(1, {deals}) d, generate_series(0, 3) e,
    (SELECT array_agg(id ORDER BY position) AS ids FROM stage GROUP BY pipeline_id ORDER BY pipeline_id LIMIT 1) s;
INSERT INTO activity (id, type, subject, account_id, owner_id, occurred_at, occurred_on, status, effective, source_system, recorded_at, changed_at)
  SELECT v, CASE v % 3 WHEN 0 THEN 'call' WHEN 1 THEN 'visit' ELSE 'email' END, 'V' || v, 1 + v % {accounts},
    14 + (1 + v % {accounts}) % ({people} - 3), now() - (v % 1095) * interval '1 day', current_date - (v % 1095)::int,
    'done', v % 3 < 2, '', now(), now()
  FROM generate_series(1, {activities}) v;
INSERT INTO target (person_id, period, starts_on, ends_on, metric, value, source_system, recorded_at, changed_at)
  SELECT 10 + p, to_char(m, 'YYYY-MM'), m::date, (m + interval '1 month - 1 day')::date, 'won_amount', 10000000, '', now(), now()
  FROM generate_series(4, {people}) p,
    generate_series(date_trunc('month', now()) - interval '11 months', date_trunc('month', now()), interval '1 month') m
"""


def fill(superuser: psycopg.Connection[tuple[object, ...]], size: Size) -> None:
    """Write a firm into an initialised database, as a superuser and without triggers, and make its logins."""
    numbers = {
        "regions": REGIONS,
        "cities": REGIONS * CITIES_EACH,
        "people": size.people,
        "accounts": size.accounts,
        "deals": size.deals,
        "activities": size.activities,
    }
    superuser.execute("SET session_replication_role = replica")
    for step in _STEPS.format(**numbers).split(";\n"):
        superuser.execute(SQL(step))
    superuser.execute("SET session_replication_role = DEFAULT")
    superuser.execute("VACUUM ANALYZE")
    for role, number in ROLES.items():
        make_login(superuser, f"p{number}", role)


def make_login(superuser: psycopg.Connection[tuple[object, ...]], login: str, role: str) -> None:
    """Make the login role of a person in the group of their job, if the server does not have it yet."""
    if superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone() is None:
        superuser.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(login)))
    superuser.execute(SQL("GRANT {} TO {}").format(Identifier(f"plumbline_{role}"), Identifier(login)))
