"""The command `plumbline`: finds the commands of each area and turns what happens into an exit code."""

from __future__ import annotations

import contextlib
import importlib
import io
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer

from desktop import __version__, cli
from desktop.cli.context import BUG, DONE, REFUSED, WRONG_USAGE, Gui, Invocation, make_current
from desktop.cli.options import COMMON, Common, Misused, split_common
from desktop.cli.usage import usage_words
from desktop.errors import Cancelled, UserError
from desktop.i18n import Locale

# Typer brings its own Click from 0.20 on; the class is found wherever it lives.
_CLICK_ERROR: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

_INTERRUPTED = 130
"""What Typer makes of Ctrl-C."""


def run(arguments: Sequence[str], gui: Gui) -> int:
    """Run one command line and return its exit code: 0 done, 1 bug, 2 usage, 3 refused, 4 partly."""
    _speak_utf8()
    stdout = sys.stdout
    try:
        common, rest = split_common(arguments)
    except Misused as problem:
        invocation = Invocation(gui, stdout, as_json="--json" in arguments)
        return _fail(invocation, WRONG_USAGE, "usage", str(problem))
    invocation = Invocation(
        gui, stdout, common.database, common.login, common.as_json, common.language, common.once
    )
    make_current(invocation)
    # With --json nothing but the document may reach standard output, whatever a library prints.
    with contextlib.redirect_stdout(sys.stderr) if common.as_json else contextlib.nullcontext():
        try:
            return _run(invocation, common, rest)
        finally:
            invocation.close()


def _run(invocation: Invocation, common: Common, rest: list[str]) -> int:
    try:
        if rest in ([], ["--version"]):
            return _without_command(invocation, common, rest)
        command = build(invocation.locale)
        code = command.main(args=rest, prog_name="plumbline", standalone_mode=False)
        if code == _INTERRUPTED:
            raise Cancelled
        return code if isinstance(code, int) else DONE
    except _CLICK_ERROR as problem:
        return _fail(invocation, WRONG_USAGE, "usage", *usage_words(problem, invocation.locale))
    except UserError as problem:
        message, remedy = problem.text(invocation.locale), problem.remedy_text(invocation.locale)
        return _fail(invocation, REFUSED, problem.code, message, remedy)
    except (Cancelled, KeyboardInterrupt, typer.Abort):
        return _fail(invocation, REFUSED, "cancelled", invocation.locale._("Stopped; nothing was changed."))
    except Exception as bug:
        traceback.print_exc(file=sys.stderr)
        return _fail(invocation, BUG, "bug", f"{type(bug).__name__}: {bug}")


def _without_command(invocation: Invocation, common: Common, rest: list[str]) -> int:
    if rest:
        invocation.emit({"version": __version__}, f"plumbline {__version__}")
        return DONE
    if common.as_json:
        return _fail(invocation, WRONG_USAGE, "usage", "Option '--json' needs a command.")
    return invocation.gui.open_window(common.database, common.login, common.language)


def _fail(invocation: Invocation, code: int, name: str, message: str, remedy: str = "") -> int:
    if invocation.as_json:
        invocation.emit({"error": {"code": name, "message": message, "remedy": remedy}}, "")
    for line in (message, remedy):
        if line:
            print(line, file=sys.stderr)
    return code


def build(locale: Locale) -> Any:
    """Return the Click command with every area's commands, its help in the reader's language.

    An area is a module of this package with a function `register(app)`.
    """
    app = typer.Typer(
        add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
    )

    @app.callback(help="Plumbline 准绳", epilog=_common_help(locale))
    def plumbline() -> None:
        """Keep even a single command a command of its own."""

    for found in pkgutil.iter_modules(cli.__path__):
        register = getattr(importlib.import_module(f"{cli.__name__}.{found.name}"), "register", None)
        if register:
            register(app)
    command: Any = typer.main.get_command(app)
    _translate(command, locale)
    return command


def _common_help(locale: Locale) -> str:
    heading = locale._("Common options, before or after the command:")
    lines = [f"{f'{name} {value}':<20} {locale._(text)}" for name, (value, text) in COMMON.items()]
    return "\b\n" + "\n".join([heading, *lines])


def _translate(command: Any, locale: Locale) -> None:
    """Put the help of a command, its options and its sub-commands into the reader's language."""
    if command.help:
        command.help = locale._(command.help)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = locale._(parameter.help)
    for inner in getattr(command, "commands", {}).values():
        _translate(inner, locale)


def _speak_utf8() -> None:
    """Write UTF-8 whatever the console's code page is: a Chinese Windows would fail on “−” or “é”."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
