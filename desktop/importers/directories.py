"""Lists of firms: tables that say so little that only the whole tells what they are (公司名称 and nothing else)."""

from __future__ import annotations

import re

from desktop.importers.candidates import Column
from desktop.importers.tables import ACCEPT
from desktop.importers.vocabulary import normal

DIRECTORY = 0.85
"""How sure we are of a list in which all that is understood belongs to a firm with a name."""

_TOLD = re.compile(
    r"客户|公司|企业|单位|商户|account|company|customer|client|organi[sz]ation|firm\b", re.IGNORECASE
)
_PERSON_OWN = frozenset({"姓名", "name", "fullname", "firstname", "lastname", "名字", "姓", "名"})
_SERIAL = frozenset({"序号", "no", "#", "行号", "index", "s/n", "sn"})
_MOSTLY = 0.5
_UNKNOWN_ALLOWED = 0.25


def is_directory_of_firms(columns: list[Column]) -> bool:
    """Whether every understood column belongs to a firm (or its contact person) that a column names.

    The naming header must speak of a firm, or its values must look like firms: a bare "name" with a
    phone and an address may as well be a person's.
    """
    named = [column for column in columns if column.header and normal(column.header) not in _SERIAL]
    firm = next((column for column in named if _names_firm(column)), None)
    if firm is None:
        return False
    unknown = 0
    for column in named:
        sure = [item for item in column.candidates if item.confidence >= ACCEPT]
        if column is firm:
            continue
        if not sure:
            unknown += 1
        elif (
            not any(item.entity in ("account", "contact") for item in sure)
            or normal(column.header) in _PERSON_OWN
        ):
            return False
    return unknown <= _UNKNOWN_ALLOWED * len(named)


def _names_firm(column: Column) -> bool:
    own = next((item for item in column.candidates if item.field == "account.name"), None)
    if own is None or own.confidence < ACCEPT:
        return False
    return bool(_TOLD.search(column.header)) or column.shape.firm >= _MOSTLY


__all__ = ["DIRECTORY", "is_directory_of_firms"]
