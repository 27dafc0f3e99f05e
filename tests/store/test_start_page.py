"""The start page's questions: who is silent, what is stuck, who is behind, how the month stands."""

from __future__ import annotations

from datetime import date

from desktop.periods import Period
from desktop.queries.scope import Scope
from desktop.queries.silence import silence
from desktop.queries.today import TodayView, today_view
from desktop.store.workspace import Workspace
from tests.maker import Maker

MONTH = Period.parse("2026-11")


def look(workspace: Workspace, unit: int | None = None) -> TodayView:
    """Return the start page of November 2026."""
    return workspace.read(lambda work: today_view(work, scope=Scope(MONTH, unit)))


def test_silence_begins_on_the_thirtieth_day(workspace: Workspace, make: Maker) -> None:
    """30 days ago is silent, 29 is not, 45 is to be released; nobody's customers are nobody's fault."""
    rep = make.person("Li")
    for name, days in (("Spoken", 29), ("Silent", 30), ("Almost", 44), ("Release", 45)):
        account = make.account(name, rep)
        make.activity(account, on=make.days_ago(days), owner=rep)
    orphan = make.account("Orphan")
    make.activity(orphan, on=make.days_ago(90))
    found = workspace.read(silence)
    assert {account.name: account.release for account in found.accounts} == {
        "Silent": False,
        "Almost": False,
        "Release": True,
    }
    assert (found.count, found.release_count) == (3, 1)
    assert {account.name: account.days for account in found.accounts}["Silent"] == 30


def test_mail_we_send_does_not_break_a_silence(workspace: Workspace, make: Maker) -> None:
    """Only done calls, visits, meetings and demos count, and what the customer writes (ACT-07)."""
    rep = make.person("Li")
    account = make.account("Acme", rep)
    make.activity(account, on=make.days_ago(40), owner=rep)
    make.activity(account, type="email", on=make.days_ago(2), owner=rep)
    assert [a.days for a in workspace.read(silence).accounts] == [40]
    make.activity(account, type="email", direction="in", on=make.days_ago(1), owner=rep)
    assert workspace.read(silence).accounts == ()


def test_the_most_at_stake_comes_first(workspace: Workspace, make: Maker) -> None:
    """Open deals and what was won in a year weigh; older wins do not."""
    rep = make.person("Li")
    for name, path, amount in (
        ("Small", [("Lead", date(2026, 11, 1))], "100"),
        ("Large", [("Lead", date(2026, 11, 1))], "900"),
        ("Won", [("Signed", date(2026, 2, 1))], "500"),
        ("Long ago", [("Signed", date(2024, 2, 1))], "9000"),
    ):
        account = make.account(name, rep)
        make.activity(account, on=make.days_ago(60), owner=rep)
        make.deal(f"{name} deal", account, owner=rep, amount=amount, path=path)
    found = workspace.read(silence).accounts
    assert [account.name for account in found] == ["Large", "Won", "Small", "Long ago"]
    assert [account.open_amount + account.won_amount for account in found] == [90_000, 50_000, 10_000, 0]


def test_a_stage_is_stuck_after_its_limit(workspace: Workspace, make: Maker) -> None:
    """Proposal has a limit of 7 days, quotation of 15 (FUN-08, FUN-09); the limit itself is not over."""
    rep = make.person("Li")
    for name, stage, days in (
        ("P7", "Proposal", 7),
        ("P8", "Proposal", 8),
        ("Q15", "Quotation", 15),
        ("Q16", "Quotation", 16),
    ):
        make.deal(name, owner=rep, amount="10", path=[(stage, make.days_ago(days))])
    view = look(workspace)
    assert {deal.name: (deal.days, deal.limit) for deal in view.stuck} == {"P8": (8, 7), "Q16": (16, 15)}
    assert {deal.name: deal.negotiation for deal in view.stuck} == {"P8": False, "Q16": True}
    assert view.open_deals == 4


def test_behind_plan_is_under_four_fifths_of_the_weeks_so_far(workspace: Workspace, make: Maker) -> None:
    """Two people with the same target: one sold enough, one did not."""
    unit = make.unit("Team")
    good, bad = make.person("Good", unit=unit), make.person("Bad", unit=unit)
    for person, amount in ((good, "90"), (bad, "10")):
        make.target("2026-11", "100", person=person)
        make.deal(f"Deal {person}", owner=person, amount=amount, path=[("Signed", date(2026, 11, 10))])
    view = look(workspace)
    assert [person.name for person in view.behind] == ["Bad"]
    assert view.behind[0].sold == 1_000
    assert view.behind[0].gap == view.behind[0].due - 1_000


def test_the_month_adds_up(workspace: Workspace, make: Maker) -> None:
    """The cumulative target ends at the sum of targets; sold stops today; a unit sees only its own."""
    inside, outside = make.unit("Inside"), make.unit("Outside")
    mine, theirs = make.person("Mine", unit=inside), make.person("Theirs", unit=outside)
    for person in (mine, theirs):
        make.target("2026-11", "1000.01", person=person)
        make.deal(f"Deal {person}", owner=person, amount="300", path=[("Signed", date(2026, 11, 3))])
    whole, part = look(workspace).month, look(workspace, inside).month
    assert (whole.target, whole.sold, whole.people) == (200_002, 60_000, 2)
    assert (part.target, part.sold, part.people) == (100_001, 30_000, 1)
    assert len(whole.days) == 30
    assert whole.days[-1].target == whole.target
    assert [day.sold for day in whole.days if day.day.day in (2, 3, 18)] == [0, 60_000, 60_000]
    assert whole.days[18].sold is None
    assert all(a.target <= b.target for a, b in zip(whole.days, whole.days[1:], strict=False))


def test_an_empty_database_says_so(workspace: Workspace) -> None:
    """Without customers and deals the page can teach."""
    view = look(workspace)
    assert not view.has_data
    assert (view.silent.count, view.stuck, view.behind) == (0, (), ())
