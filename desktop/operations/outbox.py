"""What is to leave the database: put there with its cause, sent afterwards, and never twice without being told.

A message is written in the transaction that causes it. Before it is handed to the mail server it is marked as
being sent, in a transaction of its own, with the token of the lease. Whoever finds that mark with an older token
knows that a console died while sending: the message may have gone out, and waits for a person to say. A
file for a folder is simply written again: the same name gets the same bytes.
"""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select, update

from desktop.control import Control
from desktop.errors import InvalidInput, NotFound, UserError
from desktop.i18n import N_
from desktop.models.clockwork import Outbox, OutboxFile
from desktop.operations import mail, robots
from desktop.operations.mail_server import mail_server, password_of
from desktop.store.lease import Lease, renew
from desktop.store.security import require_role
from desktop.store.workspace import Work, Workspace
from desktop.terms import OutboxState, Role

MAIL, FOLDER, WEBHOOK = "mail", "folder", "webhook"
SENDERS = (Role.ADMIN, Role.SALES_OPS)
AT_ONCE = 500
"""So many messages are sent in one look; the others in the next."""
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
HELD = timedelta(minutes=5)
"""How long messages are left alone when the server itself cannot be used."""
TRIES = 12
"""After so many refusals for the moment a message is given up: about nine hours."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one message."""

    id: int
    channel: str
    target: str
    subject: str
    state: OutboxState
    problem: dict[str, Any] | None = None

    @property
    def sent(self) -> bool:
        """Whether it went out."""
        return self.state is OutboxState.SENT


def problem_of(error: UserError) -> dict[str, Any]:
    """Return an error as it is kept, to be told in each reader's language."""
    params = {key: value if isinstance(value, int) else str(value) for key, value in error.params.items()}
    return {"code": error.code, "template": error.template, "remedy": error.remedy, "params": params}


def keep_file(work: Work, name: str, content: bytes) -> int:
    """Keep a file that goes out and return its number."""
    file = OutboxFile(
        name=name, sha256=hashlib.sha256(content).hexdigest(), content=content, made_at=work.now
    )
    work.session.add(file)
    work.session.flush()
    return file.id


def queue(
    work: Work,
    *,
    key: str,
    channel: str,
    target: str,
    subject: str,
    body: str = "",
    html: str | None = None,
    file_id: int | None = None,
    person_id: int | None = None,
    run_id: int | None = None,
) -> bool:
    """Put a message into the outbox; return False if one of this key is there already."""
    if work.session.execute(select(Outbox.id).where(Outbox.message_key == key)).first() is not None:
        return False
    work.session.add(
        Outbox(
            message_key=key,
            run_id=run_id,
            channel=channel,
            person_id=person_id,
            target=target,
            subject=subject[:400],
            body=body,
            body_html=html,
            file_id=file_id,
            state=OutboxState.WAITING.value,
            attempts=0,
            queued_at=work.now,
        )
    )
    work.session.flush()
    return True


def is_waiting(work: Work) -> bool:
    """Whether anything is to be sent now, or was being sent when its console died."""
    found = select(Outbox.id).where(or_(_ready(work), Outbox.state == OutboxState.SENDING.value)).limit(1)
    return work.session.execute(found).first() is not None


def _ready(work: Work) -> Any:
    due = or_(Outbox.retry_at.is_(None), Outbox.retry_at <= work.now)
    return (Outbox.state == OutboxState.WAITING.value) & due


