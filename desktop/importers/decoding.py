"""Bytes of a web page or XML document to text, block by block, in the encoding that is declared and true."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.encoding import find_encoding

BLOCK = 1 << 20
_LOOK = 1 << 16
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "utf-8", "big5": "big5hkscs"}
"""What a declared encoding is read as: its superset, which is what programs really write."""

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


def declared_encoding(head: bytes) -> str | None:
    """Return the codec that the beginning of a document declares, or None if none is known by that name."""
    found = _DECLARED.search(head.replace(b"\x00", b"")[:_LOOK])
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return None
    return _WIDER.get(name, name)


def document_encoding(path: Path) -> tuple[str, str]:
    """Return the codec of a document and how to treat bytes that do not fit it ("strict" or "replace").

    A mark at the beginning counts before a declaration, and a declaration only if all bytes agree.
    """
    with path.open("rb") as stream:
        head = stream.read(_LOOK)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, "replace"
    tried = [declared_encoding(head), "utf-8"]
    if b"\x00" in head[:200]:
        tried = ["utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"]
    for codec in tried:
        if codec and codec not in ("utf-16", "utf-32") and _fits(path, codec):
            return codec, "strict"
    with path.open("rb") as stream:
        guess = find_encoding(stream.read(16 * BLOCK))
    if guess is None:
        raise InvalidInput(
            "encoding_unknown",
            N_("The file's encoding was not recognised."),
            remedy=N_("Open it in Excel or WPS and save it as .xlsx or as “CSV UTF-8”."),
        )
    return guess, "replace"


def _fits(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def blocks_of_text(path: Path, codec: str, errors: str, progress: Progress = no_progress) -> Iterator[str]:
    """Yield the text of a document in blocks; zero characters are left out."""
    total = path.stat().st_size
    decoder = codecs.getincrementaldecoder(codec)(errors)
    done = 0
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            done += len(block)
            progress(done, total)
            yield decoder.decode(block).replace("\x00", "")
        yield decoder.decode(b"", True)
