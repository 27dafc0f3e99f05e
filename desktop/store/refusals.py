"""Which customers refused, so that nobody is given them for a while: asked of either database (DUP-06, LED-14)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from desktop.store.access.refusing import blocked, standing
from desktop.store.workspace import Work

_GIVEN = "SELECT value FROM json_each(:ids) WHERE :kind = '{kind}'"


def blocked_until(work: Work, kind: str, ids: Sequence[int]) -> dict[int, date]:
    """Return which of some accounts or leads nobody is given, and the first day on which they are again.

    A refusal counts for every record with the same phone, mail, credit code or name. On the team database
    only records that one sees are answered for, by the server's own date.
    """
    if not ids or kind not in ("account", "lead"):
        return {}
    if work.is_sqlite:
        asked = text(
            _here(blocked(":today", _GIVEN.format(kind="account"), _GIVEN.format(kind="lead")))
        ).bindparams(today=work.today.isoformat(), kind=kind, ids=json.dumps(list(ids)))
    else:
        asked = text("SELECT record_id, until FROM plumbline.blocked_customers(:kind, :ids)").bindparams(
            bindparam("kind", kind), bindparam("ids", list(ids), ARRAY(BigInteger))
        )
    return {row.record_id: _day(row.until) for row in work.session.execute(asked)}


def refused_keys(work: Work) -> dict[str, date]:
    """Return the keys of the customers that refused ("phone …", "mail …", "code …", "name …"), and until when.

    For whoever sees every customer, as imports do.
    """
    today = ":today"
    if work.is_sqlite:
        said = _here(standing(today))
    else:
        said = standing(today).replace("{name_key}", "plumbline.name_key")
    asked = text(said).bindparams(today=work.today.isoformat() if work.is_sqlite else work.today)
    found: dict[str, date] = {}
    for row in work.session.execute(asked):
        found[row.key] = max(found.get(row.key, date.min), _day(row.blocked_until))
    return found


def _here(said: str) -> str:
    return said.replace("{name_key}", "name_key")


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
