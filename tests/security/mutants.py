"""Mutants of the database's own guards: each takes one away, or makes one weaker (case 68).

A mutant is one statement, run by a superuser in a transaction that is undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from desktop.store.access.functions import FUNCTIONS, TRIGGERS
from desktop.store.access.groups import group_of
from desktop.store.access.rules import Policy, TableAccess
from desktop.store.access.tables import TABLES
from desktop.terms import Role
from tests.security.lab import Connection


@dataclass(frozen=True)
class Mutant:
    """One guard taken away; `table` is whose rows it guarded, `jobs` whom it was for (nobody: everybody)."""

    name: str
    kind: str
    statement: str
    table: str | None = None
    jobs: tuple[str, ...] = ()


def mutants(connection: Connection) -> list[Mutant]:
    """Return every mutant of a database, in an order that is always the same."""
    found = [
        *(mutant for table in TABLES.values() for mutant in _of_table(table)),
        *_of_triggers(),
        *_of_steps(connection),
        *_of_functions(connection),
        *_of_constraints(connection),
    ]
    assert len({mutant.name for mutant in found}) == len(found)
    return found


def _jobs(roles: tuple[Role, ...]) -> tuple[str, ...]:
    return tuple(role.value for role in roles)


def _of_table(table: TableAccess) -> Iterator[Mutant]:
    name = table.name
    for rule in ("DISABLE", "NO FORCE"):
        yield Mutant(f"{name}: {rule}", rule, f"ALTER TABLE {name} {rule} ROW LEVEL SECURITY", name)
    yield Mutant(f"{name}: owner", "DROP POLICY owner", f"DROP POLICY owner ON {name}", name)
    for policy in table.policies:
        yield from _of_policy(name, policy)
    for number, grant in enumerate(table.grants):
        for role in grant.roles:
            group = group_of(role)
            label = f"{name}: {grant.verb} {number} {group}"
            listed = f" ({', '.join(grant.columns)})" if grant.columns else ""
            yield Mutant(
                f"revoked {label}",
                "REVOKE",
                f"REVOKE {grant.verb}{listed} ON {name} FROM {group}",
                name,
                (role.value,),
            )
            if grant.columns:
                yield Mutant(
                    f"widened {label}",
                    "GRANT",
                    f"GRANT {grant.verb} ON {name} TO {group}",
                    name,
                    (role.value,),
                )
    yield from _of_absent_rights(table)


def _of_absent_rights(table: TableAccess) -> Iterator[Mutant]:
    """Rights that somebody gives away, with a policy that lets them work."""
    for verb in ("INSERT", "UPDATE", "DELETE"):
        has = {role for grant in table.grants if grant.verb == verb for role in grant.roles}
        for role in Role:
            if role not in has:
                check = "WITH CHECK (true)" if verb == "INSERT" else "USING (true)"
                yield Mutant(
                    f"given {table.name}: {verb} {role.value}",
                    "GRANT + POLICY",
                    f"GRANT {verb} ON {table.name} TO {group_of(role)};"
                    f"CREATE POLICY given ON {table.name} FOR {verb} TO {group_of(role)} {check}",
                    table.name,
                    (role.value,),
                )


def _of_policy(table: str, policy: Policy) -> Iterator[Mutant]:
    label = f"{table}.{policy.name}"
    jobs = _jobs(policy.roles)
    yield Mutant(f"dropped {label}", "DROP POLICY", f"DROP POLICY {policy.name} ON {table}", table, jobs)
    for clause, condition in (("USING", policy.using), ("WITH CHECK", policy.check)):
        if condition in (None, "true"):
            continue
        weakened = [("true", "true"), *((f"without {part}", rest) for part, rest in _weaker(str(condition)))]
        for what, rest in weakened:
            if rest == "true" and what != "true":
                continue
            yield Mutant(
                f"{label} {clause} {what}",
                f"POLICY {clause}",
                f"ALTER POLICY {policy.name} ON {table} {clause} ({rest})",
                table,
                jobs,
            )


def _weaker(condition: str) -> Iterator[tuple[str, str]]:
    """Return a condition without each of its parts."""
    for word in (" AND ", " OR "):
        parts = _split(condition, word)
        if len(parts) > 1:
            for number, part in enumerate(parts):
                yield part, word.join(parts[:number] + parts[number + 1 :])
            return


def _split(condition: str, word: str) -> list[str]:
    """Split at a word that stands outside of all parentheses."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(condition):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and condition.startswith(word, place):
            parts.append(condition[start:place])
            start = place + len(word)
    return [*parts, condition[start:]]


def _of_triggers() -> Iterator[Mutant]:
    for trigger in TRIGGERS:
        label = f"{trigger.table}.{trigger.name}"
        yield Mutant(
            f"dropped {label}",
            "DROP TRIGGER",
            f"DROP TRIGGER {trigger.name} ON {trigger.table}",
            trigger.table,
        )
        yield Mutant(
            f"disabled {label}",
            "DISABLE TRIGGER",
            f"ALTER TABLE {trigger.table} DISABLE TRIGGER {trigger.name}",
            trigger.table,
        )


