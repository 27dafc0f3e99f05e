"""Writing an import: every entity in its order, set by set, in the caller's transaction; a dry run is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from desktop.i18n import N_
from desktop.store.loading import bulk, derive
from desktop.store.loading.after import Aftermath
from desktop.store.loading.batch import Batch, Loaded, Origin, combined, problems_of, with_columns_of
from desktop.store.loading.chosen import key_columns_of, keys_by_origin
from desktop.store.loading.custom import CustomFields, as_stored, wanted_fields
from desktop.store.loading.difference import Difference, difference
from desktop.store.loading.frozen import without_frozen
from desktop.store.loading.history import STAGE_CHANGE, Histories
from desktop.store.loading.journal import Journal
from desktop.store.loading.keys import row_key_of_name, with_name_key, with_row_key
from desktop.store.loading.match import Register, assign
from desktop.store.loading.merged import without_old_news
from desktop.store.loading.paper_lines import KEPT, completed, sums_told, with_open_columns
from desktop.store.loading.preview import Preview
from desktop.store.loading.refs import looks_like_record_id, resolve
from desktop.store.loading.refused import without_refused
from desktop.store.loading.returned import assigned, guarded
from desktop.store.loading.rules import derived_columns, held_back
from desktop.store.loading.specs import SPECS, Link, Spec
from desktop.store.loading.stages import Pipelines
from desktop.store.loading.stock import Stock
from desktop.store.loading.values import fitted, with_lost_texts
from desktop.store.workspace import Work
from desktop.terms import PersonStatus, Role, Severity

_SYSTEM = frozenset(
    {"id", "version", "recorded_at", "changed_at", "source_system", "external_id", "row_key", "raw_values"}
)
_DEFAULTS: dict[str, dict[str, object]] = {
    "user": {"role": Role.REP.value, "status": PersonStatus.ACTIVE.value, "can_sign_in": False},
    "opportunity": {"currency": "CNY"},
    "activity": {"effective": False},
}
_KEY_MISSING = N_("The row has nothing that would name the record ({fields}); it is left out.")


def load(
    work: Work,
    run_id: int,
    batches: Sequence[Batch],
    origins: Sequence[Origin],
    *,
    keep_duplicates: bool = False,
    stock: Stock | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Loaded:
    """Write all batches and the lineage of run `run_id`; return what was done and what was wrong.

    A `stock` of the tables to compare with spares fetching them. What is to be done `meanwhile` needs no
    database: the server may still be busy with the last lines.
    """
    frames = stock.renew(work.connection) if stock else {}
    with bulk.roomy(work.connection, work.control), bulk.stocked(work.connection, frames):
        loaded = _Loader(work, run_id, origins, keep_duplicates=keep_duplicates).run(batches)
        if meanwhile:
            meanwhile()
        return loaded


class _Loader:
    """One load: the registers of the entities it has met, and what it has done so far."""

    def __init__(self, work: Work, run_id: int, origins: Sequence[Origin], *, keep_duplicates: bool) -> None:
        self.work = work
        self.connection = work.connection
        self.origins = origins
        self.keep_duplicates = keep_duplicates
        self.loaded = Loaded()
        self.journal = Journal(self.connection, run_id, origins)
        self.preview = Preview(self.connection)
        self.aftermath = Aftermath(work, self.journal)
        self.custom = CustomFields(self.connection)
        self._registers: dict[str, Register] = {}
        self._pipelines: Pipelines | None = None

    def run(self, batches: Sequence[Batch]) -> Loaded:
        total = sum(batch.frame.height for batch in batches)
        done = 0
        self._make_fields(batches)
        for spec in SPECS.values():
            own = [batch for batch in batches if batch.entity == spec.entity and not batch.frame.is_empty()]
            if not own:
                continue
            self.work.control.report(done, total, spec.entity)
            self._load(spec, combined(spec, own, self.origins))
            done += sum(batch.frame.height for batch in own)
        self._load_histories(batches)
        self.work.control.report(done, total)
        self.aftermath.finish()
        self.journal.write()
        self.loaded.preview = self.preview
        return self.loaded

    def _load_histories(self, batches: Sequence[Batch]) -> None:
        own = [batch for batch in batches if batch.entity == STAGE_CHANGE.entity and batch.frame.height]
        if own:
            Histories(self.work, self.journal, self.preview, self.loaded).load(
                combined(STAGE_CHANGE, own, self.origins),
                self.register,
                self.make_named,
                self.pipelines(),
                self.aftermath.created_deals,
            )

    def pipelines(self) -> Pipelines:
        if self._pipelines is None:
            self._pipelines = Pipelines(self.connection, self._add_simple)
        return self._pipelines

    def register(self, entity: str) -> Register:
        if entity not in self._registers:
            spec = SPECS[entity]
            chosen = self._chosen_columns(spec).values()
            self._registers[entity] = Register(
                spec, self.connection, dict.fromkeys(name for names in chosen for name in names)
            )
        return self._registers[entity]

    def _chosen_columns(self, spec: Spec) -> dict[int, tuple[str, ...]]:
        chosen = keys_by_origin(spec, self.origins).items()
        columns = {origin: key_columns_of(spec, names) for origin, names in chosen}
        return {origin: names for origin, names in columns.items() if names}

    def _load(self, spec: Spec, rows: pl.DataFrame) -> None:
        if spec.named:
            rows = with_name_key(derive.composed_names(rows, spec))
        chosen = keys_by_origin(spec, self.origins)
        rows = with_row_key(rows, spec, keep_duplicates=self.keep_duplicates, chosen=chosen)
        own_links = [link for link in spec.links if link.target == spec.entity]
        for link in spec.links:
            if link not in own_links:
                rows = self._resolve(rows, spec, link)
        rows = self._particular(rows, spec)
        columns = [name for name in rows.columns if name in spec.table.c and name not in _SYSTEM]
        rows = self._fit(rows, spec, columns)
        own_fields = self.custom.names(spec, rows.columns)
        rows = as_stored(rows, own_fields)
        columns += own_fields
        rows = self._assign(rows, spec)
        rows, open_problems = completed(rows, spec, self.work, self.register)
        if spec.named:
            rows = self._one_spelling(rows, spec)
        for link in own_links:
            rows = self._resolve(rows, spec, link)
            if link.column in rows.columns:
                # A record is never its own parent or manager, whatever the source says.
                itself = pl.col(link.column) == pl.col("_id")
                rows = rows.with_columns(pl.when(itself).then(None).otherwise(link.column).alias(link.column))
                columns.append(link.column)
        rows = with_lost_texts(rows)
        self.work.control.check()
        rows, problems = guarded(rows, spec, columns, self.origins, self.connection)
        rows, refused = without_refused(rows, spec, self.work)
        rows, frozen = without_frozen(rows, spec, self.work)
        self.loaded.problems += [*open_problems, *problems, *refused, *frozen]
        derived = derived_columns(rows, spec, columns, self.origins)
        rows = held_back(rows, spec, columns, self.origins, self.connection, self.custom, derived)
        rows = without_old_news(rows, spec, columns, self.connection)
        names = list(dict.fromkeys(columns))
        made = difference(rows, spec, names, self.connection, self.custom, sorted(derived))
        rows = rows.select(name for name in KEPT if name in rows.columns)
        self._write(spec, made)
        self.loaded.problems += sums_told(rows, spec, self.work)

    def _resolve(self, rows: pl.DataFrame, spec: Spec, link: Link) -> pl.DataFrame:
        self.work.control.check()
        rows, problems = resolve(rows, spec, link, self.register, self.make_named)
        self.loaded.problems += problems
        return rows

    def _fit(self, rows: pl.DataFrame, spec: Spec, columns: list[str]) -> pl.DataFrame:
        self.work.control.check()
        rows, problems = fitted(rows, spec, columns)
        self.loaded.problems += problems
        return rows

    def _particular(self, rows: pl.DataFrame, spec: Spec) -> pl.DataFrame:
        """Work out what is peculiar to an entity."""
        work = self.work
        if spec.entity == "opportunity":
            rows = derive.closing_days(self.pipelines().place(rows))
        elif spec.entity == "activity":
            rows = derive.activity_facts(rows, work.now, work.zone)
            self.loaded.problems += derive.without_next_action(rows, spec)
        elif spec.entity == "target":
            rows, problems = derive.target_facts(rows, self.register, self.make_named)
            self.loaded.problems += problems
        elif spec.entity == "calendar_event":
            rows, problems = derive.event_facts(rows)
            self.loaded.problems += problems
        return derive.account_of_parents(with_open_columns(rows, spec), spec, self.register)

    def _assign(self, rows: pl.DataFrame, spec: Spec) -> pl.DataFrame:
        self.work.control.check()
        rows = self._only_named(rows, spec)
        if rows.is_empty():
            return rows.with_columns(pl.lit(None, dtype=pl.Int64).alias("_id"), pl.lit(False).alias("_new"))
        rows, problems = assigned(
            rows,
            spec,
            self.connection,
            lambda rest: assign(
                rest,
                self.register(spec.entity),
                lambda count: bulk.reserve_ids(self.connection, spec.table, count),
                keep_duplicates=self.keep_duplicates,
                chosen=self._chosen_columns(spec),
            ),
        )
        self.loaded.problems += problems
        if spec.entity == "user":
            rows, problems = derive.single_logins(rows, spec, self.register("user"))
            self.loaded.problems += problems
        return rows

    def _one_spelling(self, rows: pl.DataFrame, spec: Spec) -> pl.DataFrame:
        """Where a name decided which record is meant, its other spellings do not rename the record."""
        by_name = pl.col("external_id").is_null() & pl.col("name_key").is_not_null()
        first = pl.col("name").first().over("_id", "name_key")
        rows = rows.with_columns(pl.when(by_name).then(first).otherwise("name").alias("name"))
        known = rows.filter(~pl.col("_new") & by_name)["_id"].unique().to_list()
        if not known:
            return rows
        stored = bulk.fetch(self.connection, spec.table, ["id", "name", "name_key"], known)
        stored = stored.rename({"id": "_id", "name": "_name"})
        told = rows.join(stored, on=["_id", "name_key"], how="left", maintain_order="left")
        spelled = pl.when(by_name).then(pl.coalesce("_name", "name")).otherwise("name")
        return told.with_columns(spelled.alias("name")).drop("_name")

    def _only_named(self, rows: pl.DataFrame, spec: Spec) -> pl.DataFrame:
        """Leave out rows that would create a record without its required name or number."""
        required = "name" if spec.named and not spec.table.c["name"].nullable else spec.number
        if required is None or spec.table.c[required].nullable:
            return rows
        if required not in rows.columns:
            rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(required))
        poor = rows.filter(pl.col(required).is_null())
        if poor.is_empty():
            return rows
        named = derive.last_resort_name(poor, spec) if required == "name" else poor
        hopeless = named.filter(pl.col(required).is_null())
        known = self.register(spec.entity).lines.drop_nulls("external_id")
        hopeless = hopeless.join(
            known, left_on=["_source", "external_id"], right_on=["source_system", "external_id"], how="anti"
        )
        self.loaded.problems += problems_of(
            hopeless.with_columns(pl.lit(required).alias("fields")),
            spec,
            required,
            "key_missing",
            Severity.ROW,
            _KEY_MISSING,
            parameters=("fields",),
        )
        return rows.join(hopeless, on="_k", how="anti", maintain_order="left")

    def _write(self, spec: Spec, made: Difference) -> None:
        self.work.control.check()
        new = self._as_records(spec, made)
        bulk.insert(self.connection, spec.table, new)
        changed = made.changed
        if not changed.is_empty():
            own = [name for name in made.columns if name in spec.table.c]
            names = [*own, "external_id", "source_system", "raw_values"]
            update = changed.select(
                pl.col("_id").alias("id"),
                *names,
                (pl.col("version") + 1).alias("version"),
                pl.lit(self.work.now).alias("changed_at"),
            )
            if spec.named and "name" in made.columns:
                update = with_name_key(update)
            bulk.update(self.connection, spec.table, update)
        told = self.custom.write_all(spec, made, new)
        self.journal.note(spec, made)
        self.journal.write_some()
        self.preview.note(spec, made, told)
        self.aftermath.note(spec, new, made)
        actions = made.rows.select(
            pl.lit(spec.entity).alias("entity"),
            pl.col("_origin").alias("origin"),
            pl.col("_row").alias("row"),
            "action",
        )
        self.loaded.rows.append(actions)
        for action, number in actions["action"].value_counts().iter_rows():
            self.loaded.count(spec.entity, action, number)

    def _make_fields(self, batches: Sequence[Batch]) -> None:
        """Make the custom fields that rows bring and the database lacks (CUS-05)."""
        wanted = wanted_fields(self.custom, batches, self.origins)
        if wanted.height:
            self._add_simple("custom_field", wanted)
            self.custom.reload()

    def _as_records(self, spec: Spec, made: Difference) -> pl.DataFrame:
        """Return new records as their table wants them."""
        new = made.new
        if spec.named and not new.is_empty():
            names = [name for name in new.columns if not name.startswith("_")]
            new = with_name_key(derive.last_resort_name(new.select("_id", "_source", "_raw", *names), spec))
        if spec.entity == "opportunity" and not new.is_empty():
            new = self._with_stage(new)
        columns = [
            name
            for name in dict.fromkeys([*made.columns, "name_key"])
            if name in new.columns and name in spec.table.c
        ]
        records = new.select(
            pl.col("_id").alias("id"),
            pl.lit(1, dtype=pl.Int64).alias("version"),
            pl.lit(self.work.now).alias("recorded_at"),
            pl.lit(self.work.now).alias("changed_at"),
            pl.col("_source").alias("source_system"),
            "external_id",
            "row_key",
            pl.col("_raw").alias("raw_values"),
            *columns,
        )
        defaults = _DEFAULTS.get(spec.entity, {})
        records = with_columns_of(records, {name: bulk.frame_type(spec.table.c[name]) for name in defaults})
        return records.with_columns(pl.coalesce(name, pl.lit(value)) for name, value in defaults.items())

    def _with_stage(self, new: pl.DataFrame) -> pl.DataFrame:
        pipeline, stage = self.pipelines().default_stage()
        bare = pl.col("stage_id").is_null()
        return new.with_columns(
            pl.when(bare).then(pl.lit(pipeline)).otherwise("pipeline_id").alias("pipeline_id"),
            pl.when(bare).then(pl.lit(stage)).otherwise("stage_id").alias("stage_id"),
            pl.when(bare).then(pl.lit("open")).otherwise("status").alias("status"),
        )

    def make_named(self, entity: str, wanted: pl.DataFrame) -> pl.DataFrame:
        """Create a record for every (_source, value): known by that name, or a person by that record id."""
        spec = SPECS[entity]
        by_name = wanted.with_columns(
            pl.col("value").alias("name"), pl.lit(None, dtype=pl.String).alias("external_id")
        )
        if entity == "user":
            ids = pl.Series([looks_like_record_id(value) for value in wanted["value"]], dtype=pl.Boolean)
            by_name = by_name.with_columns(pl.when(ids).then("value").otherwise(None).alias("external_id"))
        keys = [
            None if row["external_id"] else row_key_of_name(spec, row["_source"], row["name"])
            for row in by_name.iter_rows(named=True)
        ]
        by_name = with_name_key(by_name).with_columns(pl.Series("row_key", keys, dtype=pl.String))
        # A record that was made from this name before may have been renamed since: it is still meant.
        known = self.register(entity).unique(["row_key"])
        renamed = by_name.join(known, on="row_key").select("_source", "value", "_id")
        fresh = by_name.join(renamed, on=["_source", "value"], how="anti", maintain_order="left")
        made = self._insert_named(spec, fresh)
        return pl.concat([renamed, made])

    def _insert_named(self, spec: Spec, named: pl.DataFrame) -> pl.DataFrame:
        """Create a record for every different name or record id; return (_source, value, _id)."""
        identity = ["_source", "external_id", "name_key"]
        different = named.unique(identity, keep="first", maintain_order=True)
        ids = bulk.reserve_ids(self.connection, spec.table, different.height)
        different = different.with_columns(
            pl.Series("_id", ids, dtype=pl.Int64), pl.lit(None, dtype=pl.String).alias("_raw")
        )
        made = Difference(different, different.clear(), different.clear(), ["name"])
        records = self._as_records(spec, made)
        bulk.insert(self.connection, spec.table, records)
        self.journal.created(spec.table_name, records["id"])
        self.preview.created(spec.table, records)
        self.loaded.count(spec.entity, "created", records.height)
        self.register(spec.entity).add(different)
        if spec.entity == "org_unit" and records.height:
            self.aftermath.tree_changed = True
        return named.join(
            different.select(*identity, "_id"), on=identity, nulls_equal=True, maintain_order="left"
        ).select("_source", "value", "_id")

    def _add_simple(self, table_name: str, frame: pl.DataFrame) -> list[int]:
        """Add pipelines or stages; return their ids."""
        table = SPECS["opportunity"].table.metadata.tables[table_name]
        ids = bulk.reserve_ids(self.connection, table, frame.height)
        stamped = frame.with_columns(
            pl.Series("id", ids, dtype=pl.Int64),
            pl.lit(1, dtype=pl.Int64).alias("version"),
            pl.lit(self.work.now).alias("recorded_at"),
            pl.lit(self.work.now).alias("changed_at"),
        )
        bulk.insert(self.connection, table, stamped)
        self.journal.created(table_name, stamped["id"])
        self.preview.created(table, stamped)
        return ids
