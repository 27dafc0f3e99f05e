"""Where the program itself and its data files are: icons, catalogues, field tables."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def resource_root() -> Path:
    """Return the folder of resources: inside an installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    packed = here / "_resources"
    return packed if packed.is_dir() else here.parent / "resources"


def resource(*parts: str) -> Path:
    """Return the path of one resource file."""
    return resource_root().joinpath(*parts)


def own_command() -> list[str]:
    """Return the command line that starts this program once more, before its arguments."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "desktop"]
