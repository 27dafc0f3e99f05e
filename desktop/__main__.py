"""The entry point: the console, or one headless command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.cli.context import Pictures
    from desktop.i18n import Language


class _Window:
    """The console, imported only when it is asked for: a headless command needs no Qt."""

    def open_window(self, database: str | None, login: str | None, language: Language | None) -> int:
        """Open the console and return its exit code."""
        from desktop.app import open_window

        return open_window(database, login, language)

    def take_screenshots(
        self,
        folder: Path,
        database: str | None,
        login: str | None,
        language: Language | None,
        *,
        one_each: bool = False,
    ) -> Pictures:
        """Write every page as PNG and say what is wrong with them."""
        from desktop.app import take_screenshots

        return take_screenshots(folder, database, login, language, one_each=one_each)


def main() -> None:
    """Run the command line of this process, or be a child: that reads files, or verifies the audit trail."""
    if len(sys.argv) == 4 and sys.argv[1] == "_read":
        from desktop.importers.child import run as read

        sys.exit(read(Path(sys.argv[2]), Path(sys.argv[3])))
    if sys.argv[1:] == ["_verify"]:
        from desktop.store.audit_parts import run as verify

        sys.exit(verify())
    from desktop.cli.main import run

    sys.exit(run(sys.argv[1:], _Window()))


if __name__ == "__main__":
    main()
