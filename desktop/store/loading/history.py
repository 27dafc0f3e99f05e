"""Stage histories as the old system recorded them: an event for every change of stage (decisions, Figures).

They replace the one inferred event of a deal that the same run creates. A deal that was there before keeps
what is known of it and gains the events that it lacks.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from desktop.analytics.names import name_key
from desktop.i18n import N_
from desktop.models import Base
from desktop.store.loading import bulk
from desktop.store.loading.batch import Loaded, problems_of, with_columns_of
from desktop.store.loading.derive import business_day
from desktop.store.loading.journal import Journal
from desktop.store.loading.keys import mapped
from desktop.store.loading.match import Register
from desktop.store.loading.preview import Preview
from desktop.store.loading.refs import Maker, resolve
from desktop.store.loading.specs import OWNER, Link, Spec
from desktop.store.loading.stages import Pipelines
from desktop.store.workspace import Work
from desktop.terms import Severity

_DEAL = Link(("opportunity_external_id", "opportunity_name"), "opportunity_id", "opportunity")
STAGE_CHANGE = Spec("stage_change", "stage_event", links=(_DEAL, OWNER))

_FIELDS = {
    "stage": pl.String(),
    "from_stage": pl.String(),
    "changed_at": pl.Datetime("us", "UTC"),
    "opportunity_id": pl.Int64(),
    "owner_id": pl.Int64(),
}
_INCOMPLETE = N_("A change of stage needs its opportunity, the stage and the day; the row is left out.")
_UNKNOWN = N_("The opportunity's pipeline has no stage “{stage}”; the row is left out.")
_SAME = ["opportunity_id", "stage_id", "entered_on"]


class Histories:
    """Writes the stage changes of one load."""

    def __init__(self, work: Work, journal: Journal, preview: Preview, loaded: Loaded) -> None:
        self.work = work
        self.journal = journal
        self.preview = preview
        self.loaded = loaded

    def load(
        self,
        rows: pl.DataFrame,
        register: Callable[[str], Register],
        make: Maker,
        pipelines: Pipelines,
        created: set[int],
    ) -> None:
        """Write the rows as stage events; `created` are the deals that this run has made."""
        for link in STAGE_CHANGE.links:
            rows, problems = resolve(rows, STAGE_CHANGE, link, register, make)
            self.loaded.problems += problems
        rows = self._complete(with_columns_of(rows, _FIELDS))
        rows = self._with_stages(rows, pipelines)
        new, rows = self._difference(rows, created)
        table = STAGE_CHANGE.table
        events = new.select(
            pl.col("_id").alias("id"),
            "opportunity_id",
            "stage_id",
            "from_stage_id",
            "entered_on",
            pl.col("changed_at").alias("entered_at"),
            pl.col("owner_id").alias("person_id"),
            pl.lit(False).alias("inferred"),
        )
        bulk.insert(self.work.connection, table, events)
        self.preview.created(table, events)
        self.journal.described("stage_event", new)
        actions = rows.select(
            pl.lit(STAGE_CHANGE.entity).alias("entity"),
            pl.col("_origin").alias("origin"),
            pl.col("_row").alias("row"),
            "action",
        )
        self.loaded.rows.append(actions)
        for action, number in actions["action"].value_counts().iter_rows():
            self.loaded.count(STAGE_CHANGE.entity, action, number)

    def _complete(self, rows: pl.DataFrame) -> pl.DataFrame:
        whole = pl.all_horizontal(pl.col("opportunity_id", "stage", "changed_at").is_not_null())
        self.loaded.problems += problems_of(
            rows.filter(~whole), STAGE_CHANGE, None, "key_missing", Severity.ROW, _INCOMPLETE
        )
        return rows.filter(whole)

    def _with_stages(self, rows: pl.DataFrame, pipelines: Pipelines) -> pl.DataFrame:
        """Find the stages in the pipeline of each deal, and the day in the business zone."""
        deals = Base.metadata.tables["opportunity"]
        names = ["id", "pipeline_id", "stage_id"]
        ids = rows["opportunity_id"].unique().to_list()
        found = bulk.fetch(self.work.connection, deals, names, ids)
        now = found.rename({"id": "opportunity_id", "stage_id": "_now"})
        rows = rows.join(now, on="opportunity_id", how="left", maintain_order="left")
        known = pipelines.names()
        for text, column in (("stage", "stage_id"), ("from_stage", "from_stage_id")):
            rows = (
                rows.with_columns(mapped(rows[text], name_key).alias("_key"))
                .join(
                    known.rename({"stage_id": column}),
                    left_on=["pipeline_id", "_key"],
                    right_on=["pipeline_id", "key"],
                    how="left",
                    maintain_order="left",
                )
                .drop("_key")
            )
        lost = pl.col("stage_id").is_null()
        self.loaded.problems += problems_of(
            rows.filter(lost),
            STAGE_CHANGE,
            "stage",
            "stage_unknown",
            Severity.ROW,
            _UNKNOWN,
            value="stage",
            parameters=("stage",),
        )
        return rows.filter(~lost).with_columns(business_day("changed_at", self.work.zone).alias("entered_on"))

    def _difference(self, rows: pl.DataFrame, created: set[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the events to add, and every row with its action."""
        table = STAGE_CHANGE.table
        self._drop_inferred(rows, created)
        stored = bulk.fetch(
            self.work.connection, table, ["opportunity_id", "stage_id", "entered_on", "inferred"]
        ).join(rows.select("opportunity_id").unique(), on="opportunity_id", how="semi")
        # An inferred event says when its deal came to its stage: the same stage is not entered again.
        guessed = stored.filter("inferred").select("opportunity_id", "stage_id").unique()
        fresh = (
            rows.unique(_SAME, keep="first", maintain_order=True)
            .join(stored.filter(~pl.col("inferred")), on=_SAME, how="anti", maintain_order="left")
            .join(guessed, on=["opportunity_id", "stage_id"], how="anti", maintain_order="left")
        )
        ids = bulk.reserve_ids(self.work.connection, table, fresh.height)
        fresh = fresh.with_columns(pl.Series("_id", ids, dtype=pl.Int64))
        told = rows.join(fresh.select("_k", "_id"), on="_k", how="left", maintain_order="left")
        is_new = pl.col("_id").is_not_null()
        action = pl.when(is_new).then(pl.lit("created")).otherwise(pl.lit("unchanged"))
        return fresh, told.with_columns(action.alias("action"))

    def _drop_inferred(self, rows: pl.DataFrame, created: set[int]) -> None:
        """Remove the inferred event of each new deal whose history leads to where the deal stands."""
        told = rows.filter(pl.col("stage_id") == pl.col("_now"))["opportunity_id"].unique()
        replaced = set(told.to_list()) & created
        bulk.delete(self.work.connection, STAGE_CHANGE.table, replaced, "opportunity_id")
