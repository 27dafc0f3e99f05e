"""What every page is given: the workspace, the reader's language, scope, tasks and the way elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.clock import business_date
from desktop.i18n import Locale
from desktop.periods import Period
from desktop.queries.scope import Scope
from desktop.settings import Settings

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.store.workspace import Work
    from desktop.views.tasks import Tasks

T = TypeVar("T")


class Workspace(Protocol):
    """The database as the window knows it: a query in, frozen rows out."""

    def read(self, query: Callable[[Work], T], control: Control | None = None) -> T:
        """Run a query and roll back."""
        ...

    def write(self, operation: Callable[[Work], T], control: Control | None = None) -> T:
        """Run an operation and commit."""
        ...

    def rehearse(self, operation: Callable[[Work], T], control: Control | None = None) -> T:
        """Run an operation and take it back."""
        ...


@dataclass(frozen=True, slots=True)
class Connection:
    """Which database this is and who works on it, as the status bar says it."""

    kind: str = "SQLite"
    database: str = ""
    person_id: int = 0
    person: str = ""
    login: str = ""
    role: str = ""
    is_team: bool = False
    online: bool = True
    is_demo: bool = False
    viewing: str = ""
    """The person whose eyes these are, while an administrator views the database as somebody else."""


class ScopeState(QObject):
    """The scope (organisation unit, period, pipeline), the same on every page; `changed` says so."""

    changed = Signal()

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._scope = scope

    @property
    def value(self) -> Scope:
        """The scope in force, to be handed to queries."""
        return self._scope

    @property
    def period(self) -> Period:
        """The period in force."""
        return self._scope.period

    def set(self, **parts: Any) -> None:
        """Change `unit_id`, `period` or `pipeline_id`, and tell everybody if that is a change."""
        scope = replace(self._scope, **parts)
        if scope != self._scope:
            self._scope = scope
            self.changed.emit()


class Window(Protocol):
    """What a page may ask of the window around it."""

    def navigate(self, page: str, **args: Any) -> None:
        """Show another page, with arguments for its `open`."""
        ...

    def show_totals(self, text: str) -> None:
        """Show selection totals (rich text) at the right of the status bar."""
        ...

    def show_bug(self, error: BaseException, what: str) -> None:
        """Show the one dialog for a bug, whose details can be copied."""
        ...

    def set_counts(self, counts: dict[str, tuple[int, str]]) -> None:
        """Set the rail's counts: page key → (number, status token `red` or `grey`)."""
        ...

    def apply_settings(self) -> None:
        """Put a changed language or theme in force by rebuilding the pages."""
        ...


class _NoWindow:
    def navigate(self, page: str, **args: Any) -> None:
        return None

    def show_totals(self, text: str) -> None:
        return None

    def show_bug(self, error: BaseException, what: str) -> None:
        raise error

    def set_counts(self, counts: dict[str, tuple[int, str]]) -> None:
        return None

    def apply_settings(self) -> None:
        return None


class AppContext:
    """Handed to every page and shared part; `now` is the workspace's clock."""

    def __init__(
        self,
        workspace: Workspace,
        locale: Locale,
        settings: Settings,
        tasks: Tasks,
        *,
        connection: Connection | None = None,
        scope: Scope | None = None,
        now: Callable[[], datetime] | None = None,
        switch_database: Callable[..., None] | None = None,
    ) -> None:
        self.workspace = workspace
        self.locale = locale
        self.settings = settings
        self.tasks = tasks
        self.connection = connection or Connection()
        self.now = now or (lambda: datetime.now(UTC))
        self.scope = ScopeState(scope or Scope(Period.month_of(self.today)))
        self.window: Window = _NoWindow()
        self.switch_database: Callable[..., None] = switch_database or (
            lambda _where, _login, keep=True: None
        )
        """Open another database: an address or a path, the person (embedded only), whether the vault keeps
        the address's password."""
        self.load_demo: Callable[[QWidget], None] = lambda _page: None
        self.view_as: Callable[[int | None], None] = lambda _person: None
        """See the database as a person does (administrators of a team database); None: as oneself again."""
        self.restore_backup: Callable[[QWidget, Path], None] = lambda _page, _backup: None
        """Put a backup in the place of the embedded database that is open, and open that."""

    @property
    def today(self) -> date:
        """The business day of the workspace's clock."""
        return business_date(self.now(), self.locale.zone)

    def navigate(self, page: str, **args: Any) -> None:
        """Show another page; `args` go to its `open` (for example `account_id=7`)."""
        self.window.navigate(page, **args)
