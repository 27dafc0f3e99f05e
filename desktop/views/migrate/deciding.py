"""What a person decides about the current table: its kind, its columns' fields and values, its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QScrollArea

from desktop.operations import layout_lines, mapping_lines, mapping_ways, review
from desktop.operations.mapping_choices import (
    NewField,
    UpdateRule,
    ValueChoice,
    choice_fields,
    column_values,
    type_of,
    value_targets,
)
from desktop.operations.mapping_lines import ColumnLine, FieldChoice
from desktop.operations.mapping_profiles import keep_profile, with_profile
from desktop.operations.migration import Source
from desktop.operations.review import Place
from desktop.queries.imports import ProfileLine, profile_lines, stored_profile
from desktop.queries.known_values import known_values
from desktop.views.inspector import Inspector
from desktop.views.migrate.column_panel import ColumnActs, ColumnFacts, column_panel
from desktop.views.migrate.fields_panel import FieldsPanel
from desktop.views.migrate.profiles_panel import ProfileActs, ProfilesPanel
from desktop.views.migrate.session import Session
from desktop.views.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from desktop.importers.tables import Profile
    from desktop.store.workspace import Work


_COMPANIONS = ("account", "contact", "opportunity", "contract")


class Deciding:
    """Turns clicks into another `Source`; `table` says which table is meant."""

    def __init__(self, page: Page, session: Session, table: Callable[[], int]) -> None:
        self._page, self._session, self._table = page, session, table
        self._known: dict[str, list[str]] = {}
        self._panel: Inspector | None = None
        self._line: ColumnLine | None = None

    def _change(self, change: Callable[[Source, int], Source]) -> None:
        table = self._table()
        self._session.change(lambda source: change(source, table))

    # columns

    def set_field(self, column: int, name: str | None) -> None:
        """Map a column to a field, or leave it out."""
        self._change(lambda source, table: mapping_lines.with_field(source, table, column, name))

    def accept_suggestions(self) -> None:
        """Accept everything that the columns may mean."""
        self._change(mapping_lines.with_suggestions)

    def set_entity(self, entity: str | None) -> None:
        """Say what the rows are; None leaves the table out."""
        self._change(lambda source, table: mapping_lines.with_entity(source, table, entity))

    def new_field(self, column: int, label: str, kind: str) -> None:
        """Map a column to a custom field that is made for it (CUS-05)."""

        def change(source: Source, table: int) -> Source:
            mapping = source.mappings[table]
            entity = mapping.entity or "account"
            taken = (one.code for one in (*mapping.new_fields, *source.custom) if one.entity == entity)
            code = mapping_ways.code_for(label, taken)
            new = NewField(entity, code, label, kind)
            return mapping_ways.with_new_field(source, table, column, new)

        self._change(change)

    def set_value(self, name: str, value: str, choice: ValueChoice | None) -> None:
        """Say what becomes of one value of a field."""
        self._change(lambda source, table: mapping_ways.with_choice(source, table, name, value, choice))

    def set_reading(self, name: str, reading: str | None) -> None:
        """Answer what a column does not tell itself."""
        self._change(lambda source, table: mapping_ways.with_reading(source, table, name, reading))

    def set_rule(self, name: str, rule: UpdateRule | None) -> None:
        """Say what happens to a field of records that are there already."""
        self._change(lambda source, table: mapping_ways.with_update_rule(source, table, name, rule))

    def set_key(self, name: str, *, wanted: bool) -> None:
        """Let rows meet their records by a field, or no longer."""

        def change(source: Source, table: int) -> Source:
            keys = [one for one in source.mappings[table].keys if one != name]
            return mapping_ways.with_keys(source, table, [*keys, name] if wanted else keys)

        self._change(change)

    # rows

    def mend(self, changes: Iterable[tuple[Place, str | None]]) -> None:
        """Correct cells of the table, as many at once as wanted."""
        listed = list(changes)
        self._change(lambda source, table: review.mend(source, table, listed))

    def skip(self, rows: Iterable[int], *, out: bool) -> None:
        """Leave rows out of the import, or take them in again."""
        listed = list(rows)
        self._change(lambda source, table: review.skip(source, table, listed, out=out))

    def relayout(self, kind: str, rows: Iterable[int] = ()) -> None:
        """Say what rows of the sheet are: header, taken, left, or all as found."""
        source = self._session.source
        if source is None or self._session.result is not None:
            return
        table = source.original(self._table())
        changes = {
            "header": layout_lines.with_header,
            "taken": layout_lines.with_rows_taken,
            "left": layout_lines.with_rows_left,
        }
        if kind == "found":
            options = layout_lines.as_found(source.options, table)
        else:
            options = changes[kind](source.options, table, rows)
        self._session.reread(options)

    def set_encoding(self, encoding: str | None) -> None:
        """Read the table's file in another encoding."""
        source = self._session.source
        if source is not None and self._session.result is None:
            file = source.mappings[self._table()].table.file
            self._session.reread(layout_lines.with_encoding(source.options, file, encoding))

    def give_password(self, file: str, password: str) -> None:
        """Read a protected file with its password."""
        source = self._session.source
        if source is not None:
            self._session.reread(layout_lines.with_password(source.options, file, password))

    # panels

    def fields(self, line: ColumnLine | None) -> None:
        """Show all fields beside the table; `line` is the column they are for."""
        source = self._session.source
        if source is None or self._session.result is not None:
            return
        mapping = source.mappings[self._table()]
        taken = frozenset(column.field for column in mapping.columns if column.field)
        own = mapping.entity or "account"

        def choose(name: str) -> None:
            if line is not None:
                self.set_field(line.id, name)

        def make(label: str, kind: str) -> None:
            if line is not None:
                self.new_field(line.id, label, kind)

        panel = FieldsPanel(
            self._page.ctx.locale,
            _choices(own, (*mapping.new_fields, *source.custom)),
            own,
            line,
            taken,
            choose,
            make,
        )
        self._page.show_inspector(panel)
        panel.search.setFocus()

    def inspect(self, line: ColumnLine, scroll: int = 0) -> None:
        """Show all about a column; its values are counted, and what the database knows fetched, off the thread."""
        source, table, locale = self._session.source, self._table(), self._page.ctx.locale
        if source is None:
            return
        mapping, name, known = source.mappings[table], str(line.field), dict(self._known)
        wanted = [one for one in choice_fields(source, table) if one not in known]
        writable = self._session.result is None

        def query(work: Work) -> tuple[ColumnFacts, dict[str, list[str]]]:
            found = known | {one: [] for one in wanted} | known_values(work, wanted)
            counts = mapping_lines.value_counts(mapping, line.id)
            if not line.field:
                return ColumnFacts(mapping, line, "", counts, writable=writable), found
            values = column_values(mapping, line.id, found)
            targets = value_targets(mapping, name, found, locale)
            kind = type_of(mapping, name)
            return ColumnFacts(mapping, line, kind, counts, values, targets, writable), found

        def done(told: tuple[ColumnFacts, dict[str, list[str]]]) -> None:
            facts, self._known = told
            self._show(facts, scroll)

        self._page.read(query, done, key="column")

    def keep_open(self) -> Callable[[list[ColumnLine]], None]:
        """Return what opens the panel again that is open now, after the mapping has changed."""
        panel, column, line = self._page.inspector, self._panel, self._line
        if column is not None and panel is column and line is not None:
            area = column.findChild(QScrollArea)
            scroll = area.verticalScrollBar().value() if area else 0

            def again(lines: list[ColumnLine]) -> None:
                same = next((one for one in lines if one.id == line.id), None)
                if same is not None:
                    self.inspect(same, scroll)

            return again
        if isinstance(panel, FieldsPanel) and panel.line is None:
            return lambda _lines: self.fields(None)
        return lambda _lines: None

    def profiles(self, load: Callable[[], object], save: Callable[[], object]) -> None:
        """Show the mappings that are remembered, to be used on the table or to remember the table's own."""
        source = self._session.source
        mapping = source.mappings[self._table()] if source and source.mappings else None
        open_ = mapping is not None and self._session.result is None
        keep = self._keep_profile if mapping is not None and mapping.entity else None
        name = (mapping.profile or mapping.table.sheet or mapping.table.file) if mapping else ""

        def done(lines: list[ProfileLine]) -> None:
            acts = ProfileActs(self._use_profile if open_ else None, keep, load, save)
            self._page.show_inspector(ProfilesPanel(self._page.ctx.locale, lines, name or "", acts))

        self._page.read(profile_lines, done, key="profiles")

    def _use_profile(self, line: ProfileLine) -> None:
        table = self._table()

        def done(profile: Profile) -> None:
            self._session.change(lambda source: with_profile(source, table, profile))

        self._page.read(lambda work: stored_profile(work, line.id), done, key="profile")

    def _keep_profile(self, name: str) -> None:
        source = self._session.source
        if source is None:
            return
        mapping = source.mappings[self._table()]

        def done(profile: Profile) -> None:
            self._page.close_inspector()
            self._page.show_message(
                "green",
                self._page._("The mapping is remembered for tables with these headers."),
                place=profile.name,
            )

        self._page.write(lambda work: keep_profile(work, mapping, name), done, topics=frozenset({"mapping"}))

    def _show(self, facts: ColumnFacts, scroll: int) -> None:
        line, name = facts.line, str(facts.line.field)
        acts = ColumnActs(
            choose=self.set_field,
            value=lambda value, choice: self.set_value(name, value, choice),
            reading=lambda way: self.set_reading(name, way),
            rule=lambda rule: self.set_rule(name, rule),
            key=lambda wanted: self.set_key(name, wanted=wanted),
            more=((self._page._("Another field…"), lambda: self.fields(line)),),
        )
        panel: Inspector = column_panel(self._page.ctx.locale, facts, acts)
        self._panel, self._line = panel, line
        self._page.show_inspector(panel)
        area = panel.findChild(QScrollArea)
        if scroll and area is not None:
            self._page.later(lambda: area.verticalScrollBar().setValue(scroll))


def _choices(own: str, new_fields: Sequence[NewField]) -> list[FieldChoice]:
    """Return the fields of a kind of record first, then those of its usual companions, then all others."""
    order = [own, *(name for name in _COMPANIONS if name != own)]
    rest = [name for name, _label in mapping_lines.entity_choices() if name not in order]
    made = [mapping_lines.choice(one, new_fields) for one in dict.fromkeys(f.full_name for f in new_fields)]
    found = [choice for name in (*order, *rest) for choice in mapping_lines.field_choices(name)]
    return [*made, *found]
