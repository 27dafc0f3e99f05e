"""What a person chose for single source values, applied to a column; and the values that await a choice.

A choice is found by the very text, else by the text without differences of width, case and blanks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import polars as pl

from desktop.importers.choices import choices
from desktop.importers.fields import Field, field_among
from desktop.importers.outcome import NOTHING, Outcome, nothing, plain
from desktop.importers.tables import ACCEPT, TableMapping
from desktop.importers.ways import ValueChoice

PICK_LISTS = frozenset(
    {
        "account.source", "account.industry", "account.type", "account.status", "account.cooperation_stage", "account.country",
        "account.region", "account.province", "account.city", "account.purchase_cycle", "contact.decision_role", "contact.source",
        "lead.source", "lead.industry", "lead.status", "lead.decision_rank", "lead.campaign", "opportunity.status", "opportunity.currency",
        "opportunity.type", "opportunity.source", "opportunity.lost_reason", "opportunity.campaign", "activity.status", "activity.outcome",
        "product.category", "product.unit", "quote.status", "contract.type", "contract.status", "payment.method", "invoice.type",
        "ticket.type", "ticket.status", "touchpoint.channel", "user.region", "target.metric", "calendar_event.region",
    }
)  # fmt: skip
"""Text fields whose values are picked from a firm's own list."""

MAPPED_REFS = frozenset({"owner", "created_by", "manager", "org_unit", "parent", "stage", "pipeline", "product", "campaign"})  # fmt: skip
"""References whose few different values a person may want to map; customers and papers are too many."""

MOST_VALUES = 400
"""A column with more different values than this is no list: nobody would map them one by one."""

_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class SourceValue:
    """One different value of a column that takes its values from a list.

    `recognised` is the stored value or known record it means by itself, None if it means none yet;
    `suggestion` is what would most likely be chosen for it, `choice` what has been chosen.
    """

    field: str
    header: str
    value: str
    count: int
    recognised: str | None
    suggestion: ValueChoice | None
    choice: ValueChoice | None

    @property
    def is_open(self) -> bool:
        """Whether the value waits for a person: it means nothing known and nothing was chosen."""
        return self.recognised is None and self.choice is None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A column after its value map: the texts to decide, codes of blanked and rejected cells, and the
    cells whose value is wanted as it stands."""

    cells: pl.Series
    codes: pl.Series
    wanted: pl.Series


def takes_choices(item: Field) -> bool:
    """Whether a field's values come from a list that a person can map."""
    if item.type in ("enum", "choice", "boolean"):
        return True
    return item.full_name in PICK_LISTS or (item.type == "ref" and item.name in MAPPED_REFS)


def with_choices(cells: pl.Series, given: Mapping[str, ValueChoice] | None) -> Chosen | None:
    """Return a column as its value map leaves it, or None if the map touches nothing of it."""
    if not given:
        return None
    folded = {_folded(text): choice for text, choice in given.items()}
    hits = [
        (text, choice)
        for text in cells.drop_nulls().unique().to_list()
        if (choice := given.get(text) or folded.get(_folded(text))) is not None
    ]
    if not hits:
        return None
    codes = {"blank": "value_blanked", "reject": "value_rejected"}
    lookup = pl.DataFrame(
        {
            "cell": [text for text, _ in hits],
            "text": [_text_of(text, choice) for text, choice in hits],
            "code": [codes.get(choice.action) for _, choice in hits],
            "wanted": [choice.action == "create" for _, choice in hits],
            "hit": [True] * len(hits),
        },
        schema={"cell": pl.String, "text": pl.String, "code": pl.String, "wanted": pl.Boolean, "hit": pl.Boolean},
    )  # fmt: skip
    told = pl.DataFrame({"cell": cells}).join(lookup, on="cell", how="left", maintain_order="left")
    mapped = told.select(pl.when(pl.col("hit")).then("text").otherwise("cell").alias("c"))["c"]
    return Chosen(mapped, told["code"], told["wanted"].fill_null(False))


def settle(chosen: Chosen | None, outcome: Outcome) -> Outcome:
    """Return a decided column with the codes of its value map: what is wanted as it stands is no fault."""
    if chosen is None:
        return outcome
    forgiven = chosen.wanted & (outcome.codes == "choice_unknown").fill_null(False)
    codes = outcome.codes.zip_with(~forgiven, nothing(len(outcome.codes), pl.String))
    return replace(outcome, codes=chosen.codes.zip_with(chosen.codes.is_not_null(), codes))


def _text_of(text: str, choice: ValueChoice) -> str | None:
    if choice.action in ("blank", "reject"):
        return None
    return choice.target or text


def _folded(text: str) -> str:
    return " ".join(plain(text).casefold().split())


def values_to_map(
    mapping: TableMapping, known: Mapping[str, Iterable[str]] | None = None
) -> list[SourceValue]:
    """Return the different values of every mapped column that takes them from a list, the frequent first.

    `known` are by field the values and names that the database has (people for owners, stages, units).
    """
    found: list[SourceValue] = []
    for column in mapping.columns:
        if not column.field or column.confidence < ACCEPT or column.period:
            continue
        item = field_among(column.field, mapping.new_fields)
        if not takes_choices(item):
            continue
        cells = mapping.table.frame[f"c{column.index}"].drop_nulls()
        counted = cells.value_counts(sort=True, name="n")
        if not 0 < counted.height <= MOST_VALUES:
            continue
        names = list(dict.fromkeys((known or {}).get(column.field, ())))
        own = {_folded(text): one for text, one in mapping.value_maps.get(column.field, {}).items()}
        meant = _recognised(counted.to_series(0), item, names)
        for (text, count), recognised in zip(counted.iter_rows(), meant, strict=True):
            if _folded(text) in NOTHING:
                continue
            choice = own.get(_folded(text))
            suggestion = None if recognised else suggested(text, item, names)
            found.append(
                SourceValue(column.field, column.header, text, count, recognised, suggestion, choice)
            )
    return found


def _recognised(texts: pl.Series, item: Field, names: Sequence[str]) -> list[str | None]:
    """Return what each text means by itself: a closed list's value, or a name that is known."""
    if item.type in ("enum", "boolean"):
        from desktop.importers.choices import booleans

        outcome = booleans(texts) if item.type == "boolean" else choices(texts, item)
        told = zip(outcome.values, outcome.codes, strict=True)
        return [None if code or value is None else str(value) for value, code in told]
    by_key = {_folded(name): name for name in names}
    return [by_key.get(_folded(text)) for text in texts]


def suggested(text: str, item: Field, names: Sequence[str]) -> ValueChoice | None:
    """Return what would most likely be chosen for a value that means nothing by itself."""
    if item.terms is not None:
        names = [str(term.value) for term in item.terms]
        labels = {_folded(term.label): str(term.value) for term in item.terms}
    else:
        labels = {_folded(name): name for name in names}
    word = _folded(text)
    near = get_close_matches(word, labels, n=1, cutoff=_ALIKE)
    if near:
        return ValueChoice("map", labels[near[0]])
    part = [name for key, name in labels.items() if len(key) > 1 and (key in word or word in key)]
    if len(part) == 1 and len(word) > 1:
        return ValueChoice("map", part[0])
    return None if item.type in ("enum", "boolean") else ValueChoice("create")
