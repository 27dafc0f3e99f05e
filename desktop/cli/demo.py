"""The command `demo`: a fresh database, the demo firm's legacy files, and the whole main job on them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from desktop.cli.context import PARTLY, Invocation, current
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.periods import Period
from desktop.settings import data_folder

if TYPE_CHECKING:
    from desktop.demo.firm import Firm
    from desktop.operations.import_results import ImportResult
    from desktop.store.workspace import Workspace

T = TypeVar("T")

DATABASE = "plumbline-demo.db"
LEGACY, REPORTS, PICTURES, TRUTH = "legacy", "reports", "pictures", "truth.json"
MARK = "plumbline-demo.json"


def register(app: typer.Typer) -> None:
    """Add this area's command."""
    app.command(
        "demo",
        help=N_("Make a fresh demo database and do the whole main job on a fictitious firm's old files."),
    )(demo)


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help=N_("Without a window: leave workbooks and pictures."))
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=N_("Where everything goes; default: the user's data.")),
    ] = None,
    scale: Annotated[
        float, typer.Option(min=0.02, max=1.0, help=N_("The size of the firm: 1 has 120,000 activities."))
    ] = 1.0,
    pictures: Annotated[bool, typer.Option(help=N_("Take a picture of every page (headless only)."))] = True,
) -> int:
    """Run the demonstration and return the exit code."""
    cli = current()
    if cli.database is not None:
        raise InvalidInput(
            "demo_database",
            N_("The demo makes an embedded database of its own; --database does not go with it."),
            remedy=N_("Choose the folder with --out."),
        )
    folder = (out or data_folder() / "demo").resolve()
    run = _Demo(cli, folder, scale, pictures=headless and pictures)
    run.everything()
    run.say_result()
    if not headless:
        return cli.gui.open_window(str(run.database), None, cli.language)
    return PARTLY if run.problems else 0


