"""Refused customers: who counts as the same customer, and until when nobody is given it (DUP-06, LED-14).

`keys_of` and `BLOCKED` are one SQL for both databases; the embedded one knows `name_key` as a function of its own.
"""

from __future__ import annotations

from desktop.analytics.names import CLOSING, INVISIBLE, OPENING
from desktop.store.access.groups import EVERYONE, KEEPERS, SELLERS, group_of
from desktop.store.access.rules import (
    MYSELF,
    Function,
    Grant,
    Policy,
    TableAccess,
    Trigger,
    all_of,
    any_of,
    exists,
)
from desktop.store.access.shapes import by_references, columns, kept, readable, seen

REFUSED = "PL013"
"""SQLSTATE: the customer refused, and nobody is given it yet."""
DEFAULT_MONTHS = 3

_WAYS = (
    ("account", "id", "account", ("phone", "mobile")),
    ("account", "account_id", "contact", ("phone", "mobile")),
    ("lead", "id", "lead", ("phone", "mobile")),
)


def keys_of(accounts: str, leads: str, name_key: str) -> str:
    """Return the SQL of everything by which customers are recognised: kind, record_id and key.

    `accounts` and `leads` are what stands between the parentheses of `IN (...)`.
    """
    company = f"CASE WHEN company <> '' THEN {name_key}(company) ELSE name_key END"
    parts = [
        f"SELECT 'account' AS kind, id AS record_id, 'name ' || name_key AS key FROM account WHERE id IN ({accounts})",
        f"SELECT 'account', id, 'code ' || upper(credit_code) FROM account WHERE id IN ({accounts}) AND credit_code <> ''",
        f"SELECT 'lead', id, 'name ' || {company} FROM lead WHERE id IN ({leads})",
    ]
    for kind, number, table, phones in _WAYS:
        among = accounts if kind == "account" else leads
        reached = [(phone, f"'phone ' || {phone}") for phone in phones] + [
            ("email", "'mail ' || lower(email)")
        ]
        parts += [
            f"SELECT '{kind}', {number}, {key} FROM {table} WHERE {number} IN ({among}) AND {column} <> ''"
            for column, key in reached
        ]
    return "\nUNION ALL ".join(parts)


def standing(today: str) -> str:
    """Return the SQL of the refusals that stand on a day, each with the keys of its customer."""
    return f"""
    SELECT r.id, r.blocked_until, k.key FROM refusal AS r JOIN ({_ALL_REFUSED}) AS k
        ON k.kind = CASE WHEN r.lead_id IS NULL THEN 'account' ELSE 'lead' END
        AND k.record_id = coalesce(r.account_id, r.lead_id)
    WHERE r.lifted_at IS NULL AND r.blocked_until > {today}"""


_ALL_REFUSED = keys_of(
    "SELECT account_id FROM refusal WHERE lifted_at IS NULL",
    "SELECT lead_id FROM refusal WHERE lifted_at IS NULL",
    "{name_key}",
)


def blocked(today: str, accounts: str, leads: str) -> str:
    """Return the SQL of which of these customers nobody is given, and until when; `{name_key}` is left open."""
    return (
        f"SELECT asked.record_id, max(refused.blocked_until) AS until FROM ({standing(today)}) AS refused"
        f" JOIN ({keys_of(accounts, leads, '{name_key}')}) AS asked ON asked.key = refused.key"
        " GROUP BY asked.record_id"
    )


# Capitals beyond ASCII become small where the database's collation knows them.
_NAME_KEY = f"""
    SELECT regexp_replace(
        btrim(regexp_replace(translate(lower(normalize($1, NFKC)), '{OPENING}{CLOSING}{INVISIBLE}',
            '{"(" * len(OPENING)}{")" * len(CLOSING)}'), '\\s+', ' ', 'g')),
        '(?<=[\\u3400-\\u9fff()]) | (?=[\\u3400-\\u9fff()])', '', 'g')
"""

_TODAY = "plumbline.today()"
_OF = "SELECT one FROM unnest($2) AS one WHERE $1 = '{kind}'"
_BLOCKED = blocked(_TODAY, _OF.format(kind="account"), _OF.format(kind="lead")).replace(
    "{name_key}", "plumbline.name_key"
)

STANDING = standing(_TODAY).replace("{name_key}", "plumbline.name_key")
"""The refusals that stand today, each with the keys of its customer."""

_SEEN = """
    SELECT b.record_id, b.until FROM plumbline.blocked_records($1, $2) AS b
    WHERE CASE $1 WHEN 'account' THEN (SELECT a.owner_id FROM public.account AS a WHERE a.id = b.record_id)
        ELSE (SELECT l.owner_id FROM public.lead AS l WHERE l.id = b.record_id) END
            = ANY ((SELECT plumbline.visible_people())::bigint[]) OR (SELECT plumbline.edits_everything())
"""

