"""Where an embedded database may live: a local disk, never a share or a synchronised folder (PLT-02)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from desktop.errors import InvalidInput
from desktop.i18n import N_

NETWORK_KINDS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "davfs", "fuse.davfs2", "9p", "afs", "fuse.rclone"}
)
SYNCED_FOLDERS = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud",
    "坚果云",
    "nutstore",
    "百度网盘",
    "baidusyncdisk",
    "wps云盘",
    "wpsdrive",
    "腾讯微云",
    "阿里云盘",
    "box sync",
    "nextcloud",
)
SYNCED_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
"""Environment variables in which Windows says where OneDrive's folders are, whatever they are called."""


def require_local(path: Path) -> None:
    """Raise InvalidInput if the path is on a network drive or in a cloud-synchronised folder."""
    named = path.expanduser().absolute()
    absolute = named.resolve()
    synced = _synced_part(named) or _synced_part(absolute)
    if synced:
        raise InvalidInput(
            "database_on_synced_folder",
            N_("“{path}” is inside the synchronised folder “{folder}”, where a database gets damaged."),
            remedy=N_("Choose a folder on a local disk; several people share a PostgreSQL database instead."),
            path=path,
            folder=synced,
        )
    if is_network_path(absolute):
        raise InvalidInput(
            "database_on_network_drive",
            N_("“{path}” is on a network drive, where a database gets damaged."),
            remedy=N_("Choose a folder on a local disk; several people share a PostgreSQL database instead."),
            path=path,
        )


def _synced_part(path: Path) -> str | None:
    """Return the folder above a path that some service copies to its cloud, None where there is none."""
    for variable in SYNCED_VARIABLES:
        folder = os.environ.get(variable)
        if folder and path.is_relative_to(folder):
            return folder
    return next((part for part in path.parts if part.lower().startswith(SYNCED_FOLDERS)), None)


def is_network_path(path: Path) -> bool:
    """Whether the operating system says that this path is not on a local disk."""
    if sys.platform == "win32":
        return _is_network_on_windows(path)
    return _mount_kind(path) in NETWORK_KINDS


def _is_network_on_windows(path: Path) -> bool:
    import ctypes

    if str(path).startswith("\\\\"):
        return True
    drive_remote = 4
    windll = getattr(ctypes, "windll")  # noqa: B009 (exists on Windows only)
    return bool(windll.kernel32.GetDriveTypeW(path.anchor) == drive_remote)


def _mount_kind(path: Path) -> str:
    """Return the file system type of the longest mount point above a path, from /proc/mounts."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    best, kind = 0, ""
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        mount = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), fields[2]
    return kind
