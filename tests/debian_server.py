"""A PostgreSQL server with TLS, from the packages of the machine: the wheel of the other tests has none."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

MISSING = "no PostgreSQL server with TLS on this machine"
SUPERUSER = "server_admin"
SUPERUSER_PASSWORD = "only-for-this-test-run"


def binaries() -> Path:
    """Return the folder of the newest server of this machine; skip the test where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found or not shutil.which("openssl"):
        pytest.skip(MISSING)
    return found[-1].parent


def run(*command: str | Path) -> None:
    """Run a command to its end; an AssertionError says what it said if it failed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def make_authority(folder: Path, name: str) -> None:
    """Make a certificate authority `name.crt`, `name.key`, as the guide has it."""
    run(
        "openssl", "req", "-new", "-x509", "-days", "30", "-nodes", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:prime256v1", "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key",
        "-out", folder / f"{name}.crt",
    )  # fmt: skip


def make_certificate(folder: Path, name: str, authority: str, *hosts: str) -> None:
    """Make `name.crt` and `name.key` for host names, signed by an authority."""
    request = folder / f"{name}.csr"
    names = ",".join(f"{'IP' if host[0].isdigit() else 'DNS'}:{host}" for host in hosts)
    run(
        "openssl", "req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-subj", f"/CN={hosts[0]}", "-addext", f"subjectAltName={names}", "-keyout", folder / f"{name}.key",
        "-out", request,
    )  # fmt: skip
    run(
        "openssl", "x509", "-req", "-in", request, "-days", "30", "-copy_extensions", "copy", "-CAcreateserial",
        "-CA", folder / f"{authority}.crt", "-CAkey", folder / f"{authority}.key",
        "-out", folder / f"{name}.crt",
    )  # fmt: skip


@dataclass
class DebianServer:
    """One server in its own folder, on a free port of this machine; `log` is all that it wrote down."""

    folder: Path
    bin: Path
    port: int

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.folder / "log"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._as_server(self.bin / "pg_ctl", "-D", self.folder / "data", "-l", self.log, "-w", "start")

    def stop(self) -> None:
        """Stop it at once, and leave nothing."""
        self._as_server(self.bin / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def use(self, certificate: Path | None) -> None:
        """Let it show another certificate from the next connection on, or none."""
        settings = [f"ssl = {'on' if certificate else 'off'}"]
        for kind, source in (("cert", certificate), ("key", certificate and certificate.with_suffix(".key"))):
            if source:
                target = self.folder / "data" / f"server.{'crt' if kind == 'cert' else 'key'}"
                shutil.copyfile(source, target)
                target.chmod(0o600)
                _give(target)
                settings.append(f"ssl_{kind}_file = '{target}'")
        (self.folder / "data" / "tls.conf").write_text("\n".join(settings) + "\n", encoding="utf-8")
        self._as_server(self.bin / "pg_ctl", "-D", self.folder / "data", "-w", "restart", "-l", self.log)

    def configure(self, settings: str, admitted: str) -> None:
        """Take over settings and a pg_hba.conf, as from the next restart (`use`)."""
        data = self.folder / "data"
        (data / "pg_hba.conf").write_text(admitted, encoding="utf-8")
        with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(f"\n{settings}\nlisten_addresses = 'localhost'\n")

    def url(self, login: str, host: str, database: str = "postgres", password: str = "") -> str:
        """Return what a person would write after --database."""
        secret = f":{password}" if password else ""
        return f"postgresql://{login}{secret}@{host}:{self.port}/{database}"

    def _as_server(self, *command: str | Path) -> None:
        _run_as_server(*command)


def _run_as_server(*command: str | Path) -> None:
    prefix = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    # pg_ctl leaves the server with its output: it must not keep a pipe of ours open.
    done = subprocess.run(
        [*prefix, *(str(part) for part in command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, command


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, "postgres", "postgres")


def make_server(superuser: str = SUPERUSER) -> DebianServer:
    """Make a server that admits logins over TLS with SCRAM alone, and start it without a certificate."""
    found = binaries()
    # Not below pytest's own folder, which is closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="plumbline-server-"))
    folder.chmod(0o755)
    _give(folder)
    data, secret = folder / "data", folder / "password"
    secret.write_text(SUPERUSER_PASSWORD, encoding="utf-8")
    _give(secret)
    _run_as_server(
        found / "initdb", "-D", data, "-U", superuser, "--pwfile", secret, "-A", "scram-sha-256", "-E", "UTF8",
        "--locale", "C", "--no-sync",
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    hba = "hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256\n"
    (data / "pg_hba.conf").write_text(hba, encoding="utf-8")
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(
            f"port = {port}\nlisten_addresses = 'localhost'\nunix_socket_directories = ''\nfsync = off\n"
            "log_statement = 'all'\nlog_connections = on\nlog_min_duration_statement = 0\n"
            "log_min_error_statement = 'debug5'\nlog_parameter_max_length_on_error = -1\n"
            "include_if_exists = 'tls.conf'\n"
        )
    made = DebianServer(folder, found, port)
    made.start()
    return made
