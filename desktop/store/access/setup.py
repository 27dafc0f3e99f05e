"""What only the one who runs `plumbline init` can do: roles, schemas, ownership, rights on the database.

That is a superuser, or a login that may create roles and owns the database. Everything else is then done
as the owner, whom nobody signs in as.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from desktop.errors import NotAllowed
from desktop.i18n import N_
from desktop.store.access.groups import EVERYONE, KEEPERS, MEMBERS, OWNER, SCHEMA, group_of, groups


def prepare_owner(connection: Connection) -> None:
    """See to it that the owner exists, that whoever is connected may act as it, and that it owns our tables.

    Raises NotAllowed where the login may not.
    """
    if not _one(connection, f"SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}')"):
        # It makes the logins of people, in functions that administrators call; nobody signs in as it.
        connection.exec_driver_sql(f"CREATE ROLE {OWNER} NOLOGIN CREATEROLE")
    elif not _one(connection, f"SELECT rolcreaterole FROM pg_roles WHERE rolname = '{OWNER}'"):
        connection.exec_driver_sql(f"ALTER ROLE {OWNER} CREATEROLE")
    if not _may_act_as_owner(connection):
        _grant_owner(connection)
    for schema in ("public", SCHEMA):
        if not _one(connection, f"SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = '{schema}')"):
            connection.exec_driver_sql(f"CREATE SCHEMA {schema} AUTHORIZATION {OWNER}")
    if not _one(connection, f"SELECT has_schema_privilege('{OWNER}', 'public', 'CREATE')"):
        connection.exec_driver_sql(f"GRANT CREATE, USAGE ON SCHEMA public TO {OWNER}")
    _take_over(connection)
    _hand_on_groups(connection)


def open_schemas(connection: Connection) -> None:
    """Let members look into our schemas, and nobody else; only importers may make temporary tables."""
    database = str(_one(connection, "SELECT quote_ident(current_database())"))
    connection.exec_driver_sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {MEMBERS}")
    for statement in database_rights(database):
        connection.exec_driver_sql(statement)


def database_rights(database: str) -> list[str]:
    """Return the statements that let members alone connect to a database (a quoted name)."""
    return [
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {MEMBERS}",
        # Imports are staged in temporary tables; nobody else needs a place to put objects of their own.
        f"GRANT TEMPORARY ON DATABASE {database} TO {groups(KEEPERS)}, {OWNER}",
    ]


def become_owner(driver: Any, _record: object) -> None:
    """Let a fresh connection do everything as the owner (a listener of an engine's `connect`)."""
    cursor = driver.cursor()
    cursor.execute(f"SET ROLE {OWNER}")
    cursor.close()
    driver.commit()


def _may_act_as_owner(connection: Connection) -> bool:
    kind = "SET" if _version(connection) >= 160000 else "MEMBER"
    return bool(_one(connection, f"SELECT pg_has_role(current_user, '{OWNER}', '{kind}')"))


def _grant_owner(connection: Connection) -> None:
    may = _one(connection, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if not may:
        raise NotAllowed(
            "init_not_allowed",
            N_("This login may not set up the team database."),
            remedy=N_(
                "Run init as a superuser, or as the owner of the database with the right to create roles."
            ),
        )
    options = " WITH SET TRUE, INHERIT FALSE" if _version(connection) >= 160000 else ""
    connection.exec_driver_sql(f"GRANT {OWNER} TO current_user{options}")


def _take_over(connection: Connection) -> None:
    """Make the owner own what an older set-up left with whoever ran it."""
    found = connection.execute(
        text(
            "SELECT c.oid::regclass::text AS name FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) <> :owner"
        ),
        {"owner": OWNER},
    )
    for row in found.all():
        connection.exec_driver_sql(f"ALTER TABLE {row.name} OWNER TO {OWNER}")


def _hand_on_groups(connection: Connection) -> None:
    """Let the owner manage the groups that an older set-up made."""
    for name in (MEMBERS, *(group_of(role) for role in EVERYONE)):
        present = _one(connection, f"SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{name}')")
        if present and not _one(
            connection,
            "SELECT EXISTS (SELECT 1 FROM pg_auth_members AS m WHERE m.admin_option"
            f" AND m.member = '{OWNER}'::regrole AND m.roleid = '{name}'::regrole)",
        ):
            connection.exec_driver_sql(f"GRANT {name} TO {OWNER} WITH ADMIN OPTION")


def _version(connection: Connection) -> int:
    return int(str(_one(connection, "SELECT current_setting('server_version_num')")))


def _one(connection: Connection, query: str) -> object:
    return connection.exec_driver_sql(query).scalar()
