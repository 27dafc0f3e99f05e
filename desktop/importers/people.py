"""Phone numbers and e-mail addresses, each distinct one looked at once."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from desktop.importers.outcome import Outcome, by_unique, merge, nothing, plain

_CN_MOBILE = r"^(?:\+?86|0086)?(1[3-9]\d{9})$"
_CN_LANDLINE = r"^0([2-9]\d{8,10})$"
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
_LONGEST = 24
"""No single number is longer: what is holds several, or a story."""

_SPLIT = re.compile(r"\s*[;；,，、|\n]\s*|\s*/\s*|\s+(?=1[3-9]\d{9})")
_NOTE = re.compile(r"\((?:[^()\d]*)\)")
_EXTENSION = re.compile(
    r"(?<=\d)\s*(?:-|转|轉|#|\*|,?\s*ext\.?|\s*x|分机号?[::]?)\s*(\d{1,6})$", re.IGNORECASE
)
_ABROAD = re.compile(r"(?:852|853|886)[-\s]\d{7,9}")
_EMAIL = re.compile(
    r"[A-Za-z0-9._%+'&/=?^`{}~!#$*|-]+@(?:[A-Za-z0-9\u00a1-\uffff](?:[\w\u00a1-\uffff-]*[\w\u00a1-\uffff])?\.)+[A-Za-z\u00a1-\uffff]{2,24}"
)
_PLAIN_EMAIL = r"^[a-z0-9_%+][a-z0-9._%+-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}$"
_COUNTRIES = {
    "中国": "CN", "中华人民共和国": "CN", "china": "CN", "prc": "CN", "大陆": "CN", "中国大陆": "CN", "cn": "CN", "chn": "CN",
    "香港": "HK", "中国香港": "HK", "hong kong": "HK", "澳门": "MO", "台湾": "TW", "中国台湾": "TW", "taiwan": "TW",
    "美国": "US", "united states": "US", "usa": "US", "us": "US", "u.s.": "US", "u.s.a.": "US", "united states of america": "US", "america": "US",
    "英国": "GB", "united kingdom": "GB", "uk": "GB", "england": "GB", "great britain": "GB", "德国": "DE", "germany": "DE", "deutschland": "DE",
    "法国": "FR", "france": "FR", "日本": "JP", "japan": "JP", "韩国": "KR", "south korea": "KR", "korea": "KR", "新加坡": "SG", "singapore": "SG",
    "印度": "IN", "india": "IN", "加拿大": "CA", "canada": "CA", "澳大利亚": "AU", "australia": "AU", "意大利": "IT", "italy": "IT",
    "西班牙": "ES", "spain": "ES", "俄罗斯": "RU", "russia": "RU", "巴西": "BR", "brazil": "BR", "墨西哥": "MX", "mexico": "MX",
    "越南": "VN", "vietnam": "VN", "泰国": "TH", "thailand": "TH", "马来西亚": "MY", "malaysia": "MY", "印度尼西亚": "ID", "indonesia": "ID",
    "荷兰": "NL", "netherlands": "NL", "瑞士": "CH", "switzerland": "CH", "瑞典": "SE", "sweden": "SE", "belgium": "BE", "比利时": "BE",
    "philippines": "PH", "菲律宾": "PH", "jordan": "JO", "panama": "PA", "kenya": "KE", "norway": "NO", "poland": "PL", "romania": "RO",
}  # fmt: skip


def region_of(country: str | None) -> str:
    """Return the phone region (CN, US ...) of a country's name or code; China where nothing is known."""
    if not country:
        return "CN"
    text = plain(country)
    known = _COUNTRIES.get(text.casefold())
    if known:
        return known
    return text.upper() if re.fullmatch(r"[A-Za-z]{2}", text) else "CN"


def phones(cells: pl.Series, countries: pl.Series | None) -> Outcome:
    """Return phone numbers in E.164; numbers without a country code belong to the row's country, else to China."""
    cleaned = cells.str.replace_all(r"[\s\-()（）.]", "")
    mobile = cleaned.str.extract(_CN_MOBILE, 1)
    digits = mobile.zip_with(mobile.is_not_null(), _landlines(cleaned))
    if countries is None or countries.null_count() == len(countries):
        return merge(
            _china(digits), lambda rest: by_unique(rest, lambda text: _phone(text, "CN"), pl.String), cells
        )
    regions = countries.map_elements(region_of, return_dtype=pl.String).fill_null("CN")
    here = digits.zip_with(regions == "CN", nothing(len(cells), pl.String))
    quick = _china(here)
    open_rows = quick.is_null() & cells.is_not_null()
    marked = pl.DataFrame({"r": regions, "c": cells}).select(
        pl.when(pl.Series(open_rows)).then(pl.col("r") + "\x1f" + pl.col("c")).alias("m")
    )["m"]
    rest = by_unique(
        marked, lambda text: _phone(text.split("\x1f", 1)[1], text.split("\x1f", 1)[0]), pl.String
    )
    return Outcome(quick.zip_with(quick.is_not_null(), rest.values), rest.codes)


