"""Heads of the audit trail as workbooks and people write them: position and hash."""

from __future__ import annotations

import re
from pathlib import Path

from desktop.errors import InvalidInput
from desktop.exporters.report_book import HEAD_PROPERTY
from desktop.exporters.stored import StoredBook, read_book
from desktop.i18n import N_
from desktop.store.audit_chain import Head

_HEAD = re.compile(r"\s*(\d{1,18})\s*[:·/ ]\s*([0-9A-Fa-f]{64})\s*")


def printed_head(book: StoredBook) -> Head | None:
    """Return the head that a workbook shows; None if it shows none."""
    return head_in(book.properties.get(HEAD_PROPERTY, ""))


def head_in(text: str) -> Head | None:
    """Return the head that a text names, such as `1042:9f86d0…`; None if it is none."""
    match = _HEAD.fullmatch(text)
    return Head(int(match[1]), match[2].lower()) if match else None


def head_from(text: str) -> Head:
    """Return the head that a person gives: a workbook's path, or position and hash; raise InvalidInput."""
    if found := head_in(text):
        return found
    path = Path(text)
    if path.is_file():
        if found := printed_head(read_book(path.read_bytes(), path.name)):
            return found
        raise InvalidInput(
            "head_missing",
            N_("{file} shows no head of the audit trail."),
            remedy=N_("Take a workbook that Plumbline exported from an approved report."),
            file=path.name,
        )
    raise InvalidInput(
        "head_unreadable",
        N_("“{text}” is neither a workbook nor a position and hash of the audit trail."),
        remedy=N_("Give an exported workbook, or what its cover shows as POSITION:HASH."),
        text=text,
    )
