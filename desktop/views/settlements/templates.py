"""Finance's own workbooks on the Settlements page: kept by dropping, tried with a report, filled with an approved one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QVBoxLayout, QWidget

from desktop.errors import UserError
from desktop.operations.templates import KeptTemplate, keep_template, kept_content, kept_templates
from desktop.queries.filling import Offered, Placed, offered_names, template_fits
from desktop.queries.reports import ReportRow, report_list
from desktop.terms import ReportState
from desktop.views.buttons import button
from desktop.views.empty import EmptyState
from desktop.views.inspector import Inspector, Line
from desktop.views.labels import SectionLine, label
from desktop.views.page import Page, clear_layout
from desktop.views.reports.columns import STATES, about
from desktop.views.reports.filling import fill_kept
from desktop.views.saving import read_file, save_file
from desktop.views.settlements.columns import TEMPLATE_COLUMNS
from desktop.views.strips import Advice
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work

CHANGED = frozenset({"fill_template"})
APPROVED = (ReportState.APPROVED, ReportState.EXPORTED)


class TemplatesPane(QWidget):
    """The kept workbooks with their versions."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        _ = page.ctx.locale._
        self.reports: list[ReportRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.line = SectionLine(_("Finance's templates"), _("drop a workbook here to keep its next version"))
        self.line.add(button(_("Add a workbook"), self.choose, look="tinted", icon="add", small=True))
        column.addWidget(self.line)
        self.table = DataTable(
            page, "settlements.templates", TEMPLATE_COLUMNS, title=_("Finance's templates")
        )
        self.table.selected.connect(self.show_template)
        column.addWidget(self.table, 1)
        self.table.set_empty(
            EmptyState(
                "excel",
                _("No workbook is kept yet"),
                _(
                    "Drop a workbook of finance's here. Where it has defined names or tables called like the values "
                    "of a report, these are filled; everything else stays as it is, macros and charts included."
                ),
                [(_("Add a workbook"), self.choose)],
            )
        )

    def reload(self) -> None:
        """Ask for the workbooks and the reports they can be tried with."""

        def query(work: Work) -> tuple[list[KeptTemplate], list[ReportRow]]:
            return kept_templates(work, every_version=True), report_list(work)

        self._page.read(query, self._show, key="templates")

    def _show(self, found: tuple[list[KeptTemplate], list[ReportRow]]) -> None:
        kept, self.reports = found
        self.table.set_rows(kept)

    def choose(self) -> None:
        """Ask for a workbook to keep."""
        if QGuiApplication.platformName() == "offscreen":
            return
        _ = self._page.ctx.locale._
        chosen, _kind = QFileDialog.getOpenFileName(
            self, _("Add a workbook"), "", _("Excel workbook (*.xlsx *.xlsm)")
        )
        if chosen:
            self.keep(Path(chosen))

    def keep(self, file: Path) -> None:
        """Keep a workbook as the next version under its file's name."""
        page, _ = self._page, self._page.ctx.locale._

        def write(content: bytes) -> None:
            page.write(
                lambda work: keep_template(work, name=file.stem, file_name=file.name, content=content),
                told,
                topics=CHANGED,
            )

        def told(kept: KeptTemplate) -> None:
            words = _("Kept as version {n}.").format(n=kept.number)
            page.show_message("green", words, place=kept.name)
            self.reload()
            self.show_template(kept)

        page.ctx.tasks.run(page, lambda _control: read_file(file), write, title=_("Add a workbook"))

    def show_template(self, kept: KeptTemplate | None) -> None:
        """Open the inspector of a version."""
        if kept is not None:
            self.panel = TemplatePanel(self._page, kept, self.reports)
            self._page.show_inspector(self.panel)


class TemplatePanel(Inspector):
    """One version: who kept it, what it would show of a report, filling it."""

    def __init__(self, page: Page, kept: KeptTemplate, reports: list[ReportRow]) -> None:
        locale = page.ctx.locale
        _ = locale._
        super().__init__(locale, kept.name, _("version {n}").format(n=kept.number))
        self._page, self._kept, self._reports = page, kept, {row.id: row for row in reports}
        self.add_values(
            [
                (_("File"), kept.file_name),
                (_("Kept by"), f"{kept.made_by} · {locale.instant(kept.made_at)}"),
                ("SHA-256", kept.sha256[:16] + "…"),
            ]
        )
        column = self.add_section(_("With a report"))
        self.report = QComboBox()
        self.report.setAccessibleName(_("Report"))
        self.report.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.report.setMinimumContentsLength(16)
        for row in reports:
            words = (about(row, locale), row.period, _(STATES[row.state][1]), row.number)
            self.report.addItem(" · ".join(words), row.id)
        # Its own kind of report first, then one that can be filled in at once.
        best = sorted(reports, key=lambda row: (row.template != kept.report, row.state not in APPROVED))
        if best:
            self.report.setCurrentIndex(self.report.findData(best[0].id))
        self.report.activated.connect(lambda _index: self._chosen())
        column.addWidget(self.report)
        self._said = QVBoxLayout()
        column.addLayout(self._said)
        self.set_actions(
            (_("Fill"), self.fill),
            [(_("Check"), self.check), (_("Names"), self.names), (_("Save a copy"), self.copy_out)],
        )
        self._chosen()

    def _row(self) -> ReportRow | None:
        return self._reports.get(self.report.currentData())

    def _chosen(self) -> None:
        """Say what stands in the way before anybody presses a button."""
        clear_layout(self._said)
        _, row = self._page.ctx.locale._, self._row()
        if row is None:
            words = _("Make a report on the Reports page; once it is approved, it can be filled in here.")
            self._said.addWidget(Advice("grey", _("There is no report yet"), words))
        elif row.state not in APPROVED:
            words = _("It can be checked already; it is filled in once a second person has approved it.")
            self._said.addWidget(Advice("amber", _("Not approved yet"), words))
        else:
            self.check()

    def check(self) -> None:
        """Tell what the workbook would show of the report, or everything that is wrong with it."""
        row, kept, locale = self._row(), self._kept, self._page.ctx.locale
        if row is None:
            return

        def ask(work: Work) -> tuple[Placed, ...]:
            content, file_name = kept_content(work, kept.name, kept.number)
            return template_fits(work, row.id, content, file_name, locale)

        self._page.ctx.tasks.read(
            self._page, ask, self._fits, key="fits", failed=self._refused, title=locale._("Check")
        )

    def _fits(self, placed: tuple[Placed, ...]) -> None:
        clear_layout(self._said)
        locale = self._page.ctx.locale
        fact = locale.plural("It can be filled: {n} place", "It can be filled: {n} places", len(placed))
        self._said.addWidget(Advice("green", fact, locale._("Everything else stays byte for byte as it is.")))
        for one in placed:
            rows = locale.plural("{n} row", "{n} rows", one.rows) if one.rows > 1 else ""
            self._said.addWidget(Line(one.name, right=f"{one.sheet}!{one.area} {rows}".strip()))

    def _refused(self, error: UserError) -> None:
        clear_layout(self._said)
        locale = self._page.ctx.locale
        self._said.addWidget(Advice("red", error.text(locale), error.remedy_text(locale)))

    def names(self) -> None:
        """List the names that a workbook may use for the report."""
        row = self._row()
        if row is not None:
            self._page.read(lambda work: offered_names(work, row.id), self._offered, key="fits")

    def _offered(self, found: list[Offered]) -> None:
        clear_layout(self._said)
        _ = self._page.ctx.locale._
        words = _(
            "Give a cell or a table of the workbook one of these names (in Excel: Formulas, Name Manager)."
        )
        self._said.addWidget(label(words, "caption", wrap=True))
        kinds = {"value": _("value"), "table": _("table")}
        chinese = self._page.ctx.locale.is_chinese
        for one in found:
            name = one.title_zh if chinese else one.title_en
            self._said.addWidget(Line(name, right=f"{one.key} · {kinds[one.kind]}"))
            if one.columns:
                self._said.addWidget(label("、".join(one.columns), "caption", wrap=True))

    def fill(self, path: Path | None = None) -> None:
        """Fill this version with the report, register the file, and save it."""
        row = self._row()
        if row is not None:
            fill_kept(self._page, row.id, self._kept.name, path, version=self._kept.number)

    def copy_out(self, path: Path | None = None) -> None:
        """Save this version as it was kept."""
        kept = self._kept

        def save(found: tuple[bytes, str]) -> None:
            save_file(self._page, found[1], found[0], path)

        self._page.read(lambda work: kept_content(work, kept.name, kept.number), save, key="copy")
