"""Putting the declared access into a PostgreSQL database, and knowing whether it stands there."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from sqlalchemy import Connection

from desktop.errors import DatabaseProblem
from desktop.i18n import N_
from desktop.models import Base
from desktop.store import audit_guard, login_functions, privacy_guard
from desktop.store.access.asking import QUESTION_TABLE
from desktop.store.access.due_times import PUBLIC_DAYS, official_days
from desktop.store.access.functions import FUNCTIONS, TRANSITIONS, TRIGGERS
from desktop.store.access.groups import EVERYONE, MEMBERS, OWNER, SCHEMA, group_of, groups
from desktop.store.access.rules import TableAccess
from desktop.store.access.tables import TABLES
from desktop.store.seeds import SEEDS_VERSION
from desktop.terms import Role

EDITION = 1
"""Counts the editions of the declared access, so that a console can tell an older database from a newer."""

SETTING = "access"
"""Under which key `database_setting` keeps the fingerprint of what was installed."""

OUR_TABLES: dict[str, tuple[str, tuple[Role, ...]]] = {
    "transition": (
        "subject text NOT NULL, old text NOT NULL, new text NOT NULL, roles text[] NOT NULL,"
        " PRIMARY KEY (subject, old, new)",
        EVERYONE,
    ),
    "public_day": PUBLIC_DAYS,
    "audit_lock": ("", ()),
    "question": (QUESTION_TABLE, ()),
    "reveal_request": (privacy_guard.REQUEST_TABLE, ()),
}
"""Tables of schema plumbline: what they consist of, and who reads them; nobody writes them."""

MADE_ELSEWHERE: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    *((each.partition("(")[0], True, ("plumbline_admin",)) for each in login_functions.CALLABLE),
    *((each.partition("(")[0], True, ()) for each in login_functions.INNER),
    ("chain_audit", True, ()),
    ("keep_audit", False, ()),
    ("audit_head", True, (MEMBERS,)),
    ("audit_hash", True, (MEMBERS,)),
    ("erase_audit", True, ("plumbline_admin",)),
    ("mask", False, ()),
    ("masked", True, ("plumbline_auditor", "plumbline_finance")),
    ("ask_reveal", True, ("plumbline_auditor", "plumbline_finance")),
    ("answer_reveal", True, ("plumbline_auditor", "plumbline_finance")),
)
"""Functions that `login_functions`, `audit_guard` and `privacy_guard` make: name, whether it acts as the owner, who may call it."""

TRIGGERS_ELSEWHERE = (
    ("audit_entry", "chain_audit", "chain_audit"),
    ("audit_entry", "keep_audit", "keep_audit"),
    ("audit_entry", "keep_all_audit", "keep_audit"),
)
"""Triggers that `audit_guard` makes: table, name, function."""

_CLEAR = f"""
DO $do$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT policyname, tablename, schemaname FROM pg_policies
            WHERE schemaname IN ('public', '{SCHEMA}') LOOP
        EXECUTE format('DROP POLICY %I ON %I.%I', found.policyname, found.schemaname, found.tablename);
    END LOOP;
    FOR found IN SELECT t.tgname, t.tgrelid::regclass AS on_table FROM pg_trigger AS t
            JOIN pg_proc AS p ON p.oid = t.tgfoid
            WHERE p.pronamespace = '{SCHEMA}'::regnamespace AND NOT t.tgisinternal LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', found.tgname, found.on_table);
    END LOOP;
    FOR found IN SELECT p.oid::regprocedure AS signature FROM pg_proc AS p
            WHERE p.pronamespace = '{SCHEMA}'::regnamespace LOOP
        EXECUTE format('DROP FUNCTION %s', found.signature);
    END LOOP;
