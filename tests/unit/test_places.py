"""Case 25: an embedded database lives on a local disk; the probe of the operating system is a fake here."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest

from desktop.errors import InvalidInput
from desktop.store import places

DRIVE_FIXED, DRIVE_REMOTE = 3, 4


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A Windows whose drive Z: is a share; returns what it was asked."""
    asked: list[str] = []

    def drive_type(anchor: str) -> int:
        asked.append(anchor)
        return DRIVE_REMOTE if anchor.upper().startswith("Z:") else DRIVE_FIXED

    kernel = SimpleNamespace(GetDriveTypeW=drive_type)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    return asked


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        (r"C:\data\plumbline.db", False),
        (r"Z:\sales\plumbline.db", True),
        (r"\\server\share\plumbline.db", True),
        (r"\\?\UNC\server\share\plumbline.db", True),
    ],
)
def test_windows_is_asked_what_kind_of_drive_it_is(windows: list[str], path: str, remote: bool) -> None:
    probe: Any = PureWindowsPath(path)
    assert places.is_network_path(probe) is remote
    assert windows == ([] if path.startswith("\\") else [probe.anchor])


@pytest.mark.parametrize(
    ("kind", "remote"),
    [
        ("ext4", False),
        ("tmpfs", False),
        ("nfs4", True),
        ("cifs", True),
        ("fuse.sshfs", True),
        ("fuse.rclone", True),
    ],
)
def test_linux_says_what_is_mounted_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, remote: bool
) -> None:
    mounts = f"/dev/sda1 / ext4 rw 0 0\nserver:/x /shares/my\\040share {kind} rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_named: mounts)
    monkeypatch.setattr(sys, "platform", "linux")
    assert places.is_network_path(Path("/shares/my share/deep/plumbline.db")) is remote
    assert places.is_network_path(Path("/srv/plumbline.db")) is False


@pytest.mark.parametrize(
    "folder",
    ["OneDrive - 公司", "Dropbox", "Google Drive", "iCloudDrive", "坚果云", "Nutstore", "百度网盘", "BaiduSyncdisk",
     "WPS云盘", "WPSDrive", "腾讯微云", "阿里云盘", "Box Sync", "Nextcloud"],
)  # fmt: skip
def test_a_synchronised_folder_anywhere_above_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(InvalidInput) as told:
        places.require_local(tmp_path / folder / "a" / "plumbline.db")
    assert told.value.code == "database_on_synced_folder"
    assert told.value.params["folder"] == folder
    assert "PostgreSQL" in told.value.remedy_text()


def test_a_link_leads_where_it_leads(tmp_path: Path) -> None:
    """A link on the desktop into the synchronised folder is that folder."""
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "mine").symlink_to(tmp_path / "Dropbox")
    with pytest.raises(InvalidInput):
        places.require_local(tmp_path / "mine" / "plumbline.db")


def test_the_folder_that_onedrive_names_itself_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows says where OneDrive is, whatever the folder is called."""
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "Firma"))
    with pytest.raises(InvalidInput):
        places.require_local(tmp_path / "Firma" / "Documents" / "plumbline.db")
    places.require_local(tmp_path / "Firma2" / "plumbline.db")
