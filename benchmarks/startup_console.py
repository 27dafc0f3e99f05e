"""The console as a person starts it; prints `ready` when its first page is filled, then leaves.

usage: python startup_console.py DATABASE
"""

from __future__ import annotations

import sys

from desktop.cli.context import Pictures
from desktop.cli.main import run
from desktop.i18n import Language


class _Window:
    """Does what `desktop.__main__` does, and leaves when the first page stands."""

    def open_window(self, database: str | None, login: str | None, language: Language | None) -> int:
        """Open the console and say when it is usable."""
        from PySide6.QtCore import QTimer

        from desktop import settings
        from desktop.app import Console, make_application

        app = make_application()
        console = Console(app, settings.load(), language)
        if not console.start(database, login):
            return 3
        timer = QTimer()

        def look() -> None:
            window = console.window
            if (
                window is not None
                and window.isVisible()
                and window.current_key
                and not window.ctx.tasks.busy()
            ):
                timer.stop()
                app.processEvents()
                print("ready", flush=True)
                app.quit()

        timer.timeout.connect(look)
        timer.start(2)
        return app.exec()

    def take_screenshots(self, *_: object, **__: object) -> Pictures:
        """No part of this benchmark."""
        raise NotImplementedError


if __name__ == "__main__":
    sys.exit(run(["--database", sys.argv[1]], _Window()))
