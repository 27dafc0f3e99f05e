"""How files come in: chosen, dropped, pasted from a spreadsheet; and the mappings that are saved as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.errors import UserError
from desktop.operations import layout_lines
from desktop.operations.staging import Block, load_block, save_block, staging_folder
from desktop.views.migrate import files
from desktop.views.migrate.database_panel import DatabasePanel
from desktop.views.migrate.session import Session

if TYPE_CHECKING:
    from desktop.importers.options import ReadOptions
    from desktop.views.migrate.page import MigratePage


class Intake:
    """See the module."""

    def __init__(self, page: MigratePage, session: Session) -> None:
        self._page, self._session = page, session

    def browse(self) -> None:
        """Choose files in a dialog."""
        if chosen := files.ask_files(self._page):
            self._page.dropped(chosen)

    def browse_folder(self) -> None:
        """Choose a folder in a dialog."""
        if chosen := files.ask_folder(self._page):
            self._page.dropped(chosen)

    # pasting

    def paste(self) -> None:
        """Open an empty grid to paste into."""
        page = self._page
        name = f"{page._('Pasted')} {page.ctx.locale.instant(page.ctx.now()).replace(':', '')}"
        page.staging.begin(name)
        page.show_alone(page.staging)
        page.staging.grid.setFocus()

    def edit_block(self, file: str) -> None:
        """Open what was pasted before, to change its cells."""
        source = self._session.source
        path = source.paths.get(file) if source else None
        if source is not None and path is not None and path.parent == staging_folder():
            place = next(one.table.place for one in source.mappings if one.table.file == file)
            layout = layout_lines.layout_of(place, source.options)
            self._page.staging.begin(path.stem, load_block(path), has_header=layout.header_rows != ())
            self._page.show_alone(self._page.staging)

    def use_block(self, name: str, block: Block, has_header: bool) -> None:
        """Write a pasted block as a file of its own, and read it like any other."""
        try:
            staged = save_block(name, block, has_header=has_header)
        except UserError as error:
            self._page.show_error(error)
            return

        def options(known: ReadOptions) -> ReadOptions:
            return layout_lines.with_pasted_header(known, staged.path.name, has_header=has_header)

        self._session.add([str(staged.path)], options)

    def back(self) -> None:
        """Leave the grid as it is."""
        self._page.show_step(self._page.steps.current)

    def database(self) -> None:
        """Ask where a database is, and read its tables like files."""
        self._page.show_inspector(DatabasePanel(self._page.ctx.locale, self.read_database))

    def read_database(self, address: str, password: str = "") -> None:
        """Read the tables of a live database (PLT-15)."""
        try:
            name = layout_lines.database_name(address)
        except UserError as error:
            self._page.show_error(error)
            return

        def options(known: ReadOptions) -> ReadOptions:
            return layout_lines.with_password(known, name, password) if password else known

        self._page.close_inspector()
        self._session.add([address], options)

    # mappings as files

    def save_mapping(self) -> None:
        """Write the mapping of all tables to a file."""
        if self._session.source is not None:
            files.save_mapping(self._page, self._session.source)

    def load_mapping(self) -> None:
        """Map with a mapping file."""
        if self._session.paths and (chosen := files.ask_mapping(self._page)):
            self._session.read_all(chosen)
