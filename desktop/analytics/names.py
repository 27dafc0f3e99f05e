"""The exact normalised name: what decides whether two names are the same text (decisions, keys)."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[\u3400-\u9fff()]) | (?=[\u3400-\u9fff()])")
OPENING = "【〔〖「『［｛〈《[{<"
CLOSING = "】〕〗」』］｝〉》]}>"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SAME = str.maketrans(OPENING + CLOSING, "(" * len(OPENING) + ")" * len(CLOSING), INVISIBLE)
_SPECIAL = re.compile(f"[{re.escape(OPENING + CLOSING + INVISIBLE)}]")


def name_key(name: str) -> str:
    """Return the key under which equal names meet.

    Full and half width, letter case, brackets of every kind, invisible characters and spaces (dropped
    beside an ideograph, else one) make no difference; every other character does.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    if _SPECIAL.search(text):
        text = text.translate(_SAME)
    text = " ".join(text.split())
    return _BETWEEN_IDEOGRAPHS.sub("", text) if " " in text else text
