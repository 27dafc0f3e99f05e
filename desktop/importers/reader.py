"""Files to source tables, each file parsed in a capped child process (security, bad files).

The child is our own executable with the hidden command `_read`, so that it is the same in a frozen
program. A file that crashes, hangs or overfills the child is refused; the others are read by the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.control import Control
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.limits import confine
from desktop.importers.options import AS_FOUND, ReadOptions
from desktop.importers.tables import Kinds, LeftOut, LeftOutRow, ReadResult, Refused, SourceTable
from desktop.resources import own_command

if TYPE_CHECKING:
    import polars as pl

DEADLINE_SECONDS = 60.0
DEADLINE_SECONDS_PER_MB = 4.0
"""A file that shows no progress for so long is given up; a person may stop it at any moment."""

DATABASE_SECONDS = 600.0
"""A database may think this long about one view."""

_BATCH = 200
"""Files that one child reads; a few hundred keep a folder's reading from growing one process for ever."""
_BESIDE_TABLES = {".dbt", ".fpt", ".cdx", ".mdx", ".ndx", ".ntx", ".idx"}
_JOURNALS = ("-wal", "-shm", "-journal")
_IGNORED = {"thumbs.db", "desktop.ini", ".ds_store"}


@dataclass(frozen=True)
class SourceFile:
    """A file to be read and the name by which reports call it (POSIX, relative to the folder given).

    A database has an address (`url`, without its password) instead of a path.
    """

    path: Path
    name: str
    url: str = ""
    password: str | None = field(default=None, repr=False)


def find_files(paths: Iterable[Path | str]) -> list[SourceFile]:
    """Return the files that the paths mean, folders searched through; raise InvalidInput for a missing one."""
    files: list[SourceFile] = []
    for source in paths:
        if isinstance(source, str) and "://" in source:
            from desktop.importers.databases import parted

            name, url, password = parted(source)
            files.append(SourceFile(Path(), name, url, password))
            continue
        given = Path(source)
        if given.is_dir():
            found = sorted(
                path for path in given.rglob("*") if path.is_file() and _is_wanted(path.relative_to(given))
            )
            files.extend(
                SourceFile(path, path.relative_to(given).as_posix())
                for path in found
                if not _belongs(path, found)
            )
        elif given.exists():
            files.append(SourceFile(given, given.name))
        else:
            raise InvalidInput(
                "file_missing",
                N_("There is no file or folder “{path}”."),
                remedy=N_("Check the path."),
                path=str(given),
            )
    return files


def _belongs(path: Path, found: Sequence[Path]) -> bool:
    """Whether a file only serves one beside it: memos and indexes of a .dbf, the journal of a database."""
    if path.suffix.lower() in _BESIDE_TABLES:
        stem = str(path.with_suffix("")).casefold()
        return any(
            str(other.with_suffix("")).casefold() == stem and other.suffix.lower() == ".dbf"
            for other in found
        )
    name = str(path)
    return any(name.endswith(end) and Path(name.removesuffix(end)) in found for end in _JOURNALS)


def _is_wanted(path: Path) -> bool:
    if any(part.startswith(".") for part in path.parts):
        return False
    return not path.name.startswith("~$") and path.name.lower() not in _IGNORED


def read_sources(
    paths: Iterable[Path | str], control: Control | None = None, options: ReadOptions = AS_FOUND
) -> ReadResult:
    """Read files and folders into tables; what cannot be read is refused with its reason (IMP-01, IMP-03)."""
    return read_files(find_files(paths), control, options)


def read_files(
    files: Sequence[SourceFile], control: Control | None = None, options: ReadOptions = AS_FOUND
) -> ReadResult:
    """Read files whose names in reports are already given, as `read_sources` does."""
    control = control or Control()
    result = ReadResult([], [])
    with tempfile.TemporaryDirectory(prefix="plumbline-read-") as folder:
        out = Path(folder)
        waiting = list(range(len(files)))
        failed: dict[int, Refused] = {}
        while waiting:
            batch = waiting[:_BATCH]
            control.report(1000 * (len(files) - len(waiting)), 1000 * len(files), files[batch[0]].name)
            done, crashed = _run_child(files, batch, out, control, options)
            control.check()
            if crashed is not None:
                failed[crashed] = _crash(files[crashed], done.pop(crashed, ""))
            finished = [index for index in batch if (out / f"{index}.json").exists() or index in failed]
            if not finished:
                failed[batch[0]] = _crash(files[batch[0]], "")
                finished = [batch[0]]
            waiting = [index for index in waiting if index not in set(finished)]
        for index, file in enumerate(files):
            if index in failed:
                result.refused.append(failed[index])
            else:
                _collect(file, out, index, result)
    return result


@dataclass(frozen=True)
class Reading:
    """Files that are being read on a thread of their own."""

    files: Sequence[SourceFile]
    _future: Future[ReadResult]

    def result(self) -> ReadResult:
        """Wait for the tables; raise what reading them raised."""
        return self._future.result()


@contextlib.contextmanager
def reading(
    paths: Iterable[Path | str], control: Control, options: ReadOptions = AS_FOUND
) -> Iterator[Reading]:
    """Begin to read files and folders; what fails meanwhile cancels the reading.

    The child process is at work while this one gets ready for what comes after. Raises InvalidInput for a
    path where nothing is.
    """
    files = find_files(paths)
    with ThreadPoolExecutor(1, "plumbline-reading") as pool:
        future = pool.submit(read_files, files, control, options)
        try:
            yield Reading(files, future)
        except BaseException:
            control.cancel()
            raise


