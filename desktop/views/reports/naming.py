"""Asking for a name."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QWidget


def ask_name(parent: QWidget, title: str, words: str, before: str = "") -> str:
    """Return the name that a person types; empty where they think better of it, or nobody is there."""
    if QGuiApplication.platformName() == "offscreen":
        return before
    name, said = QInputDialog.getText(parent, title, words, text=before)
    return name.strip() if said else ""
