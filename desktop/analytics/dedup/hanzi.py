"""Chinese characters: traditional to simplified, and how they are read aloud (without tones)."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@cache
def simplified_table() -> dict[str, str]:
    """Return the simplified form of every traditional character that has another one."""
    text = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        traditional, _, forms = line.partition("\t")
        simple = forms.split(" ")[0]
        if len(traditional) == 1 and len(simple) == 1 and traditional != simple:
            found[traditional] = simple
    return found | {"徳": "德", "劵": "券", "於": "于", "著": "著", "乾": "乾"}


@cache
def _readings() -> dict[int, str]:
    import json

    # The package itself would load its dictionary of phrases, ten times as large.
    text = files("pypinyin").joinpath("pinyin_dict.json").read_text(encoding="utf-8")
    return {int(code): str(reading).split(",", 1)[0] for code, reading in json.loads(text).items()}


def reading(character: str) -> str:
    """Return the commonest reading of a character without its tone; the character itself if it has none."""
    said = _readings().get(ord(character))
    if said is None:
        return character
    plain = unicodedata.normalize("NFD", said.replace("ü", "v"))
    return "".join(part for part in plain if not unicodedata.combining(part))


def readings_of(texts: pl.Series) -> pl.Series:
    """Return texts with every ideograph replaced by its reading and a full stop."""
    import polars as pl

    known = texts.drop_nulls().str.split("").explode().unique().to_list()
    table = {one: f"{reading(one)}." for one in known if one and one >= "\u3400"}
    if not table:
        return texts
    frame = pl.DataFrame({"text": texts})
    return frame.select(pl.col("text").str.replace_many(list(table), list(table.values()))).to_series()
