"""What every headless command shares: the common options, the database, and how a result is said."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeVar

from desktop import settings
from desktop.cli.language import system_language
from desktop.control import Control
from desktop.errors import InvalidInput, UserError
from desktop.i18n import N_, Language, Locale

if TYPE_CHECKING:
    from desktop.store.workspace import Workspace

T = TypeVar("T")

DONE = 0
BUG = 1
WRONG_USAGE = 2
REFUSED = 3
PARTLY = 4
"""Done, but some rows were rejected or some check failed; the JSON says which."""


@dataclass(frozen=True)
class Pictures:
    """The files written, and what is wrong with them: blank, cut off or in the wrong language."""

    files: list[Path]
    problems: list[str]


class Gui(Protocol):
    """What needs a window; `desktop.app` implements it, and `desktop.__main__` hands it over."""

    def open_window(self, database: str | None, login: str | None, language: Language | None) -> int:
        """Open the console on a database (None: the last one used) and return its exit code."""
        ...

    def take_screenshots(
        self,
        folder: Path,
        database: str | None,
        login: str | None,
        language: Language | None,
        *,
        one_each: bool = False,
    ) -> Pictures:
        """Write every page as PNG into `folder`; a language of None means both.

        With `one_each` there is one picture per page and language, not one per theme and size.
        """
        ...


@dataclass
class Invocation:
    """One run of the command: its common options and everything that follows from them."""

    gui: Gui
    stdout: IO[str]
    database: str | None = None
    login: str | None = None
    as_json: bool = False
    language: Language | None = None
    once: str | None = None
    """The key under which what this command writes is written once at most."""
    _said: bool = field(default=False, init=False)
    _warned: bool = field(default=False, init=False)
    _with_password: str = field(default="", init=False, repr=False)
    _workspace: Workspace | None = field(default=None, init=False)
    _opened: list[Workspace] = field(default_factory=list, init=False)

    @cached_property
    def locale(self) -> Locale:
        """The reader's language: asked for, else chosen in the console, else the system's."""
        return Locale(self.language or settings.load().language or system_language())

    @property
    def where(self) -> str:
        """The database to work on: asked for, else the last one used, else the default file."""
        return self.database or settings.load().last_database or str(settings.default_database())

    def workspace(self, *, create: bool = True) -> Workspace:
        """Return the database, opened once as the acting person; raises UserError."""
        from desktop.store.open import open_workspace

        if self._workspace is None:
            self._workspace = self.keep(
                self.signed_in(lambda where: open_workspace(where, login=self.login, create=create))
            )
        return self._workspace

    def signed_in(self, act: Callable[[str], T]) -> T:
        """Do something with the database's address; at a terminal, ask for the password that it lacks.

        The vault is asked first. What is typed is kept for the life of this command, in memory alone.
        """
        from desktop.store.connecting import PASSWORD_NEEDED
        from desktop.store.engine import database_url

        where = self._with_password or self.where
        if self.database and not self._warned and "://" in self.database and database_url(where).password:
            self._warned = True
            self.note(
                self.locale._(
                    "A password in an address can be read in the list of processes; leave it out and it is asked for."
                )
            )
        try:
            return act(where)
        except UserError as problem:
            if problem.code not in {PASSWORD_NEEDED, "login_refused"} or not sys.stdin.isatty():
                raise
            self.note(problem.text(self.locale))
        url = database_url(where)
        secret = getpass.getpass(self.locale._("Password for {login}: ").format(login=url.username or ""))
        self._with_password = url.set(password=secret).render_as_string(hide_password=False)
        return act(self._with_password)

    def keep(self, workspace: Workspace) -> Workspace:
        """Close this workspace, too, when the command ends; return it."""
        workspace.once = self.once
        self._opened.append(workspace)
        return workspace

    def emit(self, document: Any, text: str) -> None:
        """Say the result: the JSON document with --json, else the text for people."""
        if not self.as_json:
            print(text, file=self.stdout)
            return
        if self._said:
            raise AssertionError("a command prints one JSON document")
        self._said = True
        print(json.dumps(document, ensure_ascii=False, indent=2, default=_plain), file=self.stdout)
        if text:
            print(text, file=sys.stderr)

    def note(self, text: str) -> None:
        """Say something on the way, on standard error."""
        print(text, file=sys.stderr)

    def control(self) -> Control:
        """Return a control whose progress is shown on standard error where that is a terminal."""
        return Control(_progress_line(self.locale)) if sys.stderr.isatty() else Control()

    def close(self) -> None:
        """Close every database that was opened."""
        from desktop.operations.keeping import leave

        while self._opened:
            leave(self._opened.pop())


def _plain(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise TypeError("an instant in JSON needs a time zone")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")


def _progress_line(locale: Locale) -> Callable[[int, int | None, str], None]:
    def show(done: int, total: int | None, what: str) -> None:
        share = f" {locale.percent(done / total, 0)}" if total else f" {locale.integer(done)}"
        print(f"\r\x1b[K{locale._(what)}{share}", end="", file=sys.stderr, flush=True)

    return show


_current: ContextVar[Invocation] = ContextVar("invocation")


def current() -> Invocation:
    """Return the run of the command that is going on."""
    return _current.get()


def make_current(invocation: Invocation) -> None:
    """Let `current` return this run from now on."""
    _current.set(invocation)


def emit(document: Any, text: str) -> None:
    """Say the result of the running command: one JSON document, or the text for people."""
    current().emit(document, text)


def shown(where: str) -> str:
    """Return a database as people are told of it: a file's path, or an address without its password."""
    from desktop.store.engine import database_url

    url = database_url(where)
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def existing_path(path: Path) -> Path:
    """Return the path; raise InvalidInput if nothing is there."""
    if not path.exists():
        raise InvalidInput(
            "path_missing",
            N_("There is nothing at {path}."),
            remedy=N_("Check the spelling of the file or folder."),
            path=path,
        )
    return path
