"""How well headers of other systems are understood: `python -m tests.mapping_report [corpus ...]`.

The corpora in tests/data/headers are header rows as public code, templates and documentation show
them, each labelled by hand with the field that it should become (empty: none of ours; alternatives
separated by "|", of which an empty one allows leaving the column alone). Shipped profiles are not used:
every system counts as one never seen.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from desktop.importers.mapping import suggest
from desktop.importers.tables import ACCEPT, Kinds, SourceTable

FOLDER = Path(__file__).parent / "data" / "headers"


@dataclass(frozen=True)
class HeaderSet:
    """One header row of one system, with what each column should become."""

    system: str
    title: str
    entity: str
    headers: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]


@dataclass
class Score:
    """Counts over columns: `counterparts` have a field of ours, the others should be left alone."""

    columns: int = 0
    counterparts: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    tables: int = 0
    entities: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add the counts of another score."""
        for name in ("columns", "counterparts", "right", "wrong", "missed", "tables", "entities"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults

    @property
    def right_share(self) -> float:
        """Share of the columns with a counterpart that were mapped to it."""
        return self.right / self.counterparts if self.counterparts else 1.0

    @property
    def wrong_share(self) -> float:
        """Share of all columns that were given a meaning that is not theirs."""
        return self.wrong / self.columns if self.columns else 0.0

    @property
    def wrong_of_counterparts(self) -> float:
        """The wrong ones, also those without a counterpart, against the columns with one."""
        return self.wrong / self.counterparts if self.counterparts else 0.0


def header_sets(corpus: str) -> list[HeaderSet]:
    """Return the header sets of one corpus ("dev", "heldout")."""
    found = []
    for path in sorted((FOLDER / corpus).glob("*.csv")):
        tables: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                expected = tuple(row["expected"].split("|"))
                tables[row["table"], row["entity"]].append((row["header"], expected))
        found += [
            HeaderSet(path.stem, title, entity, tuple(h for h, _ in columns), tuple(e for _, e in columns))
            for (title, entity), columns in tables.items()
        ]
    return found


def as_table(one: HeaderSet, *, named: bool = False) -> SourceTable:
    """Return the headers as a table without rows; its file speaks of the entity only if `named`."""
    frame = pl.DataFrame(
        {
            "row": pl.Series([], dtype=pl.Int64),
            **{f"c{i}": pl.Series([], dtype=pl.String) for i in range(len(one.headers))},
        }
    )
    file = f"{one.title}.csv" if named else "export.csv"
    return SourceTable(file, None, (1,), one.headers, "utf-8", frame, (Kinds(),) * len(one.headers), "0" * 64)


def score(one: HeaderSet, *, named: bool = False) -> Score:
    """Map one header set and compare it with its labels."""
    mapping = suggest(as_table(one, named=named), shipped=False)
    recognised = mapping.entity if mapping.confidence >= ACCEPT else None
    result = Score(tables=1, entities=int(recognised == one.entity))
    if recognised != one.entity:
        result.faults.append(f"{one.system}/{one.title}: {one.entity} taken for {mapping.entity}")
    for column, expected in zip(mapping.columns, one.expected, strict=True):
        found = column.field if column.field and column.confidence >= ACCEPT else ""
        wanted = any(expected)
        result.columns += 1
        result.counterparts += wanted
        if found in expected:
            result.right += wanted
            continue
        verdict = "wrong" if found else "missed"
        result.wrong += verdict == "wrong"
        result.missed += verdict == "missed"
        told = f"{column.header} → {found or '-'} ({column.confidence:.2f} {column.reason})"
        result.faults.append(
            f"{one.system}/{one.title}: {verdict} {told}, should be {'|'.join(expected) or '-'}"
        )
    return result


def scores(sets: Iterable[HeaderSet], *, named: bool = False) -> dict[str, Score]:
    """Return the score of every system."""
    found: dict[str, Score] = defaultdict(Score)
    for one in sets:
        found[one.system].add(score(one, named=named))
    return dict(found)


def total(parts: Iterable[Score]) -> Score:
    """Return the sum of several scores."""
    result = Score()
    for part in parts:
        result.add(part)
    return result


def main(arguments: Sequence[str]) -> None:
    """Print a line per system and a sum per corpus; with --faults, every fault too."""
    faults = "--faults" in arguments
    named = "--named" in arguments
    chosen = [name for name in arguments if not name.startswith("--")]
    for corpus in chosen or sorted(path.name for path in FOLDER.iterdir() if path.is_dir()):
        by_system = scores(header_sets(corpus), named=named)
        print(f"{corpus:<28}columns  ours  right  wrong  missed  right%  wrong%  entity")
        for name, part in [*by_system.items(), ("all", total(by_system.values()))]:
            print(
                f"  {name:<26}{part.columns:>7}{part.counterparts:>6}{part.right:>7}{part.wrong:>7}"
                f"{part.missed:>8}{part.right_share:>8.1%}{part.wrong_share:>8.1%}{part.entities:>5}/{part.tables}"
            )
            if faults and name != "all":
                print("\n".join(f"      {line}" for line in part.faults))


if __name__ == "__main__":
    main(sys.argv[1:])