END
$do$
"""


@cache
def statements() -> tuple[str, ...]:
    """Return every statement of the installation, in order; running them again leads to the same."""
    everybody = f"PUBLIC, {MEMBERS}, {groups(EVERYONE)}"
    made = [_CLEAR]
    for schema in ("public", SCHEMA):
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            made.append(f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {everybody}")
    made.append(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC")
    made.append(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {MEMBERS}")
    made += _own_tables()
    for function in FUNCTIONS.values():
        made += function.sql()
    made += login_functions.statements(OWNER)
    made += _transitions()
    for table in TABLES.values():
        made += [f"ALTER TABLE public.{table.name} {rule} ROW LEVEL SECURITY" for rule in ("ENABLE", "FORCE")]
        made.append(_owner_policy("public", table.name))
        made += [policy.sql(table.name) for policy in table.policies]
        made += [grant.sql(table.name) for grant in table.grants]
        made += _sequence(table.name)
        made += _unsampled(table)
    made += [trigger.sql() for trigger in TRIGGERS]
    made += audit_guard.POSTGRES
    made += privacy_guard.POSTGRES
    return tuple(made)


def fingerprint() -> str:
    """Return the edition of the declared access and the hash of everything that it installs, and of which seeds."""
    made = chr(0).join((*statements(), SEEDS_VERSION))
    return f"{EDITION}:{hashlib.sha256(made.encode()).hexdigest()}"


def install(connection: Connection) -> None:
    """Make the database's access what is declared, within the transaction of `connection`.

    Whoever runs it acts as the owner (`SET ROLE`). What is ours is dropped and made anew, so that nothing
    that somebody changed by hand stays. Raises ValueError where a table is not declared.
    """
    require_declared(connection)
    # The official list is data: two programs that know different years work on one database.
    _run(connection, [*statements(), *official_days(), _remember()])


def require_current(found: str | None) -> None:
    """Raise DatabaseProblem unless `found` is the fingerprint of the access that this console knows."""
    if found == fingerprint():
        return
    edition = int(found.split(":")[0]) if found else 0
    if edition > EDITION:
        raise DatabaseProblem(
            "database_newer",
            N_("The permissions of this database are of edition {found}; this console knows only {known}."),
            remedy=N_("Please upgrade this console. The database was not touched."),
            found=edition,
            known=EDITION,
        )
    raise DatabaseProblem(
        "database_older",
        N_("The permissions or definitions of this database are not those that this console needs."),
        remedy=N_("Let its administrator run: plumbline init"),
    )


def require_declared(connection: Connection) -> None:
    """Raise ValueError unless exactly the declared tables are there: an undeclared one would be open or useless."""
    cursor = connection.connection.cursor()
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    there = {str(row[0]) for row in cursor.fetchall()}
    cursor.close()
    if there != set(TABLES):
        raise ValueError(f"access is not declared for {sorted(there ^ set(TABLES))}")


def _run(connection: Connection, made: list[str]) -> None:
    cursor: Any = connection.connection.cursor()
    try:
        # One message to the server: utility statements take no parameters, and there are hundreds of them.
        cursor.execute(";\n".join(made))
    finally:
        cursor.close()


def _remember() -> str:
    return (
        f"INSERT INTO public.database_setting (key, value) VALUES ('{SETTING}', '{fingerprint()}')"
        " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value"
    )


def _owner_policy(schema: str, table: str) -> str:
    # Row-level security is forced on the owner, too; without this its functions would see nothing.
    return f"CREATE POLICY owner ON {schema}.{table} TO {OWNER} USING (true) WITH CHECK (true)"


def _own_tables() -> list[str]:
    made = []
    for name, (shape, readers) in OUR_TABLES.items():
        full = f"{SCHEMA}.{name}"
        made += [
            f"CREATE TABLE IF NOT EXISTS {full} ({shape})",
            *(f"ALTER TABLE {full} {rule} ROW LEVEL SECURITY" for rule in ("ENABLE", "FORCE")),
            _owner_policy(SCHEMA, name),
        ]
        if readers:
            made += [
                f"CREATE POLICY see_all ON {full} FOR SELECT TO {groups(readers)} USING (true)",
                f"GRANT SELECT ON {full} TO {groups(readers)}",
            ]
    return made


def _transitions() -> list[str]:
    lines = []
    for subject, old, new, roles in TRANSITIONS:
        listed = ", ".join(f"'{group_of(role)}'" for role in roles)
        lines.append(f"('{subject}', '{old}', '{new}', ARRAY[{listed}])")
    return [
        f"DELETE FROM {SCHEMA}.transition",
        f"INSERT INTO {SCHEMA}.transition (subject, old, new, roles) VALUES {', '.join(lines)}",
    ]


_WORDS_OF_OTHERS = frozenset(
    {
        "name", "name_key", "short_name", "first_name", "last_name", "contact_name", "company", "credit_code",
        "address", "phone", "mobile", "fax", "email", "website", "wechat", "number", "caller", "callee",
        "customer_id", "external_id", "row_key", "dedup_key", "subject", "title", "content", "description",
        "customer_signatory", "sha256",
    }
)  # fmt: skip
"""Columns whose values are told apart by what they say."""


def _unsampled(table: TableAccess) -> list[str]:
    """Keep samples of hidden texts out of the planner's statistics, which plans would show to everybody."""
    if any(
        policy.verb == "SELECT" and Role.REP in policy.roles and policy.using == "true"
        for policy in table.policies
    ):
        return []
    texts = sorted(_WORDS_OF_OTHERS & set(Base.metadata.tables[table.name].columns.keys()))
    changes = ", ".join(f"ALTER COLUMN {name} SET STATISTICS 0" for name in texts)
    return [f"ALTER TABLE public.{table.name} {changes}"] if changes else []


def _sequence(table: str) -> list[str]:
    """Return the right to draw ids, for those who add rows."""
    columns = Base.metadata.tables[table].columns if table in Base.metadata.tables else ()
    if "id" not in columns or str(columns["id"].type) == "VARCHAR(36)":  # type: ignore[call-overload]
        return []
    adding = {role for grant in TABLES[table].grants if grant.verb == "INSERT" for role in grant.roles}
    listed = [role for role in EVERYONE if role in adding]
    return [f"GRANT USAGE ON SEQUENCE public.{table}_id_seq TO {groups(listed)}"] if listed else []
