"""What a record keeps besides its source's fields: composed names, business days, effectiveness, periods."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import polars as pl

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.periods import Period
from desktop.store.loading.batch import Problem, problems_of
from desktop.store.loading.match import Register
from desktop.store.loading.refs import candidates
from desktop.store.loading.specs import SPECS, Spec
from desktop.terms import EFFECTIVE_TYPES, MESSAGE_TYPES, CalendarKind, Direction, Severity

_IDEOGRAPH = r"[\u3400-\u9fff]"
_NOT_DONE = (
    r"(?i)not started|not held|in progress|waiting|deferred|planned|pending|scheduled|cancel|overdue"
    r"|^open$|未|待|计划|取消|进行中|逾期"
)
_IN_PROGRESS = r"(?i)in progress|ongoing|^working|进行中|处理中|跟进中"
_LAST_RESORT: dict[str, tuple[str, ...]] = {
    "user": ("login", "email", "external_id"),
    "contact": ("email", "mobile", "phone", "external_id"),
    "lead": ("contact_name", "company", "mobile", "phone", "email", "external_id"),
    "product": ("code", "external_id"),
    "org_unit": ("external_id",),
    "campaign": ("external_id",),
    "opportunity": ("external_id",),
}
"""What a new record without a name is called by."""

_LOGIN_TAKEN = N_("The login “{login}” already belongs to somebody else; it is left out.")
_VALUE_MISSING = N_("The target has no value; the row is left out.")
_OWNER_MISSING = N_("It is not said whose target this is; the row is left out.")
_OWNER_AMBIGUOUS = N_("“{owner}” could be more than one person or unit; the row is left out.")
_PERIOD_MISSING = N_("“{period}” is not a period; the row is left out.")
_NEXT_MISSING = N_(
    "“{status}” says nothing: no next action and no next contact is given. The row is kept; say what is done by when."
)
_DATE_MISSING = N_("The event has no date; the row is left out.")


def composed_names(frame: pl.DataFrame, spec: Spec) -> pl.DataFrame:
    """Return the frame with `name` made of first and last name where it is not given whole."""
    if "name" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("name"))
    if spec.entity not in ("contact", "lead"):
        return frame
    parts = [name for name in ("last_name", "first_name") if name in frame.columns]
    if not parts:
        return frame
    first, last = (
        pl.col(n) if n in parts else pl.lit(None, dtype=pl.String) for n in ("first_name", "last_name")
    )
    western = pl.concat_str([first, last], separator=" ", ignore_nulls=True)
    chinese = pl.concat_str([last, first], ignore_nulls=True)
    whole = pl.when(chinese.str.contains(_IDEOGRAPH)).then(chinese).otherwise(western)
    return frame.with_columns(pl.coalesce("name", pl.when(whole != "").then(whole)).alias("name"))


def last_resort_name(frame: pl.DataFrame, spec: Spec) -> pl.DataFrame:
    """Return new records with a name, however poor, where they have anything to be called by."""
    choices = [name for name in _LAST_RESORT.get(spec.entity, ()) if name in frame.columns]
    return frame.with_columns(pl.coalesce("name", *choices).alias("name"))


def single_logins(rows: pl.DataFrame, spec: Spec, register: Register) -> tuple[pl.DataFrame, list[Problem]]:
    """Give a login that several people claim to the first of them, or to who has it."""
    if "login" not in rows.columns:
        return rows, []
    owners = register.lines.drop_nulls("login").unique("login", keep="first")
    held = rows.join(
        owners.select("login", pl.col("id").alias("_holder")),
        on="login",
        how="left",
        maintain_order="left",
    )
    taken = (pl.col("_holder") != pl.col("_id")).fill_null(False)
    problems = problems_of(
        held.filter(taken),
        spec,
        "login",
        "login_taken",
        Severity.CELL,
        _LOGIN_TAKEN,
        value="login",
        parameters=("login",),
    )
    kept = held.with_columns(pl.when(taken).then(None).otherwise("login").alias("login"))
    return kept.drop("_holder"), problems


def activity_facts(frame: pl.DataFrame, now: datetime, zone: str) -> pl.DataFrame:
    """Return activities with their business day, and whether each is an effective interaction (ACT-07)."""
    if "occurred_at" in frame.columns:
        day = pl.col("occurred_at").dt.convert_time_zone(zone).dt.date()
        frame = frame.with_columns(day.alias("occurred_on"))
    if "type" not in frame.columns:
        return frame
    have = set(frame.columns)
    met = pl.col("type").is_in([kind.value for kind in EFFECTIVE_TYPES])
    done = ~pl.col("status").str.contains(_NOT_DONE).fill_null(False) if "status" in have else pl.lit(True)
    past = (pl.col("occurred_at") <= now).fill_null(False) if "occurred_at" in have else pl.lit(False)
    message = pl.col("type").is_in([kind.value for kind in MESSAGE_TYPES])
    inbound = (
        (pl.col("direction") == Direction.IN.value).fill_null(False) if "direction" in have else pl.lit(False)
    )
    effective = past & ((met & done) | (message & inbound))
    return frame.with_columns(effective.fill_null(False).alias("effective"))


def without_next_action(frame: pl.DataFrame, spec: Spec) -> list[Problem]:
    """Return a note for each activity that is in progress without saying what comes next (RPT-14); it is kept."""
    if "status" not in frame.columns:
        return []
    silent = pl.col("status").str.contains(_IN_PROGRESS).fill_null(False)
    if "next_action" in frame.columns:
        silent &= pl.col("next_action").fill_null("") == ""
    for day in ("next_contact_at", "due_at"):
        if day in frame.columns:
            silent &= pl.col(day).is_null()
    return problems_of(
        frame.filter(silent),
        spec,
        "status",
        "next_action_missing",
        Severity.NOTE,
        _NEXT_MISSING,
        value="status",
        parameters=("status",),
    )


def closing_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Return deals whose one close date means what their status says: expected while open, actual after.

    Some systems keep a single close date for both. Needs `status`.
    """
    have = [name for name in ("closed_on", "expected_close_on") if name in frame.columns]
    if not have:
        return frame
    for name in ("closed_on", "expected_close_on"):
        if name not in have:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Date).alias(name))
    is_open = pl.col("status") == "open"
    is_closed = pl.col("status").is_in(["won", "lost"])
    either = pl.coalesce("closed_on", "expected_close_on")
    return frame.with_columns(
        pl.when(is_closed).then(either).when(is_open).then(None).otherwise("closed_on").alias("closed_on"),
        pl.when(is_open)
        .then(pl.coalesce("expected_close_on", "closed_on"))
        .otherwise("expected_close_on")
        .alias("expected_close_on"),
    )


