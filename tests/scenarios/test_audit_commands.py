"""The audit trail by commands: verify, list, export, and the head that finance holds (security 63)."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from desktop.exporters.stored import read_book
from desktop.queries.printed_heads import printed_head
from desktop.store.audit_chain import Head
from desktop.terms import Role
from tests.databases import Place
from tests.drivers.command_line import CommandLine
from tests.maker import Maker
from tests.store.test_audit_chain import tamper


@pytest.fixture
def admin(place: Place) -> CommandLine:
    return CommandLine(place.where)


def exported(place: Place, admin: CommandLine, make: Maker, file: Path) -> Head:
    """An approved report at finance's desk; return the head on its cover."""
    make.person("周总监", Role.DIRECTOR, login="zhou")
    make.deal("锅炉", make.account("甲公司"), amount="1234.50")
    number = str(admin.json("report", "funnel", "--period", "2026-11")["report"])
    admin.json("submit", number)
    CommandLine(place.where_for("zhou")).json(
        "approve", number, *(["--as", "zhou"] if place.is_sqlite else [])
    )
    admin.json("export", number, "--out", str(file))
    head = printed_head(read_book(file.read_bytes(), file.name))
    assert head
    return head


def test_a_manifest_convicts_whoever_rewrites_the_trail(
    place: Place, admin: CommandLine, make: Maker, tmp_path: Path
) -> None:
    file = tmp_path / "给财务.xlsx"
    head = exported(place, admin, make, file)
    cover = [cell for row in openpyxl.load_workbook(file).worksheets[0].values for cell in row]
    assert {head.position, head.hash} <= set(cover)
    whole = admin.json("audit", "verify", "--against", str(file), "--against", head.text)
    assert (whole["ok"], whole["problems"]) == (True, [])
    assert whole["head"]["position"] >= head.position
    assert admin.json("verify", str(file))["trail"] is True
    assert admin.json("check")["ok"] is True

    # Whoever can rewrite the trail can rewrite the copy of its head that stands in the database, too.
    tamper(
        place, "DELETE FROM audit_entry", "UPDATE report_file SET chain_position = NULL, chain_hash = NULL"
    )
    told = admin.json("audit", "verify", "--against", str(file), code=4)
    assert "audit_head_differs" in {problem["code"] for problem in told["problems"]}
    verdict = admin.json("verify", str(file), code=4)
    assert (verdict["verdict"], verdict["trail"]) == ("genuine", False)


def test_check_compares_with_the_workbooks_that_are_registered(
    place: Place, admin: CommandLine, make: Maker, tmp_path: Path
) -> None:
    head = exported(place, admin, make, tmp_path / "a.xlsx")
    tamper(place, f"UPDATE report_file SET chain_hash = '{'a' * 64}'")
    told = admin.json("check", code=4)
    assert [(one["code"], str(head.position) in one["message"]) for one in told["problems"]] == [
        ("audit_head_differs", True)
    ]


def test_entries_are_listed_filtered_and_written_out(
    place: Place, admin: CommandLine, tmp_path: Path
) -> None:
    admin.json("user", "add", "wang", "--name", "王", "--role", "rep")
    (entry,) = admin.json("audit", "list", "--subject", "person", "--action", "add_person")
    assert (entry["login"], entry["subject"]) == ("admin", "person")
    assert entry in admin.json("audit", "list", "--person", "admin", "--action", entry["action"])
    assert admin.json("audit", "list", "--person", "nobody") == []
    assert admin.json("audit", "list", "--until", "2001-01-01") == []
    refused = admin.run("audit", "list", "--since", "gestern")
    assert (refused.code, "gestern" in refused.err) == (3, True)

    out = tmp_path / "trail.jsonl"
    written = admin.json("audit", "export", str(out))
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert (len(lines), lines[0]["position"]) == (written["rows"], 1)
    (logged,) = admin.json("audit", "exports")
    assert logged["details"]["sha256"] == written["sha256"]
    assert (logged["details"]["rows"], logged["details"]["file"]) == (written["rows"], "trail.jsonl")


def test_a_head_that_is_none_is_refused(admin: CommandLine, tmp_path: Path) -> None:
    plain = tmp_path / "plain.xlsx"
    openpyxl.Workbook().save(plain)
    assert admin.run("audit", "verify", "--against", "12:abc").code == 3
    assert admin.run("audit", "verify", "--against", str(plain)).code == 3
    told = admin.run("audit", "verify", "--lang", "zh_CN")
    assert (told.code, "审计记录完好" in told.out) == (0, True)
