"""The tables of the Duplicates page, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desktop.i18n import N_, Locale
from desktop.queries.collisions import Collisions
from desktop.queries.duplicates import DuplicateCluster
from desktop.queries.merges import MergeLine
from desktop.views.cells import DateCell, LinkCell, MoneyCell, NumberCell, TextCell
from desktop.views.cells_rich import ChipCell, ConfidenceCell
from desktop.views.columns import Column

VERDICTS = {"sure": ("green", N_("sure")), "unsure": ("amber", N_("to be looked at"))}
STATES = {
    "merged": ("green", N_("Merged")),
    "split": ("grey", N_("Split again")),
    "partly_split": ("amber", N_("Partly split")),
}
KINDS = {
    "pursued": ("red", N_("Pursued by several owners")),
    "quoted": ("amber", N_("Quoted again")),
    "contacted": ("amber", N_("Contacted by several people")),
    "labels": ("amber", N_("Contradicting labels")),
    "nobody": ("grey", N_("Followed by nobody")),
}


@dataclass(frozen=True, slots=True)
class CollisionRow:
    """One line of the collision list, whatever its kind."""

    id: int
    kind: str
    name: str
    people: str
    detail: str
    amount: int | None
    account: int | None


def cluster_columns(locale: Locale) -> tuple[Column, ...]:
    """Return the columns of the clusters."""
    return (
        Column("names", N_("Records that may be one"), TextCell(), width=240, stretch=2, value=names),
        Column("count", N_("How many"), NumberCell(), width=60, value=lambda one: len(one.members)),
        Column("owners", N_("Owner"), TextCell("t2"), width=110, stretch=0.6, value=owners),
        Column("why", N_("Why"), TextCell("t2"), width=200, stretch=1.6, value=lambda one: why(one, locale)),
        Column("score", N_("Certainty"), ConfidenceCell(), width=110),
        Column("verdict", N_("Judgement"), ChipCell(VERDICTS), width=132, hidden=True),
    )


def names(one: DuplicateCluster) -> str:
    """Return the different spellings of a cluster."""
    return "  ·  ".join(dict.fromkeys(member.name for member in one.members))


def owners(one: DuplicateCluster) -> str:
    """Return the different owners of a cluster."""
    return "、".join(dict.fromkeys(member.owner for member in one.members if member.owner))


def why(one: DuplicateCluster, locale: Locale) -> str:
    """Return the reasons of a cluster in the reader's language."""
    return ("；" if locale.is_chinese else "; ").join(locale._(reason) for reason in one.why)


def merge_columns() -> tuple[Column, ...]:
    """Return the columns of what was merged."""
    return (
        Column("at", N_("Merged at"), DateCell(time=True, token="t2"), width=132),
        Column("by", N_("Merged by"), TextCell("t2"), width=100, stretch=0.4),
        Column(
            "names", N_("Went into it"), width=200, stretch=1.4, value=lambda one: "  ·  ".join(one.names)
        ),
        Column("name", N_("Stays"), width=200, stretch=1.4, value=lambda one: one.name or ""),
        Column("state", N_("State"), ChipCell(STATES), width=112),
    )


def collision_columns() -> tuple[Column, ...]:
    """Return the columns of the collision list."""
    return (
        Column("kind", N_("Collision"), ChipCell(KINDS), width=200),
        Column("name", N_("Customer"), LinkCell(), width=200, stretch=1.2),
        Column("people", N_("People involved"), width=150, stretch=0.8),
        Column("detail", N_("Details"), TextCell("t2"), width=220, stretch=1.6),
        Column("amount", N_("Open amount"), MoneyCell(), unit="money", width=96),
    )


def collision_rows(found: Collisions, locale: Locale) -> list[CollisionRow]:
    """Return all collisions in one list, the dearest first."""
    comma = "、" if locale.is_chinese else ", "
    rows: list[tuple[str, str, str, str, int | None, int | None]] = []
    for one in found.pursued:
        shares = comma.join(
            locale._("{owner}: deals {deals}, quotes {quotes}").format(
                owner=s.owner, deals=s.deals, quotes=s.quotes
            )
            for s in one.by
        )
        people = comma.join(share.owner for share in one.by)
        rows.append(("pursued", one.name, people, shares, sum(s.amount for s in one.by), one.accounts[0]))
    for again in found.quoted_again:
        quotes = comma.join(
            f"{number} {locale.money(amount)}" if amount else number
            for number, _on, amount, _who in again.quotes
        )
        people = comma.join(dict.fromkeys(who for *_rest, who in again.quotes if who))
        rows.append(("quoted", again.name, people, f"{again.product}: {quotes}", None, again.accounts[0]))
    for touched in found.contacted_by_several:
        last = locale._("last on {day}").format(day=touched.last_on)
        rows.append(("contacted", touched.name, comma.join(touched.people), last, None, touched.accounts[0]))
    for labelled in found.labels:
        said = comma.join(label for _entity, _id, label in labelled.labels)
        rows.append(("labels", labelled.name, "", said, None, labelled.accounts[0]))
    for left in found.followed_by_nobody:
        detail = locale._("never contacted") if left.owner else locale._("no owner")
        account = left.accounts[0] if left.kind == "account" else None
        rows.append(("nobody", left.name, left.owner or "", detail, None, account))
    return [CollisionRow(number, *row) for number, row in enumerate(rows, 1)]


def cluster_id(one: Any) -> int:
    """Return what tells clusters and merges apart in a table."""
    return int(one.number) if isinstance(one, DuplicateCluster | MergeLine) else int(one.id)
