"""Case 56: words that want to be something else stay words, in every field that a person can fill."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import Text

from desktop.models import Base
from tests.security.lab import Lab, undone
from tests.security.queries import ALL_KINDS
from tests.security.rules import Rules

pytestmark = pytest.mark.postgres

LONG = "准" * 3_500_000
"""More than ten million bytes."""
NASTY = (
    "'; DROP TABLE account; --",
    "$$; SELECT 1; $$ \\ \" ' %s %(name)s :name {0} ${HOME}",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "<b onmouseover=alert(1)>x</b>&amp;",
    "=cmd|'/c calc'!A1",
    "\x01\x1b[31m\r\n\t\x7f",
    "𝔘𝔫𝔦 👩‍👩‍👧",
)
TOO_LONG = "22001"
FIELDS = [
    (table, column)
    for table, kinds in ALL_KINDS.items()
    for column, kind in kinds.items()
    if kind == "text" and table in ("account", "contact", "opportunity", "activity")
]


def written(stage: Lab, login: str, table: str, column: str, value: str) -> str:
    """Write a value into every row that a login may change; return what is read back, or the SQLSTATE."""
    session = stage.as_login(login)
    statement = sql.SQL("UPDATE {} SET {} = %s RETURNING {}").format(
        sql.Identifier(table), sql.Identifier(column), sql.Identifier(column)
    )
    try:
        with undone(session):
            rows = session.execute(statement, [value]).fetchall()
            assert {row[0] for row in rows} <= {value}
            return value if rows else "nothing"
    except psycopg.Error as error:
        return error.sqlstate or "client"


def test_case_56_words_stay_words_in_every_field(stage: Lab) -> None:
    director = next(one for one in stage.firm.signing_in if one.job == "director")
    rules = Rules(stage.firm)
    tables = stage.root.execute("SELECT count(*) FROM pg_tables").fetchone()
    tried = 0
    for table, column in FIELDS:
        if column not in rules.writable(director, table):
            continue
        rows = stage.firm.table(table).values()
        if not any(rules.may_change(director, table, row) for row in rows):
            continue
        for nasty in NASTY:
            assert written(stage, "director_1", table, column, nasty) in (nasty, TOO_LONG), (table, column)
            tried += 1
    assert tried > 300
    assert stage.root.execute("SELECT count(*) FROM pg_tables").fetchone() == tables


@pytest.mark.parametrize("column", ["name", "city", "phone", "description"])
def test_case_56_ten_megabytes_are_kept_or_refused(stage: Lab, column: str) -> None:
    long_text = isinstance(Base.metadata.tables["account"].columns[column].type, Text)
    assert written(stage, "rep_1", "account", column, LONG) == (LONG if long_text else TOO_LONG)


@given(value=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=100))
def test_case_56_any_text_comes_back_as_it_was(stage: Lab, value: str) -> None:
    assert written(stage, "rep_1", "account", "description", value) == value


def test_case_56_a_zero_byte_is_refused(stage: Lab) -> None:
    assert written(stage, "rep_1", "account", "description", "a\x00b") == "client"
