"""Schedules as records: what goes out by the clock, when, to whom and where (RPT-03, RPT-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import delete, select

from desktop.analytics.work_time import office_hours
from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.clockwork import Schedule, ScheduleRecipient
from desktop.models.people import OrgClosure, Person
from desktop.operations.mail_server import check_address
from desktop.store.rules import threshold
from desktop.store.security import require_role
from desktop.store.stale import locked, require_same
from desktop.store.workspace import Work
from desktop.terms import PersonStatus, Role, ScheduleKind

SCHEDULERS = (Role.ADMIN, Role.SALES_OPS)
SEE_ALL = (Role.DIRECTOR, Role.SALES_OPS, Role.FINANCE, Role.AUDITOR, Role.ADMIN)
MANAGERS = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER)
SCHEDULE_FIELDS = ("name", "active", "at", "unit_id", "language", "folder")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person fills in of a schedule; an empty `at` is the firm's mail time, `people` are ids."""

    kind: ScheduleKind
    name: str = ""
    at: str = ""
    unit_id: int | None = None
    language: str = "zh_CN"
    people: Sequence[int] = ()
    addresses: Sequence[str] = field(default=())
    folder: str = ""


def add_schedule(work: Work, wish: Wish) -> int:
    """Let a report go out by the clock from now on and return the schedule's number.

    Raises NotAllowed, NotFound, and InvalidInput for a time, recipient or folder that cannot be.
    """
    require_role(work, *SCHEDULERS)
    schedule = Schedule(
        kind=wish.kind.value,
        name=wish.name.strip()[:400] or wish.kind.label,
        active=True,
        at=_time(work, wish),
        unit_id=wish.unit_id,
        language="zh_CN" if wish.language == "zh_CN" else "en",
        folder=_folder(wish.folder),
        since=work.now,
        made_by_id=work.actor.person_id,
        recorded_at=work.now,
        changed_at=work.now,
    )
    people = [_person(work, each, wish.unit_id) for each in dict.fromkeys(wish.people)]
    addresses = list(dict.fromkeys(check_address(each) for each in wish.addresses if each.strip()))
    personal = wish.kind is ScheduleKind.PERSONAL_DAILY  # each sheet goes to the person whom it is about
    if not (people or addresses or schedule.folder or personal):
        raise InvalidInput(
            "schedule_nobody",
            N_("A schedule needs a recipient or a folder."),
            remedy=N_("Choose people, write mail addresses, or name a folder."),
        )
    if wish.kind is ScheduleKind.MORNING_MAIL and not (people or addresses):
        raise InvalidInput(
            "schedule_mail_alone",
            N_("The morning mail has no file: it needs a recipient."),
            remedy=N_("Choose people, or write mail addresses."),
        )
    work.session.add(schedule)
    work.session.flush()
    for person in people:
        work.session.add(ScheduleRecipient(schedule_id=schedule.id, person_id=person))
    for address in addresses:
        work.session.add(ScheduleRecipient(schedule_id=schedule.id, address=address))
    work.session.flush()
    work.audit(
        "add_schedule",
        "schedule",
        schedule.id,
        kind=schedule.kind,
        at=schedule.at,
        unit=schedule.unit_id,
        people=people,
        addresses=len(addresses),
        folder=schedule.folder,
    )
    return schedule.id


def set_active(work: Work, schedule_id: int, active: bool, version: int | None = None) -> None:
    """Stop a schedule, or let it go on from now; what was due meanwhile is not made up for."""
    schedule = _locked(work, schedule_id, version)
    if schedule.active == active:
        return
    schedule.active, schedule.changed_at = active, work.now
    if active:
        schedule.since = work.now
    work.session.flush()
    work.audit("set_schedule_active", "schedule", schedule_id, active=active)


def remove_schedule(work: Work, schedule_id: int, version: int | None = None) -> None:
    """Take a schedule away; what it has sent stays on record."""
    schedule = _locked(work, schedule_id, version)
    name = schedule.name
    work.session.execute(delete(ScheduleRecipient).where(ScheduleRecipient.schedule_id == schedule_id))
    work.session.delete(schedule)
    work.session.flush()
    work.audit("remove_schedule", "schedule", schedule_id, name=name)


def _locked(work: Work, schedule_id: int, version: int | None) -> Schedule:
    require_role(work, *SCHEDULERS)
    schedule = locked(work, Schedule, schedule_id)
    if schedule is None:
        raise NotFound("schedule_unknown", N_("There is no schedule {id}."), id=schedule_id)
    require_same(work, schedule, version, subject="schedule", fields=SCHEDULE_FIELDS, code="schedule_changed")
    return schedule


def _time(work: Work, wish: Wish) -> str:
    text = wish.at.strip() or str(threshold(work, "report.mail_time"))
    try:
        ((at, _),) = office_hours([f"{text}-23:59"])
    except InvalidInput as error:
        raise InvalidInput(
            "schedule_time_invalid",
            N_("“{text}” is no time of day."),
            remedy=N_("Write it like 09:00."),
            text=wish.at,
        ) from error
    return at.strftime("%H:%M")


def _folder(text: str) -> str | None:
    if not text.strip():
        return None
    if not Path(text.strip()).is_absolute():
        raise InvalidInput(
            "schedule_folder_relative",
            N_("“{folder}” is not a whole path."),
            remedy=N_("Write it from the drive or server on: whoever runs the clock has to find it."),
            folder=text,
        )
    return text.strip()


def _person(work: Work, person_id: int, unit_id: int | None) -> int:
    """Return the person if a report about this unit shows nothing they may not see; raise InvalidInput."""
    person = work.session.get(Person, person_id)
    if person is None or person.status == PersonStatus.LEFT:
        raise NotFound("person_missing", N_("This person is not with the firm."))
    role = Role(person.role)
    led = role in MANAGERS and unit_id is not None and _below(work, person.unit_id, unit_id)
    if role not in SEE_ALL and not led:
        raise InvalidInput(
            "recipient_sees_less",
            N_("{name} may not see everything that this report shows."),
            remedy=N_("Choose a unit that {name} leads, or somebody else."),
            name=person.name,
        )
    return person_id


def _below(work: Work, above: int | None, unit_id: int) -> bool:
    found = select(OrgClosure.depth).where(
        OrgClosure.ancestor_id == above, OrgClosure.descendant_id == unit_id
    )
    return above is not None and work.session.execute(found).first() is not None
