"""Chinese landlines are decided by the numbering plan's own pattern, exactly as one by one."""

from __future__ import annotations

from random import Random

import polars as pl

from desktop.importers.people import _phone, phones


def test_the_quick_way_and_the_thorough_way_agree() -> None:
    rng = Random(5)
    codes = ["0571", "021", "010", "0755", "0592", "029", "0931", "0999", "0100", "0200", "0471", "0899"]
    texts = [
        f"{rng.choice(codes)}{rng.choice(('-', '', ' '))}{rng.randrange(10**length):0{length}d}"
        for length in (6, 7, 8, 9)
        for _ in range(400)
    ]
    found = phones(pl.Series(texts), None)
    assert list(zip(found.values, found.codes, strict=True)) == [_phone(text, "CN") for text in texts]
    assert 200 < sum(value is not None for value in found.values) < len(texts)
