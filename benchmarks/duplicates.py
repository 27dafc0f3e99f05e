"""Precision, recall and F1 of the duplicate search beside what good libraries reach, and its speed.

    python -m benchmarks.duplicates [--pairs FILE.csv] [--pool N] [--speed] [--smoke]

`--pairs` measures another file of labelled names (columns name_a, name_b, same).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import polars as pl
from rapidfuzz.distance import JaroWinkler

from benchmarks import duplicates_data as data
from desktop.analytics.company_names import normalised, parse_names
from desktop.analytics.dedup.engine import find
from desktop.analytics.dedup.name_pairs import NAMES_SURE, NAMES_UNSURE, compare_names

PEERS = {
    "Chinese names": "legal form stripped + Jaro-Winkler 0.94 (recall 0.79 at precision 0.98), companynameparser 0.79",
    "splink fake1000": "splink 0.81",
    "restaurants": "name + address + phone 0.965",
}
"""What was measured with good libraries on the same pairs (F1)."""

FULL, SMALL = 200_000, 5_000


@dataclass(frozen=True)
class NamesMeasured:
    """How scores of labelled pairs do: at "ask", the best recall at 98 % precision, and at "sure"."""

    precision: float
    recall: float
    f1: float
    recall_at_98: float
    sure_precision: float
    sure_recall: float


def measure_names(
    pairs: list[tuple[str, str, bool, str]], scores: list[float] | None = None, ask: float = NAMES_UNSURE
) -> NamesMeasured:
    """Measure the name comparison (or other scores) on labelled pairs."""
    if scores is None:
        one, two = (parse_names(pl.Series([pair[at] for pair in pairs])) for at in (0, 1))
        scores = compare_names(one, two)["score"].to_list()
    same = [pair[2] for pair in pairs]
    total = sum(same)

    def at(limit: float) -> tuple[float, float]:
        taken = [truth for score, truth in zip(scores, same, strict=True) if score >= limit]
        return (sum(taken) / len(taken), sum(taken) / total) if taken else (1.0, 0.0)

    precision, recall = at(ask)
    best = max((r for p, r in (at(limit) for limit in sorted(set(scores))) if p >= 0.98), default=0.0)
    sure = at(NAMES_SURE)
    return NamesMeasured(precision, recall, 2 * precision * recall / (precision + recall), best, *sure)


def stripped_scores(pairs: list[tuple[str, str, bool, str]]) -> list[float]:
    """The usual script: strip the legal form, compare with Jaro-Winkler."""
    forms = "股份有限公司|有限责任公司|有限公司|股份公司|集团公司|公司|集团|股份|控股"
    sides = [
        normalised(pl.Series([pair[at] for pair in pairs]))
        .str.replace_all(r"[()\s.-]", "")
        .str.replace_all(forms, "")
        for at in (0, 1)
    ]
    return [JaroWinkler.similarity(a, b) for a, b in zip(*sides, strict=True)]


def cross_validated(pairs: list[tuple[str, str, bool, str]], folds: int = 5) -> float:
    """Return the mean F1 where the asking limit of each fold is chosen on the others."""
    found = []
    for fold in range(folds):
        train = [pair for at, pair in enumerate(pairs) if at % folds != fold]
        test = pairs[fold::folds]
        limit = max((x / 100 for x in range(30, 95, 5)), key=lambda x: measure_names(train, ask=x).f1)
        found.append(measure_names(test, ask=limit).f1)
    return sum(found) / len(found)


def measure_records(record_set: data.RecordSet) -> str:
    """Return a line of a record set: all that was proposed, and what was sure."""
    found = find(record_set.parties, record_set.kind, between=record_set.between)  # type: ignore[arg-type]
    side = record_set.parties["side"].to_list() if record_set.between else None
    told = []
    for sure in (False, True):
        pairs = {
            pair
            for cluster in found.clusters
            if cluster.sure or not sure
            for pair in combinations(cluster.members, 2)
            if side is None or side[pair[0]] != side[pair[1]]
        }
        right = len(pairs & record_set.truth)
        told += [
            right / max(len(pairs), 1),
            right / len(record_set.truth),
            2 * right / (len(pairs) + len(record_set.truth)),
        ]
    figures = "  ".join(f"{value:.3f}" for value in told)
    return f"{record_set.name:<26} {figures}   {PEERS.get(record_set.name, '')}"


def pool_line(size: int) -> str:
    """Return precision and recall of sure clusters in a pool of made-up names with hard neighbours."""
    names, owners = data.name_pool(size)
    found = find(pl.DataFrame({"id": range(size), "name": names}), "company")
    sure = [pair for c in found.clusters if c.sure for pair in combinations(c.members, 2)]
    right = sum(owners[a] == owners[b] for a, b in sure)
    truth = sum(n * (n - 1) // 2 for n in pl.Series(owners).value_counts()["count"])
    return (
        f"pool of {size:,} names: sure precision {right / max(len(sure), 1):.4f}, recall {right / truth:.4f}"
    )


def speed_line(size: int) -> str:
    """Return the time of searching one list of names against another of the same size."""
    names, _ = data.name_pool(size * 2, seed=9)
    frame = pl.DataFrame({"id": range(size * 2), "name": names, "side": [at % 2 for at in range(size * 2)]})
    started, worked = time.perf_counter(), time.process_time()
    found = find(frame, "company", between=True)
    seconds, processor = time.perf_counter() - started, time.process_time() - worked
    return f"{size:,} names against {size:,}: {seconds:.1f} s by the clock, {processor:.1f} s of processor time, {len(found.clusters):,} clusters"


def main(arguments: list[str] | None = None) -> int:
    """Print the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.duplicates", description=__doc__)
    parser.add_argument("--pairs", type=Path, help="labelled names: name_a, name_b, same")
    parser.add_argument("--pool", type=int, default=None, help="size of the pool of made-up names")
    parser.add_argument("--speed", action="store_true", help="only the speed")
    parser.add_argument("--smoke", action="store_true", help="small sizes, one set of records")
    given = parser.parse_args(arguments)
    size = SMALL if given.smoke else FULL
    if given.speed:
        print(speed_line(size))
        return 0
    if given.pairs or data.DATA.is_dir():
        pairs = data.labelled_pairs(given.pairs)
        print(
            "Chinese names                 precision recall F1, recall at precision 0.98, sure: precision recall"
        )
        for name, measured in (
            ("Plumbline", measure_names(pairs)),
            ("stripped + Jaro-Winkler", measure_names(pairs, stripped_scores(pairs), ask=0.85)),
        ):
            print(f"{name:<28}", *(f"{value:.3f}" for value in vars(measured).values()))
        if not given.smoke:
            print(
                f"F1, limit chosen on other folds: {cross_validated(pairs):.3f}   peers: {PEERS['Chinese names']}"
            )
    if data.DATA.is_dir():
        print(f"{'records':<26} proposed: precision, recall, F1; sure: precision, recall, F1   peers")
        sets: list[Callable[[], data.RecordSet]] = [
            data.restaurants,
            data.fake1000,
            lambda: data.febrl(1),
            lambda: data.febrl(2),
            data.senzing,
            data.childhood,
        ]
        for make in sets[:1] if given.smoke else sets:
            print(measure_records(make()))
    print(pool_line(given.pool or size))
    print(speed_line(size))
    return 0


if __name__ == "__main__":
    sys.exit(main())
