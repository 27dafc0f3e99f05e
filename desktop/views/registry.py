"""The list of pages, and how to write one.

A page is a class in `desktop/views/<page>/page.py`, listed below by its import path; the rail, the
command palette, Alt+1…9 and the `screenshots` command follow from the list. Nothing of a page is
imported before it is first shown. A page looks like this::

    class FunnelPage(Page):
        topics = frozenset({"opportunity"})          # reload after commits that name one of these

        def __init__(self, ctx: AppContext) -> None:
            super().__init__(ctx)                    # self.ctx, self._ (translate), self.locale_
            self.set_title(self._("Pipeline"))
            self.add_command("refresh", self._("Refresh"), self.reload)
            self.add_command("add", self._("New deal"), self.new_deal, primary=True)
            self.section = SectionLine(self._("Where it leaks most"))      # labels.py
            self.body.addWidget(self.section)
            self.table = DataTable(self, "funnel.deals", COLUMNS, filters=True)     # tables.py
            self.table.selected.connect(self.show_deal)                  # gets the frozen row
            self.body.addWidget(self.table, 1)

        def reload(self) -> None:                    # called by the window; never from __init__
            scope = self.ctx.scope.value
            self.read(lambda work: funnel_steps(work, scope=scope), self.show_view, key="steps")
            self.table.set_source(QuerySource(          # sorted and filtered by the database
                lambda work, filters: deal_count(work, scope, filters),
                lambda work, request: deal_rows(work, scope, request)))

        def show_view(self, view: FunnelView) -> None:
            told = view.told                          # figures by key of the metric dictionary
            self.set_figures([Figure("funnel_open_count", self._("Open deals"), "186", "个", told=told)])

        def open(self, **args) -> None: ...          # navigate("pipeline", stage_id=3) lands here

- Threads: only `self.read(query, done)` and `self.write(operation, done, topics=frozenset({...}))`;
  a UserError becomes a strip on the page by itself, a bug opens the dialog by itself.
- Small data: `table.set_rows(rows)` sorts and filters frozen rows in memory. Columns are data:
  `Column("amount", N_("Amount"), MoneyCell(), unit="money", width=90)`; see `columns.py` and `cells.py`.
- Inspector: `panel = Inspector(locale, title, subtitle, grade="A")`, `panel.add(Advice(...))`,
  `panel.add_values([(key, value)])`, `panel.add_section(title)`, `self.show_inspector(panel)`.
- Messages: `self.show_message("amber", sentence, place="报价 Q-1", actions=[(text, act)])`.
- Nothing to show: `table.set_empty(EmptyState(icon, title, text, [(button text, act)]))`, or the panel in the body.
- Charts: `desktop/views/charts/` (base, weeks, funnel, waterfall, lines); never plain pyqtgraph.
- Colours: `theme.color("red_t")`, label looks: `label(text, "caption")`. Icons by meaning: `icons.py`.
- Rail counts: `self.ctx.window.set_counts({"approvals": (7, "grey")})`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from desktop.control import Control
from desktop.i18n import N_

if TYPE_CHECKING:
    from desktop.views.page import Page


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One entry of the rail: `path` is module:Class, `label` an English gettext id, `group` 0 to 3."""

    key: str
    icon: str
    label: str
    group: int
    path: str

    @property
    def exists(self) -> bool:
        """Whether the page's module can be imported in this build."""
        try:
            return find_spec(self.path.partition(":")[0]) is not None
        except ModuleNotFoundError:
            return False

    def load(self) -> type[Page]:
        """Import the page's class."""
        module, _, name = self.path.partition(":")
        found = cast("type[Page]", getattr(import_module(module), name))
        _LOADED.add(self.key)
        return found

    @property
    def is_loaded(self) -> bool:
        """Whether everything that the page imports is there: building it waits for nothing then."""
        return self.key in _LOADED


_LOADED: set[str] = set()


PAGES: tuple[PageSpec, ...] = (
    PageSpec("today", "today", N_("Today"), 0, "desktop.views.today.page:TodayPage"),
    PageSpec("customers", "customers", N_("Customers"), 0, "desktop.views.customers.page:CustomersPage"),
    PageSpec("pipeline", "pipeline", N_("Pipeline"), 0, "desktop.views.pipeline.page:PipelinePage"),
    PageSpec("targets", "targets", N_("Targets"), 0, "desktop.views.targets.page:TargetsPage"),
    PageSpec("health", "health", N_("Health"), 0, "desktop.views.health.page:HealthPage"),
    PageSpec("handover", "handover", N_("Handover"), 1, "desktop.views.handover.page:HandoverPage"),
    PageSpec(
        "collections", "collections", N_("Collections"), 1, "desktop.views.collections.page:CollectionsPage"
    ),
    PageSpec("quotes", "quotes", N_("Quotes"), 1, "desktop.views.quotes.page:QuotesPage"),
    PageSpec("reports", "reports", N_("Reports"), 1, "desktop.views.reports.page:ReportsPage"),
    PageSpec("approvals", "approvals", N_("Approvals"), 1, "desktop.views.approvals.page:ApprovalsPage"),
    PageSpec("settlements", "money", N_("Settlements"), 1, "desktop.views.settlements.page:SettlementsPage"),
    PageSpec("migrate", "migrate", N_("Migrate"), 2, "desktop.views.migrate.page:MigratePage"),
    PageSpec("duplicates", "duplicates", N_("Duplicates"), 2, "desktop.views.duplicates.page:DuplicatesPage"),
    PageSpec("settings", "settings", N_("Settings"), 3, "desktop.views.settings.page:SettingsPage"),
)


def available_pages() -> list[PageSpec]:
    """Return the pages that exist in this build, in the rail's order."""
    return [spec for spec in PAGES if spec.exists]


def load_all(control: Control) -> None:
    """Import every page, one after the other: on a thread, so that nobody waits for it when a page is first visited."""
    for spec in available_pages():
        control.check()
        spec.load()


def page_spec(key: str) -> PageSpec | None:
    """Return the page of that key, if it exists."""
    return next((spec for spec in PAGES if spec.key == key and spec.exists), None)
