"""The composition root: opens a database, and puts the window together around it."""

from __future__ import annotations

# Before Qt, whose own import hook looks at every module that comes after it: a third of the start-up.
import desktop.queries.today
import desktop.store.open  # noqa: F401

# isort: split
import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QtMsgType, QTranslator, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from desktop import settings as machine
from desktop.cli.context import DONE, PARTLY, Pictures
from desktop.cli.language import system_language
from desktop.control import Control
from desktop.errors import UserError
from desktop.i18n import N_, Language, Locale
from desktop.operations.connections import CLOSED, admitted
from desktop.operations.keeping import leave, make_ready, put_ready
from desktop.periods import Period
from desktop.resources import own_command
from desktop.settings import Settings
from desktop.store.passwords import remembered
from desktop.store.workspace import Actor, Workspace
from desktop.views import theme
from desktop.views.clockwork import Clockwork
from desktop.views.context import AppContext, Connection
from desktop.views.keeper import Keeper
from desktop.views.main_window import MainWindow
from desktop.views.start_problem import StartProblem
from desktop.views.tasks import Tasks

if TYPE_CHECKING:
    from desktop.views.pictures import PictureSet

log = logging.getLogger(__name__)
qt_log = logging.getLogger("qt")

DEMO_SCALE = "0.2"
"""How much of the demo firm is made from the window: a fifth is there in less than a minute."""


def open_window(database: str | None, login: str | None, language: Language | None) -> int:
    """Open the console on a database (None: the last one used) and return its exit code."""
    app = make_application()
    console = Console(app, machine.load(), language)
    if not console.start(database, login):
        return 3
    try:
        return app.exec()
    finally:
        console.leave()


def take_screenshots(
    folder: Path,
    database: str | None,
    login: str | None,
    language: Language | None,
    *,
    one_each: bool = False,
) -> Pictures:
    """Write every page as PNG, in both themes and sizes; raises UserError if the database cannot be opened."""
    from desktop.views.pictures import PictureSet

    app = make_application(pinned=True)
    settings = Settings()
    where = database or machine.load().last_database or str(machine.default_database())
    workspace = open_database(where, login)
    languages: Sequence[Language] = (language,) if language else ("zh_CN", "en")
    pictures: PictureSet = PictureSet(app, folder)
    try:
        for chosen in languages:
            ctx = make_context(workspace, Locale(chosen, workspace.zone), settings, inline=True)
            pictures.take(ctx, one_each=one_each)
    finally:
        workspace.close()
    return Pictures(pictures.files, pictures.problems)


