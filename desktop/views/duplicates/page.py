"""The Duplicates page: who is in the database twice, and who is in whose way (DUP-01 to 05)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.errors import NotAllowed, UserError
from desktop.operations.duplicates import (
    MergeResult,
    SplitResult,
    decide_apart,
    merge_clusters,
    merge_records,
    unmerge,
    why_kept,
)
from desktop.queries.collisions import Collisions, collisions
from desktop.queries.duplicates import (
    Comparison,
    DuplicateCluster,
    Duplicates,
    compare_records,
    find_duplicates,
)
from desktop.queries.merges import MergeLine, merge_list
from desktop.views import theme
from desktop.views.buttons import Segments, button
from desktop.views.context import AppContext
from desktop.views.duplicates.columns import (
    cluster_columns,
    cluster_id,
    collision_columns,
    collision_rows,
    merge_columns,
)
from desktop.views.duplicates.compare import ComparePanel
from desktop.views.empty import EmptyState, not_for_role
from desktop.views.figures import Figure
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work

SURE, UNSURE, MERGED, COLLISIONS = "sure", "unsure", "merged", "collisions"
FEW_ROWS, MOST_ROWS = 4, 7
"""Rows of the list above the comparison, on a small and on a large screen."""
CHANGED = frozenset({"account", "contact", "opportunity", "lead"})


@dataclass(frozen=True, slots=True)
class _Loaded:
    found: Duplicates
    merges: list[MergeLine]
    collisions: Collisions


class DuplicatesPage(Page):
    """Clusters, the records of the chosen one side by side, and the decision."""

    topics = frozenset({"import", "handover"})
    uses_scope = False

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        _ = self._
        self._loaded: _Loaded | None = None
        self._cluster: DuplicateCluster | None = None
        self._merge: MergeLine | None = None
        self.set_title(_("Duplicates"), _("one customer, one record; and nobody in a colleague's way"))
        self.add_command("refresh", _("Refresh"), self.reload, tip="F5")
        self.add_command("excel", _("Send to Excel"), self.send_to_excel, tip="Ctrl+E")
        self.merge_all = self.add_command("merge", _("Merge all sure ones"), self.merge_sure, primary=True)
        self.content = QWidget()
        self._fill(QVBoxLayout(self.content))
        self.body.addWidget(self.content, 1)
        self.empty = EmptyState(
            "duplicates",
            _("No record stands here twice"),
            _(
                "Records that may be the same stand here with the reasons, sure ones and doubtful ones apart. You "
                "choose field by field what is kept; every merge can be split again."
            ),
            [(_("Migrate old data"), lambda: ctx.navigate("migrate"))],
        )
        words = _("Sales operations and administrators, who see every record, look after duplicates.")
        self.closed = not_for_role("duplicates", ctx.locale, words)
        for panel in (self.empty, self.closed):
            panel.setVisible(False)
            self.body.addWidget(panel, 1)

    def _fill(self, column: QVBoxLayout) -> None:
        _ = self._
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine(_("Records that may be one"))
        self.kind = Segments([("account", _("Customers")), ("contact", _("Contacts")), ("lead", _("Leads"))])
        self.kind.chosen.connect(lambda _key: self.reload())
        self.choice = Segments(
            [
                (SURE, _("Sure")),
                (UNSURE, _("To be looked at")),
                (MERGED, _("Merged")),
                (COLLISIONS, _("Collisions")),
            ]
        )
        self.choice.chosen.connect(lambda _key: self._list())
        self.split_button = button(_("Undo merge"), self.split, look="tinted", small=True)
        for widget in (self.split_button, self.kind, self.choice):
            self.section.add(widget)
        column.addWidget(self.section)
        locale = self.locale_
        self.clusters = DataTable(
            self, "duplicates.clusters", cluster_columns(locale), row_id=cluster_id, title=_("Duplicates")
        )
        self.clusters.selected.connect(self._selected)
        self.merges = DataTable(
            self, "duplicates.merges", merge_columns(), row_id=cluster_id, title=_("Merged")
        )
        self.merges.selected.connect(self._chose_merge)
        self.collisions = DataTable(
            self,
            "duplicates.collisions",
            collision_columns(),
            filters=True,
            row_id=cluster_id,
            title=_("Collisions"),
        )
        self.collisions.link.connect(lambda row, _key: self._open_customer(row))
        self.collisions.activated.connect(self._open_customer)
        self.compare = ComparePanel(locale)
        self.compare.merge.connect(self.merge)
        self.compare.apart.connect(self.apart)
        column.addWidget(self.clusters)
        column.addWidget(self.compare, 1)
        column.addWidget(self.merges, 1)
        column.addWidget(self.collisions, 1)

    # reading

    def reload(self) -> None:
        """Search again."""
        entity = self.kind.current()

        def ask(work: Work) -> _Loaded:
            found = find_duplicates(work, entity)
            accounts = found if entity == "account" else find_duplicates(work, "account")
            return _Loaded(found, merge_list(work), collisions(work, found=accounts))

        self.ctx.tasks.read(self, ask, self._show, key="duplicates", failed=self._refused)

    def _refused(self, error: UserError) -> None:
        """Where the database does not let this person compare records, say whose work it is."""
        if not isinstance(error, NotAllowed):
            self.show_error(error)
            return
        self.content.setVisible(False)
        self.closed.setVisible(True)
        self.merge_all.setEnabled(False)

    def open(self, **args: Any) -> None:
        """Show a part (`part`: sure, unsure, merged, collisions)."""
        if args.get("part") in (SURE, UNSURE, MERGED, COLLISIONS):
            self.choice.set_current(args["part"])
            self._list()

    def _show(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        some = loaded.found.clusters or loaded.merges or collision_rows(loaded.collisions, self.locale_)
        nothing = not some and self.kind.current() == "account"
        self.content.setVisible(not nothing)
        self.empty.setVisible(nothing)
        self.set_figures([] if nothing else self._figures(loaded))
        if self.choice.current() in (SURE, UNSURE) and not self._of(self.choice.current()):
            self.choice.set_current(
                next((part for part in (SURE, UNSURE, COLLISIONS) if self._of(part)), SURE)
            )
        self._list()

    def _of(self, part: str) -> list[Any]:
        if self._loaded is None:
            return []
        if part == MERGED:
            return list(self._loaded.merges)
        if part == COLLISIONS:
            return list(collision_rows(self._loaded.collisions, self.locale_))
        return [one for one in self._loaded.found.clusters if one.sure == (part == SURE)]

    def _figures(self, loaded: _Loaded) -> list[Figure]:
        _, number = self._, self.locale_.integer
        sure, unsure = len(self._of(SURE)), len(self._of(UNSURE))
        standing = sum(line.state == "merged" for line in loaded.merges)
        pursued = len(loaded.collisions.pursued)
        return [
            Figure(
                "duplicates_sure",
                _("Surely the same"),
                number(sure),
                _("groups"),
                _("ready to be merged") if sure else _("all done"),
                status="amber" if sure else "",
                delta_status="" if sure else "green",
                clicked=lambda: self.open(part=SURE),
            ),
            Figure(
                "duplicates_unsure",
                _("To be looked at"),
                number(unsure),
                _("groups"),
                _("a person decides"),
                clicked=lambda: self.open(part=UNSURE),
            ),
            Figure(
                "duplicates_examined",
                _("Records examined"),
                number(loaded.found.examined),
                "",
                _("legal entities stay apart"),
            ),
            Figure(
                "duplicates_merged",
                _("Merged so far"),
                number(standing),
                "",
                _("each can be split again"),
                clicked=lambda: self.open(part=MERGED),
            ),
            Figure(
                "customers_pursued_twice",
                _("Pursued twice"),
                number(pursued),
                "",
                _("several owners' open deals") if pursued else _("nobody in another's way"),
                status="red" if pursued else "",
                delta_status="red" if pursued else "green",
                clicked=lambda: self.open(part=COLLISIONS),
            ),
        ]

    def _list(self) -> None:
        if self._loaded is None:
            return
        part = self.choice.current()
        words = {SURE: "Sure", UNSURE: "To be looked at", MERGED: "Merged", COLLISIONS: "Collisions"}
        for key, word in words.items():
            self.choice.set_text(key, f"{self._(word)} {self.locale_.integer(len(self._of(key)))}")
        shown = self._of(part)
        self.clusters.setVisible(part in (SURE, UNSURE))
        self.compare.setVisible(part in (SURE, UNSURE) and bool(shown))
        self.merges.setVisible(part == MERGED)
        self.split_button.setVisible(part == MERGED)
        self.collisions.setVisible(part == COLLISIONS)
        self.merge_all.setEnabled(bool(self._of(SURE)))
        titles = {MERGED: self._("Merged"), COLLISIONS: self._("Collisions")}
        self.section.set(titles.get(part, self._("Records that may be one")), self._explanation(part))
        if part == MERGED:
            self._merge = None
            self.split_button.setEnabled(False)
            self.merges.set_rows(shown)
        elif part == COLLISIONS:
            self.collisions.set_rows(shown)
        else:
            self._fit()
            self.clusters.set_rows(shown)
            if shown:
                self.clusters.select(cluster_id(shown[0]))

    def _fit(self) -> None:
        """Leave the comparison room: it is what the page is about."""
        most = MOST_ROWS if self.height() >= 850 else FEW_ROWS
        rows = min(max(len(self._of(self.choice.current())), 2), most)
        self.clusters.setFixedHeight(theme.HEADER + theme.ROW * rows + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _explanation(self, part: str) -> str:
        return {
            SURE: self._("same company by name, code or phone, and nothing that speaks against it"),
            UNSURE: self._("alike, but somebody should look: place, group, trade or a letter differ"),
            MERGED: self._("newest first; undoing gives every record its own again"),
            COLLISIONS: self._("over all spellings of a customer, within 90 days"),
        }[part]

    # deciding

    def _selected(self, one: DuplicateCluster | None) -> None:
        if one is None:
            return
        self._cluster = one
        ids = [member.id for member in one.members]

        def show(comparison: Comparison) -> None:
            self.compare.show_comparison(comparison, one.why)

        self.read(lambda work: compare_records(work, one.entity, ids), show, key="compare")

    def merge(self) -> None:
        """Merge the records that are shown, as chosen."""
        seen, survivor, choices = self.compare.comparison, self.compare.survivor, self.compare.choices
        if seen is None or not survivor:
            return
        versions = {member.id: version for member, version in zip(seen.members, seen.versions, strict=True)}
        others = [member.id for member in seen.members if member.id != survivor]

        def operation(work: Work) -> tuple[MergeResult, list[MergeLine]]:
            result = merge_records(work, seen.entity, survivor, others, choices, versions)
            return result, merge_list(work)

        def told(done: tuple[MergeResult, list[MergeLine]]) -> None:
            result, merges = done
            name = next(member.name for member in seen.members if member.id == survivor)
            self._took_away({member.id for member in seen.members}, merges)
            self.show_message(
                "green",
                self._("One record now; everything that hung on the others hangs on it."),
                place=name,
                actions=[(self._("Undo merge"), lambda: self._split(result.merge))],
            )

        self.write(operation, told, topics=CHANGED)

    def apart(self) -> None:
        """Keep that the records that are shown are not the same."""
        seen = self.compare.comparison
        if seen is None:
            return
        ids = [member.id for member in seen.members]

        def told(_done: None) -> None:
            self._took_away(set(ids), None)
            self.show_message("grey", self._("Not asked again, unless what is known of them changes."))

        self.write(lambda work: decide_apart(work, seen.entity, ids), told, topics=frozenset())

    def merge_sure(self) -> None:
        """Merge every sure cluster, each into its fullest record."""
        sure = self._of(SURE)

        def told(done: list[MergeResult]) -> None:
            text = self.locale_.plural("{n} group was merged.", "{n} groups were merged.", len(done))
            self.show_message("green", text, actions=[(self._("Show"), lambda: self.open(part=MERGED))])
            self.reload()

        self.write(lambda work: merge_clusters(work, sure), told, topics=CHANGED)

    def _took_away(self, ids: set[int], merges: list[MergeLine] | None) -> None:
        """Show the list without what was decided; the search itself is not run again."""
        if self._loaded is None:
            return
        left = tuple(
            one for one in self._loaded.found.clusters if not ids & {member.id for member in one.members}
        )
        found = replace(self._loaded.found, clusters=left)
        self._show(
            replace(self._loaded, found=found, merges=self._loaded.merges if merges is None else merges)
        )

    # taking back

    def _chose_merge(self, line: MergeLine | None) -> None:
        self._merge = line
        self.split_button.setEnabled(line is not None and line.state == "merged")

    def split(self) -> None:
        """Take the chosen merge back."""
        if self._merge:
            self._split(self._merge.number)

    def _split(self, number: int) -> None:
        def told(done: SplitResult) -> None:
            words = self.locale_.plural(
                "{n} record stands again.", "{n} records stand again.", len(done.restored)
            )
            kept = "; ".join(dict.fromkeys(why_kept(one, self.locale_) for one in done.kept))
            self.show_message("amber" if done.kept else "green", f"{words} {kept}".strip())
            self.reload()

        self.write(lambda work: unmerge(work, number), told, topics=CHANGED)

    def _open_customer(self, row: Any) -> None:
        if row.account:
            self.ctx.navigate("customers", account_id=row.account)

    # pictures

    def show_example(self) -> None:
        """Open what a picture shall show: the first group side by side."""
        self._list()

    def picture_states(self) -> list[tuple[str, Callable[[], None]]]:
        """Return what else is worth a picture."""
        return [(part, lambda part=part: self.open(part=part)) for part in (UNSURE, COLLISIONS)]  # type: ignore[misc]
