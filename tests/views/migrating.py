"""A Migrate page on an embedded database with a few small files, for the tests of its parts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from desktop.views.migrate.page import MigratePage
from tests.views.shown import MakePage

OpenPage = Callable[..., MigratePage]


@pytest.fixture
def open_page(make_page: MakePage) -> OpenPage:
    return partial(make_page, MigratePage)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "客户.csv").write_text(
        "客户编号,客户名称,手机,客户级别,神秘列\nK1,甲公司,13800138000,A,x\nK2,乙公司,12,B,y\n,,,C,z\n",
        encoding="utf-8",
    )
    (folder / "联系人.csv").write_text(
        "姓名,客户名称,职务\n陈浩,甲公司,经理\n李娜,乙公司,\n", encoding="utf-8"
    )
    return folder
