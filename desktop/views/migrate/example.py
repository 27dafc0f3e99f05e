"""The Migrate page in its important states with the fictitious firm's files, for pictures that are looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.operations import mapping_lines
from desktop.operations.examples import example_migration
from desktop.operations.imports import IMPORTERS
from desktop.operations.outcomes import CREATED, UPDATED
from desktop.views.migrate.outcome import MERGES
from desktop.views.migrate.session import state_of

if TYPE_CHECKING:
    from desktop.views.migrate.page import MigratePage

_BLOCK = [
    ["客户名称", "联系人", "手机", "意向产品", "预计金额"],
    ["演示客户一有限公司", "甲先生", "13800000001", "磁力泵", "120,000"],
    ["演示客户二有限公司", "乙女士", "13800000002", "计量泵", "86,500"],
    ["演示客户三有限公司", "丙先生", "13800000003", "磁力泵", "45,000"],
]


def show_mapping(page: MigratePage) -> None:
    """Show the mapping of the customers, after a dry run by whoever may import."""
    from desktop.views.migrate.page import CHECK

    example = example_migration()
    page.session.take(state_of(example.source))
    lines = mapping_lines.table_lines(example.source, example.converted)
    page.table = next((line.id for line in lines if line.entity == "account"), 0)
    # Whoever may not import looks at the mapping alone.
    if page.ctx.workspace.read(lambda work: work.actor.role) in IMPORTERS:
        page.session.rehearsed = page.ctx.workspace.rehearse(example.rehearsal())
    page.show_step(CHECK)


def states(page: MigratePage) -> list[tuple[str, Callable[[], None]]]:
    """Return the states by name; each begins where `show_mapping` ends."""
    from desktop.views.migrate.page import CHECK, RECOGNISE, REHEARSE, RESULT, REVIEW

    def step(number: int) -> Callable[[], None]:
        return lambda: page.show_step(number)

    def column() -> None:
        page.show_step(CHECK)
        table = page.bench.mapping.table
        line = next((one for one in table.rows() if one.field == "account.source"), table.rows()[0])
        table.select(line.id, tell=False)
        page.inspect(line)

    def fields() -> None:
        page.show_step(CHECK)
        page.deciding.fields(page.bench.mapping.table.rows()[0])

    def review() -> None:
        page.show_step(REVIEW)
        page.bench.review.walk()

    def outcome() -> None:
        page.show_step(REHEARSE)
        page.bench.outcome.show_tab(CREATED)

    def running() -> None:
        if page.session.source is None:
            return
        lines = mapping_lines.table_lines(page.session.source, page.session.converted)
        page.running.begin("importing", lines, lambda: None)
        page.show_alone(page.running)
        entities = [line.entity for line in lines if line.entity]
        for at, entity in enumerate(entities[:4]):
            page.running.show_progress(400 * (at + 1), 9957, str(entity))
        page.running.end()

    def changes() -> None:
        page.show_step(REHEARSE)
        page.bench.outcome.show_tab(UPDATED)

    def merges() -> None:
        page.show_step(REHEARSE)
        page.bench.outcome.show_tab(MERGES)

    def result() -> None:
        if page.session.rehearsed is not None:
            page.session.result = replace(page.session.rehearsed, run=1)
        page.show_step(RESULT)
        page.session.result = None

    def staging() -> None:
        page.intake.paste()
        page.staging.model.set_block(_BLOCK)

    def empty() -> None:
        page.start_over()

    return [
        ("recognise", step(RECOGNISE)),
        ("values", column),
        ("fields", fields),
        ("review", review),
        ("outcome", outcome),
        ("changes", changes),
        ("merges", merges),
        ("running", running),
        ("result", result),
        ("paste", staging),
        ("empty", empty),
    ]
