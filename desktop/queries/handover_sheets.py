"""The checklist as a workbook for the desk, before anybody approved it: to be printed and signed."""

from __future__ import annotations

from desktop.exporters.document import canonical_text, digest, with_words
from desktop.exporters.report_book import Seal, report_layout
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import Locale
from desktop.periods import Period
from desktop.queries.handover import HandoverView
from desktop.queries.report_handover import checklist
from desktop.queries.report_parts import Asked
from desktop.store.workspace import Work


def handover_workbook(work: Work, view: HandoverView, locale: Locale) -> bytes:
    """Return a checklist as an .xlsx workbook that says on its cover that it is not approved."""
    asked = Asked(Period.month_of(view.as_of), person_id=view.leaver.id)
    document = with_words(checklist(work, view, asked), Locale("zh_CN"))
    number = f"{view.leaver.name} {view.as_of.isoformat()}"
    seal = Seal(number, "draft", digest(canonical_text(document)), work.actor.name, work.now)
    return workbook_bytes(report_layout(document, seal, locale), locale)
