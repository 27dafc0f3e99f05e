"""The commands `funnel` and `calibrate`, as a script of the sales-operations team runs them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desktop.cli.main import run
from desktop.store.workspace import Workspace
from tests.maker import Maker
from tests.scenarios.shell import NoGui


class Shell:
    """Types commands and reads what they say."""

    def __init__(self, workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
        self.database = str(workspace.engine.url.database)
        self.capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        code = run([*words, "--database", self.database], NoGui())  # type: ignore[arg-type]
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def json(self, *words: str, lang: str = "en") -> Any:
        code, out, err = self.run(*words, "--json", "--lang", lang)
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def shell(sqlite_workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(sqlite_workspace, capsys)


@pytest.fixture
def firm(sqlite_make: Maker) -> Maker:
    make = sqlite_make
    north = make.unit("North")
    ann = make.person("Ann", unit=north)
    for month in range(1, 11):
        for day, amount in ((4, 10), (24, 90)):
            won = date(2026, month, day)
            make.deal(
                "Pump", owner=ann, amount=amount, path=[("Lead", won - timedelta(days=20)), ("Signed", won)]
            )
    make.deal("Valve", owner=ann, amount="1234.56", path=[("Lead", date(2026, 11, 16))])
    make.deal("Crane", amount=50, path=[("Lead", date(2026, 11, 1)), ("Lost", date(2026, 11, 3))])
    make.target("2026-04", "1000.01", person=ann)
    return make


def test_funnel_as_json(shell: Shell, firm: Maker) -> None:
    document = shell.json("funnel", "--as-of", "2026-11-18")
    assert (document["pipeline"], document["as_of"]) == ("General", "2026-11-18")
    assert [stage["stage"] for stage in document["stages"]] == [
        "Lead",
        "First visit",
        "Proposal",
        "Quotation",
    ]
    lead = document["stages"][0]
    assert (lead["count"], lead["amount"], lead["entered"], lead["converted"]) == (1, "1234.56", 22, 20)
    assert lead["conversion"] == pytest.approx(20 / 22, abs=1e-6)
    assert lead["median_days"] == 20.0
    assert document["won"] == {"count": 20, "amount": "1000.00"}
    assert document["lost"] == {"count": 1, "amount": "50.00"}
    assert document["win_rate"] == pytest.approx(20 / 21, abs=1e-6)
    assert "win_rate 1" in document["metric_version"]


def test_funnel_of_a_unit_a_period_and_a_day_gone_by(shell: Shell, firm: Maker) -> None:
    march = shell.json(
        "funnel", "--scope", "North", "--period", "2026-03", "--as-of", "2026-03-10", lang="zh_CN"
    )
    assert march["pipeline"] == "通用销售管道"
    assert march["won"]["count"] == 1
    assert march["stages"][0]["count"] == 1  # won on 24 March, begun on the 4th
    assert march["lost"]["count"] == 0


def test_funnel_for_people_in_chinese(shell: Shell, firm: Maker) -> None:
    code, out, _ = shell.run("funnel", "--lang", "zh_CN")
    assert code == 0
    assert "通用销售管道" in out
    assert "1,234.56" in out
    assert "赢单 20 个" in out


def test_calibrate_as_json(shell: Shell, firm: Maker) -> None:
    document = shell.json("calibrate", "--period", "2026-04")
    (ann,) = document["people"]
    assert (document["period"], ann["owner"], ann["monthly_target"]) == ("2026-04", "Ann", "1000.01")
    weeks = ann["weeks"]
    assert [(week["week"], week["from"], week["to"]) for week in weeks] == [
        (1, "2026-04-01", "2026-04-07"),
        (2, "2026-04-08", "2026-04-14"),
        (3, "2026-04-15", "2026-04-21"),
        (4, "2026-04-22", "2026-04-30"),
    ]
    assert sum(Decimal(week["target"]) for week in weeks) == Decimal("1000.01")
    assert [week["equal"] for week in weeks] == ["250.01", "250.00", "250.00", "250.00"]
    assert [week["actual"] for week in weeks] == ["10.00", "0.00", "0.00", "90.00"]
    assert sum(week["rhythm"] for week in weeks) == pytest.approx(1, abs=1e-3)
    assert weeks[3]["rhythm"] == pytest.approx(0.9, abs=0.02)
    assert {week["process"] for week in weeks} == {1.0}
    assert any("Tomb-sweeping Day" in reason for reason in weeks[0]["reasons"])


def test_calibrate_for_people(shell: Shell, firm: Maker) -> None:
    code, out, _ = shell.run("calibrate", "--period", "2026-04", "--lang", "zh_CN")
    assert code == 0
    assert "Ann" in out
    assert "清明节" in out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["funnel", "--pipeline", "Nowhere"], 3, "Nowhere"),
        (["funnel", "--as-of", "yesterday"], 3, "yesterday"),
        (["funnel", "--scope", "Moon"], 3, "Moon"),
        (["calibrate", "--period", "2026-Q1"], 3, "2026-Q1"),
        (["calibrate", "--period", "soon"], 3, "soon"),
        (["calibrate"], 2, "period"),
        (["calibrate", "--period", "2026-04", "--history", "rumours"], 2, "rumours"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(
    shell: Shell, firm: Maker, words: list[str], code: int, says: str
) -> None:
    refused, out, err = shell.run(*words, "--lang", "en")
    assert (refused, out) == (code, "")
    assert says in err
