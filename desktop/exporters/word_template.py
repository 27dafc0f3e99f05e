"""Word documents as templates: {{names}} are filled in, everything else keeps its bytes (APR-08).

Only the text between marks is touched: no part is parsed and written anew, so styles, numbering, pictures and signature
lines of a firm's own contract stay as legal made them. A table row that holds {{line.…}} stands once for each line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape, unescape
from zipfile import BadZipFile, ZipFile

from desktop.errors import InvalidInput
from desktop.i18n import N_

MOST_BYTES = 64 * 1024 * 1024
"""How large a template may be when unpacked."""
_FILLED = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
_ROW = re.compile(r"<w:tr[ >](?:(?!<w:tr[ >]).)*?</w:tr>", re.DOTALL)
_PARAGRAPH = re.compile(r"<w:p[ >](?:(?!<w:p[ >]).)*?</w:p>", re.DOTALL)
_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)([^<]*)(</w:t>)")
_NAME = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_LINE = "line."


def fill_document(template: bytes, values: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> bytes:
    """Return the document with its names filled in; `lines` are the values of repeated rows.

    Raises InvalidInput for a file that is no Word document, and for names that nothing is known for: before
    anything is made.
    """
    parts = _parts(template)
    known = {*values, *(name for line in lines[:1] for name in line)}
    wanted = {name for text in parts.values() for name in _names(text)}
    if missing := sorted(wanted - known):
        raise InvalidInput(
            "template_names_unknown",
            N_("The template asks for {names}, which nobody knows."),
            remedy=N_("These can be filled in: {known}."),
            names=", ".join(missing),
            known=", ".join(sorted(known)),
        )
    filled = {name: _filled(text, values, lines) for name, text in parts.items()}
    made = BytesIO()
    with ZipFile(BytesIO(template)) as old, ZipFile(made, "w") as new:
        for info in old.infolist():
            content = filled[info.filename].encode() if info.filename in filled else old.read(info)
            new.writestr(info, content, compress_type=info.compress_type)
    return made.getvalue()


def _parts(template: bytes) -> dict[str, str]:
    """Return the parts with text of a Word document."""
    try:
        with ZipFile(BytesIO(template)) as package:
            if sum(info.file_size for info in package.infolist()) > MOST_BYTES:
                raise BadZipFile
            parts = {
                name: package.read(name).decode("utf-8")
                for name in package.namelist()
                if _FILLED.fullmatch(name)
            }
    except (BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError):
        parts = {}
    if "word/document.xml" not in parts:
        raise InvalidInput(
            "template_unreadable",
            N_("This is no Word document (.docx)."),
            remedy=N_("Save the template as .docx, without a password."),
        )
    return parts


def _names(part: str) -> list[str]:
    return [name for found in _PARAGRAPH.finditer(part) for name in _NAME.findall(_plain(found.group()))]


def _plain(paragraph: str) -> str:
    return "".join(unescape(text) for _begin, text, _end in _TEXT.findall(paragraph))


def _filled(part: str, values: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> str:
    def rows(found: re.Match[str]) -> str:
        row = found.group()
        if not any(name.startswith(_LINE) for name in _names(row)):
            return row
        return "".join(_paragraphs(row, {**values, **line}) for line in lines)

    return _paragraphs(_ROW.sub(rows, part), values)


def _paragraphs(part: str, values: Mapping[str, str]) -> str:
    return _PARAGRAPH.sub(lambda found: _paragraph(found.group(), values), part)


def _paragraph(paragraph: str, values: Mapping[str, str]) -> str:
    """Fill a paragraph's names, also those that Word has cut into several runs."""
    texts = [unescape(text) for _begin, text, _end in _TEXT.findall(paragraph)]
    whole = "".join(texts)
    found = [match for match in _NAME.finditer(whole) if match.group(1) in values]
    if not found:
        return paragraph
    for match in reversed(found):
        _replace(texts, match.start(), match.end(), values[match.group(1)])
    return _TEXT.sub(_writer(texts), paragraph)


def _replace(texts: list[str], start: int, end: int, value: str) -> None:
    """Put a value where characters `start` to `end` of all runs stand: into the first run, out of the others."""
    at = 0
    for number, text in enumerate(texts):
        first, last = max(start - at, 0), min(end - at, len(text))
        at += len(text)
        if first < last:
            texts[number] = text[:first] + value + text[last:]
            value = ""


def _writer(texts: list[str]) -> Callable[[re.Match[str]], str]:
    left = iter(texts)

    def write(found: re.Match[str]) -> str:
        return f'<w:t xml:space="preserve">{escape(next(left))}{found.group(3)}'

    return write
