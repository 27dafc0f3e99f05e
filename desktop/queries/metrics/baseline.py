"""A baseline that moves: each person beside the best of their peers, not beside a fixed number (RPT-08).

Peers are the people whose customers are mostly of the same industry; the baseline is the mean of the best
`baseline.top_pct` of them, at least of one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from desktop.exporters.document import LABEL, Block, Control, Document, Field
from desktop.exporters.layouts import Kind
from desktop.i18n import N_
from desktop.periods import Period
from desktop.queries.metrics.colleagues import ranked
from desktop.queries.metrics.engine import Question, compute
from desktop.queries.report_parts import Asked, definitions, last_batch, unit_filter
from desktop.store.rules import threshold
from desktop.store.workspace import Work

TITLE = N_("Beside the best peers")
METRIC = "effective_contacts"


@dataclass(frozen=True, slots=True)
class Peer:
    """A person, their industry, their figure, how many peers they have and what the best of those reach."""

    person_id: int
    industry: str | None
    value: int
    peers: int
    baseline: Decimal


def baseline(work: Work, metric: str, period: Period, unit_id: int | None = None) -> list[Peer]:
    """Return everybody who has customers, with the baseline of their industry; the furthest behind first.

    Peers are those of the whole firm (as far as it is seen), whichever unit is asked for.
    """
    customers: dict[int, Counter[str | None]] = defaultdict(Counter)
    asked = compute(work, Question(("customers",), period, ("person", "industry")))
    for group in asked.groups:
        customers[group[0]][group[1]] += int(asked.value("customers", group) or 0)
    # Of two industries with as many customers the first by name counts: the same every time.
    trades = {
        person: min(found, key=lambda name: (-found[name], name or "￿"))
        for person, found in customers.items()
    }
    figures = compute(work, Question((metric,), period, ("person",)))
    values = {person: int(figures.value(metric, (person,)) or 0) for person in trades}
    share = Fraction(str(threshold(work, "baseline.top_pct")))
    best: dict[str | None, tuple[int, Decimal]] = {}
    for trade in set(trades.values()):
        reached = sorted((values[person] for person in trades if trades[person] == trade), reverse=True)
        top = reached[: max(1, math.ceil(len(reached) * share))]
        best[trade] = (len(reached), Decimal(round(Fraction(sum(top), len(top)) * 10)).scaleb(-1))
    inside = compute(work, Question(("customers",), period, ("person",), unit_id)).groups
    found = [
        Peer(person, trade, values[person], *best[trade])
        for person, trade in trades.items()
        if (person,) in inside
    ]
    return sorted(found, key=lambda peer: (peer.value - peer.baseline, peer.person_id))


def baseline_document(work: Work, asked: Asked) -> Document:
    """Return effective contacts beside the baseline as a report."""
    found = baseline(work, METRIC, asked.period, asked.unit_id)
    names = {
        item.value: item.name for item in ranked(work, (peer.person_id for peer in found), for_peers=True)
    }
    rows = tuple(
        (
            names[peer.person_id],
            peer.industry or "—",
            peer.value,
            peer.peers,
            peer.baseline,
            peer.value - peer.baseline,
        )
        for peer in found
    )
    fields = (
        Field("row", N_("Person"), LABEL),
        Field("industry", N_("Industry")),
        Field("value", N_("Effective contacts"), Kind.INTEGER, "", METRIC),
        Field("peers", N_("Peers"), Kind.INTEGER),
        Field("baseline", N_("Best fifth"), Kind.DECIMAL, "", METRIC),
        Field("distance", N_("Distance"), Kind.DECIMAL),
    )
    behind = sum(peer.value < peer.baseline for peer in found)
    return Document(
        template="baseline",
        title=TITLE,
        period=asked.period.text,
        as_of=Question((), asked.period).span(work.today).as_of,
        taken_at=work.now,
        filters=(unit_filter(work, asked.unit_id),),
        batch=last_batch(work),
        blocks=(Block("people", N_("People"), fields, rows),),
        controls=(
            Control("people", N_("People"), Kind.INTEGER, len(found)),
            Control("behind", N_("Behind the baseline"), Kind.INTEGER, behind),
        ),
        definitions=definitions(work, METRIC),
    )
