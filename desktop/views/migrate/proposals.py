"""The records of an import that may be the same as others: what a person is asked about, never merged unasked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.i18n import N_, Locale
from desktop.operations.mapping_lines import entity_name
from desktop.queries.duplicates import DuplicateCluster
from desktop.views.cells import TextCell
from desktop.views.cells_rich import ChipCell, ConfidenceCell
from desktop.views.columns import Column

MOST = 2_000
VERDICTS = {"sure": ("amber", N_("Surely the same")), "unsure": ("grey", N_("Perhaps the same"))}


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One cluster: how sure, its members by name, why, and who owns them."""

    id: int
    verdict: str
    kind: str
    members: str
    why: str
    owners: str
    score: float


PROPOSALS = (
    Column("verdict", N_("Verdict"), ChipCell(VERDICTS), width=130),
    Column("kind", N_("Kind"), TextCell("t2"), width=80, drop=1),
    Column("members", N_("Which records"), TextCell(), width=240, stretch=2),
    Column("why", N_("Because of"), TextCell("t2"), width=160, stretch=1),
    Column("owners", N_("Owners"), TextCell("t2"), width=110, stretch=0.4, drop=2),
    Column("score", N_("Confidence"), ConfidenceCell(), width=122, drop=3),
)


def proposal_lines(found: Sequence[DuplicateCluster], locale: Locale) -> list[ProposalLine]:
    """Return a line per cluster, of the first `MOST`; the Duplicates page has them all."""
    return [
        ProposalLine(
            number,
            one.verdict,
            entity_name(one.entity, locale),
            " = ".join(dict.fromkeys(member.name for member in one.members)),
            ", ".join(locale._(reason) for reason in one.why),
            ", ".join(dict.fromkeys(member.owner for member in one.members if member.owner)),
            one.score,
        )
        for number, one in enumerate(found[:MOST])
    ]
