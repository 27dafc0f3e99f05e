"""What follows from imported records: ownership, stage events, the tree's closure, last interactions."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, Table

from desktop.models import Base
from desktop.store.loading import bulk
from desktop.store.loading.derive import business_day
from desktop.store.loading.difference import Difference
from desktop.store.loading.journal import Journal
from desktop.store.loading.specs import Spec
from desktop.store.workspace import Work

REASON = "import"
"""The reason that ownership rows of an import give."""


class Aftermath:
    """Collects what one load has touched, and brings everything that depends on it up to date."""

    def __init__(self, work: Work, journal: Journal) -> None:
        self.work = work
        self.journal = journal
        self.tree_changed = False
        self.created_deals: set[int] = set()
        self._accounts: set[int] = set()

    def note(self, spec: Spec, new: pl.DataFrame, made: Difference) -> None:
        """Take in one entity's new and changed records, and write their histories."""
        if spec.owned:
            self._ownership(spec, new, made)
        if spec.entity == "opportunity":
            self._stage_events(new, made)
        elif spec.entity == "org_unit":
            self.tree_changed = self.tree_changed or not (new.is_empty() and made.changed.is_empty())
        elif spec.entity == "activity":
            for frame, names in ((new, ("account_id",)), (made.changed, ("account_id", "account_id_old"))):
                for name in names:
                    if name in frame.columns:
                        self._accounts |= set(frame[name].drop_nulls().to_list())

    def finish(self) -> None:
        """Rebuild what is derived from all records of a kind."""
        if self.tree_changed:
            rebuild_closure(self.work.connection)
        refresh_last_effective(self.work.connection, self._accounts)

    def _ownership(self, spec: Spec, new: pl.DataFrame, made: Difference) -> None:
        if "owner_id" not in made.columns:
            return
        today = pl.lit(self.work.today)
        since = today
        if "created_at" in new.columns:
            since = pl.coalesce(business_day("created_at", self.work.zone), today)
        first = new.filter(pl.col("owner_id").is_not_null()).select(
            pl.col("id").alias("record_id"),
            pl.lit(None, dtype=pl.Int64).alias("from_person_id"),
            pl.col("owner_id").alias("to_person_id"),
            since.alias("since"),
        )
        moved = made.changed.filter(pl.col("owner_id_changed")).select(
            pl.col("_id").alias("record_id"),
            pl.col("owner_id_old").alias("from_person_id"),
            pl.col("owner_id").alias("to_person_id"),
            today.alias("since"),
        )
        rows = pl.concat([first, moved]).with_columns(
            pl.lit(str(spec.owned)).alias("kind"),
            pl.lit(REASON).alias("reason"),
            pl.lit(self.work.operation_id).alias("operation_id"),
        )
        bulk.insert(self.work.connection, _table("ownership"), rows)

    def _stage_events(self, new: pl.DataFrame, made: Difference) -> None:
        """Write the one event of a new deal, and one for every later change of stage (decisions, Figures)."""
        zone = self.work.zone
        days = [business_day("stage_changed_at", zone)] if "stage_changed_at" in new.columns else []
        days += [pl.col(name) for name in ("closed_on", "opened_on") if name in new.columns]
        days += [business_day("created_at", zone)] if "created_at" in new.columns else []
        first = new.select(
            pl.col("id").alias("opportunity_id"),
            "stage_id",
            pl.lit(None, dtype=pl.Int64).alias("from_stage_id"),
            (pl.coalesce(days) if days else pl.lit(None, dtype=pl.Date)).alias("entered_on"),
            _instant(new).alias("entered_at"),
            pl.lit(True).alias("inferred"),
        )
        table = _table("stage_event")
        bulk.insert(self.work.connection, table, first)
        self.created_deals |= set(first["opportunity_id"].to_list())
        if "stage_id" in made.columns:
            moves = self._moves(made.changed.filter(pl.col("stage_id_changed")))
            ids = pl.Series("id", bulk.reserve_ids(self.work.connection, table, moves.height), dtype=pl.Int64)
            bulk.insert(self.work.connection, table, moves.with_columns(ids))
            self.journal.created("stage_event", ids)

    def _moves(self, changed: pl.DataFrame) -> pl.DataFrame:
        zone = self.work.zone
        told = pl.lit(False)
        days: list[pl.Expr] = []
        if "stage_changed_at" in changed.columns:
            told = pl.col("stage_changed_at_changed")
            days.append(pl.when(told).then(business_day("stage_changed_at", zone)))
        if "closed_on" in changed.columns:
            days.append(pl.when(pl.col("closed_on_changed")).then("closed_on"))
        at = pl.when(told).then("stage_changed_at") if "stage_changed_at" in changed.columns else None
        return changed.select(
            pl.col("_id").alias("opportunity_id"),
            "stage_id",
            pl.col("stage_id_old").alias("from_stage_id"),
            pl.coalesce([*days, pl.lit(self.work.today)]).alias("entered_on"),
            (at if at is not None else pl.lit(None, dtype=pl.Datetime("us", "UTC"))).alias("entered_at"),
            told.not_().alias("inferred"),
        )


def _instant(new: pl.DataFrame) -> pl.Expr:
    name = "stage_changed_at"
    return pl.col(name) if name in new.columns else pl.lit(None, dtype=pl.Datetime("us", "UTC"))


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def rebuild_closure(connection: Connection) -> None:
    """Write the organisation's (ancestor, descendant) pairs anew from the parents.

    A circle in the source's parents is cut where it closes.
    """
    units = bulk.fetch(connection, _table("org_unit"), ["id", "parent_id"])
    parents = dict(units.iter_rows())
    pairs = []
    for unit in parents:
        ancestor: int | None = unit
        seen: dict[int, int] = {}
        while ancestor is not None and ancestor not in seen:
            seen[ancestor] = len(seen)
            ancestor = parents.get(ancestor)
        pairs += [(above, unit, depth) for above, depth in seen.items()]
    closure = _table("org_closure")
    connection.execute(closure.delete())
    schema = {"ancestor_id": pl.Int64, "descendant_id": pl.Int64, "depth": pl.Int64}
    bulk.insert(connection, closure, pl.DataFrame(pairs, schema=schema, orient="row"))


def refresh_last_effective(connection: Connection, accounts: set[int]) -> None:
    """Set the last effective interaction of accounts to what their activities say (ACT-07)."""
    if not accounts:
        return
    activities = bulk.fetch(connection, _table("activity"), ["account_id", "occurred_at", "effective"])
    latest = (
        activities.filter(pl.col("effective"))
        .group_by(pl.col("account_id").alias("id"))
        .agg(pl.col("occurred_at").max().alias("last_effective_at"))
    )
    stored = bulk.fetch(connection, _table("account"), ["id", "last_effective_at"], accounts)
    now = stored.join(latest, on="id", how="left", suffix="_now")
    stale = now.filter(pl.col("last_effective_at").ne_missing(pl.col("last_effective_at_now")))
    bulk.update(
        connection,
        _table("account"),
        stale.select("id", pl.col("last_effective_at_now").alias("last_effective_at")),
    )
