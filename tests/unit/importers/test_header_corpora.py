"""Headers of other systems are understood: ≥ 95 % of what has a counterpart right, ≤ 2 % wrong (IMP-01, IMP-10)."""

from __future__ import annotations

import pytest

from desktop.importers.fields import ENTITIES, FIELDS
from tests.mapping_report import FOLDER, header_sets, scores, total

CORPORA = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("named", [False, True], ids=["export.csv", "named"])
@pytest.mark.parametrize("corpus", CORPORA)
def test_headers_alone_are_mapped(corpus: str, named: bool) -> None:
    result = total(scores(header_sets(corpus), named=named).values())
    told = "\n".join(result.faults)
    assert result.right_share >= 0.95, told
    assert result.wrong_share <= 0.02, told


@pytest.mark.parametrize("corpus", CORPORA)
def test_corpora_are_labelled_with_fields_that_exist(corpus: str) -> None:
    names = {item.full_name for item in FIELDS} | {""}
    for one in header_sets(corpus):
        assert one.entity in ENTITIES
        assert {name for expected in one.expected for name in expected} <= names, one
        assert len(one.headers) >= 4
