"""What the values of a column look like, as evidence for or against a meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from desktop.importers.tables import Kinds

SAMPLE = 400
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s]+\.[^@\s.]{2,}.*")
_URL = re.compile(
    r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.(?:com|cn|net|org|edu|gov|io|co|info|biz|de|uk|jp)(?:/\S*)?",
    re.I,
)
_MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
_PHONE = re.compile(r"[+(（]?[\d][\d\-/\s().（）+转xX#ext]{5,24}")
_DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?(?:[ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?: .*)?|\d{8}|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}(?: .*)?|[A-Za-z]{3,9} \d{1,2},? \d{4}.*"
)
_NUMBER = re.compile(
    r"[-+(（]?[¥￥$€£]?\s*[-+]?(?:\d[\d,，.' ]*|\.\d+)\s*(?:[万亿千百]?元?整?|[KMBkmb]|%|％|usd|rmb|cny)?[)）]?",
    re.I,
)
_CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_SALESFORCE_ID = re.compile(r"[a-zA-Z0-9]{5}0[a-zA-Z0-9]{9}(?:[A-Z0-9]{3})?")
_FIRM = re.compile(
    r".*(?:公司|集团|厂|店|商行|经营部|服务部|事务所|研究院|研究所|设计院|医院|学校|大学|学院|银行|中心|合作社|协会|酒店|工作室|支行|分行)(?:[（(].*)?"
    r"|.*\b(?:inc|ltd|llc|llp|plc|corp|corporation|company|co|gmbh|ag|bv|nv|sa|srl|spa|pty|kg|oy|ab|as|limited|group|holdings|partners|associates|"
    r"industries|systems|technologies|solutions|services|bank|hospital|school|university|college|center|centre|restaurant|cafe|hotel|foundation)\b\.?.*",
    re.IGNORECASE | re.DOTALL,
)
_BOOLEAN = {
    "true", "false", "yes", "no", "y", "n", "0", "1", "是", "否", "有", "无", "√", "×", "x", "启用", "停用", "上架", "下架", "t", "f", "on", "off",
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Shares (0 to 1) of a column's distinct sampled values that look like each kind of thing."""

    count: int
    email: float = 0.0
    url: float = 0.0
    mobile: float = 0.0
    phone: float = 0.0
    date: float = 0.0
    number: float = 0.0
    boolean: float = 0.0
    credit: float = 0.0
    record_id: float = 0.0
    serial: float = 0.0
    firm: float = 0.0
    length: float = 0.0

    @property
    def empty(self) -> bool:
        """Whether the column holds nothing to judge by."""
        return self.count == 0


def shape_of(column: pl.Series, kinds: Kinds) -> Shape:
    """Return the shape of a column from up to 400 of its distinct values."""
    values = column.head(20_000).drop_nulls().unique(maintain_order=True).head(SAMPLE).to_list()
    if not values:
        return Shape(0)
    typed_dates = kinds.date / max(1, kinds.filled)
    return Shape(
        count=len(values),
        email=_share(values, lambda v: bool(_EMAIL.fullmatch(v))),
        url=_share(values, lambda v: bool(_URL.fullmatch(v))),
        mobile=_share(values, lambda v: bool(_MOBILE.fullmatch(v))),
        phone=_share(values, _is_phone),
        date=max(typed_dates, _share(values, lambda v: bool(_DATE.fullmatch(v)))),
        number=_share(values, lambda v: bool(_NUMBER.fullmatch(v))),
        boolean=_share(values, lambda v: v.strip().casefold() in _BOOLEAN),
        credit=_share(values, lambda v: bool(_CREDIT.fullmatch(v)) and not v.isdigit()),
        record_id=_share(values, lambda v: bool(_SALESFORCE_ID.fullmatch(v))),
        serial=_share(values, lambda v: len(v) == 5 and v.isdecimal() and 20_000 <= int(v) <= 60_000),
        firm=_share(values, lambda v: bool(_FIRM.fullmatch(v))),
        length=sum(map(len, values)) / len(values),
    )


def _share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, values)) / len(values)


def _is_phone(value: str) -> bool:
    return (
        bool(_PHONE.fullmatch(value))
        and 6 <= sum(c.isdigit() for c in value) <= 20
        and not _DATE.fullmatch(value)
    )


def fits(field_type: str, full_name: str, shape: Shape) -> float:
    """Return a factor (0.3 to 1) on a mapping's confidence: how well the values suit the field's type."""
    if shape.empty:
        return 1.0
    match field_type:
        case "email":
            return 1.0 if shape.email >= 0.3 else 0.6
        case "phone":
            likely = max(shape.phone, shape.mobile, shape.number if shape.date < 0.5 else 0.0)
            return 1.0 if likely >= 0.3 and shape.email < 0.5 else 0.7
        case "money" | "number" | "percent" | "integer":
            if shape.date > 0.8 and shape.number < 0.5:
                return 0.5
            return 1.0 if shape.number >= 0.3 else 0.75 if shape.number > 0 else 0.5
        case "date" | "datetime":
            return (
                1.0 if max(shape.date, shape.serial) >= 0.3 else 0.6 if full_name not in _LOOSE_DATES else 0.9
            )
        case "boolean":
            return 1.0 if shape.boolean >= 0.5 else 0.6
        case "url":
            return 1.0 if shape.url >= 0.2 else 0.75
        case "text":
            if full_name.endswith((".name", ".first_name", ".last_name", ".company")) and (
                shape.date > 0.8 or shape.email > 0.8
            ):
                return 0.5
            return 1.0
        case _:
            return 1.0


_LOOSE_DATES = {"account.founded_on"}


def by_values(shape: Shape) -> str | None:
    """Return the kind of thing (email, mobile, credit) that the values alone tell, or None."""
    if shape.count < 3:
        return None
    if shape.email >= 0.9:
        return "email"
    if shape.credit >= 0.9:
        return "credit"
    if shape.mobile >= 0.9:
        return "mobile"
    return "url" if shape.url >= 0.9 else None
