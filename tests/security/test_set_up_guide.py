"""The administrator's guide, followed to the letter on a real server with TLS; no password stays anywhere.

PLT-03, PER-01, security 34, 55 and 57: what the guide says is run as it stands there, and afterwards every place
where a password could have been left is searched.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from string import Template
from unittest.mock import patch

import pytest

from desktop.errors import UserError
from desktop.operations.connections import look_at, set_up
from desktop.store.open import open_workspace
from desktop.views.bug_dialog import bug_details
from tests.debian_server import SUPERUSER_PASSWORD, DebianServer, make_server
from tests.drivers.command_line import CommandLine, Said

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "admin-guide" / "set-up.md"
BACKUP = ROOT / "docs" / "admin-guide" / "backup.md"
HOST = "db.firm.example"
PASSWORDS = {
    "postgres": SUPERUSER_PASSWORD,
    "li.na": "harbour-lantern-62",
    "wang.wei": "violet-tractor-17",
    "wang.wei.new": "copper-walnut-94",
}
OURS = ("PGHOSTADDR", "PGPORT", "PGPASSFILE", "PLUMBLINE_SETTINGS", "XDG_DATA_HOME")
"""What lets this process reach the server as the commands of the guide do."""


def blocks(kind: str, page: Path = GUIDE) -> dict[str, str]:
    """Return the guide's blocks of a kind: shell blocks by their name, others by their place."""
    text = page.read_text(encoding="utf-8")
    if kind == "sh":
        return dict(re.findall(r"<!-- run: (\w+) -->\n```sh\n(.*?)```", text, flags=re.DOTALL))
    return {str(n): body for n, body in enumerate(re.findall(rf"```{kind}\n(.*?)```", text, flags=re.DOTALL))}


@dataclass
class Administrator:
    """Somebody who follows the guide in a folder of their own; `said` is all that was answered."""

    folder: Path
    environment: dict[str, str]
    said: str = ""

    def follow(self, script: str) -> str:
        """Run a block of the guide; its commands of Plumbline in this process, which takes a tenth of the time."""
        said, variables = "", {}
        for line in re.sub(r"\\\n\s*", "", script).splitlines():
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").partition("=")
                variables[name] = value.strip('"')
            elif line.startswith("plumbline "):
                said += self._plumbline(Template(line).substitute(variables))
            elif line and not line.startswith("#"):
                said += self.run(line)
        return said

    def _plumbline(self, line: str) -> str:
        words, _, typed = line.partition(" < ")
        stdin = (self.folder / typed).read_text(encoding="utf-8") if typed else ""
        arguments = [word.replace("root.crt", str(self.folder / "root.crt")) for word in shlex.split(words)]
        with chdir(self.folder):
            done = CommandLine(None).run(*arguments[1:], stdin=stdin)
        self.said += done.out + done.err
        assert done.code == 0, f"{line}\n{done.err}"
        return done.out

    def run(self, script: str) -> str:
        """Run shell commands; they must all succeed."""
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        self.said += done.stdout + done.stderr
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def plumbline(self, login: str, *arguments: str) -> Said:
        """Run a command as a login."""
        where = f"postgresql://{login}@{HOST}/plumbline?sslrootcert={self.folder / 'root.crt'}"
        done = CommandLine(where).run(*arguments)
        self.said += done.out + done.err
        return done


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    """A server that has just been installed."""
    made = make_server("postgres")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def administrator(server: DebianServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administrator]:
    """Whoever has followed sections 1 to 3 of the guide."""
    folder = tmp_path_factory.mktemp("administrator")
    # What is typed at the prompts of the guide stands in a password file here.
    typed = folder / "typed"
    logins = ("postgres", "li.na", "wang.wei")
    typed.write_text(
        "\n".join(f"{HOST}:{server.port}:*:{login}:{PASSWORDS[login]}" for login in logins), encoding="utf-8"
    )
    typed.chmod(0o600)
    for login in ("li.na", "wang.wei"):
        (folder / f"{login}.password").write_text(f"{PASSWORDS[login]}\n", encoding="utf-8")
    (folder / "wang.wei.new").write_text(f"{PASSWORDS['wang.wei.new']}\n", encoding="utf-8")
    environment = {
        **os.environ,
        "PATH": f"{server.bin}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSFILE": str(typed),
        "PLUMBLINE_SETTINGS": str(folder / "home" / "settings.json"),
        "XDG_DATA_HOME": str(folder / "home" / "data"),
        "PYTHON_KEYRING_BACKEND": "tests.vault.MemoryVault",
        "LANG": "en_GB.UTF-8",
    }
    made = Administrator(folder, environment)
    steps = blocks("sh")
    made.follow(steps["certificates"])
    admits = "".join([*blocks("hba").values(), *blocks("hba", BACKUP).values()])
    server.configure("\n".join(blocks("conf").values()), admits.replace("10.0.0.0/8", "127.0.0.1/32"))
    server.use(folder / "server.crt")
    with patch.dict(os.environ, {name: environment[name] for name in OURS}):
        made.follow(steps["database"])
        made.follow(steps["init"])
        yield made


