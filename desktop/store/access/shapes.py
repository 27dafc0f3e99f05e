"""The shapes that tables come in: whose a record is decides who sees and who edits it.

A shape is a function that returns the declaration of one table; `tables.py` lists which table has which.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop.models import Base
from desktop.store.access.groups import (
    ALL_SEERS,
    EVERYONE,
    KEEPERS,
    MANAGERS,
    SCOPED,
    SELLERS,
)
from desktop.store.access.rules import (
    EDITED,
    SEEN,
    Grant,
    Policy,
    TableAccess,
    all_of,
    among,
    any_of,
    exists,
    within,
)
from desktop.terms import Role

NEVER_CHANGED = frozenset(
    {"id", "source_system", "external_id", "row_key", "raw_values", "recorded_at", "dedup_key"}
)
"""What an import alone writes: keys that a seller could probe for records of others, and stamps."""
ASSIGNED = frozenset({"owner_id", "created_by_id"})
"""What assignment and handover change, never an edit."""

UNCLAIMED = "source_system = '' AND external_id IS NULL AND row_key IS NULL"
"""A record that a person makes carries no key of a source: the answer "taken" would tell of hidden ones."""


def columns(table: str, but: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the columns of a table but some; none means the whole table."""
    return tuple(column.name for column in Base.metadata.tables[table].columns if column.name not in but)


def kept(
    name: str,
    *verbs: str,
    roles: tuple[Role, ...] = KEEPERS,
    untouched: frozenset[str] = frozenset(),
) -> tuple[list[Policy], list[Grant]]:
    """Return what lets jobs write every row of a table; nobody changes its `untouched` columns."""
    policies = []
    for verb in verbs:
        using = None if verb == "INSERT" else "true"
        check = None if verb == "DELETE" else "true"
        policies.append(Policy(f"{_WORDS[verb]}_all", verb, roles, using, check))
    # Nobody changes a number: whoever swaps the numbers of two people is the other one.
    changed = columns(name, untouched | {"id"}) if "id" in columns(name) else ()
    return policies, [Grant(verb, roles, changed if verb == "UPDATE" else ()) for verb in verbs]


_WORDS = {"SELECT": "see", "INSERT": "add", "UPDATE": "change", "DELETE": "remove"}


def shared(
    name: str,
    *,
    writers: tuple[Role, ...] = KEEPERS,
    hidden: Mapping[Role, frozenset[str]] | None = None,
    untouched: frozenset[str] = frozenset(),
) -> TableAccess:
    """Everybody reads it; `writers` add, change (but for the `untouched` columns) and remove."""
    policies, grants = (
        kept(name, "INSERT", "UPDATE", "DELETE", roles=writers, untouched=untouched) if writers else ([], [])
    )
    return TableAccess(
        name,
        (Policy("see_all", "SELECT", EVERYONE, "true"), *policies),
        (*readable(name, hidden or {}), *grants),
    )


def internal(name: str, *, hidden: Mapping[Role, frozenset[str]] | None = None) -> TableAccess:
    """The keepers' own: the auditor reads it, others find it empty."""
    policies, grants = kept(name, "INSERT", "UPDATE", "DELETE")
    return TableAccess(
        name,
        (Policy("see_all", "SELECT", (*KEEPERS, Role.AUDITOR), "true"), *policies),
        (*readable(name, hidden or {}), *grants),
    )


def readable(name: str, hidden: Mapping[Role, frozenset[str]]) -> list[Grant]:
    """Return the right to read a table, for some jobs without its hidden columns."""
    whole = tuple(role for role in EVERYONE if role not in hidden)
    grants = [Grant("SELECT", whole)] if whole else []
    for withheld in dict.fromkeys(hidden.values()):
        roles = tuple(role for role, these in hidden.items() if these == withheld)
        grants.append(Grant("SELECT", roles, columns(name, withheld)))
    return grants


def seen(name: str, rep: str, manager: str, roles: tuple[Role, ...] = ALL_SEERS) -> list[Policy]:
    """Return who sees which rows. All-seers have a policy of their own, so that nothing hinders their indexes."""
    policies = [Policy("see_all", "SELECT", roles, "true")]
    if rep == manager:
        return [*policies, Policy("see_scoped", "SELECT", SCOPED, rep)]
    return [
        *policies,
        Policy("see_own", "SELECT", (Role.REP,), rep),
        Policy("see_led", "SELECT", MANAGERS, manager),
    ]


def by_references(name: str, references: Mapping[str, str], *, owned: bool) -> tuple[str, str]:
    """Return the conditions, for a rep and for a manager, that a row is theirs or belongs to what they see."""
    own = [f"owner_id = {SEEN}"] if owned else []
    rep = any_of(*own, *(among(column, table) for column, table in references.items()))
    manager = any_of(*own, *(within(column, table) for column, table in references.items()))
    return rep, manager


def business(
    name: str,
    references: Mapping[str, str],
    *,
    owned: bool = True,
    edited: str = "",
    verbs: tuple[str, ...] = ("INSERT", "UPDATE"),
    sellers: tuple[Role, ...] = SELLERS,
    also: str = "",
    hidden: Mapping[Role, frozenset[str]] | None = None,
    money: bool = False,
) -> TableAccess:
    """A record of the business: seen through its owner and `references`, edited through `edited` or its owner.

    Without `edited` and `owned` sellers do not write it. `money` lets finance write it. `also` must hold of
    a row that a seller adds.
    """
    rep, manager = by_references(name, references, owned=owned)
    everything, rights = kept(name, "INSERT", "UPDATE", "DELETE")
    policies = [*seen(name, rep, manager), *everything]
    grants = [*readable(name, hidden or {}), *rights]
    if money:
        policies += [
            Policy("add_money", "INSERT", (Role.FINANCE,), None, UNCLAIMED),
            Policy("change_money", "UPDATE", (Role.FINANCE,), "true", "true"),
        ]
        grants += _narrow(name, ("INSERT", "UPDATE"), (Role.FINANCE,))
    if edited or (owned and sellers):
        policies += _edited(
            name, references, owned=owned, edited=edited, also=also, verbs=verbs, sellers=sellers
        )
        grants += _narrow(name, verbs, sellers)
    return TableAccess(name, tuple(policies), tuple(grants))


def _edited(
    name: str,
    references: Mapping[str, str],
    *,
    owned: bool,
    edited: str,
    also: str,
    verbs: tuple[str, ...],
    sellers: tuple[Role, ...],
) -> list[Policy]:
    mine = any_of(*([f"owner_id = {EDITED}"] if owned else []), *([edited] if edited else []))
    made = [f"owner_id = {EDITED}"] if owned else [edited]
    if "external_id" in Base.metadata.tables[name].columns:
        made.append(UNCLAIMED)
    if owned:  # What is edited through its reference names one that is seen.
        made += [f"{column} IS NULL OR {exists(name, column, table)}" for column, table in references.items()]
    policies = []
    if "INSERT" in verbs:
        policies.append(
            Policy("add_scoped", "INSERT", sellers, None, all_of(*made, *([also] if also else [])))
        )
    if "UPDATE" in verbs:
        policies.append(Policy("change_scoped", "UPDATE", sellers, mine, mine))
    return policies


def _narrow(name: str, verbs: tuple[str, ...], roles: tuple[Role, ...]) -> list[Grant]:
    grants = []
    if "INSERT" in verbs:
        grants.append(Grant("INSERT", roles, columns(name, frozenset({"id"}))))
    if "UPDATE" in verbs:
        grants.append(Grant("UPDATE", roles, columns(name, NEVER_CHANGED | ASSIGNED)))
    return grants