_LONGEST = f"""
    SELECT ($1 + make_interval(months => coalesce((
        SELECT (t.value ->> 'value')::int FROM public.threshold AS t
        WHERE t.key = 'lead.refusal_block_months' AND t.effective_from <= $1
        ORDER BY t.effective_from DESC, t.id DESC LIMIT 1), {DEFAULT_MONTHS})))::date
"""

_KEYS_SAID = """
    SELECT array_remove(ARRAY[
        CASE kind WHEN 'account' THEN 'name ' || plumbline.name_key(said ->> 'name')
            WHEN 'lead' THEN 'name ' || plumbline.name_key(coalesce(nullif(said ->> 'company', ''), said ->> 'name')) END,
        CASE kind WHEN 'account' THEN 'code ' || upper(nullif(said ->> 'credit_code', '')) END,
        'phone ' || nullif(said ->> 'phone', ''), 'phone ' || nullif(said ->> 'mobile', ''),
        'mail ' || lower(nullif(said ->> 'email', ''))], NULL)
"""

_GUARD_REFUSED = f"""
DECLARE
    said text[] := plumbline.keys_said(TG_TABLE_NAME, to_jsonb(NEW));
    known text[] := '{{}}';
    until date;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        known := plumbline.keys_said(TG_TABLE_NAME, to_jsonb(OLD));
    END IF;
    IF TG_TABLE_NAME = 'contact' THEN
        -- A person of a customer: what the customer is known by already is nothing new.
        IF NEW.account_id IS NULL THEN
            RETURN NEW;
        END IF;
        SELECT known || plumbline.keys_said('account', to_jsonb(a)) INTO known
            FROM public.account AS a WHERE a.id = NEW.account_id;
    END IF;
    IF said <@ known THEN
        RETURN NEW;
    END IF;
    SELECT max(fresh.blocked_until) INTO until FROM ({STANDING}) AS fresh WHERE fresh.key = ANY (said)
        AND NOT EXISTS (SELECT 1 FROM ({STANDING}) AS own WHERE own.id = fresh.id AND own.key = ANY (known));
    IF until IS NOT NULL THEN
        RAISE EXCEPTION 'this customer refused, and nobody is given it before %', until USING ERRCODE = '{REFUSED}';
    END IF;
    RETURN NEW;
END
"""

_BY_SELLERS = " AND ".join(f"NOT pg_has_role(session_user, '{group_of(role)}', 'MEMBER')" for role in KEEPERS)

REFUSED_GUARDS = tuple(
    Trigger(table, "guard_refused", "INSERT OR UPDATE", _BY_SELLERS)
    for table in ("account", "contact", "lead")
)
"""Whoever sells makes no second record of a customer that refused, nor of another one by renaming it; the keepers' imports
leave such owners out themselves."""

REFUSING = (
    Function("name_key", "text", "text", _NAME_KEY, language="sql", callers=EVERYONE),
    Function(
        "blocked_records", "text, bigint[]", "TABLE (record_id bigint, until date)", _BLOCKED, language="sql"
    ),
    Function(
        "blocked_customers",
        "text, bigint[]",
        "TABLE (record_id bigint, until date)",
        _SEEN,
        language="sql",
        definer=True,
        callers=EVERYONE,
    ),
    Function("keys_said", "kind text, said jsonb", "text[]", _KEYS_SAID, language="sql"),
    Function("guard_refused", "", "trigger", _GUARD_REFUSED, volatility="VOLATILE", definer=True),
    Function("refusal_ends", "date", "date", _LONGEST, language="sql", callers=EVERYONE),
)
"""The functions, in the order in which they are made."""


def refusals() -> TableAccess:
    """Seen with the customer that refused; whoever sells adds one as oneself, the keepers lift it."""
    refers = {"account_id": "account", "lead_id": "lead"}
    everything, rights = kept("refusal", "UPDATE", "DELETE")
    made = all_of(
        f"by_id = {MYSELF}",
        "lifted_at IS NULL AND lifted_by_id IS NULL",
        f"refused_on <= {_TODAY}",
        "blocked_until <= plumbline.refusal_ends(refused_on)",
        any_of(*(exists("refusal", column, table) for column, table in refers.items())),
    )
    adders = (*SELLERS, *KEEPERS)
    return TableAccess(
        "refusal",
        (
            *seen("refusal", *by_references("refusal", refers, owned=False)),
            Policy("add_own", "INSERT", adders, None, made),
            *everything,
        ),
        (
            *readable("refusal", {}),
            Grant("INSERT", adders, columns("refusal", frozenset({"id"}))),
            *rights,
        ),
    )
