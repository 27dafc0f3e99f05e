"""Pipelines and stages of imported deals (decisions, Import).

Stages that a preset names, in either language, use the preset; all others make a pipeline
"Imported: <source>" that keeps the source's names. Won and lost are recognised by word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection

from desktop.analytics.names import name_key
from desktop.models.opportunities import Pipeline, Stage
from desktop.store.loading import bulk
from desktop.terms import StageKind

_LOST = re.compile(
    r"\b(closed[ -]?lost|lost|loss|dead|abandoned|disqualified)\b|丢单|输单|失单|失败|流失|未成交|未中标|落标|无效|放弃|作废",
    re.IGNORECASE,
)
_WON = re.compile(
    r"\b(closed[ -]?won|won|win)\b|^signed$|赢单|成交|中标|成功|已签约|签单|结单",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b(open|in progress|active)\b|进行中|跟进中", re.IGNORECASE)
_NAMES = {
    StageKind.OPEN: ("Open", "进行中"),
    StageKind.WON: ("Won", "赢单"),
    StageKind.LOST: ("Lost", "输单"),
}
_RANK = {StageKind.OPEN.value: 0, StageKind.WON.value: 1, StageKind.LOST.value: 2}


def kind_of(text: str) -> StageKind:
    """Return what a stage's name says of its deals, in either language; open unless it says otherwise."""
    if _LOST.search(text):
        return StageKind.LOST
    return StageKind.WON if _WON.search(text) else StageKind.OPEN


def _status_kind(text: str) -> StageKind | None:
    found = kind_of(text)
    return found if found is not StageKind.OPEN or _OPEN.search(text) else None


@dataclass(slots=True)
class _Step:
    id: int
    pipeline: int
    position: int
    kind: str
    keys: frozenset[str]


