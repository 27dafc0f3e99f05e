"""Which of our languages the operating system speaks."""

from __future__ import annotations

import os
import sys

from desktop.i18n import Language, parse_language

_PRIMARY_ENGLISH = 0x09


def system_language() -> Language:
    """Return the system's language where it is one of ours, else Chinese, the first language."""
    if sys.platform == "win32":
        import ctypes

        windll = getattr(ctypes, "windll")  # noqa: B009 (exists on Windows only)
        primary = windll.kernel32.GetUserDefaultUILanguage() & 0x3FF
        return "en" if primary == _PRIMARY_ENGLISH else "zh_CN"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return parse_language(value) or "zh_CN"
    return "zh_CN"
