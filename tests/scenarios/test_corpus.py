"""Every real file is read as it was when its verdict was looked at, or refused for the same reason."""

from __future__ import annotations

import pytest

from tests.conftest import FULL, SHARED_DATA
from tests.corpus import corpus_files, expected, read_corpus, verdicts

EVERY = 1 if FULL else 5
"""Every how many-th file is read: all of them with `dev.py test --full`."""

pytestmark = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="no shared data folder beside the project")


def test_the_verdict_of_every_real_file_stands() -> None:
    """Where a change is meant, `python -m tests.corpus` writes the verdicts and docs/real-files.md anew."""
    files = corpus_files()[::EVERY]
    inside = tuple(f"{file.name}/" for file in files)
    found = set(verdicts(*read_corpus(files)))
    kept = {one for one in expected() if f"{one.file}/".startswith(inside)}
    assert found
    assert {"gone": sorted(kept - found), "new": sorted(found - kept)} == {"gone": [], "new": []}
