"""The script that makes the environment: standard library only, and clear where it may not install."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev

SOURCE = Path(dev.__file__)


def test_it_needs_nothing_but_python() -> None:
    names = set()
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).split(".")[0])
    assert names <= sys.stdlib_module_names


def test_an_unknown_command_is_told_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["nosuch"]) == 2
    assert "setup" in capsys.readouterr().out


def test_an_old_python_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "NEEDED", (9, 0))
    assert dev.main(["test"]) == 1
    assert "needs Python 9.0 or newer" in capsys.readouterr().out


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A Debian on which nothing is installed."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev, "loads", lambda _library: False)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_what_qt_needs_is_found_missing(debian: pytest.MonkeyPatch) -> None:
    headless = set(dev.missing_packages()) - {dev.FONTS}
    assert headless == set(dev.QT_LIBRARIES.values())
    debian.setenv("DISPLAY", ":0")
    assert set(dev.missing_packages()) - headless - {dev.FONTS} == set(dev.WINDOW_LIBRARIES.values())


def test_nothing_is_missing_elsewhere(debian: pytest.MonkeyPatch) -> None:
    debian.setattr(sys, "platform", "win32")
    assert dev.missing_packages() == []


def test_whoever_may_not_install_is_told_the_command(
    debian: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    debian.setattr(os, "geteuid", lambda: 1000, raising=False)
    debian.setattr(dev, "quiet", lambda *_command: False)
    assert dev.install_packages(["libgl1", "libegl1"]) is False
    assert "sudo apt-get install -y --no-install-recommends libgl1 libegl1" in capsys.readouterr().out


def test_whoever_may_installs(debian: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **_more: object) -> subprocess.CompletedProcess[bytes]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0)

    debian.setattr(os, "geteuid", lambda: 0, raising=False)
    debian.setattr(subprocess, "run", run)
    assert dev.install_packages(["libgl1"]) is True
    assert ran[-1][:3] == ["apt-get", "install", "-y"]
    assert "libgl1" in ran[-1]


def test_the_environment_is_made_anew_when_the_lock_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, project = tmp_path / "requirements.lock", tmp_path / "pyproject.toml"
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "LOCK", lock)
    lock.write_text("a==1", encoding="utf-8")
    project.write_text("", encoding="utf-8")
    before = dev.fingerprint()
    assert dev.fingerprint() == before
    lock.write_text("a==2", encoding="utf-8")
    assert dev.fingerprint() != before
