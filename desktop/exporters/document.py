"""The canonical document of a report: rows, totals, as-of, filter and metric versions, in no language.

Titles are gettext ids and names that exist in two languages carry both, so that one frozen document
can be shown and exported in either; the Chinese of every id is frozen with it (`with_words`), so that
a later release cannot reword what was approved. Its SHA-256 is taken over canonical JSON (sorted keys, ASCII,
no spaces), so equal figures have equal hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from desktop.exporters.layouts import Kind
from desktop.i18n import Locale
from desktop.money import money_text

SCHEMA = 1
LABEL = "label"
"""Column kind of a name in two languages: the pair (English, Chinese or None)."""
TERM = "term"
"""Column kind of gettext ids: a tuple of them, shown in the reader's language."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a block: `title` is a gettext id, `unit` a text, `metric` a key of the dictionary."""

    key: str
    title: str
    kind: str = Kind.TEXT
    unit: str = ""
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart that is natural for a block: keys of its columns; `lines` are drawn as lines, `heat` is shaded."""

    title: str
    category: str
    bars: tuple[str, ...]
    lines: tuple[str, ...] = ()
    horizontal: bool = False
    heat: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One table of a report."""

    key: str
    title: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[Any, ...] | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """One control total: what finance adds up again."""

    key: str
    title: str
    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One record that report and ledger do not have in common: `count` and `amount` are ledger less report."""

    record: str
    name: str
    reason: str
    count: int
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Check:
    """A total of the report beside that of the ledger, in pieces and in minor units; `left` explains the difference."""

    key: str
    title: str
    report_count: int
    ledger_count: int
    report_amount: int
    ledger_amount: int
    left: tuple[LeftOut, ...] = ()

    @property
    def explained(self) -> bool:
        """Whether the records that were left out add up to the difference, to the piece and the cent."""
        return self.ledger_count - self.report_count == sum(
            item.count for item in self.left
        ) and self.ledger_amount - self.report_amount == sum(item.amount for item in self.left)


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric's definition as it stood when the figures were taken (RPT-01)."""

    key: str
    version: int
    unit: str
    label_en: str
    label_zh: str
    definition_en: str
    definition_zh: str


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a report says. `filters` are (gettext id, value) pairs; `batch` names the last import run.

    `words` are (gettext id, Chinese) pairs of all ids that occur.
    """

    template: str
    title: str
    period: str
    as_of: date
    taken_at: datetime
    filters: tuple[tuple[str, Any], ...]
    batch: str
    blocks: tuple[Block, ...]
    controls: tuple[Control, ...]
    definitions: tuple[Definition, ...]
    signatures: tuple[tuple[str, str], ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def row_count(self) -> int:
        """The number of rows of all tables."""
        return sum(len(block.rows) for block in self.blocks)

    @property
    def metric_versions(self) -> dict[str, int]:
        """The version of each definition."""
        return {definition.key: definition.version for definition in self.definitions}

    def totals(self) -> dict[str, Any]:
        """Return the control totals as every JSON document has them: money as text with two decimals."""
        return {control.key: _plain(control.value, control.kind) for control in self.controls}


def canonical_text(document: Document) -> str:
    """Return the document as canonical JSON."""
    return json.dumps(_to_json(document), sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def digest(text: str) -> str:
    """Return the SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def from_text(text: str) -> Document:
    """Return the document that a canonical text holds."""
    stored = json.loads(text)
    return Document(
        template=stored["template"],
        title=stored["title"],
        period=stored["period"],
        as_of=date.fromisoformat(stored["as_of"]),
        taken_at=datetime.fromisoformat(stored["taken_at"]),
        filters=tuple((label, _tuple(value)) for label, value in stored["filters"]),
        batch=stored["batch"],
        blocks=tuple(_block(block) for block in stored["blocks"]),
        controls=tuple(
            Control(item["key"], item["title"], item["kind"], _decode(item["value"], item["kind"]))
            for item in stored["controls"]
        ),
        definitions=tuple(Definition(**item) for item in stored["definitions"]),
        signatures=tuple((label, name) for label, name in stored["signatures"]),
        words=tuple((message, chinese) for message, chinese in stored["words"]),
        # Documents from before have none, and keep their hash.
        checks=tuple(
            Check(**{**item, "left": tuple(LeftOut(**one) for one in item["left"])})
            for item in stored.get("checks", ())
        ),
    )


