"""What operations that take several transactions are handed: a workspace, or the window's way to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from desktop.store.workspace import Work

T = TypeVar("T")


class Database(Protocol):
    """What reads and writes in transactions, in a window or without one."""

    def read(self, query: Callable[[Work], T], /) -> T:
        """Run a query and roll back."""

    def write(self, operation: Callable[[Work], T], /) -> T:
        """Run an operation and commit."""
