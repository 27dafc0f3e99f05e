"""Case 67: an old console and a new database, or the reverse, refuse each other and touch nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desktop.cli.main import run
from desktop.errors import DatabaseProblem
from desktop.store import schema
from desktop.store.digest import digest
from desktop.store.open import initialise, open_workspace
from desktop.store.workspace import Work, Workspace
from tests.databases import Place
from tests.maker import Maker
from tests.store.keeping.server import as_superuser

OTHER = {"database_newer": "9999", "database_older": "0000"}


def moved(place: Place, revision: str) -> None:
    """Let the database have another schema, as if another Plumbline had upgraded it."""
    statement = f"UPDATE alembic_version SET version_num = '{revision}'"
    if place.is_sqlite:
        workspace = place.open()
        with workspace.engine.begin() as connection:
            connection.execute(text(statement))
        place.close()
        return
    with as_superuser(place) as connection:
        connection.execute(statement)


def everything(workspace: Workspace) -> str:
    """The digest of every table and column."""
    return workspace.read(lambda work: digest(work, physical=True)).all


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any]]:
    """Run a command and return its exit code and its document."""

    def call(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = run([*arguments, "--json", "--lang", "en"], None)  # type: ignore[arg-type]
        out = capsys.readouterr().out
        return code, json.loads(out) if out else None

    return call


def test_a_newer_database_is_refused_in_the_window_and_on_the_command_line(
    place: Place, said: Callable[..., tuple[int, Any]], tmp_path: Path
) -> None:
    before = everything(place.open())
    place.close()
    moved(place, "9999")
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(place.where)
    assert told.value.code == "database_newer"
    assert "upgrade this console" in told.value.remedy_text()
    commands = [["check"], ["digest"], ["funnel"], ["user", "list"], ["runs"]]
    commands += [["init"], ["backup", str(tmp_path / "b.plumbline")]] if place.is_sqlite else []
    for command in commands:
        code, document = said(*command, "--database", place.where)
        assert (code, document["error"]["code"]) == (3, "database_newer"), command
    assert not (tmp_path / "b.plumbline").exists()
    moved(place, schema.HEAD) if not place.is_sqlite else put_back(place)
    assert everything(place.open()) == before


def put_back(place: Place) -> None:
    """Give an embedded database its revision again without Plumbline, which refuses it."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(place.where)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [schema.HEAD])


@pytest.mark.postgres
def test_an_older_team_database_waits_for_its_administrator(
    team: Place, said: Callable[..., tuple[int, Any]]
) -> None:
    """A console never upgrades what others work on by itself."""
    before = everything(team.open())
    team.close()
    moved(team, "0001")
    code, document = said("check", "--database", team.where)
    assert (code, document["error"]["code"]) == (3, "database_older")
    assert "plumbline init" in document["error"]["remedy"]
    moved(team, schema.HEAD)
    assert everything(team.open()) == before


@pytest.mark.postgres
@pytest.mark.parametrize("code", sorted(OTHER))
def test_a_schema_that_moves_while_a_console_is_open_stops_it(team: Place, code: str) -> None:
    workspace = team.open()
    make = Maker(workspace)
    make.account("之前的客户")
    before = everything(workspace)
    moved(team, OTHER[code])
    with pytest.raises(DatabaseProblem) as told:
        make.account("之后的客户")
    assert told.value.code == code
    with pytest.raises(DatabaseProblem) as told:
        workspace.read(lambda work: work.now)
    assert told.value.code == code
    moved(team, schema.HEAD)
    assert everything(workspace) == before


@pytest.mark.postgres
def test_a_schema_that_moves_during_an_operation_takes_it_back(team: Place) -> None:
    workspace = team.open()
    before = everything(workspace)

    def operation(work: Work) -> None:
        work.audit("test.moved")
        moved(team, "9999")

    with pytest.raises(DatabaseProblem) as told:
        workspace.write(operation)
    assert told.value.code == "database_newer"
    moved(team, schema.HEAD)
    assert everything(workspace) == before


def test_an_embedded_database_cannot_move_under_an_open_console(tmp_path: Path) -> None:
    """Nobody upgrades or replaces a file that somebody has open."""
    path = tmp_path / "mine.db"
    workspace = open_workspace(path)
    workspace.read(lambda work: work.now)
    with workspace.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    with pytest.raises(DatabaseProblem) as told:
        initialise(path)
    assert told.value.code == "database_in_use"
    workspace.close()
