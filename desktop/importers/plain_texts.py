"""Texts, web addresses and credit codes: invisible characters removed, identifiers checked, nothing invented."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from desktop.importers.fields import Field
from desktop.importers.outcome import NOTHING, Outcome, by_unique, merge, nothing, plain

_BLANK_WORDS = sorted({form for word in NOTHING for form in (word, word.upper(), word.title())})
_LONG_NUMBER = r"^\d(?:\.\d+)?[eE]\+\d+$"
_INVISIBLE = (
    r"[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_ODD_SPACE = r"[\u00a0\u1680\u2000-\u200a\u202f\u205f]"
_ODD = f"{_INVISIBLE}|{_ODD_SPACE}"
_FORMULA_TEXT = r'^="(.*)"$'
"""How some exports keep Excel from eating zeros: ="00123"."""

_ONE_LINE = frozenset({"name", "first_name", "last_name", "short_name", "company", "contact_name"})
_HOST = re.compile(
    r"(?:(https?|ftp)://)?((?:[a-z0-9_\u00a1-\uffff](?:[a-z0-9_\u00a1-\uffff-]*[a-z0-9_\u00a1-\uffff])?\.)+[a-z\u00a1-\uffff][a-z0-9\u00a1-\uffff-]*|\d{1,3}(?:\.\d{1,3}){3}|localhost)(:\d{1,5})?([/?#]\S*)?",
    re.IGNORECASE,
)
_PLAIN_URL = (
    r"^(?:https?://)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(?::\d{1,5})?(?:[/?#][!-~]*[!-.0-~])?$"
)
_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(rf"[{_CODE_SIGNS}]{{18}}")
_OLDER_CODE = re.compile(r"\d{15}|\d{13}|[0-9A-Z]{8}-?[0-9X]|\d{15}[0-9A-Z]{1,5}")
"""What stood in its place before: registration and tax numbers, organisation codes."""


def unwrapped(cells: pl.Series) -> pl.Series:
    """Return cells without the formula that some exports wrap texts in."""
    if not cells.str.starts_with('="').any():
        return cells
    return cells.str.replace(_FORMULA_TEXT, "${1}")


def texts(cells: pl.Series, item: Field, *, typed: bool = False) -> Outcome:
    """Return texts without invisible characters; keys that a spreadsheet has turned into 1.23E+17 are faults.

    `typed` says that the file itself typed numbers in the column: what has more digits than a spreadsheet's
    numbers can hold has lost some.
    """
    values = _visible(cells, item)
    blank = values.is_in(_BLANK_WORDS).fill_null(False)
    values = values.zip_with(~blank, nothing(len(cells), pl.String)) if blank.any() else values
    outcome = Outcome(values, nothing(len(cells), pl.String))
    if item.key or item.name.endswith(("number", "code", "external_id")):
        outcome = _undamaged(outcome, typed)
    return credit_codes(outcome) if item.name == "credit_code" else outcome


def _visible(cells: pl.Series, item: Field) -> pl.Series:
    values = cells
    if cells.str.contains(_ODD).any():
        values = cells.str.replace_all(_INVISIBLE, "").str.replace_all(_ODD_SPACE, " ").str.strip_chars()
    one_line = item.key or item.type == "ref" or item.name in _ONE_LINE
    if one_line and values.str.contains(r"\s\s|[\t\r\n]").any():
        values = values.str.replace_all(r"\s+", " ").str.strip_chars()
    empty = values.str.len_bytes() == 0
    return values.zip_with(~empty.fill_null(False), nothing(len(cells), pl.String)) if empty.any() else values


def _undamaged(outcome: Outcome, typed: bool) -> Outcome:
    values = outcome.values
    damaged = values.str.contains(_LONG_NUMBER).fill_null(False)
    if typed:
        # A double holds 15 digits; what survives a round trip through one has been one.
        long = values.str.contains(r"^\d{16,}$").fill_null(False)
        suspects = values.filter(long).unique().to_list()
        rounded = [text for text in suspects if int(float(text)) == int(text)]
        damaged = damaged | values.is_in(rounded).fill_null(False)
    if not damaged.any():
        return outcome
    told = pl.Series(["number_damaged"]).new_from_index(0, len(values))
    empty = nothing(len(values), pl.String)
    return replace(
        outcome, values=values.zip_with(~damaged, empty), codes=told.zip_with(damaged, outcome.codes)
    )


def credit_codes(outcome: Outcome) -> Outcome:
    """Return unified social credit codes (GB 32100) in capitals; one that does not check is kept, and said."""

    def parse(text: str) -> tuple[str | None, str | None]:
        code = re.sub(r"[\s\-—_.]", "", plain(text)).upper()
        if _CODE.fullmatch(code):
            return code, None if check_sign(code[:17]) == code[17] else "credit_code_invalid"
        if re.fullmatch(r"[0-9A-Z]{18}", code):
            return code, "credit_code_invalid"
        return plain(text), None if _OLDER_CODE.fullmatch(plain(text).upper()) else "credit_code_shape"

    sound = outcome.values.zip_with(_sound(outcome.values), nothing(len(outcome.values), pl.String))
    checked = merge(sound, lambda rest: by_unique(rest, parse, pl.String), outcome.values)
    codes = outcome.codes.zip_with(outcome.codes.is_not_null(), checked.codes)
    return replace(outcome, values=checked.values, codes=codes)


def _sound(values: pl.Series) -> pl.Series:
    """Return which texts are credit codes as they stand, their last character fitting: all rows at once."""
    import numpy as np

    formed = values.str.contains(rf"^[{_CODE_SIGNS}]{{18}}$").fill_null(False)
    figures = np.zeros(128, dtype=np.int64)
    figures[[ord(sign) for sign in _CODE_SIGNS]] = range(len(_CODE_SIGNS))
    letters = np.frombuffer("".join(values.filter(formed).to_list()).encode(), dtype=np.uint8)
    weights = np.array([*(pow(3, place, 31) for place in range(17)), 1])
    fits = (figures[letters].reshape(-1, 18) * weights).sum(axis=1) % 31 == 0
    sound = np.zeros(len(values), dtype=np.bool_)
    sound[formed.arg_true().to_numpy()[fits]] = True
    return pl.Series(sound)


def check_sign(first: str) -> str:
    """Return the eighteenth character that GB 32100 gives to the first seventeen of a credit code."""
    total = sum(_CODE_SIGNS.index(char) * pow(3, place, 31) for place, char in enumerate(first))
    return _CODE_SIGNS[-total % 31]


def urls(cells: pl.Series) -> Outcome:
    """Return web addresses, their host in lower case and no bare slash at their end."""

    def parse(text: str) -> tuple[str | None, str | None]:
        cleaned = re.sub(r"\s+", "", re.sub(_INVISIBLE, "", plain(text))).strip("<>\"'，,;；。")
        cleaned = cleaned.replace("。", ".")
        match = _HOST.fullmatch(re.sub(r"(?i)^(https?):/{0,2}(?=\w)", r"\1://", cleaned))
        if match is None:
            return None, "url_invalid"
        scheme, host, port, rest = match.groups()
        path = "" if rest in (None, "/") else rest
        return (f"{scheme.lower()}://" if scheme else "") + host.lower() + (port or "") + path, None

    # Nothing is to be done to a plain address; only the others are looked at one by one.
    quick = cells.zip_with(cells.str.contains(_PLAIN_URL).fill_null(False), nothing(len(cells), pl.String))
    return merge(quick, lambda rest: by_unique(rest, parse, pl.String), cells)