def with_words(document: Document, chinese: Locale) -> Document:
    """Return the document with the Chinese of every gettext id in it, and of names that it brought along."""
    own = dict(document.words)
    words = tuple(
        (message, own.get(message) or chinese._(message)) for message in sorted(set(_messages(document)))
    )
    return replace(document, words=words)


def wording(document: Document, locale: Locale) -> Callable[[str], str]:
    """Return what says a gettext id in the reader's language: as it was frozen, else as it is said today."""
    if not locale.is_chinese:
        return locale._
    frozen = dict(document.words)
    return lambda message: frozen.get(message) or locale._(message)


def _messages(document: Document) -> Iterator[str]:
    yield document.title
    for label, value in document.filters:
        yield label
        if isinstance(value, str):
            yield value
    yield from (control.title for control in document.controls)
    yield from (role for role, _name in document.signatures)
    for check in document.checks:
        yield check.title
        yield from (item.reason for item in check.left)
    for block in document.blocks:
        yield block.title
        if block.picture:
            yield block.picture.title
        if block.totals is not None:
            yield block.totals[0]
        for index, field in enumerate(block.fields):
            yield field.title
            if field.unit:
                yield field.unit
            if field.kind == TERM:
                for row in block.rows:
                    yield from terms_of(row[index])


def terms_of(value: Any) -> tuple[str, ...]:
    """Return the gettext ids of a term cell."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def _to_json(document: Document) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "template": document.template,
        "title": document.title,
        "period": document.period,
        "as_of": document.as_of.isoformat(),
        "taken_at": document.taken_at.isoformat(),
        "filters": document.filters,
        "batch": document.batch,
        "blocks": [
            {
                "key": block.key,
                "title": block.title,
                "fields": [_slots(field) for field in block.fields],
                "rows": [_row(row, block.fields) for row in block.rows],
                "totals": _row(block.totals, block.fields) if block.totals is not None else None,
                "picture": _slots(block.picture) if block.picture else None,
            }
            for block in document.blocks
        ],
        "controls": [
            {**_slots(control), "value": _encode(control.value, control.kind)}
            for control in document.controls
        ],
        "definitions": [_slots(definition) for definition in document.definitions],
        "signatures": document.signatures,
        "words": document.words,
        **({"checks": [_check(check) for check in document.checks]} if document.checks else {}),
    }


def _check(check: Check) -> dict[str, Any]:
    return {**_slots(check), "left": [_slots(item) for item in check.left]}


def _block(stored: dict[str, Any]) -> Block:
    fields = tuple(Field(**field) for field in stored["fields"])
    picture = stored["picture"]
    return Block(
        key=stored["key"],
        title=stored["title"],
        fields=fields,
        rows=tuple(_unrow(row, fields) for row in stored["rows"]),
        totals=_unrow(stored["totals"], fields) if stored["totals"] is not None else None,
        picture=Picture(**{name: _tuple(value) for name, value in picture.items()}) if picture else None,
    )


def _slots(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _row(row: Sequence[Any], fields: Sequence[Field]) -> list[Any]:
    return [_encode(value, field.kind) for value, field in zip(row, fields, strict=True)]


def _unrow(row: Sequence[Any], fields: Sequence[Field]) -> tuple[Any, ...]:
    return tuple(_decode(value, field.kind) for value, field in zip(row, fields, strict=True))


def _encode(value: Any, kind: str) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        raise TypeError(f"a float cannot be frozen: {value!r}")
    return value


def _decode(value: Any, kind: str) -> Any:
    if value is None or kind == Kind.TEXT:
        return value
    if isinstance(value, str):
        if kind == Kind.DATE:
            return date.fromisoformat(value)
        if kind == Kind.INSTANT:
            return datetime.fromisoformat(value)
        if kind in (Kind.PERCENT, Kind.DECIMAL):
            return Decimal(value)
    return _tuple(value)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any, kind: str) -> Any:
    if kind == Kind.MONEY and value is not None:
        return money_text(value)
    return float(value) if isinstance(value, Decimal) else _encode(value, kind)
