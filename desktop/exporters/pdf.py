"""Writes papers as PDF (A4); the only user of reportlab. Equal papers give equal bytes on one machine."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from desktop.exporters.fonts import FALLBACK, subset, system_fonts
from desktop.exporters.pages import Figures, PageTable, Paper, Points, words_of

_INK, _GREY, _LINE, _ACCENT = "#1f2328", "#6a737d", "#d8dee4", "#0b5f75"
_STATUS = {"red": "#b3261e", "amber": "#8a5a00", "green": "#1a6b3c"}
_MARGIN = 46
_SAFE = string.ascii_letters + string.digits + string.punctuation + " …—–·、，。：；（）“”￥%□"


def pdf_bytes(papers: Sequence[Paper]) -> list[bytes]:
    """Return each paper as the bytes of a PDF; the font is cut once for all of them."""
    letters = "".join(sorted({letter for paper in papers for word in words_of(paper) for letter in word}))
    regular, bold = _fonts(letters + _SAFE)
    return [_paper(paper, regular, bold) for paper in papers]


def _fonts(letters: str) -> tuple[str, str]:
    """Register the machine's font with these letters and return the names of its regular and bold cut."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    found = system_fonts()
    if found is None:
        pdfmetrics.registerFont(UnicodeCIDFont(FALLBACK))
        return FALLBACK, FALLBACK
    names = []
    for path in found:
        wanted = "".join(sorted(set(letters)))
        name = f"Paper{hashlib.sha256(f'{path} {wanted}'.encode()).hexdigest()[:12]}"
        pdfmetrics.registerFont(TTFont(name, BytesIO(subset(path, wanted, name))))
        names.append(name)
    return names[0], names[1]


def _paper(paper: Paper, regular: str, bold: str) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate, Spacer

    stream = BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=_MARGIN - 6,  # a frame keeps 6 points of its own
        rightMargin=_MARGIN - 6,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=paper.title,
        author="Plumbline",
        creator="Plumbline",
        invariant=1,
    )
    width = A4[0] - 2 * _MARGIN
    style = _Styles(regular, bold)
    story: list[Any] = [
        style.line(paper.title, "title"),
        style.line(paper.subtitle, "subtitle"),
        Spacer(1, 10),
    ]
    for part in paper.parts:
        if isinstance(part, Figures):
            story.append(_figures(part, style, width))
        elif isinstance(part, Points):
            story += _points(part, style, width)
        else:
            story += _table(part, style, width)
        story.append(Spacer(1, 12))

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont(regular, 7.5)
        canvas.setFillColor(_GREY)
        canvas.drawString(_MARGIN, 26, paper.note)
        canvas.drawRightString(A4[0] - _MARGIN, 26, str(page.page))

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return stream.getvalue()


class _Styles:
    """The few looks that a paper has."""

    def __init__(self, regular: str, bold: str) -> None:
        from reportlab.lib.styles import ParagraphStyle

        def look(name: str, size: float, colour: str = _INK, **more: Any) -> Any:
            return ParagraphStyle(
                name, fontName=more.pop("font", regular), fontSize=size, leading=size * 1.45,
                textColor=colour, wordWrap="CJK", **more,
            )  # fmt: skip

        self.looks = {
            "title": look("title", 19, font=bold),
            "subtitle": look("subtitle", 9.5, _GREY),
            "head": look("head", 11.5, _ACCENT, font=bold, spaceAfter=4),
            "body": look("body", 9.5),
            "strong": look("strong", 10.5, font=bold),
            "note": look("note", 8.5, _GREY),
            "cell": look("cell", 8.8),
            "number": look("number", 8.8, alignment=2),
            "header": look("header", 8, _GREY),
            "header_right": look("header_right", 8, _GREY, alignment=2),
            "figure": look("figure", 16, font=bold),
            **{key: look(key, 16, colour, font=bold) for key, colour in _STATUS.items()},
        }

    def line(self, text: str, look: str) -> Any:
        """Return a paragraph; no text of a record is ever read as markup."""
        from reportlab.platypus import Paragraph

        return Paragraph(escape(text), self.looks[look])


def _figures(part: Figures, style: _Styles, width: float) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Table

    cells = [
        [
            style.line(item.label, "note"),
            style.line(item.value, item.status if item.status in _STATUS else "figure"),
            style.line(item.note, "note"),
        ]
        for item in part.items
    ]
    table = Table([cells], colWidths=[width / len(cells)] * len(cells))
    table.setStyle(
        [
            ("BOX", (0, 0), (-1, -1), 0.6, colors.HexColor(_LINE)),
            ("LINEBEFORE", (1, 0), (-1, -1), 0.6, colors.HexColor(_LINE)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
        ]
    )
    return table


def _points(part: Points, style: _Styles, width: float) -> list[Any]:
    from reportlab.platypus import Table

    rows = [
        [
            style.line("□" if part.boxes and _has_box() else f"{number}.", "strong"),
            [style.line(head, "strong"), *([style.line(why, "note")] if why else [])],
        ]
        for number, (head, why) in enumerate(part.items, start=1)
    ]
    table = Table(rows, colWidths=[22, width - 22])
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    return [style.line(part.title, "head"), table]


def _has_box() -> bool:
    return system_fonts() is not None


def _table(part: PageTable, style: _Styles, width: float) -> list[Any]:
    from reportlab.lib import colors
    from reportlab.platypus import Table

    if not part.rows:
        return [style.line(part.title, "head"), style.line(part.empty, "note")]
    whole = sum(part.widths)
    header = [
        style.line(text, "header_right" if number in part.right else "header")
        for number, text in enumerate(part.headers)
    ]
    rows = [
        [style.line(text, "number" if number in part.right else "cell") for number, text in enumerate(row)]
        for row in part.rows
    ]
    table = Table([header, *rows], colWidths=[width * share / whole for share in part.widths], repeatRows=1)
    table.setStyle(
        [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.HexColor(_GREY)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, colors.HexColor(_LINE)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return [style.line(part.title, "head"), table]
