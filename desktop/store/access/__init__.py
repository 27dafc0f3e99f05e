"""Access to the team database, declared: who sees, adds, changes and removes which rows and columns.

PostgreSQL decides, whatever program asks. `TABLES`, `FUNCTIONS`, `TRIGGERS` and `TRANSITIONS` declare it,
`install` puts it into a database, `fingerprint` says which edition stands there. A new table is declared
in `tables.py`; without that the program cannot be set up. See docs/architecture.md, "Permissions".
"""

from desktop.store.access.catalogue import differences
from desktop.store.access.functions import FUNCTIONS, TRANSITIONS, TRIGGERS, VIEW_AS
from desktop.store.access.groups import OWNER, group_of
from desktop.store.access.install import EDITION, SETTING, fingerprint, install, require_current
from desktop.store.access.setup import become_owner, database_rights, open_schemas, prepare_owner
from desktop.store.access.tables import TABLES

__all__ = [
    "EDITION",
    "FUNCTIONS",
    "OWNER",
    "SETTING",
    "TABLES",
    "TRANSITIONS",
    "TRIGGERS",
    "VIEW_AS",
    "become_owner",
    "database_rights",
    "differences",
    "fingerprint",
    "group_of",
    "install",
    "open_schemas",
    "prepare_owner",
    "require_current",
]
