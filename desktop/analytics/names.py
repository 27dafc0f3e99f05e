"""The exact normalised name: what decides whether two names are the same text (decisions, keys)."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[\u3400-\u9fff()])\s+|\s+(?=[\u3400-\u9fff()])")
_BRACKETS = str.maketrans("【〔〖「『［｛〈《[{<】〕〗」』］｝〉》]}>", "((((((((((((" + "))))))))))))")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def name_key(name: str) -> str:
    """Return the key under which equal names meet.

    Full and half width, letter case, brackets of every kind, invisible characters and spaces (dropped
    beside an ideograph, else one) make no difference; every other character does.
    """
    text = unicodedata.normalize("NFKC", name).translate(_INVISIBLE).translate(_BRACKETS).casefold()
    return _BETWEEN_IDEOGRAPHS.sub("", _SPACES.sub(" ", text).strip())
