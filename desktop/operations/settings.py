"""Changing configuration: every change has a day from which it counts, and leaves an audit entry (PLT-10)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound, StaleRecord
from desktop.i18n import N_
from desktop.models.rules import Threshold
from desktop.models.targets import CalendarEvent
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import CalendarKind, Role

CONFIGURERS = (Role.ADMIN, Role.SALES_OPS, Role.DIRECTOR)
"""Who may change configuration."""


def set_threshold(work: Work, key: str, text: str, effective_from: date) -> None:
    """Let a threshold have another value from a day on, today at the earliest.

    A figure of the past keeps the threshold of its day. Raises NotFound, NotAllowed, and InvalidInput
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
    if current.effective_from == effective_from:
        current.value = {"value": value}
        current.changed_by_id = work.actor.person_id
        current.changed_at = work.now
    else:
        work.session.add(
            Threshold(
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
        )
    work.session.flush()
    work.audit(
        "set_threshold", "threshold", None, key=key, before=before, after=value, since=str(effective_from)
    )


def _in_force(work: Work, key: str, day: date) -> Threshold:
    found = work.session.scalars(
        select(Threshold)
        .where(Threshold.key == key, Threshold.effective_from <= day)
        .order_by(Threshold.effective_from.desc(), Threshold.id.desc())
        .limit(1)
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
    if not name.strip():
        raise InvalidInput("event_name_missing", N_("The event needs a name."))
    if ends_on < starts_on:
        raise InvalidInput(
            "event_days_reversed",
            N_("The event would end before it begins."),
            remedy=N_("Put the last day on or after the first."),
        )
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


def remove_calendar_event(work: Work, event_id: int, version: int) -> None:
    """Take an entry out of the firm's calendar; raises NotFound, NotAllowed or StaleRecord."""
    require_role(work, *CONFIGURERS)
    event = work.session.get(CalendarEvent, event_id)
    if event is None:
        raise NotFound("event_unknown", N_("This event does not exist any more."))
    if event.version != version:
        raise StaleRecord(
            "event_changed",
            N_("Somebody else changed this event."),
            remedy=N_("Look at it again."),
            differences={"version": (version, event.version)},
        )
    name = event.name
    work.session.delete(event)
    work.session.flush()
    work.audit("remove_calendar_event", "calendar_event", event_id, name=name)
