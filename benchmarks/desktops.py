"""Two hundred desktops through PgBouncer, and one rep who burns the server (security 58), on PostgreSQL.

usage: python -m benchmarks desktops [--smoke] [--desktops 200] [--seconds 120] [--pause 30] [--activities 520000]

Each desktop is what a console is to the server: an open workspace of its own login, a listener that asks for news (behind a
pooler, every four seconds), pages that are opened one after the other with pauses in between, the shown page read again when
somebody else has saved something, and now and then a save. All clients run on the machine of the server and share
its processors with it: what is printed is an upper bound. Milliseconds are those between asking and having the rows.

The same is then measured while one rep runs cross joins over as many sessions as a login gets: through the
pooler, and, where people may also connect to the server itself, directly.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy.engine import make_url

from benchmarks.databases import postgres
from benchmarks.firm_rows import Size, make_login
from benchmarks.measure import ROOT, python, say
from benchmarks.team_pages import filled
from desktop.store.login_functions import CONNECTIONS

PROCESSES = 8
"""How many processes the desktops are shared out to, four at least in each."""
SESSIONS_EACH = 2
"""How many sessions of the server the pooler lends to one login at the same time."""
SESSIONS = 80
"""How many it holds altogether."""
PAUSE_SECONDS = 30.0
"""How long a person looks at a page on average (`--pause`)."""
SETTLED = 1.5
"""After so many pauses everybody has opened their console: from then on acts are counted."""
BURN = "SELECT count(*) FROM person a, person b, person c, person d WHERE a.id + b.id + c.id = d.id"
"""A cross join that would take a week: of the table that everybody reads whole."""

_JOBS = """
UPDATE person SET role = CASE WHEN id % 10 = 5 THEN 'city_manager' WHEN id % 40 = 6 THEN 'regional_manager' ELSE role END
 WHERE role = 'rep'
"""


def logins(superuser: psycopg.Connection[Any], count: int) -> dict[str, str]:
    """Make the logins of the first so many people, managers among them, limited as `plumbline user` limits them."""
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(_JOBS)
    superuser.execute("SET session_replication_role = DEFAULT")
    found = superuser.execute(
        "SELECT login, role FROM person WHERE id > 10 ORDER BY id LIMIT %s", [count]
    ).fetchall()
    for login, role in found:
        make_login(superuser, login, role)
        superuser.execute(f"ALTER ROLE {login} CONNECTION LIMIT {CONNECTIONS}")
    return dict(found)


def phase(address: str, people: dict[str, str], seconds: float, pause: float) -> dict[str, Any]:
    """Let everybody work for so many seconds; return what that took."""
    names = sorted(people)
    count = min(PROCESSES, -(-len(names) // 4))
    shares = [names[start::count] for start in range(count)]
    running = []
    for number, share in enumerate(shares):
        asked = {"address": address, "people": {login: people[login] for login in share}}
        command = python("-m", "benchmarks.desktops_people")
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        process.stdin.write(json.dumps({**asked, "seconds": seconds, "pause": pause, "seed": number}))
        process.stdin.close()
        process.stdin = None
        running.append(process)
    done: list[dict[str, Any]] = []
    cpu, every = 0.0, 0
    for process in running:
        output, complaint = process.communicate()
        if process.returncode:
            raise RuntimeError(complaint[-2000:])
        told = json.loads(output)
        acts, cpu = told["acts"], cpu + told["cpu"]
        every += len(acts)
        settled = min(act["at"] for act in acts) + SETTLED * pause
        done += [act for act in acts if act["page"] == "open" or act["at"] >= settled]
    return {**summary(done), "acts": every, "client_cpu_ms_per_act": round(cpu * 1000 / every, 1)}


def server_cpu(data: Path) -> float:
    """Return the processor seconds that the server has used so far, with all its sessions, also ended ones."""
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    used = postmaster.cpu_times()
    total = used.user + used.system + used.children_user + used.children_system
    for session in postmaster.children():
        with suppress(psutil.NoSuchProcess):
            total += sum(session.cpu_times()[:2])
    return float(total)


def summary(done: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return counts, percentiles in milliseconds and errors by page, and of everything."""
    times: dict[str, list[float]] = defaultdict(list)
    errors: dict[str, int] = defaultdict(int)
    for act in done:
        if act["error"]:
            errors[f"{act['page']}: {act['error']}"] += 1
        else:
            times[act["page"]].append(act["ms"])
            if act["page"] != "open":
                times["all"].append(act["ms"])
    return {
        "pages": {
            page: {"count": len(found), **{f"p{p}": percentile(found, p) for p in (50, 95, 99)}}
            for page, found in sorted(times.items())
        },
        "errors": dict(errors),
    }


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 1)


