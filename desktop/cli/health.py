"""What `doctor` looks at: is everything installed, reachable, writable, and what to do if not."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop import settings
from desktop.cli.context import shown
from desktop.clock import SystemClock
from desktop.errors import UserError
from desktop.i18n import N_, Locale

ENOUGH_BYTES = 500_000_000
OLDEST_BACKUP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `remedy` is empty where it is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def examine(where: str, login: str | None, locale: Locale) -> list[Check]:
    """Look at everything; never raises for a thing that is not well."""
    checks = [_python(locale), *_packages(locale), _processor(locale), _vault(locale)]
    checks += [_folder("settings", settings.settings_path().parent, locale), _fonts(locale)]
    checks += [*_server(where, locale), _database(where, login, locale), _disk(where, locale)]
    checks.append(_programs(locale) if "://" in where else _backups(where, locale))
    return checks


def _python(locale: Locale) -> Check:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    return Check("python", ok, version, "" if ok else locale._(N_("Install Python 3.11 or newer.")))


def _packages(locale: Locale) -> list[Check]:
    found = []
    for name in ("PySide6", "pyqtgraph", "polars", "fastexcel", "psycopg", "keyring"):
        there = importlib.util.find_spec(name) is not None
        detail = locale._("installed") if there else locale._("missing")
        found.append(
            Check(name, there, detail, "" if there else locale._("Run the set-up again: dev.py setup"))
        )
    return found


def _processor(locale: Locale) -> Check:
    """Polars' normal wheel needs AVX2 on x86; elsewhere nothing is asked for."""
    if platform.machine().lower() not in {"amd64", "x86_64"}:
        return Check("processor", True, platform.machine())
    has = _avx2()
    detail = {True: "AVX2", False: locale._("no AVX2"), None: locale._("unknown")}[has]
    remedy = "" if has is not False else locale._("Install the package polars-lts-cpu in place of polars.")
    return Check("processor", has is not False, detail, remedy)


def _avx2() -> bool | None:
    if sys.platform == "win32":
        import ctypes

        windll = getattr(ctypes, "windll")  # noqa: B009 (exists on Windows only)
        avx2_feature = 40
        return bool(windll.kernel32.IsProcessorFeaturePresent(avx2_feature))
    try:
        return " avx2 " in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None


def _vault(locale: Locale) -> Check:
    """Secrets are kept by the operating system, never in a file (PLT-03)."""
    try:
        import keyring
        from keyring.backends import fail

        backend = keyring.get_keyring()
        name = type(backend).__module__
        ok = not isinstance(backend, fail.Keyring) and "keyrings.alt" not in name
    except Exception as error:  # a broken back end must not hide the other checks
        ok, name = False, str(error)
    remedy = (
        ""
        if ok
        else locale._("No secret can be kept here: passwords are asked for each time. Unlock the vault.")
    )
    # Without a vault everything else works, so this is told but is no failure.
    return Check("vault", True, name if ok else locale._("not available"), remedy)


def _folder(name: str, folder: Path, locale: Locale) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Check(name, True, str(folder))
    except OSError as error:
        remedy = locale._("Make the folder {folder} writable.").format(folder=folder)
        return Check(name, False, f"{folder}: {error.strerror}", remedy)


def _fonts(locale: Locale) -> Check:
    """Chinese glyphs come with Windows; a bare Debian has none."""
    if not sys.platform.startswith("linux"):
        return Check("fonts", True, platform.system())
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
    wanted = ("*CJK*", "wqy*", "*SourceHan*")
    found = next((f for d in folders if d.is_dir() for w in wanted for f in d.rglob(w)), None)
    if found:
        return Check("fonts", True, found.name)
    return Check(
        "fonts",
        False,
        locale._("no Chinese font"),
        locale._("Run: apt-get install --no-install-recommends fonts-noto-cjk"),
    )


def _server(where: str, locale: Locale) -> list[Check]:
    """A team database's server: does it answer, is the connection encrypted, did it prove who it is (security 34)."""
    from desktop.operations.connections import address_of, look_at

    if address_of(where) is None:
        return []
    try:
        found = look_at(where)
    except UserError as problem:
        return [Check("server", False, problem.text(locale), problem.remedy_text(locale))]
    facts = [f"PostgreSQL {found.version}"]
    facts.append(found.tls or locale._("on this machine" if found.is_local else "not encrypted"))
    if not found.proved:
        facts.append(locale._("the server proved nothing"))
    remedy = (
        ""
        if found.proved
        else locale._("Leave sslmode out of the address: then the server has to prove itself.")
    )
    return [Check("server", found.proved, ", ".join(facts), remedy)]


def _database(where: str, login: str | None, locale: Locale) -> Check:
    from desktop.store.engine import database_url
    from desktop.store.open import open_workspace
    from desktop.store.schema import HEAD

    def look() -> str:
        url = database_url(where)
        database = shown(where)
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
            return locale._("{database} will be made at the first opening").format(database=database)
        open_workspace(where, login=login, create=False).close()
        return locale._("{database}, schema {schema}").format(database=database, schema=HEAD)

    return _asked("database", look, locale)


def _backups(where: str, locale: Locale) -> Check:
    """When the newest automatic backup was made; none at all is no failure before the first day is over."""
    from desktop.operations.keeping import kept_backups

    found = kept_backups(where)
    if not found:
        remedy = locale._("Open the console once a day, or let the Task Scheduler run: plumbline backup FILE")
        return Check("backups", True, locale._("none yet"), remedy)
    age = (SystemClock().now() - found[0].made_at).days
    detail = locale.plural(
        "{n} backup, the newest of {time}", "{n} backups, the newest of {time}", len(found)
    )
    told = detail.format(n=len(found), time=locale.instant(found[0].made_at))
    remedy = locale._("Make one now: plumbline backup FILE") if age > OLDEST_BACKUP_DAYS else ""
    return Check("backups", not remedy, told, remedy)


def _programs(locale: Locale) -> Check:
    """What backups of the team database are made with; needed only where they are made."""
    from desktop.store.keeping.tools import OLDEST_SERVER, find_tool, version_of

    try:
        found = find_tool("pg_dump", OLDEST_SERVER, newest=True)
    except UserError as problem:
        return Check("pg_dump", True, locale._("missing"), problem.remedy_text(locale))
    return Check("pg_dump", True, f"{found} ({version_of(found)})")


def _asked(name: str, look: Callable[[], str], locale: Locale) -> Check:
    try:
        return Check(name, True, look())
    except UserError as problem:
        return Check(name, False, problem.text(locale), problem.remedy_text(locale))


def _disk(where: str, locale: Locale) -> Check:
    folder = settings.data_folder() if "://" in where else Path(where).absolute().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    # An upgrade, a restore and each backup make a whole copy beside the file before anything is replaced.
    size = 0 if "://" in where or not Path(where).is_file() else Path(where).stat().st_size
    remedy = locale._("Free some space on this disk.") if free < ENOUGH_BYTES + 2 * size else ""
    detail = locale._("{megabytes} MB free in {folder}").format(
        megabytes=locale.integer(free // 1_000_000), folder=folder
    )
    return Check("disk", not remedy, detail, remedy)
