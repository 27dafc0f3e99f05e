"""A group's robot (WeCom, DingTalk, Feishu): a text posted to its webhook, whose address each machine's vault keeps (INT-09).

Whoever has the address may write to the group, so it never stands in the database: there it is `robot:` and a name.
"""

from __future__ import annotations

import http.client
import json
import ssl
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from desktop import secrets
from desktop.errors import InvalidInput
from desktop.i18n import N_, Locale
from desktop.operations.mail import Mail, Refused, Unsure

ROBOT = "robot:"
MOST_BYTES = 2000
"""What the strictest of them takes of a text."""
SECONDS = 20
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_FEISHU = ("feishu.cn", "larksuite.com")
_CODES = ("errcode", "code", "StatusCode")


def check_robot(address: str) -> str:
    """Return the address of a robot, `robot:` and its name; raise InvalidInput where the name is missing."""
    name = address.strip().removeprefix(ROBOT).strip()
    if not name or not name.isprintable() or len(name) > 100:
        raise InvalidInput(
            "robot_name_invalid",
            N_("Which robot?"),
            remedy=N_("Write it like robot:finance; its address is kept in Settings, Mail."),
        )
    return f"{ROBOT}{name}"


def keep_robot(name: str, url: str) -> str:
    """Keep a robot's webhook in this machine's vault, and return how schedules name it; raises InvalidInput."""
    address = check_robot(name)
    parts = urlsplit(url.strip())
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme, parts.hostname in _LOOPBACK) == ("http", True)
    ):
        raise InvalidInput(
            "robot_url_invalid",
            N_("This is no address of a webhook."),
            remedy=N_("Copy it from the group's robot; it begins with https://."),
        )
    secrets.keep(address, url.strip())
    return address


def ring_test(name: str, locale: Locale, now: datetime) -> None:
    """Post a line to a robot now; raises UserError with what is wrong."""
    words = locale._("This is a test of Plumbline, sent at {now}.").format(
        now=locale.instant(now, seconds=True)
    )
    post(Mail("test", check_robot(name), words, ""), now)


def post(letter: Mail, _now: datetime) -> None:
    """Post a message to its robot. Raises Refused if it was not taken, Unsure if nobody can know."""
    parts = _webhook(letter.to)
    body = json.dumps(
        _message(parts, f"{letter.subject}\n{letter.text}".strip()), ensure_ascii=False
    ).encode()
    link = _connection(parts)
    try:
        try:
            link.connect()
        except OSError as error:
            raise _refused(letter, error, for_good=False) from error
        try:
            path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            link.request("POST", path, body, {"Content-Type": "application/json; charset=utf-8"})
            answer = link.getresponse()
            said = answer.read(10_000)
        except (OSError, http.client.HTTPException) as error:
            raise Unsure(
                "robot_unsure",
                N_("The answer of {to} was lost: the message may have been posted."),
                remedy=N_("Look into the group, then say “Arrived” or “Send again”."),
                to=letter.to,
            ) from error
    finally:
        link.close()
    if answer.status != 200:
        raise _refused(
            letter, f"HTTP {answer.status}", for_good=400 <= answer.status < 500 and answer.status != 429
        )
    if told := _problem(said):
        raise _refused(letter, told, for_good=False)


def _webhook(address: str) -> SplitResult:
    url = secrets.recall(address)
    if url is None:
        raise Refused(
            "robot_unknown",
            N_("This machine does not have the address of {to}."),
            remedy=N_(
                "Enter it in Settings, Mail, or with: plumbline mail robot. It goes into this machine's vault."
            ),
            for_good=False,
            to=address,
        )
    return urlsplit(url)


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
    return http.client.HTTPSConnection(
        host, parts.port, timeout=SECONDS, context=ssl.create_default_context()
    )


def _message(parts: SplitResult, text: str) -> dict[str, object]:
    """Return a text as the robot of this host wants it, cut where a character ends."""
    words = text.encode()[:MOST_BYTES].decode(errors="ignore")
    if (parts.hostname or "").endswith(_FEISHU):
        return {"msg_type": "text", "content": {"text": words}}
    return {"msgtype": "text", "text": {"content": words}}


def _problem(said: bytes) -> str:
    """Return why a robot that answered took nothing; empty where it did."""
    try:
        answer = json.loads(said)
    except ValueError:
        return ""
    if not isinstance(answer, dict) or all(answer.get(code) in (0, None) for code in _CODES):
        return ""
    return str(answer.get("errmsg") or answer.get("msg") or answer)[:200]


def _refused(letter: Mail, detail: object, *, for_good: bool) -> Refused:
    return Refused(
        "robot_refused",
        N_("{to} did not take the message: {detail}"),
        remedy=N_("Check the group's robot: its address, its keywords and how often it may write."),
        for_good=for_good,
        to=letter.to,
        detail=detail,
    )
