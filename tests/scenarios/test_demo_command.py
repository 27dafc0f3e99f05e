"""The command `demo`, headless and with a window, as `dev.py demo` calls it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from desktop.demo.calendar import DEMO_NOW
from desktop.models.approvals import ApprovalRequest
from desktop.store.open import open_workspace
from tests.drivers.command_line import CommandLine

SMALLEST = ("--scale", "0.02")
pytestmark = pytest.mark.xdist_group("demo_command")


@pytest.fixture
def line() -> CommandLine:
    return CommandLine(None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demonstration, empty for the first test and full for the second."""
    return tmp_path_factory.mktemp("demo")


def test_headless_does_the_whole_job_and_leaves_everything_in_the_folder(
    place: Path, line: CommandLine
) -> None:
    told = line.json("demo", "--headless", "--out", str(place), *SMALLEST)
    assert set(told) == {"database", "files", "reports", "seconds"}
    assert all(Path(file).is_file() for file in told["files"])
    assert [report["name"] for report in told["reports"]] == ["funnel", "target_actual", "handover"]
    assert {report["verdict"] for report in told["reports"]} == {"genuine"}
    assert {"generate", "migrate", "calibrate", "reports", "pictures"} <= set(told["seconds"])
    assert line.gui.opened == [(told["database"], "director", "en")], "pictures only"
    book = load_workbook(told["reports"][0]["file"], read_only=True)
    assert len(book.sheetnames) > 1
    workspace = open_workspace(told["database"])
    assert workspace.read(lambda work: work.now) == DEMO_NOW
    kinds = select(ApprovalRequest.kind).where(ApprovalRequest.state == "waiting")
    waiting = workspace.read(lambda work: sorted(work.session.scalars(kinds)))
    assert waiting == ["contract_change", "quote", "report", "stage_override", "target_adjustment"]
    workspace.close()


def test_a_second_demo_takes_the_place_of_the_first_and_a_window_opens_on_it(
    place: Path, line: CommandLine
) -> None:
    database, arguments = place / "plumbline-demo.db", ("--out", str(place), *SMALLEST)
    if not database.exists():  # this test was asked for alone
        assert line.run("demo", "--headless", "--no-pictures", *arguments).code == 0
    said = line.run("demo", *arguments)
    assert said.code == 0, said.err
    assert "ready after" in said.out
    assert line.gui.opened == [(str(database), None, "en")]
    mine = place / "legacy" / "mine.xlsx"
    mine.write_bytes(b"precious")
    before = {path.name for path in (place / "legacy").iterdir()}
    refused = line.run("demo", "--headless", *arguments)
    assert refused.code == 3
    assert "no demo has made" in refused.err
    assert {path.name for path in (place / "legacy").iterdir()} == before
    assert database.is_file()


def test_a_folder_with_somebodys_files_is_left_alone(tmp_path: Path, line: CommandLine) -> None:
    mine = tmp_path / "legacy" / "mine.xlsx"
    mine.parent.mkdir()
    mine.write_bytes(b"precious")
    assert line.run("demo", "--headless", "--out", str(tmp_path)).code == 3
    assert mine.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["mine.xlsx"]


def test_a_database_cannot_be_chosen(tmp_path: Path) -> None:
    said = CommandLine(tmp_path / "x.db").run("demo", "--headless", "--out", str(tmp_path))
    assert said.code == 3
    assert "--database" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_scale_out_of_range_is_wrong_usage(tmp_path: Path, line: CommandLine) -> None:
    assert line.run("demo", "--headless", "--scale", "7", "--out", str(tmp_path)).code == 2