@pytest.fixture(autouse=True)
def _same_machine(administrator: Administrator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of every test are this administrator's."""
    for name in ("PLUMBLINE_SETTINGS", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, administrator.environment[name])


def where(
    administrator: Administrator, login: str, *, password: str = "", database: str = "plumbline"
) -> str:
    secret = f":{password}" if password else ""
    return f"postgresql://{login}{secret}@{HOST}/{database}?sslrootcert={administrator.folder / 'root.crt'}"


def test_the_first_administrator_is_told_what_comes_next(administrator: Administrator) -> None:
    assert "li.na is the first administrator" in administrator.said
    assert "set-up.md" in administrator.said
    found = look_at(where(administrator, "li.na", password=PASSWORDS["li.na"]))
    assert (found.state, found.person, found.role, found.proved) == ("ready", "李娜", "admin", True)
    assert found.tls.startswith("TLS")


def test_running_it_again_changes_nothing(administrator: Administrator) -> None:
    again = administrator.plumbline("postgres", "init", "--json")
    assert again.code == 0, again.err
    assert again.document["created"] is False


def test_whoever_runs_init_is_nobody_in_the_console(administrator: Administrator) -> None:
    refused = administrator.plumbline("postgres", "user", "list")
    assert refused.code == 3
    assert "Nobody here has the login" in refused.err


def test_people_come_move_and_go_as_the_guide_says(administrator: Administrator) -> None:
    said = administrator.follow(blocks("sh")["people"])
    assert "wang.wei" in said
    rows = administrator.plumbline("li.na", "user", "list", "--json").document
    assert [(row["login"], row["role"], row["active"]) for row in rows] == [
        ("li.na", "admin", True),
        ("wang.wei", "sales_ops", False),
    ]
    with pytest.raises(UserError) as refused:
        open_workspace(where(administrator, "wang.wei", password=PASSWORDS["wang.wei.new"]))
    assert refused.value.code == "login_closed_at_server"


def test_a_wrong_password_is_told_as_such(administrator: Administrator, server: DebianServer) -> None:
    with pytest.raises(UserError) as refused:
        look_at(where(administrator, "li.na", password="not-the-password"))
    (pattern,) = re.findall(r"`grep -E '([^']+)' LOGFILE`", GUIDE.read_text(encoding="utf-8"))
    failed = [
        line for line in server.log.read_text(errors="replace").splitlines() if re.search(pattern, line)
    ]
    assert any(" 127.0.0.1 li.na@plumbline " in line for line in failed), failed
    assert refused.value.code == "login_refused"


def test_a_backup_is_tried_out_beside_the_database_and_put_in_its_place(
    administrator: Administrator,
) -> None:
    """PLT-11: the backup, the drill and the restore of the guide, as they stand there."""
    steps = blocks("sh", BACKUP)
    administrator.follow(steps["backup"])
    before, beside = re.findall(r"([0-9a-f]{64})  \*", administrator.follow(steps["drill"]))
    assert before == beside
    said = administrator.follow(steps["restore"])
    assert "plumbline_replaced_" in said
    after = administrator.plumbline("li.na", "digest").out
    assert before in after


def test_case_57_passwords_are_nowhere(
    administrator: Administrator, server: DebianServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Logs of either side, settings, data, answers, the list of processes, and the details of a bug."""
    caplog.set_level(logging.DEBUG)
    workspace = open_workspace(where(administrator, "li.na", password=PASSWORDS["li.na"]))
    secret = "marble-compass-38"
    command = [
        sys.executable, "-m", "desktop", "--database", where(administrator, "li.na"),
        "user", "add", "han.mei", "--name", "韩梅", "--role", "rep", "--password-stdin",
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT, env=administrator.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        shown = (
            Path(f"/proc/{child.pid}/cmdline").read_bytes() + Path(f"/proc/{child.pid}/environ").read_bytes()
        )
        answer, _none = child.communicate(f"{secret}\n".encode())
    assert child.returncode == 0
    from desktop.operations.people import set_password

    trace = ""
    try:
        workspace.write(lambda work: set_password(work, "no.body", secret))
    except UserError as error:
        trace = bug_details(error, "Setting a password")
    try:
        workspace.read(lambda work: set_password(work, "han.mei", secret))  # the server refuses: a read
    except Exception as error:
        trace += bug_details(error, "Setting a password")
    workspace.close()
    assert "no.body" in trace
    left = {
        "the server's log": server.log.read_text(encoding="utf-8", errors="replace"),
        "our log": caplog.text,
        "what was said": administrator.said + answer.decode(),
        "the list of processes": shown.decode(errors="replace"),
        "the details of a bug": trace,
        "the workspace": repr(workspace.engine.url),
    }
    for path in (administrator.folder / "home").rglob("*"):
        if path.is_file():
            left[str(path)] = path.read_text(encoding="utf-8", errors="replace")
    assert "han.mei" in left["the server's log"]
    found = [
        (place, word)
        for place, text in left.items()
        for word in (*PASSWORDS.values(), secret)
        if word in text
    ]
    assert found == []
    assert "SCRAM-SHA-256$" not in trace


@pytest.mark.parametrize(
    ("made", "login", "code"),
    [
        (
            "CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'",
            "postgres",
            "database_encoding",
        ),
        ("CREATE DATABASE foreign_one TEMPLATE template0", "postgres", "database_foreign"),
        ("CREATE DATABASE plain_one TEMPLATE template0", "weak", "init_not_allowed"),
        ("CREATE DATABASE nobodys TEMPLATE template0", "postgres", "first_admin_needed"),
    ],
)
def test_what_will_not_do_is_refused_and_left_alone(
    administrator: Administrator, server: DebianServer, made: str, login: str, code: str
) -> None:
    name = made.split()[2]
    psql = f'psql "host={HOST} user=postgres sslrootcert=root.crt dbname=%s" -qAt -c "%s"'
    administrator.run(psql % ("postgres", made))
    if code == "database_foreign":
        administrator.run(psql % (name, "CREATE TABLE wage_slips (id int)"))
    if login == "weak":
        administrator.run(psql % ("postgres", "CREATE ROLE weak LOGIN PASSWORD 'quiet-barrel-55-x'"))
    tables = "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    before = administrator.run(psql % (name, tables))
    password = SUPERUSER_PASSWORD if login == "postgres" else "quiet-barrel-55-x"
    server.configure("", "hostssl all all 127.0.0.1/32 scram-sha-256\n")
    server.use(administrator.folder / "server.crt")
    target = where(administrator, login, password=password, database=name)
    first = "" if code == "first_admin_needed" else "first.admin"
    with pytest.raises(UserError) as refused:
        set_up(target, login=first, name="First", password="harbour-lantern-63")
    assert refused.value.code == code
    assert refused.value.remedy
    assert administrator.run(psql % (name, tables)) == before


def test_the_doctor_says_whether_the_server_proved_who_it_is(administrator: Administrator) -> None:
    checks = {
        check["name"]: check
        for check in administrator.plumbline("li.na", "doctor", "--json").document["checks"]
    }
    assert checks["server"]["ok"] is True
    assert "TLSv1.3" in checks["server"]["detail"]
    careless = (
        CommandLine(where(administrator, "li.na") + "&sslmode=require").run("doctor", "--json").document
    )
    server = next(check for check in careless["checks"] if check["name"] == "server")
    assert server["ok"] is False
    assert "sslmode" in server["remedy"]


def test_a_password_in_an_address_is_warned_of(administrator: Administrator) -> None:
    said = CommandLine(where(administrator, "li.na", password=PASSWORDS["li.na"])).run("user", "list")
    assert said.code == 0
    assert "list of processes" in said.err
    assert PASSWORDS["li.na"] not in said.err + said.out