def deliver(
    workspace: Workspace, lease: Lease, control: Control | None = None
) -> tuple[list[Delivered], UserError | None]:
    """Send what waits, under the lease; return what became of it, and why the mail server cannot be used at all.

    Raises UserError if the lease is lost, Cancelled when asked to stop.
    """
    control = control or Control()
    done = workspace.write(partial(_look_after_the_dead, lease=lease))
    waiting = workspace.read(
        lambda work: work.rows(
            select(Outbox.id, Outbox.channel).where(_ready(work)).order_by(Outbox.id).limit(AT_ONCE)
        )
    )
    for row in waiting:
        if row.channel in (FOLDER, WEBHOOK):
            control.check()
            one = (
                _drop(workspace, lease, row.id)
                if row.channel == FOLDER
                else _send(workspace, lease, row.id, robots.post)
            )
            if one is not None:
                done.append(one)
    letters = [row.id for row in waiting if row.channel == MAIL]
    if not letters:
        return done, None
    problem = _post(workspace, lease, letters, done, control)
    if problem is not None:
        workspace.write(partial(_hold_back, letters, problem_of(problem)))
    return done, problem


def _post(
    workspace: Workspace, lease: Lease, letters: Sequence[int], done: list[Delivered], control: Control
) -> UserError | None:
    """Send letters over one connection; return why the rest cannot be sent now."""
    server = workspace.read(mail_server)
    if server is None:
        return InvalidInput(
            "mail_server_missing",
            N_("No mail server is set: {n} messages wait."),
            remedy=N_("Enter it in Settings, Mail; an administrator can."),
            n=len(letters),
        )
    try:
        with mail.connected(server, password_of(server)) as smtp:
            for number in letters:
                control.check()
                one = _send(workspace, lease, number, partial(mail.send, smtp, server))
                if one is not None:
                    done.append(one)
                if one is not None and one.state is not OutboxState.SENT and not _alive(smtp):
                    return None  # the connection is gone; the others are ready for the next look
    except UserError as problem:
        if isinstance(problem, mail.Unreachable) or problem.code in _OF_THE_MACHINE:
            return problem
        raise
    return None


_OF_THE_MACHINE = {"mail_password_missing", "vault_unavailable"}


def _alive(smtp: Any) -> bool:
    try:
        return bool(smtp.noop()[0] == 250)
    except (OSError, smtplib.SMTPException):
        return False


def _send(workspace: Workspace, lease: Lease, number: int, send: Any) -> Delivered | None:
    letter = workspace.write(partial(_claim, number, lease))
    if letter is None:
        return None
    state, for_good = OutboxState.SENT, False
    problem: UserError | None = None
    try:
        send(letter, workspace.clock.now())
    except mail.Unsure as error:
        state, problem = OutboxState.UNSURE, error
    except mail.Refused as error:
        state, problem, for_good = OutboxState.WAITING, error, error.for_good
    except UserError as error:  # an address that is none
        state, problem, for_good = OutboxState.WAITING, error, True
    return workspace.write(partial(_settle, number, lease, state, problem, for_good))


def _drop(workspace: Workspace, lease: Lease, number: int) -> Delivered | None:
    letter = workspace.write(partial(_claim, number, lease))
    if letter is None:
        return None
    state, problem = OutboxState.SENT, None
    try:
        _write_file(Path(letter.to), letter.file_name or "", letter.file or b"")
    except OSError as error:
        problem = UserError(
            "folder_not_written",
            N_("{folder} cannot be written to: {detail}"),
            remedy=N_("Check that the folder is there and that whoever runs the clock may write to it."),
            folder=letter.to,
            detail=error.strerror or error,
        )
        state = OutboxState.WAITING
    return workspace.write(partial(_settle, number, lease, state, problem, False))


def _write_file(folder: Path, name: str, content: bytes) -> None:
    """Write a file as a whole or not at all, under its own name."""
    target = folder / Path(name).name
    draft = target.with_name(f".{target.name}.new")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _claim(number: int, lease: Lease, work: Work) -> mail.Mail | None:
    """Mark a message as being sent, and return it; None if it is not waiting any more."""
    renew(work, lease)
    row = work.session.get(Outbox, number, with_for_update=True, populate_existing=True)
    if row is None or row.state != OutboxState.WAITING:
        return None
    row.state, row.token, row.attempts = OutboxState.SENDING.value, lease.token, row.attempts + 1
    file = work.session.get(OutboxFile, row.file_id) if row.file_id is not None else None
    return mail.Mail(
        row.message_key,
        row.target,
        row.subject,
        row.body,
        row.body_html,
        file.name if file else None,
        file.content if file else None,
    )


