"""What a rule is: when it falls due, computed from what is stored, and what it then does in one transaction.

`due(work)` returns everything that has fallen due by `work.now`, done or not, the key of each made from what is
due and never from when somebody looked; the runner leaves out what was done. `act(work, due)` does one of them
and may say what came of it; it is committed together with the note that it was done, whole or not at all. What
leaves the database (mail, files) is put into the outbox there and sent afterwards.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from desktop.jobs import rules
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that falls due: `key` is unique within its rule, `subject` is what people call it.

    `about` is what it is due for: catching up counts the dues of one `about`.
    """

    key: str
    due_at: datetime
    about: str = ""
    subject: str = ""
    data: Any = field(default=None, compare=False)
    run_id: int = 0
    """The number of the note that it is done, once it is being done: what goes out belongs to it."""


Result = Mapping[str, Any]


def nothing_planned(_work: Work) -> Sequence[Due]:
    """Say that a rule cannot tell what comes next."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `catch_up` is how many of the latest missed dues of one `about` are still done (None: all).

    Of the others it is put on record that they were missed. `next` says what falls due next, for people to see.
    """

    key: str
    label: str
    due: Callable[[Work], Sequence[Due]]
    act: Callable[[Work, Due], Result | None]
    catch_up: int | None = None
    next: Callable[[Work], Sequence[Due]] = nothing_planned


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule there is, by key."""
    found: dict[str, Rule] = {}
    for module in pkgutil.iter_modules(rules.__path__):
        loaded = importlib.import_module(f"{rules.__name__}.{module.name}")
        for rule in (*getattr(loaded, "RULES", ()), *([loaded.RULE] if hasattr(loaded, "RULE") else [])):
            if rule.key in found:
                raise AssertionError(f"two rules are called {rule.key}")
            found[rule.key] = rule
    return tuple(found[key] for key in sorted(found))