class Pipelines:
    """The pipelines of the database, and those that an import adds."""

    def __init__(self, connection: Connection, add: Callable[[str, pl.DataFrame], list[int]]) -> None:
        self._add = add
        columns = ["id", "name", "name_zh", "preset", "active"]
        found = bulk.fetch(connection, Pipeline.metadata.tables["pipeline"], columns).sort("id")
        self._pipelines: dict[int, dict[str, Any]] = {row["id"]: row for row in found.iter_rows(named=True)}
        columns = ["id", "pipeline_id", "position", "name", "name_zh", "kind"]
        self._steps = [
            _Step(
                row["id"],
                row["pipeline_id"],
                row["position"],
                row["kind"],
                _keys(row["name"], row["name_zh"]),
            )
            for row in bulk.fetch(connection, Stage.metadata.tables["stage"], columns)
            .sort("pipeline_id", "position")
            .iter_rows(named=True)
        ]

    def place(self, deals: pl.DataFrame) -> pl.DataFrame:
        """Return the deals with pipeline_id, stage_id and status (null where a row says nothing of it)."""
        for name in ("stage", "status", "pipeline"):
            if name not in deals.columns:
                deals = deals.with_columns(pl.lit(None, dtype=pl.String).alias(name))
        groups = deals.select("_source", "pipeline").unique(maintain_order=True)
        found = []
        for source, pipeline in groups.iter_rows():
            same = pl.col("pipeline").eq_missing(pl.lit(pipeline, dtype=pl.String))
            own = deals.filter((pl.col("_source") == source) & same)
            found.append(self._place_group(own, source, pipeline))
        answers = pl.concat(found)
        return deals.rename({"status": "_status_text"}).join(
            answers,
            left_on=["_source", "pipeline", "stage", "_status_text"],
            right_on=["_source", "pipeline", "stage", "_status_text"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )

    def names(self) -> pl.DataFrame:
        """Return pipeline_id, key and stage_id of every stage, for each name it goes by."""
        rows = [(step.pipeline, key, step.id) for step in self._steps for key in sorted(step.keys)]
        schema = {"pipeline_id": pl.Int64(), "key": pl.String(), "stage_id": pl.Int64()}
        return pl.DataFrame(rows, schema=schema, orient="row").unique(["pipeline_id", "key"], keep="first")

    def default_stage(self) -> tuple[int, int]:
        """Return (pipeline, first stage) for deals of which nothing is said."""
        first = next(step for step in self._steps if self._pipelines[step.pipeline]["active"])
        return first.pipeline, first.id

    def _place_group(self, deals: pl.DataFrame, source: str, pipeline: str | None) -> pl.DataFrame:
        said = deals.select("stage", "status").unique(maintain_order=True)
        names = said["stage"].drop_nulls().unique(maintain_order=True).to_list()
        statuses = {text: _status_kind(text) for text in said["status"].drop_nulls().unique()}
        chosen: int | None = None
        if names or any(statuses.values()):
            chosen = self._choose(names, source, pipeline, deals)
        rows = []
        for stage, status in said.iter_rows():
            step = self._step(chosen, stage, statuses.get(status)) if chosen is not None else None
            rows.append(
                (source, pipeline, stage, status, step.pipeline, step.id, step.kind)
                if step
                else (source, pipeline, stage, status, None, None, None)
            )
        return pl.DataFrame(
            rows,
            schema={
                "_source": pl.String,
                "pipeline": pl.String,
                "stage": pl.String,
                "_status_text": pl.String,
                "pipeline_id": pl.Int64,
                "stage_id": pl.Int64,
                "status": pl.String,
            },
            orient="row",
        )

    def _step(self, pipeline: int, name: str | None, kind: StageKind | None) -> _Step | None:
        if name is None and kind is None:
            return None
        steps = self._of(pipeline)
        if name is not None:
            key = name_key(name)
            found = next((step for step in steps if key in step.keys), None)
            if found is None:
                found = next(step for step in steps if step.kind == kind_of(name).value)
            # A closed deal may still name the stage in which it was won or lost: the status decides.
            if kind in (None, StageKind.OPEN) or found.kind == kind:
                return found
        wanted = StageKind.OPEN if kind is None else kind
        same = [step for step in steps if step.kind == wanted.value]
        return same[0] if same else self._append(pipeline, [_NAMES[wanted]], [wanted])[0]

    def _of(self, pipeline: int) -> list[_Step]:
        return sorted((s for s in self._steps if s.pipeline == pipeline), key=lambda s: s.position)

    def _choose(self, names: list[str], source: str, pipeline: str | None, deals: pl.DataFrame) -> int:
        """Return the pipeline that these stages belong to; make it, or its missing stages, if need be."""
        title = f"Imported: {source or 'Excel'}" + (f" / {pipeline}" if pipeline else "")
        existing: dict[str, int] = {
            key: id_ for id_, row in self._pipelines.items() for key in _keys(row["name"], row["name_zh"])
        }
        mine = existing.get(name_key(title))
        named = existing.get(name_key(pipeline)) if pipeline else None
        for candidate in (mine, named):
            if candidate is not None and self._covers(candidate, names):
                return candidate
        if mine is None:
            fitting = [
                id_ for id_, row in self._pipelines.items() if row["preset"] and self._fits(id_, names)
            ]
            if fitting:
                return max(fitting, key=lambda id_: (self._matching(id_, names), -id_))
            chinese = f"导入：{source or 'Excel'}" + (f" / {pipeline}" if pipeline else "")
            mine = self._make(title, chinese, source)
        known = {key for step in self._of(mine) for key in step.keys}
        spelled = {name_key(name): name for name in reversed(names)}
        missing = [name for name in names if name_key(name) not in known and spelled[name_key(name)] == name]
        ordered = _ordered(missing, deals)
        self._append(mine, [(name, None) for name in ordered], [kind_of(name) for name in ordered])
        return mine

    def _covers(self, pipeline: int, names: list[str]) -> bool:
        known = {key for step in self._of(pipeline) for key in step.keys}
        return all(name_key(name) in known for name in names)

    def _fits(self, pipeline: int, names: list[str]) -> bool:
        """Whether a preset has every open stage that is named, and a place for the closed ones."""
        steps = self._of(pipeline)
        known = {key for step in steps for key in step.keys}
        foreign = [name for name in names if name_key(name) not in known]
        closed = all(kind_of(name) is not StageKind.OPEN for name in foreign)
        return closed and (not foreign or any(name_key(name) in known for name in names))

    def _matching(self, pipeline: int, names: list[str]) -> int:
        known = {key for step in self._of(pipeline) for key in step.keys}
        return sum(name_key(name) in known for name in names)

    def _make(self, name: str, chinese: str, source: str) -> int:
        row = {"name": [name], "name_zh": [chinese], "source_system": [source[:100]], "active": [True]}
        (new,) = self._add("pipeline", pl.DataFrame(row))
        self._pipelines[new] = {"id": new, "name": name, "name_zh": chinese, "preset": None, "active": True}
        return new

    def _append(
        self,
        pipeline: int,
        names: Sequence[tuple[str, str | None]],
        kinds: list[StageKind],
    ) -> list[_Step]:
        if not names:
            return []
        last = max((step.position for step in self._of(pipeline)), default=0)
        frame = pl.DataFrame(
            {
                "pipeline_id": [pipeline] * len(names),
                "position": list(range(last + 1, last + 1 + len(names))),
                "name": [name for name, _ in names],
                "name_zh": pl.Series([chinese for _, chinese in names], dtype=pl.String),
                "kind": [kind.value for kind in kinds],
            }
        )
        new = [
            _Step(id_, pipeline, last + 1 + index, kinds[index].value, _keys(*names[index]))
            for index, id_ in enumerate(self._add("stage", frame))
        ]
        self._steps += new
        return new


def _keys(*names: str | None) -> frozenset[str]:
    return frozenset(name_key(name) for name in names if name)


def _ordered(names: list[str], deals: pl.DataFrame) -> list[str]:
    """Return new stages in their order: by probability, else by how old their deals are; closed ones last."""
    if len(names) < 2:
        return names
    have = deals.columns
    facts = (
        deals.filter(pl.col("stage").is_in(names))
        .group_by("stage")
        .agg(
            (
                pl.col("probability").median() if "probability" in have else pl.lit(None, dtype=pl.Float64)
            ).alias("p"),
            _median_age(have).alias("age"),
        )
    )
    by_name = {row["stage"]: row for row in facts.iter_rows(named=True)}
    open_names = [name for name in names if kind_of(name) is StageKind.OPEN]
    measure = "p" if all(by_name[name]["p"] is not None for name in open_names) else "age"

    def place(name: str) -> tuple[int, float, int]:
        value = by_name[name][measure]
        return _RANK[kind_of(name).value], float("inf") if value is None else value, names.index(name)

    return sorted(names, key=place)


def _median_age(have: list[str]) -> pl.Expr:
    """How long ago, in days before the newest, the deals of a stage began: older deals have come further."""
    days = [pl.col("opened_on")] if "opened_on" in have else []
    days += [pl.col("created_at").dt.date()] if "created_at" in have else []
    if not days:
        return pl.lit(None, dtype=pl.Float64)
    return -(pl.coalesce(days).cast(pl.Int32).median())
