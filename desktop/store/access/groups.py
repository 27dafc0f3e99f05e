"""Names: the owner of every table, the groups of each job, and the sets of jobs that rules speak of."""

from __future__ import annotations

from collections.abc import Iterable

from desktop.terms import ALL_SEER_ROLES, KEEPER_ROLES, Role

OWNER = "plumbline_owner"
"""Owns every table and function; nobody signs in as it, `plumbline init` acts as it."""

MEMBERS = "plumbline_member"
"""The group that everybody is in: may look into the schemas, and no more."""

SCHEMA = "plumbline"
"""Where functions and guard tables live; the records live in `public`."""

EVERYONE = tuple(Role)
SCOPED = (Role.REP, Role.CITY_MANAGER, Role.REGIONAL_MANAGER)
"""Who sees a part of the firm: the records of some people."""
MANAGERS = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER)
ALL_SEERS = ALL_SEER_ROLES
"""Who sees every record."""
SELLERS = (*SCOPED, Role.DIRECTOR)
"""Who edits the records of the people they lead, and never removes one."""
KEEPERS = KEEPER_ROLES
MAKERS = tuple(role for role in Role if role is not Role.AUDITOR)
"""Who makes reports and asks for approvals: all but the auditor, who changes nothing."""


def group_of(role: Role) -> str:
    """Return the name of the database group of a job."""
    return f"plumbline_{role.value}"


def groups(roles: Iterable[Role]) -> str:
    """Return the groups of jobs as SQL lists them."""
    return ", ".join(group_of(role) for role in roles)
