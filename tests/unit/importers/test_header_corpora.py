"""Headers of other systems are understood: ≥ 95 % of what has a counterpart right, ≤ 2 % wrong (IMP-01, IMP-10)."""

from __future__ import annotations

import pytest

from desktop.importers.fields import ENTITIES, FIELDS
from tests.mapping_report import FOLDER, header_sets, scores, total

CORPORA = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("corpus", CORPORA)
def test_headers_alone_are_mapped(corpus: str) -> None:
    """The file is called as its owner calls it; it has no rows."""
    result = total(scores(header_sets(corpus), named=True).values())
    told = "\n".join(result.faults)
    assert result.right_share >= 0.95, told
    assert result.wrong_share <= 0.02, told


@pytest.mark.parametrize("corpus", CORPORA)
def test_headers_of_a_file_called_nothing_are_mapped_too(corpus: str) -> None:
    """Company, contact, phone and city may be a lead's or an account's: then the file's name must say it."""
    result = total(scores(header_sets(corpus)).values())
    told = "\n".join(result.faults)
    assert result.right_share >= 0.9, told
    assert result.wrong_share <= 0.035, told


@pytest.mark.parametrize("corpus", CORPORA)
def test_corpora_are_labelled_with_fields_that_exist(corpus: str) -> None:
    names = {item.full_name for item in FIELDS} | {""}
    for one in header_sets(corpus):
        assert one.entity in ENTITIES
        assert {name for expected in one.expected for name in expected} <= names, one
        assert len(one.headers) >= 4
