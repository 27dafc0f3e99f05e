"""The handover checklist as a report document (HND-04)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from desktop.errors import InvalidInput
from desktop.exporters.document import LABEL, TERM, Block, Control, Document, Field
from desktop.exporters.layouts import Kind
from desktop.i18n import N_
from desktop.queries.handover import DARK, KINDS, METRICS, HandoverView, Item, handover
from desktop.queries.handover_records import interactions
from desktop.queries.report_ledger import handover_checks
from desktop.queries.report_parts import TOTAL, Asked, definitions, last_batch
from desktop.store.workspace import Work
from desktop.terms import ActivityType

TITLE = N_("Handover checklist")
_GAPS = Field("gaps", N_("Gaps"), TERM)
_ACCOUNT = Field("account", N_("Account"))
_TYPES = {str(item): item.label for item in ActivityType}


def handover_document(work: Work, asked: Asked) -> Document:
    """Return the checklist of `asked.person_id` as of today; raises InvalidInput without a person."""
    if asked.person_id is None:
        raise InvalidInput(
            "handover_without_person",
            N_("A handover report needs the person who leaves."),
            remedy=N_("Name the person, e.g. --person LOGIN."),
        )
    return checklist(work, handover(work, asked.person_id, asked.successor_id), asked)


def checklist(work: Work, view: HandoverView, asked: Asked) -> Document:
    """Return a checklist as a document."""
    found = definitions(work, *METRICS)
    return Document(
        template="handover",
        title=TITLE,
        period=asked.period.text,
        as_of=view.as_of,
        taken_at=work.now,
        filters=(
            (N_("Leaver"), (view.leaver.name, view.leaver.name)),
            (
                N_("Receiver"),
                (view.successor.name, view.successor.name) if view.successor else N_("not chosen yet"),
            ),
        ),
        batch=last_batch(work),
        blocks=(_parts(view), _accounts(view), *_items(view), _interactions(work, view)),
        controls=(
            Control("accounts", N_("Accounts"), Kind.INTEGER, len(view.accounts)),
            Control("open_opportunities", N_("Open opportunities"), Kind.INTEGER, view.open_count),
            *(
                Control(f"open_amount_{currency}", N_("Open amount"), Kind.MONEY, amount)
                if currency != view.currency
                else Control("open_amount", N_("Open amount"), Kind.MONEY, amount)
                for currency, amount in sorted(view.amounts.items())
            ),
            Control("receivable", N_("Open receivable"), Kind.MONEY, view.receivable),
            Control("overdue", N_("Overdue"), Kind.MONEY, view.overdue),
            Control("completeness", N_("Completeness"), Kind.PERCENT, view.completeness),
        ),
        definitions=found,
        signatures=(
            (N_("Leaver"), view.leaver.name),
            (N_("Receiver"), view.successor.name if view.successor else ""),
            (N_("Supervisor"), ""),
        ),
        checks=handover_checks(work, view),
    )


def _parts(view: HandoverView) -> Block:
    total = sum(part.total for part in view.parts)
    complete = sum(part.complete for part in view.parts)
    return Block(
        "completeness",
        N_("Completeness"),
        (
            Field("kind", N_("Part"), TERM),
            Field("total", N_("Items"), Kind.INTEGER),
            Field("complete", N_("Complete"), Kind.INTEGER),
            Field("share", N_("Completeness"), Kind.PERCENT, metric="handover_completeness"),
        ),
        tuple(
            (KINDS[part.kind], part.total, part.complete, _share(part.complete, part.total))
            for part in view.parts
        ),
        (TOTAL, total, complete, view.completeness),
    )


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.0001")) if whole else None


def _accounts(view: HandoverView) -> Block:
    lines = view.accounts
    return Block(
        "accounts",
        N_("Accounts"),
        (
            _ACCOUNT,
            Field("grade", N_("Grade")),
            Field("city", N_("City")),
            Field("phone", N_("Phone")),
            Field("deals", N_("Open opportunities"), Kind.INTEGER),
            Field("amount", N_("Open amount"), Kind.MONEY, view.currency),
            Field("receivable", N_("Open receivable"), Kind.MONEY, view.currency, "open_receivable"),
            Field("overdue", N_("Overdue"), Kind.MONEY, view.currency),
            Field("records", N_("Records"), Kind.INTEGER),
            Field("contacts", N_("Contacts"), Kind.INTEGER),
            Field("todos", N_("To-dos"), Kind.INTEGER),
            Field("known_by", N_("Known to others"), Kind.INTEGER),
            Field("last_on", N_("Last interaction"), Kind.DATE),
            Field("share", N_("Completeness"), Kind.PERCENT, metric="handover_completeness"),
            _GAPS,
        ),
        tuple(
            (
                line.name,
                line.grade,
                line.city,
                line.phone,
                line.open_count,
                line.open_amount,
                line.receivable,
                line.overdue,
                line.records,
                line.contacts,
                line.todos,
                line.known_by,
                line.last_on,
                line.completeness,
                _gaps(line.dark),
            )
            for line in lines
        ),
        (
            TOTAL,
            None,
            None,
            None,
            sum(line.open_count for line in lines),
            sum(line.open_amount for line in lines),
            sum(line.receivable for line in lines),
            sum(line.overdue for line in lines),
            sum(line.records for line in lines),
            sum(line.contacts for line in lines),
            sum(line.todos for line in lines),
            *(None,) * 4,
        ),
    )


def _gaps(dark: Sequence[str]) -> tuple[str, ...]:
    return tuple(DARK[flag] for flag in dark)


def _items(view: HandoverView) -> tuple[Block, ...]:
    money = Field("amount", N_("Amount"), Kind.MONEY, view.currency)
    status = Field("status", N_("Status"))
    papers = [*view.of("quote"), *view.of("contract")]
    kinds = {"quote": N_("Quote"), "contract": N_("Contract")}
    return (
        _block(
            "opportunities",
            N_("Open opportunities"),
            view.of("opportunity"),
            (
                (Field("name", N_("Opportunity")), lambda item: item.title),
                (_ACCOUNT, lambda item: item.account),
                (Field("stage", N_("Stage"), LABEL), lambda item: (item.detail, item.detail_zh)),
                (Field("amount", N_("Amount"), Kind.MONEY), lambda item: item.amount),
                (Field("currency", N_("Currency")), lambda item: item.currency),
                (Field("expected", N_("Expected close"), Kind.DATE), lambda item: item.on),
            ),
            totals=len(view.amounts) <= 1,
        ),
        _block(
            "papers",
            N_("Quotes and contracts"),
            papers,
            (
                (Field("number", N_("Document")), lambda item: item.title),
                (Field("kind", N_("Kind"), TERM), lambda item: kinds[item.kind]),
                (_ACCOUNT, lambda item: item.account),
                (money, lambda item: item.amount),
                (status, lambda item: item.detail or None),
                (Field("until", N_("Valid until"), Kind.DATE), lambda item: item.on),
            ),
            totals=False,
        ),
        _block(
            "receivables",
            N_("Receivables"),
            view.of("receivable"),
            (
                (Field("contract", N_("Contract")), lambda item: item.title),
                (_ACCOUNT, lambda item: item.account),
                (
                    Field("open", N_("Open receivable"), Kind.MONEY, view.currency, "open_receivable"),
                    lambda item: item.amount,
                ),
                (Field("overdue", N_("Overdue"), Kind.MONEY, view.currency), lambda item: item.overdue),
                (Field("due", N_("Due"), Kind.DATE), lambda item: item.on),
            ),
        ),
        _block(
            "todos",
            N_("To-dos"),
            (*view.of("task"), *view.of("approval")),
            (
                (Field("title", N_("To-do")), lambda item: item.title),
                (_ACCOUNT, lambda item: item.account),
                (Field("due", N_("Due"), Kind.DATE), lambda item: item.on),
                (Field("part", N_("Part"), TERM), lambda item: KINDS[item.kind]),
            ),
            totals=False,
        ),
    )


def _block(
    key: str,
    title: str,
    items: Sequence[Item],
    columns: Sequence[tuple[Field, Callable[[Item], Any]]],
    *,
    totals: bool = True,
) -> Block:
    fields = (*(field for field, _ in columns), _GAPS)
    rows = tuple((*(value(item) for _, value in columns), _gaps(item.dark)) for item in items)
    sums = tuple(
        TOTAL if index == 0 else sum(row[index] or 0 for row in rows) if field.kind == Kind.MONEY else None
        for index, field in enumerate(fields)
    )
    return Block(key, title, fields, rows, sums if totals else None)


def _interactions(work: Work, view: HandoverView) -> Block:
    rows = interactions(work, view.leaver.id)
    return Block(
        "interactions",
        N_("Last interactions"),
        (
            _ACCOUNT,
            Field("on", N_("Day"), Kind.DATE),
            Field("type", N_("Type"), TERM),
            Field("by", N_("By")),
            Field("text", N_("What was said")),
        ),
        tuple((row.account, row.on, _type(row.type), row.by, row.text) for row in rows),
    )


def _type(stored: str | None) -> tuple[str, ...]:
    return (_TYPES.get(stored, stored),) if stored else ()
