"""What speaks for and against two parties being one, in bits: each bit doubles or halves the odds."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from desktop.analytics.company_names import PARTS
from desktop.analytics.dedup.name_pairs import compare_names
from desktop.i18n import N_

WHY: Final = {
    "same_phone": N_("same phone"),
    "same_code": N_("same credit code"),
    "same_mail": N_("same e-mail"),
    "like_mail": N_("similar e-mail"),
    "same_domain": N_("same internet domain"),
    "same_address": N_("same address"),
    "like_address": N_("similar address"),
    "other_address": N_("different addresses"),
    "other_code": N_("different credit codes"),
    "other_phone": N_("different phones"),
    "same_birthday": N_("same date of birth"),
    "like_birthday": N_("similar date of birth"),
    "other_birthday": N_("different dates of birth"),
    "same_person_name": N_("same person's name"),
    "like_person_name": N_("similar person's name"),
    "swapped_name": N_("given name and surname exchanged"),
    "same_employer": N_("same company"),
    "same_number": N_("same identity number"),
    "same_city": N_("same city"),
}
"""What an explanation says, by its code (gettext ids)."""

Numbers: TypeAlias = np.ndarray[Any, Any]


def company_evidence(parties: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return "bits", "name_score", "level", "guard", "other" (bits beside the name) and flags for every pair."""
    a, b = parties[pairs["a"]], parties[pairs["b"]]
    names = compare_names(a.select(list(PARTS)), b.select(list(PARTS)))
    score = np.clip(names["score"].to_numpy(), 0.02, 0.995)
    flags = reached(parties, a, b)
    code = equal(a, b, "code")
    other = (
        np.where(
            flags["same_phone"],
            np.where(flags["rare_phone"], 5.0, 2.0),
            np.where(flags["other_phone"], np.where(flags["latin"], -1.5, -0.7), 0.0),
        )
        + np.where(flags["same_mail"], 5.0, np.where(flags["same_domain"], 3.0, 0.0))
        + flags["address_bits"]
        + np.where(equal(a, b, "city") == -1, np.where(flags["latin"], -1.2, 0.0), 0.0)
        + np.where(code == 1, 12.0, 0.0)
    )
    bits = np.log2(score / (1 - score)) + other
    return pl.concat(
        [
            pairs,
            names.rename({"score": "name_score"}),
            pl.DataFrame(
                {
                    "bits": bits,
                    "other": other,
                    "same_code": code == 1,
                    "other_code": code == -1,
                    "same_phone": flags["same_phone"],
                    "other_phone": flags["other_phone"],
                    "same_mail": flags["same_mail"],
                    "same_domain": flags["same_domain"],
                    "same_address": flags["address_bits"] >= 3,
                    "like_address": (flags["address_bits"] > 1) & (flags["address_bits"] < 3),
                    "other_address": flags["address_bits"] < -1,
                }
            ),
        ],
        how="horizontal",
    )


def reached(parties: pl.DataFrame, a: pl.DataFrame, b: pl.DataFrame) -> dict[str, Numbers]:
    """Compare phones, mail, domains and addresses."""
    phones = pl.DataFrame({"x": a["phones"], "y": b["phones"]})
    shared = phones.select(
        pl.col("x").list.set_intersection("y").alias("s"),
        (pl.col("x").list.len().fill_null(0) > 0).alias("hx"),
        (pl.col("y").list.len().fill_null(0) > 0).alias("hy"),
    )
    hits = shared.select(pl.col("s").list.len().fill_null(0) > 0).to_series().to_numpy()
    counts = (
        parties.select(pl.col("phones").explode(empty_as_null=True)).drop_nulls().group_by("phones").len()
    )
    common = set(counts.filter(pl.col("len") > 4)["phones"])
    first = shared.select(pl.col("s").list.first()).to_series().to_list()
    rare = np.array([one not in common for one in first]) if common else np.ones(len(first), dtype=bool)
    latin = (
        ~(a["chinese"] | b["chinese"]).to_numpy() if "chinese" in a.columns else np.ones(a.height, dtype=bool)
    )
    return {
        "same_phone": hits,
        "rare_phone": rare,
        "other_phone": shared.select(pl.col("hx") & pl.col("hy")).to_series().to_numpy() & ~hits,
        "same_mail": equal(a, b, "mail") == 1,
        "same_domain": equal(a, b, "domain") == 1,
        "address_bits": _address_bits(a, b, latin),
        "latin": latin,
    }


def _address_bits(a: pl.DataFrame, b: pl.DataFrame, latin: Numbers) -> Numbers:
    x, y = a["address"], b["address"]
    known = (x.is_not_null() & y.is_not_null()).to_numpy()
    bits = np.zeros(a.height)
    at = np.flatnonzero(known)
    if not len(at):
        return bits
    one, two = x.gather(at).to_list(), y.gather(at).to_list()
    ratio = cpdist(one, two, scorer=fuzz.token_sort_ratio, workers=2)
    within = cpdist(one, two, scorer=fuzz.token_set_ratio, workers=2)
    number = r"(\d+)"
    n1 = x.gather(at).str.extract(number)
    n2 = y.gather(at).str.extract(number)
    other_number = (n1 != n2).fill_null(False).to_numpy()
    value = np.select(
        [ratio >= 99, ratio >= 88, within >= 97, ratio >= 72, ratio >= 50], [5.0, 4.0, 3.5, 2.0, 0.0], -3.0
    )
    value = np.where(other_number, np.minimum(value, 0.5) - 1.5, value)
    # Chinese addresses are often written without city or house: a different text says little.
    value = np.where(latin[at], value, np.clip(value, -0.5, 3.0))
    bits[at] = value
    return bits


def equal(a: pl.DataFrame, b: pl.DataFrame, name: str) -> Numbers:
    """Return 1 where both are known and equal, -1 where they differ, 0 where one is unknown."""
    same = (a[name] == b[name]).to_list()
    return np.array([0 if one is None else 1 if one else -1 for one in same], dtype=np.int8)
