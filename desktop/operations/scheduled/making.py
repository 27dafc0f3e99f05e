"""Making a scheduled report and putting it into the outbox of everybody it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_, Locale
from desktop.models.clockwork import Schedule, ScheduleRecipient
from desktop.models.people import Person
from desktop.operations.mail_server import check_address
from desktop.operations.outbox import FOLDER, MAIL, WEBHOOK, keep_file, queue
from desktop.operations.robots import ROBOT
from desktop.operations.scheduled.content import Asked, Content
from desktop.operations.scheduled.dailies import personal_dailies
from desktop.operations.scheduled.health import health_daily
from desktop.operations.scheduled.morning import morning_mail
from desktop.operations.scheduled.packs import pack
from desktop.operations.scheduled.strategy_paper import strategy_pack
from desktop.queries.work_calendar import work_calendar
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import PersonStatus, Role, ScheduleKind

CONTENTS: Mapping[ScheduleKind, Callable[[Work, Asked], list[Content]]] = {
    ScheduleKind.MORNING_MAIL: morning_mail,
    ScheduleKind.MONDAY_PACK: pack,
    ScheduleKind.QUARTER_PACK: pack,
    ScheduleKind.PERSONAL_DAILY: personal_dailies,
    ScheduleKind.HEALTH_DAILY: health_daily,
    ScheduleKind.STRATEGY_PACK: strategy_pack,
}
"""Who makes which kind."""


def make_and_queue(work: Work, schedule_id: int, day: date, due_at: datetime, run_id: int) -> dict[str, Any]:
    """Make the report of a schedule for a day, queue it, and return how many messages wait and who is left out.

    Raises InvalidInput if nobody can be reached and there is no folder.
    """
    schedule = work.session.get_one(Schedule, schedule_id)
    contents = _contents(work, schedule, day, due_at)
    people, addresses, unreached = recipients(work, schedule_id)
    key = f"schedule:{schedule_id}:{day.isoformat()}"
    queued = 0
    for number, content in enumerate(contents):
        file_id = _kept(work, content)
        for person_id, address in _whom(work, content, people, addresses, unreached):
            is_robot = address.startswith(ROBOT)
            queued += queue(
                work,
                key=f"{key}:{number}:{address.lower()}",
                channel=WEBHOOK if is_robot else MAIL,
                target=address,
                subject=content.subject,
                body=_posted(content, schedule.folder) if is_robot else content.text,
                html=None if is_robot else content.html,
                file_id=None if is_robot else file_id,
                person_id=person_id,
                run_id=run_id,
            )
        if schedule.folder and file_id is not None:
            queued += queue(
                work,
                key=f"{key}:{number}:folder",
                channel=FOLDER,
                target=schedule.folder,
                subject=content.subject,
                file_id=file_id,
                run_id=run_id,
            )
    if not queued:
        raise InvalidInput(
            "nobody_reached",
            N_("“{name}” reaches nobody: no recipient has a mail address, and there is no folder."),
            remedy=N_("Enter mail addresses for its recipients, or give it a folder."),
            name=schedule.name,
        )
    return {"queued": queued, "without_address": sorted(set(unreached))}


def queue_test(work: Work, schedule_id: int, to: str = "") -> str:
    """Make a schedule's report as of now, queue it for one address (the acting person's own), and return that.

    Of sheets that go to a person each, the first is sent. Raises NotAllowed, NotFound, InvalidInput.
    """
    require_role(work, Role.ADMIN, Role.SALES_OPS)
    schedule = work.session.get(Schedule, schedule_id)
    if schedule is None:
        raise NotFound("schedule_unknown", N_("There is no schedule {id}."), id=schedule_id)
    own = work.session.scalar(select(Person.email).where(Person.id == work.actor.person_id)) or ""
    if not (to.strip() or own):
        raise InvalidInput(
            "test_without_address",
            N_("No mail address of yours stands here, so the test has nowhere to go."),
            remedy=N_("Name the address to which it shall go."),
        )
    address = check_address(to if to.strip() else own)
    locale = Locale("zh_CN" if schedule.language == "zh_CN" else "en", work.zone)
    for content in _contents(work, schedule, work.today, work.now)[:1]:
        queue(
            work,
            key=f"test:{schedule_id}:{work.operation_id}",
            channel=MAIL,
            target=address,
            subject=locale._("Test: {subject}").format(subject=content.subject),
            body=content.text,
            html=content.html,
            file_id=_kept(work, content),
            person_id=work.actor.person_id if address == own else None,
        )
    work.audit("test_schedule", "schedule", schedule_id, own=address == own)
    return address


def _contents(work: Work, schedule: Schedule, day: date, due_at: datetime) -> list[Content]:
    locale = Locale("zh_CN" if schedule.language == "zh_CN" else "en", work.zone)
    asked = Asked(schedule, day, due_at, work_calendar(work), locale, schedule.kind)
    return CONTENTS[ScheduleKind(schedule.kind)](work, asked)


def _posted(content: Content, folder: str | None) -> str:
    """Return what a group's robot says: the words, and where the file lies."""
    where = str(Path(folder) / content.file_name) if folder and content.file_name else ""
    return "\n".join(filter(None, (content.text.strip(), where)))


def _kept(work: Work, content: Content) -> int | None:
    if content.file is None or not content.file_name:
        return None
    return keep_file(work, content.file_name, content.file)


def recipients(work: Work, schedule_id: int) -> tuple[dict[int, str], list[str], list[str]]:
    """Return the people with their addresses, further addresses, and the names of whom no mail reaches."""
    rows = work.rows(
        select(
            ScheduleRecipient.person_id,
            ScheduleRecipient.address,
            Person.name,
            Person.email,
            Person.status,
        )
        .outerjoin(Person, Person.id == ScheduleRecipient.person_id)
        .where(ScheduleRecipient.schedule_id == schedule_id)
        .order_by(ScheduleRecipient.id)
    )
    here = [row for row in rows if row.person_id is None or row.status != PersonStatus.LEFT]
    people = {row.person_id: row.email for row in here if row.person_id is not None and row.email}
    addresses = [row.address for row in here if row.address]
    unreached = [row.name for row in rows if row.person_id is not None and row.person_id not in people]
    return people, addresses, unreached


def _whom(
    work: Work, content: Content, people: Mapping[int, str], addresses: Sequence[str], unreached: list[str]
) -> list[tuple[int | None, str]]:
    if content.person_id is None:
        return [*people.items(), *((None, address) for address in addresses)]
    row = work.rows(select(Person.name, Person.email).where(Person.id == content.person_id))[0]
    if not row.email:
        unreached.append(row.name)
        return []
    return [(content.person_id, row.email)]
