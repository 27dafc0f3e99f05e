"""The duplicate search as a whole: measured on labelled data, and on pools whose truth is known."""

from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest

from benchmarks import duplicates_data as data
from desktop.analytics.dedup.engine import Found, find

needs_data = pytest.mark.skipif(not data.DATA.is_dir(), reason="the shared data folder is not here")

LIBRARIES = {"splink fake1000": 0.81, "restaurants": 0.965}
"""The F1 that good libraries reach on the same pairs."""


def pairs_of(found: Found, record_set: data.RecordSet, *, sure: bool) -> set[tuple[int, int]]:
    side = record_set.parties["side"] if record_set.between else None
    return {
        pair
        for cluster in found.clusters
        if cluster.sure or not sure
        for pair in combinations(cluster.members, 2)
        if side is None or side[pair[0]] != side[pair[1]]
    }


def precision(pairs: set[tuple[int, int]], truth: frozenset[tuple[int, int]]) -> float:
    return len(pairs & truth) / len(pairs)


def f1(pairs: set[tuple[int, int]], truth: frozenset[tuple[int, int]]) -> float:
    return 2 * len(pairs & truth) / (len(pairs) + len(truth))


@needs_data
@pytest.mark.parametrize(
    ("make", "least"),
    [
        (data.fake1000, 0.93),
        (lambda: data.febrl(1), 0.98),
        (data.restaurants, 0.97),
        (data.childhood, 0.92),
    ],
)
def test_found_beside_good_libraries(make: object, least: float) -> None:
    record_set = make()  # type: ignore[operator]
    found = find(record_set.parties, record_set.kind, between=record_set.between)
    assert f1(pairs_of(found, record_set, sure=False), record_set.truth) >= least
    assert f1(pairs_of(found, record_set, sure=False), record_set.truth) > LIBRARIES.get(record_set.name, 0)
    assert precision(pairs_of(found, record_set, sure=True), record_set.truth) >= 0.98


@needs_data
def test_labelled_chinese_names() -> None:
    from benchmarks.duplicates import measure_names

    measured = measure_names(data.labelled_pairs())
    assert measured.f1 > 0.94
    assert measured.recall_at_98 > 0.79
    assert measured.sure_precision >= 0.98


def test_sure_is_sure_among_many_look_alikes() -> None:
    names, owners = data.name_pool(6000, seed=3)
    found = find(pl.DataFrame({"id": range(len(names)), "name": names}), "company")
    sure = [(pair[0], pair[1]) for c in found.clusters if c.sure for pair in combinations(c.members, 2)]
    truth = sum(count * (count - 1) // 2 for count in pl.Series(owners).value_counts()["count"])
    right = sum(owners[a] == owners[b] for a, b in sure)
    assert right / len(sure) >= 0.98
    assert right / truth >= 0.95


def test_different_credit_codes_are_different_companies() -> None:
    frame = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "name": ["杭州恒泰科技有限公司", "杭州恒泰科技有限责任公司", "恒泰科技"],
            "code": ["91330100MA2AAAAA0A", "91330100MA2BBBBB0B", "91330100MA2AAAAA0A"],
        }
    )
    found = find(frame, "company")
    assert [cluster.members for cluster in found.clusters] == [(1, 3)]
    assert "same_code" in found.pairs["why"][0]


def test_branch_and_parent_with_one_phone_are_asked_about_never_sure() -> None:
    frame = pl.DataFrame(
        {
            "id": [1, 2],
            "name": ["杭州恒泰科技有限公司", "杭州恒泰科技有限公司宁波分公司"],
            "phones": [["0571-88001234"], ["057188001234"]],
        }
    )
    found = find(frame, "company")
    assert [(c.members, c.sure) for c in found.clusters] == [((1, 2), False)]
    assert found.pairs["why"][0].to_list() == ["same_core", "same_phone", "branch_parent"]


def test_a_short_name_that_fits_two_companies_is_sure_of_neither() -> None:
    names = ["恒泰科技", "杭州恒泰科技有限公司", "深圳恒泰科技有限公司"]
    found = find(pl.DataFrame({"id": [1, 2, 3], "name": names}), "company")
    assert not any(cluster.sure for cluster in found.clusters)
    alone = find(pl.DataFrame({"id": [1, 2], "name": names[:2]}), "company")
    assert [cluster.sure for cluster in alone.clusters] == [True]


def test_what_a_person_told_apart_stays_apart() -> None:
    names = ["国盛证券有限公司", "国盛证券有限责任公司"]
    frame = pl.DataFrame({"id": [7, 9], "name": names})
    assert find(frame, "company").clusters
    assert not find(frame, "company", apart=[(9, 7)]).clusters


def test_members_of_one_family_are_not_one_person() -> None:
    frame = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "name": ["Edward Kusha", "Mary Kusha", "Edward Kusha"],
            "birthday": ["1970-03-01", "1976-10-27", "1970-03-01"],
            "mail": ["kusha@example.com"] * 3,
            "address": ["1304 Poppy Hills Dr"] * 3,
        }
    )
    assert [cluster.members for cluster in find(frame, "person").clusters] == [(1, 3)]


def test_a_chinese_contact_of_the_same_company_with_the_same_mobile_is_one_person() -> None:
    frame = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "name": ["王建国", "王 建国", "王建国"],
            "phones": [["+8613812345678"], ["138 1234 5678"], ["13900001111"]],
            "employer": ["杭州恒泰科技有限公司", "恒泰科技", "北京云山食品有限公司"],
        }
    )
    found = find(frame, "person")
    assert [(c.members, c.sure) for c in found.clusters] == [((1, 2), True)]


def test_an_empty_list_has_no_duplicates() -> None:
    nothing = pl.DataFrame(schema={"id": pl.Int64, "name": pl.String})
    assert find(nothing, "company").clusters == ()
    assert find(nothing, "person").clusters == ()