def _landlines(cleaned: pl.Series) -> pl.Series:
    """Return the national digits of plain Chinese landlines with their 0, as the numbering plan has them."""
    digits = cleaned.str.extract(_CN_LANDLINE, 1)
    if digits.null_count() == len(digits):
        return digits
    return digits.zip_with(digits.str.contains(_landline_plan()), nothing(len(digits), pl.String))


@cache
def _landline_plan() -> str:
    from phonenumbers import PhoneMetadata

    plan = PhoneMetadata.metadata_for_region("CN")
    lines = plan.fixed_line if plan else None
    # Without a plan nothing matches, and every number is looked at one by one.
    return f"^(?:{lines.national_number_pattern})$" if lines else "^$"


def _china(digits: pl.Series) -> pl.Series:
    return pl.DataFrame({"d": digits}).select(pl.concat_str(pl.lit("+86"), pl.col("d")).alias("n"))["n"]


def _phone(text: str, region: str) -> tuple[str | None, str | None]:
    cleaned = plain(text)
    if cleaned.casefold() in ("-", "/", "无", "n/a", "null", "none", "暂无"):
        return None, None
    if _SCIENTIFIC.fullmatch(cleaned.replace(" ", "")):
        return None, "phone_damaged"
    cleaned = re.sub(r"(?<=\d)\.0$", "", cleaned)
    if re.fullmatch(r"\d{1,3}(?:,\d{3}){2,4}", cleaned):
        cleaned = cleaned.replace(",", "")  # a number that a spreadsheet shows with thousands
    if cleaned.startswith(("[", "{")):
        found = re.findall(r'"value"\s*:\s*"([^"]+)"', cleaned) or re.findall(
            r'"([+\d][\d\s()-]{5,})"', cleaned
        )
        cleaned = ";".join(found) or cleaned
    if re.search(r"\d[*×xX]{2,}\d|\*{3,}", cleaned):
        return None, "phone_masked"
    cleaned = _NOTE.sub(" ", cleaned).strip()
    parts = [part for part in _SPLIT.split(cleaned) if part]
    if region == "CN" and len(parts) > 1 and (own := re.fullmatch(_CN_MOBILE, parts[0])):
        return "+86" + own[1], "phone_several"
    whole = _valid(cleaned, region)
    if whole:
        return whole, "phone_extension" if re.search(r"ext|转|分机", cleaned, re.IGNORECASE) else None
    extension = _EXTENSION.search(cleaned)
    if extension and (number := _valid(cleaned[: extension.start()], region)):
        return number, "phone_extension"
    for part in parts:
        number = _valid(part, region)
        if number:
            return number, "phone_several" if len(parts) > 1 else None
    if region == "CN" and re.fullmatch(r"[2-8]\d{6,7}", re.sub(r"[\s-]", "", cleaned)):
        return None, "phone_area_missing"
    return None, "phone_invalid"


def _valid(text: str, region: str) -> str | None:
    import phonenumbers

    bare = re.sub(r"[\s\-().]", "", text)
    if region == "CN" and (own := re.fullmatch(_CN_MOBILE, bare)):
        return "+86" + own[1]
    if sum(char.isdigit() for char in bare) < 5 or len(bare) > _LONGEST:
        return None
    candidates = [(text, region)]
    if region == "CN" and _ABROAD.fullmatch(text):
        candidates.append(("+" + text, region))
    if text.startswith("00"):
        candidates.insert(0, ("+" + text[2:], region))
    if region == "CN" and re.fullmatch(r"86\d{10,12}", re.sub(r"\D", "", text)) and not text.startswith("+"):
        candidates.append(("+" + text, region))
    for candidate, where in candidates:
        try:
            number = phonenumbers.parse(candidate, where)
        except phonenumbers.NumberParseException:
            continue
        # Abroad a plausible length is enough: the numbering plans known here may be older than the number.
        known = phonenumbers.is_valid_number(number)
        if known or (number.country_code != 86 and phonenumbers.is_possible_number(number)):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def emails(cells: pl.Series) -> Outcome:
    """Return e-mail addresses in lower case, the first where a cell holds several."""
    lower = cells.str.to_lowercase()
    plainly = lower.str.contains(_PLAIN_EMAIL).fill_null(False)
    quick = lower.zip_with(plainly, nothing(len(cells), pl.String))
    return merge(quick, lambda rest: by_unique(rest, _email, pl.String), cells)


def _email(text: str) -> tuple[str | None, str | None]:
    cleaned = re.sub(r"\s*@\s*", "@", plain(text).removeprefix("mailto:")).replace("。", ".")
    cleaned = re.sub(r"\([^()@]*\)", " ", cleaned).strip().rstrip(".")
    found = _EMAIL.findall(cleaned)
    if not found:
        return None, "email_invalid"
    first = found[0].strip("'").lower()
    if len(found) > 1:
        return first, "email_several"
    left = cleaned.replace(found[0], "", 1).strip(" <>\"'[]{}();,，；")
    return (
        (first, None)
        if not left or "<" in cleaned or cleaned.startswith(("[", "{"))
        else (None, "email_invalid")
    )