def _settle(
    number: int, lease: Lease, state: OutboxState, problem: UserError | None, for_good: bool, work: Work
) -> Delivered | None:
    """Write down what became of a message; also after the lease was lost, if nobody has taken it over."""
    row = work.session.get(Outbox, number, with_for_update=True, populate_existing=True)
    open_ = (OutboxState.SENDING.value, OutboxState.UNSURE.value)
    if row is None or row.token != lease.token or row.state not in open_:
        return None
    if state is OutboxState.WAITING and (for_good or row.attempts >= TRIES):
        state = OutboxState.FAILED
    row.state = state.value
    row.problem = problem_of(problem) if problem is not None else None
    row.sent_at = work.now if state is OutboxState.SENT else None
    wait = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    row.retry_at = work.now + wait if state is OutboxState.WAITING else None
    return _delivered(row)


def _look_after_the_dead(work: Work, lease: Lease) -> list[Delivered]:
    """Find what was being sent when its console died: mail may have gone out, a file is written again."""
    renew(work, lease)
    rows = work.session.scalars(
        select(Outbox)
        .where(Outbox.state == OutboxState.SENDING.value, Outbox.token < lease.token)
        .order_by(Outbox.id)
        .with_for_update()
    ).all()
    for row in rows:
        if row.channel == FOLDER:
            row.state = OutboxState.WAITING.value
            continue
        row.state = OutboxState.UNSURE.value
        row.problem = problem_of(
            UserError(
                "mail_unsure_stopped",
                N_("The console that was sending the message to {to} stopped: it may have gone out."),
                remedy=N_(
                    "Ask the recipient, then say “Arrived” or “Send again”. It keeps its message id, by which many "
                    "mail programs know a second copy."
                ),
                to=row.target,
            )
        )
    work.session.flush()
    return [_delivered(row) for row in rows if row.state == OutboxState.UNSURE]


def _hold_back(numbers: Sequence[int], problem: dict[str, Any], work: Work) -> None:
    """Leave messages alone for a while that nothing is wrong with: the server cannot be used."""
    work.session.execute(
        update(Outbox)
        .where(Outbox.id.in_(numbers), Outbox.state == OutboxState.WAITING.value)
        .values(retry_at=work.now + HELD, problem=problem)
    )


def _delivered(row: Outbox) -> Delivered:
    return Delivered(row.id, row.channel, row.target, row.subject, OutboxState(row.state), row.problem)


def send_again(work: Work, number: int) -> None:
    """Let a message be sent (again) with the next look, under the message id it has; raises NotFound, NotAllowed."""
    row = _undecided(work, number)
    row.state, row.retry_at, row.problem = OutboxState.WAITING.value, None, None
    work.audit("send_again", "outbox", row.id, attempts=row.attempts)


def note_arrived(work: Work, number: int) -> None:
    """Note that a message arrived whose answer was lost; raises NotFound, NotAllowed."""
    row = _undecided(work, number, OutboxState.UNSURE, OutboxState.FAILED)
    row.state, row.sent_at, row.problem = OutboxState.SENT.value, work.now, None
    work.audit("note_arrived", "outbox", row.id)


def give_up(work: Work, number: int) -> None:
    """Let a message not be sent at all; raises NotFound, NotAllowed."""
    row = _undecided(work, number)
    row.state, row.retry_at = OutboxState.DROPPED.value, None
    work.audit("give_up_message", "outbox", row.id)


def _undecided(work: Work, number: int, *states: OutboxState) -> Outbox:
    require_role(work, *SENDERS)
    row = work.session.get(Outbox, number, with_for_update=True, populate_existing=True)
    if row is None or row.state not in (
        states or (OutboxState.UNSURE, OutboxState.FAILED, OutboxState.WAITING)
    ):
        raise NotFound("message_unknown", N_("This message is not open any more."))
    return row
