"""Exit codes, one JSON document, and the commands for whoever looks after the database."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import typer

from desktop.cli import admin
from desktop.cli.context import emit
from desktop.store.schema import HEAD
from tests.databases import Place, SqliteHost
from tests.drivers.command_line import CommandLine

ROOT = Path(__file__).parents[3]


@pytest.fixture
def here(sqlite_host: SqliteHost, tmp_path: Path) -> CommandLine:
    """A command line on a fresh SQLite database."""
    return CommandLine(sqlite_host.fresh(tmp_path).where)


@pytest.fixture
def there(place: Place) -> CommandLine:
    """A command line on a fresh database of each kind."""
    return CommandLine(place.where)


def test_without_arguments_the_console_opens() -> None:
    line = CommandLine("some.db")
    assert line.run().code == 0
    assert line.gui.opened == [("some.db", None, "en")]


def test_version(here: CommandLine) -> None:
    assert here.json("--version")["version"]


@pytest.mark.parametrize(
    "line", ["nosuch", "user", "user nosuch", "user add", "check --nosuch", "digest extra", "--lang fr check"]
)
def test_wrong_usage_is_2_also_as_json(here: CommandLine, line: str) -> None:
    assert here.run(*line.split()).code == 2
    said = here.run(*line.split(), "--json")
    assert said.code == 2
    assert said.document["error"]["code"] == "usage"


def test_json_without_a_command_is_wrong_usage(here: CommandLine) -> None:
    assert here.json(code=2)["error"]["code"] == "usage"


def test_a_refusal_is_3_with_message_and_remedy(here: CommandLine) -> None:
    error = here.json("user", "close", "nobody", code=3)["error"]
    assert error == {
        "code": "person_unknown",
        "message": "Nobody here has the login “nobody”.",
        "remedy": "See who there is with: plumbline user list",
    }
    said = here.run("user", "close", "nobody", "--lang", "zh_CN")
    assert said.out == ""
    assert "nobody" in said.err
    assert "Nobody" not in said.err


def test_a_bug_is_1_and_says_where(here: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_cli: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(admin, "current", lambda: broken(None))
    said = here.run("check", "--json")
    assert said.code == 1
    assert said.document["error"]["code"] == "bug"
    assert "Traceback" in said.err


def test_nothing_but_the_document_reaches_standard_output(
    here: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chatty() -> None:
        print("a library that prints")
        emit({"fine": True}, "for people")

    monkeypatch.setattr(admin, "register", lambda app: app.command("chatty")(chatty))
    said = here.run("chatty", "--json")
    assert said.document == {"fine": True}
    assert "a library that prints" in said.err
    assert "for people" in said.err


def test_stopping_is_a_refusal(here: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    def partly() -> None:
        raise typer.Exit(4)

    def register(app: typer.Typer) -> None:
        app.command("stopped")(stopped)
        app.command("partly")(partly)

    monkeypatch.setattr(admin, "register", register)
    assert here.json("stopped", code=3)["error"]["code"] == "cancelled"
    assert here.run("partly").code == 4


def test_init_makes_a_database_once(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "new folder" / "firm.db")
    first = line.json("init")
    assert (first["schema"], first["created"]) == (HEAD, True)
    assert first["database"].endswith("firm.db")
    assert line.json("init")["created"] is False


def test_people(there: CommandLine) -> None:
    login = f"p{os.getpid()}_cli"
    added = there.json("user", "add", login, "--name", "李雷", "--role", "rep", "--manager", "admin")
    assert added == {"login": login, "name": "李雷", "role": "rep", "unit": None, "active": True}
    assert [row["login"] for row in there.json("user", "list")] == ["admin", login]
    assert there.json("user", "close", login)["active"] is False


def test_the_role_of_a_person_is_checked(here: CommandLine) -> None:
    assert here.run("user", "add", "li", "--name", "李雷", "--role", "king").code == 2


def test_check_and_digest(there: CommandLine) -> None:
    assert there.json("check") == {"ok": True, "problems": []}
    before = there.json("digest")
    assert set(before) == {"schema", "tables", "all"}
    assert there.json("digest") == before
    assert len(there.json("digest", "--physical")["tables"]) > len(before["tables"])


def test_check_finds_what_is_wrong(here: CommandLine) -> None:
    assert here.database
    with closing(sqlite3.connect(here.database)) as connection:
        connection.execute("UPDATE person SET unit_id = 99")
        connection.commit()
    found = here.json("check", code=4)
    assert found["ok"] is False
    assert [problem["code"] for problem in found["problems"]] == ["reference_broken"]


def test_check_does_not_make_a_database(tmp_path: Path) -> None:
    error = CommandLine(tmp_path / "none.db").json("check", code=3)["error"]
    assert error["code"] == "database_missing"
    assert list(tmp_path.iterdir()) == []


def test_doctor_looks_at_everything(here: CommandLine) -> None:
    found = here.json("doctor")
    assert found["ok"] is True
    names = [check["name"] for check in found["checks"]]
    assert {"python", "PySide6", "vault", "settings", "fonts", "database", "disk"} <= set(names)


def test_doctor_says_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 100)
    found = CommandLine(broken).json("doctor", code=4)
    database = next(check for check in found["checks"] if check["name"] == "database")
    assert database["ok"] is False
    assert database["remedy"]


def test_help_is_in_the_readers_language(here: CommandLine) -> None:
    assert "检查" in here.run("--lang", "zh_CN", "--help").out
    assert "--database URL" in here.run("--help").out


def test_as_a_program_of_its_own(tmp_path: Path) -> None:
    """UTF-8 on standard output whatever the console's code page."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    base = [sys.executable, "-m", "desktop", "--database", str(tmp_path / "程序.db"), "--json"]
    done = subprocess.run([*base, "init"], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout.decode("utf-8"))["database"].endswith("程序.db")


def test_screenshots_are_asked_of_the_window(here: CommandLine, tmp_path: Path) -> None:
    said = here.json("screenshots", str(tmp_path / "new" / "pictures"))
    assert said == {"files": [], "problems": []}
    assert (tmp_path / "new" / "pictures").is_dir()
    assert here.gui.opened == [(here.database, None, "en")]
