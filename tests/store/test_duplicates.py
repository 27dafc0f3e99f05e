"""Duplicates in the database: found, told apart, merged by field, split again exactly; imports afterwards."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import undefer

from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord
from desktop.models.accounts import Account, Contact
from desktop.models.audit import AuditEntry
from desktop.models.custom import CustomField, CustomValue
from desktop.models.merges import RecordAlias, RecordMerge
from desktop.models.opportunities import Opportunity
from desktop.models.people import Ownership
from desktop.operations.duplicates import decide_apart, merge_clusters, merge_records, unmerge
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import make_plan, read_and_map
from desktop.operations.undo import undo_import
from desktop.queries.duplicates import Duplicates, compare_records, find_duplicates
from desktop.queries.merges import merge_list
from desktop.store.digest import Digest, digest
from desktop.store.integrity import problems
from desktop.store.workspace import Actor, Work, Workspace
from desktop.terms import Role
from tests.maker import Maker


def clusters(workspace: Workspace, entity: str = "account") -> Duplicates:
    return workspace.read(lambda work: find_duplicates(work, entity))


def taken(workspace: Workspace) -> Digest:
    return workspace.read(digest)


def account(workspace: Workspace, record: int) -> Account | None:
    return workspace.read(lambda work: work.session.get(Account, record, options=[undefer("*")]))


@pytest.fixture
def twins(make: Maker) -> tuple[int, int]:
    """Two spellings of one customer, with deals, contacts, contracts, payments and activities."""
    ann, bob = make.person("安"), make.person("柏")
    one = make.account(
        "杭州恒泰科技有限公司", ann, phone="+8657188001234", external_id="A-1", source_system="old", grade="B"
    )
    two = make.account(
        "恒泰科技（杭州）有限责任公司",
        bob,
        mobile="+8613900000001",
        external_id="B-7",
        source_system="new",
        grade="A",
    )
    make.contact("王建国", one, mobile="+8613800000001")
    make.contact("李明", two, mobile="+8613800000002")
    make.deal("泵一", one, owner=ann, amount=100)
    make.deal("泵二", two, owner=bob, amount=200)
    make.activity(two, type="visit", on=date(2026, 11, 10), owner=bob)
    contract = make.contract("HT-1", two, amount=300)
    make.payment_plan(contract, 100, date(2026, 12, 1), account_id=two)
    make.account("恒泰科技宁波子公司", parent_id=two)
    return one, two


def test_spellings_of_one_customer_are_a_sure_cluster(workspace: Workspace, twins: tuple[int, int]) -> None:
    found = clusters(workspace)
    first = found.clusters[0]
    assert (first.verdict, {member.id for member in first.members}) == ("sure", set(twins))
    assert {member.owner for member in first.members} == {"安", "柏"}
    document = first.to_json()
    assert document["cluster"] == 1
    assert document["entity"] == "account"
    assert document["score"] > 0.9
    assert "same name without legal form" in document["why"]


def test_told_apart_is_asked_again_only_when_the_facts_change(
    workspace: Workspace, twins: tuple[int, int]
) -> None:
    workspace.write(lambda work: decide_apart(work, "account", twins))
    assert not [one for one in clusters(workspace).clusters if {m.id for m in one.members} >= set(twins)]
    workspace.write(
        lambda work: work.session.execute(
            text("UPDATE account SET phone = '+8657188009999' WHERE id = :id"), {"id": twins[1]}
        )
    )
    assert [one for one in clusters(workspace).clusters if {m.id for m in one.members} >= set(twins)]


def test_merge_moves_everything_and_split_restores_the_very_digest(
    workspace: Workspace, twins: tuple[int, int]
) -> None:
    one, two = twins
    before = taken(workspace)
    done = workspace.write(lambda work: merge_records(work, "account", one, [two], {"grade": two}))
    assert done.to_json()["merged"] == [two]
    assert done.moved["opportunity"] == 1
    assert done.moved["contract"] == 1
    assert done.moved["account"] == 1
    merged = account(workspace, one)
    assert merged is not None
    assert (merged.grade, merged.phone, merged.mobile) == ("A", "+8657188001234", "+8613900000001")
    assert merged.last_effective_at is not None
    assert account(workspace, two) is None
    assert workspace.read(problems) == []
    assert {row[0] for row in workspace.read(lambda work: work.rows(select(Opportunity.account_id)))} == {one}

    split = workspace.write(lambda work: unmerge(work, done.merge))
    assert (split.restored, split.kept) == ((two,), ())
    assert taken(workspace) == before
    assert workspace.read(problems) == []
    assert workspace.read(lambda work: work.rows(select(RecordAlias.id))) == []


def test_edits_after_the_merge_are_kept_and_told(
    workspace: Workspace, make: Maker, twins: tuple[int, int]
) -> None:
    one, two = twins
    done = workspace.write(
        lambda work: merge_records(work, "account", one, [two], {"grade": two, "mobile": two})
    )
    workspace.write(
        lambda work: work.session.execute(text("UPDATE account SET grade = 'C' WHERE id = :id"), {"id": one})
    )
    stranger = make.account("别家有限公司")
    workspace.write(
        lambda work: work.session.execute(
            text("UPDATE contact SET account_id = :to WHERE name = '李明'"), {"to": stranger}
        )
    )
    split = workspace.write(lambda work: unmerge(work, done.merge))
    whys = {line["entity"]: line["why"] for line in split.to_json()["kept"]}
    assert set(whys) == {"account", "contact"}
    assert "Customer grade" in whys["account"] or "grade" in whys["account"].lower()
    kept, restored = account(workspace, one), account(workspace, two)
    assert kept is not None
    assert restored is not None
    assert (kept.grade, kept.mobile, restored.grade) == ("C", None, "A")
    assert workspace.read(lambda work: work.session.scalar(select(RecordMerge.state))) == "partly_split"


def test_a_merge_of_a_merge_is_split_from_the_top(
    workspace: Workspace, make: Maker, twins: tuple[int, int]
) -> None:
    one, two = twins
    third = make.account("恒泰科技", external_id="C-1", source_system="third")
    before = taken(workspace)
    first = workspace.write(lambda work: merge_records(work, "account", one, [two]))
    second = workspace.write(lambda work: merge_records(work, "account", third, [one]))
    with pytest.raises(InvalidInput) as problem:
        workspace.write(lambda work: unmerge(work, first.merge))
    assert problem.value.code == "merged_again"
    assert [line.number for line in workspace.read(merge_list)] == [second.merge, first.merge]
    workspace.write(lambda work: unmerge(work, second.merge))
    workspace.write(lambda work: unmerge(work, first.merge))
    assert taken(workspace) == before
    with pytest.raises(InvalidInput):
        workspace.write(lambda work: unmerge(work, first.merge))


def test_parent_and_child_can_be_merged_and_split(workspace: Workspace, make: Maker) -> None:
    parent = make.account("恒泰集团有限公司")
    child = make.account("恒泰控股有限公司", parent_id=parent)
    grandchild = make.account("恒泰水务有限公司", parent_id=child)
    before = taken(workspace)
    done = workspace.write(lambda work: merge_records(work, "account", child, [parent, grandchild]))
    merged = account(workspace, child)
    assert merged is not None
    assert merged.parent_id is None
    workspace.write(lambda work: unmerge(work, done.merge))
    assert taken(workspace) == before


def test_own_fields_and_ownership_move_and_come_back(workspace: Workspace, twins: tuple[int, int]) -> None:
    one, two = twins

    def prepare(work: Work) -> None:
        stamp = {"recorded_at": work.now, "changed_at": work.now}
        fields = [
            CustomField(
                entity="account",
                code=code,
                label_en=code,
                label_zh=code,
                type=kind,
                options=[],
                required=False,
                **stamp,
            )
            for code, kind in (("colour", "choice"), ("opened", "date"), ("seen", "datetime"))
        ]
        work.session.add_all(fields)
        work.session.flush()
        colour, opened, seen = (field.id for field in fields)
        work.session.add_all(
            [
                CustomValue(field_id=colour, record_id=one, text="红"),
                CustomValue(field_id=colour, record_id=two, text="蓝"),
                CustomValue(field_id=opened, record_id=two, day=date(2024, 5, 6)),
                CustomValue(field_id=seen, record_id=two, moment=work.now),
                Ownership(kind="account", record_id=two, since=work.today, reason="import"),
            ]
        )

    workspace.write(prepare)
    before = taken(workspace)
    done = workspace.write(lambda work: merge_records(work, "account", one, [two]))
    rows = workspace.read(
        lambda work: work.rows(select(CustomValue.record_id, CustomValue.text, CustomValue.day))
    )
    assert {row[0] for row in rows} == {one}
    assert sorted((row[1] or "", row[2]) for row in rows if row[1] or row[2]) == [
        ("", date(2024, 5, 6)),
        ("红", None),
    ]
    assert workspace.read(problems) == []
    workspace.write(lambda work: unmerge(work, done.merge))
    assert taken(workspace) == before


def test_merging_says_what_is_wrong(workspace: Workspace, make: Maker, twins: tuple[int, int]) -> None:
    one, two = twins
    with pytest.raises(NotFound):
        workspace.write(lambda work: merge_records(work, "account", one, [999_999]))
    with pytest.raises(InvalidInput):
        workspace.write(lambda work: merge_records(work, "account", one, [one]))
    with pytest.raises(InvalidInput):
        workspace.write(lambda work: merge_records(work, "account", one, [two], {"shoe_size": two}))
    with pytest.raises(InvalidInput):
        workspace.write(lambda work: merge_records(work, "account", one, [two], {"grade": 12345}))
    with pytest.raises(StaleRecord):
        workspace.write(lambda work: merge_records(work, "account", one, [two], versions={two: 7}))
    with pytest.raises(NotFound):
        workspace.write(lambda work: unmerge(work, 4711))


def test_contacts_are_found_and_merged(workspace: Workspace, make: Maker) -> None:
    firm = make.account("杭州恒泰科技有限公司")
    one = make.contact("王建国", firm, mobile="+8613812345678")
    two = make.contact("王 建国", firm, mobile="13812345678", email="wang@example.com")
    make.contact("王建国", None, mobile="+8613900000009")
    found = clusters(workspace, "contact")
    assert [(c.verdict, tuple(m.id for m in c.members)) for c in found.clusters] == [("sure", (one, two))]
    before = taken(workspace)
    done = workspace.write(lambda work: merge_clusters(work, found.clusters))
    kept = workspace.read(lambda work: work.session.get(Contact, done[0].survivor, options=[undefer("*")]))
    assert kept is not None
    assert kept.email == "wang@example.com"
    workspace.write(lambda work: unmerge(work, done[0].merge))
    assert taken(workspace) == before


def test_records_are_compared_side_by_side(workspace: Workspace, twins: tuple[int, int]) -> None:
    seen = workspace.read(lambda work: compare_records(work, "account", twins))
    fields = {field.name: field for field in seen.fields}
    assert fields["grade"].values == ("B", "A")
    assert fields["grade"].differs
    assert fields["owner_id"].values == ("安", "柏")
    assert seen.counts[1]["opportunity"] == 1


def test_both_merge_and_split_are_audited(workspace: Workspace, twins: tuple[int, int]) -> None:
    done = workspace.write(lambda work: merge_records(work, "account", twins[0], [twins[1]]))
    workspace.write(lambda work: unmerge(work, done.merge))
    rows = workspace.read(
        lambda work: work.rows(select(AuditEntry.action, AuditEntry.subject_id).order_by(AuditEntry.id))
    )
    assert [tuple(row) for row in rows][-2:] == [("merge", twins[0]), ("unmerge", twins[0])]


OLD = (
    "客户编号,客户名称,电话,客户等级\nA-1,杭州恒泰科技有限公司,0571-88001234,B\nA-2,北京云山食品有限公司,,C\n"
)
NEW = "客户ID,客户名称,手机,客户等级\nB-7,恒泰科技（杭州）有限责任公司,13900000001,A\n"


def bring(workspace: Workspace, path: Path) -> dict[str, int]:
    plan = make_plan(read_and_map([path]))
    return migrate_plan(workspace, plan).totals


def test_sources_brought_again_update_the_survivor_and_create_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text(OLD, encoding="utf-8")
    new.write_text(NEW, encoding="utf-8")
    bring(workspace, old)
    bring(workspace, new)
    found = clusters(workspace).clusters
    assert len(found) == 1
    ids = [member.id for member in found[0].members]
    done = workspace.write(lambda work: merge_records(work, "account", ids[0], ids[1:], {"grade": ids[1]}))
    before = taken(workspace)
    for path in (old, new, old):
        totals = bring(workspace, path)
        assert (totals["created"], totals["updated"]) == (0, 0), path.name
    assert taken(workspace) == before
    new.write_text(NEW.replace("13900000001", "13900000002"), encoding="utf-8")
    totals = bring(workspace, new)
    assert (totals["created"], totals["updated"]) == (0, 1)
    kept = account(workspace, done.survivor)
    assert kept is not None
    assert kept.mobile == "+8613900000002"
    assert kept.grade == "A"


def test_undoing_an_import_of_merged_records_says_so(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(
        "客户名称,电话\n杭州恒泰科技有限公司,0571-88001234\n恒泰科技（杭州）有限责任公司,\n", encoding="utf-8"
    )
    empty = taken(workspace)
    run = migrate_plan(workspace, make_plan(read_and_map([path]))).run
    assert run is not None
    ids = [member.id for member in clusters(workspace).clusters[0].members]
    done = workspace.write(lambda work: merge_records(work, "account", ids[0], ids[1:]))
    undone = workspace.write(lambda work: undo_import(work, run))
    assert [line.id for line in undone.kept] == [ids[0]]
    assert [(line.id, line.to_json()["why"]) for line in undone.blocked] == [
        (ids[1], f"It was merged into another record; split merge {done.merge} first.")
    ]
    workspace.write(lambda work: unmerge(work, done.merge))
    again = workspace.write(lambda work: undo_import(work, run))
    assert (again.kept, again.blocked) == ((), ())
    assert taken(workspace) == empty


def test_only_clusters_that_a_run_touched(
    workspace: Workspace, twins: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("客户名称,电话\n宁波远航物流有限公司,\n远航物流（宁波）有限责任公司,\n", encoding="utf-8")
    run = migrate_plan(workspace, make_plan(read_and_map([path]))).run
    found = workspace.read(lambda work: find_duplicates(work, "account", run))
    assert [{member.name for member in one.members} for one in found.clusters] == [
        {"宁波远航物流有限公司", "远航物流（宁波）有限责任公司"}
    ]
    assert len(clusters(workspace).clusters) >= 2


def test_a_rep_may_not_merge(workspace: Workspace, make: Maker, twins: tuple[int, int]) -> None:
    rep = Actor(make.person("小赵"), "zhao", "小赵", Role.REP)
    with pytest.raises(NotAllowed):
        workspace.acting_as(rep).write(lambda work: merge_records(work, "account", twins[0], [twins[1]]))


def test_a_dry_run_tells_what_it_would_bring_twice_and_keeps_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    path, other = tmp_path / "old.csv", tmp_path / "more.csv"
    path.write_text("客户名称,电话\n宁波远航物流有限公司,\n", encoding="utf-8")
    migrate_plan(workspace, make_plan(read_and_map([path])))
    other.write_text(
        "客户名称,电话\n远航物流（宁波）有限责任公司,\n北京云山食品有限公司,\n云山食品(北京)有限公司,\n",
        encoding="utf-8",
    )
    before = taken(workspace)
    result = migrate_plan(workspace, make_plan(read_and_map([other])), dry_run=True, propose=True)
    assert result.proposals is not None
    assert {frozenset(member.name for member in one.members) for one in result.proposals} == {
        frozenset({"宁波远航物流有限公司", "远航物流（宁波）有限责任公司"}),
        frozenset({"北京云山食品有限公司", "云山食品(北京)有限公司"}),
    }
    assert result.to_json()["duplicates"]["count"] == 2
    assert taken(workspace) == before
    assert (
        "duplicates" not in migrate_plan(workspace, make_plan(read_and_map([other])), dry_run=True).to_json()
    )
