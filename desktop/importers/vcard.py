"""Cards of contacts (.vcf, versions 2.1, 3.0 and 4.0) as one table with a row per card."""

from __future__ import annotations

import codecs
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from desktop.importers.building import GridBuilder
from desktop.importers.decoding import Progress, no_progress
from desktop.importers.encoding import find_encoding
from desktop.importers.grid import Grid

_BEGIN = re.compile(rb"^\s*BEGIN\s*:\s*VCARD\s*$", re.IGNORECASE)
_END = re.compile(rb"^\s*END\s*:\s*VCARD\s*$", re.IGNORECASE)
_LINE = re.compile(
    rb"^(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):(.*)$", re.DOTALL
)
_MAX_VALUE = 1 << 16
_PICTURES = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "AGENT"})
_BARE = {"QUOTED-PRINTABLE": "ENCODING", "BASE64": "ENCODING", "B": "ENCODING", "8BIT": "ENCODING"}

COLUMNS = (
    "姓名", "姓", "名", "称谓", "性别", "客户名称", "部门", "职务", "手机", "手机2", "电话", "电话2", "住宅电话", "传真",
    "邮箱", "邮箱2", "邮箱3", "微信", "QQ", "网址", "国家", "区域", "城市", "地址", "邮编", "生日", "标签", "备注",
    "更新时间", "联系人编号",
)  # fmt: skip
"""Headers of the table; those that no card fills are left out."""


@dataclass
class _Card:
    values: dict[str, str] = field(default_factory=dict)

    def put(self, column: str, value: str) -> None:
        """Keep a value unless its column is filled."""
        value = value.strip()
        if value and column not in self.values:
            self.values[column] = value

    def add(self, columns: tuple[str, ...], value: str) -> None:
        """Keep a value in the first of several columns that is free, each value once."""
        value = value.strip()
        if value and value not in [self.values.get(column) for column in columns]:
            for column in columns:
                if column not in self.values:
                    self.values[column] = value
                    return


@dataclass(frozen=True)
class _Property:
    name: str
    types: frozenset[str]
    text: str

    def parts(self) -> list[str]:
        """Return the value cut at its semicolons."""
        return [_unescaped(part) for part in re.split(r"(?<!\\);", self.text)]


def read_cards(path: Path, progress: Progress = no_progress) -> tuple[Grid, str]:
    """Return the grid of all cards, headers in its first row, and the encoding; ValueError if there is no card."""
    content = path.read_bytes()
    encoding = find_encoding(content) or "latin-1"
    if encoding.startswith(("utf-16", "utf-32")):
        content, encoding = content.decode(encoding, "replace").encode("utf-8"), "utf-8"
    content = content.removeprefix(codecs.BOM_UTF8)
    encoding = encoding.removesuffix("-sig")
    cards = [card.values for card in _cards(content, encoding, progress)]
    if not cards:
        raise ValueError("no card")
    used = [column for column in COLUMNS if any(column in card for card in cards)]
    builder = GridBuilder()
    for column, header in enumerate(used):
        builder.put(0, column, header)
    for row, card in enumerate(cards, start=1):
        for column, header in enumerate(used):
            builder.put(row, column, card.get(header))
    return builder.finish(), encoding


def _cards(content: bytes, encoding: str, progress: Progress) -> Iterator[_Card]:
    card: _Card | None = None
    depth = done = 0
    for line in _unfolded(content):
        done += len(line) + 2
        if _BEGIN.match(line):
            depth += 1
            if depth == 1:
                card = _Card()
        elif _END.match(line):
            depth = max(0, depth - 1)
            if card is not None and depth == 0:
                _complete(card)
                yield card
                card = None
                progress(min(done, len(content)), len(content))
        elif card is not None and depth == 1 and (found := _property(line, encoding)):
            _take(card, found)
    if card is not None and card.values:
        raise ValueError("the last card is cut short")


def _unfolded(content: bytes) -> Iterator[bytes]:
    """Yield logical lines: folded ones joined, and those that quoted-printable breaks with "="."""
    held: bytes | None = None
    soft = False
    for line in re.split(rb"\r\n|\n|\r", content):
        if held is not None and soft:
            held = held[:-1] + line.lstrip(b" \t")
        elif held is not None and line[:1] in (b" ", b"\t") and line.strip():
            held += line[1:]
        else:
            if held is not None:
                yield held
            held = line
        quoted = b"QUOTED-PRINTABLE" in held[:200].split(b":", 1)[0].upper()
        soft = quoted and held.endswith(b"=") and len(held) < 1 << 20
    if held is not None:
        yield held


