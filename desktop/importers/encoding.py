"""Which encoding a text file is in: by BOM, by structure, else the decoding that reads best.

Bytes of one encoding are often valid in another (`Zürich` in Latin-1 and headers in Big5 are valid
GB18030), so every strict decoder that succeeds is scored and the first that succeeds is not simply
taken; a tie goes to GB18030, what Excel writes on a Chinese Windows.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache
from pathlib import Path

from desktop.importers.alphabets import reads_like
from desktop.importers.vocabulary import header_words

_BOMS = (
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
CANDIDATES = (
    "gb18030", "big5", "cp932", "euc_jp", "euc_kr", "cp1252", "cp1251", "cp1253", "cp1250", "cp1254", "koi8_r", "cp866",
    "iso8859_7", "cp1255", "cp1256", "cp874", "cp850", "latin-1",
)  # fmt: skip
_SCRIPTS = {
    "cp1251": "cyrillic", "koi8_r": "cyrillic", "cp866": "cyrillic", "cp1253": "greek", "iso8859_7": "greek",
    "cp1255": "hebrew", "cp1256": "arabic", "cp874": "thai",
}  # fmt: skip
_CENTRAL = re.compile(r"[ąćčďęěłńňőřśşšťůűźżžğıĄĆČĎĘĚŁŃŇŐŘŚŞŠŤŮŰŹŻŽĞİ]")
_WORD = re.compile(r"[^\W\d_]{3,}")
_MIXED_WORD = re.compile(r"[A-Za-z][\u0370-\u07ff\u0e00-\u0e7f]|[\u0370-\u07ff\u0e00-\u0e7f][A-Za-z]")
_SIGN_IN_WORD = re.compile(r"(?<=[A-Za-z])[^\w\s'’.,&/()\-;|\"](?=[a-z])|[a-z][¹²³¼½¾ªº](?=[a-z])")
_SAMPLE = 1 << 18
_HEAD = 1 << 23
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LATIN_HAN_LATIN = re.compile(r"[A-Za-z][\u3400-\u9fff\uac00-\ud7a3\uff61-\uff9f][a-z]")
_ACCENTED_WORD = re.compile(r"[A-Za-z]?[a-zà-öø-ÿ][à-öø-ÿ][a-z]|\b[À-ÖØ-öø-ÿ][a-z]{2}|[a-z]{2}[à-öø-ÿ]\b")
_MOJIBAKE = re.compile(r"[À-ÿ¡-¿\u0192\u02c6-\u02dc\u2013-\u203a]{3,}")
_MULTIBYTE = ("gb18030", "big5", "cp932", "euc_jp", "euc_kr")
_RARE = re.compile(r"[\ue000-\uf8ff\ufffd\u0080-\u009f]|[\U00020000-\U0003ffff]|[\uff61-\uff9f]")

_COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战"
    "先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白"
    "教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且"
    "究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值"
    "号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严户编码址邮箱"
    "购销订售款额币税率责负址联系职务省份城镇街道楼室客户合同金额折扣备注创建更新阶段负责人手机电话邮政网站来源级别行业类型状态编号"
    "名称地址日期时间数量单价总计合计部门姓名性别生日微信开票回款产品订单发票报价项目公司有限责任股份集团科技实业贸易制造机械电子信息软件"
)
_COMMON_TRADITIONAL = "的一是在不了有和人這為個國我們來時對會發後產進學經過現實點業開關電話聯繫郵箱編號訂單發票報價項備註創階負責機構圖書臺灣區縣鄉號樓層戶職務級別應該員額數價總計"


@cache
def _common(traditional: bool) -> frozenset[str]:
    return frozenset(_COMMON_TRADITIONAL if traditional else _COMMON) | frozenset(_COMMON)


def find_file_encoding(path: Path) -> str | None:
    """Return the Python codec name of a text file, as `find_encoding` does, without holding a large one in memory."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        if len(head) < _HEAD:
            return find_encoding(head)
        cut = head.rfind(b"\n") + 1
        name = find_encoding(head[: cut if cut > _HEAD // 2 else _HEAD])
        if name != "utf-8":
            return name
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := stream.read(_HEAD):
                decoder.decode(block)
        except UnicodeDecodeError:
            # ASCII so far, and then something else: what comes there decides.
            lines = block.split(b"\n")
            foreign = b"\n".join(line for line in lines if not line.isascii())
            return find_encoding(foreign) or name
    return name


def find_encoding(content: bytes) -> str | None:
    """Return the Python codec name of a text file's bytes, or None if they are no text at all."""
    for bom, name in _BOMS:
        if content.startswith(bom):
            return None if name == "utf-16" and _mark_lies(content) else name
    if b"\x1b$B" in content or b"\x1b$@" in content:
        return "iso2022_jp"
    wide = _wide(content)
    if wide:
        return wide
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if _nearly_utf8(content) else _best_of(content)
    return "utf-8"


def _mark_lies(content: bytes) -> bool:
    """Whether the bytes after a UTF-16 mark stand the other way round: nearly every low byte would be zero."""
    low = content[2:4096][1 if content.startswith(b"\xfe\xff") else 0 :: 2]
    return len(low) > 8 and low.count(0) > 0.6 * len(low) and content[2:].count(0) < len(content) * 0.8


def _nearly_utf8(content: bytes) -> bool:
    """Whether a file is UTF-8 but for a few broken bytes, as one cut in the middle of a character is."""
    text = content[: 16 * _SAMPLE].decode("utf-8", "replace")
    foreign = sum(char > "\x7f" for char in text)
    return foreign >= 20 and text.count("\ufffd") <= foreign // 50


def _wide(content: bytes) -> str | None:
    """Return UTF-16 or UTF-32 without BOM, told by where the zero bytes stand."""
    head = content[:4096]
    if len(head) < 4 or b"\x00" not in head:
        return None
    zeros = [head[i::4].count(0) / max(1, len(head[i::4])) for i in range(4)]
    if len(content) % 4 == 0:
        if zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[3] < 0.3:
            return _decodes(content, "utf-32-be")
        if zeros[3] > 0.9 and zeros[2] > 0.9 and zeros[0] < 0.3:
            return _decodes(content, "utf-32-le")
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even > 4 * odd and even > len(head) // 16:
        return _decodes(content, "utf-16-be")
    if odd > 4 * even and odd > len(head) // 16:
        return _decodes(content, "utf-16-le")
    return None


def _decodes(content: bytes, name: str) -> str | None:
    try:
        content.decode(name)
    except UnicodeDecodeError:
        return None
    return name


def _best_of(content: bytes) -> str | None:
    sample = _sample(content)
    best, best_score = None, float("-inf")
    for name in CANDIDATES:
        if name == "latin-1" and best is not None:
            continue
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        score = score_text(sample.decode(name, "ignore"), name)
        if score > best_score + 1e-9:
            best, best_score = name, score
    return best


def _sample(content: bytes) -> bytes:
    """Return the beginning and the lines with bytes beyond ASCII, up to 256 KB."""
    lines = [line for line in content[: 16 * _SAMPLE].split(b"\n") if any(b > 127 for b in line[:2000])]
    first = content.split(b"\n", 1)[0]
    return b"\n".join([first, *lines])[:_SAMPLE]


def _drawings(foreign: list[str]) -> int:
    """Return how many characters are lines and blocks, which stand in no table."""
    return sum(unicodedata.category(char) == "So" and char not in "©®°" for char in foreign)


def _latin(text: str, foreign: list[str], name: str) -> float:
    """Return how much letters with accents stand where words have them."""
    score = 2.5 * len(_ACCENTED_WORD.findall(text)) - 2.0 * len(_MOJIBAKE.findall(text))
    score -= 3.0 * len(_SIGN_IN_WORD.findall(text))
    if name in ("cp1250", "cp1254"):
        central = len(_CENTRAL.findall(" ".join(_WORD.findall(text))))
        score += 2.0 * central if central else -0.5 * len(foreign)
    elif name == "cp850":
        score -= 0.3 * len(foreign)
    else:
        # Letters that only Icelandic has stand for Turkish ones in the neighbouring code page.
        score -= 1.5 * sum(char in "ðþýÐÞÝ" for char in foreign)
    signs = sum(unicodedata.category(char) in ("Sc", "Po", "Pd", "Pi", "Pf") for char in foreign)
    return score + 0.8 * signs - 1.0 * _drawings(foreign)


def score_text(text: str, name: str = "") -> float:
    """Return how much a decoded sample reads like a business table, per character beyond ASCII."""
    foreign = [char for char in text if ord(char) > 127]
    if not foreign:
        return 0.0
    count = len(foreign)
    han = len(_HAN.findall(text))
    common = _common(name == "big5")
    score = 2.0 * sum(char in common for char in foreign) - 0.6 * sum(
        1 for char in foreign if "\u3400" <= char <= "\u9fff" and char not in common
    )
    kana, hangul = len(_KANA.findall(text)), len(_HANGUL.findall(text))
    if name in ("cp932", "euc_jp"):
        score += 2.0 * kana
    elif name == "euc_kr":
        score += 1.6 * hangul - 1.0 * han
    else:
        score -= 1.0 * kana + 1.0 * hangul
    score -= 4.0 * len(_LATIN_HAN_LATIN.findall(text))
    score -= 4.0 * len(_RARE.findall(text))
    if name in _SCRIPTS:
        spoken = reads_like(text, _SCRIPTS[name])
        score += (2.4 * spoken if spoken > 1.0 else -1.5 * count) - 2.0 * len(_MOJIBAKE.findall(text))
        score -= 3.0 * len(_MIXED_WORD.findall(text))
        score -= 1.0 * _drawings(foreign)
    elif name not in _MULTIBYTE:
        score += _latin(text, foreign, name)
    words = re.split(r"[,;\t|\s\"']+", text[:20_000])
    known = header_words()
    score += 6.0 * sum(1 for word in words[:400] if len(word) > 1 and word in known and not word.isascii())
    return score / count
