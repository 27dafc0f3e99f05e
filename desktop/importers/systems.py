"""Exports of systems that are known: told by marks, and mapped by their own tables (resources/profiles).

A known table is found by overlap, not by an exact header row: exports leave columns out and firms add
their own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from desktop.importers.tables import SourceTable
from desktop.importers.vocabulary import normal
from desktop.resources import resource

_WUKONG_TITLE = re.compile(r"导入模板\(\*\)为必填项|悟空|wukong", re.IGNORECASE)
_LEAST_TELLING = 3
_EVERYWHERE = ("external_id", "owner", "created_at", "created_by", "updated_at", "name")
"""What every table of a system has, and which therefore tells nothing."""

_OF_SYSTEM, _BY_ITSELF, _AGAINST_RECOGNITION = 0.5, 0.8, 0.9
_RARE = 2


@dataclass(frozen=True)
class KnownTable:
    """One table of a known system: its entity, and the field (or None) of every header in normal form."""

    entity: str
    columns: Mapping[str, str | None]


@dataclass(frozen=True)
class KnownSystem:
    """A system whose exports are known; `least` of its marks tell it. `api_names` are written in one word."""

    code: str
    name: str
    name_en: str
    least: int
    api_names: bool
    marks: frozenset[str]
    tables: tuple[KnownTable, ...]


@cache
def known_systems() -> tuple[KnownSystem, ...]:
    """Return every system that ships with the program."""
    return tuple(
        _read(path.read_text(encoding="utf-8")) for path in sorted(resource("profiles").glob("*.json"))
    )


def _read(text: str) -> KnownSystem:
    document = json.loads(text)
    tables = tuple(
        KnownTable(one["entity"], {normal(header): name for header, name in one["columns"].items()})
        for one in document["tables"]
    )
    marks = frozenset(normal(mark) for mark in document["marks"])
    return KnownSystem(
        document["system"],
        document["name"],
        document["name_en"],
        document["least"],
        document["api_names"],
        marks,
        tables,
    )


def system_name(code: str, *, chinese: bool = False) -> str:
    """Return what people call a system, or its code if it is none of ours."""
    found = next((one for one in known_systems() if one.code == code), None)
    return code if found is None else found.name if chinese else found.name_en


def source_system(table: SourceTable) -> str:
    """Return the system whose export this is ("salesforce", "wukong" ...), or an empty string."""
    if _WUKONG_TITLE.search(f"{table.title} {table.file}"):
        return "wukong"
    heads = {normal(header) for header in table.headers if header}
    unspaced = {normal(header) for header in table.headers if header and " " not in header.strip()}
    best, share = "", 0.0
    for system in known_systems():
        # Salesforce's own names are written in one word; its labels are everybody's.
        hits = len((unspaced if system.api_names else heads) & system.marks)
        if hits >= system.least and hits / system.least > share:
            best, share = system.code, hits / system.least
    return best


@cache
def _rare() -> dict[str, frozenset[str]]:
    """Return per system the headers that no other shipped system has."""
    words = {one.code: {head for table in one.tables for head in table.columns} for one in known_systems()}
    times = Counter(word for heads in words.values() for word in heads)
    return {code: frozenset(word for word in heads if times[word] == 1) for code, heads in words.items()}


def known_table(table: SourceTable, entity: str | None = None) -> tuple[KnownSystem, KnownTable] | None:
    """Return the shipped table that these headers are most of, or None.

    A table of a system that its marks tell needs half of its headers there; without marks four fifths,
    some of which only that system has. Where the rows are recognised as of an `entity`, a shipped table of
    another one needs nine tenths: contacts have half of a customer's columns.
    """
    heads = {normal(header) for header in table.headers if header} - {""}
    told = source_system(table)
    best: tuple[float, KnownSystem, KnownTable] | None = None
    for system in known_systems():
        for one in system.tables:
            hits = heads & one.columns.keys()
            share = len(hits) / max(1, len(heads))
            enough = share >= _OF_SYSTEM if told == system.code else not told and share >= _BY_ITSELF
            if entity not in (None, one.entity):
                enough = enough and share >= _AGAINST_RECOGNITION
            rare = told == system.code or len(hits & _rare()[system.code]) >= _RARE
            if (
                _telling(hits, one) >= _LEAST_TELLING
                and enough
                and rare
                and (best is None or share > best[0])
            ):
                best = (share, system, one)
    return (best[1], best[2]) if best else None


def _telling(heads: set[str], one: KnownTable) -> int:
    names = {name.split(".", 1)[1] for head in heads if (name := one.columns[head])}
    return len(names.difference(_EVERYWHERE))
