"""Who is in whose way: pursued, quoted, contacted twice, by nobody, under contradicting labels (DUP-02 to 05)."""

from __future__ import annotations

from datetime import date

from desktop.analytics.names import name_key
from desktop.models.activities import Ticket
from desktop.models.leads import Lead
from desktop.queries.collisions import Collisions, collisions
from desktop.store.workspace import Workspace
from tests.maker import Maker


def seen(workspace: Workspace, window: int = 90) -> Collisions:
    return workspace.read(lambda work: collisions(work, window))


def test_two_spellings_of_a_customer_pursued_by_two_owners(workspace: Workspace, make: Maker) -> None:
    ann, bob = make.person("安"), make.person("柏")
    one = make.account("杭州恒泰科技有限公司", ann)
    two = make.account("恒泰科技（杭州）有限责任公司", bob)
    lone = make.account("北京云山食品有限公司", ann)
    make.deal("泵一", one, owner=ann, amount=100)
    make.deal("泵二", two, owner=bob, amount="250.50")
    make.deal("泵三", lone, owner=ann, amount=900)
    make.quote("Q-1", two, 10, owner_id=bob, issued_on=date(2026, 11, 1))
    found = seen(workspace)
    assert [one.to_json() for one in found.pursued] == [
        {
            "accounts": [one, two],
            "name": "恒泰科技（杭州）有限责任公司",
            "verdict": "sure",
            "by": [
                {"owner": "柏", "deals": 1, "amount": "250.50", "quotes": 1, "last_on": date(2026, 11, 1)},
                {"owner": "安", "deals": 1, "amount": "100.00", "quotes": 0, "last_on": None},
            ],
        }
    ]


def test_the_same_product_quoted_again_within_the_window(workspace: Workspace, make: Maker) -> None:
    ann, bob = make.person("安"), make.person("柏")
    one = make.account("杭州恒泰科技有限公司", ann)
    two = make.account("恒泰科技（杭州）有限责任公司", bob)
    first = make.deal("一", one, owner=ann, product="离心泵 A3")
    second = make.deal("二", two, owner=bob, product="离心泵Ａ3")
    make.quote("Q-1", one, 100, opportunity_id=first, issued_on=date(2026, 9, 1))
    make.quote("Q-2", two, 90, opportunity_id=second, issued_on=date(2026, 10, 1))
    found = seen(workspace)
    assert [[quote[0] for quote in line.quotes] for line in found.quoted_again] == [["Q-1", "Q-2"]]
    assert found.quoted_again[0].quotes[1][2:] == (9000, "柏")
    assert seen(workspace, window=10).quoted_again == ()


def test_contacted_by_several_and_followed_by_nobody(workspace: Workspace, make: Maker) -> None:
    ann, bob = make.person("安"), make.person("柏")
    busy = make.account("杭州恒泰科技有限公司", ann)
    make.activity(busy, owner=ann, on=make.days_ago(20))
    make.activity(busy, owner=bob, on=make.days_ago(3))
    make.activity(busy, owner=make.person("陈"), on=make.days_ago(200))
    orphan = make.account("无主客户有限公司")
    quiet = make.account("没人联系有限公司", ann)
    found = seen(workspace)
    assert [(one.people, one.owner) for one in found.contacted_by_several] == [(("柏", "安"), "安")]
    assert [one.accounts[0] for one in found.followed_by_nobody] == [orphan, quiet]


def test_three_labels_of_one_customer(workspace: Workspace, make: Maker) -> None:
    account = make.account("杭州恒泰科技有限公司", status="有效客户")
    stamp = {"recorded_at": workspace.clock.now(), "changed_at": workspace.clock.now()}
    lead = Lead(
        name="恒泰", name_key=name_key("恒泰"), company="恒泰科技(杭州)有限公司", status="无效线索", **stamp
    )
    ticket = Ticket(account_id=account, type="投诉", status="处理中", subject="安装延迟", **stamp)
    workspace.write(lambda work: work.session.add_all([lead, ticket]))
    make.account("别家食品有限公司", status="有效客户")
    found = seen(workspace)
    assert [[label[0] for label in line.labels] for line in found.labels] == [["account", "lead", "ticket"]]
