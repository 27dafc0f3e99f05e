"""Schedules as records: what goes out by the clock, when, to whom and where (RPT-03, RPT-06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm.attributes import flag_modified

from desktop.analytics.work_time import office_hours
from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.clockwork import Schedule, ScheduleRecipient
from desktop.models.people import OrgClosure, Person
from desktop.operations.mail_server import check_address
from desktop.operations.robots import ROBOT, check_robot
from desktop.store.rules import threshold
from desktop.store.security import require_role
from desktop.store.stale import locked, require_same, stale
from desktop.store.workspace import Work
from desktop.terms import PersonStatus, Role, ScheduleKind

SCHEDULERS = (Role.ADMIN, Role.SALES_OPS)
SEE_ALL = (Role.DIRECTOR, Role.SALES_OPS, Role.FINANCE, Role.AUDITOR, Role.ADMIN)
MANAGERS = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER)
WISH_FIELDS = ("name", "at", "unit_id", "language", "people", "addresses", "folder")
"""What of a schedule is filled in; its kind stays."""
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
    columns, people, addresses = _checked(work, wish)
    schedule = Schedule(
        kind=wish.kind.value,
        active=True,
        since=work.now,
        made_by_id=work.actor.person_id,
        recorded_at=work.now,
        changed_at=work.now,
        **columns,
    )
    work.session.add(schedule)
    work.session.flush()
    _send_to(work, schedule.id, people, addresses)
    _audit(work, "add_schedule", schedule, people, addresses)
    return schedule.id


def change_schedule(
    work: Work, schedule_id: int, version: int, wish: Wish, seen: Mapping[str, Any] | None = None
) -> None:
    """Change when a schedule goes out, about whom and to whom; what it is stays.

    Raises StaleRecord if somebody was faster, else what add_schedule raises.
    """
    schedule = _locked(work, schedule_id, None)
    if schedule.version != version:
        before, _version = schedule_wish(work, schedule_id)
        stored = {name: getattr(before, name) for name in WISH_FIELDS}
        raise stale(work, schedule, stored, version, subject="schedule", seen=seen, code="schedule_changed")
    columns, people, addresses = _checked(work, replace(wish, kind=ScheduleKind(schedule.kind)))
    for name, value in columns.items():
        setattr(schedule, name, value)
    schedule.changed_at = work.now
    # Recipients live in rows of their own; whoever looked at the old ones must learn of it.
    flag_modified(schedule, "changed_at")
    work.session.execute(delete(ScheduleRecipient).where(ScheduleRecipient.schedule_id == schedule_id))
    _send_to(work, schedule_id, people, addresses)
    _audit(work, "change_schedule", schedule, people, addresses)


def schedule_wish(work: Work, schedule_id: int) -> tuple[Wish, int]:
    """Return a schedule as it would be filled in, and its row version; raises NotFound."""
    schedule = work.session.get(Schedule, schedule_id)
    if schedule is None:
        raise _unknown(schedule_id)
    rows = work.rows(
        select(ScheduleRecipient.person_id, ScheduleRecipient.address)
        .where(ScheduleRecipient.schedule_id == schedule_id)
        .order_by(ScheduleRecipient.id)
    )
    wish = Wish(
        ScheduleKind(schedule.kind),
        schedule.name,
        schedule.at,
        schedule.unit_id,
        schedule.language,
        tuple(row.person_id for row in rows if row.person_id is not None),
        tuple(row.address for row in rows if row.address),
        schedule.folder or "",
    )
    return wish, schedule.version


def _checked(work: Work, wish: Wish) -> tuple[dict[str, Any], list[int], list[str]]:
    """Return the columns, people and addresses of a wish that can be carried out."""
    columns = {
        "name": wish.name.strip()[:400] or wish.kind.label,
        "at": _time(work, wish),
        "unit_id": wish.unit_id,
        "language": "zh_CN" if wish.language == "zh_CN" else "en",
        "folder": _folder(wish.folder),
    }
    people = [_person(work, each, wish.unit_id) for each in dict.fromkeys(wish.people)]
    addresses = list(dict.fromkeys(_address(each) for each in wish.addresses if each.strip()))
    personal = wish.kind is ScheduleKind.PERSONAL_DAILY  # each sheet goes to the person whom it is about
    if not (people or addresses or columns["folder"] or personal):
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
    return columns, people, addresses


def is_address(text: str) -> bool:
    """Whether a recipient is an address (of mail, or of a robot) and no login."""
    return "@" in text or text.startswith(ROBOT)


def _address(text: str) -> str:
    return check_robot(text) if text.strip().startswith(ROBOT) else check_address(text)


def _send_to(work: Work, schedule_id: int, people: Sequence[int], addresses: Sequence[str]) -> None:
    for person in people:
        work.session.add(ScheduleRecipient(schedule_id=schedule_id, person_id=person))
    for address in addresses:
        work.session.add(ScheduleRecipient(schedule_id=schedule_id, address=address))
    work.session.flush()


def _audit(
    work: Work, action: str, schedule: Schedule, people: Sequence[int], addresses: Sequence[str]
) -> None:
    work.audit(
        action,
        "schedule",
        schedule.id,
        kind=schedule.kind,
        at=schedule.at,
        unit=schedule.unit_id,
        people=list(people),
        addresses=len(addresses),
        folder=schedule.folder,
    )


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
        raise _unknown(schedule_id)
    require_same(work, schedule, version, subject="schedule", fields=SCHEDULE_FIELDS, code="schedule_changed")
    return schedule


def _unknown(schedule_id: int) -> NotFound:
    return NotFound("schedule_unknown", N_("There is no schedule {id}."), id=schedule_id)


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
