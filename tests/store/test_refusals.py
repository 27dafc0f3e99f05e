"""A customer that refused is given to nobody for three months, by whatever record it is known (DUP-06, LED-14)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text

from desktop.analytics.names import name_key
from desktop.errors import InvalidInput, NotAllowed
from desktop.models.accounts import Account
from desktop.models.audit import AuditEntry
from desktop.models.leads import Lead
from desktop.operations.duplicates import merge_records
from desktop.operations.handover import assign_records, hand_over, undo_handover
from desktop.operations.refusals import lift_refusal, record_refusal
from desktop.operations.taken import is_taken
from desktop.periods import months_later
from desktop.queries.refusals import refusals
from desktop.store.refusals import blocked_until
from desktop.store.workspace import Work, Workspace
from desktop.terms import OwnedKind, Role
from tests.databases import Place
from tests.maker import Maker
from tests.store.loading.hand_made import load, table

REASON = "预算冻结至Q3"


class Firm:
    """A customer of one rep that refused; a twin account with its phone, a lead with its name, a stranger."""

    def __init__(self, place: Place, workspace: Workspace) -> None:
        self.place, self.ops = place, workspace
        make = Maker(workspace)
        city = make.unit("Harbin", "city")
        self.rep = make.person("Rep", login="refusal_rep", unit=city)
        self.other = make.person("Other", login="refusal_other", unit=city)
        self.boss = make.person("Boss", Role.CITY_MANAGER, login="refusal_boss", unit=city)
        self.customer = make.account("哈尔滨恒泰（集团）", self.rep)
        make.contact("Li", self.customer, mobile="+8613800000001")
        self.twin = make.account("恒泰贸易", self.rep, phone="+8613800000001")
        self.stranger = make.account("Stranger", self.rep, phone="+8613800000002")
        self.lead = make._make(Lead(name="Li", name_key="li", company="哈尔滨恒泰(集团)", owner_id=self.rep))

    def refuse(self, who: str = "refusal_rep") -> int:
        rep = self.place.open(who)
        return rep.write(lambda work: record_refusal(work, "account", self.customer, REASON, source="call"))

    def owner(self, kind: type[Account] | type[Lead], record: int) -> int | None:
        query = select(kind.owner_id).where(kind.id == record)
        return self.ops.read(lambda work: work.session.execute(query).scalar_one())


@pytest.fixture
def firm(place: Place) -> Firm:
    return Firm(place, place.open())  # The team database goes by its own clock.


def test_the_cluster_is_blocked_for_three_months_and_the_stranger_is_not(firm: Firm) -> None:
    today = firm.ops.read(lambda work: work.today)
    firm.refuse()
    until = months_later(today, 3)
    ids = [firm.customer, firm.twin, firm.stranger]
    asked = firm.ops.read(lambda work: blocked_until(work, "account", ids))
    assert asked == {firm.customer: until, firm.twin: until}
    assert firm.ops.read(lambda work: blocked_until(work, "lead", [firm.lead])) == {firm.lead: until}
    (line,) = firm.ops.read(refusals)
    assert (line.reason, line.source, line.by, line.until, line.stands) == (
        REASON,
        "call",
        "Rep",
        until,
        True,
    )
    boss = firm.place.open("refusal_boss")
    for kind, record in (("account", firm.twin), ("lead", firm.lead)):
        with pytest.raises(NotAllowed, match="refused") as refused:
            boss.write(partial(_dispatch, OwnedKind(kind), record, firm.other))
        assert until.isoformat() in str(refused.value)
    boss.write(lambda work: assign_records(work, OwnedKind.ACCOUNT, [firm.stranger], firm.other, "dispatch"))
    assert firm.owner(Account, firm.twin) == firm.rep
    assert firm.owner(Account, firm.stranger) == firm.other


def test_over_after_three_months_or_lifted_with_a_reason_on_record(firm: Firm) -> None:
    today = firm.ops.read(lambda work: work.today)
    rep = firm.place.open("refusal_rep")

    def refuse(day: date) -> int:
        return rep.write(lambda work: record_refusal(work, "account", firm.customer, REASON, on=day))

    refuse(today - timedelta(days=93))
    assert firm.ops.read(refusals) == ()
    assert len(firm.ops.read(lambda work: refusals(work, past=True))) == 1
    number = refuse(today)
    with pytest.raises(NotAllowed):
        rep.write(lambda work: lift_refusal(work, number, "wants to buy"))
    with pytest.raises(InvalidInput, match="reason"):
        firm.ops.write(lambda work: lift_refusal(work, number, " "))
    firm.ops.write(lambda work: lift_refusal(work, number, "budget is back"))
    with pytest.raises(InvalidInput, match="already"):
        firm.ops.write(lambda work: lift_refusal(work, number, "again"))
    boss = firm.place.open("refusal_boss")
    boss.write(lambda work: assign_records(work, OwnedKind.ACCOUNT, [firm.customer], firm.other, "dispatch"))
    assert firm.owner(Account, firm.customer) == firm.other
    acts = select(AuditEntry.action).where(AuditEntry.subject_id == firm.customer).order_by(AuditEntry.id)
    told = firm.ops.read(lambda work: list(work.session.scalars(acts)))
    assert told == ["record_refusal", "record_refusal", "lift_refusal", "assign"]


def test_a_refusal_needs_a_reason_and_no_day_to_come(firm: Firm) -> None:
    rep = firm.place.open("refusal_rep")
    with pytest.raises(InvalidInput, match="reason"):
        rep.write(lambda work: record_refusal(work, "account", firm.customer, " "))
    with pytest.raises(InvalidInput, match="to come"):
        rep.write(
            lambda work: record_refusal(
                work, "account", firm.customer, REASON, on=work.today + timedelta(days=1)
            )
        )


def test_a_handover_takes_the_customer_along_and_back_and_it_stays_blocked(firm: Firm) -> None:
    firm.refuse()
    boss = firm.place.open("refusal_boss")
    done = boss.write(lambda work: hand_over(work, firm.rep, firm.other))
    assert firm.owner(Account, firm.customer) == firm.other
    with pytest.raises(NotAllowed, match="refused"):
        boss.write(
            lambda work: assign_records(work, OwnedKind.ACCOUNT, [firm.customer], firm.rep, "dispatch")
        )
    boss.write(lambda work: undo_handover(work, done.handover))
    assert firm.owner(Account, firm.customer) == firm.rep


def test_a_refusal_goes_with_the_customer_that_it_is_merged_into(firm: Firm) -> None:
    number = firm.refuse()
    firm.ops.write(lambda work: merge_records(work, "account", firm.stranger, [firm.customer]))
    (line,) = firm.ops.read(lambda work: refusals(work, account_id=firm.stranger))
    assert line.id == number
    assert list(firm.ops.read(lambda work: blocked_until(work, "account", [firm.stranger]))) == [
        firm.stranger
    ]


def test_whoever_asks_whether_it_is_taken_is_told(firm: Firm) -> None:
    asking = firm.place.open("refusal_other")
    assert is_taken(asking, "哈尔滨恒泰(集团)").until is None
    firm.refuse()
    answer = is_taken(asking, "哈尔滨恒泰(集团)")
    assert (answer.name, answer.until) == ("哈**", months_later(firm.ops.read(lambda work: work.today), 3))
    assert is_taken(asking, "Stranger").until is None


def test_an_import_gives_it_to_nobody_and_brings_the_rest(firm: Firm) -> None:
    firm.refuse()
    lines = [
        {"name": "Li Lei", "company": "哈尔滨恒泰（集团）", "mobile": "+8613800000009", "owner": "Other"},
        {"name": "Han", "company": "Elsewhere", "mobile": "+8613800000001", "owner": "Other"},
        {"name": "Wang", "company": "Elsewhere 2", "mobile": "+8613800000008", "owner": "Other"},
    ]
    result = load(firm.ops, table("lead", lines))
    held = [issue for issue in result.issues if issue.code == "customer_refused"]
    assert sorted(issue.row or 0 for issue in held) == [2, 3]
    until = months_later(firm.ops.read(lambda work: work.today), 3)
    assert {issue.params["until"] for issue in held} == {until.isoformat()}
    query = select(Lead.name, Lead.owner_id).where(Lead.name != "Li").order_by(Lead.name)
    owners = firm.ops.read(lambda work: {row.name: row.owner_id for row in work.rows(query)})
    assert owners == {"Han": None, "Li Lei": None, "Wang": firm.other}


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_psql_gets_no_further(firm: Firm) -> None:
    firm.refuse()
    boss, other = firm.place.open("refusal_boss"), firm.place.open("refusal_other")

    def give(work: Work) -> None:
        work.session.execute(
            text(
                "SELECT plumbline.assign('account', ARRAY[:id]::bigint[], :giver, :receiver, current_date, 'x', NULL)"
            ),
            {"id": firm.twin, "giver": firm.rep, "receiver": firm.other},
        )

    with pytest.raises(NotAllowed) as refused:
        boss.write(give)
    assert refused.value.code == "customer_refused"
    # Who sees neither customer is told nothing, and nobody records one for longer or as somebody else.
    assert other.read(lambda work: blocked_until(work, "account", [firm.twin])) == {}
    assert other.read(refusals) == ()
    add = (
        "INSERT INTO refusal (account_id, reason, refused_on, blocked_until, by_id, recorded_at)"
        " VALUES ({account}, 'x', current_date - 1, current_date + {days}, {by}, now())"
    )
    for who, account, days, by in (
        ("rep", firm.customer, 200, firm.rep),
        ("rep", firm.customer, 10, firm.other),
        ("other", firm.customer, 10, firm.other),
    ):
        attempt = add.format(account=account, days=days, by=by)
        with pytest.raises(NotAllowed):
            firm.place.open(f"refusal_{who}").write(partial(_run, attempt))


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_who_sells_makes_no_second_record_of_it_by_hand(firm: Firm) -> None:
    """By phone, mail, code or name, as a customer, a lead or a person of another customer; also by renaming one."""
    firm.ops.write(
        partial(
            _run, f"UPDATE account SET credit_code = '91230100X', email = 'a@b.cn' WHERE id = {firm.twin}"
        )
    )
    firm.ops.write(lambda work: record_refusal(work, "account", firm.twin, REASON))
    firm.refuse()
    mine = firm.ops.write(lambda work: _account(work, firm.other))
    other, rep = firm.place.open("refusal_other"), firm.place.open("refusal_rep")
    account = (
        "INSERT INTO account (name, name_key, {column}, owner_id, source_system, recorded_at, changed_at)"
        f" VALUES ('New', 'new', '{{value}}', {firm.other}, '', now(), now())"
    )
    named = account.replace("'New', 'new', '{value}'", "'{value}', 'x', NULL").replace("{column}", "phone")
    person = (
        "INSERT INTO contact (name, name_key, account_id, mobile, owner_id, source_system, recorded_at, changed_at)"
        f" VALUES ('Li', 'li', {mine}, '+8613800000001', {firm.other}, '', now(), now())"
    )
    for attempt in (
        account.format(column="phone", value="+8613800000001"),
        account.format(column="email", value="A@B.cn"),
        account.format(column="credit_code", value="91230100x"),
        named.format(value="哈尔滨恒泰(集团)"),
        person,
        f"UPDATE account SET phone = '+8613800000001' WHERE id = {mine}",
        f"UPDATE account SET name = '恒泰贸易', name_key = 'x' WHERE id = {mine}",
    ):
        with pytest.raises(NotAllowed) as refused:
            other.write(partial(_run, attempt))
        assert refused.value.code == "customer_refused", attempt
    # What nobody refused, and the edits of whoever has the customer already, go on.
    other.write(partial(_run, account.format(column="phone", value="+8613800000099")))
    rep.write(partial(_run, f"UPDATE account SET phone = '+8613800000098' WHERE id = {firm.customer}"))
    rep.write(
        partial(_run, f"UPDATE account SET name = '恒泰贸易二部', name_key = 'x' WHERE id = {firm.twin}")
    )


def _account(work: Work, owner: int) -> int:
    made = Account(name="Mine", name_key="mine", owner_id=owner, recorded_at=work.now, changed_at=work.now)
    work.session.add(made)
    work.session.flush()
    return made.id


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_the_server_normalises_names_as_the_program_does(firm: Firm) -> None:
    names = [
        "哈尔滨恒泰（集团）",
        "ＡＢＣ　有限 公司",
        "Acme  (China)  Co.",
        "【北京】 公司",
        "a\u200bb",
        " x ",
        "北京 ABC 中",
    ]
    asked = text("SELECT plumbline.name_key(:name)")
    said = firm.ops.read(
        lambda work: [work.session.execute(asked, {"name": name}).scalar_one() for name in names]
    )
    assert said == [name_key(name) for name in names]


def _dispatch(kind: OwnedKind, record: int, receiver: int, work: Work) -> int:
    return assign_records(work, kind, [record], receiver, "dispatch")


def _run(statement: str, work: Work) -> None:
    work.session.execute(text(statement))
