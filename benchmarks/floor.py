"""The floor under every import: read the workbook with fastexcel, write the same cells to a bare table, nothing else.

COPY on PostgreSQL, executemany on SQLite; no names, no checks, no keys, no indexes.

usage: python floor.py FILE.xlsx DATABASE_URL
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing

import fastexcel
import polars as pl

TYPES = {pl.Float64: "double precision", pl.Int64: "bigint", pl.Date: "date", pl.Datetime: "timestamp"}


def into_postgres(url: str, names: Sequence[str], frame: pl.DataFrame) -> None:
    """COPY the frame into a new table, in one transaction."""
    import psycopg

    columns = ", ".join(
        f'"{name}" {TYPES.get(kind.base_type(), "text")}' for name, kind in frame.schema.items()
    )
    listed = ", ".join(f'"{name}"' for name in names)
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TABLE floor ({columns})")
        with connection.cursor().copy(f"COPY floor ({listed}) FROM STDIN (FORMAT csv)") as copy:
            for part in frame.iter_slices(20_000):
                copy.write(part.write_csv(include_header=False).encode())


def into_sqlite(path: str, names: Sequence[str], frame: pl.DataFrame) -> None:
    """Insert the frame into a new table, in one transaction; days and moments as text."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        columns = ", ".join(f'"{name}"' for name in names)
        connection.execute(f"CREATE TABLE floor ({columns})")
        marks = ", ".join("?" * frame.width)
        texts = frame.with_columns(pl.col(pl.Date, pl.Datetime).cast(pl.String))
        for part in texts.iter_slices(20_000):
            connection.executemany(f"INSERT INTO floor VALUES ({marks})", part.rows())
        connection.commit()


def main(path: str, url: str) -> None:
    """Read and write one workbook."""
    frame = fastexcel.read_excel(path).load_sheet(0).to_polars()
    if url.startswith("sqlite:///"):
        into_sqlite(url.removeprefix("sqlite:///"), frame.columns, frame)
    else:
        into_postgres(url.replace("postgresql+psycopg", "postgresql"), frame.columns, frame)
    print(frame.height)


if __name__ == "__main__":
    main(*sys.argv[1:3])
