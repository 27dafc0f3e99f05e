"""What a zip container may hold, by what its own directory says: known before anything in it is unpacked."""

from __future__ import annotations

import re
import zipfile

MAX_PARTS = 20_000
MAX_PART_BYTES = 1_200_000_000
MAX_TOTAL_BYTES = 1_600_000_000
_SUSPECT_BYTES = 300_000_000
_SUSPECT_RATIO = 150
"""Beyond both, a part is a bomb: sheets compress 5 to 40 times, and honest small parts any number of times."""

_UNIQUE = re.compile(rb'uniqueCount="(\d+)"')
HEAD_BYTES = 4096
"""How much of the shared strings tells how many they claim to be."""


def is_too_large(size: int, packed: int) -> bool:
    """Whether a part of so many bytes, packed into so many, is more than may be unpacked."""
    return size > MAX_PART_BYTES or (size > _SUSPECT_BYTES and size > packed * _SUSPECT_RATIO)


def is_forged(head: bytes, part: zipfile.ZipInfo) -> bool:
    """Whether shared strings claim a count that makes the parser reserve gigabytes: each needs 9 bytes or more."""
    match = _UNIQUE.search(head)
    return bool(match) and int(match[1]) > max(part.file_size, part.compress_size * 1100) // 5 + 1000  # type: ignore[index]
