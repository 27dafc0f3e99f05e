"""Values of closed lists: yes and no, activity types, grades, levels; unknown ones are kept and told."""

from __future__ import annotations

import re

import polars as pl

from desktop.importers.fields import Field
from desktop.importers.outcome import Outcome, by_unique, plain
from desktop.terms import Term

_YES = {
    "true", "yes", "y", "1", "t", "是", "有", "√", "✓", "✔", "对", "on", "启用", "上架", "已上架", "已启用", "真", "关键决策人", "已转化", "已成交", "退货", "已退货", "active", "1.0", "checked", "returned", "☑", "✅", "是的", "正确",
}  # fmt: skip
_NO = {
    "false", "no", "n", "0", "f", "否", "无", "×", "x", "✗", "off", "停用", "下架", "已下架", "已停用", "未启用", "假", "非", "不是", "未转化", "inactive", "0.0", "unchecked", "未退货", "☐", "❌", "错", "不", "错误",
}  # fmt: skip

_WORDS: dict[str, dict[str, str]] = {
    "ActivityType": {
        "call": "call|phone|phone call|outbound call|inbound call|log a call|cold call|电话|打电话|电话沟通|电话跟进|电话拜访|电话联系|电话回访|呼叫|外呼|来电|去电|通话",
        "visit": "visit|on-site visit|site visit|customer visit|拜访|上门|上门拜访|实地拜访|客户拜访|外出拜访|面访|走访|外勤|登门拜访|当面拜访|见面|见面拜访|陌拜|回访|面谈",
        "meeting": "meeting|conference|appointment|event|会议|开会|洽谈|会谈|商务洽谈|线上会议|视频会议|会面|商务会议|交流会|腾讯会议|到访|来访|客户来访",
        "email": "email|e-mail|mail|send email|邮件|电子邮件|发邮件|邮箱|邮件沟通",
        "wechat": "wechat|weixin|im|sms|message|whatsapp|微信|微信沟通|微信跟进|企业微信|企微|qq|短信|微信聊天|微信/qq|即时通讯",
        "demo": "demo|demonstration|product demo|presentation|webinar|演示|产品演示|方案演示|系统演示|讲解|产品讲解|方案讲解|样品演示|试用演示",
        "task": "task|to-do|todo|to do|任务|待办|待办事项|其他任务|prep|follow up|follow-up",
        "note": "note|notes|comment|other|记录|备注|其他|笔记|跟进记录|其它|小记",
    },
    "Grade": {"A": "hot|重点|重点客户|重要|战略客户|核心客户|大客户|vip|高|high|1|一级|key|s", "B": "warm|普通|普通客户|一般|中|medium|2|二级|regular", "C": "cold|非优先|非优先客户|小客户|低|low|3|三级|次要"},
    "Gender": {"male": "male|m|man|男|男性|先生|mr|mr.", "female": "female|f|woman|女|女性|女士|小姐|ms|ms.|mrs|mrs.|miss", "other": "other|unknown|non-binary|未知|其他|保密|不详"},
    "Direction": {"in": "in|inbound|incoming|received|呼入|来电|客户来电|接听|呼入电话|被叫|入", "out": "out|outbound|outgoing|internal|made|呼出|去电|外呼|拨出|主叫|呼出电话|出"},
    "CalendarKind": {
        "holiday": "holiday|public holiday|节假日|假日|假期|法定节假日|节日|放假|休假|法定假日",
        "make_up_day": "make-up day|make up day|working day|make-up working day|调休|补班|调休上班|上班|工作日|补班日",
        "fair": "fair|trade fair|exhibition|expo|展会|展览|展览会|博览会|交易会|广交会",
        "climate": "climate|weather|season|气候|天气|季节|台风|淡季|旺季|梅雨|高温",
        "other": "other|其他|其它",
    },
    "PersonStatus": {
        "active": "active|employed|true|yes|1|在职|在岗|正式|启用|正常|试用|试用期|是|激活|已激活",
        "departing": "departing|leaving|notice|离职中|待离职|离职交接|办理离职|交接中",
        "left": "left|inactive|terminated|resigned|false|no|0|离职|已离职|停用|禁用|否|未激活|已停用",
    },
    "UnitLevel": {
        "hq": "hq|headquarters|head office|company|总部|集团|总公司|公司|本部",
        "region": "region|area|大区|区域|战区|事业部",
        "province": "province|state|省|省区|省办|省级|省公司|省办事处|分公司",
        "city": "city|district|市|城市|地市|办事处|城市办|市级|城市办事处|办事处（城市）",
        "team": "team|group|小组|团队|组|部|部门|班组",
    },
}  # fmt: skip


def booleans(cells: pl.Series) -> Outcome:
    """Return yes and no in either language."""

    def parse(text: str) -> tuple[bool | None, str | None]:
        word = plain(text).casefold()
        if word in _YES:
            return True, None
        return (False, None) if word in _NO else (None, "boolean_invalid")

    known = by_unique(cells.str.replace("^[无×/]$", "否"), parse, pl.Boolean)
    return Outcome(known.values, known.codes)


def choices(cells: pl.Series, item: Field) -> Outcome:
    """Return the stored values of a closed list; a value it does not know is kept, with a note."""
    terms = item.terms
    if terms is None:
        return Outcome(cells, by_unique(cells, lambda _: (None, None), pl.String).codes)
    words = _table(terms)

    def parse(text: str) -> tuple[str | None, str | None]:
        word = _bare(text)
        for form in (word, re.sub(r"[(\[（].*$", "", word).strip(), re.sub(r"[\s_\-]+", " ", word)):
            if form in words:
                return words[form], None
        if terms.__name__ == "Grade" and (match := re.match(r"([abc])(?:级|类|档|\b|$)", word)):
            return match[1].upper(), None
        if terms.__name__ == "ActivityType":
            for known, value in words.items():
                if len(known) > 1 and not known.isascii() and known in word:
                    return value, None
        return plain(text), "choice_unknown"

    return by_unique(cells, parse, pl.String)


def _bare(text: str) -> str:
    return plain(text).casefold()


def _table(terms: type[Term]) -> dict[str, str]:
    table = {
        word: value for value, line in _WORDS.get(terms.__name__, {}).items() for word in line.split("|")
    }
    for term in terms:
        table[str(term.value).casefold()] = str(term.value)
        table[term.label.casefold()] = str(term.value)
    return table


def lists(cells: pl.Series) -> Outcome:
    """Return the parts of a list: 重要、续签 or ["a", "b"]."""

    def parse(text: str) -> tuple[list[str] | None, str | None]:
        inner = text.strip()
        if inner.startswith("[") and inner.endswith("]"):
            inner = inner[1:-1]
        parts = [part.strip(" \t\"'") for part in re.split(r"[,，;；、|\n]", inner)]
        return [part for part in parts if part], None

    return by_unique(cells, parse, pl.List(pl.String))
