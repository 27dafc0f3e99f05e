"""What tests of pages share: windows to be made, and the page that one shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from desktop.views.main_window import MainWindow
from desktop.views.page import Page

MakeWindow = Callable[..., MainWindow]
MakePage = Callable[..., Any]
P = TypeVar("P", bound=Page)


def shown(window: MainWindow, kind: type[P]) -> P:
    """Return the page that is shown."""
    page = window.page
    assert isinstance(page, kind)
    return page
