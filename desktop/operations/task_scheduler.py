"""The entry that lets this machine look at the clock by itself: Windows' Task Scheduler, or a line for cron (PLT-09)."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from desktop.errors import UserError
from desktop.i18n import N_
from desktop.resources import own_command

NAME = "Plumbline clock"
MINUTES = 5
Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is run: program and arguments, never with a password in them."""

    program: str
    arguments: tuple[str, ...]
    folder: str

    @property
    def command(self) -> str:
        """The arguments as Windows wants them in one line."""
        return subprocess.list2cmdline(self.arguments)


def entry(database: str, login: str | None) -> Entry:
    """Return the command that looks at the clock of a database, as this program was started.

    A password in the address is left out: it comes from the vault of whoever the task runs as.
    """
    from desktop.store.engine import database_url

    url = database_url(database)
    if url.get_backend_name() == "sqlite":
        where = str(Path(str(url.database)).resolve())
    else:
        plain = url._replace(drivername="postgresql", password=None)
        where = plain.render_as_string(hide_password=False)
    frozen = bool(getattr(sys, "frozen", False))
    program, *start = own_command()
    person = ("--as", login) if login else ()
    folder = Path(sys.executable).parent if frozen else Path(__file__).resolve().parents[2]
    return Entry(program, (*start, "tick", "--database", where, *person), str(folder))


def task_xml(what: Entry, author: str) -> str:
    """Return the task as Windows' Task Scheduler reads it.

    It runs every few minutes and at sign-in, catches up on what was missed while the PC slept, never twice at
    once, with no more rights than its user, in whose session the password vault is open.
    """
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>{escape(author)}</Author>
    <Description>Plumbline: does what is due by now (scheduled reports, mail, rules).</Description>
    <URI>\\{escape(NAME)}</URI>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition>
        <Interval>PT{MINUTES}M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Enabled>true</Enabled>
    </TimeTrigger>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{escape(author)}</UserId>
      <Delay>PT1M</Delay>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(author)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <Enabled>true</Enabled>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT1H</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(what.program)}</Command>
      <Arguments>{escape(what.command)}</Arguments>
      <WorkingDirectory>{escape(what.folder)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def cron_line(what: Entry) -> str:
    """Return the line for cron that does the same."""
    command = shlex.join([what.program, *what.arguments]).replace("%", r"\%")
    return f"*/{MINUTES} * * * * cd {shlex.quote(what.folder)} && {command} >/dev/null 2>&1"


def windows_user() -> str:
    """Return the signed-in user as the Task Scheduler names them."""
    domain, user = os.environ.get("USERDOMAIN", ""), os.environ.get("USERNAME", "")
    return f"{domain}\\{user}" if domain and user else user


def install(what: Entry, run: Run | None = None) -> None:
    """Make the task, or replace it; raises UserError with what Windows says."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "task.xml"
        file.write_text(task_xml(what, windows_user()), encoding="utf-16")
        _schtasks(["/Create", "/TN", NAME, "/XML", str(file), "/F"], run)


def remove(run: Run | None = None) -> None:
    """Take the task away; raises UserError if there is none."""
    _schtasks(["/Delete", "/TN", NAME, "/F"], run)


def show(run: Run | None = None) -> str:
    """Return what Windows says of the task: last and next run, last result; raises UserError if there is none."""
    return _schtasks(["/Query", "/TN", NAME, "/V", "/FO", "LIST"], run)


def _schtasks(arguments: Sequence[str], run: Run | None) -> str:
    try:
        done = (run or _run)(["schtasks", *arguments])
    except OSError as error:
        raise _failed(str(error)) from error
    if done.returncode:
        raise _failed(" ".join((done.stderr or done.stdout or "").split()) or str(done.returncode))
    return done.stdout


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, creationflags=flags
    )


def _failed(detail: str) -> UserError:
    return UserError(
        "task_scheduler",
        N_("The Task Scheduler says: {detail}"),
        remedy=N_("plumbline schedule show --xml prints the task, to be imported by hand."),
        detail=detail,
    )
