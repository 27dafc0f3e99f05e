"""What a rep's daily sheet says: yesterday's key actions, the gap to the best, what to do first today (SOP-10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from desktop.clock import start_of_day
from desktop.models.accounts import Account
from desktop.models.activities import Activity, Todo
from desktop.models.people import OrgUnit, Person
from desktop.periods import Period
from desktop.queries.calibration import calibration
from desktop.queries.sales_history import sales
from desktop.queries.scope import Scope, owned_within
from desktop.queries.silence import SilentAccount, silence
from desktop.queries.targets import due_of
from desktop.queries.today import StuckDeal, stuck_deals
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import PersonStatus, Role, TaskState

ALL = 100_000


@dataclass(frozen=True, slots=True)
class KeyAction:
    """Something planned for the days told of: a task that was due, or a customer to be contacted again."""

    what: str
    customer: str
    done: bool


@dataclass(frozen=True, slots=True)
class Overdue:
    """An open task whose day has passed."""

    title: str
    customer: str
    account_id: int | None
    days: int


Priority = StuckDeal | SilentAccount | Overdue


@dataclass(frozen=True, slots=True)
class RepDay:
    """One rep's sheet: amounts in minor units, shares as fractions of what is due (None: nothing is due)."""

    person_id: int
    name: str
    unit: str
    actions: tuple[KeyAction, ...]
    contacts: int
    best_contacts: float
    sold: int
    due: int
    share: float | None
    best_share: float | None
    priorities: tuple[Priority, ...]

    @property
    def done(self) -> int:
        """How many key actions were done."""
        return sum(action.done for action in self.actions)


def rep_days(work: Work, *, starts: date, ends: date, unit_id: int | None) -> list[RepDay]:
    """Return the sheets of all reps of a unit about the days from `starts` to `ends`, by name."""
    month = Period.month_of(ends)
    reps = work.rows(
        select(Person.id, Person.name, OrgUnit.name.label("unit"))
        .outerjoin(OrgUnit, OrgUnit.id == Person.unit_id)
        .where(
            Person.role == Role.REP.value,
            Person.status == PersonStatus.ACTIVE.value,
            *owned_within(Person.id, unit_id),
        )
        .order_by(Person.name, Person.id)
    )
    run = calibration(work, period=month, unit_id=unit_id)
    sold: dict[int | None, int] = defaultdict(int)
    for item in sales(work, run.history, month.starts, ends):
        sold[item.owner_id] += item.sale.amount
    due = {person.person_id: due_of(person, ends) for person in run.people}
    contacts = _contacts(work, starts, ends)
    actions = _actions(work, starts, ends)
    firsts = _priorities(work, unit_id, month)
    ids = [row.id for row in reps]
    shares = {each: sold[each] / due[each] for each in ids if due.get(each)}
    top = float(threshold(work, "baseline.top_pct"))
    best_share = best_of(shares.values(), top)
    best_contacts = best_of((contacts.get(each, 0) for each in ids), top) or 0.0
    return [
        RepDay(
            row.id,
            row.name,
            row.unit or "",
            tuple(actions.get(row.id, ())),
            contacts.get(row.id, 0),
            best_contacts,
            sold[row.id],
            due.get(row.id, 0),
            shares.get(row.id),
            best_share,
            tuple(firsts.get(row.id, ())),
        )
        for row in reps
    ]


def best_of(values: Iterable[float], top: float) -> float | None:
    """Return the mean of the best part of some values (at least of one); None without any."""
    ordered = sorted(values, reverse=True)
    chosen = ordered[: max(1, round(len(ordered) * top))]
    return sum(chosen) / len(chosen) if chosen else None


def _contacts(work: Work, starts: date, ends: date) -> dict[int, int]:
    rows = work.rows(
        select(Activity.owner_id, func.count(Activity.id).label("n"))
        .where(Activity.occurred_on.between(starts, ends), Activity.owner_id.is_not(None))
        .group_by(Activity.owner_id)
    )
    return {row.owner_id: int(row.n) for row in rows}


def _actions(work: Work, starts: date, ends: date) -> dict[int, list[KeyAction]]:
    """Return what was planned for the days, by person: tasks due then, and contacts announced for then."""
    found: dict[int, list[KeyAction]] = defaultdict(list)
    tasks = work.rows(
        select(Todo.owner_id, Todo.title, Todo.state, Account.name.label("customer"))
        .outerjoin(Account, Account.id == Todo.account_id)
        .where(
            Todo.due_on.between(starts, ends),
            Todo.state != TaskState.CANCELLED.value,
            Todo.owner_id.is_not(None),
        )
        .order_by(Todo.id)
    )
    for row in tasks:
        action = KeyAction(row.title, row.customer or "", row.state == TaskState.DONE.value)
        found[row.owner_id].append(action)
    met = {
        (row.owner_id, row.account_id)
        for row in work.rows(
            select(Activity.owner_id, Activity.account_id).where(Activity.occurred_on.between(starts, ends))
        )
    }
    first, after = start_of_day(starts, work.zone), start_of_day(ends + timedelta(days=1), work.zone)
    planned = work.rows(
        select(Activity.owner_id, Activity.account_id, Activity.next_action, Account.name.label("customer"))
        .join(Account, Account.id == Activity.account_id)
        .where(
            Activity.next_contact_at >= first,
            Activity.next_contact_at < after,
            Activity.occurred_on < starts,
            Activity.owner_id.is_not(None),
        )
        .order_by(Activity.id)
    )
    for row in planned:
        done = (row.owner_id, row.account_id) in met
        found[row.owner_id].append(KeyAction(row.next_action or "", row.customer, done))
    return found


def _priorities(work: Work, unit_id: int | None, month: Period) -> dict[int, list[Priority]]:
    """Return what to do first, by person: the most at stake, each customer once."""
    keep = int(threshold(work, "daily.priority_actions"))
    candidates: dict[int, list[tuple[int, int | None, Priority]]] = defaultdict(list)
    for deal in stuck_deals(work, Scope(month, unit_id))[0]:
        if deal.owner_id is not None:
            candidates[deal.owner_id].append((deal.amount or 0, deal.account_id, deal))
    for account in silence(work, unit_id=unit_id, limit=ALL).accounts:
        if account.owner_id is not None:
            stake = account.open_amount + account.won_amount
            candidates[account.owner_id].append((stake, account.id, account))
    for owner, task in _overdue(work):
        candidates[owner].append((0, task.account_id, task))
    return {owner: _first(found, keep) for owner, found in candidates.items()}


def _first(candidates: Sequence[tuple[int, int | None, Priority]], keep: int) -> list[Priority]:
    chosen: list[Priority] = []
    customers: set[int] = set()
    for _stake, account_id, item in sorted(candidates, key=lambda one: -one[0]):
        if account_id is not None and account_id in customers:
            continue
        if account_id is not None:
            customers.add(account_id)
        chosen.append(item)
        if len(chosen) == keep:
            break
    return chosen


def _overdue(work: Work) -> list[tuple[int, Overdue]]:
    rows = work.rows(
        select(Todo.owner_id, Todo.title, Todo.account_id, Todo.due_on, Account.name.label("customer"))
        .outerjoin(Account, Account.id == Todo.account_id)
        .where(Todo.state == TaskState.OPEN.value, Todo.due_on < work.today, Todo.owner_id.is_not(None))
        .order_by(Todo.due_on, Todo.id)
    )
    return [
        (row.owner_id, Overdue(row.title, row.customer or "", row.account_id, (work.today - row.due_on).days))
        for row in rows
    ]