class _Demo:
    """One run of the demonstration; what went wrong with it is in `problems`."""

    def __init__(self, cli: Invocation, folder: Path, scale: float, *, pictures: bool) -> None:
        self.cli = cli
        self.folder = folder
        self.scale = scale
        self.pictures = pictures
        self.database = folder / DATABASE
        self.seconds: dict[str, float] = {}
        self.files: list[Path] = []
        self.reports: list[dict[str, Any]] = []
        self.problems: list[str] = []

    def everything(self) -> None:
        """Do all steps, one after the other."""
        from desktop.cli import demo_run

        self._take_folder()
        firm = self._generate()
        admin = self._make_database()
        result = self._step(
            "migrate", lambda: demo_run.migrate(admin, self.folder / LEGACY, self.cli.control())
        )
        self._tell_import(result)
        self._expect(N_("rows left out"), result.totals["rejected"], firm.truth.rejected_rows)
        self._expect(N_("files refused"), len(result.refused), 0)
        demo_run.give_logins(admin, firm)
        operations, director = self._enter(demo_run.OPERATIONS), self._enter(demo_run.DIRECTOR)
        self._calibrate(operations, firm)
        self._funnel(operations, firm)
        self._reports(operations, director, firm)
        if self.pictures:
            self._take_pictures()

    # steps

    def _generate(self) -> Firm:
        from desktop.demo.files import write_legacy_files, write_truth
        from desktop.demo.generate import generate_firm

        firm = self._step("generate", lambda: generate_firm(self.scale))
        try:
            files = self._step("write", lambda: write_legacy_files(firm, self.folder / LEGACY, self.scale))
        finally:
            self._mark()
        write_truth(firm, self.folder / TRUTH)
        self.files += files
        self._say(
            N_("{firm}, a fictitious firm of {people} people, left {files} files in {folder}."),
            firm=firm.units[0].name,
            people=len(firm.people),
            files=len(files),
            folder=self.folder / LEGACY,
        )
        return firm

    def _make_database(self) -> Workspace:
        from desktop.clock import FixedClock
        from desktop.demo.calendar import DEMO_NOW
        from desktop.operations.demo import pin_clock
        from desktop.store.open import initialise

        with self._timed("database"):
            initialise(self.database, FixedClock(DEMO_NOW))
            self._enter(None).write(lambda work: pin_clock(work, DEMO_NOW))
        return self._enter(None)

    def _calibrate(self, operations: Workspace, firm: Firm) -> None:
        from desktop.cli.demo_run import accept_weeks, next_month

        accept_weeks(operations, Period.month_of(firm.today))
        month = next_month(firm)
        people = self._step("calibrate", lambda: accept_weeks(operations, month))
        self._say(
            N_("Calibrated {month}: weekly targets of {people} people, from 12 months of their own sales."),
            month=month.text,
            people=people,
        )

    def _funnel(self, operations: Workspace, firm: Firm) -> None:
        from desktop.queries.funnel import funnel_steps

        view = self._step("funnel", lambda: operations.read(funnel_steps))
        locale = self.cli.locale
        for step in view.steps:
            self._say(
                N_("  {stage}: {count} open, {amount}"),
                stage=(locale.is_chinese and step.stage.name_zh) or step.stage.name,
                count=step.figures.count,
                amount=locale.money(step.figures.amount),
            )
        self._expect(
            N_("open opportunities"), sum(step.figures.count for step in view.steps), firm.truth.open
        )

    def _reports(self, operations: Workspace, director: Workspace, firm: Firm) -> None:
        from desktop.cli.demo_run import (
            ask_around,
            keep_dashboard,
            last_month,
            leave_one_waiting,
            make_reports,
            write_quotes,
        )

        with self._timed("reports"):
            made = make_reports(operations, director, firm, self.folder / REPORTS, self.cli.locale)
            leave_one_waiting(operations, last_month(firm).shift(-1))
            write_quotes(operations)
            ask_around(operations, last_month(firm).shift(1))
            keep_dashboard(operations)
        self._finance(operations)
        for report in made:
            self.files.append(report.file)
            self.reports.append(
                {
                    "report": report.row.id,
                    "name": report.row.template,
                    "state": report.row.state.value,
                    "period": report.row.period,
                    "rows": report.row.rows,
                    "totals": report.row.totals,
                    "hash": report.row.hash,
                    "file": report.file,
                    "sha256": report.sha256,
                    "verdict": report.verdict.value,
                }
            )
            self._say(
                N_("{number} {title}: submitted by {submitted}, approved by {approved}, {verdict}: {file}"),
                number=report.row.number,
                title=self.cli.locale._(report.row.title),
                submitted=report.row.submitted_by,
                approved=report.row.approved_by,
                verdict=self.cli.locale._(report.verdict.label),
                file=report.file,
            )

    def _finance(self, operations: Workspace) -> None:
        from desktop.cli.demo_finance import keep_finance_template, schedule_reports, settle

        folder = self.folder / REPORTS
        with self._timed("finance"):
            finance = self._enter("finance")
            settled = settle(finance, folder, self.cli.locale)
            self.files.append(keep_finance_template(finance, folder))
        runs = self._step("clock", lambda: schedule_reports(operations, self.folder))
        self._say(
            N_("Finance answered {settled} contracts; the clock sent reports {runs} times."),
            settled=settled,
            runs=runs,
        )

    def _take_pictures(self) -> None:
        locale = self.cli.locale
        try:
            with self._timed("pictures"):
                taken = self.cli.gui.take_screenshots(
                    self.folder / PICTURES, str(self.database), "director", locale.language, one_each=True
                )
        except ImportError as error:
            self.problems.append(locale._("No pictures: {error}.").format(error=error))
            return
        self.files += taken.files
        self.problems += taken.problems
        self._say(N_("{count} pictures in {folder}."), count=len(taken.files), folder=self.folder / PICTURES)

    # saying

    def say_result(self) -> None:
        """Say the result as one document, or as the last lines for people."""
        for problem in self.problems:
            self.cli.note(problem)
        document = {
            "database": str(self.database),
            "files": self.files,
            "reports": self.reports,
            "seconds": {name: round(seconds, 2) for name, seconds in self.seconds.items()},
        }
        text = self.cli.locale._("Database {database}, ready after {seconds} s.").format(
            database=self.database, seconds=self.cli.locale.decimal(sum(self.seconds.values()), 1)
        )
        self.cli.emit(document, text)

    def _tell_import(self, result: ImportResult) -> None:
        totals = result.totals
        self._say(
            N_(
                "Migrated {tables} tables, {read} rows: {created} created, {unchanged} met again, {rejected} left out."
            ),
            tables=len(result.tables),
            read=totals["read"],
            created=totals["created"],
            unchanged=totals["unchanged"] + totals["updated"],
            rejected=totals["rejected"],
        )

    def _expect(self, what: str, found: int, planted: int) -> None:
        """Note it as a problem if a figure is not the one that the generator planted."""
        if found != planted:
            self.problems.append(
                self.cli.locale._("{what}: {found} in place of {planted}").format(
                    what=self.cli.locale._(what), found=found, planted=planted
                )
            )

    def _say(self, message: str, **values: object) -> None:
        shown = {
            name: self.cli.locale.integer(value) if isinstance(value, int) else value
            for name, value in values.items()
        }
        self.cli.note(self.cli.locale._(message).format(**shown))

    # small things

    def _take_folder(self) -> None:
        """Remove what an earlier demo made here, and nothing else; raise InvalidInput if strangers are there."""
        mark = self.folder / MARK
        legacy = self.folder / LEGACY
        known = set(json.loads(mark.read_text(encoding="utf-8"))) if mark.is_file() else set()
        there = {path.name for path in legacy.glob("*")}
        if there - known or (self.database.exists() and not mark.is_file()):
            raise InvalidInput(
                "demo_folder_used",
                N_("{folder} holds files that no demo has made."),
                remedy=N_("Choose an empty folder with --out."),
                folder=self.folder,
            )
        for name in there:
            (legacy / name).unlink()
        for suffix in ("", "-wal", "-shm", "-journal"):
            self.folder.joinpath(DATABASE + suffix).unlink(missing_ok=True)
        legacy.mkdir(parents=True, exist_ok=True)
        self._mark()

    def _mark(self) -> None:
        """Write down which legacy files are ours, so that the next demo may remove them."""
        names = sorted(path.name for path in (self.folder / LEGACY).iterdir())
        (self.folder / MARK).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    def _enter(self, login: str | None) -> Workspace:
        from desktop.store.open import open_workspace

        return self.cli.keep(open_workspace(self.database, login=login))

    def _step(self, name: str, work: Callable[[], T]) -> T:
        with self._timed(name):
            return work()

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
