"""References of imported rows: from a record id, a number or a name to the record that is meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

import polars as pl

from desktop.analytics.names import name_key
from desktop.i18n import N_
from desktop.store.loading.batch import Problem, problems_of, with_columns_of
from desktop.store.loading.keys import mapped
from desktop.store.loading.match import Register
from desktop.store.loading.specs import SPECS, Link, Spec
from desktop.terms import Severity

_RECORD_ID = re.compile(r"(?=.*\d)(?:[A-Za-z0-9]{15}|[A-Za-z0-9]{18}|[0-9a-fA-F-]{32,36}|\d+)")
_UNKNOWN = {
    "account": N_("There is no account with the record ID “{value}”; the reference is left empty."),
    "contact": N_("There is no contact “{value}”; the reference is left empty."),
    "opportunity": N_("There is no opportunity “{value}”; the reference is left empty."),
    "contract": N_("There is no contract “{value}”; the reference is left empty."),
    "lead": N_("There is no lead “{value}”; the reference is left empty."),
    "order": N_("There is no order “{value}”; the reference is left empty."),
}
_OTHER_UNKNOWN = N_("“{value}” refers to nothing that is known; the reference is left empty.")
_NEEDED_UNKNOWN = {
    "contract": N_("There is no contract “{value}”; the row is left out."),
    "quote": N_("There is no quote “{value}”; the row is left out."),
}
_NEEDED_AMBIGUOUS = N_("“{value}” could be {count} different records; the row is left out.")
_NEEDED_MISSING = N_("The row does not say what it is part of; it is left out.")
_AMBIGUOUS = N_("“{value}” could be {count} different records; the reference is left empty.")
_CREATED = {
    "account": N_("Account “{value}” is in no table of accounts: it was created from its name."),
    "user": N_("“{value}” is not a known person: created as a person who cannot sign in."),
    "org_unit": N_("Unit “{value}” is in no table of units: it was created from its name."),
    "product": N_("Product “{value}” is in no table of products: it was created from its name."),
}


class Maker(Protocol):
    """Makes records that are known by a name (or, for people, a record id) alone."""

    def __call__(self, entity: str, wanted: pl.DataFrame) -> pl.DataFrame:
        """Create a record per (_source, value) and return them with "_id"."""
        ...


def looks_like_record_id(text: str) -> bool:
    """Whether a text is a machine's record id rather than anybody's name."""
    return _RECORD_ID.fullmatch(text) is not None


def resolve(
    frame: pl.DataFrame,
    spec: Spec,
    link: Link,
    register_of: Callable[[str], Register],
    make: Maker,
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the frame with the link's id column, and the problems of values that found nothing.

    Texts that find nothing stay in "_lost_<field>", to be kept beside the empty reference.
    """
    fields = [name for name in link.fields if name in frame.columns]
    if not fields:
        return _without_lost(frame, spec, link, fields) if link.needed else (frame, [])
    problems: list[Problem] = []
    register = register_of(link.target)
    ids = frame.select("_k", *(name for name in (link.column,) if name in frame.columns))
    if link.column not in ids.columns:
        ids = ids.with_columns(pl.lit(None, dtype=pl.Int64).alias(link.column))
    for name in fields:
        asked = _asked(frame, ids, link, name)
        if asked.is_empty():
            continue
        values = asked.select("_source", "value", "_account").unique(maintain_order=True)
        answers = _answers(values, link, register, by_id_only=name.endswith("external_id"))
        if link.create and not name.endswith("external_id"):
            answers, made = _created(answers, link, make, asked)
            problems += [_note(spec, name, row, link.target) for row in made]
        told = asked.join(answers, on=["_source", "value", "_account"], how="left", nulls_equal=True)
        frame, told = _elsewhere(frame, told, link, register_of)
        ids = ids.update(told.select("_k", pl.col("_found").alias(link.column)), on="_k")
        lost = told.filter(pl.col("_found").is_null() & ~pl.col("_elsewhere"))
        if not lost.is_empty():
            problems += _lost_problems(lost, spec, name, link)
            text = lost.select("_k", pl.col("value").alias(f"_lost_{name}"))
            frame = frame.join(text, on="_k", how="left", maintain_order="left")
    rest = frame.drop(link.column, strict=False)
    frame = rest.join(ids, on="_k", how="left", maintain_order="left")
    if link.needed:
        frame, silent = _without_lost(frame, spec, link, fields)
        problems += silent
    return frame, problems


