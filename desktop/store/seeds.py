"""What every database has from its first day: pipeline presets, thresholds, metric definitions, approval flows.

One idempotent step with a version: a newer program adds what is new and never touches what a person
changed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from desktop.analytics.names import name_key
from desktop.models import Base
from desktop.resources import resource
from desktop.terms import PersonStatus, Role

SEEDS_VERSION = "6"
_VERSION_KEY = "seeds_version"
BEGINNING = date(2000, 1, 1)
"""Effective date of the defaults: before any business the firm can import."""


def plant(connection: Connection, now: datetime) -> bool:
    """Add what is missing; return whether anything was looked at (false: this version is planted)."""
    settings = _table("database_setting")
    found = connection.execute(select(settings.c.value).where(settings.c.key == _VERSION_KEY)).scalar()
    if found is not None and int(found) >= int(SEEDS_VERSION):
        return False
    stamp = {"version": 1, "recorded_at": now, "changed_at": now}
    _plant_pipelines(connection, stamp)
    _plant_rows(connection, "threshold", ("key",), _thresholds(), stamp)
    _plant_rows(connection, "metric", ("key", "number"), _metrics(), stamp)
    _plant_flows(connection, stamp)
    _plant_formulas(connection)
    if found is None:
        connection.execute(insert(settings).values(key=_VERSION_KEY, value=SEEDS_VERSION))
    else:
        connection.execute(update(settings).where(settings.c.key == _VERSION_KEY).values(value=SEEDS_VERSION))
    return True


def plant_administrator(connection: Connection, login: str, name: str, now: datetime) -> None:
    """Make the record of the person who can administer a database that nobody can yet."""
    connection.execute(
        insert(_table("person")).values(
            login=login,
            name=name,
            name_key=name_key(name),
            role=Role.ADMIN.value,
            status=PersonStatus.ACTIVE.value,
            can_sign_in=True,
            source_system="",
            version=1,
            recorded_at=now,
            changed_at=now,
        )
    )


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _plant_rows(
    connection: Connection,
    name: str,
    keys: tuple[str, ...],
    rows: Iterator[dict[str, Any]],
    stamp: dict[str, Any],
) -> None:
    table = _table(name)
    present = {tuple(row) for row in connection.execute(select(*(table.c[key] for key in keys)))}
    new = [row | stamp for row in rows if tuple(row[key] for key in keys) not in present]
    if new:
        connection.execute(insert(table), new)


def _read_csv(name: str) -> list[dict[str, str]]:
    with resource("seeds", name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _thresholds() -> Iterator[dict[str, Any]]:
    for row in _read_csv("thresholds.csv"):
        yield {
            "key": row["key"],
            "value": {"value": json.loads(row["value"])},
            "unit": row["unit"] or None,
            "source": row["source"],
            "requirement": row["requirement"],
            "effective_from": BEGINNING,
        }


def _metrics() -> Iterator[dict[str, Any]]:
    for row in _read_csv("metrics.csv"):
        yield {
            **row,
            "number": int(row["number"]),
            "formula": row["formula"] or None,
            "effective_from": BEGINNING,
        }


def _plant_formulas(connection: Connection) -> None:
    """Give definitions from before formulas were kept theirs; what has an owner was made or changed since."""
    table = _table("metric")
    for row in _metrics():
        connection.execute(
            update(table)
            .where(table.c.key == row["key"], table.c.number == row["number"], table.c.owner.is_(None))
            .values(formula=row["formula"], owner=row["owner"])
        )


def _plant_pipelines(connection: Connection, stamp: dict[str, Any]) -> None:
    pipelines, stages = _table("pipeline"), _table("stage")
    present = set(connection.execute(select(pipelines.c.preset)).scalars())
    for preset in json.loads(resource("seeds", "pipelines.json").read_text(encoding="utf-8")):
        if preset["preset"] in present:
            continue
        pipeline_id = connection.execute(
            insert(pipelines)
            .values(
                name=preset["name"], name_zh=preset["name_zh"], preset=preset["preset"], active=True, **stamp
            )
            .returning(pipelines.c.id)
        ).scalar_one()
        empty = {"kind": "open", "weight": None, "department": None, "evidence": None, "limit_days": None}
        connection.execute(
            insert(stages),
            [
                {**empty, **stage, "pipeline_id": pipeline_id, "position": position, **stamp}
                for position, stage in enumerate(preset["stages"], start=1)
            ],
        )


_LEVEL: dict[str, Any] = {
    "conditions": [],
    "hours": None,
    "hours_key": None,
    "around_the_clock": False,
    "escalate_to": None,
}


def _plant_flows(connection: Connection, stamp: dict[str, Any]) -> None:
    """Put a flow in force for each kind that has none; requests that waited before there were flows join theirs."""
    flows, levels = _table("approval_flow"), _table("approval_level")
    present = set(connection.execute(select(flows.c.kind)).scalars())
    for preset in json.loads(resource("seeds", "approval_flows.json").read_text(encoding="utf-8")):
        if preset["kind"] in present:
            continue
        flow_id = connection.execute(
            insert(flows)
            .values(kind=preset["kind"], name=preset["name"], activated_at=stamp["recorded_at"], **stamp)
            .returning(flows.c.id)
        ).scalar_one()
        rows = [
            {**_LEVEL, **level, "flow_id": flow_id, "number": number}
            for number, level in enumerate(preset["levels"], start=1)
        ]
        connection.execute(insert(levels), rows)
        if preset["kind"] == "report":
            _adopt(connection, flow_id, rows[0]["approvers"], stamp)


def _adopt(connection: Connection, flow_id: int, approvers: list[str], stamp: dict[str, Any]) -> None:
    requests, tasks = _table("approval_request"), _table("approval_task")
    waiting = (requests.c.state == "waiting") & requests.c.flow_id.is_(None)
    found = list(connection.execute(select(requests.c.id, requests.c.requested_at).where(waiting)))
    if not found:
        return
    connection.execute(
        update(requests).where(waiting).values(flow_id=flow_id, levels=[1], facts={}, payload={})
    )
    connection.execute(
        insert(tasks),
        [
            {
                "request_id": row.id,
                "number": 1,
                "slot": slot,
                "state": "waiting",
                "opened_at": row.requested_at,
                **stamp,
            }
            for row in found
            for slot in approvers
        ],
    )