@contextmanager
def burning(address: str, sessions: int) -> Iterator[None]:
    """Run the cross join over so many sessions of one login, its time limits lifted, and end them afterwards."""
    with ExitStack() as held:
        for _ in range(sessions):
            connection = held.enter_context(
                closing(psycopg.connect(address, autocommit=True, prepare_threshold=None))
            )
            connection.pgconn.send_query(f"BEGIN; SET LOCAL statement_timeout = 0; {BURN}".encode())
            held.callback(
                connection.cancel_safe
            )  # a server does not notice by itself that nobody waits any more
        yield


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="desktops", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="four desktops, a small firm, a few seconds")
    parser.add_argument("--desktops", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--activities", type=int, default=520_000)
    parser.add_argument("--pause", type=float, default=PAUSE_SECONDS)
    options = parser.parse_args(arguments)
    if Size(options.activities).people <= options.desktops and not options.smoke:
        parser.error("a firm of that size has fewer people than desktops")
    if options.smoke:
        options.desktops, options.seconds, options.activities, options.pause = 4, 3.0, 2_000, 0.5
    pause = options.pause
    from tests.faults.servers import Pooler, own_folder

    place = own_folder()
    with tempfile.TemporaryDirectory() as folder, postgres(Path(folder)) as server:
        database = filled(server, Size(options.activities))
        with psycopg.connect(database.ours, autocommit=True) as superuser:
            people = logins(superuser, options.desktops + 1)
        direct = make_url(database.ours)
        target = f"host={direct.query['host']} port=5432"
        more = f"max_client_conn = 2000\nmax_db_connections = {SESSIONS}\nserver_idle_timeout = 60"
        with Pooler(place, target, sorted(people), sessions=SESSIONS_EACH, settings=more) as pooler:
            through = direct.set(host="127.0.0.1", port=pooler.port, query={})
            data = Path(folder) / "server"
            found = _phases(through, direct, people, data, options.seconds, pause)
    shutil.rmtree(place, ignore_errors=True)
    say(
        "desktops",
        {
            "desktops": options.desktops,
            "activities": options.activities,
            "seconds": options.seconds,
            "pause": pause,
            "sessions": SESSIONS,
            "roles": {role: list(people.values()).count(role) for role in sorted(set(people.values()))},
            **found,
        },
    )


def _phases(
    through: Any, direct: Any, people: dict[str, str], data: Path, seconds: float, pause: float
) -> dict[str, Any]:
    bad = max((login for login, role in people.items() if role == "rep"), key=lambda login: int(login[1:]))
    others = {login: role for login, role in people.items() if login != bad}
    address = through.render_as_string(hide_password=False)
    load, before = round(psutil.getloadavg()[0], 1), server_cpu(data)
    calm = phase(address, others, seconds, pause)
    calm["server_cpu_ms_per_act"] = round((server_cpu(data) - before) * 1000 / calm["acts"], 1)
    found = {"load of the machine before": load, "everybody works": calm}
    for name, url, sessions in (
        (f"one rep burns {SESSIONS_EACH} sessions through the pooler", through, SESSIONS_EACH),
        (f"one rep burns {CONNECTIONS} sessions of the server", direct, CONNECTIONS),
    ):
        with burning(url.set(username=bad).render_as_string(hide_password=False), sessions):
            found[name] = phase(address, others, seconds, pause)
    found["everybody works again"] = phase(
        address, others, seconds, pause
    )  # how much the machine itself varies
    return found
