"""Finance's workbooks, kept in the database with their versions, so that every desk fills the same one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from desktop.errors import NotAllowed, NotFound
from desktop.exporters.package import Package
from desktop.exporters.template_book import Book
from desktop.i18n import N_
from desktop.models.people import Person
from desktop.models.settlements import FillTemplate
from desktop.operations.settlements import SETTLERS
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class KeptTemplate:
    """One version of a workbook: its name, number, file, who kept it, and for which report template (or "")."""

    id: int
    name: str
    number: int
    file_name: str
    sha256: str
    made_by: str
    made_at: datetime
    report: str


def keep_template(work: Work, *, name: str, file_name: str, content: bytes, report: str = "") -> KeptTemplate:
    """Keep a workbook as the next version under its name; the very same bytes are not kept twice.

    Raises InvalidInput for a file that is no workbook, NotAllowed for who does not keep finance's workbooks.
    """
    if work.actor.role not in SETTLERS:
        raise NotAllowed(
            "template_not_yours",
            N_("Workbooks of finance's are kept by finance, sales operations and administrators."),
            remedy=N_("Ask one of them, or name the file with --template FILE."),
        )
    Book(Package(content, file_name))
    sha256 = hashlib.sha256(content).hexdigest()
    newest = select(FillTemplate.number, FillTemplate.sha256).where(FillTemplate.name == name)
    last = work.rows(newest.order_by(FillTemplate.number.desc()).limit(1))
    if not last or last[0].sha256 != sha256:
        number = (last[0].number if last else 0) + 1
        work.session.add(
            FillTemplate(
                name=name,
                number=number,
                report=report,
                file_name=file_name,
                sha256=sha256,
                content=content,
                made_by_id=work.actor.person_id,
                made_at=work.now,
            )
        )
        work.session.flush()
        work.audit("keep_template", "fill_template", None, name=name, number=number, sha256=sha256)
    return next(one for one in kept_templates(work) if one.name == name)


def kept_templates(work: Work, *, every_version: bool = False) -> list[KeptTemplate]:
    """Return the newest version of each workbook, or all versions, by name."""
    newest = (
        select(FillTemplate.name, func.max(FillTemplate.number).label("number"))
        .group_by(FillTemplate.name)
        .subquery()
    )
    statement = (
        select(
            FillTemplate.id,
            FillTemplate.name,
            FillTemplate.number,
            FillTemplate.file_name,
            FillTemplate.sha256,
            Person.name.label("made_by"),
            FillTemplate.made_at,
            FillTemplate.report,
        )
        .join(Person, Person.id == FillTemplate.made_by_id)
        .order_by(FillTemplate.name, FillTemplate.number.desc())
    )
    if not every_version:
        statement = statement.join(
            newest, (newest.c.name == FillTemplate.name) & (newest.c.number == FillTemplate.number)
        )
    return [KeptTemplate(*row) for row in work.rows(statement)]


def kept_content(work: Work, name: str, number: int | None = None) -> tuple[bytes, str]:
    """Return the bytes and file name of a kept workbook, the newest unless a version is named; raise NotFound."""
    statement = select(FillTemplate.content, FillTemplate.file_name).where(FillTemplate.name == name)
    if number is not None:
        statement = statement.where(FillTemplate.number == number)
    found = work.rows(statement.order_by(FillTemplate.number.desc()).limit(1))
    if not found:
        raise NotFound(
            "template_unknown",
            N_("There is no file and no kept workbook “{name}”."),
            remedy=N_("See “plumbline template list”, or give the path of a file."),
            name=name,
        )
    return bytes(found[0].content), found[0].file_name
