"""A font with Chinese letters for PDFs: one of this machine's, cut to the letters that are needed, and embedded.

A PDF that only names a font shows what the reader's machine has, or nothing. Fonts of the system are
embedded as TrueType subsets; those with PostScript outlines (Noto CJK) are converted on the way. Where this machine
has none at all, a font is named that every PDF program knows of (`STSong-Light`) but brings along itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

FALLBACK = "STSong-Light"
_NAMES = (
    ("msyh.ttc", "msyhbd.ttc"),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("wqy-zenhei.ttc", "wqy-zenhei.ttc"),
    ("simhei.ttf", "simhei.ttf"),
    ("simsun.ttc", "simsun.ttc"),
    ("Arial Unicode.ttf", "Arial Unicode.ttf"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
)
"""Files with Chinese letters, regular and bold, the best to read first."""
_ERROR = 0.5
"""How far, in font units of 1000, a converted outline may be from the drawn one."""


def _folders() -> Iterator[Path]:
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        yield Path(os.environ.get("LOCALAPPDATA", "")) / "Microsoft" / "Windows" / "Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts/Supplemental"), Path("/Library/Fonts"))
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")


@cache
def system_fonts() -> tuple[Path, Path] | None:
    """Return the files of this machine's best font with Chinese letters, regular and bold; None if it has none."""
    there: dict[str, Path] = {}
    for folder in _folders():
        for path in folder.rglob("*.[to]t[fc]") if folder.is_dir() else ():
            there.setdefault(path.name.casefold(), path)
    for regular, bold in _NAMES:
        if found := there.get(regular.casefold()):
            return found, there.get(bold.casefold(), found)
    return None


def subset(path: Path, letters: str, name: str) -> bytes:
    """Return a font's letters as a TrueType font of their own, under a name of its own.

    Two cuts of one name would be taken for the same font, and the letters of the second be missing.
    """
    from fontTools import subset as cutting
    from fontTools.ttLib import TTFont

    font = TTFont(path, fontNumber=_simplified(path), lazy=True)
    options = cutting.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [1, 2, 4, 6]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG", "EBDT", "EBLC"]
    cutter = cutting.Subsetter(options)
    cutter.populate(text=letters + " ?")
    cutter.subset(font)
    if "CFF " in font:
        _to_truetype(font)
    for record in font["name"].names:
        record.string = name
    stream = BytesIO()
    font.save(stream)
    return stream.getvalue()


def _simplified(path: Path) -> int:
    """Return which font of a collection has the forms that are written in China."""
    if path.suffix.casefold() != ".ttc":
        return 0
    from fontTools.ttLib import TTCollection

    with TTCollection(path, lazy=True) as collection:
        for number, font in enumerate(collection.fonts):
            if " SC" in (font["name"].getDebugName(4) or ""):
                return number
    return 0


def _to_truetype(font: Any) -> None:
    """Put quadratic outlines in place of PostScript's cubic ones."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    drawn = font.getGlyphSet()
    order = font.getGlyphOrder()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(drawn)
        drawn[name].draw(Cu2QuPen(pen, _ERROR * font["head"].unitsPerEm / 1000, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    del font["CFF "]
    glyf.compile(font)
    for name, (width, _) in font["hmtx"].metrics.items():
        font["hmtx"][name] = (width, getattr(glyphs[name], "xMin", 0))
    most = font["maxp"]
    most.tableVersion = 0x00010000
    most.maxZones = 1
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements",
    ):  # fmt: skip
        setattr(most, field, 0)
    most.compile(font)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
