"""Which fields a column could mean, each with a confidence and the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop.importers.fields import FIELDS, field
from desktop.importers.naming import Candidate, called
from desktop.importers.shapes import Shape, by_values, fits, shape_of
from desktop.importers.tables import SourceTable
from desktop.importers.vocabulary import normal

_BY_VALUES = 0.7
_REPEAT = re.compile(r" \((\d+)\)$")


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
    for candidate in (*called(name, grouped), *_guessed(shape)):
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


_SHAPED = {
    "email": [item.full_name for item in FIELDS if item.type == "email"],
    "mobile": [item.full_name for item in FIELDS if item.name == "mobile"],
    "credit": ["account.credit_code"],
    "url": [item.full_name for item in FIELDS if item.type == "url"],
}


def _guessed(shape: Shape) -> list[Candidate]:
    kind = by_values(shape)
    return [Candidate(name, _BY_VALUES, "values") for name in _SHAPED[kind]] if kind else []


__all__ = ["Candidate", "Column", "columns_of"]