_PARTS = (
    (r"RAISE insufficient_privilege[^;]*;", "NULL;"),
    (r"[\w.]+ IS DISTINCT FROM [\w.]+(?:\([\w., ]*\))?", "false"),
    (r"(?<=OR )[\w.]+ IS NOT NULL", "false"),
    (r"(?<= AND )[\w.]+ <> 'left'", "true"),
    (r"AND p\.can_sign_in", ""),
    (r"AND pg_has_role\(session_user, 'plumbline_admin', 'MEMBER'\)", ""),
    (r"AND current_setting\('transaction_read_only'\) = 'on'", ""),
    (r"asking\.role = 'rep'", "true"),
    (r"(?<= AND )NEW\.attempts >= OLD\.attempts", "true"),
    (r"(?<= AND )NEW\.by_id = plumbline\.me\(\)", "true"),
    (r"before - ARRAY\[[^]]*\]::text\[\] = after - ARRAY\[[^]]*\]::text\[\]", "true"),
    (r"(?<= AND )OLD\.\w+ < now\(\) - interval '30 days'", "true"),
    (r"(?<= OR )\(OLD\.state = 'failed' AND NEW\.state IN \([^)]*\)\)", "true"),
    (r"position\('\[erased\]' IN said\.value::text\) > 0", "true"),
)
"""Parts of functions, and what stands there in a weaker one."""


def _of_functions(connection: Connection) -> Iterator[Mutant]:
    rows = connection.execute(
        "SELECT oid::regprocedure::text, pg_get_functiondef(oid), proname FROM pg_proc"
        " WHERE pronamespace = 'plumbline'::regnamespace ORDER BY 1"
    ).fetchall()
    for signature, definition, name in rows:
        table = next((t.table for t in TRIGGERS if t.function == name), None)
        yield Mutant(
            f"{signature}: search path", "SEARCH PATH", f"ALTER FUNCTION {signature} RESET search_path"
        )
        rights = "INVOKER" if "SECURITY DEFINER" in definition else "DEFINER"
        yield Mutant(f"{signature}: {rights}", "DEFINER", f"ALTER FUNCTION {signature} SECURITY {rights}")
        yield Mutant(f"{signature}: PUBLIC", "EXECUTE", f"GRANT EXECUTE ON FUNCTION {signature} TO PUBLIC")
        if name in FUNCTIONS:
            for role in FUNCTIONS[name].callers:
                group = group_of(role)
                yield Mutant(
                    f"{signature}: not {role.value}",
                    "EXECUTE",
                    f"REVOKE EXECUTE ON FUNCTION {signature} FROM {group}",
                )
        for pattern, weaker in _PARTS:
            for number, match in enumerate(re.finditer(pattern, definition)):
                text = definition[: match.start()] + weaker + definition[match.end() :]
                yield Mutant(f"{signature}: {number} {match.group()[:60]}", "FUNCTION", text, table)


def _of_constraints(connection: Connection) -> Iterator[Mutant]:
    rows = connection.execute(
        "SELECT conrelid::regclass::text, conname, contype FROM pg_constraint"
        " WHERE contype <> 'n' AND connamespace = 'public'::regnamespace AND conrelid <> 0 ORDER BY 1, 2"
    ).fetchall()
    for table, name, kind in rows:
        kinds = {"p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY", "c": "CHECK"}
        yield Mutant(
            f"{table}: {name}",
            f"DROP {kinds[kind]}",
            f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE',
            table,
        )
    indexes = connection.execute(
        "SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text FROM pg_index i"
        " WHERE i.indisunique AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
        " AND i.indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1"
    ).fetchall()
    for index, table in indexes:
        yield Mutant(f"{table}: {index}", "DROP UNIQUE", f"DROP INDEX {index}", table)
    columns = connection.execute(
        "SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.attnotnull"
        " AND NOT a.attisdropped AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid"
        " AND i.indisprimary AND a.attnum = ANY (i.indkey)) ORDER BY 1, 2"
    ).fetchall()
    for table, column in columns:
        yield Mutant(
            f"{table}.{column}: null",
            "DROP NOT NULL",
            f'ALTER TABLE {table} ALTER COLUMN "{column}" DROP NOT NULL',
            table,
        )


def _of_steps(connection: Connection) -> Iterator[Mutant]:
    """Steps of the transition table: each taken away, and each given to everybody; and steps that skip one."""
    steps = connection.execute(
        "SELECT subject, old, new FROM plumbline.transition ORDER BY 1, 2, 3"
    ).fetchall()
    everybody = "ARRAY['plumbline_member']"
    for subject, old, new in steps:
        where = f"WHERE subject = '{subject}' AND old = '{old}' AND new = '{new}'"
        label = f"step {subject} {old} {new}"
        yield Mutant(f"{label}: gone", "STEP", f"DELETE FROM plumbline.transition {where}", subject)
        yield Mutant(
            f"{label}: all", "STEP", f"UPDATE plumbline.transition SET roles = {everybody} {where}", subject
        )
    for subject, old, new in (
        ("report", "draft", "approved"),
        ("report", "draft", "exported"),
        ("report", "rejected", "approved"),
        ("report", "approved", "draft"),
        ("report", "exported", "draft"),
    ):
        yield Mutant(
            f"step {subject} {old} {new}: added",
            "STEP",
            f"INSERT INTO plumbline.transition VALUES ('{subject}', '{old}', '{new}', {everybody})",
            subject,
        )
