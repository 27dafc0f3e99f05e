"""Changing configuration: every change has a day from which it counts, and leaves an audit entry (PLT-10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.base import as_json
from desktop.models.rules import Threshold
from desktop.models.targets import CalendarEvent
from desktop.store.security import require_role
from desktop.store.stale import current, stale
from desktop.store.workspace import Work
from desktop.terms import CalendarKind, Role

CONFIGURERS = (Role.ADMIN, Role.SALES_OPS)
"""Who may change configuration."""
EVENT_FIELDS = ("name", "kind", "starts_on", "ends_on", "region", "factor")
"""What a person sees and changes of a calendar event."""


def set_threshold(
    work: Work, key: str, text: str, effective_from: date, seen: Mapping[str, Any] | None = None
) -> None:
    """Let a threshold have another value from a day on, today at the earliest.

    A figure of the past keeps the threshold of its day. With `seen` ("value": what the person started from)
    StaleRecord is raised if that day's value is another one by now. Raises NotFound, NotAllowed, and InvalidInput
    for a value that is no number, for a negative one, for one that is not a single number at all, or
    for a day in the past.
    """
    require_role(work, *CONFIGURERS)
    current = _in_force(work, key, effective_from)
    if effective_from < work.today:
        raise InvalidInput(
            "effective_in_past",
            N_("A threshold cannot be changed for the past."),
            remedy=N_("Choose today or a later day; figures of the past keep the value of their day."),
        )
    value = _number(text, current.value["value"])
    before = current.value["value"]
    if seen is not None and before != seen["value"]:
        stored = {"value": before}
        raise stale(work, current, stored, current.version, subject="threshold", seen=seen)
    if current.effective_from == effective_from:
        current.value = {"value": value}
        current.changed_by_id = work.actor.person_id
        current.changed_at = work.now
    else:
        current = Threshold(
            key=key,
            value={"value": value},
            unit=current.unit,
            requirement=current.requirement,
            source=current.source,
            effective_from=effective_from,
            changed_by_id=work.actor.person_id,
            recorded_at=work.now,
            changed_at=work.now,
        )
        work.session.add(current)
    work.session.flush()
    work.thresholds.clear()
    work.audit(
        "set_threshold",
        "threshold",
        current.id,
        key=key,
        before=before,
        after=value,
        since=str(effective_from),
    )


def _in_force(work: Work, key: str, day: date) -> Threshold:
    found = work.session.scalars(
        select(Threshold)
        .where(Threshold.key == key, Threshold.effective_from <= day)
        .order_by(Threshold.effective_from.desc(), Threshold.id.desc())
        .limit(1)
        .with_for_update()
    ).first()
    if found is None:
        raise NotFound("threshold_unknown", N_("There is no threshold “{key}”."), key=key)
    return found


def is_single_number(value: Any) -> bool:
    """Whether a threshold is one number, and so can be changed as such."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str, current: Any) -> int | float:
    if not is_single_number(current):
        raise InvalidInput("threshold_not_number", N_("This threshold is not a single number."))
    try:
        typed = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        typed = Decimal("NaN")
    if not typed.is_finite() or typed < 0:
        raise InvalidInput(
            "threshold_invalid",
            N_("“{text}” cannot be a threshold."),
            remedy=N_("Write a number that is not negative, such as 30 or 0.08."),
            text=text,
        )
    return int(typed) if typed == int(typed) else float(typed)


def add_calendar_event(
    work: Work,
    *,
    name: str,
    kind: CalendarKind,
    starts_on: date,
    ends_on: date,
    region: str = "",
    factor: str = "",
) -> int:
    """Add an entry to the firm's own calendar and return its id (TGT-13).

    `factor` is what the week's target is multiplied by (empty: it only informs). Raises NotAllowed,
    and InvalidInput for a missing name, days in the wrong order or a factor outside 0 to 3.
    """
    require_role(work, *CONFIGURERS)
    _check_event(name, starts_on, ends_on)
    event = CalendarEvent(
        name=name.strip()[:400],
        kind=kind.value,
        starts_on=starts_on,
        ends_on=ends_on,
        region=region.strip() or None,
        factor=_factor(factor),
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(event)
    work.session.flush()
    work.audit("add_calendar_event", "calendar_event", event.id, name=event.name, since=str(starts_on))
    return event.id


def _check_event(name: str, starts_on: date, ends_on: date) -> None:
    if not name.strip():
        raise InvalidInput("event_name_missing", N_("The event needs a name."))
    if ends_on < starts_on:
        raise InvalidInput(
            "event_days_reversed",
            N_("The event would end before it begins."),
            remedy=N_("Put the last day on or after the first."),
        )


def _factor(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        factor = float(text.strip().replace(",", "."))
    except ValueError:
        factor = -1.0
    if not 0 <= factor <= 3:
        raise InvalidInput(
            "event_factor_invalid",
            N_("“{text}” cannot be a factor."),
            remedy=N_("Write a number from 0 to 3, such as 0.92, or leave it empty."),
            text=text,
        )
    return factor


def change_calendar_event(
    work: Work,
    event_id: int,
    version: int,
    *,
    name: str,
    kind: CalendarKind,
    starts_on: date,
    ends_on: date,
    region: str = "",
    factor: str = "",
    seen: Mapping[str, Any] | None = None,
) -> None:
    """Change an entry of the firm's own calendar (TGT-13).

    `seen` is what the person started from, for the differences of a lost race. Raises NotFound, NotAllowed,
    StaleRecord, and InvalidInput as `add_calendar_event` does.
    """
    event = _event(work, event_id, version, seen)
    _check_event(name, starts_on, ends_on)
    before = {field: as_json(getattr(event, field)) for field in EVENT_FIELDS}
    event.name, event.kind = name.strip()[:400], kind.value
    event.starts_on, event.ends_on = starts_on, ends_on
    event.region, event.factor = region.strip() or None, _factor(factor)
    event.changed_at = work.now
    work.session.flush()
    after = {field: as_json(getattr(event, field)) for field in EVENT_FIELDS}
    changed = {field: value for field, value in after.items() if value != before[field]}
    work.audit("change_calendar_event", "calendar_event", event_id, name=event.name, after=changed)


def remove_calendar_event(
    work: Work, event_id: int, version: int, *, seen: Mapping[str, Any] | None = None
) -> None:
    """Take an entry out of the firm's calendar; raises NotFound, NotAllowed or StaleRecord."""
    event = _event(work, event_id, version, seen)
    name = event.name
    work.session.delete(event)
    work.session.flush()
    work.audit("remove_calendar_event", "calendar_event", event_id, name=name)


def _event(work: Work, event_id: int, version: int, seen: Mapping[str, Any] | None) -> CalendarEvent:
    require_role(work, *CONFIGURERS)
    return current(
        work,
        CalendarEvent,
        event_id,
        version,
        seen,
        subject="calendar_event",
        fields=EVENT_FIELDS,
        gone=NotFound("event_unknown", N_("This event does not exist any more.")),
        code="event_changed",
    )
