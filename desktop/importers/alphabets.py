"""Whether letters of one script read like words of a language: what tells Greek bytes from Cyrillic ones."""

from __future__ import annotations

import re
from functools import cache

LETTERS = {
    "cyrillic": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ",
    "greek": "αοιετσνηυρπκμλωςγδχθφβξζψάόίέήώύϊϋΐΰ",
    "hebrew": "יוהלאתרבשמנםדקעחפגטכסצןזךףץ",
    "arabic": "الينمتروبعهسدكفقحجشطصخذزضثغئءأإآىةؤظ",
    "thai": "านรอก่เงมยล้วดทสตะปบคหแจพชขใไโผถธณษศซฎฏฐญฬฟภฑฒฮ",
}
"""Letters of each script, the commonest first."""

_VOWELS = {"cyrillic": "оеаиуяыюэёіїє", "greek": "αοιεηυωάόίέήώύϊϋΐΰ"}
_TOO_MANY_CONSONANTS = 4


@cache
def _weights(script: str) -> dict[str, float]:
    letters = LETTERS[script]
    return {letter: 1.0 - 2.0 * rank / len(letters) for rank, letter in enumerate(letters)}


def reads_like(text: str, script: str) -> float:
    """Return how much the script's words read like a language: about 0.5 a letter if they do, less than 0 if not."""
    weights = _weights(script)
    letters = re.escape("".join(weights))
    words = re.findall(rf"(?i)[{letters}]{{2,}}", text)
    total = 0.0
    for word in words:
        lowered = word.lower()
        total += sum(weights.get(letter, -1.0) for letter in lowered)
        # Capitals after small letters are no word; nor are long runs without a vowel.
        total -= 2.0 * len(re.findall(r"[^\W\d_A-Za-z](?<=[а-яёα-ωά-ώ])[А-ЯЁΑ-ΩΆ-Ώ]", word))
        if script in _VOWELS:
            runs = re.findall(rf"[^{_VOWELS[script]}]{{{_TOO_MANY_CONSONANTS},}}", lowered)
            total -= sum(len(run) for run in runs)
    return total
