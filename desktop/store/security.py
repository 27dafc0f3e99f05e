"""Who may do what: the seam at which the team database's roles and row-level security attach.

On SQLite there is no permission boundary (whoever holds the file holds all rows), so the checks
here only make a clear message. On PostgreSQL the same checks mirror what the database decides.
"""

from __future__ import annotations

from desktop.errors import NotAllowed
from desktop.i18n import N_
from desktop.store.workspace import Work
from desktop.terms import Role


def require_role(work: Work, *allowed: Role) -> None:
    """Raise NotAllowed unless the acting person has one of the roles."""
    if work.actor.role not in allowed:
        raise NotAllowed(
            "role_missing",
            N_("{name} may not do this: it needs one of the roles {roles}."),
            remedy=N_("Ask an administrator, or let a person with that role do it."),
            name=work.actor.name,
            roles=allowed,
        )
