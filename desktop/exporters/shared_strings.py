"""Shared strings as spreadsheet programs write them, read at once; anything else is left to the XML parser."""

from __future__ import annotations

import re

_TABLE = re.compile(
    rb"""^(?:\xef\xbb\xbf)?(?:<\?xml version=["']1\.0["'](?: encoding=["'](?i:utf-8)["'])?"""
    rb"""(?: standalone=["'](?:yes|no)["'])? ?\?>)?\s*"""
    rb"""<sst xmlns="[^"<>&\s]+"(?: count="[0-9]+")?(?: uniqueCount="[0-9]+")?>(.*)</sst>\s*$""",
    re.DOTALL,
)
_BEGIN, _END = rb'<t(?: xml:space="preserve")?>', rb"</t>"
_LOOK = rb'<[a-zA-Z]+(?: (?:val|rgb|theme|indexed)="[^"<&]*")?(?: tint="[^"<&]*")?/>'
_RUN = rb"<r>(?:<rPr>(?:" + _LOOK + rb")*</rPr>)?" + _BEGIN + rb"[^<]*" + _END + rb"</r>"
_TEXTS = re.compile(rb"(<si>(?:" + _BEGIN + rb"([^<]*)" + _END + rb"|((?:" + _RUN + rb")+))</si>)")
_RUNS = re.compile(_BEGIN + rb"([^<]*)" + _END)
_BEYOND = (b"]]>", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_ENTITY = re.compile("&([a-z]+|#9|#10|#13);")
_SIGNS = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&", "#9": "\t", "#10": "\n", "#13": "\r"}


def plain_strings(content: bytes) -> list[str] | None:
    """Return the texts of a table that holds nothing but texts; None for any other, or one that is no sound XML."""
    match = _TABLE.match(content)
    if not match or len(content.translate(None, _CONTROLS)) != len(content):
        return None
    if any(mark in content for mark in _BEYOND):
        return None
    body = match[1]
    found = _TEXTS.findall(body)
    if sum(len(whole) for whole, _, _ in found) != len(body):
        return None
    try:
        return [_text(b"".join(_RUNS.findall(rich)) if rich else plain) for _, plain, rich in found]
    except (UnicodeDecodeError, KeyError):
        return None


def _text(content: bytes) -> str:
    text = content.decode()
    if "&" not in text:
        return text
    if len(_ENTITY.findall(text)) != text.count("&"):
        raise KeyError(text)
    return _ENTITY.sub(lambda match: _SIGNS[match[1]], text)
