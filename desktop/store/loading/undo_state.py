"""What taking back works on: the run, what was reversed so far, and what was left with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection, Table, select

from desktop.models import Base
from desktop.store.loading import bulk
from desktop.store.loading.custom import CustomFields
from desktop.store.loading.specs import SPECS
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class Place:
    """Source rows: of a file, of one of its sheets (None for text files), or one row of it.

    Without a row it is the whole sheet; without sheet and row the whole file.
    """

    file: str
    sheet: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A record that was not taken back, or not wholly.

    It was changed since (`columns` say which of the run's cells, none means that nobody knows), it was
    deleted since (`gone`), another record refers to it (`by`), or another row brought it (`place`). With
    `restored` its other cells were taken back.
    """

    table: str
    record_id: int
    by: str = ""
    by_id: int | None = None
    columns: tuple[str, ...] = ()
    restored: bool = False
    gone: bool = False
    place: Place | None = None


@dataclass(slots=True)
class Undone:
    """What taking back did: records reversed, kept because they were edited, blocked by others.

    `chosen` counts the lineage lines that the choice meant, and `remaining` those still to be taken back.
    """

    reversed: int = 0
    kept: list[Left] = field(default_factory=list)
    blocked: list[Left] = field(default_factory=list)
    chosen: int = 0
    remaining: int = 0


class Undoing:
    """One undo on its way."""

    def __init__(self, work: Work, run_id: int, operation_id: str | None) -> None:
        self.work = work
        self.connection: Connection = work.connection
        self.run_id = run_id
        self.operation_id = operation_id
        self.custom = CustomFields(self.connection)
        self.result = Undone()
        self.accounts: set[int] = set()
        self.reversed_lines: list[int] = []

    def note_reversed(self, lines: list[int]) -> None:
        """Count lineage lines as taken back."""
        self.result.reversed += len(lines)
        self.reversed_lines += lines

    def remember_accounts(self, activities: list[int]) -> None:
        """Remember whose last interaction these activities decide."""
        found = bulk.fetch(self.connection, Base.metadata.tables["activity"], ["account_id"], activities)
        self.accounts |= set(found["account_id"].drop_nulls().to_list())

    def versions(self, table: Table, ids: list[int]) -> dict[int, int]:
        """Return the versions of the records that still stand; 1 in a table without versions."""
        if "version" not in table.c:
            found = bulk.fetch(self.connection, table, ["id"], ids)
            return dict.fromkeys(found["id"].to_list(), 1)
        return dict(bulk.fetch(self.connection, table, ["id", "version"], ids).iter_rows())

    def forget_history(self, name: str, column: str, ids: Sequence[int]) -> None:
        """Remove the ownership rows or the stage events that the run wrote for these records."""
        if not ids or self.operation_id is None:
            return
        if column == "owner_id":
            self._forget_owners(name, set(ids))
        elif name == "opportunity":
            table = Base.metadata.tables["stage_event"]
            lines = self._events()
            events = bulk.fetch(
                self.connection, table, ["id", "opportunity_id"], lines["record_id"].to_list()
            )
            gone = events.filter(pl.col("opportunity_id").is_in(list(ids)))["id"].to_list()
            bulk.delete(self.connection, table, gone)
            self.reversed_lines += lines.filter(pl.col("record_id").is_in(gone))["id"].to_list()

    def _forget_owners(self, name: str, ids: set[int]) -> None:
        owned = next((s.owned for s in SPECS.values() if s.table_name == name and s.owned), None)
        if owned is None:
            return
        table = Base.metadata.tables["ownership"]
        rows = self.work.rows(
            select(table.c.id, table.c.record_id).where(
                table.c.operation_id == self.operation_id, table.c.kind == str(owned)
            )
        )
        bulk.delete(self.connection, table, [row.id for row in rows if row.record_id in ids])

    def _events(self) -> pl.DataFrame:
        """Return the lines of the stage events that the run added by itself, and that still stand."""
        table = lineage()
        rows = self.work.rows(
            select(table.c.id, table.c.record_id).where(
                table.c.run_id == self.run_id,
                table.c.table_name == "stage_event",
                table.c.row.is_(None),
                table.c.undone.is_(False),
            )
        )
        schema = {"id": pl.Int64, "record_id": pl.Int64}
        found = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
        return found.filter(~pl.col("id").is_in(self.reversed_lines))

    def remove_lone_events(self, lines: pl.DataFrame) -> None:
        """Remove the stage events that the run added to deals which it did not otherwise touch."""
        left = {*lines.filter(pl.col("table_name") == "stage_event")["id"].to_list()} - set(
            self.reversed_lines
        )
        events = lines.filter(pl.col("id").is_in(list(left)))
        table = Base.metadata.tables["stage_event"]
        standing = bulk.fetch(self.connection, table, ["id", "opportunity_id"], events["record_id"].to_list())
        stay = {
            one.record_id for one in (*self.result.kept, *self.result.blocked) if one.table == "opportunity"
        }
        removable = standing.filter(~pl.col("opportunity_id").is_in(list(stay)))["id"].to_list()
        bulk.delete(self.connection, table, removable)
        self.note_reversed(events.filter(pl.col("record_id").is_in(removable))["id"].to_list())


def lineage() -> Table:
    """Return the table of lineage lines."""
    return Base.metadata.tables["import_lineage"]