def _without_lost(
    frame: pl.DataFrame, spec: Spec, link: Link, fields: list[str]
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows that belong to something, and a problem for each that does not say to what."""
    frame = with_columns_of(frame, {link.column: pl.Int64()})
    lost = frame.filter(pl.col(link.column).is_null())
    silent = lost.filter(pl.all_horizontal(pl.col(name).is_null() for name in fields)) if fields else lost
    problems = problems_of(silent, spec, link.fields[0], "key_missing", Severity.ROW, _NEEDED_MISSING)
    return frame.filter(pl.col(link.column).is_not_null()), problems


def candidates(values: pl.DataFrame, register: Register, target: str) -> pl.DataFrame:
    """Return texts (_source, value) with "_found" and "_count": the records of one entity they may mean."""
    asked = values.with_columns(pl.lit(None, dtype=pl.Int64).alias("_account"))
    found = _answers(asked, Link((), "", target), register, by_id_only=False)
    return found.select("_source", "value", "_found", "_count")


def _asked(frame: pl.DataFrame, ids: pl.DataFrame, link: Link, name: str) -> pl.DataFrame:
    """Return the rows whose reference is still open, with the text that names it."""
    account = pl.col("account_id") if link.within and "account_id" in frame.columns else pl.lit(None)
    open_rows = ids.filter(pl.col(link.column).is_null()).select("_k")
    return (
        frame.join(open_rows, on="_k", how="semi", maintain_order="left")
        .select(
            "_k",
            "_source",
            "_origin",
            "_row",
            pl.col(name).alias("value"),
            account.cast(pl.Int64).alias("_account"),
        )
        .drop_nulls("value")
    )


def _answers(values: pl.DataFrame, link: Link, register: Register, *, by_id_only: bool) -> pl.DataFrame:
    """Return the values with "_found" (an id or null) and "_count" (how many records were meant)."""
    found = values.with_columns(
        pl.lit(None, dtype=pl.Int64).alias("_found"), pl.lit(0, dtype=pl.UInt32).alias("_count")
    )
    by_id = register.unique(["source_system", "external_id"])
    found = _filled(found, by_id, ["_source", "value"], ["source_system", "external_id"])
    found = _filled_from_others(found, register)
    if by_id_only:
        return found
    spec = register.spec
    if spec.number:
        found = _filled(found, register.counted([spec.number]), ["value"], [spec.number])
    if link.target == "user":
        found = _filled(found, register.counted(["email"]), ["value"], ["email"])
    if not spec.named:
        return found
    found = found.with_columns(mapped(found["value"], name_key).alias("_name_key"))
    if link.within:
        of_account = register.counted(["name_key", "account_id"])
        found = _filled(found, of_account, ["_name_key", "_account"], ["name_key", "account_id"])
        alone = found.filter(pl.col("_account").is_null())
        alone = _filled(alone, register.counted(["name_key"]), ["_name_key"], ["name_key"])
        found = pl.concat([found.filter(pl.col("_account").is_not_null()), alone])
    else:
        found = _filled(found, register.counted(["name_key"]), ["_name_key"], ["name_key"])
    return found.drop("_name_key")


def _filled_from_others(found: pl.DataFrame, register: Register) -> pl.DataFrame:
    """Look record ids up among those of other systems, for a source that brings no such records itself.

    The tables of one export are not always recognised as of one system; ids that a source uses itself
    are never taken for another's.
    """
    keyed = register.lines.filter(pl.col("external_id").is_not_null())
    own = pl.col("_source").is_in(keyed["source_system"].unique().to_list())
    others = _filled(found.filter(~own), register.counted(["external_id"], keyed), ["value"], ["external_id"])
    return pl.concat([found.filter(own), others])


def _filled(found: pl.DataFrame, keys: pl.DataFrame, left: list[str], right: list[str]) -> pl.DataFrame:
    """Fill in what a register's keys answer for the values that are still open."""
    if "_count" not in keys.columns:
        keys = keys.with_columns(pl.lit(1, dtype=pl.UInt32).alias("_count"))
    told = found.join(keys, left_on=left, right_on=right, how="left", maintain_order="left", suffix="_new")
    unanswered = pl.col("_found").is_null() & (pl.col("_count") == 0)
    one = unanswered & (pl.col("_count_new") == 1)
    return told.with_columns(
        pl.when(one).then("_id").otherwise("_found").alias("_found"),
        pl.when(unanswered & pl.col("_count_new").is_not_null())
        .then("_count_new")
        .otherwise("_count")
        .alias("_count"),
    ).select(found.columns)


def _created(
    answers: pl.DataFrame, link: Link, make: Maker, asked: pl.DataFrame
) -> tuple[pl.DataFrame, list[dict[str, object]]]:
    """Create a record for every name that means nobody; return the answers and where each was first met."""
    open_values = answers.filter((pl.col("_count") == 0) & pl.col("_found").is_null())
    if link.target != "user":
        open_values = open_values.filter(~mapped_flag(open_values["value"], looks_like_record_id))
    if open_values.is_empty():
        return answers, []
    made = make(link.target, open_values.select("_source", "value").unique(maintain_order=True))
    filled = answers.join(made, on=["_source", "value"], how="left", maintain_order="left").with_columns(
        pl.coalesce("_found", "_id").alias("_found")
    )
    first = asked.join(made, on=["_source", "value"], how="semi", maintain_order="left")
    return filled.select(answers.columns), first.unique("value", keep="first", maintain_order=True).to_dicts()


def mapped_flag(values: pl.Series, test: Callable[[str], bool]) -> pl.Series:
    """Return whether each text passes a test."""
    return pl.Series([test(value) for value in values], dtype=pl.Boolean)


def _elsewhere(
    frame: pl.DataFrame, told: pl.DataFrame, link: Link, register_of: Callable[[str], Register]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Try record ids that are of another entity: a task may hang on a lead, or on an account."""
    told = told.with_columns(pl.lit(False).alias("_elsewhere"))
    for entity, column in link.otherwise:
        left = told.filter(pl.col("_found").is_null() & ~pl.col("_elsewhere"))
        if left.is_empty() or (column in frame.columns and column == link.column):
            continue
        keys = register_of(entity).unique(["source_system", "external_id"])
        hits = left.join(
            keys, left_on=["_source", "value"], right_on=["source_system", "external_id"]
        ).select("_k", "_id")
        if hits.is_empty():
            continue
        told = told.with_columns(pl.col("_elsewhere") | pl.col("_k").is_in(hits["_k"].to_list()))
        if column not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(column))
        merged = frame.join(hits, on="_k", how="left", maintain_order="left")
        frame = merged.with_columns(pl.coalesce(column, "_id").alias(column)).drop("_id")
    return frame, told


def _lost_problems(lost: pl.DataFrame, spec: Spec, name: str, link: Link) -> list[Problem]:
    ambiguous = lost.filter(pl.col("_count") > 1).rename({"_count": "count"})
    unknown = lost.filter(pl.col("_count") <= 1)
    severity = Severity.ROW if link.needed else Severity.CELL
    return problems_of(
        ambiguous,
        spec,
        name,
        "reference_ambiguous",
        severity,
        _NEEDED_AMBIGUOUS if link.needed else _AMBIGUOUS,
        value="value",
        parameters=("value", "count"),
    ) + problems_of(
        unknown,
        spec,
        name,
        "reference_unknown",
        severity,
        _NEEDED_UNKNOWN[link.target] if link.needed else _UNKNOWN.get(link.target, _OTHER_UNKNOWN),
        value="value",
        parameters=("value",),
    )


def _note(spec: Spec, name: str, row: dict[str, object], target: str) -> Problem:
    return Problem(
        spec.entity,
        int(str(row["_origin"])),
        None if row["_row"] is None else int(str(row["_row"])),
        name,
        f"{SPECS[target].entity}_created",
        Severity.NOTE,
        _CREATED[target],
        {"value": row["value"]},
        str(row["value"]),
    )
