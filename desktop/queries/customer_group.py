"""Which accounts are one customer, looked for around a single one (DUP-03)."""

from __future__ import annotations

from sqlalchemy import select

from desktop.models import Base
from desktop.models.accounts import Account
from desktop.queries.duplicates import parties, told_apart
from desktop.store.workspace import Work
from desktop.terms import Role


def customer_group(work: Work, account_id: int) -> tuple[tuple[int, ...], bool]:
    """Return the accounts that may be the same customer as this one, itself among them, and whether that is sure.

    Only what the asking person sees is searched; who may not read how customers are reached has equal names compared.
    """
    import polars as pl

    from desktop.analytics.dedup.engine import find

    if work.actor.role in (Role.FINANCE, Role.AUDITOR):
        key = select(Account.name_key).where(Account.id == account_id).scalar_subquery()
        same = work.rows(select(Account.id).where(Account.name_key == key).order_by(Account.id))
        return tuple(row.id for row in same) or (account_id,), True
    table = Base.metadata.tables["account"]
    frame = parties(work, "account", table)
    if not frame.filter(pl.col("id") == account_id).height:
        return (account_id,), True
    found = find(frame, "company", apart=told_apart(work, "account", table), focus={account_id})
    for one in found.clusters:
        if account_id in one.members:
            return tuple(sorted(one.members)), one.sure
    return (account_id,), True
