#!/usr/bin/env python3
"""Makes the environment and runs things: `python3 dev.py demo`, `python3 dev.py test` (`py dev.py` on Windows).

Standard library only. Commands:

    setup [--ci]      make or refresh .venv; on Debian also the system libraries (--ci: LibreOffice too)
    demo [...]        run the demonstration; --headless without a window
    test [...]        lint and the whole test-suite; with arguments, pytest alone with those
    test --full       the same without sampling the slow suites
    lint              ruff, mypy and import-linter
    bench [...]       the side-by-side benchmarks
    lock              write requirements.lock anew from pyproject.toml
    messages          show what the Chinese catalogue lacks
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "plumbline.stamp"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
NEEDED = (3, 11)

QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
}
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
FONTS = "fonts-noto-cjk"
OFFICE = "libreoffice-calc-nogui"
POOLER = "pgbouncer"
SERVER = "postgresql"


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    if sys.version_info < NEEDED:
        print(f"Plumbline needs Python {NEEDED[0]}.{NEEDED[1]} or newer; this is {sys.version.split()[0]}.")
        return 1
    commands = {
        "setup": setup,
        "demo": demo,
        "test": test,
        "lint": lint,
        "bench": bench,
        "lock": lock,
        "messages": messages,
    }
    if not arguments or arguments[0] not in commands:
        print(__doc__)
        return 2
    return commands[arguments[0]](arguments[1:])


def demo(arguments: list[str]) -> int:
    """Run the demonstration."""
    return setup([]) or run("-m", "desktop", "demo", *arguments)


def bench(arguments: list[str]) -> int:
    """Run the benchmarks."""
    return setup([]) or run("-m", "benchmarks", *arguments)


def messages(arguments: list[str]) -> int:
    """Show what the Chinese catalogue lacks."""
    return setup([]) or run("-m", "tests.architecture.catalogue", *arguments)


def lint(_arguments: list[str]) -> int:
    """Check style, types and layers; return 1 if anything is wrong."""
    if setup([]):
        return 1
    steps = [
        ("-m", "ruff", "check", "."),
        ("-m", "ruff", "format", "--check", "."),
        ("-m", "mypy"),
        ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
    ]
    return max([run(*step) for step in steps]) and 1


def test(arguments: list[str]) -> int:
    """Run everything that must be right, or pytest alone on what is named."""
    if setup([]):
        return 1
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if "--full" in arguments:
        os.environ["PLUMBLINE_FULL"] = "1"
        arguments = [argument for argument in arguments if argument != "--full"]
    if arguments:
        return run("-m", "pytest", *arguments)
    began = time.monotonic()
    badly_written = wrong = lint([])
    print(f"lint: {time.monotonic() - began:.0f} s", flush=True)
    closing = []
    # Pages run in processes of their own: one QApplication per process, and a file's tests in one.
    for name, options in (
        ("all but pages", ["-n", "2", "--dist", "loadgroup", "--ignore", "tests/views", "tests"]),
        ("pages", ["-n", "2", "--dist", "loadfile", "tests/views"]),
    ):
        code, last = follow("-m", "pytest", "-q", "--durations", "10", *options)
        wrong = wrong or code
        closing.append(f"{name}: {last}")
    code, _last = follow("-m", "benchmarks", "--smoke")
    wrong = wrong or code
    closing.append(f"benchmarks, small: {'failed' if code else 'ran'}")
    print("", f"lint: {'failed' if badly_written else 'passed'}", *closing, sep="\n")
    print(f"{'FAILED' if wrong else 'passed'} after {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


def lock(_arguments: list[str]) -> int:
    """Write the lock anew: every platform's wheels, hashes, and no address of any index."""
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv")
        if uv is None:
            venv.create(folder, with_pip=True)
            python = Path(folder) / PYTHON.relative_to(VENV)
            subprocess.run([python, "-m", "pip", "install", "-q", "uv"], check=True)
            uv = str(python.with_name("uv.exe" if WINDOWS else "uv"))
        options = ["--universal", "--generate-hashes", "--no-header", "--no-emit-index-url", "--quiet"]
        command = [uv, "pip", "compile", *options, "--extra", "dev", "pyproject.toml", "-o", LOCK.name]
        return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode


