"""Pictures of every page: written where they were asked for, and looked at by the machine first."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import make_context
from desktop.i18n import Locale
from desktop.settings import Settings
from desktop.store.workspace import Workspace
from desktop.views import pictures
from desktop.views.pictures import PictureSet
from desktop.views.registry import available_pages
from tests.maker import Maker


def test_every_page_is_drawn_into_a_folder_that_was_not_there(
    sqlite_workspace: Workspace,
    sqlite_make: Maker,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sqlite_make.account("Pump works", owner=sqlite_make.person("Ann"))
    monkeypatch.setattr(pictures, "SIZES", ((1366, 768),))
    monkeypatch.setattr(pictures, "THEMES", ("light",))
    app = cast("QApplication", QApplication.instance())
    drawn = PictureSet(app, tmp_path / "new" / "folder")

    drawn.take(make_context(sqlite_workspace, Locale("zh_CN"), Settings(), inline=True))

    pages = [path.name for path in drawn.files if "-" not in path.name.partition("_")[0]]
    assert pages == [f"{spec.key}_zh_CN_light_1366x768.png" for spec in available_pages()]
    for path in drawn.files:
        if "-conflict_" in path.name:  # a dialog, as large as it is
            continue
        picture = QImage(str(path))
        assert (picture.width(), picture.height()) == (1366, 768)
    assert [problem for problem in drawn.problems if "blank" not in problem] == []
