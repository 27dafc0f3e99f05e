"""Is the database whole? (cli.md, `check`)"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, text

from desktop.i18n import N_
from desktop.models.custom import COLUMN_OF_TYPE, CustomField, CustomValue
from desktop.models.imports import ImportRun, Lineage
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.models.people import OrgClosure, OrgUnit
from desktop.models.quotes import PaperVersion
from desktop.models.reports import ReportFile, Snapshot
from desktop.store.audit_check import may_read_all, registered_heads, verify_chain
from desktop.store.loading.specs import SPECS
from desktop.store.papers import CONTRACT, QUOTE, differing, is_whole
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it must be; `message` is a gettext id filled with `params`."""

    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)


def problems(work: Work) -> list[Problem]:
    """Return everything that is wrong with the stored data; an empty list is good news."""
    found: list[Problem] = []
    for check in (_file, _references, _lineage, _deals, _tree, _seals, _papers, _custom_values, _audit):
        work.control.check()
        found += check(work)
    return found


def _file(work: Work) -> list[Problem]:
    if not work.is_sqlite:
        return []
    answers = [str(row[0]) for row in work.session.execute(text("PRAGMA integrity_check"))]
    return [
        Problem("file_damaged", N_("The database file is damaged: {detail}"), {"detail": answer})
        for answer in answers
        if answer != "ok"
    ]


def _references(work: Work) -> list[Problem]:
    if not work.is_sqlite:
        return []
    return [
        Problem(
            "reference_broken",
            N_("Row {row} of table {table} refers to a row of {target} that does not exist."),
            {"table": row[0], "row": row[1], "target": row[2]},
        )
        for row in work.session.execute(text("PRAGMA foreign_key_check"))
    ]


def _lineage(work: Work) -> list[Problem]:
    """Every line of lineage belongs to a run: no constraint says so, see `models.imports.Lineage`."""
    lone = select(func.min(Lineage.id)).where(Lineage.run_id.not_in(select(ImportRun.id)))
    line: int | None = work.session.execute(lone).scalar()
    if line is None:
        return []
    return [
        Problem(
            "reference_broken",
            N_("Row {row} of table {table} refers to a row of {target} that does not exist."),
            {"table": Lineage.__tablename__, "row": line, "target": ImportRun.__tablename__},
        )
    ]


def _deals(work: Work) -> list[Problem]:
    without = select(func.count()).where(
        ~select(StageEvent.id).where(StageEvent.opportunity_id == Opportunity.id).exists()
    )
    count = work.session.execute(without.select_from(Opportunity)).scalar_one()
    mismatched = (
        select(func.count())
        .select_from(Opportunity)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where((Stage.kind != Opportunity.status) | (Stage.pipeline_id != Opportunity.pipeline_id))
    )
    wrong = work.session.execute(mismatched).scalar_one()
    found = []
    if count:
        found.append(
            Problem(
                "deals_without_history", N_("{count} opportunities have no stage event."), {"count": count}
            )
        )
    if wrong:
        found.append(
            Problem(
                "deals_in_wrong_stage",
                N_("{count} opportunities stand in a stage that contradicts them."),
                {"count": wrong},
            )
        )
    return found


def _tree(work: Work) -> list[Problem]:
    """Hold the closure table to what the parents say."""
    parents = {row.id: row.parent_id for row in work.rows(select(OrgUnit.id, OrgUnit.parent_id))}
    expected = set()
    for unit in parents:
        ancestor, depth = unit, 0
        while ancestor is not None and depth <= len(parents):
            expected.add((ancestor, unit, depth))
            ancestor, depth = parents.get(ancestor), depth + 1
        if depth > len(parents):
            return [
                Problem(
                    "tree_circular",
                    N_("The organisation tree runs in a circle at unit {unit}."),
                    {"unit": unit},
                )
            ]
    stored = {
        (row.ancestor_id, row.descendant_id, row.depth)
        for row in work.rows(select(OrgClosure.ancestor_id, OrgClosure.descendant_id, OrgClosure.depth))
    }
    if stored == expected:
        return []
    return [
        Problem(
            "tree_closure",
            N_("{count} pairs of the organisation's closure table are wrong."),
            {"count": len(stored ^ expected)},
        )
    ]


def _seals(work: Work) -> list[Problem]:
    found = []
    for row in work.rows(select(Snapshot.report_id, Snapshot.document, Snapshot.hash)):
        if hashlib.sha256(row.document.encode()).hexdigest() != row.hash:
            found.append(
                Problem(
                    "snapshot_altered",
                    N_("The frozen figures of report {report} were altered."),
                    {"report": row.report_id},
                )
            )
    files = select(ReportFile.report_id, ReportFile.sheet_id, ReportFile.content, ReportFile.sha256)
    for row in work.rows(files):
        if hashlib.sha256(row.content).hexdigest() != row.sha256:
            said = N_("A stored workbook of report {report} was altered.")
            if row.report_id is None:
                said = N_("The stored workbook of settlement sheet {sheet} was altered.")
            found.append(Problem("workbook_altered", said, {"report": row.report_id, "sheet": row.sheet_id}))
    return found


def _papers(work: Work) -> list[Problem]:
    """Hold what was approved of quotes and contracts to its hash, and to what they say now (PER-06)."""
    newest: dict[tuple[str, int], PaperVersion] = {}
    found = []
    for version in work.session.scalars(select(PaperVersion).order_by(PaperVersion.id)):
        kind = QUOTE if version.quote_id is not None else CONTRACT
        number = version.quote_id or version.contract_id or 0
        newest[kind, number] = version
        if not is_whole(version.content, version.hash):
            found.append(
                Problem(
                    "paper_version_altered",
                    N_("Version {number} of {kind} {id} is not what was approved: its hash differs."),
                    {"number": version.number, "kind": kind, "id": number},
                )
            )
    for (kind, number), version in newest.items():
        if changed := differing(work, kind, number, json.loads(version.content)):
            found.append(
                Problem(
                    "paper_altered",
                    N_("{kind} {id} was changed after it was approved: {fields}."),
                    {"kind": kind, "id": number, "fields": ", ".join(changed)},
                )
            )
    return found


def _custom_values(work: Work) -> list[Problem]:
    """Every value of a custom field stands in its type's column and belongs to a record that is there."""
    found = []
    for row in work.rows(select(CustomField.id, CustomField.entity, CustomField.label_zh, CustomField.type)):
        table = SPECS[row.entity].table
        own = CustomValue.field_id == row.id
        lone = select(func.count()).where(own, ~CustomValue.record_id.in_(select(table.c.id)))
        column = CustomValue.__table__.c[COLUMN_OF_TYPE[row.type]]
        wrong = select(func.count()).where(own, column.is_(None))
        count = work.session.execute(lone).scalar_one() + work.session.execute(wrong).scalar_one()
        if count:
            found.append(
                Problem(
                    "custom_values_wrong",
                    N_("{count} values of the field “{field}” have no record or are of another kind."),
                    {"count": count, "field": row.label_zh},
                )
            )
    return found


def _audit(work: Work) -> list[Problem]:
    """The audit trail is whole; on the team database only those who may read all of it can tell."""
    if not may_read_all(work):
        return []
    anchors = registered_heads(work)
    checked = verify_chain(work.connection, work.control, anchors)
    return [Problem(item.code, item.message, item.params) for item in checked.findings]