def child_command() -> list[str]:
    """Return the command line of the reading child, before its two arguments."""
    return [*own_command(), "_read"]


def _run_child(
    files: Sequence[SourceFile], batch: list[int], out: Path, control: Control, options: ReadOptions
) -> tuple[dict[int, str], int | None]:
    """Run one child over a batch; return why a file failed, by index, and the file it died on."""
    job = out / "job.json"
    listed = [
        {"index": i, "path": str(files[i].path.resolve()), "file": files[i].name, "url": files[i].url}
        for i in batch
    ]
    given = {files[i].name: word for i in batch if (word := files[i].password)}
    options = replace(options, passwords={**options.passwords, **given})
    job.write_text(json.dumps({"files": listed, "options": options.to_json()}), encoding="utf-8")
    root = str(Path(__file__).resolve().parents[2])
    environment = {
        **os.environ,
        "POLARS_MAX_THREADS": "2",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")])),
        # Each arena reserves address space that counts against the child's cap without being used.
        "MALLOC_ARENA_MAX": "2",
    }
    with (out / "stderr.txt").open("wb") as errors:
        process = subprocess.Popen(
            [*child_command(), str(job), str(out)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            encoding="utf-8",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        held = confine(int(getattr(process, "_handle", 0)))
        forget = control.on_cancel(process.kill)
        try:
            if control.cancelled:
                process.kill()
            _hand_over(process, options)
            reasons, current = _follow(process, files, control)
        finally:
            forget()
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
            if held is not None:
                held.close()
    return reasons, current


def _hand_over(process: subprocess.Popen[str], options: ReadOptions) -> None:
    """Give the child the passwords through its standard input, so that they lie in no file."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.write(json.dumps(dict(options.passwords)) + "\n")
    with contextlib.suppress(OSError):
        process.stdin.close()


def _follow(
    process: subprocess.Popen[str], files: Sequence[SourceFile], control: Control
) -> tuple[dict[int, str], int | None]:
    current: int | None = None
    reasons: dict[int, str] = {}
    timer: threading.Timer | None = None

    def too_long(index: int) -> None:
        reasons[index] = "timeout"
        process.kill()

    assert process.stdout is not None
    for line in process.stdout:
        word, number, share = [*line.split(), "", "", ""][:3]
        if word not in ("start", "at", "done") or not number.isdigit():
            continue
        if timer:
            timer.cancel()
            timer = None
        if word == "done":
            current = None
            continue
        current = int(number)
        permille = min(int(share), 1000) if share.isdigit() else 0
        if not control.cancelled:
            control.report(current * 1000 + permille, len(files) * 1000, files[current].name)
        # Whoever shows that it gets on is not hung: the time is counted from its last sign.
        timer = threading.Timer(_deadline(files[current]), too_long, [current])
        timer.daemon = True
        timer.start()
    if timer:
        timer.cancel()
    return reasons, current


def _deadline(file: SourceFile) -> float:
    if file.url:
        return DATABASE_SECONDS
    try:
        size = file.path.stat().st_size
    except OSError:
        size = 0
    return DEADLINE_SECONDS + DEADLINE_SECONDS_PER_MB * size / 1_000_000


def _crash(file: SourceFile, reason: str) -> Refused:
    if reason == "timeout":
        return Refused(
            file.name,
            None,
            "timeout",
            N_("Reading the file took too long and was stopped."),
            {},
            N_("Open it in Excel or WPS, delete what is not data, save it as .xlsx and try again."),
        )
    return Refused(
        file.name,
        None,
        "damaged",
        N_("The file is damaged, or needs more memory than a file may take."),
        {},
        N_("Open it in Excel or WPS, save it again as .xlsx, or split it, and try once more."),
    )


def _frame(path: Path) -> pl.DataFrame:
    """Return a table that the child wrote; its file is not held open, or Windows could not delete it."""
    import polars as pl

    with path.open("rb") as stream:
        # In one piece: what is put beside its columns later would have them copied into one.
        return pl.read_ipc(stream).rechunk()


def _collect(file: SourceFile, out: Path, index: int, result: ReadResult) -> None:
    verdict: dict[str, Any] = json.loads((out / f"{index}.json").read_text(encoding="utf-8"))
    for item in verdict["tables"]:
        result.tables.append(
            SourceTable(
                file=item["file"],
                sheet=item["sheet"],
                header_rows=tuple(item["header_rows"]),
                headers=tuple(item["headers"]),
                encoding=item["encoding"],
                frame=_frame(out / item["arrow"]),
                kinds=tuple(Kinds(*counts) for counts in item["kinds"]),
                fingerprint=item["fingerprint"] or verdict["fingerprint"],
                archive=verdict["fingerprint"] if item["fingerprint"] and not file.url else "",
                title=item["title"],
                left_out=LeftOut(*item["left_out"]),
                warnings=tuple(item["warnings"]),
                part=item["part"],
                hidden=item["hidden"],
                left_out_rows=tuple(LeftOutRow(*row) for row in item["left_out_rows"]),
                first_column=item["first_column"],
                hidden_rows=tuple(item["hidden_rows"]),
            )
        )
    for item in verdict["refused"]:
        result.refused.append(
            Refused(
                item["file"], item["sheet"], item["code"], item["message"], item["params"], item["remedy"]
            )
        )
