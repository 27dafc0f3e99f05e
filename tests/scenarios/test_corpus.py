"""Every real file is read as it was when its verdict was looked at, or refused for the same reason."""

from __future__ import annotations

import pytest

from tests.conftest import SHARED_DATA
from tests.corpus import expected, read_corpus, verdicts

pytestmark = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="no shared data folder beside the project")


def test_the_verdict_of_every_real_file_stands() -> None:
    """Where a change is meant, `python -m tests.corpus` writes the verdicts and docs/real-files.md anew."""
    found, kept = set(verdicts(*read_corpus())), set(expected())
    assert {"gone": sorted(kept - found), "new": sorted(found - kept)} == {"gone": [], "new": []}
