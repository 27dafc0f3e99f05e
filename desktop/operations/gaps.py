"""Sheets that collect what is missing: gap sheets and field kits, one workbook per person (IMP-02, beyond 17).

They come back through an import by themselves: hidden columns say which record and version a row is about.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from desktop.exporters.layouts import Column, Form, Kind, Layout, Line, Section, Sheet, Value
from desktop.exporters.workbook import write_sheets
from desktop.i18n import N_, Locale
from desktop.importers.fields import Field, field
from desktop.importers.returned import ENTRY, OPEN, RECORD, VERSION
from desktop.models.accounts import Account, Contact
from desktop.models.people import Person
from desktop.operations.sheets import file_hash
from desktop.queries.gaps import CHOSEN, KNOWN, GapList, choices_of, gap_lists, people_named
from desktop.store.workspace import Work
from desktop.terms import ActivityType

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_KINDS = {"date": Kind.DATE, "datetime": Kind.DATE, "integer": Kind.INTEGER}
_VISIT_LINES, _REQUEST_LINES = 120, 40

PAINS = (
    N_("Delivery time"),
    N_("Price"),
    N_("Quality"),
    N_("After-sales service"),
    N_("Payment terms"),
    N_("Technical fit"),
    N_("Integration with other systems"),
    N_("Internal approval"),
)
"""The pains that a visit's list offers; others can be typed in the notes."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """One workbook that was written: whose, where, how many customers, and how many cells are open."""

    owner: str
    path: Path
    customers: int
    open: int


def write_gap_sheets(
    work: Work,
    *,
    path: Path,
    owners: Sequence[str] = (),
    fields: Sequence[str] = CHOSEN,
    locale: Locale,
) -> list[HandedOut]:
    """Write what is missing in customers: into a file for one person, into a folder for several.

    Raises NotFound, InvalidInput, or UserError if a file cannot be written.
    """
    lists = gap_lists(work, owners=owners, fields=fields)
    written = []
    for one in lists:
        target = _target(path, one.owner, locale._("Customer gaps"))
        sheets: list[Sheet | Form] = [
            gap_sheet(work, one, locale),
            _instructions(locale, locale._("Customer gaps"), _GAP_STEPS),
        ]
        _write(work, target, locale._("Customer gaps"), sheets, locale)
        written.append(HandedOut(one.owner, target, len(one.rows), one.gaps))
    work.audit("export_gaps", fields=list(fields), **_written(written))
    return written


def write_field_kits(
    work: Work, *, path: Path, owners: Sequence[str] = (), locale: Locale
) -> list[HandedOut]:
    """Write a kit per person: visits, requests and gaps to be filled in on the road, and brought back."""
    people = [person for person in people_named(work, owners) if owners or _customers(work, person.id)]
    gaps = {one.owner: one for one in gap_lists(work, owners=owners)}
    written = []
    for person in people:
        customers = _customers(work, person.id)
        sheets: list[Sheet | Form] = [
            _entries(work, person, customers, locale, visits=True),
            _entries(work, person, customers, locale, visits=False),
        ]
        own = gaps.get(person.name)
        if own:
            sheets.append(gap_sheet(work, own, locale))
        sheets.append(_instructions(locale, locale._("Field kit"), _KIT_STEPS))
        target = _target(path, person.name, locale._("Field kit"))
        _write(work, target, locale._("Field kit"), sheets, locale)
        written.append(HandedOut(person.name, target, len(customers), own.gaps if own else 0))
    work.audit("export_kits", **_written(written))
    return written


def _written(written: Sequence[HandedOut]) -> dict[str, Any]:
    """Return what the export log says of sheets that went out: they hold phones."""
    return {
        "people": [one.owner for one in written],
        "rows": sum(one.customers for one in written),
        "files": {one.path.name: file_hash(one.path) for one in written},
    }


def gap_sheet(work: Work, gaps: GapList, locale: Locale) -> Sheet:
    """Return one person's sheet of gaps: what is known is locked, only empty cells of the asked fields are open."""
    choices = choices_of(work, gaps.fields, locale)
    columns = [Column(header, hidden=True) for header in (RECORD, VERSION, OPEN)]
    columns += [Column(field(name).label(locale.is_chinese)) for name in KNOWN]
    columns += [_open_column(item, choices, locale) for item in gaps.fields]
    rows: list[list[Value]] = []
    for row in gaps.rows:
        opened = [item.name for item, value in zip(gaps.fields, row.asked, strict=True) if value is None]
        shown = [_shown(item, value, locale) for item, value in zip(gaps.fields, row.asked, strict=True)]
        rows.append([str(row.id), str(row.version), ",".join(opened), *row.known, *shown])
    return Sheet(
        locale._("To be filled in"), tuple(columns), rows, table="Gaps", protect=True, only_blanks_open=True
    )


