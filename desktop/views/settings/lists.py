"""The section of pipelines and their stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.i18n import N_
from desktop.queries.settings import PipelineBlock, StageLine, pipeline_blocks
from desktop.terms import StageKind
from desktop.views.cells import NumberCell, PercentCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.columns import Column
from desktop.views.labels import SectionLine
from desktop.views.settings.section import Section
from desktop.views.tables import DataTable, GroupRow

if TYPE_CHECKING:
    from desktop.views.settings.page import SettingsPage


@dataclass(frozen=True, slots=True)
class _Stage:
    id: int
    position: int
    name: str
    kind: str
    probability: int | None
    weight: int | None
    limit_days: int | None
    standing: int
    department: str
    evidence: str


KINDS = {
    StageKind.OPEN.value: ("grey", StageKind.OPEN.label),
    StageKind.WON.value: ("green", StageKind.WON.label),
    StageKind.LOST.value: ("grey", StageKind.LOST.label),
}
STAGES = (
    Column("position", N_("No."), NumberCell(), width=48, filterable=False),
    Column("name", N_("Stage"), TextCell(), width=150, stretch=1.2),
    Column("kind", N_("Kind"), ChipCell(KINDS), width=112),
    Column("probability", N_("Probability"), PercentCell(), width=100),
    Column("weight", N_("Weight"), NumberCell(), unit="%", width=86, drop=1),
    Column("limit_days", N_("Limit"), NumberCell(), unit=N_("days"), width=86),
    Column("standing", N_("Open deals"), NumberCell(), width=96),
    Column("department", N_("Department"), TextCell("t2"), width=110, stretch=0.6, drop=2),
    Column("evidence", N_("Evidence"), TextCell("t2"), width=130, stretch=1.4),
)


class PipelineSection(Section):
    """Pipelines as data: their stages, weights and limits."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        self.line = SectionLine(self._("Pipelines and stages"))
        self.table = DataTable(page, "settings.stages", STAGES, title=self._("Pipelines and stages"))
        self.column.addWidget(self.line)
        self.column.addWidget(self.table, 1)

    def reload(self) -> None:
        self.page.read(pipeline_blocks, self._show, key="pipelines")

    def _show(self, blocks: list[PipelineBlock]) -> None:
        locale = self.ctx.locale
        used = sum(1 for block in blocks if any(stage.standing for stage in block.stages))
        words = self._("{n} pipelines, {used} with open deals").format(n=len(blocks), used=used)
        self.line.set(explanation=words)
        rows: list[GroupRow | _Stage] = []
        for block in sorted(blocks, key=lambda block: -sum(stage.standing for stage in block.stages)):
            name = block.name_zh if locale.is_chinese and block.name_zh else block.name
            origin = self._("shipped") if block.preset else block.source_system or ""
            rows.append(GroupRow(name, origin, "green" if block.active else "grey"))
            rows += [self._stage(stage) for stage in block.stages]
        self.table.set_rows(rows)

    def _stage(self, stage: StageLine) -> _Stage:
        name = stage.name_zh if self.ctx.locale.is_chinese and stage.name_zh else stage.name
        return _Stage(
            stage.id,
            stage.position,
            name,
            stage.kind.value,
            stage.probability,
            stage.weight,
            stage.limit_days,
            stage.standing,
            self._(stage.department or ""),
            self._(stage.evidence or ""),
        )
