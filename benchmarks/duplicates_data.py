"""Labelled data for the duplicate search: public record sets, and pools of made-up company names."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random

import polars as pl

DATA = Path(__file__).parents[2] / "shared" / "data"


@dataclass(frozen=True)
class RecordSet:
    """Parties of one kind, and which pairs of their ids are the same."""

    name: str
    kind: str
    parties: pl.DataFrame
    truth: frozenset[tuple[int, int]]
    between: bool = False


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [
            {(k or "").strip(): (v or "").strip() for k, v in row.items() if k is not None}
            for row in csv.DictReader(stream)
        ]


def _pairs_of(groups: Iterable[str]) -> frozenset[tuple[int, int]]:
    members: dict[str, list[int]] = defaultdict(list)
    for at, group in enumerate(groups):
        members[group].append(at)
    return frozenset(pair for one in members.values() for pair in combinations(one, 2))


def _day(text: str) -> str:
    """Return a date as it is compared: the digits of day, month and year in ISO order where that is clear."""
    if re.fullmatch(r"\d{8}", text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{2,4})", text)
    if match:
        year = match[3] if len(match[3]) == 4 else f"19{match[3]}"
        return f"{year}-{int(match[1]):02}-{int(match[2]):02}"
    return text


def fake1000(data: Path = DATA) -> RecordSet:
    """People with scrambled names and dates."""
    rows = _rows(data / "dedup/splink-fake1000/fake_1000_from_splink_demos.csv")
    parties = pl.DataFrame(
        {
            "id": range(len(rows)),
            "given": [r["first_name"] for r in rows],
            "surname": [r["surname"] for r in rows],
            "birthday": [r["dob"] or None for r in rows],
            "city": [r["city"] or None for r in rows],
            "mail": [r["email"] or None for r in rows],
        }
    )
    return RecordSet("splink fake1000", "person", parties, _pairs_of(r["cluster"] for r in rows))


def febrl(number: int, data: Path = DATA) -> RecordSet:
    """Australian people with typing errors."""
    rows = _rows(data / f"dedup/febrl/dataset{number}.csv")
    parties = pl.DataFrame(
        {
            "id": range(len(rows)),
            "given": [r["given_name"] or None for r in rows],
            "surname": [r["surname"] or None for r in rows],
            "birthday": [_day(r["date_of_birth"]) or None for r in rows],
            "city": [r["suburb"] or None for r in rows],
            "postcode": [r["postcode"] or None for r in rows],
            "address": [f"{r['street_number']} {r['address_1']}".strip() or None for r in rows],
            "code": [r["soc_sec_id"] or None for r in rows],
        }
    )
    return RecordSet(f"febrl {number}", "person", parties, _pairs_of(r["rec_id"].split("-")[1] for r in rows))


def senzing(data: Path = DATA) -> RecordSet:
    """The customers and watch list of a truth set; people only."""
    key = {
        (r["DATA_SOURCE"], r["RECORD_ID"]): r["CLUSTER_ID"]
        for r in _rows(data / "dedup/senzing-truthset/actual_truthset_key.csv")
    }
    rows = [
        r
        for name in ("customers", "watchlist", "reference")
        for r in _rows(data / f"dedup/senzing-truthset/{name}.csv")
    ]
    rows = [r for r in rows if r["RECORD_TYPE"] == "PERSON" and (r["DATA_SOURCE"], r["RECORD_ID"]) in key]

    def name_of(r: dict[str, str]) -> str:
        if not any(r.get(key) for key in ("PRIMARY_NAME_FULL", "PRIMARY_NAME_FIRST", "PRIMARY_NAME_LAST")):
            return r.get("NATIVE_NAME_FULL", "")
        if r.get("PRIMARY_NAME_FULL"):
            return r["PRIMARY_NAME_FULL"]
        parts = (r.get("PRIMARY_NAME_FIRST", ""), r.get("PRIMARY_NAME_LAST", ""))
        return " ".join(part for part in parts if part)

    def address_of(r: dict[str, str]) -> str:
        return r.get("ADDR_FULL") or r.get("ADDR_LINE1") or ""

    parties = pl.DataFrame(
        {
            "id": range(len(rows)),
            "name": [name_of(r) for r in rows],
            "birthday": [_day(r["DATE_OF_BIRTH"]) or None for r in rows],
            "mail": [r.get("EMAIL_ADDRESS") or None for r in rows],
            "phones": [[r["PHONE_NUMBER"]] if r.get("PHONE_NUMBER") else [] for r in rows],
            "city": [r.get("ADDR_CITY") or None for r in rows],
            "address": [address_of(r) or None for r in rows],
            "postcode": [r.get("ADDR_POSTAL_CODE") or None for r in rows],
        }
    )
    groups = (key[r["DATA_SOURCE"], r["RECORD_ID"]] for r in rows)
    return RecordSet("senzing people", "person", parties, _pairs_of(groups))


def childhood(data: Path = DATA) -> RecordSet:
    """Day care sites of Chicago, many lists of one town."""
    rows = _rows(data / "dedup/dedupeio-early-childhood/csv_example_input_with_true_ids.csv")
    parties = pl.DataFrame(
        {
            "id": range(len(rows)),
            "name": [" ".join(r["Site name"].split()) for r in rows],
            "address": [" ".join(r["Address"].split()) or None for r in rows],
            "postcode": [r["Zip"] or None for r in rows],
            "phones": [[r["Phone"]] if r["Phone"] else [] for r in rows],
        }
    )
    return RecordSet("dedupe.io early childhood", "company", parties, _pairs_of(r["True Id"] for r in rows))


def restaurants(data: Path = DATA) -> RecordSet:
    """Two guides to the same restaurants."""
    folder = data / "dedup/restaurants-magellan"
    fodors, zagats = _rows(folder / "fodors.csv"), _rows(folder / "zagats.csv")
    rows = [*fodors, *zagats]
    parties = pl.DataFrame(
        {
            "id": range(len(rows)),
            "side": [0] * len(fodors) + [1] * len(zagats),
            "name": [r["name"] for r in rows],
            "address": [r["addr"] for r in rows],
            "city": [r["city"] for r in rows],
            "phones": [[r["phone"]] for r in rows],
        }
    )
    left = {r["id"]: at for at, r in enumerate(fodors)}
    right = {r["id"]: at + len(fodors) for at, r in enumerate(zagats)}
    truth = frozenset(
        (left[r["fodors_id"]], right[r["zagats_id"]]) for r in _rows(folder / "matches_fodors_zagats.csv")
    )
    return RecordSet("restaurants", "company", parties, truth, between=True)


def labelled_pairs(path: Path | None = None) -> list[tuple[str, str, bool, str]]:
    """Pairs of company names from a file with name_a, name_b, same (and source)."""
    rows = _rows(path or DATA / "_truth/zh_company_pairs_dev.csv")
    return [(r["name_a"], r["name_b"], r["same"] == "1", r.get("source", "")) for r in rows]


_FORMS = ("有限公司", "有限责任公司", "股份有限公司")


def name_pool(size: int, seed: int = 5) -> tuple[list[str], list[int]]:
    """Return made-up company names and the company that each belongs to.

    Half of the companies come with a hard neighbour: the same brand in another place, one character
    different, a numbered or placed branch, a group, another trade. One company in eight is written a second
    time in another way.
    """
    from desktop.demo.words import FIRST_SYLLABLES, SECOND_SYLLABLES, TOWNS, TRADES

    rng = Random(seed)
    towns = [town for some in TOWNS.values() for town in some]
    trades = [trade for trade, _ in TRADES] + [
        "科技",
        "贸易",
        "机械设备",
        "环保科技",
        "新材料",
        "电子",
        "物流",
        "建筑工程",
        "食品",
        "信息技术",
    ]
    middles = "德华新东金天海中明宏"
    names: list[str] = []
    owners: list[int] = []
    seen: set[tuple[str, str, str]] = set()
    company = 0

    def add(name: str, owner: int) -> None:
        names.append(name)
        owners.append(owner)

    while len(names) < size:
        brand = rng.choice(FIRST_SYLLABLES) + rng.choice(["", "", *middles]) + rng.choice(SECOND_SYLLABLES)
        town, trade = rng.choice(towns), rng.choice(trades)
        if (town, brand, trade) in seen:
            continue
        seen.add((town, brand, trade))
        form = rng.choice(_FORMS)
        company += 1
        own = company
        add(f"{town}{brand}{trade}{form}", own)
        if rng.random() < 0.125:
            add(_rewritten(rng, town, brand, trade, form), own)
        if rng.random() < 0.5:
            company += 1
            other = _neighbour(rng, town, brand, trade, form, towns, trades, seen)
            if other:
                add(other, company)
    return names[:size], owners[:size]


def _rewritten(rng: Random, town: str, brand: str, trade: str, form: str) -> str:
    other = rng.choice([one for one in _FORMS if one != form])
    wide = str.maketrans("()", "（）")
    choices = [
        f"{town}市{brand}{trade}{form}",
        f"{town}{brand}{trade}{other}",
        f"{brand}{trade}({town}){form}",
        f"{brand}{trade}({town}){form}".translate(wide),
        f" {town}  {brand}{trade}{form} ",
        f"{town}{brand}{trade}",
        f"{town}市{brand}{trade}（{form}）",
    ]
    return rng.choice(choices)


def _neighbour(
    rng: Random,
    town: str,
    brand: str,
    trade: str,
    form: str,
    towns: list[str],
    trades: list[str],
    seen: set[tuple[str, str, str]],
) -> str | None:
    which = rng.randrange(6)
    if which == 0:
        place = rng.choice(towns)
        if (place, brand, trade) in seen:
            return None
        seen.add((place, brand, trade))
        return f"{place}{brand}{trade}{form}"
    if which == 1:
        from desktop.demo.words import SECOND_SYLLABLES

        near = brand[:-1] + rng.choice(SECOND_SYLLABLES)
        if (town, near, trade) in seen:
            return None
        seen.add((town, near, trade))
        return f"{town}{near}{trade}{form}"
    if which == 2:
        return f"{town}{brand}{trade}{form}{rng.choice(['第一', '第二', '第三', '一', '二'])}分公司"
    if which == 3:
        return f"{town}{brand}{trade}{form}{rng.choice(towns)}分公司"
    if which == 4:
        if (town, brand, "集团") in seen:
            return None
        seen.add((town, brand, "集团"))
        return f"{town}{brand}集团有限公司"
    line = rng.choice(trades)
    if (town, brand, line) in seen:
        return None
    seen.add((town, brand, line))
    return f"{town}{brand}{line}{form}"
