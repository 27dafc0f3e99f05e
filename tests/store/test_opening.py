"""Opening a database: seeds, persons, versions, and places where none may live."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from desktop.clock import FixedClock
from desktop.errors import DatabaseProblem, InvalidInput, NotAllowed, NotFound
from desktop.models.opportunities import Pipeline, Stage
from desktop.models.people import Person
from desktop.models.rules import DatabaseSetting, Metric, Threshold
from desktop.store import places, schema
from desktop.store.open import initialise, open_workspace, os_user
from desktop.store.rules import metric_versions, threshold
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role


def test_a_new_file_has_an_administrator_from_the_operating_system(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "new.db")
    assert (workspace.actor.login, workspace.actor.role) == (os_user(), Role.ADMIN)
    workspace.close()


def test_opening_again_plants_nothing_twice(tmp_path: Path) -> None:
    def counts(workspace: Workspace) -> list[int]:
        return workspace.read(
            lambda work: [
                work.session.execute(select(func.count()).select_from(record)).scalar_one()
                for record in (Person, Pipeline, Stage, Threshold, Metric)
            ]
        )

    first = open_workspace(tmp_path / "a.db")
    before = counts(first)
    first.close()
    second = open_workspace(tmp_path / "a.db")
    assert counts(second) == before
    second.close()


def test_the_five_presets_have_the_stages_of_their_sources(workspace: Workspace) -> None:
    def stages(work: Work) -> dict[str, list[str]]:
        rows = work.rows(
            select(Pipeline.preset, Stage.name_zh)
            .join(Stage, Stage.pipeline_id == Pipeline.id)
            .where(Stage.kind != "lost")
            .order_by(Pipeline.id, Stage.position)
        )
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row.preset, []).append(row.name_zh)
        return found

    assert workspace.read(stages) == {
        "general": ["线索", "初访", "方案", "报价", "签约"],
        "weighted": ["线索", "商机", "方案", "报价", "签约"],
        "manufacturing": ["需求确认", "方案提交", "价格谈判", "合同审批", "赢单"],
        "project_to_cash": [
            "线索", "方案", "签约", "UAT测试完成", "客户签字验收", "财务开票中", "待回款", "银行到账确认",
        ],
        "store": ["客户到店", "需求诊断", "方案演示", "当场签约"],
    }  # fmt: skip


def test_the_weighted_preset_carries_10_20_30_25_15(workspace: Workspace) -> None:
    weights = workspace.read(
        lambda work: [
            row.weight
            for row in work.rows(
                select(Stage.weight)
                .join(Pipeline, Pipeline.id == Stage.pipeline_id)
                .where(Pipeline.preset == "weighted", Stage.weight.is_not(None))
                .order_by(Stage.position)
            )
        ]
    )
    assert weights == [10, 20, 30, 25, 15]


def test_a_threshold_counts_from_its_effective_date(workspace: Workspace) -> None:
    def change(work: Work) -> None:
        work.session.add(
            Threshold(
                key="silent.remind_days",
                value={"value": 21},
                effective_from=date(2026, 3, 1),
                recorded_at=work.now,
                changed_at=work.now,
            )
        )

    workspace.write(change)
    asked = workspace.read(
        lambda work: [
            threshold(work, "silent.remind_days", day) for day in (date(2026, 2, 28), date(2026, 3, 1))
        ]
    )
    assert asked == [30, 21]
    with pytest.raises(NotFound):
        workspace.read(lambda work: threshold(work, "no.such"))


def test_every_metric_that_reports_cite_is_defined(workspace: Workspace) -> None:
    cited = ("funnel_open_count", "win_rate", "target_calibrated", "actual_won", "handover_completeness")
    assert set(workspace.read(lambda work: metric_versions(work, *cited))) == set(cited)


def test_a_pinned_database_tells_its_own_time(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    first = open_workspace(path)
    pinned = DatabaseSetting(key="pinned_now", value="2026-11-18T08:42:00+08:00")
    first.write(lambda work: work.session.add(pinned))
    first.close()
    again = open_workspace(path)
    assert again.read(lambda work: (work.now, work.today)) == (
        datetime(2026, 11, 18, 0, 42, tzinfo=UTC),
        date(2026, 11, 18),
    )
    again.close()


def test_a_closed_or_unknown_login_cannot_open(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    workspace = open_workspace(path)
    closed = {
        "login": "closed",
        "name": "关",
        "name_key": "关",
        "role": "rep",
        "status": "left",
        "can_sign_in": False,
    }
    workspace.write(
        lambda work: work.session.execute(
            insert(Person).values(
                **closed, source_system="", version=1, recorded_at=work.now, changed_at=work.now
            )
        )
    )
    workspace.close()
    with pytest.raises(NotFound):
        open_workspace(path, login="nobody")
    with pytest.raises(NotAllowed):
        open_workspace(path, login="closed")


def test_a_missing_file_is_not_made_by_accident(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="plumbline init"):
        open_workspace(tmp_path / "typo.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_newer_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    open_workspace(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(path)
    assert told.value.code == "database_newer"
    assert "9999" in str(told.value)
    assert schema.HEAD in str(told.value)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("dear customer, " * 400, encoding="utf-8")
    with pytest.raises(DatabaseProblem) as told:
        open_workspace(path)
    assert told.value.code == "database_damaged"
    assert path.read_text(encoding="utf-8").startswith("dear customer")


@pytest.mark.parametrize("url", ["mysql://host/db", "oracle://x/y", "not a url://"])
def test_other_databases_are_sources_not_homes(url: str) -> None:
    with pytest.raises(InvalidInput) as told:
        open_workspace(url)
    assert told.value.code == "database_unsupported"


def test_a_password_never_shows_in_a_refusal() -> None:
    with pytest.raises(InvalidInput) as told:
        open_workspace("mysql://ann:geheim@host/db")
    assert "geheim" not in str(told.value)


@pytest.mark.parametrize("folder", ["OneDrive - Firm", "Dropbox", "坚果云"])
def test_a_synchronised_folder_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(InvalidInput) as told:
        open_workspace(tmp_path / folder / "plumbline.db")
    assert told.value.code == "database_on_synced_folder"
    assert not (tmp_path / folder).exists()


def test_a_network_drive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "is_network_path", lambda path: True)
    with pytest.raises(InvalidInput) as told:
        open_workspace(tmp_path / "plumbline.db")
    assert told.value.code == "database_on_network_drive"


def test_initialising_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 18, tzinfo=UTC))
    assert initialise(tmp_path / "i.db", clock) is True
    assert initialise(tmp_path / "i.db", clock) is False
