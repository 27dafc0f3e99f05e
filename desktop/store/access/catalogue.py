"""Does the database's catalogue say what is declared? Every difference is a sentence for an administrator.

A policy that somebody dropped, a right that somebody gave away in a hurry, a table of one's own: each
would be a hole that no error message tells of.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from desktop.models import Base
from desktop.store.access.functions import FUNCTIONS, TRIGGERS
from desktop.store.access.groups import EVERYONE, MEMBERS, OWNER, SCHEMA, group_of
from desktop.store.access.install import MADE_ELSEWHERE, OUR_TABLES, SETTING, TRIGGERS_ELSEWHERE, fingerprint
from desktop.store.access.tables import TABLES

OURS = f"n.nspname IN ('public', '{SCHEMA}')"


def differences(connection: Connection) -> list[str]:
    """Return what differs from the declaration; nothing means that the database decides as declared."""
    checks = (_installed, _tables, _policies, _rights, _functions, _triggers, _views, _roles)
    return [line for check in checks for line in check(connection)]


def _rows(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text(query.replace("::", "\\:\\:"))).all()]


def _installed(connection: Connection) -> Iterator[str]:
    found = _rows(connection, f"SELECT value FROM public.database_setting WHERE key = '{SETTING}'")
    if found != [(fingerprint(),)]:
        yield "the installed access is not of this edition"


def _tables(connection: Connection) -> Iterator[str]:
    declared = {f"public.{name}" for name in TABLES} | {f"{SCHEMA}.{name}" for name in OUR_TABLES}
    query = f"""SELECT n.nspname || '.' || c.relname, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE {OURS} AND c.relkind IN ('r', 'p')"""
    there = set()
    for name, owner, enabled, forced in _rows(connection, query):
        there.add(str(name))
        if owner != OWNER:
            yield f"table {name} belongs to {owner}"
        if not (enabled and forced):
            yield f"table {name} does not force row-level security"
    yield from (f"table {name} is not declared" for name in sorted(there - declared))
    yield from (f"table {name} is missing" for name in sorted(declared - there))
    known = {table.name for table in Base.metadata.tables.values()} | {"alembic_version"}
    yield from (f"table {name} is declared for nothing" for name in sorted(set(TABLES) ^ known))


def _policies(connection: Connection) -> Iterator[str]:
    """Names, verbs and jobs of policies; their conditions are compared as PostgreSQL prints them, by the tests."""
    declared: set[tuple[str, str, str, str, tuple[str, ...]]] = {
        ("public", table, "owner", "ALL", (OWNER,)) for table in TABLES
    }
    for table in TABLES.values():
        for policy in table.policies:
            jobs = tuple(sorted(group_of(role) for role in policy.roles))
            declared.add(("public", table.name, policy.name, policy.verb, jobs))
    for own, (_shape, readers) in OUR_TABLES.items():
        declared.add((SCHEMA, own, "owner", "ALL", (OWNER,)))
        if readers:
            jobs = tuple(sorted(group_of(role) for role in readers))
            declared.add((SCHEMA, own, "see_all", "SELECT", jobs))
    query = """SELECT schemaname, tablename, policyname, cmd, array_to_string(ARRAY(SELECT r::text
        FROM unnest(roles) AS r ORDER BY r::text COLLATE "C"), ','), permissive FROM pg_policies"""
    there = set()
    for schema, table_name, name, verb, jobs_text, permissive in _rows(connection, query):
        there.add((str(schema), str(table_name), str(name), str(verb), tuple(str(jobs_text).split(","))))
        if permissive != "PERMISSIVE":
            yield f"policy {name} of {table_name} is {permissive}"
    yield from (f"policy {line} is not declared" for line in sorted(there - declared))
    yield from (f"policy {line} is missing" for line in sorted(declared - there))


def _rights(connection: Connection) -> Iterator[str]:
    """Who holds which right on which table or column, beyond the owner."""
    declared: set[tuple[str, str, str, str]] = set()
    for table in TABLES.values():
        for grant in table.grants:
            for role in grant.roles:
                for column in grant.columns or ("",):
                    declared.add((f"public.{table.name}", column, group_of(role), grant.verb))
    for name, (_shape, readers) in OUR_TABLES.items():
        declared |= {(f"{SCHEMA}.{name}", "", group_of(role), "SELECT") for role in readers}
    query = f"""
        SELECT n.nspname || '.' || c.relname, '', coalesce(r.rolname, 'PUBLIC'), a.privilege_type
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(c.relacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE {OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.grantee <> c.relowner
        UNION ALL
        SELECT n.nspname || '.' || c.relname, t.attname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type
        FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(t.attacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE {OURS} AND a.grantee <> c.relowner"""
    there = {(str(a), str(b), str(c), str(d)) for a, b, c, d in _rows(connection, query)}
    yield from (f"right {line} is not declared" for line in sorted(there - declared))
    yield from (f"right {line} is missing" for line in sorted(declared - there))
    yield from _sequences(connection)


def _sequences(connection: Connection) -> Iterator[str]:
    adding = {
        (f"public.{table.name}_id_seq", group_of(role), "USAGE")
        for table in TABLES.values()
        if table.name in Base.metadata.tables
        and table.name != "operation"
        and "id" in Base.metadata.tables[table.name].columns
        for grant in table.grants
        if grant.verb == "INSERT"
        for role in grant.roles
    }
    query = f"""SELECT n.nspname || '.' || c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(c.relacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE {OURS} AND c.relkind = 'S' AND a.grantee <> c.relowner"""
    there = {(str(a), str(b), str(c)) for a, b, c in _rows(connection, query)}
    yield from (f"right {line} is not declared" for line in sorted(there - adding))
    yield from (f"right {line} is missing" for line in sorted(adding - there))


def _functions(connection: Connection) -> Iterator[str]:
    declared: set[tuple[str, bool, tuple[str, ...]]] = {
        (function.name, function.definer, tuple(sorted(group_of(role) for role in function.callers)))
        for function in FUNCTIONS.values()
    }
    declared |= set(MADE_ELSEWHERE)
    query = f"""SELECT p.proname, p.prosecdef, coalesce(array_to_string(p.proconfig, ';'), ''),
            pg_get_userbyid(p.proowner), n.nspname,
            array_to_string(ARRAY(SELECT coalesce(r.rolname, 'PUBLIC') FROM aclexplode(
                coalesce(p.proacl, acldefault('f', p.proowner))) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
                WHERE a.grantee <> p.proowner ORDER BY r.rolname COLLATE "C"), ',')
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE {OURS}"""
    there = set()
    for name, definer, settings, owner, schema, callers in _rows(connection, query):
        there.add((str(name), bool(definer), tuple(part for part in str(callers).split(",") if part)))
        if settings != "search_path=pg_catalog, public, pg_temp":
            yield f"function {name} does not pin its search path with temporary objects last"
        if owner != OWNER or schema != SCHEMA:
            yield f"function {schema}.{name} belongs to {owner}"
    yield from (f"function {line} is not declared" for line in sorted(there - declared))
    yield from (f"function {line} is missing" for line in sorted(declared - there))


def _triggers(connection: Connection) -> Iterator[str]:
    declared = {(trigger.table, trigger.name, trigger.function) for trigger in TRIGGERS}
    declared |= set(TRIGGERS_ELSEWHERE)
    query = f"""SELECT c.relname, t.tgname, p.proname, t.tgenabled::text FROM pg_trigger AS t
        JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE {OURS} AND NOT t.tgisinternal"""
    there = set()
    for table, name, function, enabled in _rows(connection, query):
        there.add((str(table), str(name), str(function)))
        if enabled != "O":
            yield f"trigger {name} of {table} is switched off"
    yield from (f"trigger {line} is not declared" for line in sorted(there - declared))
    yield from (f"trigger {line} is missing" for line in sorted(declared - there))


def _views(connection: Connection) -> Iterator[str]:
    query = f"""SELECT n.nspname || '.' || c.relname, c.relkind::text, coalesce(array_to_string(c.reloptions, ';'), '')
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {OURS} AND c.relkind IN ('v', 'm', 'f')"""
    for name, kind, options in _rows(connection, query):
        if kind == "v" and "security_invoker=true" not in str(options):
            yield f"view {name} shows what its owner sees"
        elif kind != "v":
            yield f"{name} holds rows outside of row-level security"


def _roles(connection: Connection) -> Iterator[str]:
    names = (OWNER, MEMBERS, *(group_of(role) for role in EVERYONE))
    ours = ", ".join(f"'{name}'" for name in names)
    query = f"""SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles
        WHERE rolname IN ({ours}) OR pg_has_role(oid, '{MEMBERS}', 'MEMBER') AND NOT rolsuper"""
    for name, superuser, bypasses, logs_in in _rows(connection, query):
        if superuser or bypasses:
            yield f"role {name} passes by row-level security"
        if logs_in and name in names:
            yield f"role {name} can sign in"
    public = """SELECT 'database', a.privilege_type FROM pg_database AS d CROSS JOIN LATERAL aclexplode(
            coalesce(d.datacl, acldefault('d', d.datdba))) AS a
        WHERE d.datname = current_database() AND a.grantee = 0
        UNION ALL SELECT 'schema ' || n.nspname, a.privilege_type FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(
            coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
        WHERE n.nspname IN ('public', 'plumbline') AND a.grantee = 0"""
    for what, right in _rows(connection, public):
        yield f"everybody has {right} on {what}"
