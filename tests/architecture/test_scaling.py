"""The schema keeps to what docs/scaling.md says of a distributed PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Integer, UniqueConstraint

from desktop.models import Base

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
TOLD = {
    row[0]: (row[1], row[2])
    for row in re.findall(r"^\| (\w+) \| (reference|account|own|local) \| ([\w ]*?) ?\|$", PAGE, re.M)
}
CROSSING = set(re.findall(r"^- `(\w+)\.(\w+)` → `(\w+)`$", PAGE, re.M))
TABLES = Base.metadata.tables


def test_the_page_tells_of_every_table_and_of_no_other() -> None:
    assert set(TOLD) == set(TABLES)


def test_every_reference_that_would_cross_servers_is_listed() -> None:
    found = set()
    for table in TABLES.values():
        for key in table.foreign_keys:
            here, there = TOLD[table.name][0], TOLD[key.column.table.name][0]
            if there != "reference" and not here == there != "own":
                found.add((table.name, key.parent.name, key.column.table.name))
    assert found == CROSSING


def test_no_reference_table_points_at_a_distributed_one() -> None:
    pointing = {
        (table.name, key.column.table.name)
        for table in TABLES.values()
        for key in table.foreign_keys
        if TOLD[table.name][0] == "reference" and TOLD[key.column.table.name][0] != "reference"
    }
    assert pointing == set()


@pytest.mark.parametrize(
    "name", sorted(name for name, (kind, _) in TOLD.items() if kind in ("account", "own"))
)
def test_a_distributed_table_has_the_column_it_would_be_distributed_by(name: str) -> None:
    by = TOLD[name][1]
    table = TABLES[name]
    if by.startswith("via "):
        parents = {key.column.table.name for key in table.foreign_keys}
        parent = by.removeprefix("via ")
        assert parent in parents
        assert TOLD[parent] == ("account", "account_id")
    else:
        assert isinstance(table.c[by].type, BigInteger)


def test_distributed_tables_are_unique_only_by_what_imports_look_up_themselves() -> None:
    looked_up = {("source_system", "external_id"), ("row_key",)}
    others = {
        (name, tuple(column.name for column in constraint.columns))
        for name, (kind, _) in TOLD.items()
        if kind in ("account", "own")
        for constraint in TABLES[name].constraints
        if isinstance(constraint, UniqueConstraint)
    }
    assert {pair for pair in others if pair[1] not in looked_up} == {
        ("custom_value", ("field_id", "record_id")),  # holds within a record, by which it is distributed
        (
            "settlement",
            ("contract_id",),
        ),  # a contract lies with its customer, and with it all that is said of it
        ("task", ("dedup_key",)),  # looked up before it is written; a second one would be told twice, no more
    }


def test_keys_are_large_integers_and_nothing_inserts_on_conflict() -> None:
    for table in TABLES.values():
        for column in table.primary_key.columns:
            if isinstance(column.type, Integer):
                assert isinstance(column.type, BigInteger), table.name
    found = {
        path.relative_to(ROOT / "desktop").as_posix()
        for path in (ROOT / "desktop").rglob("*.py")
        if re.search(r"on_conflict|ON CONFLICT", path.read_text(encoding="utf-8"))
    }
    # Both write tables that would stay on the coordinator: its settings, and the operations done.
    assert found <= {"store/access/install.py", "store/request.py"}
    assert (TOLD["database_setting"][0], TOLD["operation"][0]) == ("reference", "local")


def test_no_extension_is_needed() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "desktop").rglob("*.py")]
    assert not [text for text in sources if re.search(r"CREATE EXTENSION", text, re.I)]
