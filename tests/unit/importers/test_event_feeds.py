"""Feeds of who did what, when and with whom become activities (IMP-07); calls become call records (IMP-05)."""

from __future__ import annotations

import pytest

from desktop.importers.mapping import suggest
from desktop.importers.tables import ACCEPT
from tests.unit.importers.files import table

EVENT = ["activity.owner", "activity.occurred_at", "activity.content", "activity.account_name"]
CALL = ["call_record.caller", "call_record.callee", "call_record.started_at", "call_record.duration_seconds"]


@pytest.mark.parametrize(
    ("file", "headers", "expected"),
    [
        ("events.csv", ["who", "when", "what", "ref"], EVENT),
        ("feed.csv", ["user", "timestamp", "event", "object"], EVENT),
        ("export.csv", ["员工", "时间", "事件", "对象"], EVENT),
        ("calls.csv", ["caller", "callee", "start_time", "duration"], CALL),
        ("export.csv", ["主叫", "被叫", "通话时间", "时长"], CALL),
        ("通话记录.csv", ["主叫号码", "被叫号码", "通话开始时间", "通话时长"], CALL),
    ],
)
def test_feeds_of_events_and_calls_are_mapped(file: str, headers: list[str], expected: list[str]) -> None:
    found = suggest(table(headers, [], file=file))
    assert [column.field for column in found.columns] == expected
    assert found.confidence >= ACCEPT
    assert all(column.confidence >= ACCEPT for column in found.columns)
