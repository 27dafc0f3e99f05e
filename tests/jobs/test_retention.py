"""What went out long ago is emptied once a month; who got what and when stays on record (RPT-03)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from desktop.clock import FixedClock
from desktop.jobs.rules.retention import RULE
from desktop.jobs.runner import Runner
from desktop.models.clockwork import Outbox, OutboxFile
from desktop.operations.outbox import give_up, keep_file, queue
from desktop.store.workspace import Work, Workspace
from tests.databases import Place

LONG_AGO = datetime(2026, 6, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 10, 1, tzinfo=UTC)


def letters(workspace: Workspace) -> list[tuple[str, str, int]]:
    """Return of each letter its key, its words, and how long its file is."""
    rows = select(Outbox.message_key, Outbox.body, OutboxFile.content).join(OutboxFile).order_by(Outbox.id)
    return workspace.read(lambda work: [(row[0], row[1], len(row[2])) for row in work.rows(rows)])


def add(work: Work, key: str, *, closed: bool) -> None:
    file = keep_file(work, f"{key}.pdf", b"figures")
    queue(work, key=key, channel="mail", target="a@firm.example", subject=key, body="words", file_id=file)
    if closed:
        number = work.session.scalars(select(Outbox.id).order_by(Outbox.id.desc())).first()
        give_up(work, int(number or 0))


def test_what_went_out_long_ago_is_emptied_and_stays_on_record(place: Place) -> None:
    early = place.open(clock=FixedClock(LONG_AGO))
    early.write(lambda work: add(work, "old", closed=True))
    early.write(lambda work: add(work, "waits", closed=False))
    late = place.open(clock=FixedClock(NOVEMBER - timedelta(days=60)))
    late.write(lambda work: add(work, "of late", closed=True))
    now = place.open(clock=FixedClock(NOVEMBER))
    (planned,) = now.read(RULE.next)
    assert planned.key == "2026-12"
    (done,) = Runner(now, [RULE], send=False).tick().acted
    assert (done.key, done.state.value) == ("2026-11", "done")
    assert letters(now) == [("old", "", 0), ("waits", "words", 7), ("of late", "words", 7)]
    kept = now.read(
        lambda work: work.rows(select(OutboxFile.name, OutboxFile.sha256).order_by(OutboxFile.id))
    )
    assert kept[0].name == "old.pdf"
    assert kept[0].sha256 == kept[1].sha256
    assert Runner(now, [RULE], send=False).tick().acted == ()