def _property(line: bytes, encoding: str) -> _Property | None:
    match = _LINE.match(line[: 1 << 20])
    if match is None:
        return None
    name = match[1].decode("ascii").upper()
    if name in _PICTURES:
        return None
    marks: dict[str, list[str]] = {}
    for part in match[2].decode("latin-1").split(";")[1:]:
        key, equals, value = part.partition("=")
        if not equals:
            key, value = _BARE.get(part.strip().upper(), "TYPE"), part
        marks.setdefault(key.strip().upper(), []).extend(value.strip().strip('"').upper().split(","))
    value = match[3][:_MAX_VALUE]
    how = (marks.get("ENCODING") or [""])[0]
    if how in ("B", "BASE64"):
        return None
    if how == "QUOTED-PRINTABLE":
        value = quopri.decodestring(value)
    charset = (marks.get("CHARSET") or [""])[0]
    return _Property(name, frozenset(marks.get("TYPE", [])), _text(value, charset, encoding))


def _text(value: bytes, charset: str, encoding: str) -> str:
    for codec in (charset.lower().replace("gb2312", "gb18030").replace("gbk", "gb18030"), encoding):
        try:
            return value.decode(codec or encoding).replace("\x00", "")
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return value.decode("utf-8", "replace").replace("\x00", "")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], text).strip()


def _take(card: _Card, found: _Property) -> None:
    parts, text = found.parts(), _unescaped(found.text)
    if found.name == "N":
        surname, given, middle, prefix, *_ = [*parts, "", "", "", ""]
        card.put("姓", surname)
        card.put("名", " ".join(part for part in (given, middle) if part))
        card.put("称谓", prefix)
    elif found.name == "TEL":
        _take_phone(card, found.types, text)
    elif found.name == "ADR":
        _take_address(card, parts)
    elif found.name == "ORG":
        card.put("客户名称", parts[0])
        card.put("部门", " / ".join(part for part in parts[1:] if part))
    elif found.name == "EMAIL":
        card.add(("邮箱", "邮箱2", "邮箱3"), text.removeprefix("mailto:"))
    elif found.name == "GENDER":
        card.put("性别", {"M": "男", "F": "女"}.get(parts[0].upper(), ""))
    elif found.name == "BDAY":
        card.put("生日", _day(text))
    elif found.name in _PLAIN:
        card.put(_PLAIN[found.name], text)


_PLAIN = {
    "FN": "姓名", "TITLE": "职务", "ROLE": "职务", "NOTE": "备注", "URL": "网址", "CATEGORIES": "标签", "UID": "联系人编号",
    "REV": "更新时间", "X-WECHAT": "微信", "X-WEIXIN": "微信", "X-QQ": "QQ", "X-TENCENT": "QQ",
}  # fmt: skip


def _take_phone(card: _Card, types: frozenset[str], text: str) -> None:
    number = re.sub(r"(?i)^tel:", "", text)
    number = re.sub(r"(?i);ext=", "-", number)
    if "FAX" in types:
        card.put("传真", number)
    elif types & {"CELL", "MOBILE", "IPHONE"}:
        card.add(("手机", "手机2", "电话2"), number)
    elif "HOME" in types and "WORK" not in types:
        card.add(("住宅电话", "电话2"), number)
    elif "PAGER" not in types:
        card.add(("电话", "电话2", "住宅电话"), number)


def _take_address(card: _Card, parts: list[str]) -> None:
    box, extended, street, city, region, code, country, *_ = [*parts, *[""] * 7]
    address = " ".join(part.replace("\n", " ") for part in (box, extended, street) if part)
    if "地址" in card.values or not any(parts):
        return
    for column, value in zip(
        ("地址", "城市", "区域", "邮编", "国家"), (address, city, region, code, country), strict=True
    ):
        card.put(column, value)


def _day(text: str) -> str:
    plain = re.match(r"(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?$", text)
    return f"{plain[1]}-{plain[2]}-{plain[3]}" if plain else ""


def _complete(card: _Card) -> None:
    """Make the full name of a card that only has its parts; a Chinese one is written without a blank."""
    surname, given = card.values.get("姓", ""), card.values.get("名", "")
    if "姓名" not in card.values and (surname or given):
        chinese = any("\u3400" <= char <= "\u9fff" for char in surname + given)
        card.put("姓名", surname + given if chinese else " ".join(part for part in (given, surname) if part))
