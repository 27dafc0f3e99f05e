"""Which fields a column could mean, each with a confidence and the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from desktop.importers.fields import FIELDS, field
from desktop.importers.shapes import Shape, by_values, fits, shape_of
from desktop.importers.tables import SourceTable
from desktop.importers.vocabulary import (
    entity_named,
    entity_words,
    fields_called,
    normal,
    without_parentheses,
    words_by_field,
)

LABEL, SYNONYM, PREFIXED, LEAF = 1.0, 0.95, 0.92, 0.93
_SPELLING_SURE, _SPELLING_MAYBE = 0.82, 0.6
_BY_VALUES = 0.7
_GUARDED = re.compile(r"\(do not modify\)\s*(\S.*)", re.IGNORECASE)
"""Dynamics exports its record id under the entity's own name, guarded."""

_RELATED = re.compile(r"(?:相关|关联|所属|对应|所在|related |associated )(?=\S)", re.IGNORECASE)
_REPEAT = re.compile(r" \((\d+)\)$")


@dataclass(frozen=True)
class Candidate:
    """One field that a column may mean; `parent` if the group above the column names its entity."""

    field: str
    confidence: float
    reason: str
    parent: bool = False

    @property
    def entity(self) -> str:
        """The field's entity."""
        return self.field.split(".", 1)[0]


@dataclass(frozen=True)
class Column:
    """A column of a table with the shape of its values and what it may mean, best first."""

    index: int
    header: str
    shape: Shape
    candidates: tuple[Candidate, ...]

    def best(self, entity: str) -> Candidate | None:
        """Return the best candidate of one entity."""
        return next((item for item in self.candidates if item.entity == entity), None)


def columns_of(table: SourceTable) -> list[Column]:
    """Return every column of a table with its candidates."""
    grouped = len(table.header_rows) > 1
    found = []
    for index, header in enumerate(table.headers):
        shape = shape_of(table.frame[f"c{index}"], table.kinds[index])
        found.append(Column(index, header, shape, _candidates(header, grouped, shape)))
    return found


def _candidates(header: str, grouped: bool, shape: Shape) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    repeat = _REPEAT.search(header)
    name = _REPEAT.sub("", header)
    for candidate in (*_called(name, grouped), *_guessed(shape)):
        factor = fits(field(candidate.field).type, candidate.field, shape)
        if _is_foreign_key(name, candidate.field, shape):
            factor *= 0.75
        confidence = round(candidate.confidence * factor * (0.97 if repeat else 1.0), 4)
        known = best.get(candidate.field)
        if known is None or confidence > known.confidence:
            best[candidate.field] = Candidate(candidate.field, confidence, candidate.reason, candidate.parent)
    return tuple(sorted(best.values(), key=lambda item: -item.confidence))


def _is_foreign_key(header: str, name: str, shape: Shape) -> bool:
    """Whether short numbers under "stage_id" point into a table that is not here, and so name nothing."""
    kind = field(name)
    return (
        kind.type in ("ref", "text")
        and not kind.name.endswith(("external_id", "number", "code", "customer_id"))
        and normal(header).endswith("id")
        and shape.number > 0.95
        and shape.length < 7
    )


def _called(header: str, grouped: bool) -> list[Candidate]:
    if guarded := _GUARDED.match(header):
        entity = entity_named(guarded[1])
        if entity:
            return [Candidate(f"{entity}.external_id", SYNONYM, "synonym")]
        header = guarded[1]
    found = _exactly(header, 1.0)
    parts = header.split("/") if grouped else []
    if len(parts) > 1:
        leaf, parent = parts[-1], "/".join(parts[:-1])
        owner = entity_named(parent)
        joined = _exactly("".join(parts), 1.0)
        found += joined
        for candidate in _exactly(leaf, LEAF):
            known = owner is not None and candidate.entity == owner
            weight = 1.0 if known or owner is None else 0.8
            found.append(Candidate(candidate.field, candidate.confidence * weight, candidate.reason, known))
        if owner:
            found += _of_entity(normal(leaf), owner, LABEL * 0.97, parent=True)
    if not found:
        found = _exactly(_RELATED.sub("", header.strip()), 0.98) if _RELATED.match(header.strip()) else []
    if not found:
        found = _prefixed(header)
    return found or list(_spelled(normal(header)))


def _exactly(header: str, weight: float) -> list[Candidate]:
    found = []
    for word, factor in ((normal(header), 1.0), (without_parentheses(header), 0.96)):
        for name, reason in fields_called(word).items():
            found.append(Candidate(name, (LABEL if reason == "label" else SYNONYM) * factor * weight, reason))
        if found:
            break
    return found


def _of_entity(word: str, entity: str, confidence: float, *, parent: bool = False) -> list[Candidate]:
    return [
        Candidate(name, confidence if reason == "label" else confidence * 0.97, reason, parent)
        for name, reason in fields_called(word).items()
        if name.startswith(f"{entity}.")
    ]


@cache
def _prefixes() -> tuple[tuple[str, str], ...]:
    pairs = [(word, entity) for entity, words in entity_words().items() for word in words if len(word) > 1]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _prefixed(header: str) -> list[Candidate]:
    """Return fields named with their entity before them: 联系人生日, Contact Birthday."""
    word = normal(header)
    found: list[Candidate] = []
    for prefix, entity in _prefixes():
        if word.startswith(prefix) and len(word) > len(prefix):
            found += _of_entity(word[len(prefix) :].removeprefix("的"), entity, PREFIXED)
            if found:
                break
    return found


@cache
def _spelled(word: str) -> tuple[Candidate, ...]:
    """Return the fields whose words are spelled almost so; sure only for one slip in a long word."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA

    if len(word) < 4 or word.isdigit():
        return ()
    latin = word.isascii()
    found: dict[str, Candidate] = {}
    for name, words in words_by_field().items():
        for known in words:
            if (
                abs(len(known) - len(word)) > 2
                or known.isascii() != latin
                or known[-1].isdigit() != word[-1].isdigit()
            ):
                continue
            slips = OSA.distance(word, known, score_cutoff=2)
            longest = max(len(word), len(known))
            if (latin and slips == 1 and longest >= 9 and word[0] == known[0]) or (
                not latin and slips == 1 and longest >= 6
            ):
                confidence = _SPELLING_SURE
            elif fuzz.ratio(word, known) >= 80:
                confidence = _SPELLING_MAYBE
            else:
                continue
            if name not in found or found[name].confidence < confidence:
                found[name] = Candidate(name, confidence, "spelling")
    return tuple(found.values())


_SHAPED = {
    "email": [item.full_name for item in FIELDS if item.type == "email"],
    "mobile": [item.full_name for item in FIELDS if item.name == "mobile"],
    "credit": ["account.credit_code"],
    "url": [item.full_name for item in FIELDS if item.type == "url"],
}


def _guessed(shape: Shape) -> list[Candidate]:
    kind = by_values(shape)
    return [Candidate(name, _BY_VALUES, "values") for name in _SHAPED[kind]] if kind else []