def target_facts(
    frame: pl.DataFrame,
    register_of: Callable[[str], Register],
    make: Callable[[str, pl.DataFrame], pl.DataFrame],
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return targets with their person or unit and their days, without the rows that lack either."""
    spec = SPECS["target"]
    problems: list[Problem] = []
    for name, kind in (
        ("owner", pl.String()),
        ("period", pl.String()),
        ("metric", pl.String()),
        ("value", pl.Int64()),
    ):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=kind).alias(name))
    frame = frame.with_columns(pl.col("metric").fill_null("sales"))
    periods = {text: _period(text) for text in frame["period"].drop_nulls().unique()}
    days = pl.DataFrame(
        [(text, p.starts, p.ends) for text, p in periods.items() if p],
        schema={"period": pl.String, "starts_on": pl.Date, "ends_on": pl.Date},
        orient="row",
    )
    frame = frame.join(days, on="period", how="left", maintain_order="left")
    for wrong, field_name, message in (
        (pl.col("starts_on").is_null(), "period", _PERIOD_MISSING),
        (pl.col("value").is_null(), "value", _VALUE_MISSING),
        (pl.col("owner").is_null(), "owner", _OWNER_MISSING),
    ):
        bad = frame.filter(wrong)
        problems += problems_of(
            bad, spec, field_name, "key_missing", Severity.ROW, message, parameters=("period",)
        )
        frame = frame.filter(~wrong)
    return _target_owner(frame, problems, register_of, make)


def _target_owner(
    frame: pl.DataFrame,
    problems: list[Problem],
    register_of: Callable[[str], Register],
    make: Callable[[str, pl.DataFrame], pl.DataFrame],
) -> tuple[pl.DataFrame, list[Problem]]:
    spec = SPECS["target"]
    values = frame.select("_source", pl.col("owner").alias("value")).unique(maintain_order=True)
    people = candidates(values, register_of("user"), "user")
    units = candidates(values, register_of("org_unit"), "org_unit")
    both = people.rename({"_found": "person_id", "_count": "_people"}).join(
        units.rename({"_found": "unit_id", "_count": "_units"}),
        on=["_source", "value"],
        maintain_order="left",
    )
    unknown = both.filter(pl.col("_people") + pl.col("_units") == 0).select("_source", "value")
    if not unknown.is_empty():
        made = make("user", unknown).rename({"_id": "_made"})
        both = both.join(made, on=["_source", "value"], how="left", maintain_order="left").with_columns(
            pl.coalesce("person_id", "_made").alias("person_id")
        )
    told = frame.join(
        both, left_on=["_source", "owner"], right_on=["_source", "value"], how="left", maintain_order="left"
    )
    doubtful = pl.col("_people") + pl.col("_units") > 1
    problems += problems_of(
        told.filter(doubtful),
        spec,
        "owner",
        "reference_ambiguous",
        Severity.ROW,
        _OWNER_AMBIGUOUS,
        value="owner",
        parameters=("owner",),
    )
    return told.filter(~doubtful), problems


def event_facts(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return calendar events with both ends and a kind, without those that have no date."""
    for name in ("starts_on", "ends_on"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Date).alias(name))
    if "kind" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("kind"))
    starts = pl.coalesce("starts_on", "ends_on")
    frame = frame.with_columns(
        starts.alias("starts_on"),
        pl.coalesce("ends_on", "starts_on").alias("ends_on"),
        pl.col("kind").fill_null(CalendarKind.OTHER.value),
    )
    bad = frame.filter(pl.col("starts_on").is_null())
    problems = problems_of(
        bad, SPECS["calendar_event"], "starts_on", "key_missing", Severity.ROW, _DATE_MISSING
    )
    return frame.filter(pl.col("starts_on").is_not_null()), problems


def account_of_parents(
    rows: pl.DataFrame, spec: Spec, register_of: Callable[[str], Register]
) -> pl.DataFrame:
    """Fill an account that a row leaves out from the deal, contract or contact that it names."""
    if "account_id" not in spec.table.c:
        return rows
    for column, entity in (
        ("opportunity_id", "opportunity"),
        ("contract_id", "contract"),
        ("contact_id", "contact"),
    ):
        if column not in rows.columns or rows[column].null_count() == rows.height:
            continue
        if "account_id" not in rows.columns:
            rows = rows.with_columns(pl.lit(None, dtype=pl.Int64).alias("account_id"))
        lines = register_of(entity).lines.drop_nulls("account_id").unique("id", keep="last")
        accounts = lines.select(pl.col("id").alias(column), pl.col("account_id").alias("_theirs"))
        rows = (
            rows.join(accounts, on=column, how="left", maintain_order="left")
            .with_columns(pl.coalesce("account_id", "_theirs").alias("account_id"))
            .drop("_theirs")
        )
    return rows


def _period(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except InvalidInput:
        return None


def business_day(column: str, zone: str) -> pl.Expr:
    """Return the business day of an instant column."""
    return pl.col(column).dt.convert_time_zone(zone).dt.date()