def setup(arguments: list[str]) -> int:
    """Make .venv as the lock says; a second time does nothing."""
    if "--ci" in arguments:
        extra = [] if shutil.which("soffice") else [OFFICE]
        if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            extra.append(SERVER)
        if not (shutil.which("pgbouncer") or Path("/usr/sbin/pgbouncer").exists()):
            extra.append(POOLER)
        install_packages([*missing_packages(), *extra])
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted and PYTHON.is_file():
        return 0
    install_packages(missing_packages())
    if not PYTHON.is_file() and not make_environment():
        return 1
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    print("Installing what requirements.lock lists; this takes some minutes the first time.", flush=True)
    # The lock is complete, so nothing has to be resolved: no dependency gets in without its hash.
    for more in (
        ["--no-deps", "--require-hashes", "-r", LOCK],
        ["--no-deps", "--no-build-isolation", "--editable", ROOT],
    ):
        if subprocess.run([*pip, *more], cwd=ROOT, check=False).returncode:
            print("The installation failed; see the message above. Run it again: python3 dev.py setup")
            return 1
    STAMP.write_text(wanted, encoding="utf-8")
    return 0


def fingerprint() -> str:
    """Return what the environment depends on, in one hash."""
    whole = hashlib.sha256(sys.version.encode())
    for path in (LOCK, ROOT / "pyproject.toml"):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def make_environment() -> bool:
    """Make an empty .venv; on Debian, Python comes without the module for it."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not install_packages([package]):
            return False
        # This process has already looked for ensurepip in vain: a new one makes the environment.
        return not subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False).returncode
    venv.create(VENV, with_pip=True, clear=VENV.exists())
    return True


def missing_packages() -> list[str]:
    """Return the Debian packages whose libraries Qt would not find on this machine."""
    if not sys.platform.startswith("linux") or not shutil.which("apt-get"):
        return []
    wanted = dict(QT_LIBRARIES)
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        wanted |= WINDOW_LIBRARIES
    missing = [package for library, package in wanted.items() if not loads(library)]
    fonts = Path("/usr/share/fonts")
    if not (fonts.is_dir() and next(fonts.rglob("*CJK*"), None)):
        missing.append(FONTS)
    return missing


def loads(library: str) -> bool:
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_packages(packages: list[str]) -> bool:
    """Install Debian packages where we may, else name the command; return whether they are there."""
    if not packages:
        return True
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    sudo = [] if is_root else ["sudo", "-n"]
    if not is_root and not (shutil.which("sudo") and quiet("sudo", "-n", "true")):
        print(f"Some system packages are missing. Please run:\n\n    sudo {' '.join(install)}\n")
        return False
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], [*install, "-qq"]):
        done = subprocess.run(
            [*sudo, *command], env=environment, stdout=subprocess.DEVNULL, check=False
        ).returncode
    if done:
        print(f"That did not work. Please run:\n\n    sudo {' '.join(install)}\n")
    return not done


def quiet(*command: str) -> bool:
    """Run a command without a word; return whether it succeeded."""
    return not subprocess.run(command, capture_output=True, check=False).returncode


def run(*arguments: str) -> int:
    """Run the environment's Python in the project's folder and return its exit code."""
    return subprocess.run([PYTHON, *arguments], cwd=ROOT, env=environment(), check=False).returncode


def follow(*arguments: str) -> tuple[int, str]:
    """Run the environment's Python, show what it says, and return its exit code and its last line."""
    last = ""
    with subprocess.Popen(
        [PYTHON, *arguments],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return process.returncode, last


def environment() -> dict[str, str]:
    """Return the environment of what we start: UTF-8 everywhere, also on a Chinese Windows."""
    return {**os.environ, "PYTHONUTF8": "1"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
