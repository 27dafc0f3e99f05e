"""A folder of legacy files, and imports of it in processes that can be ended at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.databases import Place
from tests.store.loading.hand_made import digest_of

CUSTOMERS = """客户编号,客户名称,手机,城市,负责人,创建时间
C001,杭州明远机械有限公司,13800000001,杭州,张伟,2024-03-01 09:00:00
C002,上海启帆贸易有限公司,13800000002,上海,李娜,2024-03-02 09:00:00
C003,北京长河科技有限公司,13800000003,北京,张伟,2024-03-03 09:00:00
"""
DEALS = """商机编号,商机名称,客户名称,预计金额,销售阶段,负责人
D001,水泵更新,杭州明远机械有限公司,120000.00,方案报价,张伟
D002,阀门采购,北京长河科技有限公司,80000.50,需求确认,李娜
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of an old system: customers and their deals."""
    place = tmp_path / "legacy"
    place.mkdir()
    (place / "客户.csv").write_text(CUSTOMERS, encoding="utf-8")
    (place / "商机.csv").write_text(DEALS, encoding="utf-8")
    return place


def start(place: Place, folder: Path, how: str = "whole", at: object = "") -> subprocess.Popen[str]:
    """Start an import in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.importer", place.where, str(folder), how, str(at)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def run(place: Place, folder: Path, how: str = "whole", at: object = "") -> tuple[int, str, str]:
    """Import to the end, whichever that is; return the exit code (negative: killed) and what was said."""
    process = start(place, folder, how, at)
    said, complained = process.communicate()
    return process.returncode, said, complained


def digest_at(place: Place) -> str:
    """The digest of everything of the business in a database."""
    workspace = place.open()
    try:
        return digest_of(workspace)
    finally:
        workspace.close()
