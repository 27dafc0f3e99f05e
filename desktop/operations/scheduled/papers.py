"""What the papers that go out by the clock have in common."""

from __future__ import annotations

from desktop.exporters.pages import Paper
from desktop.exporters.pdf import pdf_bytes
from desktop.i18n import N_
from desktop.operations.scheduled.content import Asked, Content
from desktop.queries.report_parts import unit_filter
from desktop.store.workspace import Work

_NOTE = N_("As of {now}; due {due}. Plumbline 准绳")


def unit_text(work: Work, asked: Asked) -> str:
    """Return whom a paper is about."""
    _, where = unit_filter(work, asked.schedule.unit_id)
    return str(where[0]) if isinstance(where, tuple) else asked.locale._(where)


def foot(work: Work, asked: Asked) -> str:
    """Return what stands below a paper: of when it is."""
    locale = asked.locale
    return locale._(_NOTE).format(now=locale.instant(work.now), due=locale.instant(asked.due_at))


def as_message(paper: Paper, title: str, asked: Asked) -> Content:
    """Return a paper as a message with its PDF."""
    (content,) = pdf_bytes([paper])
    return Content(
        f"{title} {asked.day}", f"{title}\n{paper.subtitle}\n", None, f"{title} {asked.day}.pdf", content
    )