def make_application(*, pinned: bool = False) -> QApplication:
    """Return the one QApplication; `pinned` fixes resolution and platform for pictures."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    qInstallMessageHandler(_from_qt)
    arguments = [sys.argv[0]]
    if pinned:
        arguments += ["-platform", "offscreen"]
    app = QApplication(arguments)
    app.setApplicationName(machine.APP)
    app.setApplicationDisplayName("准绳 Plumbline")
    return app


def _from_qt(kind: QtMsgType, _context: object, message: str) -> None:
    """Send what Qt has to say to the log: standard error belongs to people."""
    loud = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    qt_log.log(logging.ERROR if loud else logging.DEBUG, message)


def open_database(where: str, login: str | None) -> Workspace:
    """Open a database for a person; raises UserError."""
    from desktop.store.open import open_workspace

    return open_workspace(where, login=login)


def describe(workspace: Workspace, viewing: str = "") -> Connection:
    """Return what the status bar says of a database and its person; `viewing` names whose eyes these are."""
    from desktop.clock import FixedClock

    place = Path(workspace.place).name if workspace.is_sqlite else workspace.place
    actor = workspace.actor
    return Connection(
        kind="SQLite" if workspace.is_sqlite else "PostgreSQL",
        database=place,
        person_id=actor.person_id,
        person=actor.name,
        login=actor.login,
        role=actor.role.label,
        is_team=not workspace.is_sqlite,
        is_demo=isinstance(workspace.clock, FixedClock),
        viewing=viewing,
    )


def make_context(
    workspace: Workspace, locale: Locale, settings: Settings, *, inline: bool = False, viewing: str = ""
) -> AppContext:
    """Return what pages are handed, with the scope remembered on this machine."""
    ctx = AppContext(
        workspace,
        locale,
        settings,
        Tasks(workspace, inline=inline),
        connection=describe(workspace, viewing),
        now=workspace.clock.now,
    )
    period = Period.month_of(ctx.today)
    try:
        if settings.scope_period and not ctx.connection.is_demo:
            period = Period.parse(settings.scope_period)
    except UserError:
        log.info("the remembered period %r is none", settings.scope_period)
    ctx.scope.set(unit_id=settings.scope_unit, period=period, pipeline_id=settings.scope_pipeline)
    return ctx


def make_demo(folder: Path, control: Control) -> Path:
    """Run the command `demo` in a child process and return the database it made; raises UserError."""
    command = [
        *own_command(),
        "demo",
        "--headless",
        "--no-pictures",
        "--out",
        str(folder),
        "--scale",
        DEMO_SCALE,
    ]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, creationflags=flags
    ) as child:
        forget = control.on_cancel(child.kill)
        try:
            _out, said = child.communicate()
        finally:
            forget()
    control.check()
    database = folder / "plumbline-demo.db"
    if child.returncode not in (DONE, PARTLY) or not database.is_file():
        raise UserError(
            "demo_failed",
            N_("The demo firm could not be made: {why}"),
            remedy=N_("Try it in a command window: plumbline demo"),
            why=said.decode("utf-8", "replace").strip().splitlines()[-1:] or child.returncode,
        )
    return database


class Console:
    """The running console: one window, and the database behind it, which can be exchanged."""

    def __init__(self, app: QApplication, settings: Settings, language: Language | None) -> None:
        self.app = app
        self.settings = settings
        self.language: Language = language or settings.language or system_language()
        self.workspace: Workspace | None = None
        self.window: MainWindow | None = None
        self.keeper = Keeper()
        self.where = ""
        self._seen: Workspace | None = None
        self._was_online = True
        self._translator = QTranslator()
        theme.apply(app, settings.theme)
        self._translate_qt()
        sys.excepthook = self._unexpected

    def start(self, database: str | None, login: str | None) -> bool:
        """Open the window; let the person choose again if the database cannot be opened."""
        where = database or self.settings.last_database or str(machine.default_database())
        if login is None and database is None:
            login = self.settings.last_person or None
        keep = True
        while True:
            try:
                workspace = open_database(where, login)
            except UserError as error:
                choice = StartProblem.ask(
                    Locale(self.language), where, error, str(machine.default_database())
                )
                if choice is None:
                    return False
                where, login, keep = choice.where, None, choice.remember
                continue
            self.show(workspace, where, keep=keep)
            return True

    def show(self, workspace: Workspace, where: str, *, keep: bool = True) -> None:
        """Put a window around an open database, in place of the one there was; `keep` its password in the vault."""
        old_workspace, self.workspace = self.workspace, workspace
        seen, self._seen = self._seen, None
        self.where = where
        self.settings.remember_database(remembered(where, keep=keep))
        self._open_window(workspace)
        for done_with in (old_workspace, seen):
            if done_with is not None:
                leave(done_with)
        if self.window is not None:
            self.keeper.look_after(workspace, self.window)

    def _open_window(self, workspace: Workspace, viewing: str = "") -> None:
        old = self.window
        locale = Locale(self.settings.language or self.language, workspace.zone)
        ctx = make_context(workspace, locale, self.settings, viewing=viewing)
        ctx.switch_database = self.switch
        ctx.load_demo = self.load_demo
        ctx.view_as = self.view_as
        ctx.restore_backup = self.restore_backup
        window = MainWindow(ctx)
        window.watch.online.connect(self._online)
        window.restore()
        if old is not None:
            window.setGeometry(old.geometry())
        window.show()
        window.top.scope.load()
        window.navigate("today" if old is None else old.current_key or "today")
        self.window = window
        if not viewing:
            Clockwork(workspace, window).start()
        if old is not None:
            old.close()
            old.deleteLater()
        self.settings.save()

    def switch(self, where: str, login: str | None, *, keep: bool = True) -> None:
        """Open another database, or the same one as another person; a refusal is shown and changes nothing.

        A server that is not there takes seconds to be given up, so the window does not wait for it.
        """
        if self.window is None:
            return
        ctx, page = self.window.ctx, self.window.page

        def opened(workspace: Workspace) -> None:
            self.settings.last_person = login or ""
            self.settings.scope_unit = self.settings.scope_pipeline = None
            self.show(workspace, where, keep=keep)

        title = ctx.locale._("Opening the database")
        ctx.tasks.run(page, lambda _control: open_database(where, login), opened, title=title)

    def view_as(self, person_id: int | None) -> None:
        """Show what the database lets a person see, in place of one's own view; None goes back (PER-01).

        The window does not wait for the database; where one may not, that is shown.
        """
        workspace, window = self.workspace, self.window
        if workspace is None or window is None:
            return

        def enter(seen: Workspace | None) -> None:
            before, self._seen = self._seen, seen
            self._open_window(seen or workspace, seen.actor.name if seen else "")
            if before is not None:
                before.close()

        if person_id is None:
            enter(None)
            return
        title = window.ctx.locale._("Opening the database")
        window.ctx.tasks.run(
            window.page, lambda _control: workspace.viewing_as(person_id), enter, title=title
        )

    def _online(self, online: bool) -> None:
        """After the connection was cut: find out whether the login was closed, or has another role by now."""
        was, self._was_online = self._was_online, online
        window, workspace = self.window, self.workspace
        if window is None or workspace is None or workspace.is_sqlite or was == online:
            return
        window.ctx.tasks.run(
            window,
            lambda _control: admitted(workspace),
            lambda actor: self._admitted(workspace, actor),
            failed=self._not_admitted,
        )

    def _admitted(self, workspace: Workspace, actor: Actor) -> None:
        if workspace is self.workspace and actor != workspace.actor:
            self.switch(self.where, None)

    def _not_admitted(self, error: UserError) -> None:
        """Let go of everything that was read once the login is closed (security 55)."""
        if error.code not in CLOSED or self.workspace is None:
            return
        self.workspace.close()
        self.workspace = None
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None
        choice = StartProblem.ask(
            Locale(self.language), str(machine.default_database()), error, str(machine.default_database())
        )
        if choice is None or not self.start(choice.where, None):
            self.app.quit()

    def leave(self) -> None:
        """Close the database as the program ends."""
        if self.workspace is not None:
            self.keeper.finish(self.workspace)
            self.workspace = None
        self.keeper.release()

    def restore_backup(self, page: QWidget, backup: Path) -> None:
        """Put a backup in the place of the embedded database that is open, and open that."""
        window, where = self.window, self.where
        if window is None:
            return

        def done(ready: Path) -> None:
            window.ctx.tasks.stop()
            if self.workspace is not None:
                self.workspace.close()
            problem: UserError | None = None
            try:
                kept = put_ready(ready, backup, where).kept
            except UserError as error:
                ready.unlink(missing_ok=True)
                problem = error
            if not self.start(where, self.settings.last_person or None) or self.window is None:
                self.app.quit()
            elif (shown := self.window.page) is not None and problem is not None:
                shown.show_error(problem)
            elif shown is not None:
                said = shown.locale_._("Restored. What was there before is kept as {file}.")
                shown.show_message("green", said.format(file=kept), place=backup.name)

        title = window.ctx.locale._("Restoring")
        window.ctx.tasks.run(
            page, lambda control: make_ready(backup, where, control=control), done, title=title
        )

    def load_demo(self, page: QWidget) -> None:
        """Make the demo firm in a child process, beside the database in use, and then open it."""
        if self.window is None:
            return
        folder = machine.data_folder() / "demo"
        ctx = self.window.ctx

        def done(database: Path) -> None:
            self.switch(str(database), None)

        title = ctx.locale._("Making the demo firm")
        ctx.tasks.run(page, lambda control: make_demo(folder, control), done, title=title)

    def _translate_qt(self) -> None:
        if self.language == "zh_CN":
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if self._translator.load("qtbase_zh_CN", folder):
                self.app.installTranslator(self._translator)

    def _unexpected(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        sys.__excepthook__(kind, error, trace)
        if self.window is not None and isinstance(error, Exception):
            self.window.show_bug(error, self.window.current_key)
