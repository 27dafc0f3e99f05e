"""What every import needs, whatever its files hold, loaded while a child process still reads them."""

from __future__ import annotations

from importlib import import_module

_NEEDED = (
    "numpy",
    "phonenumbers",
    "desktop.importers.custom_columns",
    "desktop.importers.mapping",
    "desktop.importers.returned",
    "desktop.importers.values",
    "desktop.operations.evidence",
    "desktop.operations.imports",
    "desktop.store.loading.apply",
)
_HEADERS = ("客户名称", "account name")
"""Asking what these mean reads the vocabulary and words it anew, once for the process."""


def get_ready() -> None:
    """Import the modules of an import and read its vocabulary: about a second that nobody then waits for."""
    for name in _NEEDED:
        import_module(name)
    from desktop.importers.naming import called

    for header in _HEADERS:
        called(header, grouped=False)
