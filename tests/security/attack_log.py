"""Writes docs/security-log.md: what was typed into psql as each role, and what came back.

Run as `python -m tests.security.attack_log` from the project's folder; it starts a server of its own.
"""

from __future__ import annotations

import re
import tempfile
from itertools import groupby
from pathlib import Path

from tests.postgres import PostgresHost
from tests.security import psql
from tests.security.attacks import ATTACKS
from tests.security.lab import lab
from tests.security.stage import staged

LOG = Path(__file__).parents[2] / "docs" / "security-log.md"

CASES = {
    44: "What time it is",
    45: "Records of others",
    46: "Who one is does not depend on any setting",
    47: "Views, and columns that are withheld",
    48: "Functions and errors that spy",
    49: "Keys as a way to ask for hidden rows",
    50: "Notifications",
    51: "Around the tables: files, catalogues, schemas, ownership, other roles",
    52: "Approving one's own",
    53: "What is on record",
    54: "Objects of one's own in the place of ours",
    65: "What is masked",
}

HEAD = """# Attack log

What was typed into psql, with a login of each job, and what the team database answered. This page is written by
`python -m tests.security.attack_log`; `tests/security/test_attacks.py` holds every answer, and that nothing was changed, in
each run of the tests. The numbers of cases are those of the list of attacks that the tests are named after.

The firm is made up: the rep `rep_1` owns *Own Customer* (account 700001), the rep `rep_2` owns *Hidden Customer* (700002).
Reports 800001 to 800004 were submitted by a rep, the director, the administrator and sales operations. `42501` is
PostgreSQL's "not allowed"; a query without an answer printed no row.

Beside these, each run of the tests compares with a plain-Python model of the firm: every role, table, verb and column
(`test_matrix.py`), generated queries and changes (`test_generated_queries.py`), and every step of reports and approvals, honest and
forged (`test_decisions.py`). `test_mutants.py` takes the guards away one by one and must notice each.

Approvals are also tried from consoles with logins of their own, on real connections that start together at a barrier
(`tests/store/approvals/test_signers.py`, `test_enforced.py`): two approvers, two deputies, yes against no, a decision against a withdrawal, a decision
against an edit, two who ask at once. One wins, the other is told, nothing is done twice. Nobody decides what they asked for as a deputy, by a duty or a
second role, on a signature that was passed to a friend, after it went on to somebody else, or by a record that says another role than the login has.

## What PostgreSQL does not hide

Some things follow from PostgreSQL itself, and no policy changes them. They tell how many, never what stands there:

- **How many rows a table has** can be estimated by everybody (`pg_class.reltuples`, plans, the next number of a sequence).
- **How many rows belong to a number or a day** can be counted by EXPLAIN ANALYZE: PostgreSQL looks numbers, dates and short words
  of closed lists up in an index before it asks the policy. PostgreSQL's manual calls this a covert channel. Texts by which customers
  are known (names, numbers of papers, telephone numbers) have neither index nor statistics for that reason, so that nobody can spell them out
  (`test_plans.py`); the keys by which a source called a record are unique and therefore have one.
- **A login can switch off its own time limits.** `statement_timeout` and the like are habits that set-up gives each login,
  not bars. The connection limit is a bar; and any open console has the server end whoever stays beyond the limits or keeps the
  audit trail from going on (`test_burning.py`).
"""


def main() -> None:
    """Carry every attack out and write the log."""
    with tempfile.TemporaryDirectory(prefix="plumbline-attacks-") as folder:
        host = PostgresHost(Path(folder) / "server")
        try:
            host.prepare()
            LOG.write_text(HEAD + "".join(sections(host, Path(folder))), encoding="utf-8")
        finally:
            host.leave()


def sections(host: PostgresHost, folder: Path) -> list[str]:
    """Return a section per case."""
    firm, words = staged()
    place = host.fresh(folder)
    found = []
    with lab(place, firm) as stage:
        version = str(stage.root.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]
        found.append(f"\nTried on PostgreSQL {version}: {len(ATTACKS)} attacks.\n")
        for case, attacks in groupby(sorted(ATTACKS, key=lambda attack: attack.case), lambda one: one.case):
            found.append(f"\n## Case {case}: {CASES[case]}\n")
            for attack in attacks:
                lines, answer = psql.attack(place, attack, words)
                found.append(entry(attack.job, attack.title, lines, answer, str(place.url.database)))
    host.drop(place)
    return found


def entry(job: str, title: str, lines: str, answer: psql.Answer, database: str) -> str:
    """Return what was typed and what came back, as Markdown."""
    typed = "\n".join(part for line in lines.split(";") if (part := " ".join(line.split())))
    shown = [line for line in (answer.shown, told(answer.messages)) if line]
    came = "\n".join(shown).replace(database, "plumbline") or "(nothing)"
    return f"\n**{title}**, as {job}\n\n```sql\n{typed}\n```\n\n```text\n{came}\n```\n"


def told(messages: str) -> str:
    """Return messages without the lines that point into what was typed."""
    kept = [line for line in messages.splitlines() if not re.match(r"LINE \d+:|\s*\^$|psql:", line)]
    return "\n".join(dict.fromkeys(kept))


if __name__ == "__main__":
    main()
