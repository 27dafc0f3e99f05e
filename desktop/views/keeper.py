"""What a window does for its database unasked: says who else has it open, makes the day's backup, leaves in order."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from desktop.errors import UserError
from desktop.operations.keeping import hold, keep_safe, leave

if TYPE_CHECKING:
    from desktop.store.keeping.holder import Holding
    from desktop.store.workspace import Workspace
    from desktop.views.main_window import MainWindow

log = logging.getLogger(__name__)


class Keeper:
    """Looks after one database at a time."""

    def __init__(self) -> None:
        self.holding: Holding | None = None

    def look_after(self, workspace: Workspace, window: MainWindow) -> None:
        """Say who else has the file open (case 26), and make the day's backup in the background."""
        self.release()
        self.holding = hold(workspace)
        self._tell_of_other(window)

        def failed(error: UserError) -> None:
            log.warning("no daily backup: %s", error)
            if window.page is not None:
                window.page.show_error(error)

        window.ctx.tasks.run(
            None,
            lambda control: keep_safe(workspace, why="daily", control=control),
            lambda _made: None,
            title=window.ctx.locale._("Daily backup"),
            failed=failed,
        )

    def _tell_of_other(self, window: MainWindow) -> None:
        other = self.holding.other if self.holding is not None else None
        if other is None or window.page is None:
            return
        locale = window.ctx.locale
        said = locale._("{user} on {machine} has this database open, too, since {since}. Both may work.")
        since = locale.instant(datetime.fromisoformat(other.since)) if other.since else "–"
        window.page.show_message(
            "amber", said.format(user=other.user or "–", machine=other.machine or "–", since=since)
        )

    def finish(self, workspace: Workspace) -> None:
        """Close a database as the program ends: with the day's backup, if it is due, and the seal."""
        try:
            keep_safe(workspace, why="daily")
        except UserError as problem:
            log.warning("no daily backup: %s", problem)
        leave(workspace)
        self.release()

    def release(self) -> None:
        """Take the note of who has the file open away."""
        if self.holding is not None:
            self.holding.release()
            self.holding = None
