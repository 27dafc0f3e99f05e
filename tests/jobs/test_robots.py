"""A group's robot on loopback: posted once, tried again where it refused, never again by itself where nobody knows (INT-09)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from desktop.clock import FixedClock
from desktop.errors import InvalidInput
from desktop.i18n import Locale
from desktop.jobs.rules.schedules import RULE
from desktop.jobs.runner import Runner
from desktop.models.clockwork import Outbox
from desktop.operations.outbox import queue
from desktop.operations.robots import keep_robot, ring_test
from desktop.operations.schedules import Wish, add_schedule
from desktop.store.workspace import Workspace
from desktop.terms import ScheduleKind
from tests.conftest import NOW
from tests.databases import Place

TOLD = {"errcode": 0, "errmsg": "ok"}


@dataclass
class Group:
    """What a group's robot got, and what it answers: a status and a document, or nothing at all."""

    got: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    answer: dict[str, Any] | None = field(default_factory=lambda: TOLD)
    url: str = ""


@pytest.fixture
def group() -> Iterator[Group]:
    found = Group()

    class Robot(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if found.answer is None:
                self.close_connection = True
                return
            body = json.dumps(found.answer).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/cgi-bin/webhook/send?key=secret"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def post(workspace: Workspace, key: str = "a") -> None:
    workspace.write(
        lambda work: queue(
            work, key=key, channel="webhook", target="robot:财务群", subject="日报", body="赢单 3"
        )
    )


def look(place: Place, minutes: int = 0) -> list[tuple[str, str]]:
    """Look at the clock some minutes later; return state and problem of every message."""
    workspace = place.open(clock=FixedClock(NOW + timedelta(minutes=minutes)))
    Runner(workspace, []).tick()
    rows = select(Outbox.state, Outbox.problem).order_by(Outbox.id)
    return workspace.read(
        lambda work: [(row.state, (row.problem or {}).get("code", "")) for row in work.rows(rows)]
    )


def test_a_message_is_posted_once(place: Place, workspace: Workspace, group: Group) -> None:
    keep_robot("财务群", group.url)
    post(workspace)
    post(workspace)
    assert look(place) == [("sent", "")]
    look(place, 5)
    assert group.got == [{"msgtype": "text", "text": {"content": "日报\n赢单 3"}}]


def test_what_was_refused_is_tried_again(place: Place, workspace: Workspace, group: Group) -> None:
    post(workspace)
    assert look(place) == [("waiting", "robot_unknown")]
    keep_robot("财务群", group.url)
    group.answer = {"errcode": 45009, "errmsg": "api freq out of limit"}
    assert look(place, 2) == [("waiting", "robot_refused")]
    group.answer, group.status = TOLD, 503
    assert look(place, 30) == [("waiting", "robot_refused")]
    group.status = 200
    assert look(place, 120) == [("sent", "")]
    assert len(group.got) == 3
    post(workspace, "b")
    group.status = 404
    assert look(place, 121) == [("sent", ""), ("failed", "robot_refused")]


def test_a_lost_answer_is_not_posted_again_by_itself(
    place: Place, workspace: Workspace, group: Group
) -> None:
    keep_robot("财务群", group.url)
    group.answer = None
    post(workspace)
    assert look(place) == [("unsure", "robot_unsure")]
    look(place, 500)
    assert len(group.got) == 1


def test_a_schedule_goes_to_a_group(place: Place, group: Group) -> None:
    keep_robot("管理群", group.url)
    early = place.open(clock=FixedClock(NOW - timedelta(hours=1)))
    wish = Wish(ScheduleKind.MORNING_MAIL, addresses=["robot: 管理群"], at="08:30")
    early.write(lambda work: add_schedule(work, wish))
    Runner(place.open(clock=FixedClock(NOW)), [RULE]).tick()
    (said,) = group.got
    assert "关键数据" in said["text"]["content"]
    assert len(said["text"]["content"].encode()) <= 2000


def test_an_address_is_tried_and_kept_in_the_vault_alone(workspace: Workspace, group: Group) -> None:
    for wrong in ("http://example.com/hook", "ftp://127.0.0.1/", "hook"):
        with pytest.raises(InvalidInput, match="no address"):
            keep_robot("群", wrong)
    with pytest.raises(InvalidInput, match="Which robot"):
        keep_robot("  ", group.url)
    keep_robot("群", group.url)
    ring_test("群", Locale("zh_CN"), NOW)
    assert "准绳测试消息" in group.got[0]["text"]["content"]