def _shown(item: Field, value: object, locale: Locale) -> Value:
    if value is None:
        return None
    if item.terms is not None:
        known = {str(term.value): locale._(term.label) for term in item.terms}
        return known.get(str(value), str(value))
    return str(value)


def _open_column(
    item: Field, choices: Mapping[str, tuple[str, ...]], locale: Locale, hint: str = ""
) -> Column:
    return Column(
        item.label(locale.is_chinese),
        _KINDS.get(item.type, Kind.TEXT),
        open=True,
        choices=choices.get(item.full_name, ()),
        hint=hint,
        width=16,
    )


_VISIT_FIELDS = (
    "account_name",
    "type",
    "occurred_at",
    "status",
    "contact_name",
    "pains",
    "competitor",
    "content",
    "outcome",
    "next_action",
    "next_contact_at",
)
_REQUEST_FIELDS = ("account_name", "subject", "content", "due_at")


def _entries(work: Work, person: Person, customers: Sequence[str], locale: Locale, *, visits: bool) -> Sheet:
    """Return lines to be filled in; each has an id of its own, so that it never comes in twice."""
    _ = locale._
    names = _VISIT_FIELDS if visits else _REQUEST_FIELDS
    types = tuple(
        _(term.label)
        for term in (ActivityType.VISIT, ActivityType.CALL, ActivityType.MEETING, ActivityType.DEMO)
    )
    choices = {
        "activity.account_name": tuple(customers),
        "activity.type": types,
        "activity.status": (_("planned"), _("done")),
        "activity.contact_name": _contacts(work, person.id),
        "activity.pains": tuple(_(pain) for pain in PAINS),
    }
    hint = _("Day as 2026-03-05")
    columns = [Column(ENTRY, hidden=True), Column(field("activity.owner").label(locale.is_chinese))]
    if not visits:
        columns.append(Column(field("activity.type").label(locale.is_chinese)))
    for name in names:
        item = field(f"activity.{name}")
        columns.append(_open_column(item, choices, locale, hint if item.type == "datetime" else ""))
    kit = uuid.uuid4().hex[:12]
    fixed: list[Value] = [person.name] if visits else [person.name, _(ActivityType.TASK.label)]
    part = "v" if visits else "r"
    rows: list[list[Value]] = [
        [f"kit-{kit}-{part}{number}", *fixed, *([None] * len(names))]
        for number in range(1, (_VISIT_LINES if visits else _REQUEST_LINES) + 1)
    ]
    title = _("Visits") if visits else _("Customer requests")
    return Sheet(title, tuple(columns), rows, table="Visits" if visits else "Requests", protect=True)


def _customers(work: Work, owner: int) -> list[str]:
    statement = select(Account.name).where(Account.owner_id == owner).order_by(Account.name).distinct()
    return [row.name for row in work.rows(statement)]


def _contacts(work: Work, owner: int) -> tuple[str, ...]:
    statement = (
        select(Contact.name)
        .join(Account, Account.id == Contact.account_id)
        .where(Account.owner_id == owner, Contact.name.is_not(None))
        .distinct()
        .order_by(Contact.name)
    )
    return tuple(row.name for row in work.rows(statement))


_GAP_STEPS = (
    N_("Fill in the coloured cells; the others are locked and are not read back."),
    N_("Cells with a list take only what stands in it."),
    N_("Save the file and hand it in: it is dropped on the Migrate page as it is."),
    N_("What somebody changed meanwhile in the console is not overwritten; you are told."),
)
_KIT_STEPS = (
    N_("One line per visit or request; lines that stay empty are not read."),
    N_(
        "Hand the file in as often as you like: a line never comes in twice, and later additions are taken over."
    ),
    N_("What somebody changed meanwhile in the console is not overwritten; you are told."),
)


def _instructions(locale: Locale, title: str, steps: Sequence[str]) -> Form:
    lines = tuple(Line(str(number), locale._(step)) for number, step in enumerate(steps, 1))
    return Form(locale._("How to fill it in"), title, (Section(locale._("How to fill it in"), lines),))


def _target(path: Path, owner: str, what: str) -> Path:
    if path.suffix.lower() == ".xlsx":
        return path
    return path / f"{_UNSAFE.sub('_', f'{what} {owner}')}.xlsx"


def _write(work: Work, path: Path, title: str, sheets: Sequence[Sheet | Form], locale: Locale) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    layout = Layout(title, tuple(sheets), created=work.now, author=work.actor.name)
    write_sheets(path, layout, locale)
