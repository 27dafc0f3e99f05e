"""PostgreSQL's own pg_dump and pg_restore: found, new enough, and run without a password in sight."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from desktop.control import Control
from desktop.errors import DatabaseProblem, UserError
from desktop.i18n import N_

FOLDER_VARIABLE = "PLUMBLINE_PG_BIN"
"""Environment variable with the folder of PostgreSQL's programs, where they are not on the PATH."""
OLDEST_SERVER = 15
"""Major version of the oldest PostgreSQL that a team database runs on."""
_KNOWN_EVERYWHERE = frozenset(
    {"user", "dbname", "hostaddr", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding"}
)
_USUAL = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
_USUAL_ON_WINDOWS = "PostgreSQL/*/bin"


def find_tool(name: str, at_least: int, *, newest: bool = False) -> Path:
    """Return the oldest (or newest) program of that name that knows servers of major version `at_least`.

    Raises UserError `tool_missing` naming what was found and what to install.
    """
    found = {path: version_of(path) for path in _candidates(name)}
    fitting = sorted((version, str(path)) for path, version in found.items() if version >= at_least)
    if fitting:
        return Path(fitting[-1 if newest else 0][1])
    raise UserError(
        "tool_missing",
        N_("This needs {tool} of PostgreSQL {version} or newer; found: {found}."),
        remedy=N_(
            "Install PostgreSQL's client programs (Debian: apt-get install postgresql-client; Windows: the installer's"
            " “Command Line Tools”), or name their folder in the environment variable {variable}."
        ),
        tool=name,
        version=at_least,
        found=", ".join(f"{path} ({version})" for path, version in found.items()) or "–",
        variable=FOLDER_VARIABLE,
    )


def _candidates(name: str) -> list[Path]:
    if folder := os.environ.get(FOLDER_VARIABLE):
        told = shutil.which(name, path=folder)
        return [Path(told)] if told else []
    folders = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    folders += [path for pattern in _USUAL for path in Path("/").glob(pattern[1:])]
    for variable in ("ProgramFiles", "ProgramW6432"):
        if base := os.environ.get(variable):
            folders += Path(base).glob(_USUAL_ON_WINDOWS)
    found = (shutil.which(name, path=str(folder)) for folder in folders)
    return list(dict.fromkeys(Path(path) for path in found if path))


def version_of(program: Path) -> int:
    """Return a program's major version, 0 if it does not say."""
    try:
        said = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=False, timeout=20
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"\)\s+(\d+)", said)
    return int(match.group(1)) if match else 0


def address(connection: Connection) -> str:
    """Return where a connection really leads, without its password, as PostgreSQL's programs take it.

    Only what says where and how safely: programs of an older PostgreSQL refuse options they do not know.
    """
    from psycopg.conninfo import make_conninfo

    driver: Any = connection.connection.driver_connection
    told = {name: value for name, value in driver.info.get_parameters().items() if name in _KNOWN_EVERYWHERE}
    return str(make_conninfo(**{**told, "host": driver.info.host, "port": driver.info.port}))


def run(
    program: Path, arguments: Sequence[str], password: str, control: Control, what: str, steps: int = 0
) -> None:
    """Run a program; its lines of progress are counted against `steps`.

    Raises DatabaseProblem `tool_failed` with what it said, or Cancelled. The password goes through a
    file that only this user can read, never through the arguments.
    """
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with _password_file(password) as environment:
        child = subprocess.Popen(
            [str(program), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            creationflags=flags,
        )
        forget = control.on_cancel(child.kill)
        said: list[str] = []
        try:
            assert child.stderr is not None
            with child.stderr as stream:
                for line in stream:
                    said.append(line.decode("utf-8", "replace").rstrip())
                    if _is_step(said[-1]):
                        done = sum(map(_is_step, said))
                        control.report(min(done, steps), steps or None, what)
            child.wait()
        finally:
            forget()
            if child.poll() is None:
                child.kill()
                child.wait()
    control.check()
    if child.returncode:
        errors = [line for line in said if "error:" in line or "fatal" in line.lower()] or said[-1:]
        raise DatabaseProblem(
            "tool_failed",
            N_("{tool} refused: {why}"),
            remedy=N_("Nothing was changed. The message is PostgreSQL's own; see the administrator's guide."),
            tool=program.stem,
            why=" ".join(errors[:3]) or str(child.returncode),
        )


def _is_step(line: str) -> bool:
    return "dumping contents of table" in line or "processing data for table" in line


@contextmanager
def _password_file(password: str) -> Iterator[dict[str, str]]:
    environment = {**os.environ, "PGAPPNAME": "plumbline"}
    environment.pop("PGPASSWORD", None)
    if not password:
        yield environment
        return
    with tempfile.TemporaryDirectory(prefix="plumbline-") as folder:
        path = Path(folder) / "pgpass"
        secret = password.replace("\\", "\\\\").replace(":", "\\:")
        path.touch(mode=0o600)
        path.write_text(f"*:*:*:*:{secret}\n", encoding="utf-8")
        yield {**environment, "PGPASSFILE": str(path)}
