"""The catalogue of a fresh team database says what is declared, and every departure from it is told (47, 54).

Statement: `differences` returns nothing for what `init` makes, and something for each way to open a hole.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, NullPool, create_engine

from desktop.store.access import TABLES, differences, fingerprint
from desktop.store.founding import FirstAdministrator
from desktop.store.open import initialise
from tests.databases import Place
from tests.postgres import MIGRATOR, PostgresHost

pytestmark = pytest.mark.postgres


@pytest.fixture
def superuser(team: Place) -> Iterator[Connection]:
    """A connection for which nothing is forbidden, and which keeps nothing."""
    engine = create_engine(team.url.set(username="postgres"))
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
    engine.dispose()


def test_a_fresh_database_is_as_declared(superuser: Connection) -> None:
    assert differences(superuser) == []


HOLES = {
    "policy dropped": ("DROP POLICY see_scoped ON account", "see_scoped"),
    "policy for everybody": ("CREATE POLICY open ON account USING (true)", "open"),
    "row security off": ("ALTER TABLE account DISABLE ROW LEVEL SECURITY", "account does not force"),
    "not forced": ("ALTER TABLE account NO FORCE ROW LEVEL SECURITY", "account does not force"),
    "right for everybody": ("GRANT SELECT ON account TO PUBLIC", "PUBLIC"),
    "right taken away": ("REVOKE SELECT ON account FROM plumbline_rep", "plumbline_rep"),
    "column for a rep": ("GRANT UPDATE (owner_id) ON account TO plumbline_rep", "owner_id"),
    "sequence for everybody": ("GRANT SELECT ON SEQUENCE account_id_seq TO PUBLIC", "account_id_seq"),
    "table of one's own": ("CREATE TABLE loose (id int)", "public.loose is not declared"),
    "table of another": ("ALTER TABLE account OWNER TO plumbline_migrator", "account belongs to"),
    "view of the owner": ("CREATE VIEW leak AS SELECT * FROM account", "leak shows what its owner sees"),
    "frozen view": ("CREATE MATERIALIZED VIEW leak AS SELECT * FROM account", "leak holds rows"),
    "call for everybody": ("GRANT EXECUTE ON FUNCTION plumbline.me() TO PUBLIC", "PUBLIC"),
    "search path open": ("ALTER FUNCTION plumbline.me() RESET search_path", "search path"),
    "search path turned round": (
        "ALTER FUNCTION plumbline.me() SET search_path = pg_temp, public",
        "search path",
    ),
    "definer made": ("ALTER FUNCTION plumbline.guard_person() SECURITY DEFINER", "guard_person"),
    "function of one's own": ("CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "'f'"),
    "trigger dropped": ("DROP TRIGGER guard_report ON report", "guard_report"),
    "trigger off": ("ALTER TABLE report DISABLE TRIGGER guard_report", "switched off"),
    "role that passes by": ("ALTER ROLE plumbline_rep BYPASSRLS", "plumbline_rep passes by"),
    "owner signs in": ("ALTER ROLE plumbline_owner LOGIN", "plumbline_owner can sign in"),
    "schema for everybody": ("GRANT CREATE ON SCHEMA public TO PUBLIC", "CREATE on schema public"),
    "other edition": ("UPDATE database_setting SET value = '0:x' WHERE key = 'access'", "edition"),
}


def test_every_hole_is_told(superuser: Connection) -> None:
    for hole, (statement, told) in HOLES.items():
        with superuser.begin_nested() as point:
            superuser.exec_driver_sql(statement)
            found = differences(superuser)
            assert any(told in line for line in found), (hole, found)
            point.rollback()
    assert differences(superuser) == []


def test_everybody_on_the_database_is_told(team: Place, superuser: Connection) -> None:
    superuser.exec_driver_sql(f'GRANT TEMPORARY ON DATABASE "{team.url.database}" TO PUBLIC')
    assert "everybody has TEMPORARY on database" in differences(superuser)


def test_the_conditions_are_those_declared(team: Place) -> None:
    """PostgreSQL prints conditions its own way: installed again they must come out the same, one changed by hand not."""
    query = "SELECT tablename, policyname, qual, with_check FROM pg_policies ORDER BY 1, 2"
    root = team.url.set(drivername="postgresql", username="postgres")
    with psycopg.connect(root.render_as_string(hide_password=False), autocommit=True) as connection:
        declared = connection.execute(query).fetchall()
        connection.execute("ALTER POLICY see_scoped ON account USING (true)")
        changed = connection.execute(query).fetchall()
        initialise(team.where_for(MIGRATOR))
        again = connection.execute(query).fetchall()
    assert changed != declared
    assert again == declared
    assert len(declared) > 4 * len(TABLES)


def test_a_superuser_may_set_it_up_as_well(postgres_host: PostgresHost) -> None:
    place = postgres_host.empty()
    first = FirstAdministrator(f"l{uuid.uuid4().hex[:10]}", "First")
    assert initialise(place.where_for("postgres"), first=first)
    assert told(place) == []
    postgres_host.drop(place)


def test_what_an_older_set_up_left_is_taken_over(team: Place) -> None:
    """Tables that belong to whoever ran an older init, rights for everybody, no row-level security."""
    root = team.url.set(drivername="postgresql", username="postgres")
    with psycopg.connect(root.render_as_string(hide_password=False), autocommit=True) as connection:
        for statement in (
            f"ALTER TABLE account OWNER TO {MIGRATOR}",
            "ALTER TABLE contact DISABLE ROW LEVEL SECURITY",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plumbline_member",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO plumbline_member",
        ):
            connection.execute(statement)
    assert len(told(team)) > 50
    initialise(team.where_for(MIGRATOR))
    assert told(team) == []


def told(place: Place) -> list[str]:
    """What the catalogue of a database differs in."""
    engine = create_engine(place.url.set(username="postgres"), poolclass=NullPool)
    with engine.connect() as connection:
        return differences(connection)


def test_the_fingerprint_names_edition_and_content() -> None:
    edition, _, content = fingerprint().partition(":")
    assert int(edition) >= 1
    assert len(content) == 64
