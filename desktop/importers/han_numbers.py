"""Amounts in Chinese figures: 壹万贰仟叁佰元伍角整, 三万五千; and figures with several units: 1亿2000万."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {
    char: value
    for value, chars in enumerate(("零〇○", "一壹壱弌", "二贰貳两兩弍", "三叁參叄弎", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"))
    for char in chars
}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GREAT = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_WHOLE = "".join([*_DIGITS, *_SMALL, *_GREAT])
_HAN = re.compile(
    rf"(?:人民币|人民幣|大写|[:：\s])*(负)?([{_WHOLE}]*)(?:[元圆圓](?:([{_WHOLE}])角)?(?:零?([{_WHOLE}])分)?)?[整正]?"
)
_COMPOUND = re.compile(
    r"([-+]?)(?:(\d+(?:\.\d+)?)亿)?(?:(\d+(?:\.\d+)?)(千|百|十)?万)?(?:(\d+(?:\.\d+)?)千)?(\d{3,}(?:\.\d+)?)?"
)


def han_amount_in(text: str) -> Decimal | None:
    """Return the yuan that a text in Chinese figures tells, or None if it is not one."""
    match = _HAN.fullmatch(text)
    if match is None or not (match[2] or match[3] or match[4]):
        return None
    if match[2] and not any(char in _DIGITS or char in "十拾" for char in match[2]):
        return None
    whole = _whole(match[2])
    if whole is None:
        return None
    cents = _DIGITS.get(match[3] or "零", 0) * 10 + _DIGITS.get(match[4] or "零", 0)
    value = Decimal(whole) + Decimal(cents) / 100
    return -value if match[1] else value


def _whole(text: str) -> int | None:
    """Return a whole number in Chinese figures; a bare list of figures (二〇二六) is read one by one."""
    if len(text) > 1 and all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total = section = 0
    figure: int | None = None
    for char in text:
        if char in _DIGITS:
            if figure:
                return None
            figure = _DIGITS[char]
        elif char in _SMALL:
            section += (1 if figure in (None, 0) and char in "十拾" else figure or 0) * _SMALL[char]
            figure = None
        else:
            section += figure or 0
            figure = None
            great = _GREAT[char]
            if great == 10**8:
                total, section = (total + section) * great, 0
            else:
                total, section = total + section * great, 0
    return total + section + (figure or 0)


def compound_in(text: str) -> Decimal | None:
    """Return what figures with several units tell (1亿2000万, 3万5千, 1万2000), or None if there is but one."""
    match = _COMPOUND.fullmatch(re.sub(r"[\s,]", "", text))
    if match is None:
        return None
    sign, hundred_millions, ten_thousands, times, thousands, rest = match.groups()
    if sum(part is not None for part in (hundred_millions, ten_thousands, thousands, rest)) < 2:
        return None
    multiple = {"千": 1000, "百": 100, "十": 10}.get(times or "", 1)
    value = (
        Decimal(hundred_millions or 0) * 10**8
        + Decimal(ten_thousands or 0) * multiple * 10**4
        + Decimal(thousands or 0) * 1000
        + Decimal(rest or 0)
    )
    return -value if sign == "-" else value
