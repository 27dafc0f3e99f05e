"""A live database as the source of a migration: read-only, exact, and its password told to nobody (PLT-15, IMP-08)."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from desktop import secrets
from desktop.control import Control
from desktop.errors import Cancelled, InvalidInput
from desktop.importers import databases, fetched, reader
from desktop.importers.mapping import suggest_all
from desktop.importers.options import ReadOptions
from desktop.importers.reader import read_sources
from desktop.models.audit import AuditEntry
from desktop.operations.migration import read_and_map
from desktop.store.workspace import Workspace
from tests.databases import Place
from tests.postgres import PostgresHost
from tests.scenarios.shell import NoGui, Shell

SECRET = "hunter2-geheim"


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """An old system's SQLite database."""
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE customers (客户编号 INTEGER PRIMARY KEY, 客户名称 TEXT, 手机 TEXT, 年营收 REAL, 成立日期 TEXT, logo BLOB);
        INSERT INTO customers VALUES (9007199254740993, ' 甲公司 ', '01380013800', 1234.5, '2020-03-05', x'00ff');
        INSERT INTO customers VALUES (2, '合计', NULL, 1e21, NULL, NULL);
        CREATE TABLE unused (a TEXT);
        CREATE VIEW "big ones" AS SELECT 客户编号, 客户名称 FROM customers WHERE 年营收 > 0;
        """
    )
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize("as_address", [False, True])
def test_an_sqlite_file_is_read_table_by_table(old_file: Path, as_address: bool) -> None:
    before = old_file.read_bytes()
    source = f"sqlite:///{old_file.as_posix()}" if as_address else old_file
    result = read_sources([source])
    tables = {table.sheet: table for table in result.tables}
    tables = {table.sheet: table for table in result.tables}
    assert set(tables) == {"customers", "big ones"}
    assert [(item.sheet, item.code) for item in result.refused] == [("unused", "empty")]
    customers = tables["customers"]
    assert customers.header_rows == (1,)
    assert customers.headers == ("客户编号", "客户名称", "手机", "年营收", "成立日期", "logo")
    # A row named 合计 is a record here: a database has no total rows.
    assert sorted(customers.frame.rows()) == [
        (2, "2", "合计", None, "1000000000000000000000", None, None),
        (3, "9007199254740993", "甲公司", "01380013800", "1234.5", "2020-03-05", None),
    ]
    assert customers.warnings == ("binary_values",)
    assert old_file.read_bytes() == before
    assert sorted(path.name for path in old_file.parent.iterdir()) == ["old.db"]


def test_views_of_a_strange_sqlite_file_cannot_reach_out_or_go_on_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "evil.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE customers (客户名称 TEXT); INSERT INTO customers VALUES ('甲公司');"
        "CREATE VIEW reach AS SELECT readfile('/etc/passwd') AS a;"
    )
    connection.close()
    result = read_sources([path])
    assert [table.sheet for table in result.tables] == ["customers"]
    assert [(item.sheet, item.code) for item in result.refused] == [("reach", "database_unreadable")]
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP VIEW reach; CREATE VIEW a_endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
        " SELECT count(*) FROM c"
    )
    connection.close()
    monkeypatch.setattr(reader, "DEADLINE_SECONDS", 3.0)
    assert [item.code for item in read_sources([path]).refused] == ["timeout"]


def test_a_table_beyond_the_cap_is_refused_and_not_cut(
    old_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetched, "MAX_ROWS", 1)
    found = list(databases.read_sqlite(old_file, "old.db"))
    assert [one.error.code for one in found if isinstance(one, databases.Unread)] == [
        "too_large",
        "empty",
        "too_large",
    ]


def test_a_database_of_our_own_is_no_source(place: Place) -> None:
    source = place.where if not place.is_sqlite else Path(place.where)
    assert [item.code for item in read_sources([source]).refused] == ["own_database"]


@pytest.fixture
def old_server(postgres_host: PostgresHost) -> Iterator[Place]:
    """An old system's PostgreSQL database, with a table that the login may not read."""
    place = postgres_host.empty()
    owner = place.url.set(drivername="postgresql", username="plumbline_migrator")
    with psycopg.connect(owner.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(
            """
            CREATE TABLE customer (客户编号 bigint, 客户名称 text, 手机 varchar(20), 年营收 numeric(18, 4), 成立日期 date,
                更新时间 timestamptz, 标签 text[], extra jsonb, active boolean);
            INSERT INTO customer SELECT 9007199254740992 + n, '公司' || n, '0138' || n, n / 8.0, date '2026-01-01' + n,
                timestamptz '2026-03-05 10:20:00.5+08', ARRAY['a', 'b'], '{"k": "值"}', n % 2 = 0 FROM generate_series(1, 25000) n;
            CREATE SCHEMA archive;
            CREATE TABLE archive.contact (姓名 text, 手机 text, 客户名称 text);
            INSERT INTO archive.contact VALUES ('张三', '13800138000', '公司1');
            CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM customer;
            CREATE TABLE closed (a text); INSERT INTO closed VALUES ('x');
            GRANT USAGE ON SCHEMA archive TO admin;
            GRANT SELECT ON customer, archive.contact, totals TO admin;
            """
        )
    yield place
    postgres_host.drop(place)


def address(place: Place, password: str = "") -> str:
    url = place.url.set(drivername="postgresql", username="admin")
    return url.set(password=password).render_as_string(hide_password=False) if password else str(url)


@pytest.mark.postgres
def test_a_postgresql_database_is_read_schema_by_schema(old_server: Place) -> None:
    seen: list[int] = []
    control = Control(lambda done, total, what: seen.append(done))
    result = read_sources([address(old_server, SECRET)], control)
    tables = {table.sheet: table for table in result.tables}
    tables = {table.sheet: table for table in result.tables}
    assert set(tables) == {"customer", "archive.contact", "totals"}
    assert [(item.sheet, item.code) for item in result.refused] == [("closed", "database_unreadable")]
    customer = tables["customer"]
    assert customer.file == f"postgresql://admin@/{old_server.url.database}"
    assert customer.frame.height == 25_000
    row = next(row for row in customer.frame.rows() if row[2] == "公司1")
    assert row[1:] == (
        "9007199254740993",
        "公司1",
        "01381",
        "0.125",
        "2026-01-02",
        row[6],
        '["a", "b"]',
        '{"k": "值"}',
        "FALSE",
    )
    assert row[6].startswith("2026-03-05T")
    assert row[6].endswith(("+00:00", "+08:00"))
    assert max(seen) > 0
    mapping = {one.table.sheet: one.entity for one in suggest_all(result.tables)}
    assert mapping["customer"] == "account"
    assert mapping["archive.contact"] == "contact"


@pytest.mark.postgres
def test_nothing_can_be_written_while_reading(old_server: Place) -> None:
    engine = databases._engine(databases.make_url(databases.parted(address(old_server))[1]), "postgresql")
    try:
        with engine.connect() as connection, pytest.raises(Exception, match="read-only transaction"):
            connection.exec_driver_sql("CREATE TABLE x (a int)")
    finally:
        engine.dispose()


@pytest.mark.postgres
def test_cancelling_ends_the_reading_of_a_database(old_server: Place) -> None:
    control = Control(lambda done, total, what: control.cancel() if done else None)
    with pytest.raises(Cancelled):
        read_sources([address(old_server)], control)


def test_a_database_is_imported_and_its_password_stands_nowhere(
    shell: Shell, place: Place, old_server: Place, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = shell.json("migrate", address(old_server, SECRET))
    assert (code, document["state"]) == (4, "applied")
    assert {table["entity"]: table["read"] for table in document["tables"]} == {
        "account": 25_000,
        "contact": 1,
    }
    assert document["tables"][0]["file"] == f"postgresql://admin@/{old_server.url.database}"
    code, runs = shell.json("runs")
    assert code == 0
    audit = workspace.read(lambda work: [entry.details for entry in work.session.scalars(select(AuditEntry))])
    assert SECRET not in json.dumps([document, runs, audit], ensure_ascii=False, default=str)
    assert SECRET not in capsys.readouterr().err


def verdict(given: str) -> tuple[str, str, str]:
    """Return what is told of a source that cannot be read, its code, and all that a program could see of it."""
    try:
        (refused,) = read_sources([given]).refused
    except InvalidInput as error:
        return str(error), error.code, repr(error)
    return f"{refused.message} {refused.remedy}".format(**refused.params), refused.code, repr(refused)


@pytest.mark.parametrize(
    ("given", "code", "shown"),
    [
        (f"mysql://user:{SECRET}@db.example/crm", "driver_missing", "PyMySQL"),
        (f"oracle://user:{SECRET}@db.example/crm", "driver_missing", "oracledb"),
        (f"mssql://user:{SECRET}@db.example/crm", "driver_missing", "pymssql"),
        (f"postgresql://user:{SECRET}@127.0.0.1:9/crm", "database_unreadable", "127.0.0.1"),
        (f"postgresql://h/db?password={SECRET}", "address_secret", "--password-stdin"),
        (f"mssql+pyodbc:///?odbc_connect=Driver=x;PWD={SECRET}", "address_secret", "--password-stdin"),
        (f"ftp://user:{SECRET}@host/file", "source_unsupported", "ftp://user@host/file"),
        (f"mysql://user:{SECRET}@[::1/db", "source_unsupported", "mysql://"),
        ("sqlite:///nowhere.db", "file_missing", "nowhere.db"),
    ],
)
def test_what_cannot_be_reached_is_said_without_the_password(
    given: str, code: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told, found, traces = verdict(given)
    assert found == code
    assert shown in told
    assert SECRET not in told + traces
    assert SECRET not in capsys.readouterr().err


def test_an_address_is_echoed_as_it_was_given() -> None:
    assert databases.parted("mysql://h/db")[0] == "mysql://h/db"
    assert databases.parted(f"mysql+pymysql://u:{SECRET}@h:3307/db?charset=gbk") == (
        "mysql://u@h:3307/db",
        "mysql+pymysql://u@h:3307/db?charset=gbk",
        SECRET,
    )


def test_passwords_go_to_the_child_through_its_standard_input_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "child.py"
    script.write_text(
        "import json, os, pathlib, sys\n"
        "job, out = map(pathlib.Path, sys.argv[1:])\n"
        "seen = {'argv': sys.argv, 'environment': dict(os.environ), 'mode': oct(out.stat().st_mode & 0o777),\n"
        "        'files': [p.read_text('utf-8', 'replace') for p in out.iterdir()], 'stdin': sys.stdin.readline()}\n"
        f"pathlib.Path({str(tmp_path / 'seen.json')!r}).write_text(json.dumps(seen))\n"
        "print('start 0', flush=True)\n"
        "(out / '0.json').write_text(json.dumps({'tables': [], 'refused': [], 'fingerprint': ''}))\n"
        "print('done 0', flush=True)\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(reader, "child_command", lambda: [sys.executable, str(script)])
    read_sources(
        [f"postgresql://u:{SECRET}@h/db"], options=ReadOptions(passwords={"a.xlsx": f"{SECRET}-file"})
    )
    seen = json.loads((tmp_path / "seen.json").read_text("utf-8"))
    told = json.loads(seen.pop("stdin"))
    assert set(told.values()) == {SECRET, f"{SECRET}-file"}
    assert SECRET not in json.dumps(seen)
    if sys.platform != "win32":
        assert seen["mode"] == "0o700"
    assert SECRET not in repr(ReadOptions(passwords={"": SECRET}))
    assert SECRET not in json.dumps(ReadOptions(passwords={"": SECRET}).to_json())


def test_a_password_from_standard_input_is_kept_in_the_vault_and_found_there(
    sqlite_workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    from desktop.cli.main import run
    from tests.unit.importers.files import write_xlsx

    book = write_xlsx(tmp_path / "plain.xlsx", {"客户": [["客户名称", "城市"], ["甲公司", "上海"]]})
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(book.read_bytes())).encrypt(SECRET, locked)
    path = tmp_path / "locked.xlsx"
    path.write_bytes(locked.getvalue())

    def mapping(*words: str, typed: str = "") -> tuple[int, dict[str, object]]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = run(["mapping", str(path), *words, "--json", "--lang", "en"], NoGui())  # type: ignore[arg-type]
        return code, json.loads(capsys.readouterr().out)

    _, refused = mapping()
    assert [item["code"] for item in refused["refused"]] == ["encrypted"]  # type: ignore[attr-defined]
    _, wrong = mapping("--password-stdin", typed="falsch\n")
    assert wrong["refused"][0]["message"].startswith("The password that was given")  # type: ignore[index]
    for words, typed in ((("--password-stdin", "--vault", "old"), f"{SECRET}\n"), (("--vault", "old"), "")):
        _, read = mapping(*words, typed=typed)
        assert [table["rows"] for table in read["tables"]] == [1]  # type: ignore[attr-defined]
    assert secrets.recall("source old") == SECRET
    code, missing = mapping("--vault", "other")
    assert (code, missing["error"]["code"]) == (3, "vault_entry_missing")  # type: ignore[index]


def test_the_sources_of_a_run_know_no_password(old_file: Path) -> None:
    source = read_and_map([f"sqlite:///{old_file.as_posix()}"])
    assert source.paths == {}
    assert {mapping.table.file for mapping in source.mappings} == {f"sqlite:///{old_file.as_posix()}"}
