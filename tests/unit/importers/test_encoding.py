"""The encoding that reads best wins, not the first that decodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.importers.encoding import find_encoding
from desktop.importers.text import read_text


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("客户名称,手机,地址\n上海某某科技有限公司,13800138000,浦东新区", "gb18030", "gb18030"),
        ("客戶名稱,電話,地址\n臺北某某股份有限公司,0223456789,中山區", "big5", "big5"),
        ("Name,City\nMüller,Zürich\nGarcía,Málaga\nFrançois,Besançon", "cp1252", "cp1252"),
        ("Name;Ort;Straße\nJäger;Köln;Hauptstraße 5", "latin-1", "cp1252"),
        ("会社名,電話\n株式会社サンプル,03-1234-5678\nカタカナ商事,045", "cp932", "cp932"),
        ("Имя,Город\nИван Петров,Москва\nМария Иванова,Казань", "cp1251", "cp1251"),
        ("Имя,Город\nИван Петров,Москва\nМария Иванова,Казань", "koi8_r", "koi8_r"),
        ("Имя,Город\nИван Петров,Москва\nМария Иванова,Казань", "cp866", "cp866"),
        ("id,name\n1,Λεωνίδας\n2,Βαγγέλης\n3,Κώστας", "cp1253", "cp1253"),
        ("Επωνυμία;Πόλη\nΑλφα Εμπορική ΑΕ;Αθήνα", "iso8859_7", "cp1253"),
        ("Nazwa;Miasto\nSpółka Łódzka;Łódź\nŻubr;Gdańsk", "cp1250", "cp1250"),
        ("Ünvan;Şehir\nYıldız Ticaret;İstanbul\nGüneş;Muğla", "cp1254", "cp1254"),
        ("会社名,電話\nかぶしきがいしゃ,03\nカタカナ商事,045", "euc_jp", "euc_jp"),
        ("고객명,전화\n서울상사,02-123\n부산무역,051", "euc_kr", "euc_kr"),
        ("Name;Ort\nMüller;Köln\nJäger;Düsseldorf", "cp850", "cp850"),
        ("会社名,電話\nかぶしき,03", "iso2022_jp", "iso2022_jp"),
        ("name,city\nplain ascii,only", "ascii", "utf-8"),
        ("客户名称\n甲", "utf-8", "utf-8"),
        ("客户名称\n甲", "utf-8-sig", "utf-8-sig"),
        ("Name,Text\nabc,première", "utf-16-le", "utf-16-le"),
        ("Name,Text\nabc,première", "utf-32-be", "utf-32-be"),
    ],
)
def test_the_encoding_that_reads_best(text: str, encoding: str, expected: str) -> None:
    assert find_encoding(text.encode(encoding)) == expected


def test_one_han_word_is_enough_for_gb18030() -> None:
    assert find_encoding("姓名\n".encode("gbk")) == "gb18030"


def test_a_character_cut_in_two_does_not_turn_utf8_into_something_else() -> None:
    content = ("客户名称,地址\n" + "上海某某科技有限公司,浦东新区\n" * 5).encode()
    assert find_encoding(content[:-2]) == "utf-8"


def test_a_quotation_mark_left_open_costs_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_text(
        '客户名称,城市\n甲公司,上海\n乙公司,"苏州\n丙公司,无锡\n丁公司,常州\n戊,南京\n己,扬州\n庚,镇江\n',
        encoding="utf-8",
    )
    grid, _ = read_text(path)
    assert grid.height == 8
    assert grid.columns[0].to_list()[-1] == "庚"
