"""A rule for tests: it is due at given times, and writes one to-do for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from desktop.jobs.rule import Due, Result, Rule
from desktop.models.activities import Todo
from desktop.models.clockwork import JobLease, RuleRun
from desktop.store.workspace import Work, Workspace
from tests.conftest import NOW

TITLE = "written by the clock"


def noting(
    dues: Sequence[datetime],
    *,
    before: Callable[[Work, Due], None] = lambda work, due: None,
    after: Callable[[Work, Due], None] = lambda work, due: None,
    catch_up: int | None = None,
) -> Rule:
    """Return a rule that writes a to-do for each of `dues`; `before` and `after` are called around that."""

    def due(_work: Work) -> Sequence[Due]:
        return [Due(f"{at:%Y-%m-%dT%H:%M}", at, about="one", subject=f"{at:%d %B}") for at in dues]

    def act(work: Work, due: Due) -> Result:
        before(work, due)
        work.session.add(
            Todo(
                title=TITLE,
                note=due.key,
                owner_id=work.actor.person_id,
                state="open",
                due_on=work.today,
                recorded_at=work.now,
                changed_at=work.now,
            )
        )
        work.session.flush()
        after(work, due)
        return {"noted": due.key}

    return Rule("noting", "Noting", due, act, catch_up=catch_up)


def hours_ago(*hours: float) -> list[datetime]:
    """Return instants before the tests' clock."""
    return [NOW - timedelta(hours=each) for each in hours]


def noted(workspace: Workspace) -> list[str]:
    """Return what the rule has written, in order."""
    return workspace.read(
        lambda work: [
            str(row.note)
            for row in work.rows(select(Todo.note).where(Todo.title == TITLE).order_by(Todo.note))
        ]
    )


def runs(workspace: Workspace) -> list[tuple[str, str, int]]:
    """Return key, state and attempts of everything that fell due."""
    query = select(RuleRun.due_key, RuleRun.state, RuleRun.attempts).order_by(RuleRun.due_key)
    return workspace.read(lambda work: [(row.due_key, row.state, row.attempts) for row in work.rows(query)])


def let_the_lease_run_out(workspace: Workspace) -> None:
    """Do as if five minutes had passed at the database."""
    past = datetime(2020, 1, 1, tzinfo=NOW.tzinfo)
    workspace.write(lambda work: work.session.execute(update(JobLease).values(expires_at=past)))
