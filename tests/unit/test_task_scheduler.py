"""The entry of the Task Scheduler: what it runs, when, and as whom."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from desktop.errors import UserError
from desktop.operations import task_scheduler as tasks

SPACE = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
ENTRY = tasks.Entry(
    r"C:\Program Files\Plumbline & Co\plumbline.exe",
    ("tick", "--database", r"D:\My data\plumbline.db", "--as", "li"),
    r"C:\Program Files\Plumbline & Co",
)


def parsed(what: tasks.Entry = ENTRY) -> ElementTree.Element:
    text = tasks.task_xml(what, r"FIRM\li")
    return ElementTree.fromstring(text.split("?>", 1)[1])


def said(task: ElementTree.Element, path: str) -> str | None:
    return task.findtext("/".join(f"t:{part}" for part in path.split("/")), namespaces=SPACE)


def test_the_task_runs_the_clock_often_and_catches_up() -> None:
    task = parsed()
    assert said(task, "Triggers/TimeTrigger/Repetition/Interval") == "PT5M"
    assert task.find("t:Triggers/t:TimeTrigger/t:Repetition/t:Duration", SPACE) is None  # for ever
    assert said(task, "Triggers/LogonTrigger/UserId") == r"FIRM\li"
    assert said(task, "Settings/StartWhenAvailable") == "true"
    assert said(task, "Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert said(task, "Settings/DisallowStartIfOnBatteries") == "false"


def test_the_task_runs_as_its_user_without_further_rights_or_a_password() -> None:
    task = parsed()
    assert said(task, "Principals/Principal/LogonType") == "InteractiveToken"
    assert said(task, "Principals/Principal/RunLevel") == "LeastPrivilege"


def test_names_with_blanks_and_signs_arrive_whole() -> None:
    task = parsed()
    assert said(task, "Actions/Exec/Command") == ENTRY.program
    assert said(task, "Actions/Exec/Arguments") == r'tick --database "D:\My data\plumbline.db" --as li'
    assert said(task, "Actions/Exec/WorkingDirectory") == ENTRY.folder


def test_a_password_never_reaches_the_entry(tmp_path: Path) -> None:
    what = tasks.entry("postgresql://li:secret@db.firm.example/plumbline", None)
    assert "secret" not in tasks.task_xml(what, "li") + tasks.cron_line(what)
    assert "postgresql://li@db.firm.example/plumbline" in what.arguments
    file = tasks.entry(str(tmp_path / "a.db"), "li")
    assert file.arguments[-4:] == ("--database", str(tmp_path / "a.db"), "--as", "li")


def test_the_line_for_cron_does_the_same() -> None:
    line = tasks.cron_line(
        tasks.Entry("/usr/bin/python3", ("-m", "desktop", "tick", "--database", "/a b%.db"), "/opt/p")
    )
    assert line == (
        "*/5 * * * * cd /opt/p && /usr/bin/python3 -m desktop tick --database '/a b\\%.db' >/dev/null 2>&1"
    )


def test_installing_hands_the_xml_to_windows() -> None:
    seen: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        if "/XML" in command:
            raw = Path(command[command.index("/XML") + 1]).read_bytes()
            assert raw.startswith((b"\xff\xfe", b"\xfe\xff"))
            assert "<Interval>PT5M</Interval>" in raw.decode("utf-16")
        return subprocess.CompletedProcess(command, 0, "Folder: \\", "")

    tasks.install(ENTRY, run)
    assert tasks.show(run) == "Folder: \\"
    tasks.remove(run)
    assert [command[1] for command in seen] == ["/Create", "/Query", "/Delete"]
    assert all(tasks.NAME in command for command in seen)


def test_what_windows_refuses_is_said() -> None:
    def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "ERROR: Access is denied.\r\n")

    with pytest.raises(UserError) as error:
        tasks.install(ENTRY, run)
    assert "ERROR: Access is denied." in str(error.value)
